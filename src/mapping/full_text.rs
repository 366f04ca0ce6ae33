//! All texts of a case, for a file beside fields that had no room for one of them.

use crate::domain::{Step, TestCase};
use crate::markup::{Document, loss, plain};

/// The texts, where a loss names that one of them is there in part only.
pub fn of(case: &TestCase, losses: &[String]) -> Option<String> {
    if !losses.iter().any(|message| loss::is_partial(message)) {
        return None;
    }
    let mut text = format!("{}\n", case.name);
    let sections = [
        ("Description", &case.texts.description),
        ("Precondition", &case.texts.precondition),
        ("Expected result", &case.texts.expected_result),
    ];
    for (heading, section) in sections {
        if let Some(section) = section {
            text.push_str(&format!("\n{heading}\n\n{section}\n"));
        }
    }
    if !case.scenario.steps.is_empty() {
        text.push_str("\nSteps\n\n");
        steps(&case.scenario.steps, "", &mut text);
    }
    Some(text)
}

fn steps(all: &[Step], above: &str, text: &mut String) {
    for (index, step) in all.iter().enumerate() {
        let number = format!("{above}{}.", index + 1);
        if !step.action.tree.has_number(number.trim_end_matches('.')) {
            text.push_str(&format!("{number} "));
        }
        text.push_str(&format!("{}\n", written(&step.action)));
        if let Some(expected) = &step.expected {
            text.push_str(&format!("Expected result: {}\n", written(expected)));
        }
        steps(&step.children, &number, text);
    }
}

fn written(document: &Document) -> String {
    plain::write(&document.tree)
}

#[cfg(test)]
mod tests {
    use super::of;
    use crate::domain::{CaseScenario, CaseTexts, Step, TestCase};
    use crate::markup::Document;

    #[test]
    fn all_texts_are_there_where_one_was_shortened() {
        let step = |action: &str| Step {
            action: Document::from_plain(action),
            ..Step::default()
        };
        let case = TestCase {
            name: "Pays".to_owned(),
            texts: CaseTexts {
                description: Some("**Long** text".to_owned()),
                precondition: None,
                expected_result: Some("Paid".to_owned()),
            },
            scenario: CaseScenario {
                steps: vec![Step {
                    expected: Some(Document::from_plain("Open")),
                    children: vec![step("Inner")],
                    ..step("Outer")
                }],
                ..CaseScenario::default()
            },
            ..TestCase::default()
        };
        let shortened = "description: the text was too long for the field and was shortened".to_owned();
        assert_eq!(of(&case, &["summary: something else".to_owned()]), None);
        let text = of(&case, &[shortened]).unwrap();
        assert_eq!(
            text,
            "Pays\n\nDescription\n\n**Long** text\n\nExpected result\n\nPaid\n\nSteps\n\n1. Outer\nExpected result: Open\n1.1. \
             Inner\n"
        );
    }
}
