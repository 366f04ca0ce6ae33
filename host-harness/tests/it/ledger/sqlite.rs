//! The ledger in a file.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tms_sync_host::ledger::conformance::{Store, conformance};
use tms_sync_host::{Clock, Ledger, LedgerError, Scope, SqliteLedger};

/// Time that is moved by hand.
#[derive(Default)]
struct Hand(AtomicU64);

impl Clock for Hand {
    fn now(&self) -> u64 {
        self.0.load(SeqCst)
    }

    fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
        Box::pin(std::future::pending())
    }
}

/// A file in a folder of its own.
struct File {
    folder: tempfile::TempDir,
    clock: Arc<Hand>,
}

impl File {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            clock: Arc::default(),
        }
    }

    fn handle(&self) -> SqliteLedger {
        let clock: Arc<dyn Clock> = self.clock.clone();
        SqliteLedger::open(self.folder.path().join("ledger.db"))
            .unwrap()
            .with_clock(clock)
    }
}

impl Store for File {
    fn open(&self) -> BoxFuture<'_, Result<Arc<dyn Ledger>, LedgerError>> {
        Box::pin(async { Ok(Arc::new(self.handle()) as Arc<dyn Ledger>) })
    }

    fn pass(&self, time: Duration) -> BoxFuture<'_, ()> {
        self.clock.0.fetch_add(time.as_millis() as u64, SeqCst);
        Box::pin(std::future::ready(()))
    }
}

#[tokio::test]
async fn a_file_keeps_every_rule_of_the_kit() {
    let findings = conformance(async || File::new()).await;
    let broken: Vec<_> = findings.iter().filter(|finding| finding.broken.is_some()).collect();
    assert!(broken.is_empty(), "{broken:#?}");
}

fn scope() -> Scope {
    Scope {
        tenant: "acme".into(),
        integration: "xray".into(),
    }
}

#[tokio::test]
async fn a_hold_of_a_clock_that_was_wrong_ends_like_any_other() {
    let file = File::new();
    let (year, ttl) = (365 * 24 * 60 * 60 * 1_000, 1_000);
    let take = async |holder: &str, now| {
        file.clock.0.store(now, SeqCst);
        file.handle().lease(&scope(), "1".into(), holder.into(), ttl).await
    };
    take("ahead", year).await.unwrap();
    assert!(matches!(take("right", 5).await, Err(LedgerError::LeaseLost(_))));
    assert!(matches!(take("right", 900).await, Err(LedgerError::LeaseLost(_))));
    assert!(take("right", 5 + ttl).await.is_ok());
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_is_its_owners_alone_and_can_be_read_without_writing() {
    use std::os::unix::fs::PermissionsExt;
    let file = File::new();
    let path = file.folder.path().join("ledger.db");
    let ledger = file.handle();
    assert_eq!(SqliteLedger::open_to_others(&path), None);
    let origins = BTreeMap::from([("token".to_owned(), "https://jira.example".to_owned())]);
    ledger.bind_origins(&scope(), origins.clone()).await.unwrap();
    let key = ledger.digest_key().await.unwrap();
    drop(ledger);
    let reader = SqliteLedger::open_read_only(&path).unwrap();
    assert_eq!(reader.origins(&scope()).await.unwrap(), origins);
    assert_eq!(reader.digest_key().await.unwrap(), key);
    assert!(reader.bind_origins(&scope(), origins).await.is_err());
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o640)).unwrap();
    assert_eq!(SqliteLedger::open_to_others(&path), Some(0o640));
}

/// Threads of this process with a name.
#[cfg(target_os = "linux")]
fn threads(name: &str) -> usize {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    let names = tasks.filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("comm")).ok());
    names.filter(|comm| comm.trim_end() == name).count()
}

#[cfg(target_os = "linux")]
#[test]
fn many_calls_at_once_need_few_threads() {
    const NAME: &str = "ledger-crowd";
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name(NAME)
        .build()
        .unwrap();
    let ledger = SqliteLedger::in_memory().unwrap();
    let calls = (0..500).map(|call| {
        let ledger = ledger.clone();
        runtime.spawn(async move {
            let scope = Scope {
                tenant: format!("tenant-{call}"),
                integration: "xray".to_owned(),
            };
            ledger.origins(&scope).await.unwrap()
        })
    });
    let calls: Vec<_> = calls.collect();
    for call in calls {
        assert!(runtime.block_on(call).unwrap().is_empty());
    }
    let threads = threads(NAME);
    assert!((2..10).contains(&threads), "{threads} threads");
}
