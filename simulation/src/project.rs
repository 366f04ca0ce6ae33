//! TestOps projects: small, with the traps that matter for identity, and what has to be found in Jira afterwards.

use tms_sync_sim::testops::data;

use crate::random::Random;

/// What a project holds.
#[derive(Clone, Debug, Default)]
pub struct Project {
    /// Cases with ids from 1.
    pub cases: Vec<Case>,
    /// Launches with ids from 1.
    pub launches: Vec<Launch>,
}

/// A test case. All texts are plain words, so that what they become in Jira needs no interpretation.
#[derive(Clone, Debug, Default)]
pub struct Case {
    /// Name. Several cases may have the same.
    pub name: String,
    /// Description.
    pub description: String,
    /// Tags.
    pub tags: Vec<String>,
    /// Steps with their expected results. Empty for automated cases.
    pub steps: Vec<(String, String)>,
    /// Full name, where it is automated.
    pub automated: Option<String>,
    /// Precondition.
    pub precondition: Option<String>,
}

impl Case {
    /// The text of its Precondition issue, which only Manual Tests have.
    pub fn precondition_issue(&self) -> Option<&String> {
        self.precondition.as_ref().filter(|_| self.automated.is_none())
    }
}

/// A closed launch.
#[derive(Clone, Debug, Default)]
pub struct Launch {
    /// Name.
    pub name: String,
    /// Case ids with the status of a result.
    pub results: Vec<(u64, data::Status)>,
}

impl Project {
    /// So many manual cases and one launch with a result for each.
    pub fn plain(cases: u64) -> Self {
        let case = |id: u64| Case {
            name: format!("Case {id}"),
            description: format!("Describes case {id}"),
            tags: vec!["smoke".to_owned()],
            steps: vec![
                ("Open".to_owned(), "It is open".to_owned()),
                ("Close".to_owned(), String::new()),
            ],
            automated: None,
            precondition: None,
        };
        let results = (1..=cases).map(|id| {
            (
                id,
                if id % 3 == 0 {
                    data::Status::Failed
                } else {
                    data::Status::Passed
                },
            )
        });
        Project {
            cases: (1..=cases).map(case).collect(),
            launches: vec![Launch {
                name: "Nightly".to_owned(),
                results: results.collect(),
            }],
        }
    }

    /// A project of so many cases, by chance.
    pub fn random(random: &mut Random, cases: u64) -> Self {
        let launches = random.below(3);
        Project {
            cases: (1..=cases).map(|id| case(random, id)).collect(),
            launches: (1..=launches).map(|id| launch(random, id, cases)).collect(),
        }
    }

    /// The same with one of two preconditions on most cases, which makes preconditions issues.
    #[must_use]
    pub fn with_preconditions(mut self) -> Self {
        for (number, case) in self.cases.iter_mut().enumerate() {
            let text = ["An account", "A full cart"].get(number % 3);
            case.precondition = text.map(|text| (*text).to_owned());
        }
        self
    }

    /// The project as TestOps takes it.
    pub fn build(&self) -> data::Project {
        let mut project = data::Project::new(1).name("Simulated");
        for (id, case) in (1..).zip(&self.cases) {
            let mut built = data::Case::new(&case.name).id(id).description(&case.description);
            built.tags.clone_from(&case.tags);
            for (action, expected) in &case.steps {
                built = built.step(action, expected);
            }
            built.precondition.clone_from(&case.precondition);
            if let Some(name) = &case.automated {
                built = built.automated(name);
            }
            project = project.case(built);
        }
        for (id, launch) in (1..).zip(&self.launches) {
            let mut built = data::Launch::new(&launch.name).id(id).closed();
            for (case, status) in &launch.results {
                let mut result = data::TestResult::new("result").status(*status);
                result.case = i64::try_from(*case).ok();
                built = built.result(result);
            }
            project = project.launch(built);
        }
        project
    }
}

fn case(random: &mut Random, id: u64) -> Case {
    // Equal names must stay separate Tests.
    let name = if random.per_mille(200) {
        "Log in".to_owned()
    } else {
        format!("Case {id}")
    };
    let automated = random.per_mille(300).then(|| format!("com.acme.Suite.case{id}"));
    let steps = if automated.is_some() { 0 } else { random.below(4) };
    Case {
        name,
        description: format!("Describes case {id}"),
        tags: tags(random),
        steps: (1..=steps)
            .map(|step| (format!("Do {step} of case {id}"), format!("See {step} of case {id}")))
            .collect(),
        automated,
        precondition: None,
    }
}

fn tags(random: &mut Random) -> Vec<String> {
    let mut tags: Vec<String> = (0..random.below(3)).map(|tag| format!("tag{tag}")).collect();
    // A label that a stricter Jira refuses.
    if random.per_mille(100) {
        tags.push("long".repeat(20));
    }
    tags
}

fn launch(random: &mut Random, id: u64, cases: u64) -> Launch {
    let statuses = [
        data::Status::Passed,
        data::Status::Failed,
        data::Status::Broken,
        data::Status::Skipped,
    ];
    let results = (0..random.between(1, 2 * cases)).map(|_| (random.between(1, cases), *random.pick(&statuses)));
    Launch {
        name: format!("Launch {id}"),
        results: results.collect(),
    }
}
