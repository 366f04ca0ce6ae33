//! The attributes of an overview. Order and repetition in the answer mean nothing, so they are sorted: a case that did
//! not change says the same again.

use super::wire::Named;
use crate::domain::{self, CustomField, IssueLink, Link, Member, TestKey};
use serde::Deserialize;
use std::collections::BTreeSet;

/// Members of an overview.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Attributes {
    layer: Option<Named>,
    status: Option<Named>,
    workflow: Option<Named>,
    members: Option<Vec<MemberRow>>,
    custom_fields: Option<Vec<ValueRow>>,
    links: Option<Vec<LinkRow>>,
    issues: Option<Vec<IssueRow>>,
    test_keys: Option<Vec<TestKeyRow>>,
}

/// A row of `members`.
#[derive(Debug, Default, Deserialize)]
pub struct MemberRow {
    name: Option<String>,
    role: Option<Named>,
}

/// A row of `customFields`: one for each value.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ValueRow {
    name: Option<String>,
    custom_field: Option<Named>,
}

impl ValueRow {
    /// The custom field's name: a project's field stands around it, and has a name of its own in some versions.
    pub fn into_field(self) -> Option<String> {
        self.custom_field.and_then(|field| field.name).or(self.name)
    }
}

/// A row of `links`.
#[derive(Debug, Default, Deserialize)]
pub struct LinkRow {
    name: Option<String>,
    url: Option<String>,
}

/// A row of `issues`; the key is in `name`.
#[derive(Debug, Default, Deserialize)]
pub struct IssueRow {
    name: Option<String>,
    url: Option<String>,
}

/// A row of `testKeys`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TestKeyRow {
    name: Option<String>,
    integration_id: Option<i64>,
}

/// The attributes that an overview shows.
pub fn read(of: Attributes) -> domain::Attributes {
    let members = rows(of.members).filter_map(|row| Some((named(row.role), text(row.name)?)));
    let links = rows(of.links).filter_map(|row| Some((text(row.name), text(row.url)?)));
    let issues = rows(of.issues).map(|row| (text(row.name), text(row.url).unwrap_or_default()));
    let values = rows(of.custom_fields).filter_map(|row| Some((named(row.custom_field), text(row.name)?)));
    let test_keys = rows(of.test_keys).filter_map(|row| {
        let integration = row.integration_id;
        text(row.name).map(|name| TestKey { name, integration })
    });
    let mut fields: Vec<CustomField> = Vec::new();
    for (name, value) in sorted(values.filter(|(field, _)| field.is_some())) {
        match fields.last_mut().filter(|field| field.name == name) {
            Some(field) => field.values.push(value),
            None => fields.push(CustomField {
                name,
                values: vec![value],
            }),
        }
    }
    let issue = |(key, url): (String, String)| IssueLink {
        key,
        url: Some(url).filter(|url| !url.is_empty()),
    };
    let members = sorted(members).into_iter();
    let links = sorted(links).into_iter();
    let issues = sorted(issues.filter(|(key, _)| key.is_some())).into_iter();
    domain::Attributes {
        layer: named(of.layer),
        status: named(of.status),
        workflow: named(of.workflow),
        members: members.map(|(role, name)| Member { role, name }).collect(),
        links: links.map(|(name, url)| Link { name, url }).collect(),
        issues: issues.map(issue).collect(),
        test_keys: test_keys.collect(),
        fields,
    }
}

/// A link, where it leads anywhere.
pub fn link(row: LinkRow) -> Option<Link> {
    let (name, url) = (text(row.name).unwrap_or_default(), text(row.url)?);
    Some(Link { name, url })
}

/// An issue, where it has a key.
pub fn issue(row: IssueRow) -> Option<IssueLink> {
    let (key, url) = (text(row.name)?, text(row.url));
    Some(IssueLink { key, url })
}

fn rows<T>(list: Option<Vec<T>>) -> impl Iterator<Item = T> {
    list.unwrap_or_default().into_iter()
}

/// Pairs in order, each once.
fn sorted(pairs: impl Iterator<Item = (Option<String>, String)>) -> BTreeSet<(String, String)> {
    BTreeSet::from_iter(pairs.map(|(first, second)| (first.unwrap_or_default(), second)))
}

fn named(row: Option<Named>) -> Option<String> {
    text(row?.name)
}

fn text(text: Option<String>) -> Option<String> {
    let text = text?.trim().to_owned();
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn values_are_grouped_by_field_and_everything_is_sorted() {
        let of = serde_json::from_slice(
            br#"{"id":7,"layer":{"id":-3,"name":"API"},"status":{"name":"Draft"},"workflow":{"name":"Default"},
            "members":[{"name":"bob","role":{"name":"Reviewer"}},{"name":"ann","role":{"name":"Owner"}}],
            "customFields":[{"name":"Cart","customField":{"name":"Feature"}},{"name":"Shop","customField":{"name":"Epic"}},
              {"name":"Basket","customField":{"name":"Feature"}},{"name":"Cart","customField":{"name":"Feature"}}],
            "links":[{"name":"","url":"https://b.example"},{"name":"A","url":"https://a.example"},{"name":"none"}],
            "issues":[{"name":"CALC-2","url":"https://j.example/browse/CALC-2"},{"name":"CALC-1"}],
            "testKeys":[{"name":"OLD-1","integrationId":4}]}"#,
        )
        .unwrap();
        let found = read(of);
        assert_eq!(
            (found.layer.as_deref(), found.status.as_deref()),
            (Some("API"), Some("Draft"))
        );
        let members: Vec<_> = found
            .members
            .iter()
            .map(|m| (m.role.as_str(), m.name.as_str()))
            .collect();
        assert_eq!(members, [("Owner", "ann"), ("Reviewer", "bob")]);
        let fields: Vec<_> = found
            .fields
            .iter()
            .map(|f| (f.name.as_str(), f.values.join("+")))
            .collect();
        assert_eq!(
            fields,
            [("Epic", "Shop".to_owned()), ("Feature", "Basket+Cart".to_owned())]
        );
        assert_eq!(found.links.len(), 2);
        assert_eq!(
            (found.issues[0].key.as_str(), found.issues[0].url.as_deref()),
            ("CALC-1", None)
        );
        assert_eq!(found.test_keys[0].integration, Some(4));
    }
}
