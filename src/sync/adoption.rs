//! Moving house: issues that an export from another address, or into another project, has marked become this export's own.
//! Rows and markers are derived anew; nothing is created, and texts stay as they are until the next export compares them.
//!
//! An item's issue is found by what the ledger has of the former project, or by the marker that the item had there.

use super::ctx::Ctx;
use crate::domain::{Change, Issue, IssueId, Outcome, Unit, Verdict};
use crate::error::Result;
use crate::jira::FoundIssue;
use crate::mapping::{COMMON, Marker, is_marker};
use crate::ports::Entity;
use crate::report::Output;
use crate::state::Entry;
use crate::testops::Place;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// Generations of a marker that are recognised: how often a deleted issue was created again.
const GENERATIONS: u32 = 4;

/// Where issues came from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Former {
    /// Addresses of TestOps without their schemes, as markers have them.
    pub sources: Vec<String>,
    /// Numeric ids of former destination projects.
    pub destinations: Vec<String>,
    /// Ids of issues now, by their former ids.
    pub issues: BTreeMap<IssueId, IssueId>,
}

/// What is adopted next.
#[derive(Clone, Copy, Debug)]
enum Part {
    Cases(Place),
    Launches(Place),
    /// Items that only the ledger of the former project names.
    Others,
    Done,
}

/// Adopts issues, one bounded step after the other.
pub(super) struct Adoption {
    part: Part,
    former: Former,
    /// Labelled issues of the project, by the markers on them and by id.
    by_marker: BTreeMap<Marker, Vec<IssueId>>,
    by_id: BTreeMap<IssueId, FoundIssue>,
    /// Issues that were adopted in this run.
    taken: BTreeSet<IssueId>,
}

/// An item that an issue is looked for.
struct Candidate {
    entry: Entry,
    name: String,
    /// Its row in the ledger of a former project.
    before: Option<Entry>,
}

impl Adoption {
    /// Reads the labelled issues of the project: a request per hundred.
    pub async fn open(ctx: &Ctx<'_>, former: &Former) -> Result<Self> {
        let project = &ctx.destination.project.id;
        let jql = format!("project = {project} AND labels = \"{COMMON}\" ORDER BY id ASC");
        let mut adoption = Adoption {
            part: Part::Cases(Place::default()),
            former: former.clone(),
            by_marker: BTreeMap::new(),
            by_id: BTreeMap::new(),
            taken: BTreeSet::new(),
        };
        // What moved keeps its marker under the address and the project that it has now.
        adoption.former.sources.push(ctx.source.identity().to_owned());
        adoption.former.destinations.push(project.clone());
        for issue in ctx.jira.search(&jql, &["labels"]).await? {
            for label in issue.labels().into_iter().filter(|label| is_marker(label)) {
                let marker = Marker(label.to_ascii_lowercase());
                adoption.by_marker.entry(marker).or_default().push(issue.id.clone());
            }
            adoption.by_id.insert(issue.id.clone(), issue);
        }
        Ok(adoption)
    }

    /// Adopts the next issues; `false` after the last ones.
    pub async fn step(&mut self, ctx: &Ctx<'_>, output: &mut Output) -> Result<bool> {
        match self.part {
            Part::Cases(place) => {
                let rows = ctx.source.cases(&ctx.job.test_case_aql, place).await?;
                let names = rows.rows.into_iter().map(|row| (row.id.to_string(), row.name));
                self.adopt(ctx, Entity::TestCase, names.collect(), output).await?;
                self.part = match (rows.next, ctx.job.switches.no_launches) {
                    (Some(next), _) => Part::Cases(next),
                    (None, false) => Part::Launches(Place::default()),
                    (None, true) => Part::Others,
                };
            }
            Part::Launches(place) => {
                let rows = ctx.source.launches(&ctx.job.launches_aql, place).await?;
                let names = rows.rows.into_iter().map(|row| (row.id.to_string(), row.name));
                self.adopt(ctx, Entity::Launch, names.collect(), output).await?;
                self.part = match rows.next {
                    Some(next) => Part::Launches(next),
                    None => Part::Others,
                };
            }
            Part::Others => {
                self.others(ctx, Entity::SharedStep, "Tests of shared steps", output)
                    .await?;
                self.others(ctx, Entity::Precondition, "Preconditions", output).await?;
                self.part = Part::Done;
            }
            Part::Done => return Ok(false),
        }
        Ok(true)
    }

    /// Adopts the issues of a page of cases or launches, each with its verdict.
    async fn adopt(
        &mut self,
        ctx: &Ctx<'_>,
        entity: Entity,
        names: Vec<(String, String)>,
        output: &mut Output,
    ) -> Result<()> {
        let unit = match entity {
            Entity::Launch => Unit::Launch,
            _ => Unit::TestCase,
        };
        for candidate in self.candidates(ctx, entity, names).await? {
            let (id, name) = (candidate.entry.number(), candidate.name.clone());
            let verdict = |outcome| Verdict::new(unit, id, &name, outcome);
            if let Some(issue) = candidate.entry.issue() {
                output.verdict(verdict(Outcome::Unchanged).issue(&issue));
                continue;
            }
            output.verdict(match self.find(ctx, &candidate).as_slice() {
                [] => verdict(Outcome::Skipped).because("no issue of it was found; an export creates one"),
                [id] => {
                    let id = id.clone();
                    self.take(ctx, candidate, id, verdict(Outcome::Adopted)).await?
                }
                several => {
                    let keys = several.iter().filter_map(|id| self.by_id.get(id));
                    let keys: Vec<&str> = keys.map(|issue| issue.key.as_str()).collect();
                    let why = format!(
                        "several issues could be its own: {}; delete the copies",
                        keys.join(", ")
                    );
                    verdict(Outcome::Failed).because(why)
                }
            });
        }
        Ok(())
    }

