//! Tests that call others.

use reqwest::Method;
use serde_json::{Value, json};
use tms_sync_sim::jira::account::Actor;
use tms_sync_sim::jira::id::IssueId;

use crate::bed::Bed;

const ADD: &str =
    "mutation($i:String!,$s:CreateStepInput!){addTestStep(issueId:$i,step:$s){id action callTestIssueId}}";
const EXPANDED: &str =
    "query($i:String!){getExpandedTest(issueId:$i){steps{action calledTestIssueId parentTestIssueId}}}";

async fn call(bed: &Bed, test: &str, called: &str) -> Value {
    let step = json!({ "action": "unseen", "callTestIssueId": called });
    let (_, body) = bed.graphql_raw(ADD, json!({ "i": test, "s": step })).await;
    body
}

async fn refused(bed: &Bed, test: &str, called: &str) -> String {
    let body = call(bed, test, called).await;
    body["errors"][0]["message"].as_str().unwrap().to_owned()
}

fn actions(steps: &Value) -> Vec<&str> {
    let steps = steps.as_array().unwrap().iter();
    steps.map(|step| step["action"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_call_has_no_texts_and_unfolds_where_it_stands() {
    let bed = Bed::new().await;
    let (inner, outer, test) = (
        bed.manual_test("inner", 1).await,
        bed.manual_test("outer", 2).await,
        bed.manual_test("test", 1).await,
    );
    assert!(call(&bed, &outer, &inner).await["errors"].is_null());
    let made = call(&bed, &test, &outer).await;
    let step = &made["data"]["addTestStep"];
    assert_eq!((&step["action"], &step["callTestIssueId"]), (&json!(""), &json!(outer)));
    let read = "query($i:String){getTest(issueId:$i){steps{action callTestIssueId}}}";
    let own = bed.graphql(read, json!({ "i": test })).await["getTest"]["steps"].take();
    assert_eq!(own[1]["callTestIssueId"], json!(outer));
    let unfolded = bed.graphql(EXPANDED, json!({ "i": test })).await["getExpandedTest"]["steps"].take();
    assert_eq!(actions(&unfolded), ["a1", "a1", "a2", "a1"]);
    assert_eq!(unfolded[0]["calledTestIssueId"], Value::Null);
    assert_eq!(unfolded[3]["calledTestIssueId"], json!(inner));
    assert_eq!(unfolded[3]["parentTestIssueId"], json!(outer));

    let change = "mutation($s:String!){updateTestStep(stepId:$s,step:{action:\"x\"}){warnings}}";
    let (_, body) = bed.graphql_raw(change, json!({ "s": step["id"] })).await;
    assert_eq!(body["errors"][0]["message"], "The step calls a test");
}

#[tokio::test]
async fn a_run_has_the_steps_of_called_tests_and_keeps_them() {
    let bed = Bed::new().await;
    let (shared, test) = (bed.manual_test("shared", 2).await, bed.manual_test("test", 1).await);
    call(&bed, &test, &shared).await;
    let create = "mutation($t:[String],$j:JSON!){createTestExecution(testIssueIds:$t,jira:$j){testExecution{issueId jira(fields:[\"key\"])}}}";
    let jira = json!({ "fields": { "project": { "key": "CALC" }, "summary": "exec" } });
    let made = bed.graphql(create, json!({ "t": [test], "j": jira })).await;
    let execution = &made["createTestExecution"]["testExecution"];
    call(&bed, &test, &shared).await;
    let runs = "query($e:[String]){getTestRuns(testExecIssueIds:$e,limit:10){results{steps{action status{name}}}}}";
    let steps = async || {
        let found = bed.graphql(runs, json!({ "e": [execution["issueId"]] })).await;
        found["getTestRuns"]["results"][0]["steps"].clone()
    };
    assert_eq!(actions(&steps().await), ["a1", "a1", "a2"]);

    let result = |number: usize| {
        let steps = vec![json!({ "status": "PASSED" }); number];
        let test = json!({ "testKey": bed.key(&test), "status": "PASSED", "steps": steps });
        json!({ "testExecutionKey": execution["jira"]["key"], "tests": [test] })
    };
    for (number, status) in [(4, 400), (3, 200)] {
        let import = bed.xray(Method::POST, "/api/v2/import/execution").json(&result(number));
        assert_eq!(import.send().await.unwrap().status(), status, "{number} steps");
    }
    assert_eq!(steps().await[2]["status"]["name"], "PASSED");
}

#[tokio::test]
async fn circles_long_chains_and_what_is_no_manual_test_are_refused() {
    let bed = Bed::new().await;
    let mut chain = Vec::new();
    for number in 0..6 {
        chain.push(bed.manual_test(&format!("t{number}"), 1).await);
    }
    for pair in chain[..5].windows(2) {
        assert!(call(&bed, &pair[0], &pair[1]).await["errors"].is_null());
    }
    for (from, to) in [(0, 0), (4, 0), (2, 1)] {
        let words = refused(&bed, &chain[from], &chain[to]).await;
        assert_eq!(words, "Circular test calls are not allowed", "{from} → {to}");
    }
    assert!(refused(&bed, &chain[4], &chain[5]).await.contains("depth"));
    assert!(refused(&bed, &chain[5], &chain[0]).await.contains("depth"));
    assert_eq!(refused(&bed, &chain[5], "4711").await, "issueId provided is not valid");
    assert_eq!(
        refused(&bed, &chain[5], &bed.key(&chain[4])).await,
        "issueId provided is not valid"
    );
    let generic = "mutation($i:String!){updateTestType(issueId:$i,testType:{name:\"Generic\"}){issueId}}";
    bed.graphql(generic, json!({ "i": chain[5] })).await;
    assert!(refused(&bed, &chain[4], &chain[5]).await.contains("manual"));

    let shared = bed.manual_test("shared", 1).await;
    let create = "mutation($s:[CreateStepInput],$j:JSON!){createTest(steps:$s,jira:$j){test{steps{callTestIssueId}}}}";
    let jira = json!({ "fields": { "project": { "key": "CALC" }, "summary": "many" } });
    for (number, fits) in [(200, true), (201, false)] {
        let steps = vec![json!({ "callTestIssueId": shared }); number];
        let (_, body) = bed.graphql_raw(create, json!({ "s": steps, "j": jira })).await;
        assert_eq!(body["errors"].is_null(), fits, "{number} calls");
    }
}

#[tokio::test]
async fn the_call_of_a_deleted_test_stays_and_shows_nothing() {
    let bed = Bed::new().await;
    let (shared, test) = (bed.manual_test("shared", 2).await, bed.manual_test("test", 1).await);
    call(&bed, &test, &shared).await;
    bed.site
        .lock()
        .delete_issue(&Actor::System, IssueId::parse(&shared).unwrap());
    let unfolded = bed.graphql(EXPANDED, json!({ "i": test })).await["getExpandedTest"]["steps"].take();
    assert_eq!(actions(&unfolded), ["a1"]);
    assert_eq!(refused(&bed, &test, &shared).await, "issueId provided is not valid");
}
