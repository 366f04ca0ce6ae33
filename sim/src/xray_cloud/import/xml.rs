//! Reports of test runners in XML: JUnit, TestNG, NUnit, xUnit.net and Robot Framework. Every test case becomes a
//! generic test whose definition is the case's full name.

use roxmltree::{Document, Node};
use serde_json::json;

use super::super::reply::Refused;
use super::super::state::AutomatedResult;
use super::format::Entry;
use super::target::refused;
use super::test;

/// What a report says of one test case.
struct Case {
    /// Name for people.
    name: String,
    /// Full name, by which the test is found.
    definition: String,
    status: &'static str,
    message: String,
    duration_ms: f64,
    /// Key of the test, where the report carries one.
    key: Option<String>,
}

/// Possible roots of a format, the element of a test case, and how to read one.
type Dialect = (&'static [&'static str], &'static str, fn(Node<'_, '_>) -> Option<Case>);

/// Reads a report of a format by the last part of its path. Cases without a key need a project to find or create their
/// tests.
///
/// # Errors
/// 400 when the file is no such report, or a test can be found neither by key nor by project.
pub(super) fn read(
    kind: &str,
    bytes: &[u8],
    project: Option<&str>,
) -> Result<Vec<(Entry, Option<AutomatedResult>)>, Refused> {
    let not_valid = || Refused::bad(format!("Result is not valid {kind} Format"));
    let text = std::str::from_utf8(bytes)
        .map_err(|_| not_valid())?
        .trim_start_matches('\u{feff}')
        .trim_start();
    let document = Document::parse(text).map_err(|_| not_valid())?;
    let root = document.root_element().tag_name().name();
    let (roots, element, case): Dialect = match kind {
        "junit" => (&["testsuites", "testsuite"], "testcase", junit),
        "testng" => (&["testng-results"], "test-method", testng),
        "nunit" => (&["test-run", "test-results"], "test-case", nunit),
        "xunit" => (&["assemblies", "assembly"], "test", xunit),
        "robot" => (&["robot"], "test", robot),
        _ => return Err(not_valid()),
    };
    if !roots.contains(&root) {
        return Err(not_valid());
    }
    let cases = document
        .descendants()
        .filter(|node| node.has_tag_name(element))
        .filter_map(case);
    cases.map(|case| case.entry(project)).collect()
}

impl Case {
    fn new(name: &str, definition: String, status: &'static str) -> Self {
        Self {
            name: name.to_owned(),
            definition,
            status,
            message: String::new(),
            duration_ms: 0.0,
            key: None,
        }
    }

    fn entry(self, project: Option<&str>) -> Result<(Entry, Option<AutomatedResult>), Refused> {
        let mut sent = json!({ "status": self.status, "comment": self.message });
        if let Some(members) = sent.as_object_mut() {
            match (&self.key, project) {
                (Some(key), _) => members.insert("testKey".to_owned(), json!(key)),
                (None, Some(project)) => {
                    let info = test::info(project, "Generic", &self.name, ("definition", &self.definition));
                    members.insert("testInfo".to_owned(), info)
                }
                (None, None) => return Err(refused("projectKey is required to find or create tests!")),
            };
        }
        let entry = serde_json::from_value(sent).map_err(|error| refused(error.to_string()))?;
        let result = AutomatedResult {
            name: self.name,
            status: self.status.to_owned(),
            log: self.message,
            duration_ms: self.duration_ms,
        };
        Ok((entry, Some(result)))
    }
}

fn child<'a, 'b>(node: Node<'a, 'b>, tag: &str) -> Option<Node<'a, 'b>> {
    node.children().find(|child| child.has_tag_name(tag))
}

fn text(node: Node<'_, '_>) -> String {
    let inside: String = node
        .descendants()
        .filter(|inner| inner.is_text())
        .filter_map(|inner| inner.text())
        .collect();
    let parts = [node.attribute("message").unwrap_or_default(), inside.trim()];
    parts
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("\n")
}

fn number(node: Node<'_, '_>, attribute: &str) -> f64 {
    node.attribute(attribute)
        .and_then(|value| value.parse().ok())
        .unwrap_or(0.0)
}

/// The value of a property or trait with a name.
fn property(node: Node<'_, '_>, element: &str, name: &str) -> Option<String> {
    let mut all = node.descendants().filter(|inner| inner.has_tag_name(element));
    all.find(|inner| inner.attribute("name") == Some(name))?
        .attribute("value")
        .map(str::to_owned)
}

/// Status by the runner's word.
fn status(word: Option<&str>) -> &'static str {
    match word.unwrap_or_default().to_lowercase().as_str() {
        "pass" | "passed" | "success" | "true" => "PASSED",
        "fail" | "failed" | "failure" | "error" | "false" => "FAILED",
        _ => "TODO",
    }
}

fn junit(node: Node<'_, '_>) -> Option<Case> {
    let name = node.attribute("name")?;
    let definition = node
        .attribute("classname")
        .map_or_else(|| name.to_owned(), |class| format!("{class}.{name}"));
    let failure = child(node, "failure").or_else(|| child(node, "error"));
    let status = match (failure, child(node, "skipped")) {
        (Some(_), _) => "FAILED",
        (None, Some(_)) => "TODO",
        (None, None) => "PASSED",
    };
    let mut case = Case::new(name, definition, status);
    case.message = failure.map(text).unwrap_or_default();
    case.duration_ms = number(node, "time") * 1_000.0;
    case.key = property(node, "property", "test_key");
    Some(case)
}

/// Methods that only prepare or clean up do not count.
fn testng(node: Node<'_, '_>) -> Option<Case> {
    if node.attribute("is-config") == Some("true") {
        return None;
    }
    let name = node.attribute("name")?;
    let class = node.parent()?.attribute("name")?;
    let mut case = Case::new(name, format!("{class}.{name}"), status(node.attribute("status")));
    case.message = child(node, "exception").map(text).unwrap_or_default();
    case.duration_ms = number(node, "duration-ms");
    case.key = property(node, "attribute", "test");
    Some(case)
}

/// Versions 3 (`result`) and 2 (`success`).
fn nunit(node: Node<'_, '_>) -> Option<Case> {
    let name = node.attribute("name")?;
    let definition = node.attribute("fullname").unwrap_or(name).to_owned();
    let mut case = Case::new(
        name,
        definition,
        status(node.attribute("result").or_else(|| node.attribute("success"))),
    );
    case.message = child(node, "failure").map(text).unwrap_or_default();
    case.duration_ms = number(node, "duration") * 1_000.0;
    case.key = property(node, "property", "Test");
    Some(case)
}

fn xunit(node: Node<'_, '_>) -> Option<Case> {
    let name = node.attribute("name")?;
    let mut case = Case::new(name, name.to_owned(), status(node.attribute("result")));
    case.message = child(node, "failure").map(text).unwrap_or_default();
    case.duration_ms = number(node, "time") * 1_000.0;
    case.key = property(node, "trait", "test");
    Some(case)
}

/// Suites make the full name; a tag with a key of the test's own is not set apart from one of a requirement, so none is used.
fn robot(node: Node<'_, '_>) -> Option<Case> {
    let name = node.attribute("name")?;
    let mut suites: Vec<&str> = node
        .ancestors()
        .filter(|outer| outer.has_tag_name("suite"))
        .filter_map(|suite| suite.attribute("name"))
        .collect();
    suites.reverse();
    suites.push(name);
    let own = child(node, "status")?;
    let mut case = Case::new(name, suites.join("."), status(own.attribute("status")));
    case.message = text(own);
    Some(case)
}
