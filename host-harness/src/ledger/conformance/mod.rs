//! The ledger's conformance tests, for whoever keeps the rows elsewhere (feature `test-kit`).
//!
//! An author brings a [`Store`]: a fresh, empty place for rows, and how to let time pass on its clock. The kit tries what
//! [`Ledger`] promises, and reports which rules hold. The SQLite file and PostgreSQL keep all of them.

mod budgets;
mod claims;
mod keeping;
mod rows;
mod sample;

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;

use super::{CopyError, Ledger, LedgerError};

/// A place for rows. Every rule gets a fresh one, with nothing in it.
pub trait Store: Send + Sync {
    /// A handle of its own, as another host has it.
    fn open(&self) -> BoxFuture<'_, Result<Arc<dyn Ledger>, LedgerError>>;

    /// Lets time pass on the store's clock.
    fn pass(&self, time: Duration) -> BoxFuture<'_, ()>;
}

/// A rule, and whether it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule, as a sentence.
    pub rule: &'static str,
    /// What happened instead; `None`: the rule is kept.
    pub broken: Option<String>,
}

/// Why a rule is not kept.
struct Broken(String);

impl From<LedgerError> for Broken {
    fn from(error: LedgerError) -> Self {
        Self(error.to_string())
    }
}

impl From<CopyError> for Broken {
    fn from(error: CopyError) -> Self {
        Self(error.to_string())
    }
}

type Kept = Result<(), Broken>;

/// Fails a rule where two values differ. The contract's records can be shown and not compared.
fn same<T: std::fmt::Debug>(what: &str, found: &T, expected: &T) -> Kept {
    let (found, expected) = (format!("{found:?}"), format!("{expected:?}"));
    if found == expected {
        return Ok(());
    }
    Err(Broken(format!("{what}: {found} instead of {expected}")))
}

/// Fails a rule where a call was not refused as it must be.
fn refused<T>(what: &str, result: Result<T, LedgerError>, as_expected: fn(&LedgerError) -> bool) -> Kept {
    match result {
        Err(error) if as_expected(&error) => Ok(()),
        Err(error) => Err(Broken(format!("{what}: refused with `{error}`"))),
        Ok(_) => Err(Broken(format!("{what}: not refused"))),
    }
}

fn is_lease_lost(error: &LedgerError) -> bool {
    matches!(error, LedgerError::LeaseLost(_))
}

fn is_too_large(error: &LedgerError) -> bool {
    matches!(error, LedgerError::TooLarge(_))
}

type Rule = (&'static str, for<'a> fn(&'a dyn Store) -> BoxFuture<'a, Kept>);

/// Names the rules of a file: each is an async function of a store.
macro_rules! rules {
    ($($sentence:literal => $rule:ident),+ $(,)?) => {
        pub(super) const RULES: &[super::Rule] = &[$(($sentence, |store| Box::pin($rule(store)))),+];
    };
}
use rules;

/// Tries every rule in a store of its own.
pub async fn conformance<S: Store>(fresh: impl AsyncFn() -> S) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (rule, keeps) in [rows::RULES, claims::RULES, keeping::RULES, budgets::RULES].concat() {
        let store = fresh().await;
        let broken = keeps(&store).await.err().map(|Broken(reason)| reason);
        findings.push(Finding { rule, broken });
    }
    findings
}
