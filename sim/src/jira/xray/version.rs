//! Versions of Tests (Xray Data Center 7 and later, Xray Cloud): each has a type and a definition of its own. One of
//! them is the default; what names no version reads and writes that one.

use std::sync::Arc;

use super::definition::{Definition, Step};
use super::{Xray, entities};
use crate::jira::id::{IssueId, Millis};

/// A version of a Test.
#[derive(Clone, Debug)]
pub struct TestVersion {
    /// Counts from 1 in each Test.
    pub id: u32,
    /// What people call it.
    pub name: String,
    /// Read only, and left out where versions are offered.
    pub archived: bool,
}

impl TestVersion {
    /// The version that every Test begins with.
    pub(super) fn first() -> Self {
        Self {
            id: 1,
            name: "Version 1".to_owned(),
            archived: false,
        }
    }

    /// Whether a client means this version by its id or its name.
    #[must_use]
    pub fn is_called(&self, id_or_name: &str) -> bool {
        self.name.eq_ignore_ascii_case(id_or_name) || self.id.to_string() == id_or_name
    }
}

impl Xray {
    /// Adds a version with a copy of the default's definition; its id.
    pub fn add_version(&mut self, test: IssueId, now: Millis, name: &str) -> Option<u32> {
        let data = self.tests.get_mut(&test)?;
        let id = data.versions().map(|(version, _)| version.id).max().unwrap_or(0) + 1;
        let version = TestVersion {
            id,
            name: name.to_owned(),
            archived: false,
        };
        let definition = Arc::clone(&data.definition);
        data.others.push((version, Arc::clone(&definition)));
        self.set_steps_of(test, Some(id), now, definition.steps.clone());
        Some(id)
    }

    /// Makes a version the default; whether there is such a version.
    pub fn choose_default(&mut self, test: IssueId, now: Millis, id: u32) -> bool {
        let Some(data) = self.tests.get_mut(&test) else {
            return false;
        };
        let Some((version, definition)) = data.others.iter_mut().find(|(version, _)| version.id == id) else {
            return data.version.id == id;
        };
        std::mem::swap(version, &mut data.version);
        std::mem::swap(definition, &mut data.definition);
        data.modified = now;
        true
    }

    /// The version of a test that is called so by id or name; without a name the default.
    #[must_use]
    pub fn version(&self, test: IssueId, id_or_name: Option<&str>) -> Option<&TestVersion> {
        let data = self.tests.get(&test)?;
        match id_or_name {
            None => Some(&data.version),
            Some(wanted) => data
                .versions()
                .map(|(version, _)| version)
                .find(|v| v.is_called(wanted)),
        }
    }

    /// The definition of a version, or of the default.
    #[must_use]
    pub fn definition(&self, test: IssueId, version: Option<u32>) -> Option<&Arc<Definition>> {
        let data = self.tests.get(&test)?;
        let wanted = version.unwrap_or(data.version.id);
        data.versions()
            .find(|(version, _)| version.id == wanted)
            .map(|(_, definition)| definition)
    }

    /// Changes the definition of a version, or of the default; `None` when there is none such.
    pub fn define_version<T>(
        &mut self,
        test: IssueId,
        version: Option<u32>,
        now: Millis,
        change: impl FnOnce(&mut Definition) -> T,
    ) -> Option<T> {
        let data = self.tests.get_mut(&test)?;
        let wanted = version.unwrap_or(data.version.id);
        let definition = if wanted == data.version.id {
            &mut data.definition
        } else {
            let other = data.others.iter_mut().find(|(version, _)| version.id == wanted);
            &mut other?.1
        };
        data.modified = now;
        let definition = Arc::make_mut(definition);
        let done = change(definition);
        for step in &definition.steps {
            self.step_owner.entry(step.id.clone()).or_insert((test, wanted));
        }
        Some(done)
    }

    /// Replaces the steps of a version, or of the default; every step gets a fresh id.
    pub fn set_steps_of(&mut self, test: IssueId, version: Option<u32>, now: Millis, mut steps: Vec<Step>) {
        for step in &mut steps {
            step.id = self.ids.entity();
            self.settle(step);
        }
        self.define_version(test, version, now, |definition| definition.steps = steps);
    }

    /// Makes a step what Xray stores of it.
    pub(super) fn settle(&self, step: &mut Step) {
        if self.settings.decodes_entities {
            entities::decode(step);
        }
    }

    /// Appends a step to a version, or to the default, and returns its id.
    pub fn add_step_to(&mut self, test: IssueId, version: Option<u32>, now: Millis, mut step: Step) -> Option<String> {
        let id = self.ids.entity();
        step.id.clone_from(&id);
        self.settle(&mut step);
        self.define_version(test, version, now, |definition| definition.steps.push(step))?;
        Some(id)
    }
}
