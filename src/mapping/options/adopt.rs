//! Which Test that is there already is a case's own, instead of a new one.

use super::form::ValueType;
use super::reader::Reader;

/// What stands in a query for the id of a case.
pub const ID: &str = "{id}";

/// How Tests that are there already are recognised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adopt {
    /// TestOps' id of the integration whose test keys name the Tests.
    pub integration: Option<i64>,
    /// By the case's test keys.
    pub test_keys: bool,
    /// By the key in this custom field of TestOps.
    pub field: Option<String>,
    /// By this query, which has [`ID`] in it and finds exactly one Test.
    pub jql: Option<String>,
}

impl Default for Adopt {
    fn default() -> Self {
        read(&mut Reader::new([]))
    }
}

pub(super) fn read(reader: &mut Reader<'_>) -> Adopt {
    const JQL: &str = "adopt-jql";
    let integration = integration(reader);
    let ways = [
        ("test-key", "By the test keys of the case", true),
        ("none", "Not by test keys", false),
    ];
    let test_keys = reader
        .option(
            "adopt",
            "Tests that are there already",
            "A case that was not exported and whose test key names a Test of the project is linked to that Test.",
        )
        .choice(&ways)
        .unwrap_or(true);
    let field = reader
        .option(
            "adopt-field",
            "Custom field with the key of a Test",
            "Custom field of TestOps that holds the key of the Test that is the case's own.",
        )
        .text(ValueType::Text);
    let jql = reader
        .option(
            JQL,
            "Query for the Test of a case",
            "JQL with {id} in the place of the case's id, which finds exactly one Test, as in \"TestOps ID\" ~ \"{id}\". \
             One request for each case that was not exported.",
        )
        .text(ValueType::Text);
    if jql.as_ref().is_some_and(|jql| !jql.contains(ID)) {
        let hint = "Put {id} where the id of the case belongs.";
        reader.wrong(JQL, format!("{JQL} would find the same Test for every case."), hint);
    }
    Adopt {
        integration,
        test_keys,
        field,
        jql,
    }
}

/// TestOps' id of the integration whose test keys are written; `None`: none are.
fn integration(reader: &mut Reader<'_>) -> Option<i64> {
    const NAME: &str = "test-key-integration-id";
    let asked = reader.option(
        NAME,
        "Integration in TestOps for test keys",
        "Number of the integration in TestOps under which the key of each Test is written to its case.",
    );
    let text = asked.text(ValueType::Integer(1, i64::MAX))?;
    let id = text.parse().ok().filter(|id| *id > 0);
    if id.is_none() {
        let hint = "It is the number in the address of the integration in TestOps, under Administration, Integrations.";
        reader.wrong(NAME, format!("{NAME} is a positive whole number."), hint);
    }
    id
}

#[cfg(test)]
mod tests {
    use crate::mapping::options::read;

    #[test]
    fn a_query_without_the_id_of_the_case_is_refused() {
        let found = read([("adopt-jql", "summary ~ x")]);
        assert_eq!(
            found.problems[0].message,
            "adopt-jql would find the same Test for every case."
        );
        assert_eq!(read([("adopt-jql", "cf[1] = {id}")]).problems, []);
    }
}
