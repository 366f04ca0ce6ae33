//! Issues by their keys, which a project hands out in ascending order: what no search index has to show.

use super::{FoundIssue, Jira, Project, by_marker, is_own};
use crate::domain::Issue;
use crate::error::Result;
use crate::mapping::Marker;
use crate::ports::Identity;
use crate::web::{Call, Idempotency};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

/// Keys without an issue in a row after which there is none above.
const GAPS: u64 = 200;
/// Keys per step: what `issue/bulkfetch` takes on Cloud.
const STEP: u64 = 100;
/// Issues read at a time where each needs a request.
const AT_ONCE: usize = 4;

/// From where issues are looked at without the search index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Since {
    /// Above this key number; 0: none is known.
    pub key: u64,
    /// Where no key is known: issues younger than this, in milliseconds.
    pub age: u64,
}

/// What was found without the search index.
#[derive(Clone, Debug, Default)]
pub struct Newer {
    /// Issues by the markers on them.
    pub found: BTreeMap<Marker, Vec<Issue>>,
    /// Key number above which was looked.
    pub from: u64,
    /// Highest key number that has an issue.
    pub to: u64,
    /// All keys that have an issue were looked at; otherwise those above `to` are left.
    pub whole: bool,
}

/// Issues of a project by their keys.
#[derive(Clone, Copy)]
pub struct Keys<'j>(pub(super) &'j Jira<'j>);

impl Keys<'_> {
    /// Issues of a project above a key, by their markers: read from the database until no key follows, from answers that
    /// are proven authenticated.
    pub async fn newer(self, project: &Project, since: Since) -> Result<Newer> {
        let from = match since.key {
            0 => self.newest_older_than(project, since.age).await?,
            key => key,
        };
        let (mut found, mut next, mut highest) = (Vec::new(), from + 1, from);
        while next - highest <= GAPS && next - from <= self.0.flavour.keys_per_look {
            let keys: Vec<String> = (next..next + STEP).map(|n| format!("{}-{n}", project.key)).collect();
            let issues = self.by_keys(&keys).await?;
            let numbers = issues.iter().filter_map(|issue| project.number(&issue.key));
            highest = numbers.fold(highest, u64::max);
            found.extend(issues);
            next += STEP;
        }
        Ok(Newer {
            found: by_marker(found),
            from,
            to: highest,
            whole: next - highest > GAPS,
        })
    }

    /// Issues of a project that are younger than an age in milliseconds, up to the highest key of `known`, those of `known`
    /// left out, by their markers. Where there are too many, the youngest.
    pub async fn between(self, project: &Project, age: u64, known: &BTreeSet<u64>) -> Result<Newer> {
        let from = self.newest_older_than(project, age).await?;
        let to = known.last().copied().unwrap_or(from).max(from);
        let open = (from + 1..=to).rev().filter(|number| !known.contains(number));
        let mut keys: Vec<String> = open.map(|number| format!("{}-{number}", project.key)).collect();
        let most = usize::try_from(self.0.flavour.keys_per_look).unwrap_or(usize::MAX);
        let whole = keys.len() <= most;
        keys.truncate(most);
        let mut found = Vec::new();
        for chunk in keys.chunks(STEP as usize) {
            found.extend(self.by_keys(chunk).await?);
        }
        let found = by_marker(found);
        Ok(Newer { found, from, to, whole })
    }

    /// True where issues have keys above the highest one that the index shows: it lags.
    pub async fn index_lags(self, project: &Project) -> Result<bool> {
        let newest = self
            .0
            .first(&format!("project = {} ORDER BY key DESC", project.id))
            .await?;
        let newest = newest.and_then(|issue| project.number(&issue.key)).unwrap_or(0);
        let looked = if self.0.flavour.bulk_fetch {
            STEP
        } else {
            AT_ONCE as u64
        };
        let keys = (newest + 1..=newest + looked).map(|number| format!("{}-{number}", project.key));
        let keys: Vec<String> = keys.collect();
        Ok(!self.by_keys(&keys).await?.is_empty())
    }

    /// Highest key number that the index shows among issues of at least an age, in milliseconds; 0: it shows none. An
    /// index that is behind gives a lower one, which only makes the way longer.
    async fn newest_older_than(self, project: &Project, age: u64) -> Result<u64> {
        let minutes = age.div_ceil(60_000);
        let jql = format!(
            "project = {} AND created <= \"-{minutes}m\" ORDER BY key DESC",
            project.id
        );
        let newest = self.0.first(&jql).await?;
        Ok(newest.and_then(|issue| project.number(&issue.key)).unwrap_or(0))
    }

    async fn by_keys(self, keys: &[String]) -> Result<Vec<FoundIssue>> {
        if self.0.flavour.bulk_fetch {
            return self.0.bulk_fetch(keys, &["labels"]).await;
        }
        let proven = &Cell::new(true);
        let reads = keys.iter().map(|key| async move {
            let call = Call::get(self.0.path(&format!("issue/{key}"))).query("fields", "labels");
            let response = self.0.client().answer(call, Idempotency::Safe).await?;
            match response.status {
                200 => self
                    .0
                    .client()
                    .decode(&response, "GET issue", Idempotency::Safe)
                    .map(Some),
                404 if is_own(&response) => {
                    proven.set(proven.get() && response.identity == Identity::Authenticated);
                    Ok(None)
                }
                404 => Err(self.0.client().not_from_product(&response, "GET issue")),
                _ => Err(self.0.client().refusal(&response, "GET issue")),
            }
        });
        let issues: Vec<Option<FoundIssue>> = stream::iter(reads).buffered(AT_ONCE).try_collect().await?;
        if !proven.get() {
            self.0.myself().await?;
        }
        Ok(issues.into_iter().flatten().collect())
    }
}
