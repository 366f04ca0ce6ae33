//! Test runs.

use reqwest::Method;
use serde_json::{Value, json};
use tms_sync_sim::jira::xray::CustomField;

use super::{Rig, read, rig};

/// An execution with one run of a two-step test: execution key, test key, run id.
async fn run(rig: &Rig) -> (String, String, u64) {
    let test = rig.manual("adds", 2).await;
    let execution = rig.create("Test Execution", "run", json!({})).await;
    rig.post(
        &format!("/rest/raven/1.0/api/testexec/{execution}/test"),
        json!({ "add": [test] }),
    )
    .await;
    let (_, list) = rig.get(&format!("/rest/raven/1.0/api/testexec/{execution}/test")).await;
    (execution, test, list[0]["id"].as_u64().unwrap())
}

#[tokio::test]
async fn one_put_sets_status_comment_steps_defects_and_evidence() {
    let rig = rig().await;
    let (execution, test, id) = run(&rig).await;
    let bug = rig.create("Bug", "broken", json!({})).await;
    let (_, before) = rig
        .get(&format!(
            "/rest/raven/2.0/api/testrun?testExecIssueKey={execution}&testIssueKey={test}"
        ))
        .await;
    assert_eq!(
        (before["id"].as_u64(), before["status"].as_str()),
        (Some(id), Some("TODO"))
    );
    let body = json!({
        "status": "FAIL", "comment": "no luck", "assignee": "root", "defects": { "add": [bug] },
        "evidences": { "add": [{ "filename": "log.txt", "contentType": "text/plain", "data": "YWJj" }] },
        "steps": [{ "id": before["steps"][1]["id"], "status": "FAIL", "comment": "here", "actualResult": "nothing" }],
    });
    let path = format!("/rest/raven/2.0/api/testrun/{id}");
    let (status, done) = rig.put(&path, body).await;
    assert_eq!((status, done["evidenceIds"].as_array().unwrap().len()), (200, 1));
    assert_eq!(done["stepResults"][0]["id"], before["steps"][1]["id"]);
    let (_, after) = rig.get(&path).await;
    assert_eq!(
        (after["status"].as_str(), after["comment"].as_str()),
        (Some("FAIL"), Some("no luck"))
    );
    assert_eq!(
        (after["assignee"].as_str(), after["executedBy"].as_str()),
        (Some("root"), Some("ann"))
    );
    assert_eq!(after["defects"][0]["key"], json!(bug));
    assert_eq!(
        (
            after["evidences"][0]["fileName"].as_str(),
            after["evidences"][0]["fileSize"].as_str()
        ),
        (Some("log.txt"), Some("0,0 kB"))
    );
    assert_eq!(after["steps"][1]["actualResult"]["raw"], "nothing");
    assert_eq!(after["steps"][0]["status"], "TODO");
    assert!(after["finishedOnIso"].is_string());
    let (status, empty) = rig
        .put(
            &format!("/rest/raven/1.0/api/testrun/{id}"),
            json!({ "status": "PASS" }),
        )
        .await;
    assert_eq!((status, empty), (200, Value::Null));
}

#[tokio::test]
async fn nothing_is_written_when_any_part_is_wrong() {
    let rig = rig().await;
    let (_, _, id) = run(&rig).await;
    let path = format!("/rest/raven/2.0/api/testrun/{id}");
    for wrong in [
        json!({ "comment": "x", "status": "PASSED" }),
        json!({ "comment": "x", "assignee": "nobody" }),
        json!({ "comment": "x", "defects": { "add": ["CALC-99"] } }),
        json!({ "comment": "x", "evidences": { "add": [{ "filename": "a", "data": "YQ==" }] } }),
        json!({ "comment": "x", "steps": [{ "id": 999_999, "status": "PASS" }] }),
    ] {
        let (status, body) = rig.put(&path, wrong).await;
        assert_eq!(status, 400);
        assert!(body["error"].is_string());
    }
    assert_eq!(rig.get(&path).await.1["comment"], "");
}

