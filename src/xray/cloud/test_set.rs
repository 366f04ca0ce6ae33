//! Test Sets on Cloud: Xray lists those of a project itself, whatever their issue type is called.

use super::site::Site;
use super::update::{Mutation, document};
use crate::domain::Issue;
use crate::error::Result;
use crate::web::Idempotency;
use serde_json::{Value, json};

const SETS: &str = "query($project:String,$start:Int){sets:getTestSets(projectId:$project,limit:100,start:$start){total \
results{issueId jira(fields:[\"key\",\"summary\"])}}}";
/// Resolvers of `addTestsToTestSet`.
const COST: usize = 2;

impl Site<'_> {
    pub(super) async fn list_test_sets(&self) -> Result<Vec<(Issue, String)>> {
        let project = self.destination().project.id;
        let mut sets = Vec::new();
        loop {
            let variables = json!({"project": project, "start": sets.len()});
            let page = self.query(SETS, variables, "sets").await?;
            let results = page
                .get("results")
                .and_then(Value::as_array)
                .map_or(&[][..], Vec::as_slice);
            sets.extend(results.iter().map(test_set));
            let total = page.get("total").and_then(Value::as_u64).unwrap_or(0);
            if results.is_empty() || sets.len() as u64 >= total {
                return Ok(sets);
            }
        }
    }

    pub(super) async fn add_tests(&self, additions: &[(Issue, Vec<Issue>)]) -> Result<Vec<Option<String>>> {
        let mutation = |(set, tests): &(Issue, Vec<Issue>)| {
            let ids: Vec<&str> = tests.iter().map(|test| test.id.as_str()).collect();
            Mutation {
                owner: 0,
                cost: COST,
                field: "addTestsToTestSet",
                arguments: vec![
                    ("issueId", "String!", json!(set.id)),
                    ("testIssueIds", "[String]!", json!(ids)),
                ],
                selection: "{addedTests warning}",
            }
        };
        let mutations: Vec<Mutation> = additions.iter().map(mutation).collect();
        let mut refusals = Vec::with_capacity(additions.len());
        for batch in super::update::batches(&mutations) {
            let (document, variables) = document(batch);
            match self.graphql(&document, variables, Idempotency::Idempotent).await {
                Ok(answer) => refusals.extend((0..batch.len()).map(|at| answer.alias(&format!("m{at}")).err())),
                Err(error) if error.concerns_one_item() => {
                    refusals.extend(batch.iter().map(|_| Some(error.message.clone())));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(refusals)
    }
}

fn test_set(value: &Value) -> (Issue, String) {
    let text = |pointer: &str| value.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let issue = Issue::new(text("/issueId"), text("/jira/key"));
    (issue, text("/jira/summary").to_owned())
}
