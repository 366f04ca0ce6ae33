//! Xray's part of a site: definitions, memberships, runs, folders and settings.
//!
//! [`Xray`] keys everything by the Jira issue it belongs to and trusts its callers to hand it issues of the right kind;
//! [`Site`](super::site::Site) registers issues when they are created and forgets them when they are deleted.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

pub mod call;
pub mod definition;
mod entities;
pub mod members;
pub mod repository;
pub mod run;
pub mod settings;
pub mod version;

pub use call::Unfolded;
pub use definition::{Definition, PreconditionData, Step, TestData};
pub use members::{Members, Relation};
pub use repository::{Folder, FolderError, Owner, ROOT, Repository};
pub use run::{ExampleResult, ExecutionData, Iteration, Run, StepResult};
pub use settings::{CustomField, Kind, RunStatus, Settings, StepStatus, TestType};
pub use version::TestVersion;

use super::id::{IssueId, Millis};
use super::project::Role;
use super::variant::Variant;

/// Hands out identities in the shape of the product.
#[derive(Clone, Debug)]
pub(super) struct Ids {
    variant: Variant,
    entities: u64,
    runs: u64,
}

impl Ids {
    /// An id for a step, a result or a file: a number (Data Center) or a UUID (Cloud).
    fn entity(&mut self) -> String {
        self.entities += 1;
        let n = self.entities;
        match self.variant {
            Variant::DataCenter => n.to_string(),
            Variant::Cloud => {
                let mixed = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
                format!(
                    "{:08x}-{:04x}-4{:03x}-8000-{n:012x}",
                    mixed >> 32,
                    (mixed >> 16) & 0xffff,
                    mixed & 0xfff
                )
            }
        }
    }

    fn run(&mut self) -> String {
        self.runs += 1;
        match self.variant {
            Variant::DataCenter => self.runs.to_string(),
            Variant::Cloud => format!("66f0a1b2{:016x}", self.runs),
        }
    }
}

/// The state of the Xray app.
#[derive(Clone, Debug)]
pub struct Xray {
    /// Installed on this site; without it its REST paths do not exist.
    pub installed: bool,
    /// Licensed.
    pub licensed: bool,
    /// Test types, statuses, fields.
    pub settings: Settings,
    ids: Ids,
    tests: HashMap<IssueId, TestData>,
    preconditions: HashMap<IssueId, PreconditionData>,
    relations: HashMap<Relation, BTreeMap<IssueId, Members>>,
    executions: HashMap<IssueId, run::Execution>,
    execution_data: HashMap<IssueId, ExecutionData>,
    runs: HashMap<String, Run>,
    runs_of_test: HashMap<IssueId, Vec<String>>,
    /// Step → test, version.
    step_owner: HashMap<String, (IssueId, u32)>,
    example_owner: HashMap<String, String>,
    repositories: HashMap<Owner, Repository>,
    known_from: HashMap<IssueId, Millis>,
}

impl Xray {
    /// A fresh, licensed installation.
    #[must_use]
    pub fn new(variant: Variant) -> Self {
        Self {
            installed: true,
            licensed: true,
            settings: Settings::new(variant),
            ids: Ids {
                variant,
                entities: 0,
                runs: 0,
            },
            tests: HashMap::new(),
            preconditions: HashMap::new(),
            relations: HashMap::new(),
            executions: HashMap::new(),
            execution_data: HashMap::new(),
            runs: HashMap::new(),
            runs_of_test: HashMap::new(),
            step_owner: HashMap::new(),
            example_owner: HashMap::new(),
            repositories: HashMap::new(),
            known_from: HashMap::new(),
        }
    }

    /// Takes note of a new issue. `known_from` is when Xray learns of it: later than now for issues created through
    /// Jira Cloud's own API.
    pub(super) fn register(&mut self, issue: IssueId, role: Role, now: Millis, known_from: Millis) {
        if known_from > now {
            self.known_from.insert(issue, known_from);
        }
        let Some(test_type) = self.settings.test_types.first().cloned() else {
            return;
        };
        match role {
            Role::Test => {
                let definition = Arc::new(Definition {
                    test_type,
                    steps: Vec::new(),
                    gherkin: String::new(),
                    scenario_type: "scenario".to_owned(),
                    unstructured: String::new(),
                });
                self.tests.insert(
                    issue,
                    TestData {
                        version: TestVersion::first(),
                        definition,
                        others: Vec::new(),
                        modified: now,
                    },
                );
            }
            Role::Precondition => {
                let data = PreconditionData {
                    test_type,
                    definition: String::new(),
                    modified: now,
                };
                self.preconditions.insert(issue, data);
            }
            Role::TestExecution | Role::SubTestExecution => {
                self.executions.insert(issue, run::Execution::default());
                self.execution_data.insert(issue, ExecutionData::default());
            }
            Role::TestSet | Role::TestPlan | Role::Plain => {}
        }
    }

    /// Whether Xray knows the issue at `now`; see [`Site::xray_delay`](super::site::Site::xray_delay).
    #[must_use]
    pub fn knows(&self, issue: IssueId, now: Millis) -> bool {
        self.known_from.get(&issue).is_none_or(|&from| from <= now)
    }

    /// Makes an issue known at once, as issues created through Xray are.
    pub fn learn(&mut self, issue: IssueId) {
        self.known_from.remove(&issue);
    }

    /// Forgets a deleted issue: its runs, memberships and place in the trees.
    pub(super) fn forget(&mut self, issue: IssueId) {
        let of_test = self.runs_of_test.remove(&issue).unwrap_or_default();
        let executions: Vec<IssueId> = of_test
            .iter()
            .filter_map(|id| Some(self.runs.get(id)?.execution))
            .collect();
        for execution in executions {
            self.remove_run(execution, issue);
        }
        let tests: Vec<IssueId> = self.runs_of_execution(issue).map(|run| run.test).collect();
        for test in tests {
            self.remove_run(issue, test);
        }
        for containers in self.relations.values_mut() {
            containers.remove(&issue);
            for members in containers.values_mut() {
                members.remove(issue);
            }
        }
        for tree in self.repositories.values_mut() {
            tree.forget(issue);
        }
        self.tests.remove(&issue);
        self.preconditions.remove(&issue);
        self.executions.remove(&issue);
        self.execution_data.remove(&issue);
    }

    /// Gives a cloned Test the definition of the original.
    pub(super) fn copy_definition(&mut self, from: IssueId, to: IssueId, now: Millis) {
        let Some(definition) = self.tests.get(&from).map(|data| Arc::clone(&data.definition)) else {
            return;
        };
        let steps = definition.steps.clone();
        self.define(to, now, |target| *target = (*definition).clone());
        self.set_steps(to, now, steps);
    }
}
