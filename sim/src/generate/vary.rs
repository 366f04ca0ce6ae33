//! What makes a generated project as mixed as real ones: texts that are missing, long or hostile, deep steps, links and
//! issues, results with what people and machines leave on them.

use super::chance::Chance;
use crate::testops::data::{
    Case, Content, Defect, Expected, File, Issue, Launch, Link, Parameter, Project, RunStep, SharedStep, Status, Step,
    TestResult,
};
use crate::world::INTEGRATION;

/// Defects of a varied project.
const DEFECTS: i64 = 10;
/// Texts that mean something to Jira, to Markdown or to a terminal.
const HOSTILE: &[&str] = &[
    "{html}<script>alert(1)</script>{html}",
    "{code}unclosed",
    "[~admin] and @admin look at [click|javascript:alert(1)]",
    "a | b || c !image.png! h1. no heading",
    "שלום עולם \u{202e}abc 🚀 👩\u{200d}👧 :) (!) (x)",
    "<b>bold</b> &amp; &lt;tag&gt; *stars* _lines_ -- --- ----",
    "C:\\temp\\new \\\\ {color:red}red{color}",
];
const TESTERS: &[&str] = &["ann", "bob", "chen"];
const BROWSERS: &[&str] = &["Firefox", "Chrome 120", "Safari", "Edge (Chromium) on Windows 11"];

/// Mixes a project.
pub(super) fn vary(project: &mut Project, chance: &mut Chance) {
    project.defects = (1..=DEFECTS).map(defect).collect();
    for case in &mut project.cases {
        vary_case(case, chance);
    }
    let (cases, shared) = (&project.cases, &project.shared_steps);
    for (at, launch) in project.launches.iter_mut().enumerate() {
        vary_launch(launch, at, cases, shared, chance);
    }
}

/// Every third is of the tracker, every third of nowhere.
fn defect(id: i64) -> Defect {
    Defect {
        id,
        name: format!("Defect {id}"),
        issue: (id % 3 > 0).then(|| Issue::new(&format!("CALC-{}", 90_000 + id), INTEGRATION)),
        ..Defect::default()
    }
}

fn vary_case(case: &mut Case, chance: &mut Chance) {
    match chance.below(20) {
        0 => case.description = None,
        1 | 2 => case.description = Some(hostile(chance)),
        3 => case.description = Some("<p>Plain <b>HTML</b></p><ul><li>one</li><li>two</li></ul>".into()),
        4 => case.description = Some("word ".repeat(8_000)),
        _ => {}
    }
    match chance.below(40) {
        0 => case.name = format!("{} {}", case.name, "and on ".repeat(50)),
        1 => case.name = format!("  {}\n {} ", case.name, hostile(chance)),
        _ => {}
    }
    if chance.percent(30) {
        case.expected_result = Some("The order is **paid**, see `status`".into());
    }
    if chance.percent(20) {
        case.tags.push("two  words\there".into());
    }
    if chance.percent(30) {
        case.links.push(Link {
            name: format!("Specification {}", case.id),
            kind: None,
            url: format!("https://docs.example.com/spec/{}", case.id),
        });
    }
    if chance.percent(10) {
        case.issues
            .push(Issue::new(&format!("CALC-{}", 80_000 + case.id), INTEGRATION));
    }
    if case.automated && chance.percent(20) {
        case.steps.push(Step::new("Run the job").expect("It is green"));
        return;
    }
    match chance.below(20) {
        0 => case.steps.clear(),
        1 | 2 => case.steps.push(deep(chance)),
        3 => case.steps.push(Step::new(&hostile(chance)).expect(&hostile(chance))),
        4 => case
            .steps
            .push(Step::new("Compare with the picture").child(Step::file(File::new(
                "picture.png",
                "image/png",
                "not really",
            )))),
        5 => case.checklist = true,
        _ => {}
    }
}

fn hostile(chance: &mut Chance) -> String {
    format!("{} {}", chance.pick(HOSTILE), chance.below(1_000))
}

