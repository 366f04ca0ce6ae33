//! What a command line means: defaults applied, surroundings considered.

use std::path::{Path, PathBuf};

use super::args::{Command, Configured, Reading, Serve, Typed};
#[cfg(feature = "sim")]
use super::args::{Demo, Sim, Variant};

const DEFAULT_CONFIG: &str = "tms-sync.toml";

/// What the process is connected to.
#[derive(Debug, Clone, Copy)]
pub struct Surroundings {
    /// Whether a person watches standard error as it comes.
    pub watched: bool,
}

#[derive(Debug, PartialEq, Eq)]
pub struct Order {
    pub task: Task,
    pub format: Format,
    pub progress: ProgressStyle,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Text,
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProgressStyle {
    /// Moving bars, for a terminal.
    Bars,
    /// Lines now and then, for a log.
    Lines,
    /// Nothing: a machine reads the report.
    Silent,
}

#[derive(Debug, PartialEq, Eq)]
pub enum Task {
    #[cfg(feature = "sim")]
    Demo {
        variant: Variant,
        cases: u32,
        keep_running: bool,
    },
    #[cfg(feature = "sim")]
    Sim {
        variants: Vec<Variant>,
        port: u16,
        cases: u32,
        /// `NAME=VALUE` each.
        answers: Vec<String>,
    },
    Serve(Serve),
    Inspect {
        plugin: Option<PathBuf>,
    },
    Replay {
        tape: PathBuf,
        plugin: Option<PathBuf>,
    },
    /// Everything that starts with a configuration file.
    Configured {
        file: PathBuf,
        /// Whether secrets may go to other servers than before.
        new_servers: bool,
        question: Question,
    },
}

#[derive(Debug, PartialEq, Eq)]
pub enum Question {
    Validate {
        show_mapping: bool,
    },
    Test,
    Projects {
        query: String,
    },
    /// One sync by name, or all.
    Plan {
        sync: Option<String>,
        options: JobOptions,
    },
    Export {
        sync: Option<String>,
        options: JobOptions,
        record: Option<PathBuf>,
    },
    Verify {
        sync: Option<String>,
    },
    Undo {
        run: String,
        apply: bool,
    },
    History {
        limit: u32,
    },
    Status,
    Enable {
        name: String,
    },
    Links {
        sync: Option<String>,
    },
}

/// What a person wants to be different from the usual run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct JobOptions {
    pub recreate: bool,
    pub full: bool,
    pub accept_changes: bool,
}

impl JobOptions {
    fn of(reading: &Reading, accept_changes: bool) -> Self {
        Self {
            recreate: reading.recreate,
            full: reading.full,
            accept_changes,
        }
    }
}

impl Question {
    /// The command that asks it.
    pub fn command(&self) -> &'static str {
        match self {
            Self::Validate { .. } => "validate",
            Self::Test => "test",
            Self::Projects { .. } => "projects",
            Self::Plan { .. } => "plan",
            Self::Export { .. } => "export",
            Self::Verify { .. } => "verify",
            Self::Undo { .. } => "undo",
            Self::History { .. } => "history",
            Self::Status => "status",
            Self::Enable { .. } => "enable",
            Self::Links { .. } => "links",
        }
    }
}

