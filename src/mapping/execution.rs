//! A launch as a Test Execution.

use super::description::ended;
use super::options::{LaunchOptions, OfLaunch};
use super::{COMMON, Dialect, details, label, timestamp};
use crate::digest;
use crate::domain::{Environment, IssueLink, LaunchRow};
use crate::markup::tree::{Block, List};
use crate::markup::{Document, shorten};
use crate::text::shown;
use itertools::Itertools;
use serde_json::Value;

/// A Test Execution's own fields.
#[derive(Clone, Debug, PartialEq)]
pub struct Execution {
    /// Summary, within Jira's 255 characters.
    pub summary: String,
    /// ADF document or wiki text.
    pub description: Value,
    /// Labels without the marker.
    pub labels: Vec<String>,
    /// Names of test environments.
    pub environments: Vec<String>,
    /// Name of the version it is for.
    pub fix_version: Option<String>,
    /// Key of the Test Plan it belongs to.
    pub plan: Option<String>,
    /// Key of a Test Execution of people that the results go into.
    pub existing: Option<String>,
    /// When the first result began, milliseconds since the epoch.
    pub begin: Option<u64>,
    /// When the last result ended, milliseconds since the epoch.
    pub end: Option<u64>,
    /// Issues that are linked to it, as far as they are this Jira's.
    pub issues: Vec<IssueLink>,
    /// What could not be carried over, for people.
    pub losses: Vec<String>,
}

impl Execution {
    /// Digest of everything that is written.
    pub fn digest(&self) -> String {
        let Execution {
            summary,
            description,
            labels,
            environments,
            fix_version,
            plan,
            begin,
            end,
            issues,
            existing: _,
            losses: _,
        } = self;
        let text = format!(
            "{summary}|{description}|{labels:?}|{environments:?}|{fix_version:?}|{plan:?}|{begin:?}|{end:?}|{issues:?}"
        );
        digest::short(text.as_bytes())
    }
}

/// A launch with what its row does not say.
pub struct Launch<'a> {
    /// The row.
    pub row: &'a LaunchRow,
    /// Where it is seen in TestOps.
    pub url: &'a str,
    /// Values of its environment variables.
    pub environment: &'a [Environment],
    /// When the first result began, milliseconds since the epoch.
    pub begin: Option<u64>,
    /// When the last result ended, milliseconds since the epoch.
    pub end: Option<u64>,
}

/// The Test Execution of a launch.
pub fn execution(launch: &Launch<'_>, options: &LaunchOptions, dialect: Dialect) -> Execution {
    let row = launch.row;
    let (summary, loss) = shorten::summary(&row.name);
    let mut losses: Vec<String> = loss.iter().map(|loss| format!("name: {loss}")).collect();
    let summary = if summary.is_empty() {
        format!("Launch {}", row.id)
    } else {
        summary
    };
    let mut tree = Document::from_plain(&facts(launch).join("\n")).tree;
    let links = details::list(&row.issues, &row.links, &mut losses);
    if !links.is_empty() {
        tree.blocks.push(Block::List(List {
            start: None,
            items: links,
        }));
    }
    let link = format!("[Open in Allure TestOps](<{}>)", launch.url);
    let (description, lost) = ended(&tree, &Document::from_markdown(&link).tree, dialect);
    losses.extend(lost);
    let tags = label::of_tags(&row.tags, &mut losses).into_iter();
    let labels = tags.chain([COMMON.to_owned()]).sorted().dedup().collect();
    let environments = environments(launch.environment, &options.environments, dialect, &mut losses);
    let of_launch = |value: &Option<OfLaunch>| value.as_ref()?.of(row, launch.environment);
    Execution {
        summary,
        description,
        labels,
        environments,
        fix_version: of_launch(&options.fix_version),
        plan: of_launch(&options.test_plan),
        existing: of_launch(&options.execution),
        begin: launch.begin,
        end: launch.end,
        issues: row
            .issues
            .iter()
            .filter(|_| options.issue_link().is_some())
            .cloned()
            .collect(),
        losses,
    }
}

/// What has no field of its own everywhere, a line each.
fn facts(launch: &Launch<'_>) -> Vec<String> {
    let row = launch.row;
    let mut lines = vec![format!("Launch {} in Allure TestOps", row.id)];
    let begin = launch.begin.or(row.created);
    lines.extend(begin.map(|time| format!("Started {}", timestamp(time))));
    lines.extend(launch.end.map(|time| format!("Finished {}", timestamp(time))));
    lines.push(if row.closed { "Closed" } else { "Open" }.to_owned());
    let values = launch.environment.iter();
    lines.extend(values.map(|value| format!("{} = {}", value.variable, value.value)));
    lines
}

/// Names of test environments from the values of the wanted variables. Xray Cloud takes 2 to 18 letters, digits, `_` and
/// `/` (Xray Cloud, Test Environments); Data Center separates names by white space.
fn environments(values: &[Environment], wanted: &[String], dialect: Dialect, losses: &mut Vec<String>) -> Vec<String> {
    let mut names: Vec<(String, &str)> = Vec::new();
    for value in values {
        let is_wanted = wanted.iter().any(|name| name.eq_ignore_ascii_case(&value.variable));
        let value = value.value.as_str();
        if !is_wanted || names.iter().any(|(_, known)| *known == value) {
            continue;
        }
        let Some(name) = environment(value, dialect) else {
            losses.push(format!(
                "test environment: `{}` makes no name that Xray takes",
                shown(value)
            ));
            continue;
        };
        match names.iter().find(|(known, _)| *known == name) {
            Some((_, other)) => losses.push(format!(
                "test environment: `{}` and `{}` are one, {name}",
                shown(other),
                shown(value)
            )),
            None if name != value => losses.push(format!("test environment: `{}` became {name}", shown(value))),
            None => {}
        }
        names.push((name, value));
    }
    let names = names.into_iter().map(|(name, _)| name);
    names.sorted().dedup().collect()
}

