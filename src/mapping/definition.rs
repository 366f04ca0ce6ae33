//! What kind of Test a case becomes, and the definition of the kinds that have no steps.

use super::gherkin::{self, Feature};
use super::options::TestType;
use crate::domain::TestCase;
use crate::markup::plain;

/// Test type, by what the case is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TestKind {
    /// Has steps for a person.
    Manual,
    /// Automated without a manual scenario.
    Generic,
    /// A scenario in Gherkin.
    Cucumber,
}

impl TestKind {
    /// Xray's name of the type, by default.
    pub fn name(self) -> &'static str {
        match self {
            TestKind::Manual => "Manual",
            TestKind::Generic => "Generic",
            TestKind::Cucumber => "Cucumber",
        }
    }
}

/// What defines a Test of a kind that has no steps, with what a whole feature says beside its scenario.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Definition {
    /// Empty for Manual, the full name for Generic, a scenario without its `Scenario:` line for Cucumber.
    pub text: String,
    /// Steps before those of the scenario, where they are to be a Precondition; otherwise the text begins with them.
    pub background: String,
    /// Tags of the feature and of the scenario.
    pub tags: Vec<String>,
    /// The feature as it is written, where there is more to it than a scenario.
    pub feature: Option<String>,
}

/// How a case is to be defined.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wish {
    /// Kind of Test that a person wants.
    pub test_type: TestType,
    /// The destination has Cucumber Tests.
    pub cucumber: bool,
    /// A background is to be a Precondition.
    pub preconditions: bool,
}

/// The kind of a case's Test, and its definition.
pub(super) fn of(case: &TestCase, wish: Wish, losses: &mut Vec<String>) -> (TestKind, Definition) {
    let found = match wish.test_type {
        TestType::Auto | TestType::Cucumber => written(case),
        TestType::Manual | TestType::Generic => None,
    };
    let manual = !case.automation.is_all();
    let by_hand = match (found, wish.test_type) {
        (Some((text, feature)), _) if wish.cucumber => {
            return (TestKind::Cucumber, scenario(case, wish, &text, feature, losses));
        }
        (Some(_), _) => {
            losses.push("type: the steps are Gherkin, and the project has no Cucumber test type".to_owned());
            manual
        }
        (None, TestType::Cucumber) => {
            losses.push("type: the steps are no Gherkin, so the Test is not a Cucumber Test".to_owned());
            manual
        }
        (None, TestType::Auto) => manual,
        (None, TestType::Manual) => true,
        (None, TestType::Generic) => false,
    };
    if by_hand {
        return (TestKind::Manual, Definition::default());
    }
    if !case.scenario.steps.is_empty() {
        losses.push("steps: a Generic Test has none; those in TestOps are not carried over".to_owned());
    }
    let name = case.automation.full_name.as_ref().unwrap_or(&case.name);
    let definition = Definition {
        text: name.clone(),
        ..Definition::default()
    };
    (TestKind::Generic, definition)
}

/// The case's text and the feature that it is: TestOps marks the keywords, or every line of the steps begins with one.
fn written(case: &TestCase) -> Option<(String, Feature)> {
    if case
        .scenario
        .steps
        .iter()
        .any(|step| step.expected.is_some() || !step.children.is_empty())
    {
        return None;
    }
    let marked = || {
        let text = case.scenario.gherkin.clone()?;
        gherkin::read(&text).map(|feature| (text, feature))
    };
    let lines = || {
        let steps = case.scenario.steps.iter().filter(|step| !step.is_only_a_file());
        let steps = steps.map(|step| plain::write(&step.action.tree));
        let text = steps.collect::<Vec<_>>().join("\n");
        gherkin::read(&text).map(|feature| (text, feature))
    };
    marked().or_else(lines)
}

fn scenario(case: &TestCase, wish: Wish, text: &str, feature: Feature, losses: &mut Vec<String>) -> Definition {
    if case.scenario.steps.iter().any(|step| !step.attachments.is_empty()) {
        losses.push("definition: a scenario names no files; those of its steps are attached to the Test".to_owned());
    }
    if feature.scenarios > 1 {
        losses.push(format!(
            "definition: a Cucumber Test has one scenario; the feature has {}, and all of it is in the description",
            feature.scenarios
        ));
    }
    let examples = feature.examples();
    let (background, body) = match wish.preconditions || feature.background.is_empty() {
        true => (feature.background, feature.scenario),
        false => (String::new(), format!("{}\n{}", feature.background, feature.scenario)),
    };
    Definition {
        text: with_examples(body, examples, case),
        background,
        tags: feature.tags,
        feature: feature.is_whole.then(|| text.trim().to_owned()),
    }
}

