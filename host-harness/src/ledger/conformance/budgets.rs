//! Rate windows: what a server takes from a credential, for everybody who uses it.

use std::time::Duration;

use super::super::{BudgetKey, LedgerError, RateLimit, Reserved, VALID_MS};
use super::{Broken, Kept, Store, rules, same};

rules! {
    "of a window no more is given than it holds, to all hosts together" => shared,
    "what was reserved is given again when its window has passed, and not before" => comes_back,
    "of several windows the narrowest decides" => narrowest,
    "while a server asks for a pause nobody gets anything" => paused,
    "the budgets of other servers and credentials are others" => of_one_key,
}

/// Ten requests in five minutes.
const TEN: RateLimit = RateLimit {
    requests: 10,
    window_ms: 300_000,
};

fn key(version: &str) -> BudgetKey {
    BudgetKey {
        origin: "https://xray.example".into(),
        version: version.into(),
    }
}

async fn reserve(store: &dyn Store, limits: &[RateLimit], wanted: u32) -> Result<Reserved, LedgerError> {
    store.open().await?.reserve(key("a"), limits.to_vec(), wanted).await
}

fn waits(what: &str, reserved: Reserved) -> Kept {
    match reserved {
        Reserved::Wait(_) => Ok(()),
        Reserved::Granted(requests) => Err(Broken(format!("{what}: {requests} were granted"))),
    }
}

async fn shared(store: &dyn Store) -> Kept {
    let hosts = (0..8).map(|_| reserve(store, &[TEN], 3));
    let mut granted = 0;
    for reserved in futures_util::future::join_all(hosts).await {
        if let Reserved::Granted(requests) = reserved? {
            granted += requests;
        }
    }
    same("requests", &granted, &10)?;
    let left = store.open().await?.budgets().await?;
    let left: Vec<(BudgetKey, u32)> = left.into_iter().map(|budget| (budget.key, budget.left)).collect();
    same("what is left", &left, &vec![(key("a"), 0)])
}

async fn comes_back(store: &dyn Store) -> Kept {
    same("the first", &reserve(store, &[TEN], 4).await?, &Reserved::Granted(4))?;
    store.pass(Duration::from_secs(120)).await;
    same("the rest", &reserve(store, &[TEN], 20).await?, &Reserved::Granted(6))?;
    let Reserved::Wait(ms) = reserve(store, &[TEN], 1).await? else {
        return Err(Broken("an eleventh request was granted".into()));
    };
    if ms > 180_000 + VALID_MS {
        return Err(Broken(format!("it waits {ms} ms for a window that ends sooner")));
    }
    store.pass(Duration::from_millis(180_000 + VALID_MS + 1)).await;
    same(
        "the first again",
        &reserve(store, &[TEN], 20).await?,
        &Reserved::Granted(4),
    )?;
    waits("the rest is still in its window", reserve(store, &[TEN], 1).await?)
}

async fn narrowest(store: &dyn Store) -> Kept {
    let short = RateLimit {
        requests: 3,
        window_ms: 1_000,
    };
    same(
        "at once",
        &reserve(store, &[TEN, short], 20).await?,
        &Reserved::Granted(3),
    )?;
    waits("within the short window", reserve(store, &[TEN, short], 1).await?)?;
    store.pass(Duration::from_secs(60)).await;
    same(
        "in the next",
        &reserve(store, &[short, TEN], 20).await?,
        &Reserved::Granted(3),
    )
}

async fn paused(store: &dyn Store) -> Kept {
    reserve(store, &[TEN], 1).await?;
    store.open().await?.pause(key("a"), 120_000).await?;
    let Reserved::Wait(ms) = reserve(store, &[TEN], 1).await? else {
        return Err(Broken("something was granted in a pause".into()));
    };
    if !(60_000..=120_000).contains(&ms) {
        return Err(Broken(format!("a pause of 120000 ms ends in {ms} ms")));
    }
    store.pass(Duration::from_secs(121)).await;
    same("after it", &reserve(store, &[TEN], 1).await?, &Reserved::Granted(1))
}

async fn of_one_key(store: &dyn Store) -> Kept {
    reserve(store, &[TEN], 10).await?;
    let ledger = store.open().await?;
    let elsewhere = BudgetKey {
        origin: "https://other.example".into(),
        ..key("a")
    };
    for key in [key("b"), elsewhere] {
        same(
            "another",
            &ledger.reserve(key, vec![TEN], 20).await?,
            &Reserved::Granted(10),
        )?;
    }
    Ok(())
}