fn deep(chance: &mut Chance) -> Step {
    let inner = Step::new("Choose the size").child(Step::new("Take the smallest").expect("It is marked"));
    Step::new(&format!("Configure item {}", chance.below(100)))
        .child(inner)
        .child(Step::new("Choose the colour"))
}

fn vary_launch(launch: &mut Launch, at: usize, cases: &[Case], shared: &[SharedStep], chance: &mut Chance) {
    for _ in 0..=at {
        launch
            .environment
            .push(("Browser".into(), chance.pick(BROWSERS).into()));
    }
    launch.environment.push(("OS".into(), "Windows 11".into()));
    launch.environment.sort();
    launch.environment.dedup();
    launch.tags.push(format!("build {at}"));
    launch.links.push(Link {
        name: "Pipeline".into(),
        kind: None,
        url: format!("https://ci.example.com/builds/{at}"),
    });
    if at % 2 == 1 {
        launch.closed = false;
    }
    let mut previous = None;
    for result in &mut launch.results {
        // Attempts of one test stay together.
        if !result.hidden && result.case.is_some() && chance.percent(10) && previous.is_some() {
            result.case = previous;
            result.parameters.push(Parameter::new("browser", chance.pick(BROWSERS)));
        }
        previous = if result.hidden { None } else { result.case };
        let case = result.case.and_then(|id| cases.iter().find(|case| case.id == id));
        if let Some(case) = case {
            vary_result(result, case, shared, chance);
        }
    }
}

fn vary_result(result: &mut TestResult, case: &Case, shared: &[SharedStep], chance: &mut Chance) {
    result.name.clone_from(&case.name);
    result.muted = chance.percent(3);
    result.flaky = chance.percent(5);
    let bad = matches!(result.status, Some(Status::Failed | Status::Broken));
    if bad && chance.percent(40) {
        result.defects.push(1 + chance.below(10));
    }
    if bad && chance.percent(20) {
        result.message = Some(hostile(chance));
    }
    if !case.automated && chance.percent(50) {
        result.manual = true;
        result.tested_by = Some(chance.pick(TESTERS).into());
    }
    if chance.percent(70) && !case.steps.is_empty() {
        let all: Vec<RunStep> = case.steps.iter().flat_map(|step| executed(step, shared)).collect();
        // What comes after the step that failed was not run.
        let ran = usize::try_from(chance.below(all.len() as u64 + 1)).unwrap_or(0);
        result.steps = all
            .into_iter()
            .enumerate()
            .map(|(at, step)| match (result.status, at.cmp(&ran)) {
                (Some(Status::Passed), _) | (_, std::cmp::Ordering::Less) => step,
                (status, std::cmp::Ordering::Equal) => RunStep {
                    status,
                    message: result.message.clone(),
                    ..step
                },
                _ => untouched(step),
            })
            .collect();
    }
}

fn untouched(step: RunStep) -> RunStep {
    RunStep {
        status: None,
        steps: step.steps.into_iter().map(untouched).collect(),
        ..step
    }
}

/// A step as it is executed: called steps stand where they are called.
pub(super) fn executed(step: &Step, shared: &[SharedStep]) -> Vec<RunStep> {
    let below = |steps: &[Step]| -> Vec<RunStep> { steps.iter().flat_map(|step| executed(step, shared)).collect() };
    let body = match &step.content {
        Content::Text(body, _) => body.as_str(),
        Content::Shared(id) => {
            let called = shared.iter().find(|shared| shared.id == *id);
            return called.map(|shared| below(&shared.steps)).unwrap_or_default();
        }
        Content::Empty | Content::File(_) => return Vec::new(),
    };
    let mut made = RunStep::new(body, Status::Passed);
    made.steps = below(&step.children);
    match &step.expected {
        Expected::Inline(text) => made = made.expect(text),
        Expected::Lines { lines, .. } => made.expected = below(lines),
        Expected::None => {}
    }
    vec![made]
}
