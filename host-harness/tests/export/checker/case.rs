//! A test case against its Test.

use tms_sync_sim::jira::issue::Issue;
use tms_sync_sim::jira::site::Site;
use tms_sync_sim::testops::data::{Case, Content, Expected, Project, Step};

use super::Difference;
use super::text::{decoded, essence, missing, readable, readable_order, said};

pub fn compare(case: &Case, source: &Project, site: &Site, test: &Issue) -> Vec<Difference> {
    let mut found = Vec::new();
    let name = readable_order(&case.name)
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    if test.summary != name {
        found.push(Difference::unless(
            format!("summary {:?} of {name:?}", test.summary),
            &["summary", "name"],
        ));
    }
    found.extend(labels(case, test));
    let definition = &site.xray.test(test.id).unwrap().definition;
    let manual = !case.automated || !case.steps.is_empty();
    let kind = if manual { "Manual" } else { "Generic" };
    if definition.test_type.name != kind {
        found.push(Difference::new(format!(
            "a {} that should be {kind}",
            definition.test_type.name
        )));
    }
    if !manual && Some(&definition.unstructured) != case.full_name.as_ref() {
        found.push(Difference::new(format!("definition {:?}", definition.unstructured)));
    }
    found.extend(description(case, test));
    if manual {
        let columns = definition
            .steps
            .iter()
            .flat_map(|step| [&step.action, &step.data, &step.result]);
        let there: String = columns.map(|column| essence(&decoded(column))).collect();
        let mut at = 0;
        for text in texts(&case.steps, source) {
            let wanted = essence(&text);
            match there[at..].find(&wanted) {
                Some(found) => at += found + wanted.len(),
                None => found.push(Difference::unless(
                    format!("step {text:?} is missing, or not in its order"),
                    &["step"],
                )),
            }
        }
    } else if !definition.steps.is_empty() {
        found.push(Difference::new(format!(
            "{} steps that nobody wrote",
            definition.steps.len()
        )));
    }
    found
}

fn labels(case: &Case, test: &Issue) -> Vec<Difference> {
    let mut wanted: Vec<String> = case
        .tags
        .iter()
        .map(|tag| tag.split_whitespace().collect::<Vec<_>>().join("_"))
        .collect();
    wanted.push("tms-sync".to_owned());
    wanted.sort();
    wanted.dedup();
    let (markers, mut there): (Vec<_>, Vec<_>) = test.labels.iter().cloned().partition(|l| l.starts_with("tms-tc-"));
    there.sort();
    if there == wanted && markers.len() == 1 {
        return Vec::new();
    }
    vec![Difference::new(format!(
        "labels {:?}, wanted {wanted:?} and one marker",
        test.labels
    ))]
}

/// Every word of the case's texts and attributes is in the description, or in the text that was attached.
fn description(case: &Case, test: &Issue) -> Vec<Difference> {
    let there = said(&test.description);
    let mut texts = vec![
        ("description", case.description.clone().unwrap_or_default()),
        ("precondition", case.precondition.clone().unwrap_or_default()),
        ("expected result", case.expected_result.clone().unwrap_or_default()),
        ("layer", case.layer.clone().unwrap_or_default()),
        ("status", case.status.clone()),
    ];
    texts.extend(
        case.fields
            .iter()
            .map(|(name, value)| ("custom field", format!("{name} {value}"))),
    );
    texts.extend(
        case.members
            .iter()
            .map(|(role, name)| ("member", format!("{role} {name}"))),
    );
    texts.extend(
        case.links
            .iter()
            .map(|link| ("link", format!("{} {}", link.name, link.url))),
    );
    texts.extend(case.issues.iter().map(|issue| ("issue", issue.key.clone())));
    let mut found = Vec::new();
    for (what, text) in texts {
        let lacking = missing(&readable(&text), &there);
        if !lacking.is_empty() {
            found.push(Difference::unless(
                format!("{what}: {lacking:?} missing in {there:?}"),
                &["description", "shortened"],
            ));
        }
    }
    found
}

/// Texts of steps in reading order: action, expected result, then what is below; called steps where they are called.
fn texts(steps: &[Step], source: &Project) -> Vec<String> {
    let mut all = Vec::new();
    for step in steps {
        match &step.content {
            Content::Text(body, _) => all.push(body.clone()),
            Content::File(file) => all.push(file.name.clone()),
            Content::Shared(id) => {
                let shared = source.shared_steps.iter().find(|shared| shared.id == *id).unwrap();
                all.push(shared.name.clone());
                all.extend(texts(&shared.steps, source));
            }
            Content::Empty => {}
        }
        // Files below a step are named in its Data column, which stands before the expected result.
        let (files, below): (Vec<Step>, Vec<Step>) = step
            .children
            .iter()
            .cloned()
            .partition(|child| matches!(child.content, Content::File(_)));
        all.extend(texts(&files, source));
        match &step.expected {
            Expected::Inline(text) => all.push(text.clone()),
            Expected::Lines { lines, .. } => all.extend(texts(lines, source)),
            Expected::None => {}
        }
        all.extend(texts(&below, source));
    }
    all
}