#[tokio::test]
async fn the_small_resources_have_their_own_codes_in_each_version() {
    let rig = rig().await;
    let (_, _, id) = run(&rig).await;
    let bug = rig.create("Bug", "broken", json!({})).await;
    let v1 = format!("/rest/raven/1.0/api/testrun/{id}");
    let v2 = format!("/rest/raven/2.0/api/testrun/{id}");
    let empty_put = |path: String| rig.request(Method::PUT, &path).send();
    assert_eq!(
        empty_put(format!("{v2}/status?status=FAIL")).await.unwrap().status(),
        204
    );
    assert_eq!(
        empty_put(format!("{v1}/status?status=PASS")).await.unwrap().status(),
        200
    );
    assert_eq!(
        empty_put(format!("{v1}/status?status=NOPE")).await.unwrap().status(),
        400
    );
    assert_eq!(rig.get(&format!("{v1}/status")).await.1, "PASS");
    let comment = rig
        .request(Method::PUT, &format!("{v2}/comment"))
        .body("plain *text*")
        .send()
        .await
        .unwrap();
    assert_eq!(comment.status(), 200);
    assert_eq!(rig.get(&format!("{v2}/comment")).await.1["raw"], "plain *text*");
    assert_eq!(rig.post(&format!("{v2}/defect"), json!([bug])).await.0, 201);
    assert_eq!(rig.post(&format!("{v1}/defect"), json!([bug])).await.0, 200);
    assert_eq!(rig.get(&format!("{v1}/defect")).await.1.as_array().unwrap().len(), 1);
    assert_eq!(rig.delete(&format!("{v2}/defect/{bug}")).await, 204);
    let file = json!({ "data": "YWJj", "filename": "a.txt", "contentType": "text/plain" });
    let (status, added) = rig.post(&format!("{v2}/attachment"), file.clone()).await;
    assert_eq!(status, 201);
    assert_eq!(rig.delete(&format!("{v2}/attachment/{}", added["id"])).await, 204);
    rig.post(&format!("{v1}/attachment"), file.clone()).await;
    let by_name = rig
        .request(Method::DELETE, &format!("{v2}/attachment"))
        .body("a.txt")
        .send()
        .await
        .unwrap();
    assert_eq!(by_name.status(), 204);
    let untyped = json!({ "data": "YWJj", "filename": "a.txt" });
    let (status, refused) = rig.post(&format!("{v2}/attachment"), untyped).await;
    assert_eq!(
        (status, refused["error"].as_str()),
        (400, Some("The evidence content type is required"))
    );
    let (_, steps) = rig.get(&format!("{v1}/step")).await;
    let step = format!("{v2}/step/{}", steps[0]["id"]);
    assert_eq!(
        empty_put(format!("{step}/status?status=PASS")).await.unwrap().status(),
        200
    );
    assert_eq!(rig.post(&format!("{step}/attachment"), file).await.0, 200);
    let (_, shown) = rig.get(&step).await;
    assert_eq!(
        (shown["status"].as_str(), shown["evidences"].as_array().unwrap().len()),
        (Some("PASS"), 1)
    );
}

#[tokio::test]
async fn runs_of_an_execution_are_listed_in_pages() {
    let rig = rig().await;
    let (execution, test, id) = run(&rig).await;
    for path in [
        "/rest/raven/2.0/api/testruns",
        "/rest/raven/2.0/testruns",
        "/rest/raven/1.0/testruns",
    ] {
        let (status, runs) = rig
            .get(&format!(
                "{path}?testExecKey={execution}&includeTestFields=summary&page=1&limit=10"
            ))
            .await;
        assert_eq!(
            (status, runs[0]["id"].as_u64(), runs[0]["testKey"].as_str()),
            (200, Some(id), Some(test.as_str()))
        );
        assert_eq!(
            rig.get(&format!("{path}?testExecKey={execution}&page=2")).await.1,
            json!([])
        );
    }
    assert_eq!(rig.get("/rest/raven/2.0/api/testruns").await.0, 400);
    let (_, of_test) = rig.get(&format!("/rest/raven/1.0/api/test/{test}/testruns")).await;
    assert_eq!(of_test[0]["testExecKey"], json!(execution));
}

#[tokio::test]
async fn done_executions_can_be_locked_and_required_fields_hold_back_final_statuses() {
    let rig = rig().await;
    let (execution, _, id) = run(&rig).await;
    let path = format!("/rest/raven/2.0/api/testrun/{id}");
    rig.dc.site().lock().xray.settings.run_fields.push(CustomField {
        id: "3".to_owned(),
        name: "Browser".to_owned(),
        kind: "Text".to_owned(),
        required: true,
        disabled: false,
        values: Vec::new(),
    });
    assert_eq!(rig.put(&path, json!({ "status": "PASS" })).await.0, 400);
    let filled = json!({ "status": "PASS", "customFields": [{ "id": 3, "value": "firefox" }] });
    assert_eq!(rig.put(&path, filled).await.0, 200);
    rig.dc.options().lock_done_executions = true;
    let done = json!({ "transition": { "id": "31" } });
    rig.post(&format!("/rest/api/2/issue/{execution}/transitions"), done)
        .await;
    let (status, refused) = rig.put(&path, json!({ "comment": "late" })).await;
    assert_eq!(status, 400);
    assert!(refused["error"].as_str().unwrap().contains("permission to execute"));
}

#[tokio::test]
async fn runs_keep_the_steps_they_were_created_with() {
    let rig = rig().await;
    let (_, test, id) = run(&rig).await;
    let (_, steps) = rig.get(&format!("/rest/raven/2.0/api/test/{test}/steps")).await;
    rig.delete(&format!(
        "/rest/raven/2.0/api/test/{test}/steps/{}",
        steps["steps"][0]["id"]
    ))
    .await;
    let response = rig
        .request(Method::GET, &format!("/rest/raven/2.0/api/testrun/{id}"))
        .send()
        .await
        .unwrap();
    assert_eq!(read(response).await.1["steps"].as_array().unwrap().len(), 2);
}
