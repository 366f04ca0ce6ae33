//! TestOps' JSON, as far as we read it. Unknown members are ignored; absent and null are the same.

use super::attributes::Attributes;
use crate::digest;
use crate::domain::{Outcome, Unit, Verdict};
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{DeserializeOwned, Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

/// A page, or the bare list that some versions answer instead.
#[derive(Debug)]
pub enum Page<T> {
    /// A page of several.
    Page(Envelope<T>),
    /// All rows there are.
    Bare(Vec<T>),
}

/// Spring's `Page`. `totalElements`, `last` and `size` may be left out.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Envelope<T> {
    pub content: Option<Vec<T>>,
    pub last: Option<bool>,
    pub total_elements: Option<u64>,
    pub size: Option<usize>,
}

// Not an untagged enum: its errors would not name the member that is wrong.
impl<'de, T: Deserialize<'de>> Deserialize<'de> for Page<T> {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        reader.deserialize_any(PageVisitor(PhantomData))
    }
}

struct PageVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for PageVisitor<T> {
    type Value = Page<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a page or a list of rows")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, rows: A) -> Result<Self::Value, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(rows)).map(Page::Bare)
    }

    fn visit_map<A: MapAccess<'de>>(self, page: A) -> Result<Self::Value, A::Error> {
        Envelope::deserialize(MapAccessDeserializer::new(page)).map(Page::Page)
    }
}

/// A row of a list. One that cannot be read spoils no other.
#[derive(Debug)]
pub enum Row<T> {
    /// It can be read.
    Read(T),
    /// It cannot.
    Unreadable(Unreadable),
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Row<T> {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        let row = <&RawValue>::deserialize(reader)?.get();
        Ok(match serde_json::from_str(row) {
            Ok(read) => Row::Read(read),
            Err(error) => Row::Unreadable(Unreadable::of(row, &error)),
        })
    }
}

/// What can be read of a row that cannot be read as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// Its id, where it has one.
    pub id: Option<u64>,
    /// How many rows of its list are before it, where no answer can hold it.
    pub at: Option<usize>,
    /// Its name, where it has one.
    pub name: String,
    /// The case that it belongs to.
    pub case: Option<u64>,
    /// Why, for people.
    pub why: String,
}

impl Unreadable {
    /// The verdict about an item whose row cannot be read. One without an id has the id 0.
    pub fn verdict(self, unit: Unit) -> Verdict {
        Verdict::new(unit, self.id.unwrap_or(0), self.name, Outcome::Failed).because(self.why)
    }

    /// What a row shows in spite of an error.
    fn of(row: &str, error: &serde_json::Error) -> Self {
        let (row, error): (Value, String) = (serde_json::from_str(row).unwrap_or_default(), error.to_string());
        // Where it is wrong within the row helps nobody.
        let error = error.split_once(" at line ").map_or(&*error, |(error, _)| error);
        let number = |name: &str| row.get(name).and_then(Value::as_u64);
        let name = row.get("name").and_then(Value::as_str).unwrap_or_default();
        Unreadable {
            id: number("id"),
            at: None,
            name: name.to_owned(),
            case: number("testCaseId"),
            why: format!("TestOps lists it in a shape that cannot be read: {error}"),
        }
    }
}

#[derive(Debug, Default, Deserialize)]
pub struct Named {
    pub name: Option<String>,
}

/// `TestCaseDto` of `testcase/__search`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CaseRow {
    pub id: u64,
    pub name: Option<String>,
    pub last_modified_date: Option<u64>,
}

/// The same as it is listed.
#[derive(Debug)]
pub struct ListedCase {
    pub row: CaseRow,
    /// Digest of the text of the row, so that whatever the list shows of an edit is seen.
    pub stamp: String,
}

impl<'de> Deserialize<'de> for ListedCase {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        let text = <&RawValue>::deserialize(reader)?.get();
        Ok(ListedCase {
            row: serde_json::from_str(text).map_err(D::Error::custom)?,
            stamp: digest::short(text.as_bytes()),
        })
    }
}

/// A case of the list of short rows, which hold no text.
#[derive(Debug, Default, Deserialize)]
pub struct ShortRow {
    pub id: u64,
    pub name: String,
}

/// `TestCaseOverviewDto`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Overview {
    pub id: u64,
    pub name: Option<String>,
    pub deleted: Option<bool>,
    #[serde(flatten)]
    pub texts: CaseTexts,
    #[serde(flatten)]
    pub automation: Automation,
    pub tags: Option<Vec<Named>>,
    #[serde(flatten)]
    pub attributes: Attributes,
    #[serde(flatten)]
    pub examples: Examples,
    pub scenario: Option<FirstScenario>,
}

/// Members of an [`Overview`].
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CaseTexts {
    pub description: Option<String>,
    pub precondition: Option<String>,
    pub expected_result: Option<String>,
}

/// Members of an [`Overview`].
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Automation {
    pub automated: Option<bool>,
    pub full_name: Option<String>,
    pub has_manual_scenario: Option<bool>,
}

/// Members of an [`Overview`].
#[derive(Debug, Default, Deserialize)]
pub struct Examples {
    pub parameters: Option<Vec<Named>>,
    /// `TestCaseExampleDto` rows.
    #[serde(rename = "examples")]
    pub rows: Option<Value>,
}

#[derive(Debug, Default, Deserialize)]
pub struct Parameter {
    pub name: Option<String>,
    pub value: Option<String>,
    pub hidden: Option<bool>,
}

/// `TestCaseScenarioDto`, the first form of scenarios.
#[derive(Debug, Default, Deserialize)]
pub struct FirstScenario {
    pub steps: Option<Vec<FirstStep>>,
}

/// `TestCaseScenarioStepDto`.
#[derive(Debug, Default, Deserialize)]
pub struct FirstStep {
    pub name: Option<String>,
    pub keyword: Option<String>,
}

/// `NormalizedScenarioDto` of `testcase/{id}/step`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Scenario {
    pub root: Option<Step>,
    pub scenario_steps: Option<BTreeMap<String, Step>>,
    pub attachments: Option<BTreeMap<String, Attachment>>,
    pub shared_steps: Option<BTreeMap<String, Step>>,
    pub shared_step_scenario_steps: Option<BTreeMap<String, Step>>,
    pub shared_step_attachments: Option<BTreeMap<String, Attachment>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Step {
    pub body: Option<String>,
    /// The formatted form of `body`; absent in 4.x.
    pub body_json: Option<Value>,
    pub name: Option<String>,
    pub expected_result: Option<String>,
    pub expected_result_id: Option<u64>,
    pub attachment_id: Option<u64>,
    pub shared_step_id: Option<u64>,
    pub children: Option<Vec<u64>>,
}

/// A row of a list of files.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Attachment {
    pub id: Option<u64>,
    pub name: Option<String>,
    pub content_type: Option<String>,
    pub content_length: Option<u64>,
    pub missed: Option<bool>,
    pub from_test_case: Option<bool>,
}

/// `SharedStepDto`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SharedStep {
    pub id: u64,
    pub name: Option<String>,
    pub last_modified_date: Option<u64>,
}

/// `ValidateDto` of `query/validate`.
#[derive(Debug, Default, Deserialize)]
pub struct Validation {
    pub valid: Option<bool>,
    pub count: Option<u64>,
}

#[derive(Debug, Default, Deserialize)]
pub struct Project {
    pub id: u64,
    pub name: Option<String>,
}
