//! Rate windows of servers, kept for everybody who uses the same credential: all runs and tenants of this process, and through
//! the ledger all hosts. See docs/decisions/0022-budgets.md.
//!
//! A [`Budget`] hands out requests one by one, in the order in which they were asked for. It takes them from the ledger in
//! batches, which double while they are used up in time: a busy run asks the ledger once per [`LARGEST`] requests, an idle
//! one wastes at most one.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError, Weak};
use std::time::Duration;

use crate::clock::Clock;
use crate::ledger::{BudgetKey, Ledger, LedgerError, RateLimit, Reserved, VALID_MS};
use crate::model::{Field, RateWindow};

/// Requests of a batch, at the most.
const LARGEST: u32 = 16;
/// Longest time between two looks at the ledger while a budget is used up: somebody may have given back a pause.
const LOOK_AGAIN: Duration = Duration::from_secs(10);

/// One credential's budget at one server, as one call sees it.
pub(crate) struct Budget {
    ledger: Arc<dyn Ledger>,
    clock: Arc<dyn Clock>,
    key: BudgetKey,
    limits: Vec<RateLimit>,
    batch: Arc<tokio::sync::Mutex<Batch>>,
}

/// What this process may send at once.
#[derive(Default)]
struct Batch {
    left: u32,
    /// Milliseconds since the Unix epoch.
    valid_until: u64,
    size: u32,
}

impl Budget {
    /// Absent where the server's windows are not known.
    pub(crate) fn new(
        ledger: Arc<dyn Ledger>,
        clock: Arc<dyn Clock>,
        key: BudgetKey,
        limits: Vec<RateLimit>,
    ) -> Option<Self> {
        (!limits.is_empty()).then(|| Self {
            batch: shared(&key),
            ledger,
            clock,
            key,
            limits,
        })
    }

    /// Waits for a request. Who asks first is served first.
    pub(crate) async fn take(&self) -> Result<(), LedgerError> {
        let mut batch = self.batch.lock().await;
        loop {
            let now = self.clock.now();
            if batch.left > 0 && now < batch.valid_until {
                batch.left -= 1;
                return Ok(());
            }
            let wanted = if batch.left == 0 {
                (batch.size * 2).clamp(1, LARGEST)
            } else {
                1
            };
            let reserving = self.ledger.reserve(self.key.clone(), self.limits.clone(), wanted);
            match reserving.await? {
                Reserved::Granted(left) => {
                    *batch = Batch {
                        left,
                        valid_until: now + VALID_MS,
                        size: left,
                    };
                }
                Reserved::Wait(ms) => self.clock.sleep(Duration::from_millis(ms).min(LOOK_AGAIN)).await,
            }
        }
    }

    /// The server asked for a pause: nobody sends anything meanwhile.
    pub(crate) async fn pause(&self, ms: u64) -> Result<(), LedgerError> {
        self.batch.lock().await.left = 0;
        self.ledger.pause(self.key.clone(), ms).await
    }
}

/// The batch of all calls of this process that use a budget.
fn shared(key: &BudgetKey) -> Arc<tokio::sync::Mutex<Batch>> {
    type Batches = BTreeMap<BudgetKey, Weak<tokio::sync::Mutex<Batch>>>;
    static BATCHES: LazyLock<Mutex<Batches>> = LazyLock::new(Mutex::default);
    let mut batches = BATCHES.lock().unwrap_or_else(PoisonError::into_inner);
    batches.retain(|_, batch| batch.strong_count() > 0);
    if let Some(batch) = batches.get(key).and_then(Weak::upgrade) {
        return batch;
    }
    let batch = Arc::default();
    batches.insert(key.clone(), Arc::downgrade(&batch));
    batch
}

