//! TestOps projects: small, with the traps that matter for identity, and what has to be found in Jira afterwards.

use std::collections::BTreeSet;

use tms_sync_sim::testops::data;

use crate::random::Random;

/// What a project holds.
#[derive(Clone, Debug, Default)]
pub struct Project {
    /// Cases with ids from 1.
    pub cases: Vec<Case>,
    /// Launches with ids from 1.
    pub launches: Vec<Launch>,
    /// Shared steps with ids from 1, where they become Tests.
    pub shared: Vec<Shared>,
}

/// A shared step that becomes a Test.
#[derive(Clone, Debug, Default)]
pub struct Shared {
    /// Name.
    pub name: String,
    /// The shared step that it calls before its own step.
    pub calls: Option<u64>,
}

impl Shared {
    /// Its Test's steps, “→ Name” for a call.
    pub fn steps(&self, project: &Project) -> Vec<String> {
        let call = self.calls.map(|id| project.call(id));
        call.into_iter().chain([format!("Do {}", self.name)]).collect()
    }
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
    /// The shared step that it calls after its own steps.
    pub calls: Option<u64>,
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
            calls: None,
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
            shared: Vec::new(),
        }
    }

    /// A project of so many cases, by chance.
    pub fn random(random: &mut Random, cases: u64) -> Self {
        let launches = random.below(3);
        Project {
            cases: (1..=cases).map(|id| case(random, id)).collect(),
            launches: (1..=launches).map(|id| launch(random, id, cases)).collect(),
            shared: Vec::new(),
        }
    }

    /// The same with calls of two shared steps by most manual cases, of which one calls the other: they become Tests.
    #[must_use]
    pub fn with_called_tests(mut self) -> Self {
        self.shared = [("Sign in", None), ("Check out", Some(1))]
            .map(|(name, calls)| Shared {
                name: name.to_owned(),
                calls,
            })
            .to_vec();
        let manual = self.cases.iter_mut().filter(|case| case.automated.is_none());
        for (number, case) in manual.enumerate() {
            case.calls = [Some(1), Some(2), None][number % 3];
        }
        self
    }

    /// How a call of a shared step is shown.
    pub fn call(&self, id: u64) -> String {
        let named = usize::try_from(id - 1).ok().and_then(|at| self.shared.get(at));
        format!("→ {}", named.map_or("", |shared| &shared.name))
    }

    /// Ids of the shared steps that some case calls, or one of these.
    pub fn called(&self) -> BTreeSet<u64> {
        let mut called: BTreeSet<u64> = self.cases.iter().filter_map(|case| case.calls).collect();
        let inner: Vec<u64> = (1..)
            .zip(&self.shared)
            .filter(|(id, _)| called.contains(id))
            .filter_map(|(_, shared)| shared.calls)
            .collect();
        called.extend(inner);
        called
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
        for (id, shared) in (1..).zip(&self.shared) {
            let mut built = data::SharedStep::new(id, &shared.name);
            if let Some(called) = shared.calls.and_then(|id| i64::try_from(id).ok()) {
                built = built.step(data::Step::shared(called));
            }
            project = project.shared_step(built.step(data::Step::new(&format!("Do {}", shared.name))));
        }
        for (id, case) in (1..).zip(&self.cases) {
            let mut built = data::Case::new(&case.name).id(id).description(&case.description);
            built.tags.clone_from(&case.tags);
            for (action, expected) in &case.steps {
                built = built.step(action, expected);
            }
            if let Some(called) = case.calls.and_then(|id| i64::try_from(id).ok()) {
                built = built.add_step(data::Step::shared(called));
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
        calls: None,
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
