//! Twenty thousand issues, and an execution with as many runs.

use serde_json::{Value, json};

use super::rig;

const MANY: usize = 20_000;

#[tokio::test]
async fn twenty_thousand_tests_and_runs_pass_through_in_chunks() {
    let rig = rig().await;
    let element = |n: usize| {
        json!({ "fields": {
            "project": { "key": "CALC" }, "issuetype": { "name": "Test" }, "summary": format!("test {n}"),
            "labels": ["tx-export", format!("tx-{n}")],
        } })
    };
    for start in (0..MANY).step_by(1_000) {
        let updates: Vec<Value> = (start..start + 1_000).map(element).collect();
        let (status, _) = rig
            .post("/rest/api/2/issue/bulk", json!({ "issueUpdates": updates }))
            .await;
        assert_eq!(status, 201);
    }
    let labels: Vec<String> = (0..500).map(|n| format!("tx-{}", n * 40)).collect();
    for _ in 0..20 {
        let jql = format!("project = CALC AND labels in ({}) ORDER BY key", labels.join(","));
        let (_, page) = rig
            .post(
                "/rest/api/2/search",
                json!({ "jql": jql, "maxResults": 500, "fields": ["labels"] }),
            )
            .await;
        assert_eq!(page["total"], 500);
    }
    let execution = rig.create("Test Execution", "all", json!({})).await;
    for start in (0..MANY).step_by(1_000) {
        let result = |n: usize| json!({ "testKey": format!("CALC-{}", n + 1), "status": "PASS" });
        let tests: Vec<Value> = (start..start + 1_000).map(result).collect();
        let body = json!({ "testExecutionKey": execution, "tests": tests });
        let (status, done) = rig.post("/rest/raven/2.0/import/execution", body).await;
        assert_eq!(
            (status, done["testIssues"]["success"].as_array().unwrap().len()),
            (200, 1_000)
        );
    }
    let mut seen = 0;
    for page in 1.. {
        let path = format!("/rest/raven/2.0/api/testexec/{execution}/test?page={page}&limit=100");
        let (_, list) = rig.get(&path).await;
        match list.as_array().unwrap().len() {
            0 => break,
            count => seen += count,
        }
    }
    assert_eq!(seen, MANY);
}
