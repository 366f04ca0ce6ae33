//! Bulk import of tests.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::bed::{Bed, parts};

async fn post(bed: &Bed, body: &Value) -> (StatusCode, Value) {
    parts(
        bed.xray(Method::POST, "/api/v2/import/test/bulk")
            .json(body)
            .send()
            .await
            .unwrap(),
    )
    .await
}

async fn poll(bed: &Bed, job: &Value) -> (StatusCode, Value) {
    let path = format!("/api/v2/import/test/bulk/{}/status", job["jobId"].as_str().unwrap());
    parts(bed.xray(Method::GET, &path).send().await.unwrap()).await
}

async fn finish(bed: &Bed, job: &Value) -> Value {
    loop {
        let (status, body) = poll(bed, job).await;
        assert_eq!(status, StatusCode::OK);
        if !["pending", "working"].contains(&body["status"].as_str().unwrap()) {
            return body;
        }
    }
}

fn test(summary: &str) -> Value {
    json!({ "testtype": "Manual", "fields": { "summary": summary, "project": { "key": "CALC" } },
            "steps": [{ "action": "a", "data": "d", "result": "r" }] })
}

#[tokio::test]
async fn a_job_runs_and_pairs_issues_with_elements() {
    let bed = Bed::new().await;
    let unlike = json!({ "testtype": "Nonsense", "fields": { "summary": "x", "project": { "key": "CALC" } } });
    let generic = json!({ "xray_testtype": "Generic", "xray_unstructured_def": "a.b", "summary": "top level",
                          "project": { "key": "CALC" }, "xray_test_repository_folder": "Generic Tests/Arithmetic",
                          "xray_test_sets": ["set-1"] });
    let set = json!({ "xray_issue_type": "test_set", "xray_id": "set-1",
                      "fields": { "summary": "Set", "project": { "key": "CALC" } } });
    let (status, job) = post(&bed, &json!([test("first"), unlike, generic, set])).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(poll(&bed, &job).await.1["status"], "pending");
    assert_eq!(poll(&bed, &job).await.1["status"], "working");
    let done = poll(&bed, &job).await.1;
    assert_eq!(done["status"], "partially_successful");
    let numbers: Vec<_> = done["result"]["issues"]
        .as_array()
        .unwrap()
        .iter()
        .map(|i| i["elementNumber"].clone())
        .collect();
    assert_eq!(numbers, [json!(0), json!(2), json!(3)]);
    assert_eq!(done["result"]["errors"][0]["elementNumber"], 1);
    assert!(done["result"]["errors"][0]["errors"]["testtype"].is_string());
    let id = done["result"]["issues"][1]["id"].clone();
    let read =
        "query($i:String){getTest(issueId:$i){unstructured testType{kind} folder{path} testSets(limit:10){total}}}";
    let expected = json!({ "getTest": { "unstructured": "a.b", "testType": { "kind": "Unstructured" },
                           "folder": { "path": "/Generic Tests/Arithmetic" }, "testSets": { "total": 1 } } });
    assert_eq!(bed.graphql(read, json!({ "i": id })).await, expected);
}

#[tokio::test]
async fn a_user_has_one_job_at_a_time() {
    let bed = Bed::new().await;
    let (_, first) = post(&bed, &json!([test("a")])).await;
    let (status, body) = post(&bed, &json!([test("b")])).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(
        body["error"]
            .as_str()
            .unwrap()
            .starts_with("A job to import tests is already in progress")
    );
    assert_eq!(finish(&bed, &first).await["status"], "successful");
    assert_eq!(post(&bed, &json!([test("b")])).await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_thousand_tests_go_in_one_request_and_no_more() {
    let bed = Bed::new().await;
    let many: Vec<Value> = (0..1_000).map(|n| test(&format!("t{n}"))).collect();
    let (_, job) = post(&bed, &json!(many)).await;
    let done = finish(&bed, &job).await;
    assert_eq!(
        (
            done["status"].as_str(),
            done["result"]["issues"].as_array().unwrap().len()
        ),
        (Some("successful"), 1_000)
    );
    let more: Vec<Value> = (0..1_001).map(|n| test(&format!("t{n}"))).collect();
    assert_eq!(post(&bed, &json!(more)).await.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn nothing_created_is_unsuccessful_and_a_status_is_kept_a_day() {
    let mut bed = Bed::new().await;
    let (_, job) = post(
        &bed,
        &json!([{ "fields": { "summary": "no type", "project": { "key": "CALC" } } }]),
    )
    .await;
    assert_eq!(finish(&bed, &job).await["status"], "unsuccessful");
    bed.pass(24 * 60 * 60);
    bed.jwt = bed.sign_in().await;
    assert_eq!(
        poll(&bed, &job).await,
        (StatusCode::NOT_FOUND, json!({ "error": "job not found." }))
    );
}

#[tokio::test]
async fn a_job_can_take_its_time_and_its_issues_come_late() {
    let bed = Bed::new().await;
    let pace = tms_sync_sim::xray_cloud::JobPace::Takes(std::time::Duration::from_secs(20));
    bed.xray.configure(|options| options.job_pace = pace);
    let (_, job) = post(&bed, &json!([test("late")])).await;
    assert_eq!(poll(&bed, &job).await.1["status"], "pending");
    assert_eq!(bed.site.lock().issues().count(), 0);
    bed.pass(20);
    let done = finish(&bed, &job).await;
    assert_eq!(
        (done["status"].as_str(), bed.site.lock().issues().count()),
        (Some("successful"), 1)
    );
}
