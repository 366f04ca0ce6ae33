//! Test runs: one test in one execution.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde_json::Value;

use super::Xray;
use super::definition::Definition;
use super::settings::Kind;
use crate::jira::id::{IssueId, Millis};
use crate::jira::issue::StoredFile;

/// The result of one step.
#[derive(Clone, Debug, Default)]
pub struct StepResult {
    /// Id of the result, distinct from the step's id.
    pub id: String,
    /// Name of a step status.
    pub status: String,
    /// Comment.
    pub comment: String,
    /// What was observed.
    pub actual_result: String,
    /// Defects by issue id.
    pub defects: Vec<IssueId>,
    /// Evidence.
    pub evidence: Vec<StoredFile>,
}

/// The result of one example of a scenario outline.
#[derive(Clone, Debug)]
pub struct ExampleResult {
    /// Its id.
    pub id: String,
    /// Name of a step status.
    pub status: String,
}

/// One pass over the steps with its own parameters.
#[derive(Clone, Debug, Default)]
pub struct Iteration {
    /// Its id; its rank is its position from 0.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Parameters in order.
    pub parameters: Vec<(String, String)>,
    /// Name of a step status.
    pub status: String,
    /// Log of the pass.
    pub log: String,
    /// Duration as sent.
    pub duration: String,
    /// Results of the steps, by position.
    pub steps: Vec<StepResult>,
}

/// A test run.
#[derive(Clone, Debug)]
pub struct Run {
    /// A number on Data Center, 24 hexadecimal digits on Cloud.
    pub id: String,
    /// The Test Execution.
    pub execution: IssueId,
    /// The Test.
    pub test: IssueId,
    /// The version of the Test that was run.
    pub version: u32,
    /// The definition when the run was created, with the steps of called tests in place of the calls.
    pub definition: Arc<Definition>,
    /// Name of a run status.
    pub status: String,
    /// Comment; wiki markup.
    pub comment: String,
    /// When the run started.
    pub started: Option<Millis>,
    /// When the run ended.
    pub finished: Option<Millis>,
    /// User id of who ran it.
    pub executed_by: Option<String>,
    /// User id of who is to run it.
    pub assignee: Option<String>,
    /// Defects by issue id.
    pub defects: Vec<IssueId>,
    /// Evidence.
    pub evidence: Vec<StoredFile>,
    /// Results of the steps, by position in the definition.
    pub steps: Vec<StepResult>,
    /// Results of the examples.
    pub examples: Vec<ExampleResult>,
    /// Iterations.
    pub iterations: Vec<Iteration>,
    /// Run custom fields by id.
    pub custom: BTreeMap<String, Value>,
    /// When the run was last changed.
    pub modified: Millis,
}

/// A version of a Test, and its definition with the steps of called tests in place of the calls.
pub(super) type Ran = (u32, Arc<Definition>);

/// The runs of one execution.
#[derive(Clone, Debug, Default)]
pub(super) struct Execution {
    /// Run ids by the order they were added in.
    order: BTreeMap<u64, String>,
    by_test: HashMap<IssueId, (u64, String)>,
    last: u64,
}

/// Further data of a Test Execution issue.
#[derive(Clone, Debug, Default)]
pub struct ExecutionData {
    /// Test environments.
    pub environments: Vec<String>,
    /// Revision.
    pub revision: String,
    /// Begin date.
    pub begin: Option<Millis>,
    /// End date.
    pub end: Option<Millis>,
}

impl Xray {
    /// Adds a test to an execution; the id of the new run, or `None` when the test was already there or is none.
    pub fn add_run(&mut self, execution: IssueId, test: IssueId, now: Millis) -> Option<String> {
        let runs = self.executions.get(&execution)?;
        if runs.by_test.contains_key(&test) {
            return None;
        }
        let of = self.of_runs(test, None)?;
        let id = self.ids.run();
        let run = self.blank_run(id.clone(), execution, test, of, now);
        self.runs.insert(id.clone(), run);
        let runs = self.executions.entry(execution).or_default();
        runs.last += 1;
        runs.order.insert(runs.last, id.clone());
        runs.by_test.insert(test, (runs.last, id.clone()));
        self.runs_of_test.entry(test).or_default().push(id.clone());
        Some(id)
    }