impl Order {
    pub fn new(typed: Typed, surroundings: Surroundings) -> Self {
        let configured = |configured: Configured, question| {
            let task = Task::Configured {
                file: configured.config,
                new_servers: configured.new_servers,
                question,
            };
            (task, configured.output.json)
        };
        let (task, json) = match typed.command {
            #[cfg(feature = "sim")]
            Command::Demo(Demo {
                variant,
                keep_running,
                cases,
            }) => (
                Task::Demo {
                    variant,
                    cases,
                    keep_running,
                },
                false,
            ),
            #[cfg(feature = "sim")]
            Command::Sim(Sim {
                variant,
                port,
                cases,
                answers,
            }) => {
                let variants = variant.map_or_else(|| vec![Variant::Cloud, Variant::Dc], |variant| vec![variant]);
                let task = Task::Sim {
                    variants,
                    port,
                    cases,
                    answers,
                };
                (task, false)
            }
            Command::Serve(serve) => (Task::Serve(serve), false),
            Command::Inspect(inspect) => (Task::Inspect { plugin: inspect.plugin }, inspect.output.json),
            Command::Validate(options) => {
                let show_mapping = options.show_mapping;
                configured(options.configured, Question::Validate { show_mapping })
            }
            Command::Test(options) => configured(options, Question::Test),
            Command::Projects(options) => configured(options.configured, Question::Projects { query: options.query }),
            Command::Plan(plan) => {
                let options = JobOptions::of(&plan.reading, false);
                let sync = plan.selected.sync;
                configured(plan.selected.configured, Question::Plan { sync, options })
            }
            Command::Export(export) => {
                let options = JobOptions::of(&export.reading, export.accept_changes);
                let (sync, record) = (export.selected.sync, export.record);
                configured(export.selected.configured, Question::Export { sync, options, record })
            }
            Command::Replay(replay) => {
                let (tape, plugin) = (replay.tape, replay.plugin);
                (Task::Replay { tape, plugin }, replay.output.json)
            }
            Command::Verify(options) => configured(options.configured, Question::Verify { sync: options.sync }),
            Command::Undo(undo) => {
                let (run, apply) = (undo.run, undo.apply);
                configured(undo.configured, Question::Undo { run, apply })
            }
            Command::Status(options) => configured(options, Question::Status),
            Command::Enable(options) => configured(options.configured, Question::Enable { name: options.name }),
            Command::History(options) => configured(options.configured, Question::History { limit: options.limit }),
            Command::Links(options) => configured(options.configured, Question::Links { sync: options.sync }),
        };
        let progress = match (surroundings.watched, json) {
            (true, _) => ProgressStyle::Bars,
            (false, false) => ProgressStyle::Lines,
            (false, true) => ProgressStyle::Silent,
        };
        Self {
            task,
            format: if json { Format::Json } else { Format::Text },
            progress,
        }
    }
}

/// The `-c FILE` to repeat in a suggested command; empty where the default does.
pub fn config_option(file: &Path) -> String {
    let shown = file.display().to_string();
    let plain = |character: char| character.is_alphanumeric() || "/\\._-:".contains(character);
    match shown.as_str() {
        DEFAULT_CONFIG => String::new(),
        _ if shown.chars().all(plain) => format!(" -c {shown}"),
        _ => format!(" -c '{}'", shown.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    fn order(line: &str, watched: bool) -> Order {
        let typed = Typed::try_parse_from(line.split_whitespace()).unwrap();
        Order::new(typed, Surroundings { watched })
    }

    #[test]
    fn the_configuration_file_has_a_default() {
        let Task::Configured { file, question, .. } = order("tms-sync export main", false).task else {
            panic!("export is configured")
        };
        assert_eq!(
            (file.as_path(), question),
            (
                Path::new("tms-sync.toml"),
                Question::Export {
                    sync: Some("main".into()),
                    options: JobOptions::default(),
                    record: None,
                }
            )
        );
    }

    #[test]
    fn what_a_person_wants_reaches_the_job() {
        let options = |line| match order(line, false).task {
            Task::Configured {
                question: Question::Plan { options, .. } | Question::Export { options, .. },
                ..
            } => options,
            other => panic!("{other:?}"),
        };
        let all = JobOptions {
            recreate: true,
            full: true,
            accept_changes: true,
        };
        assert_eq!(options("tms-sync export --recreate --full --accept-changes main"), all);
        let accept_changes = false;
        assert_eq!(
            options("tms-sync plan --full --recreate"),
            JobOptions { accept_changes, ..all }
        );
    }

    #[test]
    fn progress_suits_who_is_watching() {
        assert_eq!(order("tms-sync export", true).progress, ProgressStyle::Bars);
        assert_eq!(order("tms-sync export", false).progress, ProgressStyle::Lines);
        assert_eq!(order("tms-sync export --json", true).progress, ProgressStyle::Bars);
        assert_eq!(order("tms-sync export --json", false).progress, ProgressStyle::Silent);
    }

    #[cfg(feature = "sim")]
    #[test]
    fn sim_serves_both_variants_unless_told() {
        let variants = |line| match order(line, false).task {
            Task::Sim { variants, .. } => variants,
            other => panic!("{other:?}"),
        };
        assert_eq!(variants("tms-sync sim"), [Variant::Cloud, Variant::Dc]);
        assert_eq!(variants("tms-sync sim --variant dc"), [Variant::Dc]);
    }

    #[test]
    fn suggested_commands_can_be_pasted() {
        assert_eq!(config_option(Path::new("tms-sync.toml")), "");
        assert_eq!(config_option(Path::new("conf/my.toml")), " -c conf/my.toml");
        assert_eq!(config_option(Path::new("my conf.toml")), " -c 'my conf.toml'");
    }
}
