//! The fields of a Test that an export writes, and how they are compared.

use super::StepText;
use super::label::{COMMON, markers};
use crate::digest;
use crate::text::{folded, numbered};
use itertools::Itertools;
use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// A field of a Test that the export writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// Jira's summary.
    Summary,
    /// Jira's description.
    Description,
    /// Jira's labels.
    Labels,
    /// Xray's test type.
    Kind,
    /// Definition of a Generic Test, scenario of a Cucumber Test.
    Definition,
    /// Steps of a Manual Test.
    Steps,
    /// Jira fields filled by configuration.
    Fields,
    /// Links to the issues that it covers.
    Coverage,
    /// Folder in the Test Repository.
    Folder,
    /// Link to the Precondition issue.
    Precondition,
    /// Membership in Test Sets.
    TestSets,
}

impl Field {
    /// All fields.
    pub const ALL: [Field; 11] = [
        Field::Summary,
        Field::Description,
        Field::Labels,
        Field::Kind,
        Field::Definition,
        Field::Steps,
        Field::Fields,
        Field::Coverage,
        Field::Folder,
        Field::Precondition,
        Field::TestSets,
    ];

    /// Name in reports and in the ledger.
    pub fn name(self) -> &'static str {
        match self {
            Field::Summary => "summary",
            Field::Description => "description",
            Field::Labels => "labels",
            Field::Kind => "type",
            Field::Definition => "definition",
            Field::Steps => "steps",
            Field::Fields => "fields",
            Field::Coverage => "coverage",
            Field::Folder => "folder",
            Field::Precondition => "precondition",
            Field::TestSets => "test-sets",
        }
    }
}

/// The fields of a Test as they are compared, whether a case says what they should hold or the destination what they
/// hold: one function digests both, so that a field that nobody edited has one digest.
#[derive(Clone, Debug)]
pub struct FieldTexts<'a> {
    /// Summary.
    pub summary: &'a str,
    /// ADF document, wiki text or null.
    pub description: Cow<'a, Value>,
    /// Labels without markers. Order and repetition mean nothing, nor does the label that all exported issues have.
    pub labels: &'a [String],
    /// Name of the test type.
    pub kind: &'a str,
    /// Definition.
    pub definition: &'a str,
    /// Steps in order.
    pub steps: &'a [StepText],
    /// Digests of the Jira fields that the configuration fills, see [`super::fields::digests`].
    pub fields: String,
    /// Keys of the issues that it covers.
    pub coverage: &'a [String],
    /// Path in the Test Repository.
    pub folder: &'a str,
    /// What identifies its Precondition; absent where nobody compares it.
    pub precondition: Option<String>,
}

impl FieldTexts<'_> {
    /// A digest of each field. Those of which parts are compared stay readable.
    pub fn digests(&self) -> BTreeMap<Field, String> {
        let short = |text: &str| digest::short(text.as_bytes());
        let steps: String = self.steps.iter().map(|step| step.line() + "\u{2}").collect();
        let labels = self.labels.iter().filter(|label| *label != COMMON);
        let mut digests = BTreeMap::from([
            (Field::Summary, short(self.summary)),
            (Field::Description, short(&self.description.to_string())),
            (Field::Labels, short(&labels.sorted().dedup().join("\u{1}"))),
            (Field::Kind, short(self.kind)),
            (Field::Definition, short(self.definition)),
            (Field::Steps, short(&steps)),
            (Field::Fields, self.fields.clone()),
            (Field::Coverage, self.coverage.join(",")),
            (Field::Folder, short(&folder_text(self.folder))),
        ]);
        digests.extend(self.precondition.clone().map(|it| (Field::Precondition, it)));
        digests
    }
}

/// A step with its number: its own, where people wrote one.
fn on_one_line(step: &StepText, number: usize) -> String {
    let line = step.on_one_line();
    match numbered(&line) {
        Some(_) => line,
        None => format!("{number}. {line}"),
    }
}

impl FieldTexts<'_> {
    /// Fields as people read them, a step per line: for reports, not to be compared.
    pub fn shown(&self) -> BTreeMap<Field, String> {
        let is_tag = |label: &&&str| **label != COMMON && markers([**label]).is_empty();
        let labels = self.labels.iter().map(String::as_str).collect::<Vec<_>>();
        let mut description = String::new();
        read_aloud(&self.description, &mut description);
        let steps = self
            .steps
            .iter()
            .zip(1..)
            .map(|(step, number)| on_one_line(step, number));
        let all = [
            (Field::Summary, self.summary.to_owned()),
            (Field::Description, description),
            (Field::Labels, labels.iter().filter(is_tag).sorted().dedup().join(", ")),
            (Field::Kind, self.kind.to_owned()),
            (Field::Definition, self.definition.to_owned()),
            (Field::Steps, { steps }.join("\n")),
            (Field::Coverage, self.coverage.join(", ")),
            (Field::Folder, self.folder.to_owned()),
        ];
        let bounded = |text: String| text.chars().take(SHOWN).collect();
        all.into_iter().map(|(field, text)| (field, bounded(text))).collect()
    }
}

/// Characters of a field in which a report can show a difference: as many as Jira takes.
const SHOWN: usize = 32_767;

/// The texts of an ADF document, or wiki text as it is.
fn read_aloud(value: &Value, text: &mut String) {
    if text.len() > 4 * SHOWN {
        return;
    }
    match value {
        Value::String(wiki) => text.push_str(wiki),
        Value::Object(node) => match node.get("text") {
            Some(Value::String(own)) => text.push_str(own),
            _ => {
                if let Some(content) = node.get("content") {
                    read_aloud(content, text);
                    text.push(' ');
                }
            }
        },
        Value::Array(nodes) => nodes.iter().for_each(|node| read_aloud(node, text)),
        _ => {}
    }
}

/// A folder as it is compared: Xray takes for one names that differ in case alone.
pub fn folder_text(path: &str) -> String {
    folded(path.trim_end_matches('/'))
}
