//! `tms-sync init`: the first configuration file.

use std::io::{BufRead, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use tms_sync_host::model::{IntegrationKind, SETTINGS};

use super::{test, validate};
use crate::answer::Answer;
use crate::options::{OutputOptions, config_option};
use crate::output::Output;
use crate::plugin;
use crate::render::diagnostic::{self, Diagnostic};
use crate::session::Session;
use crate::starter::{self, Answers};
use crate::state::LedgerUse;

/// Writes a first configuration file with comments, then checks it
///
/// Asks on a terminal for what is missing. In a script give all of it as KEY=VALUE: type, testops.endpoint,
/// testops.project-id, project, and the keys of [integration] such as endpoint and username. Further keys: name,
/// test-case-aql, allow (servers with private addresses, as host:port), secrets (env or files).
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Answers, such as type=xray-cloud
    #[arg(value_name = "KEY=VALUE", value_parser = pair)]
    pub answers: Vec<(String, String)>,
    /// The file to write
    #[arg(short = 'c', long = "config", value_name = "FILE", default_value = "tms-sync.toml")]
    pub config: PathBuf,
    /// Replace a file that is there
    #[arg(long)]
    pub force: bool,
    /// Do not test the connection afterwards
    #[arg(long)]
    pub no_test: bool,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("write KEY=VALUE")?;
    Ok((key.trim().to_owned(), value.trim().to_owned()))
}

impl Args {
    pub async fn perform(self) -> u8 {
        match self.write().await {
            Ok(()) if self.no_test => 0,
            Ok(()) => check(&self.config).await,
            Err(problems) => {
                problems.iter().for_each(diagnostic::log);
                2
            }
        }
    }

    async fn write(&self) -> Result<(), Vec<Diagnostic>> {
        if self.config.exists() && !self.force {
            let there = Diagnostic::new(format!("{} is there already", self.config.display()));
            return Err(vec![
                there.of(SETTINGS).hint("--force replaces it; -c names another file"),
            ]);
        }
        let plugin = plugin::bundled().await.map_err(|problem| vec![problem])?;
        let mut answers: Answers = self.answers.iter().cloned().collect();
        let kinds = &plugin.info().kinds;
        let mut asker = std::io::stdin().is_terminal().then(|| std::io::stdin().lock());
        let kind = chosen(kinds, &mut answers, asker.as_mut())?;
        let mut missing = Vec::new();
        for question in starter::questions(kind, &answers) {
            let is_answered = answers.get(&question.key).is_some_and(|answer| !answer.is_empty());
            if is_answered {
                continue;
            }
            match asker
                .as_mut()
                .and_then(|asker| ask(asker, &question.label, &question.help))
            {
                Some(answer) => drop(answers.insert(question.key, answer)),
                None => missing.push(format!("{}=… ({})", question.key, question.help)),
            }
        }
        if !missing.is_empty() {
            return Err(missing.into_iter().map(lacking).collect());
        }
        std::fs::write(&self.config, starter::toml(kind, &answers)).map_err(|error| {
            vec![Diagnostic::new(format!(
                "cannot write {}: {error}",
                self.config.display()
            ))]
        })?;
        Output::default().text(&format!("Written: {}\n", self.config.display()));
        Ok(())
    }
}

fn lacking(what: String) -> Diagnostic {
    Diagnostic::new(format!("an answer is missing: {what}"))
        .of(SETTINGS)
        .hint("without a terminal, give every answer as KEY=VALUE")
}

fn chosen<'k>(
    kinds: &'k [IntegrationKind],
    answers: &mut Answers,
    asker: Option<&mut impl BufRead>,
) -> Result<&'k IntegrationKind, Vec<Diagnostic>> {
    let ids: Vec<&str> = kinds.iter().map(|kind| kind.id.as_str()).collect();
    let answer = answers.get("type").cloned();
    let answer = answer.or_else(|| ask(asker?, "Type of the destination", &ids.join(" or ")));
    let Some(answer) = answer else {
        return Err(vec![lacking(format!("type=… ({})", ids.join(" or ")))]);
    };
    let kind = kinds.iter().find(|kind| kind.id == answer);
    kind.ok_or_else(|| {
        let unknown = Diagnostic::new(format!("there is no type `{}`", answer.escape_debug()));
        vec![unknown.of(SETTINGS).hint(format!("type={}", ids.join(" or type=")))]
    })
}

/// Asks once; none where nothing is answered.
fn ask(asker: &mut impl BufRead, label: &str, help: &str) -> Option<String> {
    let mut terminal = anstream::stderr().lock();
    write!(terminal, "{label} ({help})\n> ").ok()?;
    terminal.flush().ok()?;
    let mut line = String::new();
    asker.read_line(&mut line).ok()?;
    Some(line.trim().to_owned()).filter(|answer| !answer.is_empty())
}

/// Validates and tests what was written. Secrets that are not stored yet are the next thing to do, not a failure.
async fn check(file: &Path) -> u8 {
    let output = OutputOptions::default();
    let option = config_option(file);
    let session = match Session::open(file, LedgerUse::Write, false).await {
        Ok(session) => session,
        Err(problems) => {
            problems.iter().for_each(diagnostic::log);
            Output::default().text(&format!("Then: tms-sync test{option}\n"));
            return 1;
        }
    };
    let sound = validate::answer(&session, false).await.unwrap_or_else(Answer::refusal);
    if sound.exit_code != 0 {
        return sound.give("validate", &output);
    }
    sound.give("validate", &output);
    let tested = test::answer(&session).await.unwrap_or_else(Answer::refusal);
    let exit_code = tested.give("test", &output);
    if exit_code == 0 {
        Output::default().text(&format!("Then: tms-sync plan{option}\n"));
    }
    exit_code
}
