//! Realistic projects of any size, the same for the same [`Plan`].
//!
//! Names, Markdown texts, tags, layers, custom fields, shared and nested steps, both forms of expected results,
//! parameters, attachments; launches with retries, several results per case, unlinked results and results in progress.

mod chance;
mod showcase;
mod vary;
mod words;

use chance::Chance;

use crate::testops::data::{Case, File, Launch, Parameter, Project, RunStep, SharedStep, Status, Step, TestResult};

/// 2025-01-01 UTC, when generated launches begin.
const START: i64 = 1_735_689_600_000;
const HOUR: i64 = 3_600_000;

/// What to generate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The project's id.
    pub project: i64,
    /// The same seed gives the same project.
    pub seed: u64,
    /// How many cases; their ids are 1 to this.
    pub cases: usize,
    /// Top-level steps of every manual case.
    pub steps: usize,
    /// Percent of cases that are automated and have no manual scenario.
    pub automated: u64,
    /// Every how many-th case has an attachment; 0 for none.
    pub file_every: usize,
    /// Visible results of each launch.
    pub launches: Vec<usize>,
    /// Percent of results that were retried before.
    pub retried: u64,
    /// Percent of results linked to no case, and the same for results still in progress.
    pub unsettled: u64,
    /// As mixed as real projects are.
    pub varied: bool,
    /// As a demonstration should be.
    pub shown: bool,
}

impl Plan {
    /// Manual cases of this many steps in project 1: no launches, no attachments.
    #[must_use]
    pub fn new(cases: usize, steps: usize) -> Self {
        Self {
            project: 1,
            seed: 1,
            cases,
            steps,
            automated: 0,
            file_every: 0,
            launches: Vec::new(),
            retried: 10,
            unsettled: 2,
            varied: false,
            shown: false,
        }
    }

    /// Sets the seed.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Makes this percentage of the cases automated.
    #[must_use]
    pub fn automated(mut self, percent: u64) -> Self {
        self.automated = percent;
        self
    }

    /// Attaches a small file to every `n`-th case.
    #[must_use]
    pub fn file_every(mut self, n: usize) -> Self {
        self.file_every = n;
        self
    }

    /// Adds a closed launch with this many visible results; retried attempts come on top.
    #[must_use]
    pub fn launch(mut self, results: usize) -> Self {
        self.launches.push(results);
        self
    }

    /// Leaves retries, unlinked results and results in progress out: every result counts for a case.
    #[must_use]
    pub fn settled(mut self) -> Self {
        self.retried = 0;
        self.unsettled = 0;
        self
    }

    /// Mixes texts that are missing, long or hostile, deep steps, links, issues, defects, iterations, step results of the
    /// cases' own steps, and open launches in.
    #[must_use]
    pub fn varied(mut self) -> Self {
        self.varied = true;
        self
    }

    /// A project that shows everything an export does in few cases: files of cases, results whose steps fit, several
    /// results per case, evidence, and a launch that is still open.
    #[must_use]
    pub fn showcase(cases: usize) -> Self {
        Self {
            shown: true,
            ..Self::new(cases, 3)
                .automated(30)
                .launch(cases * 3 / 4)
                .launch(cases / 2)
        }
    }

    /// Generates the project.
    #[must_use]
    pub fn build(&self) -> Project {
        let mut chance = Chance::new(self.seed);
        let mut project = Project::new(self.project).name("Web shop");
        project.shared_steps = (1_i64..)
            .zip(words::SHARED)
            .map(|(id, name)| shared_step(id, name))
            .collect();
        project.cases = (1..=self.cases).map(|at| self.case(&mut chance, at)).collect();
        project.launches = (0_i64..)
            .zip(&self.launches)
            .map(|(at, size)| self.launch_of(&mut chance, at, *size))
            .collect();
        if self.varied {
            vary::vary(&mut project, &mut chance);
        }
        if self.shown {
            showcase::show(&mut project);
        }
        project
    }

    fn case(&self, chance: &mut Chance, at: usize) -> Case {
        let feature = chance.pick(words::FEATURES);
        let action = chance.pick(words::ACTIONS);
        let mut case = Case::new(&format!("{feature}: {action} #{at}"))
            .id(i64::try_from(at).unwrap_or(i64::MAX))
            .description(&words::description(feature, action, at))
            .field("Feature", feature)
            .field("Suite", chance.pick(words::SUITES))
            .field("Priority", chance.pick(words::PRIORITIES))
            .layer(chance.pick(words::LAYERS))
            .status(if chance.percent(80) { "Active" } else { "Draft" })
            .member("Owner", chance.pick(words::PEOPLE));
        for _ in 0..chance.below(4) {
            let tag = chance.pick(words::TAGS);
            if !case.tags.iter().any(|known| known == tag) {
                case = case.tag(tag);
            }
        }
        if chance.percent(50) {
            case = case.precondition("- the user is **signed in**\n- the cart is empty");
        }
        if chance.percent(10) {
            case = case
                .example(&[("browser", "Firefox"), ("locale", "de")])
                .example(&[("browser", "Chrome"), ("locale", "fr")]);
        }
        if chance.percent(self.automated) {
            return case.automated(&format!("shop.{feature}Test.{}_{at}", action.replace(' ', "_")));
        }
        case.steps = (1..=self.steps)
            .map(|step| generated_step(chance, action, step))
            .collect();
        if self.file_every > 0 && at.is_multiple_of(self.file_every) {
            case = case.file(File::new(
                &format!("case {at}.txt"),
                "text/plain",
                format!("attached to case {at}"),
            ));
        }
        case
    }

