//! Test cases: list, look up, read what moved, decide, write.
//!
//! What is held at a time is a page of rows and one batch of contents, never the whole export. Of the whole export only the
//! ids of the cases in scope are kept, eight bytes each, for the launches.

use super::decide;
use super::files;
use super::lookup::{self, THEIRS};
use super::preconditions::Link;
use super::{Mode, Run};
use crate::domain::{CaseId, CaseRow, File, IssueId, Outcome, TestCase, TestKey, Unit, Verdict};
use crate::error::Result;
use crate::mapping::{self, Content, Context, Field, Marker, Options};
use crate::ports::{Entity, Pending, Stage};
use crate::state::{Entry, Lookup};
use crate::target::{Destination, Remote, Update};
use futures_util::stream::{self, StreamExt};

/// Contents that are held before they are written.
const BATCH: usize = 1_000;
/// Bytes of content that are held before they are written.
const BATCH_BYTES: usize = 4 << 20;
/// Tests a read at the destination.
pub(super) const READ: usize = 100;
/// Details read at a time.
const AT_ONCE: usize = 8;
/// All cases are read in full after so long, in milliseconds: some edits move no date in TestOps.
const FULL_EVERY: u64 = 24 * 60 * 60_000;

/// A case on its way.
pub(super) struct Item {
    pub row: CaseRow,
    pub entry: Entry,
    pub marker: Marker,
    pub content: Content,
    /// Files that the issue should have.
    pub files: Vec<File>,
    pub shared: bool,
    pub test_keys: Vec<TestKey>,
    pub link: Link,
    /// Shared steps that it calls, or their Tests, are not settled.
    pub calls_open: bool,
    /// A Test that it calls says something else than its shared step.
    pub calls_differ: bool,
    pub remote: Option<Remote>,
    /// The Jira status that the case asks for, and the one that its issue has.
    pub status: Option<String>,
    pub there: Option<String>,
}

impl Item {
    /// A test case; otherwise a shared step.
    pub fn is_case(&self) -> bool {
        self.entry.entity() == Entity::TestCase
    }

    pub fn verdict(&self, outcome: Outcome) -> Verdict {
        let mut verdict = Verdict::new(Unit::TestCase, self.row.id.0, &self.row.name, outcome);
        verdict.notes.clone_from(&self.content.losses);
        match self.entry.issue() {
            Some(issue) => verdict.issue(&issue),
            None => verdict,
        }
    }

    /// Brings the entry in step with what was written and what the destination tells of it.
    pub fn synced(&mut self, remote: &Remote, written: &[Field], project: &Destination) {
        let same = remote.digests.get(&Field::Steps) == self.content.digests().get(&Field::Steps);
        if written.contains(&Field::Steps) || same && self.entry.detail.steps.is_empty() {
            self.entry.detail.steps = decide::our_steps(remote, self.remote.as_ref());
        }
        let kept = self.entry.digests(Field::Precondition).cloned();
        self.entry.detail.fields = decide::recorded(&self.content, &self.entry, remote, written);
        let told = self.link.record(&mut self.entry, kept, remote, project);
        self.content.losses.extend(told);
        self.entry.detail.shared = self.shared;
        self.entry.detail.calls_pending = self.calls_open;
        let detail = &mut self.entry.detail;
        detail.files_pending = detail.files_until > 0 || detail.files_stamp != files::stamp(&self.files);
        self.entry.stamped(&self.row.stamp, fingerprint(&self.content));
        self.entry.rename(&remote.issue.key);
        self.entry.sync();
    }
}

fn fingerprint(content: &Content) -> String {
    let all: Vec<String> = content.digests().into_values().collect();
    crate::digest::short(all.join(",").as_bytes())
}

/// The cases in scope.
#[derive(Default)]
pub(super) struct Scope {
    /// Ascending ids.
    pub ids: Vec<CaseId>,
    /// When a run last began to link cases, in milliseconds since the epoch.
    pub linked_at: u64,
}

impl Scope {
    /// Digest of the cases in it.
    pub fn digest(&self) -> String {
        let ids: Vec<u8> = self.ids.iter().flat_map(|id| id.0.to_le_bytes()).collect();
        crate::digest::short(&ids)
    }
}

/// What is collected until it is written.
#[derive(Default)]
struct Batch {
    items: Vec<Item>,
    bytes: usize,
}

