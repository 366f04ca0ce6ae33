//! JUnit XML: test cases become generic tests whose definition is `classname.name`.

use serde_json::json;

use super::super::reply::Refused;
use super::super::state::AutomatedResult;
use super::format::Entry;
use super::target::refused;
use super::test;

/// Reads a report. A `test_key` property names the test; without one a project is needed to find or create it.
///
/// # Errors
/// 400 when the file is no JUnit report, or a test can be found neither by key nor by project.
pub(super) fn read(bytes: &[u8], project: Option<&str>) -> Result<Vec<(Entry, Option<AutomatedResult>)>, Refused> {
    let not_valid = || Refused::bad("Result is not valid JUnit Format");
    let text = std::str::from_utf8(bytes).map_err(|_| not_valid())?;
    let document = roxmltree::Document::parse(text).map_err(|_| not_valid())?;
    if !["testsuites", "testsuite"].contains(&document.root_element().tag_name().name()) {
        return Err(not_valid());
    }
    let mut entries: Vec<(Entry, Option<AutomatedResult>)> = Vec::new();
    for case in document.descendants().filter(|node| node.has_tag_name("testcase")) {
        let name = case.attribute("name").unwrap_or_default();
        let definition = match case.attribute("classname") {
            Some(class) => format!("{class}.{name}"),
            None => name.to_owned(),
        };
        let child = |tag: &str| case.children().find(|node| node.has_tag_name(tag));
        let failure = child("failure").or_else(|| child("error"));
        let status = match (failure, child("skipped")) {
            (Some(_), _) => "FAILED",
            (None, Some(_)) => "TODO",
            (None, None) => "PASSED",
        };
        let message = failure.map(|node| {
            let parts = [node.attribute("message"), node.text()];
            parts
                .into_iter()
                .flatten()
                .map(str::trim)
                .collect::<Vec<_>>()
                .join("\n")
        });
        let mut properties = case.descendants().filter(|node| node.has_tag_name("property"));
        let key = properties.find(|node| node.attribute("name") == Some("test_key"));
        let key = key.and_then(|node| node.attribute("value")).map(str::to_owned);
        let mut sent = json!({ "status": status, "comment": message.clone().unwrap_or_default() });
        if let Some(members) = sent.as_object_mut() {
            match (key, project) {
                (Some(key), _) => members.insert("testKey".to_owned(), json!(key)),
                (None, Some(project)) => {
                    let info = test::info(project, "Generic", name, ("definition", &definition));
                    members.insert("testInfo".to_owned(), info)
                }
                (None, None) => return Err(refused("projectKey is required to find or create tests!")),
            };
        }
        let entry = serde_json::from_value(sent).map_err(|_| not_valid())?;
        let seconds: f64 = case.attribute("time").and_then(|time| time.parse().ok()).unwrap_or(0.0);
        let result = AutomatedResult {
            name: name.to_owned(),
            status: status.to_owned(),
            log: message.unwrap_or_default(),
            duration_ms: seconds * 1_000.0,
        };
        entries.push((entry, Some(result)));
    }
    Ok(entries)
}