/// The name that a value makes. What is too long ends in a digest of the value, so that values that begin alike, such as
/// a browser on several systems, stay apart, and every launch calls a value the same.
fn environment(value: &str, dialect: Dialect) -> Option<String> {
    let (most, fits): (usize, fn(char) -> bool) = match dialect {
        Dialect::Adf => (18, |c| c.is_ascii_alphanumeric() || c == '_' || c == '/'),
        Dialect::Wiki => (255, |c| !c.is_whitespace() && !c.is_control() && c != ',' && c != ';'),
    };
    let value = value.trim();
    let mut name: String = value.chars().map(|c| if fits(c) { c } else { '_' }).collect();
    if name.chars().count() > most {
        const DIGEST: usize = 4;
        let digest = digest::short(value.as_bytes());
        let start: String = name.chars().take(most - DIGEST - 1).collect();
        name = format!("{start}_{}", digest.get(..DIGEST).unwrap_or_default());
    }
    (name.len() >= 2 && name.chars().any(char::is_alphanumeric)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::{Dialect, Launch, LaunchOptions, OfLaunch, environment, execution};
    use crate::domain::{Environment, LaunchId, LaunchRow};

    fn row() -> LaunchRow {
        LaunchRow {
            id: LaunchId(5),
            name: "nightly".to_owned(),
            closed: true,
            tags: vec!["ci run".to_owned()],
            links: Vec::new(),
            issues: Vec::new(),
            created: Some(0),
            last_modified: None,
        }
    }

    fn browser(value: &str) -> Environment {
        Environment {
            variable: "Browser".to_owned(),
            value: value.to_owned(),
        }
    }

    #[test]
    fn environment_names_keep_what_xray_takes() {
        for (value, cloud, dc) in [
            ("Firefox", Some("Firefox"), Some("Firefox")),
            ("Windows 11 (x64)", Some("Windows_11__x64_"), Some("Windows_11_(x64)")),
            (
                "a very long environment",
                Some("a_very_long_e_c9dd"),
                Some("a_very_long_environment"),
            ),
            ("X", None, None),
            ("--", None, None),
        ] {
            assert_eq!(environment(value, Dialect::Adf).as_deref(), cloud, "{value}");
            assert_eq!(environment(value, Dialect::Wiki).as_deref(), dc, "{value}");
        }
    }

    #[test]
    fn values_that_begin_alike_stay_apart_and_those_that_become_the_same_are_noted() {
        let options = LaunchOptions {
            environments: vec!["Browser".to_owned()],
            ..LaunchOptions::default()
        };
        let values = [
            "Chrome 120 on Windows 10",
            "Chrome 120 on Windows 11",
            "Fire fox",
            "Fire_fox",
            "Fire_fox",
        ];
        let mut losses = Vec::new();
        let names = super::environments(&values.map(browser), &options.environments, Dialect::Adf, &mut losses);
        assert_eq!(names.len(), 3, "{names:?}");
        assert!(names.iter().all(|name| name.len() <= 18), "{names:?}");
        assert_eq!(
            losses[2..],
            [
                "test environment: `Fire fox` became Fire_fox",
                "test environment: `Fire fox` and `Fire_fox` are one, Fire_fox"
            ]
        );
    }

    #[test]
    fn only_wanted_variables_become_environments_and_changed_names_are_noted() {
        let options = LaunchOptions {
            environments: vec!["browser".to_owned()],
            ..LaunchOptions::default()
        };
        let branch = Environment {
            variable: "Branch".to_owned(),
            value: "main".to_owned(),
        };
        let environment = [branch, browser("Chrome"), browser("Fire fox")];
        let row = row();
        let launch = Launch {
            row: &row,
            url: "https://t.example/launch/5",
            environment: &environment,
            begin: None,
            end: Some(60_000),
        };
        let made = execution(&launch, &options, Dialect::Wiki);
        assert_eq!(made.environments, ["Chrome", "Fire_fox"]);
        assert_eq!(
            made.losses,
            [
                "tag “ci run” became the label “ci_run”",
                "test environment: `Fire fox` became Fire_fox"
            ]
        );
        let text = made.description.as_str().unwrap();
        for part in ["Branch = main", "Finished 1970-01-01T00:01:00", "Closed", "launch/5"] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert_eq!(
            execution(&launch, &LaunchOptions::default(), Dialect::Adf).environments,
            [""; 0]
        );
    }

    #[test]
    fn the_digest_moves_with_everything_that_is_written() {
        let (one, other) = (row(), LaunchRow { closed: false, ..row() });
        let digest = |row: &LaunchRow, options: &LaunchOptions| {
            let launch = Launch {
                row,
                url: "u",
                environment: &[],
                begin: None,
                end: None,
            };
            execution(&launch, options, Dialect::Adf).digest()
        };
        let planned = LaunchOptions {
            test_plan: Some(OfLaunch::read("CALC-1")),
            ..LaunchOptions::default()
        };
        let plain = LaunchOptions::default();
        assert_eq!(digest(&one, &plain), digest(&row(), &plain));
        assert_ne!(digest(&one, &plain), digest(&other, &plain));
        assert_ne!(digest(&one, &plain), digest(&one, &planned));
    }
}
