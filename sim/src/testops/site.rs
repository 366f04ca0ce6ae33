//! The state of one TestOps installation, indexed by id, and every way to change it.

mod store;

use std::collections::{BTreeMap, HashMap};

use super::data::{Case, Defect, File, Integration, Launch, Project, SharedStep, TestResult};
use super::names::Dictionaries;
use crate::clock::Clock;

/// The user whom rows without an author are attributed to.
const AUTHOR: &str = "admin";

/// One installation. Every mutation stamps the row with the clock's time, as the server does.
#[derive(Debug)]
pub struct Site {
    clock: Clock,
    pub(crate) names: Dictionaries,
    pub(crate) projects: BTreeMap<i64, Project>,
    pub(crate) cases: BTreeMap<i64, Case>,
    pub(crate) shared_steps: BTreeMap<i64, SharedStep>,
    pub(crate) launches: BTreeMap<i64, Launch>,
    pub(crate) results: BTreeMap<i64, TestResult>,
    pub(crate) defects: BTreeMap<i64, Defect>,
    pub(crate) integrations: BTreeMap<i64, Integration>,
    /// Ids in ascending order: cases and launches per project, results per launch and per case.
    pub(crate) project_cases: HashMap<i64, Vec<i64>>,
    pub(crate) project_launches: HashMap<i64, Vec<i64>>,
    pub(crate) launch_results: HashMap<i64, Vec<i64>>,
    pub(crate) case_results: HashMap<i64, Vec<i64>>,
    /// Per project: the first case of each name.
    case_by_name: HashMap<(i64, String), i64>,
    pub(crate) files: Files,
    next: Ids,
}

/// Attachment contents by id; each kind of owner has its own id space.
#[derive(Debug, Default)]
pub(crate) struct Files {
    pub(crate) case: HashMap<i64, File>,
    pub(crate) shared: HashMap<i64, File>,
    pub(crate) result: HashMap<i64, File>,
    pub(crate) fixture: HashMap<i64, File>,
}

#[derive(Debug, Default)]
struct Ids {
    case: i64,
    shared: i64,
    step: i64,
    shared_step: i64,
    launch: i64,
    result: i64,
    fixture: i64,
    defect: i64,
    key: i64,
    relation: i64,
    case_file: i64,
    shared_file: i64,
    result_file: i64,
    fixture_file: i64,
}

/// Gives `id` the next number if it has none, and keeps later numbers above it.
fn number(id: &mut i64, last: &mut i64) {
    if *id == 0 {
        *id = *last + 1;
    }
    *last = (*last).max(*id);
}

impl Site {
    pub(crate) fn new(clock: Clock) -> Self {
        Self {
            clock,
            names: Dictionaries::default(),
            projects: BTreeMap::new(),
            cases: BTreeMap::new(),
            shared_steps: BTreeMap::new(),
            launches: BTreeMap::new(),
            results: BTreeMap::new(),
            defects: BTreeMap::new(),
            integrations: BTreeMap::new(),
            project_cases: HashMap::new(),
            project_launches: HashMap::new(),
            launch_results: HashMap::new(),
            case_results: HashMap::new(),
            case_by_name: HashMap::new(),
            files: Files::default(),
            next: Ids::default(),
        }
    }

    /// A case by id, deleted ones included.
    #[must_use]
    pub fn case(&self, id: i64) -> Option<&Case> {
        self.cases.get(&id)
    }

    /// A launch by id.
    #[must_use]
    pub fn launch(&self, id: i64) -> Option<&Launch> {
        self.launches.get(&id)
    }

    /// A result by id.
    #[must_use]
    pub fn result(&self, id: i64) -> Option<&TestResult> {
        self.results.get(&id)
    }

    /// The ids of a project's cases in ascending order, deleted ones included.
    #[must_use]
    pub fn case_ids(&self, project: i64) -> &[i64] {
        self.project_cases.get(&project).map_or(&[], Vec::as_slice)
    }

    /// The ids of a project's launches in ascending order.
    #[must_use]
    pub fn launch_ids(&self, project: i64) -> &[i64] {
        self.project_launches.get(&project).map_or(&[], Vec::as_slice)
    }

    /// The ids of a launch's results in ascending order, hidden ones included.
    #[must_use]
    pub fn result_ids(&self, launch: i64) -> &[i64] {
        self.launch_results.get(&launch).map_or(&[], Vec::as_slice)
    }

    /// Changes a case and moves its `lastModifiedDate`. None when there is no such case.
    pub fn edit_case<T>(&mut self, id: i64, change: impl FnOnce(&mut Case) -> T) -> Option<T> {
        let mut case = self.cases.remove(&id)?;
        let changed = change(&mut case);
        case.id = id;
        case.stamp.modified_ms = self.clock.now_ms();
        self.put_case(case);
        Some(changed)
    }

    /// Moves a case to the trash, or back.
    pub fn trash_case(&mut self, id: i64, deleted: bool) {
        self.edit_case(id, |case| case.deleted = deleted);
    }

    /// Deletes a case for good: from now on it answers 404, and its results are unlinked.
    pub fn purge_case(&mut self, id: i64) {
        let Some(case) = self.cases.remove(&id) else { return };
        if let Some(ids) = self.project_cases.get_mut(&case.project) {
            ids.retain(|other| *other != id);
        }
        self.case_by_name.retain(|_, known| *known != id);
        for result in self.case_results.remove(&id).unwrap_or_default() {
            if let Some(result) = self.results.get_mut(&result) {
                result.case = None;
            }
        }
    }

    /// Changes a shared step and moves its own date; the calling cases keep theirs.
    pub fn edit_shared_step<T>(&mut self, id: i64, change: impl FnOnce(&mut SharedStep) -> T) -> Option<T> {
        let mut shared = self.shared_steps.remove(&id)?;
        let changed = change(&mut shared);
        shared.id = id;
        shared.stamp.modified_ms = self.clock.now_ms();
        self.put_shared_step(shared);
        Some(changed)
    }

    /// Changes a launch and moves its `lastModifiedDate`.
    pub fn edit_launch<T>(&mut self, id: i64, change: impl FnOnce(&mut Launch) -> T) -> Option<T> {
        let mut launch = self.launches.remove(&id)?;
        let changed = change(&mut launch);
        launch.id = id;
        launch.stamp.modified_ms = self.clock.now_ms();
        self.put_launch(launch);
        Some(changed)
    }

    /// Closes a launch.
    pub fn close_launch(&mut self, id: i64) -> Option<()> {
        self.edit_launch(id, |launch| launch.closed = true)
    }

    /// Reopens a launch.
    pub fn reopen_launch(&mut self, id: i64) -> Option<()> {
        self.edit_launch(id, |launch| launch.closed = false)
    }

    /// Changes a result and moves its `lastModifiedDate`.
    pub fn edit_result<T>(&mut self, id: i64, change: impl FnOnce(&mut TestResult) -> T) -> Option<T> {
        let mut result = self.results.remove(&id)?;
        if let Some(linked) = result.case.and_then(|case| self.case_results.get_mut(&case)) {
            linked.retain(|other| *other != id);
        }
        let changed = change(&mut result);
        result.id = id;
        result.stamp.modified_ms = self.clock.now_ms();
        self.put_result(result);
        Some(changed)
    }

    /// Makes an integration known.
    pub fn add_integration(&mut self, integration: Integration) {
        self.integrations.insert(integration.id, integration);
    }

    /// The milliseconds of the site's clock.
    pub(crate) fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }
}
