//! `tms-sync adopt`: Tests that an export from another address, or into another project, has made become this sync's own.

use std::path::{Path, PathBuf};
use std::time::Instant;

use tms_sync_host::Adoption;
use tms_sync_host::model::{self, ExportConfig, Former};

use super::{Configured, validate};
use crate::answer::Answer;
use crate::options::{ConfigOptions, ReportOptions, SyncOptions, config_option};
use crate::render::diagnostic::Diagnostic;
use crate::report::Verb;
use crate::report_builder::ReportBuilder;
use crate::run::{RunMonitor, collected, one, shown};
use crate::session::Session;
use crate::state::LedgerUse;

/// Takes over Tests after TestOps, Jira or a project moved; without --apply it only shows what would be adopted
///
/// Tests are found by the label that tms-sync put on them under the former address or project. They get the label of
/// now, and the ledger links them. Nothing is created, and no text is changed before the next export.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    pub shown: ReportOptions,
    #[command(flatten)]
    pub selected: SyncOptions,
    /// Former address of TestOps; may be repeated
    #[arg(long = "from", value_name = "URL")]
    pub from: Vec<String>,
    /// Numeric id of the Jira project that was exported into; may be repeated
    #[arg(long = "from-project", value_name = "ID")]
    pub from_project: Vec<String>,
    /// CSV file with former issue ids and the ids now, as Atlassian's migration reports them
    #[arg(long, value_name = "FILE")]
    pub ids: Option<PathBuf>,
    /// Write; without it nothing is written
    #[arg(long)]
    pub apply: bool,
}

impl Configured for Args {
    const NAME: &'static str = "adopt";
    const LEDGER: LedgerUse = LedgerUse::Write;

    fn config(&self) -> &ConfigOptions {
        &self.selected.configured
    }

    async fn answer(self, session: &Session) -> Result<Answer, Vec<Diagnostic>> {
        let former = self.former()?;
        let syncs = self.syncs(session)?;
        validate::passes(session, &syncs).await?;
        let (begun, verb) = (Instant::now(), Verb::Adopt { apply: self.apply });
        let mut monitor = RunMonitor::listen(self.selected.configured.output.progress());
        let mut reports = Vec::with_capacity(syncs.len());
        for sync in &syncs {
            let adoption = || Adoption::new(sync.clone(), former.clone()).apply(self.apply);
            let start = || session.tenant_of(sync).adopt(adoption());
            reports.push(one(ReportBuilder::new(verb, sync), sync, &mut monitor, start).await);
        }
        let report = collected(session, verb, reports, begun);
        shown(&report, &self.shown.view(&session.config.source.file))
    }
}

impl Args {
    fn former(&self) -> Result<Former, Vec<Diagnostic>> {
        let issues = match &self.ids {
            Some(file) => read_ids(file)?,
            None => Vec::new(),
        };
        Ok(Former {
            source_origins: self.from.clone(),
            destinations: self.from_project.clone(),
            issues,
        })
    }

    fn syncs(&self, session: &Session) -> Result<Vec<ExportConfig>, Vec<Diagnostic>> {
        let all = &session.config.syncs;
        let Some(name) = &self.selected.sync else {
            return Ok(all.clone());
        };
        let found: Vec<ExportConfig> = all.iter().filter(|sync| sync.name == *name).cloned().collect();
        if !found.is_empty() {
            return Ok(found);
        }
        let option = config_option(&session.config.source.file);
        let message = format!("the configuration has no sync named `{}`", name.escape_debug());
        Err(vec![
            Diagnostic::new(message)
                .of(model::SETTINGS)
                .hint(format!("`tms-sync validate{option}` lists what it has")),
        ])
    }
}

/// Two columns of whole numbers, the former id and the id now, with any separator of a CSV; a first line without numbers is a
/// heading.
fn read_ids(file: &Path) -> Result<Vec<(String, String)>, Vec<Diagnostic>> {
    let text = std::fs::read_to_string(file).map_err(|error| {
        vec![Diagnostic::new(format!("{} cannot be read: {error}", file.display())).of(model::SETTINGS)]
    })?;
    let mut ids = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let columns: Vec<&str> = line
            .split([',', ';', '\t'])
            .map(|part| part.trim().trim_matches('"'))
            .collect();
        let is_id = |text: &&&str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
        let numbers: Vec<&&str> = columns.iter().filter(is_id).collect();
        match numbers.as_slice() {
            [before, now] => ids.push(((**before).to_owned(), (**now).to_owned())),
            [] if number == 1 || line.trim().is_empty() => {}
            _ => {
                let message = format!(
                    "{} line {number} is not a former issue id and the id now",
                    file.display()
                );
                return Err(vec![
                    Diagnostic::new(message)
                        .of(model::SETTINGS)
                        .hint("the file has two columns of whole numbers, as in 10034,20051"),
                ]);
            }
        }
    }
    Ok(ids)
}

#[cfg(test)]
mod tests {
    use super::read_ids;

    #[test]
    fn ids_are_read_from_two_columns_below_a_heading() {
        let file = std::env::temp_dir().join(format!("tms-sync-ids-{}.csv", std::process::id()));
        std::fs::write(&file, "before,now\n\"1\",20\n2;21\n\n").unwrap();
        let read = read_ids(&file).unwrap();
        std::fs::write(&file, "1,20\nA-1,A-2\n").unwrap();
        let refused = read_ids(&file).is_err();
        std::fs::remove_file(&file).unwrap();
        let pair = |before: &str, now: &str| (before.to_owned(), now.to_owned());
        assert_eq!((read, refused), (vec![pair("1", "20"), pair("2", "21")], true));
    }
}
