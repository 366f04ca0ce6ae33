//! How credentials stand, for people.

use super::rules::Barred;
use super::version::Used;
use crate::ledger::health::{Standing, StandingKey};
use crate::model::Side;

/// How one credential stands, or its access to one destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outlook {
    /// Connection that uses it.
    pub connection: String,
    /// Whose matter it is.
    pub side: Side,
    /// What the ledger knows.
    pub standing: Standing,
    /// Another secret is stored now, which no call has proved yet: the next one tries it.
    pub is_replaced: bool,
    /// When it may be tried again, where a moment ago it was refused.
    pub retry_at: Option<u64>,
    /// It was refused as often as it may be, and will not be tried again.
    pub is_spent: bool,
}

/// What concerns these credentials: each itself, and what is said against it or the ones it replaces.
pub(super) fn outlooks<'a>(
    lanes: impl Iterator<Item = (&'a Used, &'a StandingKey)>,
    rows: &[Standing],
    destination: &str,
    now: u64,
) -> Vec<Outlook> {
    let mut found = Vec::new();
    for (used, key) in lanes {
        let of_lane = rows
            .iter()
            .filter(|row| row.key.origin == key.origin && row.connection == used.connection);
        let mut of_lane: Vec<Standing> = of_lane
            .filter(|row| {
                row.key
                    .access
                    .as_ref()
                    .is_none_or(|access| access.destination == destination)
            })
            .filter(|row| (row.key == *key) || row.reason().is_some())
            .filter(|row| row.key.version == key.version || row.is_off())
            .cloned()
            .collect();
        if of_lane.iter().all(|row| row.key != *key) {
            of_lane.insert(0, Standing::new(key.clone(), &used.connection));
        }
        found.extend(of_lane.into_iter().map(|standing| outlook(used, key, standing, now)));
    }
    found
}

fn outlook(used: &Used, key: &StandingKey, standing: Standing, now: u64) -> Outlook {
    let is_replaced = standing.key.version != key.version;
    let admitted = standing.admits_log_in(used.nature, now);
    Outlook {
        connection: used.connection.clone(),
        side: standing.reason().map_or(used.side(), |reason| reason.side),
        is_replaced,
        retry_at: match admitted {
            Err(Barred::Until(at)) if !is_replaced => Some(at),
            _ => None,
        },
        is_spent: !is_replaced && admitted == Err(Barred::Spent),
        standing,
    }
}
