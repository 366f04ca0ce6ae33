//! One element of a bulk import, in every spelling the vendor accepts.

use serde_json::{Map, Value};

/// What an element is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Test,
    TestSet,
}

/// An element, read.
#[derive(Clone, Debug)]
pub(super) struct Element {
    pub kind: Kind,
    pub test_type: Option<String>,
    pub steps: Vec<Map<String, Value>>,
    pub gherkin: Option<String>,
    pub unstructured: Option<String>,
    pub folder: Option<String>,
    pub test_sets: Vec<String>,
    /// Name by which other elements refer to this one.
    pub id: Option<String>,
    /// The body of Jira's create request.
    pub jira: Map<String, Value>,
}

/// A field and what is wrong with it.
pub(super) type Finding = (String, String);

fn finding(field: &str, text: &str) -> Finding {
    (field.to_owned(), text.to_owned())
}

impl Element {
    /// Reads an element. Members that are not Xray's are Jira fields, as if they stood in `fields`.
    pub fn read(value: Value) -> Result<Self, Finding> {
        let Value::Object(mut members) = value else {
            return Err(finding("element", "Each element must be a JSON object."));
        };
        let mut take = |names: &[&str]| {
            names
                .iter()
                .find_map(|name| members.remove(*name))
                .filter(|v| !v.is_null())
        };
        let text = |value: Option<Value>| value.and_then(|value| value.as_str().map(str::to_owned));
        let kind = match text(take(&["xray_issue_type"]))
            .map(|kind| kind.to_lowercase())
            .as_deref()
        {
            None | Some("test") => Kind::Test,
            Some("testset" | "test_set" | "test set") => Kind::TestSet,
            Some(_) => return Err(finding("xray_issue_type", "The Xray issue type is not valid.")),
        };
        let steps = match take(&["steps", "xray_steps"]) {
            None => Vec::new(),
            Some(Value::Array(steps)) => {
                let steps: Option<Vec<_>> = steps.into_iter().map(object).collect();
                steps.ok_or_else(|| finding("steps", "Each step must be a JSON object."))?
            }
            Some(_) => return Err(finding("steps", "The steps must be an array.")),
        };
        let test_sets = match take(&["xray_test_sets"]) {
            Some(Value::Array(sets)) => sets.iter().filter_map(|set| set.as_str().map(str::to_owned)).collect(),
            Some(Value::String(set)) => vec![set],
            _ => Vec::new(),
        };
        let id = take(&["xray_id"]).map(|id| id.as_str().map_or_else(|| id.to_string(), str::to_owned));
        if kind == Kind::TestSet && id.is_none() {
            return Err(finding("xray_id", "The xray_id is mandatory for Test Sets."));
        }
        let test_type = text(take(&["testtype", "xray_testtype"]));
        let gherkin = text(take(&["gherkin_def", "xray_gherkin_def"]));
        let unstructured = text(take(&["unstructured_def", "xray_unstructured_def"]));
        let folder = text(take(&["xray_test_repository_folder"]));
        let mut fields = take(&["fields"]).and_then(object).unwrap_or_default();
        let update = take(&["update"]);
        fields.extend(members);
        let mut jira = Map::new();
        jira.insert("fields".to_owned(), Value::Object(fields));
        jira.extend(update.map(|update| ("update".to_owned(), update)));
        Ok(Self {
            kind,
            test_type,
            steps,
            gherkin,
            unstructured,
            folder,
            test_sets,
            id,
            jira,
        })
    }
}

fn object(value: Value) -> Option<Map<String, Value>> {
    match value {
        Value::Object(members) => Some(members),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn both_spellings_and_top_level_fields_are_read() {
        let element = Element::read(json!({
            "xray_testtype": "Manual", "xray_steps": [{ "action": "a" }], "summary": "s",
            "fields": { "project": { "key": "P" } }, "xray_test_sets": ["S-1"], "priority": { "name": "High" }
        }));
        let element = element.unwrap();
        assert_eq!(
            (element.kind, element.test_type.as_deref(), element.steps.len()),
            (Kind::Test, Some("Manual"), 1)
        );
        let expected =
            json!({ "fields": { "project": { "key": "P" }, "summary": "s", "priority": { "name": "High" } } });
        assert_eq!(Value::Object(element.jira), expected);
    }

    #[test]
    fn a_test_set_needs_an_id_of_its_own() {
        for spelling in ["testset", "test_set", "Test Set"] {
            let refused = Element::read(json!({ "xray_issue_type": spelling, "fields": {} })).unwrap_err();
            assert_eq!(refused.0, "xray_id");
        }
    }
}
