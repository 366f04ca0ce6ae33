//! Leases: one writer at a time, by the store's clock, and a number that fences off whoever lost it.

use std::time::Duration;

use super::super::{Lease, LedgerError};
use super::sample::{PROJECT, QUOTA, TTL_MS, Writer, scope, write};
use super::{Broken, Kept, Store, is_lease_lost, refused, rules, same};

rules! {
    "while one holds a lease, nobody else gets it" => held,
    "a lease ends by the store's clock, and a renewed one ends later" => ends,
    "with every change of holder the epoch grows, a lease that was given back included" => epoch_grows,
    "who lost a lease writes nothing more, not even when the next gave it back" => fenced_off,
    "a lease whose time has passed is its holder's until somebody takes it" => late_but_not_taken,
    "without a lease of the destination nothing is written" => not_without,
    "giving back what one no longer has takes nothing from its holder" => late_release,
    "of many who want a lease at once one gets it" => one_of_many,
}

async fn take(store: &dyn Store, holder: &str) -> Result<Lease, LedgerError> {
    let ledger = store.open().await?;
    ledger
        .lease(&scope("acme"), PROJECT.into(), holder.into(), TTL_MS)
        .await
}

/// A bit more than what a lease has left.
fn beyond(ms: u64) -> Duration {
    Duration::from_millis(ms + 1_000)
}

/// A bit less, with room for a slow machine where the store's clock is a real one.
fn within(ms: u64) -> Duration {
    Duration::from_millis(ms.saturating_sub(30_000))
}

async fn held(store: &dyn Store) -> Kept {
    take(store, "one").await?;
    refused("at once", take(store, "two").await, is_lease_lost)?;
    store.pass(within(TTL_MS)).await;
    refused("a while later", take(store, "two").await, is_lease_lost)
}

async fn ends(store: &dyn Store) -> Kept {
    let first = take(store, "one").await?;
    store.pass(within(TTL_MS)).await;
    same("a renewal's epoch", &take(store, "one").await?.epoch, &first.epoch)?;
    store.pass(within(TTL_MS)).await;
    refused("within the renewed time", take(store, "two").await, is_lease_lost)?;
    store.pass(beyond(TTL_MS)).await;
    take(store, "two").await?;
    Ok(())
}

async fn epoch_grows(store: &dyn Store) -> Kept {
    let ledger = store.open().await?;
    let mut last = 0;
    for round in 0..3 {
        let lease = take(store, &format!("holder {round}")).await?;
        if lease.epoch <= last {
            return Err(Broken(format!("epoch {} after {last}", lease.epoch)));
        }
        last = lease.epoch;
        if round == 0 {
            ledger.release(&scope("acme"), lease).await?;
        } else {
            store.pass(beyond(TTL_MS)).await;
        }
    }
    Ok(())
}

async fn fenced_off(store: &dyn Store) -> Kept {
    let writer = Writer::new(store.open().await?, "acme").await?;
    writer.put(vec![write("1", 0)]).await?;
    store.pass(beyond(TTL_MS)).await;
    let second = take(store, "two").await?;
    refused(
        "after it was taken over",
        writer.put(vec![write("2", 0)]).await,
        is_lease_lost,
    )?;
    writer.ledger.release(&writer.scope, second).await?;
    refused(
        "after it was given back",
        writer.put(vec![write("2", 0)]).await,
        is_lease_lost,
    )?;
    same("ids", &writer.ids(None, 10).await?, &vec!["1".to_owned()])
}

async fn late_but_not_taken(store: &dyn Store) -> Kept {
    let writer = Writer::new(store.open().await?, "acme").await?;
    store.pass(beyond(TTL_MS)).await;
    writer.put(vec![write("1", 0)]).await?;
    let again = take(store, &writer.lease.holder).await?;
    same("the epoch", &again.epoch, &writer.lease.epoch)
}

async fn not_without(store: &dyn Store) -> Kept {
    let writer = Writer::new(store.open().await?, "acme").await?;
    let mut elsewhere = write("2", 0);
    elsewhere.link.key.destination = "10001".into();
    let both = vec![write("1", 0), elsewhere];
    refused("another destination", writer.put(both).await, is_lease_lost)?;
    let none = writer
        .ledger
        .put_many(&writer.scope, Vec::new(), QUOTA, vec![write("1", 0)]);
    refused("no lease", none.await, is_lease_lost)?;
    same("ids", &writer.ids(None, 10).await?, &Vec::new())
}

async fn late_release(store: &dyn Store) -> Kept {
    let first = take(store, "one").await?;
    store.pass(beyond(TTL_MS)).await;
    take(store, "two").await?;
    store.open().await?.release(&scope("acme"), first).await?;
    refused("the second's", take(store, "three").await, is_lease_lost)
}

async fn one_of_many(store: &dyn Store) -> Kept {
    let holders: Vec<String> = (0..8).map(|holder| format!("holder {holder}")).collect();
    let all = futures_util::future::join_all(holders.iter().map(|holder| take(store, holder))).await;
    let mut taken = 0;
    for result in all {
        match result {
            Ok(_) => taken += 1,
            Err(LedgerError::LeaseLost(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    same("how many got it", &taken, &1)
}
