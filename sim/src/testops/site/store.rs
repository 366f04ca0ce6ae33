//! Putting rows in: ids, stamps, dictionaries and indices in one place.

use super::super::data::{
    Case, Content, Defect, Expected, File, Fixture, Launch, Project, SharedStep, Stamp, Step, TestResult,
};
use super::{AUTHOR, Site, number};

impl Site {
    /// Stores a project with all that is in it.
    pub fn add_project(&mut self, mut project: Project) {
        self.stamp(&mut project.stamp);
        for field in &project.fields {
            self.names.fields.learn(&field.name);
        }
        let id = project.id;
        let defects = std::mem::take(&mut project.defects);
        let shared_steps = std::mem::take(&mut project.shared_steps);
        let cases = std::mem::take(&mut project.cases);
        let launches = std::mem::take(&mut project.launches);
        self.projects.insert(id, project);
        for defect in defects {
            self.add_defect(id, defect);
        }
        for shared in shared_steps {
            self.add_shared_step(id, shared);
        }
        for case in cases {
            self.add_case(id, case);
        }
        for launch in launches {
            self.add_launch(id, launch);
        }
    }

    /// Stores a case and gives its id.
    pub fn add_case(&mut self, project: i64, case: Case) -> i64 {
        self.put_case(Case { project, ..case })
    }

    /// Stores a shared step and gives its id.
    pub fn add_shared_step(&mut self, project: i64, shared: SharedStep) -> i64 {
        self.put_shared_step(SharedStep { project, ..shared })
    }

    /// Stores a launch with its results and gives its id.
    pub fn add_launch(&mut self, project: i64, launch: Launch) -> i64 {
        self.put_launch(Launch { project, ..launch })
    }

    /// Stores a result in a launch and gives its id.
    pub fn add_result(&mut self, launch: i64, result: TestResult) -> i64 {
        let project = self.launches.get(&launch).map_or(0, |launch| launch.project);
        self.put_result(TestResult {
            launch,
            project,
            ..result
        })
    }

    /// Stores a defect and gives its id.
    pub fn add_defect(&mut self, project: i64, mut defect: Defect) -> i64 {
        defect.project = project;
        number(&mut defect.id, &mut self.next.defect);
        if let Some(issue) = &defect.issue {
            self.names.issues.learn(&issue.key);
        }
        let id = defect.id;
        self.defects.insert(id, defect);
        id
    }

    pub(super) fn put_case(&mut self, mut case: Case) -> i64 {
        number(&mut case.id, &mut self.next.case);
        self.stamp(&mut case.stamp);
        self.number_steps(&mut case.steps, &case.stamp, Owner::Case);
        for file in &mut case.files {
            self.store_case_file(file, Owner::Case);
        }
        for key in &mut case.test_keys {
            number(&mut key.id, &mut self.next.key);
        }
        for relation in &mut case.relations {
            number(&mut relation.id, &mut self.next.relation);
        }
        self.learn_case(&case);
        let id = case.id;
        self.case_by_name.entry((case.project, case.name.clone())).or_insert(id);
        keep_sorted(self.project_cases.entry(case.project).or_default(), id);
        self.cases.insert(id, case);
        id
    }

    fn learn_case(&mut self, case: &Case) {
        self.names.statuses.learn(&case.status);
        self.names.workflows.learn(&case.workflow);
        case.layer.iter().for_each(|layer| self.names.layers.learn(layer));
        case.tags.iter().for_each(|tag| self.names.tags.learn(tag));
        case.fields
            .iter()
            .for_each(|(field, value)| self.names.learn_value(field, value));
        case.issues.iter().for_each(|issue| self.names.issues.learn(&issue.key));
        for (role, user) in &case.members {
            self.names.roles.learn(role);
            self.names.users.learn(user);
        }
    }

    pub(super) fn put_shared_step(&mut self, mut shared: SharedStep) -> i64 {
        number(&mut shared.id, &mut self.next.shared);
        self.stamp(&mut shared.stamp);
        self.number_steps(&mut shared.steps, &shared.stamp, Owner::Shared);
        let id = shared.id;
        self.shared_steps.insert(id, shared);
        id
    }

    pub(super) fn put_launch(&mut self, mut launch: Launch) -> i64 {
        number(&mut launch.id, &mut self.next.launch);
        self.stamp(&mut launch.stamp);
        launch.tags.iter().for_each(|tag| self.names.launch_tags.learn(tag));
        launch
            .environment
            .iter()
            .for_each(|(variable, value)| self.names.learn_environment(variable, value));
        launch
            .issues
            .iter()
            .for_each(|issue| self.names.issues.learn(&issue.key));
        launch.jobs.iter().for_each(|job| self.names.jobs.learn(job));
        let (id, project) = (launch.id, launch.project);
        let results = std::mem::take(&mut launch.results);
        keep_sorted(self.project_launches.entry(project).or_default(), id);
        self.launches.insert(id, launch);
        self.add_results(id, results);
        id
    }

