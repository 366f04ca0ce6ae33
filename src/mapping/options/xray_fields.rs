//! Xray's own fields of steps and of Test Runs, which an administrator adds beside those that everybody has.

use super::fields::{Fields, Words, read_with};
use super::form::ValueType;
use super::reader::Reader;

/// What a step has beside the attributes of its case.
pub const OF_STEP: [&str; 2] = ["number", "files"];
/// What a result has beside its parameters.
pub const OF_RESULT: [&str; 5] = ["status", "name", "message", "tested-by", "assignee"];
/// What stands before the name of a parameter of a result.
pub const PARAMETER: &str = "parameter.";

/// Names as a person wrote them; which fields a project has is only known there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct XrayFields {
    /// Fields of steps.
    pub steps: Fields,
    /// Fields of Test Runs. A constant may be a rule of [`super::OfLaunch`].
    pub runs: Fields,
}

impl XrayFields {
    /// Custom fields of TestOps that fill fields of steps.
    pub fn custom(&self) -> impl Iterator<Item = &str> {
        self.steps.custom().filter(|name| !OF_STEP.contains(name))
    }
}

pub(super) fn read(reader: &mut Reader<'_>) -> XrayFields {
    reader.group("Fields of steps and Test Runs");
    let steps = Words {
        sources: "step-fields",
        title: "Field of steps",
        help: "Fills this field of Xray's steps, by name or id, from what the name ends with: number, files, an attribute of \
               the case (layer, role.<role>, …) or the name of a custom field of TestOps.",
        defaults: "step-defaults",
        default_title: "Value of a field of steps",
        default_help: "Fills the field of Xray's steps that the name ends with, where the step has no value for it.",
        named: "field of steps",
        value_type: ValueType::Text,
    };
    let runs = Words {
        sources: "run-fields",
        title: "Field of Test Runs",
        help: "Fills this field of Xray's Test Runs, by name or id, from what the name ends with: status, name, message, \
               tested-by, assignee or parameter.<name> of the result.",
        defaults: "run-defaults",
        default_title: "Value of a field of Test Runs",
        default_help: "Fills the field of Xray's Test Runs that the name ends with, where the result has no value for it; or \
                       where each launch has it: tag:PREFIX, variable:NAME, name:BEFORE*AFTER or link:NAME.",
        named: "field of Test Runs",
        value_type: ValueType::Text,
    };
    let fields = XrayFields {
        steps: read_with(reader, &steps),
        runs: read_with(reader, &runs),
    };
    for source in fields.runs.sources.keys() {
        if !OF_RESULT.contains(&source.as_str()) && !source.starts_with(PARAMETER) {
            let message = format!("`{source}` is nothing that a result has.");
            let hint = format!("It is {} or {PARAMETER}<name>.", OF_RESULT.join(", "));
            reader.wrong(&format!("run-fields.{source}"), message, &hint);
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::super::read;

    #[test]
    fn constants_and_sources_of_steps_and_runs_are_read() {
        let found = read([
            ("step-fields.number", "Position"),
            ("step-fields.Risk", "Risk of step"),
            ("step-defaults.Component", "UI"),
            ("run-fields.parameter.Browser", "Browser"),
            ("run-defaults.Build", "tag:build-"),
        ]);
        assert_eq!(found.problems, []);
        let fields = &found.options.issues.xray_fields;
        assert_eq!(fields.custom().collect::<Vec<_>>(), ["Risk"]);
        assert_eq!(fields.runs.sources["parameter.Browser"], "Browser");
        assert_eq!(fields.runs.defaults["Build"], "tag:build-");
        let custom = found.options.custom_fields();
        assert_eq!(custom, [("step-fields.Risk".to_owned(), "Risk")]);
    }

    #[test]
    fn what_no_result_has_is_refused_with_what_it_has() {
        let found = read([
            ("run-fields.layer", "Layer"),
            ("run-fields.name", "Title"),
            ("run-fields.message", "title"),
            ("run-defaults.Build", ""),
        ]);
        let problems: Vec<_> = found
            .problems
            .iter()
            .map(|problem| format!("{}: {} {}", problem.option, problem.message, problem.hint))
            .collect();
        assert_eq!(
            problems,
            [
                "run-fields.name: `name` and `message` both go to the field of Test Runs Title. Take one of them out.",
                "run-defaults.Build: run-defaults.Build has no value. Write one, or take it out.",
                "run-fields.layer: `layer` is nothing that a result has. It is status, name, message, tested-by, assignee or \
                 parameter.<name>.",
            ]
        );
    }
}
