//! The Test's key as the case's test key in TestOps, where a person named the integration: the only thing that is written
//! there. What fails is noted and changes no outcome.

use super::item::Item;
use crate::domain::{IssueKey, TestKey};
use crate::error::{Error, Kind};
use crate::report::Output;
use crate::sync::ctx::Ctx;
use futures_util::stream::{self, StreamExt};
use std::cell::Cell;

/// Cases at a time.
const AT_ONCE: usize = 4;

/// Writes test keys.
#[derive(Debug, Default)]
pub(super) struct TestKeys {
    /// TestOps refused one; no other is tried.
    refused: Cell<bool>,
}

impl TestKeys {
    /// Writes the keys of Tests that their cases do not name yet.
    pub async fn write<'i>(&self, ctx: &Ctx<'_>, items: impl Iterator<Item = &'i mut Item>, output: &mut Output) {
        let Some(integration) = ctx.job.options.adopt.integration else {
            return;
        };
        let open = items.filter(|item| item.is_case() && is_open(item, integration));
        let written = open.map(|item| async move {
            let key = item.entry.issue().map(|issue| issue.key).unwrap_or_default();
            let result = match self.refused.get() {
                true => Ok(()),
                false => ctx.source.add_test_key(item.row.id, integration, key.as_str()).await,
            };
            if result.as_ref().is_err_and(|error| !is_of_this_case(error)) {
                self.refused.set(true);
            }
            (item, result)
        });
        let mut noted = false;
        let mut written = stream::iter(written).buffered(AT_ONCE);
        while let Some((item, result)) = written.next().await {
            let Err(error) = result else { continue };
            if error.kind == Kind::Cancelled {
                continue;
            }
            let why = format!("its test key was not written to TestOps: {}", error.message);
            item.content.losses.push(why);
            if !is_of_this_case(&error) && !std::mem::replace(&mut noted, true) {
                output.note(format!("TestOps takes no test keys in this run: {error}"));
            }
        }
    }
}

/// True where the case does not name its Test's key.
fn is_open(item: &Item, integration: i64) -> bool {
    let key = item.entry.issue().map(|issue| issue.key);
    let named = |known: &TestKey| {
        let name = key.as_ref().map(IssueKey::as_str);
        known.integration == Some(integration) && Some(known.name.as_str()) == name
    };
    key.as_ref().is_some_and(|key| !key.is_empty()) && !item.candidates.test_keys.iter().any(named)
}

/// A refusal of one case says nothing about the others.
fn is_of_this_case(error: &Error) -> bool {
    matches!(error.kind, Kind::Missing)
}
