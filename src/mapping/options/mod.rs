//! The mapping options that settings may carry, with defaults that need no thought. What is read here is the one list of
//! them: names, allowed values, defaults and the words that explain them.

mod adopt;
mod attributes;
mod fields;
mod files;
pub mod form;
mod issue_types;
mod launch;
mod of_launch;
mod place;
mod policy;
pub mod reader;
mod scenario;
mod status;
mod test_version;
mod xray_fields;

pub use adopt::{Adopt, ID};
pub use attributes::{Attributes, Place};
pub use fields::{Fields, ROLE};
pub use files::{Attachments, Evidence, Files};
pub use form::{Choice, MappingOption, ValueType};
pub use issue_types::IssueTypes;
pub use launch::{Defects, LaunchOptions, SeveralResults, StepResults};
pub use of_launch::OfLaunch;
pub use place::{Coverage, Folder, Places};
pub use policy::{Policies, Policy};
pub use reader::{Problem, Rule};
pub use scenario::{SHARED_STEPS, Scenario, TestType};
pub use status::StatusNames;
pub use test_version::{TEST_VERSION, TestVersion};
pub use xray_fields::{OF_RESULT, OF_STEP, PARAMETER, XrayFields};

use crate::text::same;
use reader::Reader;
use std::collections::BTreeMap;

/// How cases and launches are mapped, as a person configured it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Where a case's attributes go.
    pub attributes: Attributes,
    /// The project's issues.
    pub issues: Issues,
    /// Where a Test belongs.
    pub places: Places,
    /// How Tests that are there already are recognised.
    pub adopt: Adopt,
    /// What happens to a field that people edit in Jira.
    pub policies: Policies,
    /// What becomes of steps and parameters.
    pub scenario: Scenario,
    /// Files of cases and results.
    pub files: Files,
    /// Which Xray status a TestOps status becomes.
    pub statuses: StatusNames,
    /// How launches and their results are mapped.
    pub launches: LaunchOptions,
    /// Which version of a Test counts.
    pub test_version: TestVersion,
    /// What Xray Cloud is licensed as, which decides how many requests it takes.
    pub xray_plan: XrayPlan,
}

/// The issues of a Jira project.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Issues {
    /// Xray's issue types of the project.
    pub types: IssueTypes,
    /// Jira fields that are filled beyond the export's own.
    pub fields: Fields,
    /// Xray's own fields of steps and Test Runs that are filled.
    pub xray_fields: XrayFields,
    /// Jira status that a Test is brought to, by the status of its case.
    pub transitions: BTreeMap<String, String>,
    /// Label that the Test of a case gets that was deleted in TestOps.
    pub deleted_label: Option<String>,
}

impl Options {
    /// The Jira status that a case of this status asks for.
    pub fn jira_status(&self, of_case: Option<&str>) -> Option<&str> {
        let found = self
            .issues
            .transitions
            .iter()
            .find(|(from, _)| of_case.is_some_and(|it| same(it, from)));
        found.map(|(_, to)| to.as_str())
    }

    /// Everything that decides what a case becomes, to be digested.
    pub fn of_cases(&self) -> String {
        let Options {
            attributes,
            issues,
            places,
            adopt,
            policies,
            scenario,
            files,
            test_version,
            statuses: _,
            launches: _,
            xray_plan: _,
        } = self;
        let Issues {
            types,
            fields,
            xray_fields,
            transitions,
            deleted_label,
        } = issues;
        let steps = &xray_fields.steps;
        format!(
            "{attributes:?}{types:?}{fields:?}{steps:?}{transitions:?}{deleted_label:?}{places:?}{adopt:?}{policies:?}\
             {scenario:?}{files:?}{test_version:?}"
        )
    }

    /// Custom fields of TestOps that options name, each with its option.
    pub fn custom_fields(&self) -> Vec<(String, &str)> {
        let fill = self.issues.fields.custom().map(|name| (format!("fields.{name}"), name));
        let levels = self
            .places
            .folder
            .levels
            .iter()
            .map(|name| ("folder".to_owned(), name.as_str()));
        let adopt = self
            .adopt
            .field
            .iter()
            .map(|name| ("adopt-field".to_owned(), name.as_str()));
        let sets = self
            .places
            .test_sets
            .iter()
            .map(|name| ("test-sets".to_owned(), name.as_str()));
        let steps = self
            .issues
            .xray_fields
            .custom()
            .map(|name| (format!("step-fields.{name}"), name));
        fill.chain(steps).chain(levels).chain(sets).chain(adopt).collect()
    }
}

/// Option of [`Options::xray_plan`], of Xray Cloud alone.
pub const XRAY_PLAN: &str = "xray-plan";

