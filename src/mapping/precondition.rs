//! A case's precondition as an issue of its own, the same one for all cases with the same text.

use super::definition::TestKind;
use super::file;
use crate::digest;
use crate::domain::TestCase;
use crate::markup::{Document, plain, shorten, wiki};

/// What a Precondition issue holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Precondition {
    /// Identifies the text, 20 characters.
    pub digest: String,
    /// The first line of the text.
    pub summary: String,
    /// The text in wiki markup, as steps are written on both variants; of a Cucumber one, its steps.
    pub definition: String,
    /// Manual, or Cucumber for a background: Xray links Tests and Preconditions of one type only.
    pub kind: TestKind,
}

impl Precondition {
    /// The background of a feature.
    pub(super) fn background(steps: &str) -> Self {
        Precondition {
            digest: digest::base32(format!("gherkin\n{}", normalised(steps)).as_bytes()),
            summary: shorten::summary(steps.lines().next().unwrap_or_default()).0,
            definition: steps.to_owned(),
            kind: TestKind::Cucumber,
        }
    }

    /// Digest of what its issue holds.
    pub fn fingerprint(&self) -> String {
        Self::fingerprint_of(&self.summary, &self.definition)
    }

    /// The same of an issue as a destination has it, which may end its lines in another way.
    pub fn fingerprint_of(summary: &str, definition: &str) -> String {
        digest::short(format!("{summary}\n{}", normalised(definition)).as_bytes())
    }
}

/// The Precondition of a Manual case. A Cucumber Precondition is Gherkin, which TestOps' text is not, and texts of automated
/// cases stay where their readers look for them. Many Tests share it, so files that it refers to are links to TestOps, at
/// the address `testops`.
pub fn of(case: &TestCase, kind: TestKind, testops: &str, losses: &mut Vec<String>) -> Option<Precondition> {
    let text = case.texts.precondition.as_deref()?;
    let mut document = Document::from_markdown(text);
    if document.tree.is_empty() {
        return None;
    }
    if kind != TestKind::Manual {
        let test = kind.name();
        losses.push(format!(
            "precondition: it is a section of the description, because only Manual Tests get Preconditions and this one is {test}"
        ));
        return None;
    }
    document
        .tree
        .resolve_attachments(|source| file::place(&[], source, testops));
    let (definition, lost) = wiki::write(&document.tree, shorten::DESCRIPTION);
    let lost = document.losses.iter().chain(&lost);
    losses.extend(lost.map(|loss| format!("precondition: {loss}")));
    let plain = plain::write(&document.tree);
    let line = plain.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    Some(Precondition {
        digest: digest::base32(normalised(text).as_bytes()),
        summary: shorten::summary(line.trim_start_matches("- ")).0,
        definition,
        kind: TestKind::Manual,
    })
}

/// A text as it is compared: without white space at the ends of lines and empty lines around it.
fn normalised(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.join("\n").trim_matches('\n').to_owned()
}

#[cfg(test)]
mod tests {
    use super::{Precondition, TestKind, of};
    use crate::domain::TestCase;

    fn made(text: &str, kind: TestKind) -> (Option<Precondition>, Vec<String>) {
        let mut case = TestCase::default();
        case.texts.precondition = Some(text.to_owned());
        let mut losses = Vec::new();
        (of(&case, kind, "https://t.example", &mut losses), losses)
    }

    #[test]
    fn the_same_text_is_the_same_precondition_whatever_its_line_ends() {
        let one = made("- an **account**\n- a cart", TestKind::Manual).0.unwrap();
        assert_eq!(one.summary, "an account");
        assert!(one.definition.contains("an *account*"), "{}", one.definition);
        for same in [
            "\r\n- an **account**  \r\n- a cart\r\n\r\n",
            "- an **account**\n- a cart\n",
        ] {
            assert_eq!(made(same, TestKind::Manual).0.unwrap().digest, one.digest);
        }
        for other in [
            "- an **account**\n- A cart",
            "- an account\n- a cart",
            "x\n- an **account**\n- a cart",
        ] {
            assert_ne!(made(other, TestKind::Manual).0.unwrap().digest, one.digest);
        }
    }

    #[test]
    fn only_manual_cases_have_one_and_others_are_noted() {
        for kind in [TestKind::Generic, TestKind::Cucumber] {
            let (none, losses) = made("An account", kind);
            assert!(none.is_none() && losses[0].contains(kind.name()), "{losses:?}");
        }
        assert_eq!(made(" \n", TestKind::Manual), (None, vec![]));
    }
}
