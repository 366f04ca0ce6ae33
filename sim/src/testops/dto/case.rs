//! Test cases: the search row, the overview, custom field values.

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{View, dto, html, link, stamped};
use crate::testops::data::{Case, Mute};

impl View<'_> {
    /// `TestCaseDto`.
    pub(crate) fn case(&self, case: &Case) -> Value {
        let mut row = self.case_common(case);
        if let Value::Object(members) = &mut row {
            super::put(members, "testLayer", self.layer(case.layer.as_deref()));
            super::put(members, "workflow", self.workflow_row(&case.workflow));
        }
        row
    }

    fn case_common(&self, case: &Case) -> Value {
        let row = dto! {
            "id": case.id,
            "projectId": case.project,
            "name": case.name.as_str(),
            "fullName": case.full_name.as_deref(),
            "description": case.description.as_deref(),
            "descriptionHtml": html(case.description.as_deref()),
            "precondition": case.precondition.as_deref(),
            "preconditionHtml": html(case.precondition.as_deref()),
            "expectedResult": case.expected_result.as_deref(),
            "expectedResultHtml": html(case.expected_result.as_deref()),
            "automated": case.automated,
            "external": case.external,
            "deleted": case.deleted,
            "editable": !case.read_only,
            "hash": case.full_name.as_deref().map(|name| identity_hash(name, &case.parameters)),
            "links": case.links.iter().map(link).collect::<Vec<_>>(),
            "tags": self.tags(&case.tags),
            "status": self.status(&case.status),
        };
        stamped(row, &case.stamp)
    }

    /// `TestCaseRowDto`.
    pub(crate) fn case_row(&self, case: &Case) -> Value {
        dto! {
            "id": case.id,
            "name": case.name.as_str(),
            "automated": case.automated,
            "status": self.status(&case.status),
            "testLayer": self.layer(case.layer.as_deref()),
        }
    }

    /// `TestCaseFlatDto`.
    pub(crate) fn case_flat(&self, case: &Case) -> Value {
        dto! {
            "id": case.id,
            "name": case.name.as_str(),
            "automated": case.automated,
            "external": case.external,
            "layerName": case.layer.as_deref(),
            "status": self.status(&case.status),
            "workflow": self.workflow_row(&case.workflow),
            "createdDate": case.stamp.created_ms,
            "lastModifiedDate": case.stamp.modified_ms,
        }
    }

    /// `TestCaseOverviewDto`.
    pub(crate) fn case_overview(&self, case: &Case) -> Value {
        let mut row = self.case_common(case);
        let Value::Object(members) = &mut row else { return row };
        let mut put = |key: &str, value: Value| super::put(members, key, value);
        put("layer", self.layer(case.layer.as_deref()).into());
        put("workflow", self.workflow(&case.workflow));
        put("customFields", self.field_values(&case.fields).into());
        put("issues", self.issues(&case.issues).into());
        put("members", self.members(&case.members).into());
        put(
            "testKeys",
            case.test_keys.iter().map(|key| self.test_key(key)).collect(),
        );
        put(
            "parameters",
            case.parameters
                .iter()
                .map(|name| dto! { "name": name.as_str() })
                .collect(),
        );
        put("examples", self.examples(case).into());
        put("hasManualScenario", (!case.steps.is_empty()).into());
        put("style", if case.checklist { "checklist" } else { "regular" }.into());
        put("scenario", self.first_generation_scenario(case));
        row
    }

    /// `TestCaseExampleDto` rows; ids count within the case.
    pub(crate) fn examples(&self, case: &Case) -> Vec<Value> {
        case.examples
            .iter()
            .zip(1_i64..)
            .map(|(row, at)| {
                let parameters: Vec<Value> = row
                    .iter()
                    .map(|(name, value)| dto! { "name": name.as_str(), "value": value.as_str() })
                    .collect();
                dto! { "id": case.id * 1_000 + at, "parameters": parameters, "status": Value::Null }
            })
            .collect()
    }

    /// `TestCaseRelationDto` rows.
    pub(crate) fn relations(&self, case: &Case) -> Vec<Value> {
        case.relations
            .iter()
            .map(|relation| {
                let target = self.site.cases.get(&relation.target);
                dto! {
                    "id": relation.id,
                    "target": dto! { "id": relation.target, "name": target.map(|target| target.name.as_str()) },
                    "type": relation.kind.as_str(),
                }
            })
            .collect()
    }

    /// `CommentDto` rows; ids count within the case.
    pub(crate) fn comments(&self, case: &Case) -> Vec<Value> {
        let comment = |((user, text), at): (&(String, String), i64)| {
            dto! {
                "id": case.id * 1_000 + at,
                "testCaseId": case.id,
                "body": text.as_str(),
                "bodyHtml": html(Some(text)),
                "firstName": user.as_str(),
                "lastName": "",
                "createdBy": user.as_str(),
                "createdDate": case.stamp.created_ms,
            }
        };
        case.comments.iter().zip(1..).map(comment).collect()
    }

    /// `MuteDto`; a case has at most one mute.
    pub(crate) fn mute(&self, case: i64, mute: &Mute) -> Value {
        let row = dto! {
            "id": case,
            "testCaseId": case,
            "name": mute.name.as_str(),
            "reason": mute.reason.as_deref(),
            "reasonHtml": html(mute.reason.as_deref()),
            "issues": self.issues(&mute.issues),
        };
        stamped(row, &mute.stamp)
    }

    /// One row per value: `CustomFieldValueWithCfDto`, or its 4.x form without `global`.
    pub(crate) fn field_values(&self, values: &[(String, String)]) -> Vec<Value> {
        let names = &self.site.names;
        values
            .iter()
            .map(|(field, value)| {
                let id = names.fields.id(field);
                dto! {
                    "id": id.and_then(|id| names.value_id(id, value)),
                    "name": value.as_str(),
                    "global": (!self.is_old()).then_some(true),
                    "customField": self.field(field),
                }
            })
            .collect()
    }

    /// Values grouped by field, `field` giving the member that describes the field.
    pub(crate) fn grouped_values(&self, values: &[(String, String)], field: impl Fn(&str) -> Value) -> Vec<Value> {
        let names = &self.site.names;
        let mut groups: Vec<(&str, Vec<Value>)> = Vec::new();
        for (name, value) in values {
            let id = names.fields.id(name).and_then(|id| names.value_id(id, value));
            let row = dto! { "id": id, "name": value.as_str() };
            match groups.iter_mut().find(|(known, _)| known == name) {
                Some((_, rows)) => rows.push(row),
                None => groups.push((name, vec![row])),
            }
        }
        groups
            .into_iter()
            .map(|(name, rows)| dto! { "customField": field(name), "values": rows })
            .collect()
    }
}

/// The identity of an automated test: a hash of its full name and sorted parameter names.
fn identity_hash(full_name: &str, parameters: &[String]) -> String {
    let mut sorted: Vec<&str> = parameters.iter().map(String::as_str).collect();
    sorted.sort_unstable();
    let digest = Sha256::digest(format!("{full_name}{}", sorted.concat()));
    digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}
