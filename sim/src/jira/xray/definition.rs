//! What a test consists of.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::settings::TestType;
use super::version::TestVersion;
use super::{Xray, entities};
use crate::jira::id::{IssueId, Millis};
use crate::jira::issue::StoredFile;

/// A manual step.
#[derive(Clone, Debug, Default)]
pub struct Step {
    /// A number on Data Center, a UUID on Cloud. Unique on the site.
    pub id: String,
    /// What to do; wiki markup.
    pub action: String,
    /// With what.
    pub data: String,
    /// What is expected.
    pub result: String,
    /// Further columns by their name as configured.
    pub custom: BTreeMap<String, Value>,
    /// Files of the step.
    pub attachments: Vec<StoredFile>,
    /// The test called by this step instead.
    pub call_test: Option<IssueId>,
}

/// The definition of a test at one time; runs keep the one they were created with.
#[derive(Clone, Debug)]
pub struct Definition {
    /// The type, copied from the settings.
    pub test_type: TestType,
    /// Steps in order; kept, though not shown, while the type is of another kind.
    pub steps: Vec<Step>,
    /// Gherkin body.
    pub gherkin: String,
    /// `scenario` or `scenario_outline`.
    pub scenario_type: String,
    /// Definition of an unstructured test.
    pub unstructured: String,
}

/// Xray's part of a Test issue.
#[derive(Clone, Debug)]
pub struct TestData {
    /// The default version.
    pub version: TestVersion,
    /// Its definition.
    pub definition: Arc<Definition>,
    /// The other versions with theirs.
    pub others: Vec<(TestVersion, Arc<Definition>)>,
    /// When Xray's part was last changed.
    pub modified: Millis,
}

impl TestData {
    /// All versions with their definitions, the default first.
    pub fn versions(&self) -> impl Iterator<Item = (&TestVersion, &Arc<Definition>)> {
        let others = self.others.iter().map(|(version, definition)| (version, definition));
        std::iter::once((&self.version, &self.definition)).chain(others)
    }
}

/// Xray's part of a Precondition issue.
#[derive(Clone, Debug)]
pub struct PreconditionData {
    /// The type, copied from the settings.
    pub test_type: TestType,
    /// The text.
    pub definition: String,
    /// When Xray's part was last changed.
    pub modified: Millis,
}

impl Xray {
    /// A test's data; `None` when the issue is not a Test or Xray does not know it (yet).
    #[must_use]
    pub fn test(&self, issue: IssueId) -> Option<&TestData> {
        self.tests.get(&issue)
    }

    /// Changes the default definition of a test; `None` when the issue is not a Test. Existing runs keep the old one.
    pub fn define<T>(&mut self, issue: IssueId, now: Millis, change: impl FnOnce(&mut Definition) -> T) -> Option<T> {
        self.define_version(issue, None, now, change)
    }

    /// Replaces the steps of a test's default version; every step gets a fresh id.
    pub fn set_steps(&mut self, issue: IssueId, now: Millis, steps: Vec<Step>) {
        self.set_steps_of(issue, None, now, steps);
    }

    /// Appends a step to a test's default version and returns its id.
    pub fn add_step(&mut self, issue: IssueId, now: Millis, step: Step) -> Option<String> {
        self.add_step_to(issue, None, now, step)
    }

    /// The test and the version that a step belongs to.
    #[must_use]
    pub fn owner_of_step(&self, step: &str) -> Option<(IssueId, u32)> {
        let (test, version) = *self.step_owner.get(step)?;
        let definition = self.definition(test, Some(version))?;
        definition.steps.iter().any(|s| s.id == step).then_some((test, version))
    }

    /// Changes one step; `None` when it does not exist.
    pub fn update_step<T>(&mut self, step: &str, now: Millis, change: impl FnOnce(&mut Step) -> T) -> Option<T> {
        let (test, version) = self.owner_of_step(step)?;
        let decodes = self.settings.decodes_entities;
        self.define_version(test, Some(version), now, |definition| {
            let target = definition.steps.iter_mut().find(|s| s.id == step)?;
            let changed = change(target);
            if decodes {
                entities::decode(target);
            }
            Some(changed)
        })?
    }

    /// Removes one step; whether it existed.
    pub fn remove_step(&mut self, step: &str, now: Millis) -> bool {
        let Some((test, version)) = self.owner_of_step(step) else {
            return false;
        };
        self.step_owner.remove(step);
        self.define_version(test, Some(version), now, |definition| {
            definition.steps.retain(|s| s.id != step)
        })
        .is_some()
    }

    /// Sets the type of a test by name or id; `None` when there is no such type or test.
    pub fn set_test_type(&mut self, issue: IssueId, now: Millis, name_or_id: &str) -> Option<()> {
        let test_type = self.settings.test_type(name_or_id)?.clone();
        self.define(issue, now, |definition| definition.test_type = test_type)
    }

    /// A precondition's data.
    #[must_use]
    pub fn precondition(&self, issue: IssueId) -> Option<&PreconditionData> {
        self.preconditions.get(&issue)
    }

    /// Changes a precondition.
    pub fn define_precondition(&mut self, issue: IssueId, now: Millis, change: impl FnOnce(&mut PreconditionData)) {
        if let Some(data) = self.preconditions.get_mut(&issue) {
            data.modified = now;
            change(data);
        }
    }

    /// A step attachment or a piece of evidence by its id, with the Test or Test Execution it belongs to.
    #[must_use]
    pub fn find_file(&self, id: &str) -> Option<(IssueId, &StoredFile)> {
        let of_tests = self.tests.iter().flat_map(|(&issue, test)| {
            let steps = test.versions().flat_map(|(_, definition)| &definition.steps);
            steps.flat_map(|step| &step.attachments).map(move |file| (issue, file))
        });
        let of_runs = self.runs.values().flat_map(|run| {
            let nested = run.iterations.iter().flat_map(|iteration| &iteration.steps);
            let steps = run.steps.iter().chain(nested).flat_map(|step| &step.evidence);
            run.evidence.iter().chain(steps).map(move |file| (run.execution, file))
        });
        of_tests.chain(of_runs).find(|(_, file)| file.id == id)
    }

    /// A file as Xray keeps it, with a fresh id.
    #[must_use]
    pub fn file(
        &mut self,
        filename: &str,
        mime_type: &str,
        bytes: Arc<[u8]>,
        author: Option<&str>,
        now: Millis,
    ) -> StoredFile {
        StoredFile {
            id: self.ids.entity(),
            filename: filename.to_owned(),
            mime_type: mime_type.to_owned(),
            bytes,
            author: author.map(str::to_owned),
            created: now,
        }
    }
}
