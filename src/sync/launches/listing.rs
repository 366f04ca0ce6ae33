//! How far TestOps' list of launches was read and exported.

use crate::domain::{LaunchId, LaunchRow};
use crate::state::Entry;
use crate::testops::Place;
use std::collections::{BTreeSet, VecDeque};

/// Launches that were listed, in their order.
#[derive(Default)]
pub(super) struct Listing {
    /// The next page; absent after the last one.
    pub next: Option<Place>,
    rows: VecDeque<(LaunchRow, Entry)>,
    /// All of a whole look.
    ids: BTreeSet<LaunchId>,
    /// The last change of any of them, in milliseconds since the epoch.
    pub newest: u64,
    /// The highest id so far: a page that moved brings some again.
    pub last_id: Option<LaunchId>,
    /// Launches that were exported.
    pub done: u64,
    /// All launches, where TestOps says how many.
    pub total: Option<u64>,
}

impl Listing {
    /// Everything, from the first page on.
    pub fn whole() -> Self {
        Listing {
            next: Some(Place::default()),
            ..Listing::default()
        }
    }

    /// These alone.
    pub fn of(rows: Vec<(LaunchRow, Entry)>) -> Self {
        Listing {
            total: Some(rows.len() as u64),
            rows: rows.into(),
            ..Listing::default()
        }
    }

    /// Adds a row of the next page, with what the ledger has of it.
    pub fn add(&mut self, row: LaunchRow, entry: Entry) {
        self.newest = self.newest.max(row.last_modified.unwrap_or(0));
        self.ids.insert(row.id);
        if self.last_id.is_none_or(|last| row.id > last) {
            self.last_id = Some(row.id);
            self.rows.push_back((row, entry));
        }
    }

    /// The next launch to export.
    pub fn take(&mut self) -> Option<(LaunchRow, Entry)> {
        self.rows.pop_front()
    }

    /// True where a whole look listed it.
    pub fn contains(&self, id: LaunchId) -> bool {
        self.ids.contains(&id)
    }
}