/// Rows of the case's values become the examples of an outline, where the steps name the parameters and bring no
/// examples of their own.
fn with_examples(text: String, examples: &str, case: &TestCase) -> String {
    let named = case
        .examples
        .parameters
        .iter()
        .any(|name| text.contains(&format!("<{name}>")));
    if !named || case.examples.rows.is_empty() || gherkin::is_outline(&text) {
        return text;
    }
    let cell = |value: &str| value.replace('\\', "\\\\").replace('|', "\\|").replace('\n', "\\n");
    let row = |values: Vec<String>| format!("    | {} |", values.join(" | "));
    let mut lines = vec![text, String::new(), format!("  {examples}:")];
    lines.push(row(case.examples.parameters.iter().map(|name| cell(name)).collect()));
    for example in &case.examples.rows {
        let value = |name: &String| example.iter().find(|(of, _)| of == name).map_or("", |(_, value)| value);
        lines.push(row(case
            .examples
            .parameters
            .iter()
            .map(|name| cell(value(name)))
            .collect()));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::{TestKind, Wish, of};
    use crate::domain::{Automation, CaseScenario, Examples, Step, TestCase};
    use crate::mapping::options::TestType;
    use crate::markup::Document;

    fn case(steps: &[&str]) -> TestCase {
        let step = |text: &&str| Step {
            action: Document::from_plain(text),
            ..Step::default()
        };
        TestCase {
            name: "Log in".to_owned(),
            automation: Automation {
                has_manual_scenario: !steps.is_empty(),
                ..Automation::default()
            },
            scenario: CaseScenario {
                steps: steps.iter().map(step).collect(),
                ..CaseScenario::default()
            },
            ..TestCase::default()
        }
    }

    fn wish(test_type: TestType, cucumber: bool) -> Wish {
        Wish {
            test_type,
            cucumber,
            preconditions: false,
        }
    }

    fn kind(case: &TestCase, wanted: TestType, cucumber: bool) -> (TestKind, usize) {
        let mut losses = Vec::new();
        (of(case, wish(wanted, cucumber), &mut losses).0, losses.len())
    }

    #[test]
    fn the_kind_follows_from_the_case_and_an_option_overrides_it() {
        let manual = case(&["Open", "Look"]);
        let gherkin = case(&["Given a page", "When it opens\nAnd loads", "Then it is shown"]);
        let mut automated = case(&[]);
        automated.automation.automated = true;
        automated.automation.full_name = Some("com.acme.T.m".to_owned());
        for (what, wanted, cucumber, expected) in [
            (&manual, TestType::Auto, true, (TestKind::Manual, 0)),
            (&gherkin, TestType::Auto, true, (TestKind::Cucumber, 0)),
            (&gherkin, TestType::Auto, false, (TestKind::Manual, 1)),
            (&gherkin, TestType::Manual, true, (TestKind::Manual, 0)),
            (&automated, TestType::Auto, true, (TestKind::Generic, 0)),
            (&automated, TestType::Manual, true, (TestKind::Manual, 0)),
            (&automated, TestType::Cucumber, true, (TestKind::Generic, 1)),
            (&manual, TestType::Generic, true, (TestKind::Generic, 1)),
            (&manual, TestType::Cucumber, true, (TestKind::Manual, 1)),
        ] {
            assert_eq!(
                kind(what, wanted, cucumber),
                expected,
                "{wanted:?} {:?}",
                what.scenario.steps
            );
        }
    }

    #[test]
    fn rows_of_values_become_examples_where_the_steps_name_them() {
        let row = |user: &str| vec![("user".to_owned(), user.to_owned())];
        let case = TestCase {
            examples: Examples {
                parameters: vec!["user".to_owned(), "unused".to_owned()],
                rows: vec![row("ann"), row("a|b")],
            },
            ..case(&["Given <user>", "Then welcome"])
        };
        let (kind, definition) = of(&case, wish(TestType::Auto, true), &mut Vec::new());
        let text = definition.text;
        assert_eq!(kind, TestKind::Cucumber);
        assert!(
            text.ends_with("Examples:\n    | user | unused |\n    | ann |  |\n    | a\\|b |  |"),
            "{text}"
        );
    }

    const FEATURE: &str = "@shop\nFeature: Basket\n  Background:\n    Given a customer\n  @smoke\n  Scenario: Fill\n    When she \
                           adds an article\n    Then it is there";

    #[test]
    fn a_background_begins_the_scenario_or_is_a_precondition_of_its_own() {
        let case = case(&[FEATURE]);
        let made = |preconditions| {
            let wish = Wish {
                preconditions,
                ..wish(TestType::Auto, true)
            };
            of(&case, wish, &mut Vec::new()).1
        };
        let (whole, split) = (made(false), made(true));
        let steps = "When she adds an article\nThen it is there";
        assert_eq!(whole.text, format!("Given a customer\n{steps}"));
        assert_eq!(whole.background, "");
        assert_eq!(
            (split.text.as_str(), split.background.as_str()),
            (steps, "Given a customer")
        );
        assert_eq!(split.tags, ["shop", "smoke"]);
        assert_eq!(split.feature.as_deref(), Some(FEATURE));
    }

    #[test]
    fn steps_with_files_may_be_gherkin_and_several_scenarios_are_noted() {
        let mut with_files = case(&["Given a page", "When it opens", "Then it is shown"]);
        with_files.scenario.steps[0].attachments.push("page.png".to_owned());
        with_files.scenario.steps.push(Step {
            action: Document::from_plain("Attachment: all.txt"),
            attachments: vec!["all.txt".to_owned()],
            ..Step::default()
        });
        assert_eq!(kind(&with_files, TestType::Auto, true), (TestKind::Cucumber, 1));
        let several = case(&[&format!("{FEATURE}\n  Scenario: Empty\n    Then it is empty")]);
        assert_eq!(kind(&several, TestType::Auto, true), (TestKind::Cucumber, 1));
    }

    #[test]
    fn keywords_from_testops_make_an_automated_case_a_cucumber_test() {
        let mut case_of_keywords = case(&[]);
        case_of_keywords.automation.automated = true;
        case_of_keywords.scenario.gherkin = Some("Given a page\nThen it is shown".to_owned());
        assert_eq!(kind(&case_of_keywords, TestType::Auto, true), (TestKind::Cucumber, 0));
    }
}
