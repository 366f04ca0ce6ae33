//! Gherkin definitions: scenario or outline, and the examples an outline's runs have.

use crate::jira::id::{IssueId, Millis};
use crate::jira::site::Site;
use crate::jira::xray::{Definition, Kind};

/// Replaces the body of a Gherkin definition; a body with an examples table makes an outline.
pub(super) fn write(definition: &mut Definition, body: String) {
    let is_outline = rows(&body) > 0;
    definition.scenario_type = if is_outline { "scenario_outline" } else { "scenario" }.to_owned();
    definition.gherkin = body;
}

/// Rows of all examples tables, without their headings.
fn rows(body: &str) -> usize {
    let mut rows = 0;
    let mut heading = None;
    for line in body.lines().map(str::trim) {
        if line.starts_with("Examples:") || line.starts_with("Scenarios:") {
            heading = Some(true);
        } else if let (Some(is_heading), true) = (heading, line.starts_with('|')) {
            rows += usize::from(!is_heading);
            heading = Some(false);
        }
    }
    rows
}

/// Adds a test to an execution; its run has one result per example. `None` when the test is there already.
pub(super) fn add_run(site: &mut Site, execution: IssueId, test: IssueId, now: Millis) -> Option<String> {
    let run = site.xray.add_run(execution, test, now)?;
    let definition = site.xray.run(&run).map(|run| run.definition.clone());
    let count = definition
        .filter(|of| of.test_type.kind == Kind::Gherkin)
        .map_or(0, |of| rows(&of.gherkin));
    let status = site.xray.settings.initial_step_status();
    let examples = (0..count).map(|_| site.xray.example(&run, &status)).collect();
    if let Some(run) = site.xray.run_mut(&run, now) {
        run.examples = examples;
    }
    Some(run)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_every_table_count_and_headings_do_not() {
        let body = "Given <a>\n\n  Examples:\n    | a |\n    | 1 |\n    | 2 |\n  Examples: more\n    | a |\n    | 3 |";
        assert_eq!(rows(body), 3);
        assert_eq!(rows("Given a table\n | x |\n | y |"), 0);
    }
}