impl Run<'_> {
    /// Exports all test cases in scope.
    pub(super) async fn export_cases(&self) -> Result<Scope> {
        let mut checkpoint = self.ledger.one(Entity::Checkpoint, "test-cases").await?;
        let shared_steps = self.source.shared_steps_stamp().await?;
        let now = self.ports.clock.now();
        let full = self.job.full
            || self.job.mode == Mode::Verify
            || now.saturating_sub(checkpoint.detail.full_at) > FULL_EVERY;
        let shared_moved = shared_steps != checkpoint.detail.shared_steps;
        let mut scope = Scope::default();
        let mut batch = Batch::default();
        for page in 0.. {
            let rows = self.source.cases(&self.job.test_case_aql, page).await?;
            let last = rows.last;
            let fresh = unseen(rows.rows, scope.ids.last().copied());
            scope.ids.extend(fresh.iter().map(|row| row.id));
            self.in_scope.set(rows.total.unwrap_or(0).max(scope.ids.len() as u64));
            self.recorder
                .progress(Stage::ReadingCases, scope.ids.len() as u64, rows.total)
                .await;
            let moved = self.compare(fresh, |entry, row| {
                full || entry.stamp() != row.stamp || entry.detail.unfinished() || (shared_moved && entry.detail.shared)
            });
            let moved = moved.await?;
            self.read_details(moved, &mut batch).await?;
            if last {
                break;
            }
        }
        self.write(&mut batch).await?;
        if full {
            self.tell_departed(&scope).await?;
        }
        checkpoint.detail.shared_steps = shared_steps;
        if full {
            checkpoint.detail.full_at = now;
        }
        self.ledger.put_one(&mut checkpoint).await?;
        scope.linked_at = self.linked_at().await?;
        Ok(scope)
    }

    /// Settles what needs no details, and gives the cases that do.
    async fn compare(
        &self,
        rows: Vec<CaseRow>,
        moved: impl Fn(&Entry, &CaseRow) -> bool,
    ) -> Result<Vec<(CaseRow, Entry, Marker)>> {
        let ids: Vec<String> = rows.iter().map(|row| row.id.to_string()).collect();
        let entries = self.ledger.get(Entity::TestCase, &ids).await?;
        let keys = entries.iter().filter_map(|entry| entry.issue_key());
        keys.for_each(|key| self.notice(&key.into()));
        let mut cases: Vec<(CaseRow, Entry, Marker)> = rows
            .into_iter()
            .zip(entries)
            .map(|(row, entry)| {
                let generation = entry.generation(self.job.recreate);
                let marker =
                    Marker::test_case(self.source.identity(), &self.destination.project_id, row.id, generation);
                (row, entry, marker)
            })
            .collect();
        let mut unlinked: Vec<(&mut Entry, Marker)> = Vec::new();
        let mut places = Vec::new();
        for (place, (_, entry, marker)) in cases.iter_mut().enumerate() {
            if entry.issue().is_none() {
                places.push(place);
                unlinked.push((entry, marker.clone()));
            }
        }
        let lookups = self.look_up(&mut unlinked).await?;
        let mut standing: Vec<Lookup> = vec![Lookup::Found; cases.len()];
        for (place, found) in places.into_iter().zip(lookups) {
            if let Some(slot) = standing.get_mut(place) {
                *slot = found;
            }
        }
        let (mut wanted, mut still) = (Vec::new(), Vec::new());
        for ((row, entry, marker), standing) in cases.into_iter().zip(standing) {
            if let Some(verdict) = lookup::verdict(&standing, Unit::TestCase, row.id.0, &row.name) {
                self.recorder.verdict(verdict).await;
            } else if standing == Lookup::Absent && self.job.no_create {
                let why = "it was not exported before, and Disable Test Case create is on";
                self.recorder
                    .verdict(Verdict::new(Unit::TestCase, row.id.0, &row.name, Outcome::Skipped).because(why))
                    .await;
            } else if entry.is_synced() && !moved(&entry, &row) {
                still.push((row, entry, marker));
            } else {
                wanted.push((row, entry, marker));
            }
        }
        self.check_still(still, &mut wanted).await?;
        Ok(wanted)
    }

    /// Cases that did not move at the source: their Tests are looked at, so that what people did there is told.
    async fn check_still(
        &self,
        mut still: Vec<(CaseRow, Entry, Marker)>,
        wanted: &mut Vec<(CaseRow, Entry, Marker)>,
    ) -> Result<()> {
        while !still.is_empty() {
            let chunk: Vec<_> = still.drain(..still.len().min(READ)).collect();
            let ids: Vec<IssueId> = chunk
                .iter()
                .filter_map(|(_, entry, _)| entry.issue().map(|issue| issue.id))
                .collect();
            let remotes = self.target.read(&ids).await?;
            self.unexpected(remotes.iter().filter(|remote| remote.is_none()).count())?;
            for ((row, mut entry, marker), remote) in chunk.into_iter().zip(remotes) {
                match remote {
                    None => self.orphan(&row, entry).await?,
                    Some(remote) if decide::marker_missing(&remote, &marker) => wanted.push((row, entry, marker)),
                    Some(remote) => {
                        if entry.rename(&remote.issue.key) {
                            self.ledger.put_one(&mut entry).await?;
                        }
                        let mut verdict = Verdict::new(Unit::TestCase, row.id.0, &row.name, Outcome::Unchanged);
                        verdict.notes =
                            decide::edits(&entry, &remote, &self.job.options.policies, &self.destination.plan);
                        verdict.notes.extend(self.moved_away(&remote));
                        self.recorder.verdict(verdict.issue(&remote.issue)).await;
                    }
                }
            }
        }
        Ok(())
    }

    fn moved_away(&self, remote: &Remote) -> Option<String> {
        let elsewhere = !remote.project_id.is_empty() && remote.project_id != self.destination.project_id;
        elsewhere.then(|| format!("its issue was moved to another project and is {} now", remote.issue.key))
    }

    /// Records that an issue is gone. It is not created again unless a person asks.
    async fn orphan(&self, row: &CaseRow, mut entry: Entry) -> Result<()> {
        let key = entry.issue_key().unwrap_or_default().to_owned();
        entry.orphan();
        self.ledger.put_one(&mut entry).await?;
        let why = format!("its issue {key} was deleted in Jira, or is hidden from the account");
        let verdict = match self.job.mode {
            Mode::Verify => Verdict::new(Unit::TestCase, row.id.0, &row.name, Outcome::Created).because(why),
            _ => Verdict::new(Unit::TestCase, row.id.0, &row.name, Outcome::Skipped)
                .because(format!("{why}; it is created again only with --recreate")),
        };
        self.recorder.verdict(verdict).await;
        Ok(())
    }

    /// Reads the details of cases, a few at a time and in order, and writes whenever enough are together.
    async fn read_details(&self, cases: Vec<(CaseRow, Entry, Marker)>, batch: &mut Batch) -> Result<()> {
        let mut details = stream::iter(cases)
            .map(|(row, entry, marker)| async move {
                let case = self.details(row.id).await;
                (row, entry, marker, case)
            })
            .buffered(AT_ONCE);
        while let Some((row, entry, marker, case)) = details.next().await {
            match case {
                Ok(mut case) => {
                    mapping::choose_files(&mut case, &self.job.options.files);
                    let url = self.source.case_url(row.id);
                    let content = mapping::test(&case, &self.context(&url, &self.job.options));
                    let mut content = content.restricted(&self.job.options.policies, entry.issue().is_some());
                    let name = format!("test-case-{}", row.id);
                    mapping::with_full_text(&mut case.files, &mut content, &name, &self.job.options.files);
                    let texts = case.files.iter().filter_map(|file| file.text.as_ref());
                    batch.bytes += content.size() + texts.map(String::len).sum::<usize>();
                    let shared = case.uses_shared_steps;
                    let status = self.job.options.jira_status(case.attributes.status.as_deref());
                    if entry.issue().is_none() && status.is_some() {
                        self.advanced.set(self.advanced.get() + 1);
                    }
                    let status = status.map(str::to_owned);
                    let test_keys = case.attributes.test_keys;
                    batch.items.push(Item {
                        row,
                        entry,
                        marker,
                        content,
                        files: std::mem::take(&mut case.files),
                        shared,
                        test_keys,
                        link: Link::default(),
                        calls_open: false,
                        calls_differ: false,
                        remote: None,
                        status,
                        there: None,
                    });
                }
                Err(error) if error.concerns_one_item() => {
                    let verdict = Verdict::new(Unit::TestCase, row.id.0, &row.name, Outcome::Failed);
                    self.recorder.verdict(verdict.because(error.to_string())).await;
                }
                Err(error) => return Err(error),
            }
            if batch.items.len() >= BATCH || batch.bytes >= BATCH_BYTES {
                self.write(batch).await?;
            }
        }
        Ok(())
    }

    /// What contents depend on beside their case.
    pub(super) fn context<'c>(&'c self, url: &'c str, options: &'c Options) -> Context<'c> {
        Context {
            url,
            testops: self.source.base(),
            dialect: self.target.dialect(),
            cucumber: self.destination.cucumber,
            options,
            plan: &self.destination.plan,
            site: &self.job.site,
        }
    }

    /// A case, with the steps of its last run where it has no others and they are wanted.
    async fn details(&self, id: CaseId) -> Result<TestCase> {
        let mut case = self.source.case(id).await?;
        if self.job.options.scenario.automated_steps && case.automated && !case.has_manual_scenario {
            case.last_run = self.source.last_run(id).await?;
        }
        Ok(case)
    }

    async fn write(&self, batch: &mut Batch) -> Result<()> {
        batch.bytes = 0;
        self.resolve(&mut batch.items).await?;
        self.settle_preconditions(&mut batch.items).await?;
        self.settle_calls(&mut batch.items).await?;
        self.write_items(std::mem::take(&mut batch.items)).await
    }

    /// Updates Tests that exist and creates those that do not. Boxed like [`Run::resolve`].
    pub(super) fn write_items(&self, items: Vec<Item>) -> Pending<'_, Result<()>> {
        Box::pin(self.write_all(items))
    }

    async fn write_all(&self, items: Vec<Item>) -> Result<()> {
        let (known, new): (Vec<Item>, Vec<Item>) = items.into_iter().partition(|item| item.entry.issue().is_some());
        let mut known = known.into_iter();
        loop {
            let chunk: Vec<Item> = known.by_ref().take(READ).collect();
            if chunk.is_empty() {
                break;
            }
            self.update(chunk).await?;
        }
        self.create(new).await
    }

    /// Brings Tests that exist in step.
    async fn update(&self, items: Vec<Item>) -> Result<()> {
        self.recorder.progress(Stage::Comparing, items.len() as u64, None).await;
        let ids: Vec<IssueId> = items
            .iter()
            .filter_map(|item| item.entry.issue().map(|issue| issue.id))
            .collect();
        let remotes = self.target.read(&ids).await?;
        self.unexpected(remotes.iter().filter(|remote| remote.is_none()).count())?;
        let (mut changed, mut settled) = (Vec::new(), Vec::new());
        for (mut item, remote) in items.into_iter().zip(remotes) {
            let Some(mut remote) = remote else {
                self.orphan(&item.row, item.entry).await?;
                continue;
            };
            item.there.clone_from(&remote.status);
            let mut decision = decide::fields(
                &item.content,
                &item.entry,
                &remote,
                &item.marker,
                &self.job.options.policies,
            );
            self.relink(&mut item, &remote, &mut decision);
            self.unexpected(usize::from(decision.overwrites()))?;
            item.content.losses.append(&mut decision.notes(&self.destination.plan));
            if decision.write.contains(&Field::Steps) {
                let added = decide::added_steps(&mut remote, &item.entry, &self.job.options.policies);
                item.content.losses.extend(added);
            }
            item.content.fields.keep(&decision.members);
            item.content.losses.extend(self.moved_away(&remote));
            let mut fields = if self.job.mode == Mode::Verify {
                decision.differing()
            } else {
                decision.write
            };
            // Steps of Tests that it calls are steps of this one.
            if self.job.mode == Mode::Verify && item.calls_differ && !fields.contains(&Field::Steps) {
                fields.push(Field::Steps);
            }
            if fields.is_empty() {
                item.synced(&remote, &[], &self.destination);
                settled.push(item);
            } else {
                item.remote = Some(remote);
                changed.push((item, fields));
            }
        }
        let stored = self
            .ledger
            .put(&mut settled.iter_mut().map(|item| &mut item.entry).collect::<Vec<_>>())
            .await?;
        self.write_test_keys(settled.iter_mut()).await;
        for (mut item, stored) in settled.into_iter().zip(stored) {
            let beside = self.beside(&mut item, stored).await?;
            let verdict = match beside.is_empty() {
                true => item.verdict(Outcome::Unchanged),
                false => with_fields(item.verdict(Outcome::Updated), &[], &beside),
            };
            self.recorder.verdict(recorded(verdict, stored)).await;
        }
        self.write_changes(changed).await
    }

    async fn write_changes(&self, changed: Vec<(Item, Vec<Field>)>) -> Result<()> {
        if changed.is_empty() {
            return Ok(());
        }
        if self.job.mode.reads_only() {
            let of_xray = |field: &Field| {
                matches!(
                    field,
                    Field::Kind | Field::Definition | Field::Steps | Field::Precondition
                )
            };
            for (mut item, fields) in changed {
                let files = item.entry.detail.files_stamp != files::stamp(&item.files);
                let mut beside: Vec<&str> = files.then_some(ATTACHMENTS).into_iter().collect();
                beside.extend(self.advance(&mut item).await?.then_some(STATUS));
                let restructured = u64::from(fields.iter().any(of_xray));
                self.restructured.set(self.restructured.get() + restructured);
                self.recorder
                    .verdict(with_fields(item.verdict(Outcome::Updated), &fields, &beside))
                    .await;
            }
            return Ok(());
        }
        self.recorder
            .progress(Stage::WritingCases, 0, Some(changed.len() as u64))
            .await;
        let updates: Vec<Update<'_>> = changed
            .iter()
            .filter_map(|(item, fields)| {
                let remote = item.remote.as_ref()?;
                Some(Update {
                    remote,
                    content: &item.content,
                    fields,
                    relink: &item.link.relink,
                    marker: &item.marker,
                })
            })
            .collect();
        let results = self.target.update(&updates).await?;
        drop(updates);
        let mut written = Vec::new();
        for ((item, fields), result) in changed.into_iter().zip(results) {
            match result {
                Ok(()) => written.push((item, fields)),
                Err(error) => {
                    self.recorder
                        .verdict(item.verdict(Outcome::Failed).because(error.to_string()))
                        .await
                }
            }
        }
        self.record_written(written, Outcome::Updated).await
    }

    /// Brings in step what is not written with the fields: files first, because a status may forbid edits. Gives what
    /// changed.
    async fn beside(&self, item: &mut Item, stored: bool) -> Result<Vec<&'static str>> {
        if !stored {
            return Ok(Vec::new());
        }
        let files = self.attach(item).await?.then_some(ATTACHMENTS);
        let status = self.advance(item).await?.then_some(STATUS);
        Ok(files.into_iter().chain(status).collect())
    }

    /// Reads back what was written, records it, and gives the verdicts.
    pub(super) async fn record_written(&self, mut written: Vec<(Item, Vec<Field>)>, outcome: Outcome) -> Result<()> {
        while !written.is_empty() {
            let mut chunk: Vec<(Item, Vec<Field>)> = written.drain(..written.len().min(READ)).collect();
            let ids: Vec<IssueId> = chunk
                .iter()
                .filter_map(|(item, _)| item.entry.issue().map(|issue| issue.id))
                .collect();
            let remotes = self.target.read(&ids).await?;
            for ((item, fields), remote) in chunk.iter_mut().zip(remotes) {
                match remote {
                    Some(remote) if decide::marker_missing(&remote, &item.marker) => {
                        item.content
                            .losses
                            .push("the issue does not carry its marker; another run may have written it".to_owned());
                    }
                    Some(remote) => {
                        item.content.losses.extend(decide::misplaced(&item.content, &remote));
                        item.there.clone_from(&remote.status);
                        item.synced(&remote, fields, &self.destination);
                    }
                    None => item
                        .content
                        .losses
                        .push("the issue could not be read back yet; the next run does".to_owned()),
                }
            }
            let stored = self
                .ledger
                .put(&mut chunk.iter_mut().map(|(item, _)| &mut item.entry).collect::<Vec<_>>())
                .await?;
            self.write_test_keys(chunk.iter_mut().map(|(item, _)| item)).await;
            for ((mut item, fields), stored) in chunk.into_iter().zip(stored) {
                let beside = self.beside(&mut item, stored).await?;
                let verdict = item.verdict(outcome);
                let verdict = match outcome {
                    Outcome::Updated => with_fields(verdict, &fields, &beside),
                    _ => verdict,
                };
                let verdict = recorded(verdict, stored);
                self.recorder.verdict(verdict).await;
            }
        }
        Ok(())
    }
}

/// What a verdict calls files and the status in the workflow.
const ATTACHMENTS: &str = "attachments";
const STATUS: &str = "status";

fn with_fields(mut verdict: Verdict, fields: &[Field], beside: &[&'static str]) -> Verdict {
    verdict.fields = fields.iter().map(|field| field.name()).collect();
    verdict.fields.extend(beside);
    verdict
}

/// A verdict about what the servers hold, told also where its row is somebody else's by now.
fn recorded(mut verdict: Verdict, stored: bool) -> Verdict {
    if !stored {
        verdict.notes.push(THEIRS.to_owned());
    }
    verdict
}

/// Rows that no earlier page had. Pages drift while cases are deleted; the order is by ascending id.
fn unseen(rows: Vec<CaseRow>, last: Option<CaseId>) -> Vec<CaseRow> {
    rows.into_iter()
        .filter(|row| last.is_none_or(|last| row.id > last))
        .collect()
}
