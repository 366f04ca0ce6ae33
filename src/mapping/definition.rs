//! What kind of Test a case becomes, and the definition of the kinds that have no steps.

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
    let gherkin = match wanted {
        TestType::Auto | TestType::Cucumber => scenario(case),
        TestType::Manual | TestType::Generic => None,
    };
    let manual = case.has_manual_scenario || !case.automated;
    let by_hand = match (gherkin, wanted) {
        (Some(text), _) if cucumber => return (Kind::Cucumber, with_examples(text, case)),
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
fn scenario(case: &TestCase) -> Option<String> {
    let bare = |step: &Step| step.expected.is_none() && step.children.is_empty() && step.attachments.is_empty();
    let written = || {
        let steps = case.steps.iter().map(|step| plain::write(&step.action.tree));
        body(&steps.collect::<Vec<_>>().join("\n"))
    };
    let told = case.gherkin.as_deref().and_then(body);
    case.steps.iter().all(bare).then(|| told.or_else(written)).flatten()
}

/// The lines below a scenario's heading, where all of it is Gherkin: it begins with Given or When and has a Then. Prose
/// that happens to begin a sentence with one of the words does not get so far.
fn body(text: &str) -> Option<String> {
    const KEYWORDS: [&str; 6] = ["Given", "When", "Then", "And", "But", "*"];
    let keyword = |line: &str| {
        KEYWORDS.into_iter().find(|word| {
            line.strip_prefix(word)
                .is_some_and(|rest| rest.starts_with(char::is_whitespace))
        })
    };
    let heading = |line: &str| ["Scenario:", "Scenario Outline:"].iter().any(|h| line.starts_with(h));
    let mut lines = text
        .trim()
        .lines()
        .skip_while(|line| heading(line.trim()) || line.trim().is_empty())
        .peekable();
    let first = lines.peek().and_then(|line| keyword(line.trim()))?;
    let (mut then, mut quoted, mut kept) = (false, false, Vec::new());
    for line in lines {
        let bare = line.trim();
        let fence = bare.starts_with("\"\"\"") || bare.starts_with("```");
        let known = keyword(bare);
        let other = ["|", "#", "Examples:", "Scenarios:"]
            .iter()
            .any(|sign| bare.starts_with(sign));
        if !(quoted || fence || known.is_some() || other || bare.is_empty()) {
            return None;
        }
        then |= !quoted && known == Some("Then");
        quoted ^= fence;
        kept.push(line.trim_end());
    }
    (matches!(first, "Given" | "When") && then && !quoted).then(|| kept.join("\n"))
}

/// Rows of the case's values become the examples of an outline, where the steps name the parameters and bring no
/// examples of their own.
fn with_examples(text: String, case: &TestCase) -> String {
    let named = case.parameters.iter().any(|name| text.contains(&format!("<{name}>")));
    if !named || case.examples.is_empty() || is_outline(&text) {
        return text;
    }
    let cell = |value: &str| value.replace('\\', "\\\\").replace('|', "\\|").replace('\n', "\\n");
    let row = |values: Vec<String>| format!("    | {} |", values.join(" | "));
    let mut lines = vec![text, String::new(), "  Examples:".to_owned()];
    lines.push(row(case.parameters.iter().map(|name| cell(name)).collect()));
    for example in &case.examples {
        let value = |name: &String| example.iter().find(|(of, _)| of == name).map_or("", |(_, value)| value);
        lines.push(row(case.parameters.iter().map(|name| cell(value(name))).collect()));
    }
    lines.join("\n")
}

/// True where a scenario has examples.
pub fn is_outline(scenario: &str) -> bool {
    let sign = |line: &str| line.trim_start().starts_with("Examples:") || line.trim_start().starts_with("Scenarios:");
    scenario.lines().any(sign)
}

#[cfg(test)]
mod tests {
    use super::{Kind, body, of};
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
    fn prose_is_no_gherkin() {
        for text in [
            "Given a page",
            "Then wait\nThen look",
            "Given a page\nOpen it\nThen look",
            "And so on\nThen look",
            "Givenness of a page\nThen look",
            "Given a text\n\"\"\"\nThen it never ends",
            "",
        ] {
            assert_eq!(body(text), None, "{text}");
        }
    }

    #[test]
    fn headings_go_and_tables_doc_strings_and_comments_stay() {
        let steps = "Given users\n  | name |\n# note\nWhen I write\n\"\"\"\nfree text\n\"\"\"\n* wait\nThen fine";
        assert_eq!(body(&format!("Scenario: Users\n\n{steps}")).as_deref(), Some(steps));
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
