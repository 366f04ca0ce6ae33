//! Preconditions on Cloud: created and linked by aliased mutations.

use super::create::{self, MOST};
use super::test_issues::CloudTests;
use super::update::Mutation;
use crate::domain::IssueId;
use crate::error::Result;
use crate::mapping::{COMMON, Precondition};
use crate::target::{Issue, NewPrecondition, PreconditionUse, Submission};
use crate::web::Idempotency;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

const USES: &str = "query($ids:[String]){found:getPreconditions(issueIds:$ids,limit:100){results{issueId definition \
jira(fields:[\"summary\"]) tests(limit:1){total}}}}";

/// Tests that one mutation links.
const TESTS: usize = 100;

impl CloudTests<'_> {
    pub(super) async fn new_preconditions(&self, drafts: &[NewPrecondition<'_>]) -> Result<Submission> {
        let mutations: Vec<Mutation> = {
            let schema = self.site.schema.borrow();
            let create = |draft: &NewPrecondition<'_>| {
                let fields = json!({"project": {"key": schema.destination.project.key},
                    "summary": draft.content.summary, "labels": [COMMON, draft.marker.0]});
                let arguments = vec![
                    (
                        "preconditionType",
                        "UpdatePreconditionTypeInput",
                        json!({"name": schema.test_type(draft.content.kind)}),
                    ),
                    ("definition", "String", json!(draft.content.definition)),
                    ("jira", "JSON!", json!({"fields": fields})),
                ];
                create::mutation(
                    "createPrecondition",
                    arguments,
                    "{made:precondition{issueId jira(fields:[\"key\"])} warnings}",
                )
            };
            drafts.iter().map(create).collect()
        };
        Ok(Submission::Done(self.create_each(&mutations).await?))
    }

    /// Links by Precondition, of which there are fewer than Tests. What an alias refuses shows when the Tests are read.
    pub(super) async fn link_tests(&self, links: &[(IssueId, IssueId)]) -> Result<()> {
        let mut open: Vec<(&str, &str)> = links.iter().map(|(test, to)| (test.as_str(), to.as_str())).collect();
        let mut calls: Vec<(&str, Vec<&str>)> = Vec::new();
        while let Some((_, precondition)) = open.first().copied() {
            let tests = open.extract_if(.., |(_, to)| *to == precondition);
            let tests: Vec<&str> = tests.map(|(test, _)| test).collect();
            calls.extend(tests.chunks(TESTS).map(|tests| (precondition, tests.to_vec())));
        }
        for chunk in calls.chunks(MOST) {
            let (mut head, mut body, mut variables) = (Vec::new(), String::new(), Map::new());
            for (index, (precondition, tests)) in chunk.iter().enumerate() {
                head.push(format!("$id{index}:String!,$tests{index}:[String]"));
                body.push_str(&format!(
                    " l{index}:addTestsToPrecondition(issueId:$id{index},testIssueIds:$tests{index}){{warning}}"
                ));
                variables.insert(format!("id{index}"), json!(precondition));
                variables.insert(format!("tests{index}"), json!(tests));
            }
            let document = format!("mutation({}){{{body} }}", head.join(","));
            match self
                .site
                .graphql(&document, Value::Object(variables), Idempotency::Idempotent)
                .await
            {
                Err(error) if !error.concerns_one_item() => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    pub(super) async fn uses(&self, issues: &[Issue]) -> Result<Vec<Option<PreconditionUse>>> {
        let ids: Vec<&str> = issues.iter().map(|issue| issue.id.as_str()).collect();
        let found = self.site.query(USES, json!({"ids": ids}), "found").await?;
        let found = found
            .get("results")
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default();
        let text = |it: &Value, pointer: &str| {
            it.pointer(pointer)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        let mut uses = BTreeMap::from_iter(found.iter().map(|it| {
            let fingerprint = Precondition::fingerprint_of(&text(it, "/jira/summary"), &text(it, "/definition"));
            // Where the number is absent, nobody knows that there are none.
            let tests = it.pointer("/tests/total").and_then(Value::as_u64).unwrap_or(1);
            (text(it, "/issueId"), PreconditionUse { fingerprint, tests })
        }));
        Ok(ids.iter().map(|id| uses.remove(*id)).collect())
    }
}
