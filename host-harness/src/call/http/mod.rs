//! The way of a request: a chain of layers, each with one job. From the plugin to the network:
//!
//! | layer | job |
//! |---|---|
//! | [`observed`] | shows request and answer to the [`SecretWatch`] |
//! | [`recorded`] | writes both to a recording, or answers from one |
//! | `mishap` | lets one request go wrong, for the conformance tests |
//! | [`guarded`] | withholds a request whose credential must not be tried |
//! | [`budgeted`] | waits until the server's rate windows have room |
//! | [`leased`] | withholds a request that could outlive the run's lease |
//! | [`reported`] | reports the request to whoever embeds the host, once it ended |
//! | [`gated`] | checks, authenticates and sends: the egress gate |

mod budgeted;
mod gated;
mod guarded;
mod leased;
#[cfg(feature = "test-kit")]
pub(crate) mod mishap;
mod observed;
mod recorded;
mod reported;

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use crate::budget::Budget;
use crate::clock::Clock;
use crate::contract::imports::http::{Response, SendError};
use crate::credentials::health::CredentialGuard;
use crate::credentials::secret_watch::SecretWatch;
use crate::egress::{Gate, Wanted};
use crate::ledger::{Ledger, LedgerError, LedgerSession, RateLimit};
use crate::metering::Meter;
use crate::recording::Recording;
use crate::spool::Blob;

pub use reported::{RequestSink, SentRequest};

/// What a request brought: the answer, and the file that its body became where one was wanted.
pub(crate) type Received = (Response, Option<Blob>);

/// What is given to a layer comes back from it.
pub(crate) type Sending<'a> = BoxFuture<'a, Result<Received, SendError>>;

/// One layer, with all that are behind it.
pub(crate) trait Http: Send + Sync {
    /// Boxed, since the first poll happens on the guest's stack.
    fn send<'a>(&'a self, wanted: &'a Wanted) -> Sending<'a>;
}

/// Where nothing is reached.
pub(crate) struct Offline;

impl Http for Offline {
    fn send<'a>(&'a self, _: &'a Wanted) -> Sending<'a> {
        async { Err(SendError::Denied("this call is offline".into())) }.boxed()
    }
}

/// What the requests of a call go through once its credentials are admitted.
pub(crate) struct Way {
    pub(crate) gate: Arc<Gate>,
    pub(crate) session: Arc<LedgerSession>,
    pub(crate) meter: Arc<Meter>,
    pub(crate) ledger: Arc<dyn Ledger>,
    pub(crate) clock: Arc<dyn Clock>,
    /// Rate windows that hold for the call, by connection.
    pub(crate) limits: BTreeMap<String, Vec<RateLimit>>,
    pub(crate) requests: Option<RequestSink>,
    #[cfg(feature = "test-kit")]
    pub(crate) mishap: Option<Arc<mishap::Mishap>>,
}

impl Way {
    /// The layers between recording and network.
    pub(crate) fn guarded(self, guard: &Arc<CredentialGuard>) -> Arc<dyn Http> {
        let http: Arc<dyn Http> = Arc::new(gated::Gated {
            gate: self.gate,
            meter: self.meter,
            guard: Arc::clone(guard),
        });
        let http = match self.requests {
            Some(sink) => Arc::new(reported::Reported { sink, next: http }),
            None => http,
        };
        let http: Arc<dyn Http> = Arc::new(leased::Leased {
            session: self.session,
            guard: Arc::clone(guard),
            next: http,
        });
        let http: Arc<dyn Http> = Arc::new(budgeted::Budgeted {
            budgets: budgets(self.limits, guard, &self.ledger, &self.clock),
            clock: self.clock,
            guard: Arc::clone(guard),
            next: http,
        });
        let http: Arc<dyn Http> = Arc::new(guarded::Guarded {
            guard: Arc::clone(guard),
            next: http,
        });
        #[cfg(feature = "test-kit")]
        let http = match self.mishap {
            Some(mishap) => Arc::new(mishap::Failing { mishap, next: http }),
            None => http,
        };
        http
    }
}

/// The budgets of the connections that have a credential; without one nobody knows who shares the window.
fn budgets(
    limits: BTreeMap<String, Vec<RateLimit>>,
    guard: &CredentialGuard,
    ledger: &Arc<dyn Ledger>,
    clock: &Arc<dyn Clock>,
) -> BTreeMap<String, Budget> {
    let budget = |(connection, limits): (String, Vec<RateLimit>)| {
        let key = guard.budget_key(&connection)?;
        let budget = Budget::new(Arc::clone(ledger), Arc::clone(clock), key, limits)?;
        Some((connection, budget))
    };
    limits.into_iter().filter_map(budget).collect()
}

/// What the rate windows that hold for a call leave at this moment, for people.
pub(crate) async fn left_of_windows(
    limits: &BTreeMap<String, Vec<RateLimit>>,
    guard: &CredentialGuard,
    ledger: &Arc<dyn Ledger>,
) -> Result<Vec<String>, LedgerError> {
    let reserved = ledger.budgets().await?;
    let note = |(connection, limits): (&String, &Vec<RateLimit>)| {
        let key = guard.budget_key(connection)?;
        let tightest = limits.iter().min_by_key(|limit| limit.requests)?;
        let known = reserved.iter().find(|budget| budget.key == key);
        let left = known.map_or(tightest.requests, |budget| budget.left);
        let seconds = tightest.window_ms / 1_000;
        Some(format!(
            "{left} of {} requests to {connection} in {seconds} s are left now, for all who use the credential",
            tightest.requests
        ))
    };
    Ok(limits.iter().filter_map(note).collect())
}

/// The layers at the boundary to the plugin, in front of `http`.
pub(crate) fn at_boundary(
    http: Arc<dyn Http>,
    recording: Option<&Arc<Recording>>,
    watch: Option<&Arc<SecretWatch>>,
) -> Arc<dyn Http> {
    let http = match recording {
        Some(recording) => Arc::new(recorded::Recorded {
            recording: Arc::clone(recording),
            next: http,
        }),
        None => http,
    };
    match watch {
        Some(watch) => Arc::new(observed::Observed {
            watch: Arc::clone(watch),
            next: http,
        }),
        None => http,
    }
}
