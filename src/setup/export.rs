//! The export configuration: project, filters, switches, mapping options.

use super::{DC, Export, ExportConfig, Finding};
use crate::aql::{self, Diagnostic, Entity};
use crate::mapping::Options;
use crate::mapping::options::{Problem, Read, SHARED_STEPS, TEST_VERSION, TestVersion};
use crate::text::Severity;

/// Findings of one filter. What is wrong beyond that is found after these are mended.
const MOST: usize = 20;

/// An export as typed values, and what is to be said about it; `kind` is the integration's.
pub(super) fn read(config: &ExportConfig, kind: &str) -> (Export, Vec<Finding>) {
    let Read { options, problems, .. } = config.options();
    let mut findings = Vec::new();
    findings.extend(project(&config.project));
    findings.extend(filter("test-case-aql", &config.test_case_aql, Entity::TestCase));
    findings.extend(filter("launches-aql", &config.launches_aql, Entity::Launch));
    findings.extend(switches(config));
    let wrong = |problem: Problem| Finding::error(problem.option, problem.message).hint(problem.hint);
    findings.extend(problems.into_iter().map(wrong));
    findings.extend(calls(kind, &options));
    findings.extend(versions(kind, &options));
    let export = Export {
        name: config.name.clone(),
        project: config.project.clone(),
        test_case_aql: config.test_case_aql.clone(),
        launches_aql: config.launches_aql.clone(),
        no_create: config.disable_test_case_create,
        no_launches: config.disable_launches_sync,
        disabled: config.disable_export,
        options,
    };
    (export, findings)
}

/// Calls of Tests can be read on Data Center, and no documented request writes one.
fn calls(kind: &str, options: &Options) -> Option<Finding> {
    (kind == DC && options.scenario.calls).then(|| {
        let message = "Xray Data Center has no request that makes a Test call another.";
        Finding::error(SHARED_STEPS, message).hint("Take `expand`; `call` is for Xray Cloud (xray-cloud).")
    })
}

/// Xray Data Center documents how a version is named in requests, and not how versions are listed.
fn versions(kind: &str, options: &Options) -> Option<Finding> {
    (kind == DC && options.test_version == TestVersion::Latest).then(|| {
        let message = "Xray Data Center has no request that lists the versions of a Test.";
        Finding::error(TEST_VERSION, message).hint("Name the version, or take `default`; `latest` is for Xray Cloud.")
    })
}

fn project(key: &str) -> Option<Finding> {
    let field = "project";
    if key.trim().is_empty() {
        let hint = "Write the key of the Jira project, as in CALC for CALC-12.";
        return Some(Finding::error(field, "The destination project is missing.").hint(hint));
    }
    if is_key(key) {
        return None;
    }
    let finding = Finding::error(field, "This is not the key of a project.").at(key, strange(key));
    let upper = key.trim().to_ascii_uppercase();
    let of_issue = upper
        .split_once('-')
        .filter(|(_, number)| number.bytes().all(|b| b.is_ascii_digit()));
    Some(match of_issue.map_or(upper.as_str(), |(project, _)| project) {
        meant if is_key(meant) => finding.hint(format!("Did you mean {meant}?")),
        _ => finding.hint("A key is a capital letter followed by capital letters, digits or underscores, as in CALC."),
    })
}

/// Jira's default pattern of project keys: 2 to 255 characters.
fn is_key(key: &str) -> bool {
    let rest = key.strip_prefix(|c: char| c.is_ascii_uppercase()).unwrap_or_default();
    (1..255).contains(&rest.len())
        && rest
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
}

/// The first character that no key has at its place; the end where it is only too short.
fn strange(key: &str) -> usize {
    let fits = |(at, c): (usize, char)| c.is_ascii_uppercase() || at > 0 && (c.is_ascii_digit() || c == '_');
    key.char_indices()
        .find(|found| !fits(*found))
        .map_or(key.len(), |(at, _)| at)
}

fn filter(field: &str, text: &str, entity: Entity) -> Vec<Finding> {
    let remarks = aql::review(text, entity);
    let more = remarks.len().saturating_sub(MOST);
    let mut findings: Vec<_> = remarks
        .iter()
        .take(MOST)
        .map(|remark| of_filter(field, text, remark))
        .collect();
    if more > 0 {
        let left = remarks
            .iter()
            .skip(MOST)
            .any(|remark| remark.severity() == Severity::Error);
        let message = format!("The filter has {more} more like these.");
        findings.push(if left {
            Finding::error(field, message)
        } else {
            Finding::warning(field, message)
        });
    }
    findings
}

fn of_filter(field: &str, text: &str, remark: &Diagnostic) -> Finding {
    let message = match remark.code {
        Some(code) => format!("{} ({code})", remark.message),
        None => remark.message.clone(),
    };
    Finding {
        severity: remark.severity(),
        field: field.to_owned(),
        message,
        hint: remark.hint.clone(),
        at: Some(remark.position(text)),
        excerpt: Some(remark.excerpt(text)),
    }
}

/// Switches that make something else without effect, and filters that select everything by saying nothing.
fn switches(export: &ExportConfig) -> Vec<Finding> {
    if export.disable_export {
        let message = "The export is switched off: nothing is exported.";
        return vec![Finding::warning("disable-export", message).hint("Switch disable-export off to export.")];
    }
    let mut findings = Vec::new();
    let says_nothing = |text: &str| text.trim().is_empty();
    if says_nothing(&export.test_case_aql) && !export.disable_test_case_create {
        findings.push(
            Finding::warning(
                "test-case-aql",
                "An empty filter exports all test cases of the TestOps project.",
            )
            .hint("Begin with a narrow one, such as tag = \"smoke\"; write true if all are meant."),
        );
    }
    match (export.disable_launches_sync, says_nothing(&export.launches_aql)) {
        (false, true) => findings.push(
            Finding::warning(
                "launches-aql",
                "An empty filter exports all launches of the TestOps project.",
            )
            .hint("Begin with disable-launches-sync on, or with a narrow filter; write true if all are meant."),
        ),
        (true, false) => findings.push(
            Finding::warning(
                "launches-aql",
                "This filter has no effect: the export of launches is switched off.",
            )
            .hint("Switch disable-launches-sync off, or empty the filter."),
        ),
        _ => {}
    }
    findings
}
