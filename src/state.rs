//! The ledger as the engine sees it: what a row's detail holds, and rows written with compare-and-swap.

mod creation;
mod detail;
mod files;
mod owed;

pub use creation::{Lookup, SENDING};
pub use detail::{Checkpoint, Detail, Launch, Rest, Withdrawal};
pub use files::{Files, KnownFiles};
pub use owed::Owed;

use crate::domain::IssueKey;
use crate::error::{Error, Kind, Result, Side};
use crate::mapping::Field;
use crate::ports::{Entity, Key, LedgerError, Link, Phase, Ports, PutOutcome, Row};

/// Rows a call of the ledger.
const CHUNK: usize = 1_000;

/// Bytes of a name that a row keeps: what TestOps takes of letters that need one. A row has room for 4 KiB in all.
const NAME: usize = 255;

/// A row, decoded. What decides about creates is moved by the methods of `creation` alone.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The row as it is stored, or is about to be.
    link: Link,
    /// Its detail.
    pub detail: Detail,
    /// Version in the ledger; 0: not there.
    version: u64,
}

impl Entry {
    /// An entry without a row.
    pub fn fresh(entity: Entity, destination: &str, id: &str) -> Self {
        entry(
            Key {
                entity,
                destination: destination.to_owned(),
                id: id.to_owned(),
            },
            None,
        )
    }

    /// What the row is about.
    pub fn entity(&self) -> Entity {
        self.link.key.entity
    }

    /// The source's id.
    pub fn id(&self) -> &str {
        &self.link.key.id
    }

    /// The source's id as a number; 0 where it is none.
    pub fn number(&self) -> u64 {
        self.link.key.id.parse().unwrap_or(0)
    }

    /// Key of the issue when last seen, also where it is gone.
    pub fn issue_key(&self) -> Option<&str> {
        self.link.issue_key.as_deref()
    }

    /// Takes note of the issue's key, which a move or a rename of the project changes. True where it did.
    pub fn rename(&mut self, key: &IssueKey) -> bool {
        let same = self.link.issue_key.as_deref() == Some(key.as_str());
        self.link.issue_key = Some(key.to_string());
        !same
    }

    /// Takes note of the name at the source. True where it changed.
    pub fn take_name(&mut self, name: &str) -> bool {
        let end = name.floor_char_boundary(NAME);
        let name = name.get(..end).unwrap_or(name);
        let same = self.detail.source.name == name;
        name.clone_into(&mut self.detail.source.name);
        !same
    }

    /// Nothing was ever recorded about it.
    pub fn is_new(&self) -> bool {
        self.version == 0
    }

    /// The run that created the issue.
    pub fn created_by(&self) -> Option<&str> {
        self.link.created_by.as_deref()
    }

    /// Digest of the source's list row.
    pub fn stamp(&self) -> &str {
        &self.link.stamp
    }

    /// Digest of the content last written.
    pub fn fingerprint(&self) -> &str {
        &self.link.fingerprint
    }

    /// Takes note of the source's list row and of the content that the issue has now.
    pub fn stamped(&mut self, stamp: &str, fingerprint: String) {
        stamp.clone_into(&mut self.link.stamp);
        self.link.fingerprint = fingerprint;
    }

    /// When the row was written, in milliseconds since the epoch.
    pub fn updated_at(&self) -> u64 {
        self.link.updated_at
    }

    /// Digest that was last exported, and the one that the destination showed, of a field.
    pub fn digests(&self, field: Field) -> Option<&(String, String)> {
        self.detail.fields.get(field.name())
    }
}

/// Rows of one destination.
#[derive(Clone)]
pub struct Ledger<'a> {
    ports: Ports<'a>,
    destination: String,
    /// A plan reads the ledger and changes nothing.
    read_only: bool,
}

impl<'a> Ledger<'a> {
    /// The rows of a destination project, by its numeric id.
    pub fn new(ports: Ports<'a>, destination: &str, read_only: bool) -> Self {
        Ledger {
            ports,
            destination: destination.to_owned(),
            read_only,
        }
    }

    /// The rows of another destination project.
    pub fn of_destination(&self, destination: &str) -> Self {
        Ledger {
            destination: destination.to_owned(),
            ..self.clone()
        }
    }

