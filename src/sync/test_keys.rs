//! The Test's key as the case's test key in TestOps, where a person named the integration: the only thing that is written
//! there. What fails is told and changes no outcome.

use super::Run;
use super::cases::Item;
use crate::domain::IssueKey;
use crate::error::{Error, Kind};
use futures_util::stream::{self, StreamExt};

/// Cases at a time.
const AT_ONCE: usize = 4;

impl Run<'_> {
    /// Writes the keys of Tests that their cases do not name yet.
    pub(super) async fn write_test_keys<'i>(&self, items: impl Iterator<Item = &'i mut Item>) {
        let Some(integration) = self.job.options.test_keys.filter(|_| !self.job.mode.reads_only()) else {
            return;
        };
        let open = items.filter(|item| item.is_case()).filter(|item| {
            let key = item.entry.issue().map(|issue| issue.key);
            let named = |known: &crate::domain::TestKey| {
                known.integration == Some(integration)
                    && Some(known.name.as_str()) == key.as_ref().map(IssueKey::as_str)
            };
            key.as_ref().is_some_and(|key| !key.is_empty()) && !item.test_keys.iter().any(named)
        });
        let written = open.map(|item| async move {
            let key = item.entry.issue().map(|issue| issue.key).unwrap_or_default();
            let result = match self.keys_refused.get() {
                true => Ok(()),
                false => self.source.add_test_key(item.row.id, integration, key.as_str()).await,
            };
            if result.as_ref().is_err_and(|error| !for_this_case(error)) {
                self.keys_refused.set(true);
            }
            (item, result)
        });
        let mut told = false;
        let mut written = stream::iter(written).buffered(AT_ONCE);
        while let Some((item, result)) = written.next().await {
            let Err(error) = result else { continue };
            item.content
                .losses
                .push(format!("its test key was not written to TestOps: {}", error.message));
            if !for_this_case(&error) && !std::mem::replace(&mut told, true) {
                let note = format!("TestOps takes no test keys in this run: {error}");
                self.recorder.note(note).await;
            }
        }
    }
}

/// A refusal of one case says nothing about the others.
fn for_this_case(error: &Error) -> bool {
    matches!(error.kind, Kind::Missing)
}