    /// Adopts issues of items that only the former ledger names. They are no items of a report: a note counts them.
    async fn others(&mut self, ctx: &Ctx<'_>, entity: Entity, what: &str, output: &mut Output) -> Result<()> {
        let mut adopted = 0;
        for destination in self.former.destinations.clone() {
            let former = ctx.ledger.of_destination(&destination);
            let mut after = None;
            while let Some(rows) = former.page(entity, &mut after).await? {
                let names = rows.iter().map(|row| (row.id().to_owned(), String::new())).collect();
                for candidate in self.candidates(ctx, entity, names).await? {
                    let id = match (candidate.entry.issue(), self.find(ctx, &candidate).as_slice()) {
                        (None, [id]) => id.clone(),
                        _ => continue,
                    };
                    let verdict = Verdict::new(Unit::TestCase, 0, "", Outcome::Adopted);
                    let verdict = self.take(ctx, candidate, id, verdict).await?;
                    adopted += u64::from(verdict.outcome == Outcome::Adopted);
                }
            }
        }
        if adopted > 0 {
            let how = if ctx.applies() { "were" } else { "would be" };
            output.note(format!("{adopted} {what} {how} adopted"));
        }
        Ok(())
    }

    /// Items with their rows, and with those that the ledger has of former projects.
    async fn candidates(&self, ctx: &Ctx<'_>, entity: Entity, names: Vec<(String, String)>) -> Result<Vec<Candidate>> {
        let (ids, names): (Vec<String>, Vec<String>) = names.into_iter().unzip();
        let entries = ctx.ledger.get(entity, &ids).await?;
        let all = entries.into_iter().zip(names);
        let mut candidates: Vec<Candidate> = all
            .map(|(entry, name)| Candidate {
                entry,
                name,
                before: None,
            })
            .collect();
        let project = &ctx.destination.project.id;
        for destination in self.former.destinations.iter().filter(|former| *former != project) {
            let rows = ctx.ledger.of_destination(destination).get(entity, &ids).await?;
            for (candidate, row) in candidates.iter_mut().zip(rows) {
                candidate.before = candidate
                    .before
                    .take()
                    .or(Some(row).filter(|row| row.issue().is_some()));
            }
        }
        Ok(candidates)
    }

    /// Ids of the issues that could be an item's own, of those that nobody took yet.
    fn find(&self, ctx: &Ctx<'_>, candidate: &Candidate) -> Vec<IssueId> {
        let mut found = BTreeSet::new();
        if let Some(issue) = candidate.before.as_ref().and_then(Entry::issue) {
            let now = self.former.issues.get(&issue.id).unwrap_or(&issue.id);
            // An id means another issue at another site, so that the label has to be there too.
            let is_ours = self.by_id.get(now).is_some_and(|there| {
                let of_migration = self.former.issues.contains_key(&issue.id) || there.key == issue.key;
                of_migration && there.labels().iter().any(|label| is_marker(label))
            });
            found.extend(is_ours.then(|| now.clone()));
        }
        if found.is_empty() {
            let markers = self.markers(ctx, &candidate.entry);
            let marked = markers.iter().filter_map(|marker| self.by_marker.get(marker));
            found.extend(marked.flatten().cloned());
        }
        found.retain(|id| !self.taken.contains(id));
        found.into_iter().collect()
    }

    /// Markers that an item's issue may have.
    fn markers(&self, ctx: &Ctx<'_>, entry: &Entry) -> Vec<Marker> {
        let mut markers = Vec::new();
        for source in &self.former.sources {
            for project in &self.former.destinations {
                markers.extend((0..GENERATIONS).map(|generation| ctx.marker_at(entry, source, project, generation)));
            }
        }
        markers
    }

    /// Makes an issue an item's own: first its label, by which it is found whatever happens next, then the row.
    async fn take(&mut self, ctx: &Ctx<'_>, candidate: Candidate, id: IssueId, verdict: Verdict) -> Result<Verdict> {
        let Candidate { mut entry, before, .. } = candidate;
        let Some(found) = self.by_id.get(&id) else {
            return Ok(verdict);
        };
        let (issue, marker) = (found.issue(), ctx.marker(&entry));
        let labels = found.labels();
        let gone: Vec<&String> = labels
            .iter()
            .filter(|label| is_marker(label) && !label.eq_ignore_ascii_case(&marker.0))
            .collect();
        if ctx.applies() {
            let remove = gone.iter().map(|label| json!({ "remove": label }));
            let edits: Vec<_> = std::iter::once(json!({ "add": marker.0 })).chain(remove).collect();
            match ctx.jira.edit(&issue.id, &json!({"update": {"labels": edits}})).await {
                Ok(()) => {}
                Err(error) if error.concerns_one_item() => {
                    return Ok(Verdict {
                        outcome: Outcome::Failed,
                        ..verdict.issue(&issue).because(error.to_string())
                    });
                }
                Err(error) => return Err(error),
            }
        }
        entry.take_over(&issue, before.as_ref());
        ctx.ledger.put_one(&mut entry).await?;
        self.taken.insert(id);
        Ok(marked(verdict, &issue, &gone, marker))
    }
}

/// The verdict with what became of the labels.
fn marked(mut verdict: Verdict, issue: &Issue, gone: &[&String], marker: Marker) -> Verdict {
    verdict.changes.push(Change {
        field: "labels",
        before: gone.first().map(|label| (*label).clone()),
        after: Some(marker.0),
    });
    verdict.issue(issue)
}