    /// Entries in the order of the ids; fresh ones where there is no row.
    pub async fn get(&self, entity: Entity, ids: &[String]) -> Result<Vec<Entry>> {
        let mut entries = Vec::with_capacity(ids.len());
        for chunk in ids.chunks(CHUNK) {
            let keys: Vec<Key> = chunk.iter().map(|id| self.key(entity, id)).collect();
            let rows = self.ports.links.get_many(keys.clone()).await.map_err(failed)?;
            let rows = rows.into_iter().chain(std::iter::repeat_with(|| None));
            entries.extend(keys.into_iter().zip(rows).map(|(key, row)| entry(key, row)));
        }
        Ok(entries)
    }

    /// One entry.
    pub async fn one(&self, entity: Entity, id: &str) -> Result<Entry> {
        let mut entries = self.get(entity, &[id.to_owned()]).await?;
        Ok(entries.pop().unwrap_or_else(|| entry(self.key(entity, id), None)))
    }

    /// The next page of entries by ascending id, after the id that is moved on; `None` after the last one.
    pub async fn page(&self, entity: Entity, after: &mut Option<String>) -> Result<Option<Vec<Entry>>> {
        let scan = self
            .ports
            .links
            .scan(entity, self.destination.clone(), after.take(), CHUNK as u32);
        let rows = scan.await.map_err(failed)?;
        let Some(last) = rows.last() else {
            return Ok(None);
        };
        *after = Some(last.link.key.id.clone());
        let decoded = |row: Row| entry(row.link.key.clone(), Some(row));
        Ok(Some(rows.into_iter().map(decoded).collect()))
    }

    /// Writes entries and keeps their new versions. `false` where somebody else wrote meanwhile.
    pub async fn put(&self, entries: &mut [&mut Entry]) -> Result<Vec<bool>> {
        if self.read_only {
            return Ok(vec![true; entries.len()]);
        }
        let now = self.ports.clock.now();
        let mut stored = Vec::with_capacity(entries.len());
        for chunk in entries.chunks_mut(CHUNK) {
            let mut writes = Vec::with_capacity(chunk.len());
            for entry in chunk.iter_mut() {
                entry.link.updated_at = now;
                entry.link.detail = serde_json::to_string(&entry.detail).map_err(|e| {
                    Error::new(
                        Kind::Internal,
                        Side::Host,
                        format!("a ledger row cannot be written: {e}"),
                    )
                })?;
                writes.push((entry.link.clone(), entry.version));
            }
            let outcomes = self.ports.links.put_many(writes).await.map_err(failed)?;
            for (entry, outcome) in chunk.iter_mut().zip(outcomes) {
                stored.push(match outcome {
                    PutOutcome::Stored(version) => {
                        entry.version = version;
                        true
                    }
                    PutOutcome::Conflict => false,
                });
            }
        }
        Ok(stored)
    }

    /// Writes one entry; a conflict ends the run, because another one works on the same rows.
    pub async fn put_one(&self, entry: &mut Entry) -> Result<()> {
        match self.put(&mut [entry]).await?.first() {
            Some(true) => Ok(()),
            _ => Err(
                Error::new(Kind::Ledger, Side::Host, "another run writes the same ledger rows")
                    .hint("let one export run at a time for a destination"),
            ),
        }
    }

    fn key(&self, entity: Entity, id: &str) -> Key {
        Key {
            entity,
            destination: self.destination.clone(),
            id: id.to_owned(),
        }
    }
}

fn entry(key: Key, row: Option<Row>) -> Entry {
    match row {
        Some(Row { link, version }) => {
            let detail = serde_json::from_slice(link.detail.as_bytes()).unwrap_or_default();
            Entry { link, detail, version }
        }
        None => Entry {
            link: Link {
                key,
                phase: Phase::Idle,
                issue_id: None,
                issue_key: None,
                fingerprint: String::new(),
                stamp: String::new(),
                attempt: 0,
                token: None,
                created_by: None,
                updated_at: 0,
                detail: String::new(),
            },
            detail: Detail::default(),
            version: 0,
        },
    }
}

fn failed(error: LedgerError) -> Error {
    match error {
        LedgerError::Unavailable(why) => Error::new(Kind::Ledger, Side::Host, format!("the ledger failed: {why}")),
        LedgerError::TooLarge(why) => Error::new(Kind::Ledger, Side::Host, format!("the ledger refuses a row: {why}")),
        LedgerError::LeaseLost(why) => Error::new(
            Kind::Ledger,
            Side::Host,
            format!("another run works on this destination: {why}"),
        )
        .hint("let it finish; this run wrote nothing more"),
    }
}
