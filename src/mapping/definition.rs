//! What kind of Test a case becomes, and the definition of the kinds that have no steps.

use super::gherkin::{self, Scenario};
use super::options::TestType;
use crate::domain::{Step, TestCase};
use crate::markup::plain;

/// Test type, by what the case is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Has steps for a person.
    Manual,
    /// Automated without a manual scenario.
    Generic,
    /// A scenario in Gherkin.
    Cucumber,
}

impl Kind {
    /// Xray's name of the type, by default.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Manual => "Manual",
            Kind::Generic => "Generic",
            Kind::Cucumber => "Cucumber",
        }
    }
}

/// The kind of a case's Test, and its definition: empty for Manual, the full name for Generic, a scenario without its
/// `Scenario:` line for Cucumber.
pub(super) fn of(case: &TestCase, wanted: TestType, cucumber: bool, losses: &mut Vec<String>) -> (Kind, String) {
    let found = match wanted {
        TestType::Auto | TestType::Cucumber => scenario(case),
        TestType::Manual | TestType::Generic => None,
    };
    let manual = case.has_manual_scenario || !case.automated;
    let by_hand = match (found, wanted) {
        (Some(found), _) if cucumber => return (Kind::Cucumber, with_examples(found, case)),
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
        return (Kind::Manual, String::new());
    }
    if !case.steps.is_empty() {
        losses.push("steps: a Generic Test has none; those in TestOps are not carried over".to_owned());
    }
    let name = case.full_name.as_ref().unwrap_or(&case.name);
    (Kind::Generic, name.clone())
}

/// The case's scenario where it is Gherkin: TestOps tells the keywords, or every line of the steps begins with one.
fn scenario(case: &TestCase) -> Option<Scenario> {
    let bare = |step: &Step| step.expected.is_none() && step.children.is_empty() && step.attachments.is_empty();
    let written = || {
        let steps = case.steps.iter().map(|step| plain::write(&step.action.tree));
        gherkin::scenario(&steps.collect::<Vec<_>>().join("\n"))
    };
    let told = case.gherkin.as_deref().and_then(gherkin::scenario);
    case.steps.iter().all(bare).then(|| told.or_else(written)).flatten()
}

/// Rows of the case's values become the examples of an outline, where the steps name the parameters and bring no
/// examples of their own.
fn with_examples(scenario: Scenario, case: &TestCase) -> String {
    let text = scenario.body;
    let named = case.parameters.iter().any(|name| text.contains(&format!("<{name}>")));
    if !named || case.examples.is_empty() || gherkin::is_outline(&text) {
        return text;
    }
    let cell = |value: &str| value.replace('\\', "\\\\").replace('|', "\\|").replace('\n', "\\n");
    let row = |values: Vec<String>| format!("    | {} |", values.join(" | "));
    let mut lines = vec![text, String::new(), format!("  {}:", scenario.examples)];
    lines.push(row(case.parameters.iter().map(|name| cell(name)).collect()));
    for example in &case.examples {
        let value = |name: &String| example.iter().find(|(of, _)| of == name).map_or("", |(_, value)| value);
        lines.push(row(case.parameters.iter().map(|name| cell(value(name))).collect()));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::{Kind, of};
    use crate::domain::{Step, TestCase};
    use crate::mapping::options::TestType;
    use crate::markup::Document;

    fn case(steps: &[&str]) -> TestCase {
        let step = |text: &&str| Step {
            action: Document::from_plain(text),
            ..Step::default()
        };
        TestCase {
            name: "Log in".to_owned(),
            has_manual_scenario: !steps.is_empty(),
            steps: steps.iter().map(step).collect(),
            ..TestCase::default()
        }
    }

    fn kind(case: &TestCase, wanted: TestType, cucumber: bool) -> (Kind, usize) {
        let mut losses = Vec::new();
        (of(case, wanted, cucumber, &mut losses).0, losses.len())
    }

    #[test]
    fn the_kind_follows_from_the_case_and_an_option_overrides_it() {
        let manual = case(&["Open", "Look"]);
        let gherkin = case(&["Given a page", "When it opens\nAnd loads", "Then it is shown"]);
        let automated = TestCase {
            automated: true,
            full_name: Some("com.acme.T.m".to_owned()),
            ..case(&[])
        };
        for (what, wanted, cucumber, expected) in [
            (&manual, TestType::Auto, true, (Kind::Manual, 0)),
            (&gherkin, TestType::Auto, true, (Kind::Cucumber, 0)),
            (&gherkin, TestType::Auto, false, (Kind::Manual, 1)),
            (&gherkin, TestType::Manual, true, (Kind::Manual, 0)),
            (&automated, TestType::Auto, true, (Kind::Generic, 0)),
            (&automated, TestType::Manual, true, (Kind::Manual, 0)),
            (&automated, TestType::Cucumber, true, (Kind::Generic, 1)),
            (&manual, TestType::Generic, true, (Kind::Generic, 1)),
            (&manual, TestType::Cucumber, true, (Kind::Manual, 1)),
        ] {
            assert_eq!(kind(what, wanted, cucumber), expected, "{wanted:?} {:?}", what.steps);
        }
    }

    #[test]
    fn rows_of_values_become_examples_where_the_steps_name_them() {
        let row = |user: &str| vec![("user".to_owned(), user.to_owned())];
        let case = TestCase {
            parameters: vec!["user".to_owned(), "unused".to_owned()],
            examples: vec![row("ann"), row("a|b")],
            ..case(&["Given <user>", "Then welcome"])
        };
        let (kind, text) = of(&case, TestType::Auto, true, &mut Vec::new());
        assert_eq!(kind, Kind::Cucumber);
        assert!(
            text.ends_with("Examples:\n    | user | unused |\n    | ann |  |\n    | a\\|b |  |"),
            "{text}"
        );
    }

    #[test]
    fn keywords_that_testops_tells_make_an_automated_case_a_cucumber_test() {
        let told = TestCase {
            automated: true,
            gherkin: Some("Given a page\nThen it is shown".to_owned()),
            ..case(&[])
        };
        assert_eq!(kind(&told, TestType::Auto, true), (Kind::Cucumber, 0));
    }
}