    fn add_results(&mut self, launch: i64, results: Vec<TestResult>) {
        let distances: Vec<usize> = results.iter().map(|result| result.retried_in).collect();
        let ids: Vec<i64> = results
            .into_iter()
            .map(|result| self.add_result(launch, result))
            .collect();
        for (at, distance) in distances.into_iter().enumerate().filter(|(_, distance)| *distance > 0) {
            if let (Some(id), Some(counts)) = (ids.get(at), ids.get(at + distance))
                && let Some(result) = self.results.get_mut(id)
            {
                result.retried_by = Some(*counts);
            }
        }
    }

    pub(super) fn put_result(&mut self, mut result: TestResult) -> i64 {
        number(&mut result.id, &mut self.next.result);
        self.stamp(&mut result.stamp);
        if let Some(name) = result.case_name.take() {
            result.case = result
                .case
                .or_else(|| self.case_by_name.get(&(result.project, name)).copied());
        }
        for step in &mut result.steps {
            step.files_mut(&mut |file| {
                number(&mut file.id, &mut self.next.result_file);
                self.files.result.insert(file.id, file.clone());
            });
        }
        result
            .fixtures
            .iter_mut()
            .for_each(|fixture| self.store_fixture(fixture));
        self.learn_result(&result);
        let id = result.id;
        keep_sorted(self.launch_results.entry(result.launch).or_default(), id);
        if let Some(case) = result.case {
            keep_sorted(self.case_results.entry(case).or_default(), id);
        }
        self.results.insert(id, result);
        id
    }

    fn store_fixture(&mut self, fixture: &mut Fixture) {
        number(&mut fixture.id, &mut self.next.fixture);
        for step in &mut fixture.steps {
            step.files_mut(&mut |file| {
                number(&mut file.id, &mut self.next.fixture_file);
                self.files.fixture.insert(file.id, file.clone());
            });
        }
    }

    fn learn_result(&mut self, result: &TestResult) {
        result.layer.iter().for_each(|layer| self.names.layers.learn(layer));
        result
            .category
            .iter()
            .for_each(|category| self.names.categories.learn(category));
        result.tags.iter().for_each(|tag| self.names.tags.learn(tag));
        result
            .fields
            .iter()
            .for_each(|(field, value)| self.names.learn_value(field, value));
        result
            .environment
            .iter()
            .for_each(|(variable, value)| self.names.learn_environment(variable, value));
        result
            .issues
            .iter()
            .for_each(|issue| self.names.issues.learn(&issue.key));
        for (role, user) in &result.members {
            self.names.roles.learn(role);
            self.names.users.learn(user);
        }
    }

    fn number_steps(&mut self, steps: &mut [Step], stamp: &Stamp, owner: Owner) {
        let mut number_step = |step: &mut Step| {
            let last = match owner {
                Owner::Case => &mut self.next.step,
                Owner::Shared => &mut self.next.shared_step,
            };
            number(&mut step.id, last);
            if let Expected::Lines { wrapper, .. } = &mut step.expected {
                number(wrapper, last);
            }
            if step.stamp.created_ms == 0 {
                step.stamp = stamp.clone();
            }
            if let Content::File(file) = &mut step.content {
                self.store_case_file(file, owner);
            }
        };
        steps.iter_mut().for_each(|step| step.visit_mut(&mut number_step));
    }

    fn store_case_file(&mut self, file: &mut File, owner: Owner) {
        let (last, files) = match owner {
            Owner::Case => (&mut self.next.case_file, &mut self.files.case),
            Owner::Shared => (&mut self.next.shared_file, &mut self.files.shared),
        };
        number(&mut file.id, last);
        files.insert(file.id, file.clone());
    }

    fn stamp(&self, stamp: &mut Stamp) {
        let now = self.now_ms();
        for (user, at) in [
            (&mut stamp.created_by, &mut stamp.created_ms),
            (&mut stamp.modified_by, &mut stamp.modified_ms),
        ] {
            if user.is_empty() {
                AUTHOR.clone_into(user);
            }
            if *at == 0 {
                *at = now;
            }
        }
    }
}

/// Whose steps and files: each has its own id spaces.
#[derive(Clone, Copy)]
enum Owner {
    Case,
    Shared,
}

/// Inserts into an ascending list; the usual case, a new highest id, is cheap.
fn keep_sorted(ids: &mut Vec<i64>, id: i64) {
    if let Err(at) = ids.binary_search(&id) {
        ids.insert(at, id);
    }
}
