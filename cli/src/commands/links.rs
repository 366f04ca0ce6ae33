//! `tms-sync links`

use tms_sync_host::LedgerError;
use tms_sync_host::model::links::Link;

use super::Configured;
use crate::answer::Answer;
use crate::options::{ConfigOptions, SyncOptions};
use crate::render::diagnostic::Diagnostic;
use crate::render::links;
use crate::session::Session;
use crate::state::LedgerUse;

/// Rows read at once.
const PAGE: u32 = 1_000;

/// Lists which TestOps entity is which Jira issue, from the local ledger; asks no server
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    pub selected: SyncOptions,
}

impl Configured for Args {
    const NAME: &'static str = "links";
    const LEDGER: LedgerUse = LedgerUse::Look;

    fn config(&self) -> &ConfigOptions {
        &self.selected.configured
    }

    async fn answer(self, session: &Session) -> Result<Answer, Vec<Diagnostic>> {
        answer(session, self.selected.sync.as_deref()).await
    }
}

pub async fn answer(session: &Session, sync: Option<&str>) -> Result<Answer, Vec<Diagnostic>> {
    let mut found = read(session)
        .await
        .map_err(|error| vec![Diagnostic::new(error.to_string())])?;
    if sync.is_some() {
        let wanted = session.selected(sync)?;
        found.retain(|link| wanted.iter().any(|sync| of_project(link, &sync.project)));
    }
    Ok(Answer::new(0, links::text(&found), "links", links::json(&found)))
}

async fn read(session: &Session) -> Result<Vec<Link>, LedgerError> {
    let (ledger, scope) = (&session.ledger, session.tenant.scope());
    let mut found = Vec::new();
    for destination in ledger.destinations(scope).await? {
        for entity in &session.plugin.info().entities {
            let mut after = None;
            loop {
                let rows = ledger
                    .scan(scope, entity.name.clone(), destination.clone(), after, PAGE)
                    .await?;
                let Some(last) = rows.last() else { break };
                after = Some(last.link.key.id.clone());
                found.extend(rows.into_iter().map(|row| row.link));
            }
        }
    }
    Ok(found)
}

/// Rows know a project by its number; its key is that of the issues. A row without an issue could be of any.
fn of_project(link: &Link, project: &str) -> bool {
    let key = link.issue_key.as_deref().and_then(|key| key.rsplit_once('-'));
    key.is_none_or(|(prefix, _)| prefix == project)
}