/// The windows that hold under these mapping options, without what is left to others.
pub(crate) fn limits(windows: &[RateWindow], mapping: &[Field]) -> Vec<RateLimit> {
    let is_meant = |window: &&RateWindow| {
        let when = window.when.as_ref();
        when.is_some_and(|when| {
            mapping
                .iter()
                .any(|field| field.name == when.name && field.value == when.value)
        })
    };
    let conditional: Vec<&RateWindow> = windows.iter().filter(is_meant).collect();
    let holding = match conditional.is_empty() {
        true => windows.iter().filter(|window| window.when.is_none()).collect(),
        false => conditional,
    };
    let limit = |window: &RateWindow| {
        let share = 100 - u64::from(window.reserve_percent.min(99));
        let requests = u64::from(window.requests) * share / 100;
        RateLimit {
            requests: u32::try_from(requests).unwrap_or(u32::MAX).max(1),
            window_ms: u64::from(window.seconds) * 1_000,
        }
    };
    holding.into_iter().map(limit).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

    use futures_util::future::BoxFuture;

    use super::*;
    use crate::ledger::SqliteLedger;

    /// Time that passes by sleeping alone.
    #[derive(Default)]
    struct Slept(AtomicU64);

    impl Clock for Slept {
        fn now(&self) -> u64 {
            1_000_000 + self.0.load(SeqCst)
        }

        fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
            self.0.fetch_add(duration.as_millis() as u64, SeqCst);
            Box::pin(std::future::ready(()))
        }
    }

    const LIMIT: RateLimit = RateLimit {
        requests: 270,
        window_ms: 300_000,
    };

    struct Host {
        clock: Arc<Slept>,
        ledger: Arc<dyn Ledger>,
    }

    impl Host {
        fn new() -> Self {
            let clock = Arc::<Slept>::default();
            let time: Arc<dyn Clock> = clock.clone();
            let ledger = Arc::new(SqliteLedger::in_memory().unwrap().with_clock(time));
            Self { clock, ledger }
        }

        fn budget(&self, version: &str) -> Budget {
            let key = BudgetKey {
                origin: "https://xray.example".into(),
                version: version.into(),
            };
            Budget::new(self.ledger.clone(), self.clock.clone(), key, vec![LIMIT]).unwrap()
        }

        async fn left(&self) -> u32 {
            self.ledger.budgets().await.unwrap()[0].left
        }
    }

    #[tokio::test]
    async fn requests_come_in_batches_that_grow_while_they_are_used_up() {
        let host = Host::new();
        let budget = host.budget("batches");
        for _ in 0..31 {
            budget.take().await.unwrap();
        }
        assert_eq!(host.left().await, 270 - 31);
        budget.take().await.unwrap();
        assert_eq!(host.left().await, 270 - 31 - 16);
        // What was not used in time is not used later.
        host.clock.0.fetch_add(VALID_MS, SeqCst);
        budget.take().await.unwrap();
        assert_eq!(host.left().await, 270 - 31 - 16 - 1);
    }

    #[tokio::test]
    async fn a_full_window_is_waited_for_by_everybody() {
        let host = Host::new();
        let (one, other) = (host.budget("window"), host.budget("window"));
        for _ in 0..135 {
            one.take().await.unwrap();
            other.take().await.unwrap();
        }
        assert_eq!(host.clock.0.load(SeqCst), 0);
        other.take().await.unwrap();
        assert!(host.clock.0.load(SeqCst) >= LIMIT.window_ms);
    }

    #[tokio::test]
    async fn a_pause_that_one_was_asked_for_keeps_the_others_away() {
        let host = Host::new();
        let (one, other) = (host.budget("pause"), host.budget("pause"));
        one.take().await.unwrap();
        one.pause(120_000).await.unwrap();
        other.take().await.unwrap();
        assert!((120_000..=130_000).contains(&host.clock.0.load(SeqCst)));
    }

    #[test]
    fn windows_with_a_condition_replace_the_others_where_it_holds() {
        let window = |requests, when: Option<&str>| RateWindow {
            requests,
            seconds: 300,
            reserve_percent: 10,
            when: when.map(|value| Field {
                name: "xray-plan".into(),
                value: value.into(),
            }),
        };
        let windows = [window(300, None), window(1_000, Some("enterprise"))];
        let holding = |value: &str| {
            let mapping = [Field {
                name: "xray-plan".into(),
                value: value.into(),
            }];
            limits(&windows, &mapping)
                .iter()
                .map(|limit| limit.requests)
                .collect::<Vec<_>>()
        };
        assert_eq!((holding("standard"), holding("enterprise")), (vec![270], vec![900]));
    }
}