    fn launch_of(&self, chance: &mut Chance, at: i64, size: usize) -> Launch {
        let begun = START + at * 24 * HOUR;
        let mut launch = Launch::new(&format!("Nightly {}", at + 1))
            .closed()
            .tag("nightly")
            .environment("Branch", if at % 2 == 0 { "main" } else { "release" })
            .environment("Browser", "Firefox")
            .job("nightly-build");
        for nth in 0..size {
            let start = begun + i64::try_from(nth).unwrap_or(0) * 250;
            let result = self.result(chance, nth, start);
            if chance.percent(self.retried) {
                let first = result.clone().failed("Timed out after 30 s", words::TRACE);
                launch = launch.attempts([first, result]);
            } else {
                launch.results.push(result);
            }
        }
        launch.stamp.created_ms = begun;
        launch
    }

    /// Results go through the cases in turn, so a launch larger than the project has several results per case.
    fn result(&self, chance: &mut Chance, nth: usize, start: i64) -> TestResult {
        let case = nth.checked_rem(self.cases).map_or(0, |at| at + 1);
        let mut result = TestResult::new(&format!("result {}", nth + 1)).ran(start, start + 200 + chance.below(5_000));
        if case > 0 && !chance.percent(self.unsettled) {
            result.case = i64::try_from(case).ok();
        }
        if nth >= self.cases {
            result = result.parameter(Parameter::new("round", &(nth / self.cases.max(1) + 1).to_string()));
        }
        result.stamp.created_ms = start;
        result
            .step(RunStep::new("Prepare", Status::Passed))
            .settle(chance, self.unsettled)
    }
}

impl TestResult {
    fn settle(mut self, chance: &mut Chance, unsettled: u64) -> Self {
        if chance.percent(unsettled) {
            self.stop = None;
            return self;
        }
        match chance.below(100) {
            0..80 => self.passed().step(RunStep::new("Check", Status::Passed)),
            80..92 => self.failed("Expected <200> but was <500>", words::TRACE).step(RunStep {
                message: Some("Expected <200>".into()),
                ..RunStep::new("Check", Status::Failed)
            }),
            92..96 => self.status(Status::Broken).step(RunStep::new("Check", Status::Broken)),
            _ => self.status(Status::Skipped),
        }
    }
}

fn shared_step(id: i64, name: &str) -> SharedStep {
    SharedStep::new(id, name)
        .step(Step::new(&format!("Open the page for: {name}")))
        .step(Step::new("Fill in the form and send it").expect("The form is accepted"))
}

fn generated_step(chance: &mut Chance, action: &str, nth: usize) -> Step {
    let text = format!("Step {nth}: {} to {action}", chance.pick(words::STEPS));
    match chance.below(20) {
        0 => Step::shared(1 + chance.below(words::SHARED.len() as u64)),
        1 => Step::new(&text)
            .child(Step::new("Look at the header"))
            .child(Step::new("Look at the footer")),
        2..6 => Step::new(&text).expect_lines([Step::new("The page changes"), Step::new("No error is shown")]),
        6..9 => Step::new(&format!("{text}\nand wait until the page is complete")),
        _ => Step::new(&text).expect(&format!("Result {nth} is shown")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_plan_gives_the_same_project() {
        let plan = Plan::new(50, 5).automated(30).file_every(10).launch(80);
        assert_eq!(plan.build(), plan.build());
        assert_ne!(plan.build(), plan.clone().seed(2).build());
    }

    #[test]
    fn a_varied_project_is_mixed_and_repeatable() {
        let plan = Plan::new(200, 4).automated(30).launch(300).launch(300).varied();
        let project = plan.build();
        assert_eq!(project, plan.build());
        assert!(project.cases.iter().any(|case| case.description.is_none()));
        assert!(project.cases.iter().any(|case| case.name.len() > 300));
        let results = || project.launches.iter().flat_map(|launch| &launch.results);
        assert!(results().any(|result| !result.defects.is_empty() && result.status == Some(Status::Failed)));
        assert!(results().any(|result| !result.parameters.is_empty()));
        assert!(project.launches[0].closed && !project.launches[1].closed);
    }

    #[test]
    fn a_showcase_has_files_iterations_fitting_steps_and_evidence() {
        let project = Plan::showcase(12).build();
        assert!(project.cases.iter().any(|case| !case.files.is_empty()));
        let results = || project.launches.iter().flat_map(|launch| &launch.results);
        assert!(results().any(|result| result.parameters.len() == 2));
        let bad = results().find(|result| result.status == Some(Status::Failed)).unwrap();
        let files = bad.steps.iter().filter(|step| step.file.is_some()).count();
        assert_eq!(files, 2);
        let states: Vec<bool> = project.launches.iter().map(|launch| launch.closed).collect();
        assert_eq!(states, [true, false]);
    }

    #[test]
    fn a_launch_has_what_real_launches_have() {
        let project = Plan::new(100, 5).launch(1_000).build();
        let results = &project.launches[0].results;
        assert_eq!(results.iter().filter(|result| !result.hidden).count(), 1_000);
        assert!(results.iter().any(|result| result.hidden && result.retried_in == 1));
        assert!(results.iter().any(|result| result.case.is_none()));
        assert!(results.iter().any(|result| result.status.is_none()));
        assert!(results.iter().filter(|result| result.case == Some(1)).count() > 1);
    }

    #[test]
    fn a_settled_launch_has_one_visible_final_result_per_case() {
        let project = Plan::new(100, 5).launch(100).settled().build();
        let results = &project.launches[0].results;
        assert_eq!(results.len(), 100);
        assert!(
            results
                .iter()
                .all(|result| result.case.is_some() && result.status.is_some() && !result.hidden)
        );
    }
}