    fn blank_run(&mut self, id: String, execution: IssueId, test: IssueId, of: Ran, now: Millis) -> Run {
        let (version, of) = of;
        let status = self.settings.initial_step_status();
        let steps = if of.test_type.kind == Kind::Steps {
            of.steps.iter().map(|_| self.blank_step(&status)).collect()
        } else {
            Vec::new()
        };
        Run {
            id,
            execution,
            test,
            version,
            definition: of,
            status: self.settings.initial_run_status(),
            comment: String::new(),
            started: None,
            finished: None,
            executed_by: None,
            assignee: None,
            defects: Vec::new(),
            evidence: Vec::new(),
            steps,
            examples: Vec::new(),
            iterations: Vec::new(),
            custom: BTreeMap::new(),
            modified: now,
        }
    }

    /// An untouched step result with a fresh id.
    pub fn blank_step(&mut self, status: &str) -> StepResult {
        StepResult {
            id: self.ids.entity(),
            status: status.to_owned(),
            ..StepResult::default()
        }
    }

    /// An example result with a fresh id; [`Xray::run_of_example`] finds its run once it is stored.
    pub fn example(&mut self, run: &str, status: &str) -> ExampleResult {
        let id = self.ids.entity();
        self.example_owner.insert(id.clone(), run.to_owned());
        ExampleResult {
            id,
            status: status.to_owned(),
        }
    }

    /// An empty iteration with a fresh id and one blank result per step of the run's definition.
    pub fn iteration(&mut self, run: &str) -> Iteration {
        let count = self.runs.get(run).map_or(0, |run| run.steps.len());
        let status = self.settings.initial_step_status();
        let steps = (0..count).map(|_| self.blank_step(&status)).collect();
        Iteration {
            id: self.ids.entity(),
            status,
            steps,
            ..Iteration::default()
        }
    }

    /// Removes a test and its run from an execution; whether it was there.
    pub fn remove_run(&mut self, execution: IssueId, test: IssueId) -> bool {
        let Some(runs) = self.executions.get_mut(&execution) else {
            return false;
        };
        let Some((position, id)) = runs.by_test.remove(&test) else {
            return false;
        };
        runs.order.remove(&position);
        if let Some(of_test) = self.runs_of_test.get_mut(&test) {
            of_test.retain(|other| *other != id);
        }
        self.runs.remove(&id);
        true
    }

    /// Forgets the results of a run and takes the current definition of a version of the test, or of the default.
    pub fn reset_run(&mut self, id: &str, version: Option<u32>, now: Millis) {
        let Some(old) = self.runs.get(id) else { return };
        let (execution, test, rest) = (old.execution, old.test, (old.version, Arc::clone(&old.definition)));
        let of = self.of_runs(test, version).unwrap_or(rest);
        let run = self.blank_run(id.to_owned(), execution, test, of, now);
        self.runs.insert(id.to_owned(), run);
    }

    /// The run with this id.
    #[must_use]
    pub fn run(&self, id: &str) -> Option<&Run> {
        self.runs.get(id)
    }

    /// The run with this id, to change; its `modified` is set.
    pub fn run_mut(&mut self, id: &str, now: Millis) -> Option<&mut Run> {
        let run = self.runs.get_mut(id)?;
        run.modified = now;
        Some(run)
    }

    /// The run of a test in an execution.
    #[must_use]
    pub fn run_of(&self, execution: IssueId, test: IssueId) -> Option<&Run> {
        let (_, id) = self.executions.get(&execution)?.by_test.get(&test)?;
        self.runs.get(id)
    }

    /// The runs of an execution by rank.
    pub fn runs_of_execution(&self, execution: IssueId) -> impl Iterator<Item = &Run> {
        let order = self
            .executions
            .get(&execution)
            .into_iter()
            .flat_map(|runs| runs.order.values());
        order.filter_map(|id| self.runs.get(id))
    }

    /// How many runs an execution has.
    #[must_use]
    pub fn run_count(&self, execution: IssueId) -> usize {
        self.executions.get(&execution).map_or(0, |runs| runs.order.len())
    }

    /// The runs of a test in the order they were created.
    pub fn runs_of_test(&self, test: IssueId) -> impl Iterator<Item = &Run> {
        self.runs_of_test
            .get(&test)
            .into_iter()
            .flatten()
            .filter_map(|id| self.runs.get(id))
    }

    /// The run an example result belongs to.
    #[must_use]
    pub fn run_of_example(&self, example: &str) -> Option<&Run> {
        self.runs.get(self.example_owner.get(example)?)
    }

    /// Environments, revision and dates of an execution.
    #[must_use]
    pub fn execution(&self, issue: IssueId) -> Option<&ExecutionData> {
        self.execution_data.get(&issue)
    }

    /// Environments, revision and dates of an execution, to change.
    pub fn execution_mut(&mut self, issue: IssueId) -> Option<&mut ExecutionData> {
        self.execution_data.get_mut(&issue)
    }
}
