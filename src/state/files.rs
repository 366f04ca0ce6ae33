//! What the ledger keeps of an issue's files.

use super::{Detail, KnownFiles};
use crate::digest;
use itertools::Itertools;

/// Files that are listed one by one: a row has room for 4 KiB in all.
const LISTED: usize = 32;
/// What stands instead of more.
const ALL: &str = "*";

impl Detail {
    /// Keeps what is attached: one by one, or where they are too many, a digest of all their ids.
    pub fn keep_files(&mut self, known: &KnownFiles) {
        if known.len() <= LISTED {
            self.files.clone_from(known);
            return;
        }
        let ids = known.values().map(|(_, id)| id.clone()).collect();
        self.files.clear();
        self.files.insert(ALL.to_owned(), (digest_of(ids), String::new()));
    }

    /// Files that we attached, as far as they are listed.
    pub fn known_files(&self) -> KnownFiles {
        let mut known = self.files.clone();
        known.remove(ALL);
        known
    }

    /// Files of an issue that are not ours.
    pub fn foreign_files<'i>(&self, present: impl Iterator<Item = &'i str>) -> usize {
        let present: Vec<String> = present.map(str::to_owned).collect();
        let ours = |id: &&String| self.files.values().any(|(_, ours)| ours == *id);
        let foreign = present.len() - present.iter().filter(ours).count();
        let all = self.files.get(ALL).is_some_and(|(all, _)| *all == digest_of(present));
        if all { 0 } else { foreign }
    }
}

fn digest_of(ids: Vec<String>) -> String {
    digest::short(ids.into_iter().sorted().dedup().join(",").as_bytes())
}

#[cfg(test)]
mod tests {
    use crate::state::Detail;

    fn foreign(detail: &Detail, numbers: std::ops::Range<u32>) -> usize {
        let ids: Vec<String> = numbers.map(|number| number.to_string()).collect();
        detail.foreign_files(ids.iter().map(String::as_str))
    }

    #[test]
    fn ours_are_told_from_others_whether_they_are_listed_or_too_many() {
        for number in [0, 5, 500] {
            let mut detail = Detail::default();
            let known = |id: u32| {
                (
                    format!("c{id}"),
                    ("0123456789ab".to_owned(), (1_000_000 + id).to_string()),
                )
            };
            detail.keep_files(&(0..number).map(known).collect());
            assert_eq!(foreign(&detail, 1_000_000..1_000_000 + number), 0);
            assert!(foreign(&detail, 1_000_000..1_000_001 + number) > 0);
            assert!(serde_json::to_string(&detail).unwrap().len() < 2_000);
        }
    }
}
