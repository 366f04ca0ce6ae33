//! What the ledger keeps of an issue's files.

use super::Owed;
use crate::digest;
use crate::json::is_default;
use itertools::Itertools;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Attached files: by what each is at the source, 12 digits of the SHA-256 of its name, size and content, and its id at
/// the destination.
pub type KnownFiles = BTreeMap<String, (String, String)>;

/// Files of an issue, or evidence of the runs of a launch.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Files {
    /// Files that we attached; see [`Files::keep`].
    #[serde(rename = "fe", skip_serializing_if = "BTreeMap::is_empty")]
    pub known: KnownFiles,
    /// Digest of the files that TestOps had when the issue was last brought in step.
    #[serde(rename = "fs", skip_serializing_if = "is_default")]
    pub stamp: String,
    /// What TestOps has is not attached yet.
    #[serde(rename = "fp", skip_serializing_if = "is_default")]
    pub pending: bool,
    /// Files that could not be brought there.
    #[serde(rename = "fo", skip_serializing_if = "is_default")]
    pub owed: Owed,
    /// An upload was sent and nobody knows what became of it. Until this time, in milliseconds since the epoch, it may
    /// still appear; 0: none is outstanding.
    #[serde(rename = "fu", skip_serializing_if = "is_default")]
    pub until: u64,
}

/// Files that are listed one by one: a row has room for 4 KiB in all.
const LISTED: usize = 32;
/// What stands instead of more.
const ALL: &str = "*";

impl Files {
    /// Keeps what is attached: one by one, or where they are too many, a digest of all their ids.
    pub fn keep(&mut self, known: &KnownFiles) {
        if known.len() <= LISTED {
            self.known.clone_from(known);
            return;
        }
        let ids = known.values().map(|(_, id)| id.clone()).collect();
        self.known.clear();
        self.known.insert(ALL.to_owned(), (digest_of(ids), String::new()));
    }

    /// Files that we attached, as far as they are listed.
    pub fn listed(&self) -> KnownFiles {
        let mut known = self.known.clone();
        known.remove(ALL);
        known
    }

    /// Files of an issue that are not ours.
    pub fn foreign<'i>(&self, present: impl Iterator<Item = &'i str>) -> usize {
        let present: Vec<String> = present.map(str::to_owned).collect();
        let ours = |id: &&String| self.known.values().any(|(_, ours)| ours == *id);
        let foreign = present.len() - present.iter().filter(ours).count();
        let all = self.known.get(ALL).is_some_and(|(all, _)| *all == digest_of(present));
        if all { 0 } else { foreign }
    }
}

fn digest_of(ids: Vec<String>) -> String {
    digest::short(ids.into_iter().sorted().dedup().join(",").as_bytes())
}

#[cfg(test)]
mod tests {
    use super::Files;

    fn foreign(files: &Files, numbers: std::ops::Range<u32>) -> usize {
        let ids: Vec<String> = numbers.map(|number| number.to_string()).collect();
        files.foreign(ids.iter().map(String::as_str))
    }

    #[test]
    fn ours_are_set_apart_from_others_whether_they_are_listed_or_too_many() {
        for number in [0, 5, 500] {
            let mut files = Files::default();
            let known = |id: u32| {
                (
                    format!("c{id}"),
                    ("0123456789ab".to_owned(), (1_000_000 + id).to_string()),
                )
            };
            files.keep(&(0..number).map(known).collect());
            assert_eq!(foreign(&files, 1_000_000..1_000_000 + number), 0);
            assert!(foreign(&files, 1_000_000..1_000_001 + number) > 0);
            assert!(serde_json::to_string(&files).unwrap().len() < 2_000);
        }
    }
}
