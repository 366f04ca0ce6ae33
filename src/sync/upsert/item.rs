//! What is known of a case, or of a shared step, until its Test is written.

use super::files;
use crate::domain::{CaseRow, File, Outcome, TestKey, Unit, Verdict};
use crate::mapping::{Content, Field, Marker};
use crate::ports::Entity;
use crate::state::Entry;
use crate::sync::decide;
use crate::sync::preconditions::Link;
use crate::sync::{test_sets, test_versions};
use crate::target::{Capability, Destination, RemoteTest};

/// Calls of other Tests.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::sync) struct Calls {
    /// The case uses shared steps.
    pub uses: bool,
    /// Shared steps that it calls, or their Tests, are not settled.
    pub open: bool,
    /// A Test that it calls differs from its shared step.
    pub differ: bool,
}

/// A status in Jira's workflow.
#[derive(Clone, Debug, Default)]
pub(in crate::sync) struct Workflow {
    /// The one that the case asks for.
    pub wanted: Option<String>,
    /// The one that the issue has.
    pub there: Option<String>,
}

/// What names the Test that may be a case's own.
#[derive(Clone, Debug, Default)]
pub(in crate::sync) struct Candidates {
    /// Its keys in other test management systems.
    pub test_keys: Vec<TestKey>,
    /// The key that a custom field holds.
    pub of_field: Option<String>,
}

/// A case, or a shared step, on its way to its Test.
pub(in crate::sync) struct Item {
    pub row: CaseRow,
    pub entry: Entry,
    pub marker: Marker,
    pub content: Content,
    /// Files that the issue should have.
    pub files: Vec<File>,
    /// Tests that may be its own.
    pub candidates: Candidates,
    /// Its Precondition.
    pub link: Link,
    pub calls: Calls,
    pub workflow: Workflow,
    /// How its Test stands.
    pub remote: Option<RemoteTest>,
    /// Digest of the content as the source has it, before the destination was asked about anything.
    pub source: String,
}

impl Item {
    /// True where a create of many cannot express its Test.
    pub fn is_single(&self, capability: &Capability) -> bool {
        let procedure = &self.content.procedure;
        procedure.has_calls() || !capability.creates_step_fields && procedure.has_step_fields()
    }

    /// An item of which nothing is settled yet.
    pub fn new(row: CaseRow, entry: Entry, marker: Marker, content: Content, files: Vec<File>) -> Self {
        let source = fingerprint(&content);
        Item {
            row,
            entry,
            marker,
            content,
            files,
            candidates: Candidates::default(),
            link: Link::default(),
            calls: Calls::default(),
            workflow: Workflow::default(),
            remote: None,
            source,
        }
    }

    /// A test case; otherwise a shared step.
    pub fn is_case(&self) -> bool {
        self.entry.entity() == Entity::TestCase
    }

    /// Bytes of text, to bound what is held at once.
    pub fn size(&self) -> usize {
        let texts = self.files.iter().filter_map(|file| file.text.as_ref());
        self.content.size() + texts.map(String::len).sum::<usize>()
    }

    pub fn verdict(&self, outcome: Outcome) -> Verdict {
        let mut verdict = Verdict::new(Unit::TestCase, self.row.id.0, &self.row.name, outcome);
        verdict.notes.clone_from(&self.content.losses);
        match self.entry.issue() {
            Some(issue) => verdict.issue(&issue),
            None => verdict,
        }
    }

    /// Brings the entry in step with what was written and how the Test stands then.
    pub fn synced(&mut self, remote: &RemoteTest, written: &[Field], project: &Destination) {
        let same = remote.digests.get(&Field::Steps) == self.content.digests().get(&Field::Steps);
        if written.contains(&Field::Steps) || same && self.entry.detail.steps.is_empty() {
            self.entry.detail.steps = decide::our_steps(remote, self.remote.as_ref());
        }
        test_sets::check(self, remote, project);
        test_versions::keep(&mut self.entry, remote);
        let kept = self.entry.digests(Field::Precondition).cloned();
        let unwritten = test_versions::unwritten(&self.entry, remote);
        self.entry.detail.fields = decide::recorded(&self.content, &self.entry, remote, written);
        self.entry.detail.fields.extend(unwritten);
        let open = self.link.record(&mut self.entry, kept, remote, project);
        self.content.losses.extend(open);
        let detail = &mut self.entry.detail;
        detail.relations.shared = self.calls.uses;
        detail.relations.calls_pending = self.calls.open;
        detail.files.pending = detail.files.until > 0 || detail.files.stamp != files::stamp(&self.files);
        self.entry.stamped(&self.row.stamp, fingerprint(&self.content));
        self.entry.rename(&remote.issue.key);
        self.entry.take_name(&self.row.name);
        self.entry.detail.test.updated = remote.updated;
        self.entry.sync();
    }
}

fn fingerprint(content: &Content) -> String {
    let all: Vec<String> = content.digests().into_values().collect();
    crate::digest::short(all.join(",").as_bytes())
}
