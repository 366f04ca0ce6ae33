//! Versions of Tests on Cloud. How many a Test has is read with it; more is asked only about Tests that have several, where
//! an option chooses another than the default one.

use super::read::{Selection, list, with_fields};
use super::site::Site;
use crate::domain::IssueId;
use crate::error::Result;
use crate::mapping::Field;
use crate::mapping::options::TestVersion;
use crate::target::UsedVersion;
use crate::text::same;
use serde_json::{Map, Value, json};

const VERSIONS: &str = "results{issueId testVersions(limit:50,archived:false){results{id name testType{name kind} unstructured \
gherkin steps{id action data result callTestIssueId}}}";
/// Tests whose versions one request reads.
const TESTS: usize = 100;
/// What belongs to a version.
const PARTS: [&str; 4] = ["testType", "unstructured", "gherkin", "steps"];

/// True where a Test has several versions.
pub(super) fn has_several(test: &Value) -> bool {
    number(test) > 1
}

fn number(test: &Value) -> u64 {
    test.pointer("/testVersions/total").and_then(Value::as_u64).unwrap_or(0)
}

/// The version that a Test's parts are of, where it has several.
pub(super) fn used(test: &Value) -> Option<UsedVersion> {
    let all = Some(number(test)).filter(|all| *all > 1);
    let chosen = test.get("version");
    let missing = chosen.is_some_and(Value::is_null);
    all.map(|all| UsedVersion {
        id: chosen.and_then(|version| version.get("id")?.as_u64()),
        name: chosen.and_then(|version| Some(version.get("name")?.as_str()?.to_owned())),
        all: Some(all),
        left: match missing {
            true => vec![Field::Kind, Field::Definition, Field::Steps],
            false => Vec::new(),
        },
    })
}

impl Site<'_> {
    /// Puts the parts of the version that an option chooses in the place of the default one's, in Tests that have several.
    pub(super) async fn choose_versions(&self, tests: &mut [Value]) -> Result<()> {
        let option = &self.setup.options.test_version;
        if *option == TestVersion::Default {
            return Ok(());
        }
        let selection = with_fields(VERSIONS, &self.destination().xray_fields.steps);
        let mut several: Vec<&mut Value> = tests.iter_mut().filter(|test| has_several(test)).collect();
        for chunk in several.chunks_mut(TESTS) {
            let ids: Vec<IssueId> = chunk.iter().map(|test| id(test)).collect();
            let found = self.read_lists(vec![Selection::Ids(&ids)], &selection, None).await?;
            for test in chunk {
                let versions = found.iter().find(|found| id(found) == id(test));
                let chosen = versions.and_then(|versions| choose(versions, option)).cloned();
                put(test, chosen);
            }
        }
        Ok(())
    }
}

fn id(test: &Value) -> IssueId {
    IssueId::from(test.get("issueId").and_then(Value::as_str).unwrap_or_default())
}

fn choose<'v>(test: &'v Value, option: &TestVersion) -> Option<&'v Value> {
    let mut versions = list(test, "/testVersions/results");
    let number = |version: &&Value| version.get("id").and_then(Value::as_u64);
    match option {
        TestVersion::Default => None,
        TestVersion::Latest => versions.max_by_key(number),
        TestVersion::Named(wanted) => versions.find(|version| {
            let name = version.get("name").and_then(Value::as_str);
            name.is_some_and(|name| same(name, wanted))
        }),
    }
}

/// Puts a version's parts into a Test, or null where there is no such version.
fn put(test: &mut Value, chosen: Option<Value>) {
    let Some(members) = test.as_object_mut() else { return };
    let Some(Value::Object(mut version)) = chosen else {
        members.insert("version".to_owned(), Value::Null);
        return;
    };
    let parts: Map<String, Value> = PARTS
        .iter()
        .filter_map(|part| Some(((*part).to_owned(), version.remove(*part)?)))
        .collect();
    members.extend(parts);
    members.insert("version".to_owned(), json!(version));
}
