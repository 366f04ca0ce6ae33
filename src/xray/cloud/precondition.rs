//! Preconditions on Cloud: created and linked by aliased mutations.

use super::Cloud;
use super::graphql::RESOLVERS;
use crate::error::Result;
use crate::json::json;
use crate::mapping::{COMMON, Precondition};
use crate::ordered::Table;
use crate::target::{Condition, Creation, Issue, Use};
use crate::web::Verb;
use serde_json::{Map, Value};

const USES: &str = "query($ids:[String]){found:getPreconditions(issueIds:$ids,limit:100){results{issueId definition \
jira(fields:[\"summary\"]) tests(limit:1){total}}}}";

/// Resolvers of `createPrecondition` with its issue, and of `addTestsToPrecondition`.
const COST: usize = 2;
/// Mutations a request.
pub const MOST: usize = RESOLVERS / COST;
/// Tests that one mutation links.
const TESTS: usize = 100;

impl Cloud<'_> {
    pub(super) async fn new_preconditions(&self, drafts: &[Condition<'_>]) -> Result<Vec<Creation>> {
        let (project, kind) = {
            let known = self.known.borrow();
            (known.destination.project_key.clone(), known.manual.clone())
        };
        let mut head = String::from("$type:UpdatePreconditionTypeInput");
        let (mut body, mut variables) = (String::new(), Map::new());
        variables.insert("type".to_owned(), json!({"name": kind}));
        for (index, draft) in drafts.iter().enumerate() {
            head.push_str(&format!(",$text{index}:String,$jira{index}:JSON!"));
            body.push_str(&format!(
                " c{index}:createPrecondition(preconditionType:$type,definition:$text{index},jira:$jira{index})\
                 {{precondition{{issueId jira(fields:[\"key\"])}} warnings}}"
            ));
            let fields = json!({"project": {"key": project}, "summary": draft.content.summary,
                "labels": [COMMON, draft.marker.0]});
            variables.insert(format!("text{index}"), json!(draft.content.definition));
            variables.insert(format!("jira{index}"), json!({"fields": fields}));
        }
        let document = format!("mutation({head}){{{body} }}");
        let answer = self.graphql(&document, Value::Object(variables), Verb::Create).await?;
        let outcome = |index: usize| {
            let name = format!("c{index}");
            if let Some(words) = answer.refusal(&name) {
                return Creation::Refused(format!("createPrecondition: {words}"));
            }
            let made = answer.alias(&name).unwrap_or(&Value::Null);
            let id = made.pointer("/precondition/issueId").and_then(Value::as_str);
            let key = made.pointer("/precondition/jira/key").and_then(Value::as_str);
            match (id, key) {
                (Some(id), Some(key)) => Creation::Created(Issue {
                    id: id.to_owned(),
                    key: key.to_owned(),
                }),
                _ => Creation::Unknown("createPrecondition did not tell the new issue".to_owned()),
            }
        };
        Ok((0..drafts.len()).map(outcome).collect())
    }

    /// Links by Precondition, of which there are fewer than Tests. What an alias refuses shows when the Tests are read.
    pub(super) async fn link_tests(&self, links: &[(String, String)]) -> Result<()> {
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
                .graphql(&document, Value::Object(variables), Verb::Idempotent)
                .await
            {
                Err(error) if !error.concerns_one_item() => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    pub(super) async fn uses(&self, issues: &[Issue]) -> Result<Vec<Option<Use>>> {
        let ids: Vec<&str> = issues.iter().map(|issue| issue.id.as_str()).collect();
        let found = self.query(USES, json!({"ids": ids}), "found").await?;
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
        let mut uses = Table::from_iter(found.iter().map(|it| {
            let fingerprint = Precondition::fingerprint_of(&text(it, "/jira/summary"), &text(it, "/definition"));
            // Of one that does not tell, nobody knows that it has none.
            let tests = it.pointer("/tests/total").and_then(Value::as_u64).unwrap_or(1);
            (text(it, "/issueId"), Use { fingerprint, tests })
        }));
        Ok(ids.iter().map(|id| uses.remove(*id)).collect())
    }
}