/// Plans of Xray Cloud (docs.getxray.app, REST API).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum XrayPlan {
    /// 300 requests in 5 minutes.
    #[default]
    Standard,
    /// 1,000 requests in 5 minutes.
    Enterprise,
}

/// Options, what is wrong with them, and the rules in force.
#[derive(Clone, Debug, Default)]
pub struct Read {
    /// The options; defaults stand where something is wrong.
    pub options: Options,
    /// What is wrong, by option.
    pub problems: Vec<Problem>,
    /// Every option with its value, in the order of the documentation.
    pub rules: Vec<Rule>,
    /// Every option there is, in the same order.
    pub described: Vec<MappingOption>,
}

/// Reads options given by name.
pub fn read<'a>(given: impl IntoIterator<Item = (&'a str, &'a str)>) -> Read {
    let mut reader = Reader::new(given);
    // In the order of the forms, whichever room an option belongs to.
    let attributes = attributes::read(&mut reader);
    let fields = fields::read(&mut reader);
    let xray_fields = xray_fields::read(&mut reader);
    let places = place::read(&mut reader);
    let adopt = adopt::read(&mut reader);
    let policies = policy::read(&mut reader);
    let scenario = scenario::read(&mut reader);
    let deleted_label = deleted_label(&mut reader);
    let options = Options {
        attributes,
        places,
        adopt,
        policies,
        scenario,
        files: files::read(&mut reader),
        statuses: status::read(&mut reader),
        launches: launch::read(&mut reader),
        issues: Issues {
            transitions: attributes::transitions(&mut reader),
            types: issue_types::read(&mut reader),
            fields,
            xray_fields,
            deleted_label,
        },
        test_version: test_version::read(&mut reader),
        xray_plan: xray_plan(&mut reader),
    };
    let finished = reader.finish();
    Read {
        options,
        problems: finished.problems,
        rules: finished.rules,
        described: finished.options,
    }
}

/// Every option there is, as forms show it.
pub fn describe() -> Vec<MappingOption> {
    read([]).described
}

fn deleted_label(reader: &mut Reader<'_>) -> Option<String> {
    let asked = reader.option(
        "deleted-label",
        "Label for deleted cases",
        "Put once on the Test of a case that was deleted in TestOps; not set: nothing happens to it.",
    );
    let text = asked.text(ValueType::Text)?;
    let found = super::label::from_tag(&text);
    if found.is_none() {
        let message = format!("`{}` cannot be a label of a deleted case.", crate::text::shown(&text));
        let hint =
            "Take a word that does not start like a marker of tms-sync (tms-tc-, tms-le-, tms-pc-, tms-ss-, tms-pr-).";
        reader.wrong("deleted-label", message, hint);
    }
    found
}

fn xray_plan(reader: &mut Reader<'_>) -> XrayPlan {
    reader.group("Xray Cloud");
    let asked = reader.option(
        XRAY_PLAN,
        "Plan of Xray Cloud",
        "Decides how many requests Xray takes in five minutes: 300, or 1,000 with Xray Enterprise.",
    );
    let plans = [
        ("standard", "Xray", XrayPlan::Standard),
        ("enterprise", "Xray Enterprise", XrayPlan::Enterprise),
    ];
    asked.choice(&plans).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{Options, Policy, read};
    use crate::mapping::Field;

    #[test]
    fn without_options_the_defaults_are_in_force_and_every_rule_is_shown() {
        let found = read([]);
        assert_eq!((found.options, found.problems), (Options::default(), vec![]));
        assert!(
            found
                .rules
                .iter()
                .any(|rule| rule.name == "policy.summary" && rule.value == "own")
        );
    }

    #[test]
    fn a_value_that_an_option_does_not_take_is_named_with_those_it_takes() {
        let found = read([("policy.steps", "mine")]);
        let problem = &found.problems[0];
        assert_eq!(problem.option, "policy.steps");
        assert!(problem.message.contains("mine"), "{}", problem.message);
        assert_eq!(problem.hint, "It is own, replace, seed-once or never.");
    }

    #[test]
    fn unknown_and_repeated_options_are_named() {
        let found = read([
            ("policy.sumary", "own"),
            ("policy.steps", "never"),
            ("policy.steps", "own"),
        ]);
        let problems: Vec<_> = found
            .problems
            .iter()
            .map(|p| (p.option.as_str(), p.hint.as_str()))
            .collect();
        assert_eq!(
            problems,
            [
                ("policy.steps", "Take one of them out."),
                ("policy.sumary", "Did you mean policy.summary?")
            ]
        );
        assert_eq!(found.options.policies.of(Field::Steps), Policy::Never);
    }
}
