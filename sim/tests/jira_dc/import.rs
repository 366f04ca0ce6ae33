//! Importing results.

use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use tms_sync_sim::answers::ImportAnswer;
use tms_sync_sim::jira::field::XrayField;
use tms_sync_sim::jira::project::Role;

use super::{Rig, read, rig};

const IMPORT: &str = "/rest/raven/2.0/import/execution";

async fn runs(rig: &Rig, execution: &Value) -> Value {
    rig.get(&format!(
        "/rest/raven/2.0/api/testruns?testExecKey={}",
        execution.as_str().unwrap()
    ))
    .await
    .1
}

#[tokio::test]
async fn results_create_an_execution_with_its_fields_and_runs() {
    let rig = rig().await;
    let (a, b) = (rig.manual("adds", 2).await, rig.manual("subtracts", 1).await);
    let plan = rig.create("Test Plan", "plan", json!({})).await;
    let body = json!({
        "info": {
            "project": "CALC", "summary": "Nightly", "description": "all", "revision": "abc", "testPlanKey": plan,
            "startDate": "2026-01-31T10:00:00+01:00", "finishDate": "2026-01-31T11:00:00+01:00", "testEnvironments": ["ios"],
        },
        "tests": [
            {
                "testKey": a, "status": "FAIL", "comment": "trace", "start": "2026-01-31T10:00:00+01:00",
                "finish": "2026-01-31T10:00:05+01:00", "executedBy": "root",
                "steps": [{ "status": "PASS" }, { "status": "FAIL", "actualResult": "boom" }],
                "evidence": [{ "data": "YWJj", "filename": "a.txt", "contentType": "text/plain" }],
            },
            { "testKey": b, "status": "PASS" },
        ],
    });
    let (status, done) = rig.post(IMPORT, body).await;
    assert_eq!(status, 200, "{done}");
    assert_eq!(done["testIssues"]["success"].as_array().unwrap().len(), 2);
    assert_eq!(done["testIssues"]["error"], json!([]));
    let key = &done["testExecIssue"]["key"];
    let (_, issue) = rig.get(&format!("/rest/api/2/issue/{}", key.as_str().unwrap())).await;
    assert_eq!(issue["fields"]["summary"], "Nightly");
    assert_eq!(issue["fields"][rig.field(XrayField::Environments)], json!(["ios"]));
    assert_eq!(issue["fields"][rig.field(XrayField::PlansOfExecution)], json!([plan]));
    assert_eq!(issue["fields"][rig.field(XrayField::Revision)], "abc");
    let runs = runs(&rig, key).await;
    assert_eq!(
        (runs[0]["status"].as_str(), runs[0]["executedBy"].as_str()),
        (Some("FAIL"), Some("root"))
    );
    assert_eq!(
        (
            runs[0]["duration"].as_u64(),
            runs[0]["steps"][1]["actualResult"]["raw"].as_str()
        ),
        (Some(5_000), Some("boom"))
    );
    assert_eq!(runs[0]["evidences"][0]["fileName"], "a.txt");
    assert_eq!(runs[1]["executedBy"], "ann");
}

#[tokio::test]
async fn the_answer_has_an_old_and_a_new_shape() {
    let rig = rig().await;
    let test = rig.manual("adds", 0).await;
    let body = json!({ "info": { "project": "CALC" }, "tests": [{ "testKey": test, "status": "PASS" }] });
    let v1 = "/rest/raven/1.0/import/execution";
    let (_, old) = rig.post(v1, body.clone()).await;
    assert_eq!(old.as_object().unwrap().keys().collect::<Vec<_>>(), ["testExecIssue"]);
    assert!(rig.post("/rest/raven/2.0/api/import/execution", body.clone()).await.1["testIssues"].is_object());
    rig.answers().choose(ImportAnswer::Short);
    assert_eq!(rig.post(IMPORT, body.clone()).await.1.get("testIssues"), None);
    rig.answers().choose(ImportAnswer::Long);
    assert_eq!(rig.post(v1, body).await.1["infoMessages"], json!([]));
}

#[tokio::test]
async fn imports_into_an_existing_execution_are_idempotent() {
    let rig = rig().await;
    let (a, b) = (rig.manual("adds", 1).await, rig.manual("subtracts", 1).await);
    let execution = rig.create("Test Execution", "mine", json!({})).await;
    let evidence = json!([{ "data": "YWJj", "filename": "a.txt" }]);
    let body = json!({ "testExecutionKey": execution, "tests": [
        { "testKey": a, "status": "FAIL", "evidence": evidence }, { "testKey": b, "status": "PASS" },
    ] });
    rig.post(IMPORT, body.clone()).await;
    let first = runs(&rig, &json!(execution)).await;
    let (_, done) = rig.post(IMPORT, body).await;
    assert_eq!(done["testExecIssue"]["key"], json!(execution));
    let second = runs(&rig, &json!(execution)).await;
    assert_eq!(
        (first[0]["id"].clone(), second.as_array().unwrap().len()),
        (second[0]["id"].clone(), 2)
    );
    assert_eq!(second[0]["evidences"].as_array().unwrap().len(), 1);
    let passed = json!({ "testExecutionKey": execution, "tests": [{ "testKey": a, "status": "PASS" }] });
    rig.post(IMPORT, passed).await;
    let third = runs(&rig, &json!(execution)).await;
    assert_eq!(
        (
            third[0]["status"].as_str(),
            third[0]["evidences"].as_array().unwrap().len()
        ),
        (Some("PASS"), 0)
    );
    assert_eq!(third[1]["status"], "PASS");
    assert_eq!(
        rig.get(&format!("/rest/api/2/issue/{execution}")).await.1["fields"]["summary"],
        "mine"
    );
    let (info, tests) = (
        json!({ "summary": "theirs" }),
        json!([{ "testKey": a, "status": "PASS" }]),
    );
    rig.post(
        IMPORT,
        json!({ "testExecutionKey": execution, "info": info, "tests": tests }),
    )
    .await;
    assert_eq!(
        rig.get(&format!("/rest/api/2/issue/{execution}")).await.1["fields"]["summary"],
        "theirs"
    );
}

#[tokio::test]
async fn wrong_statuses_keys_and_types_refuse_everything() {
    let rig = rig().await;
    let a = rig.manual("adds", 1).await;
    let before = rig.dc.site().lock().issues().count();
    let info = json!({ "project": "CALC", "summary": "x" });
    for (tests, text) in [
        (
            json!([{ "testKey": a, "status": "PASSED" }]),
            "status PASSED is not valid",
        ),
        (
            json!([{ "testKey": a, "status": "PASS", "steps": [{ "status": "OK" }] }]),
            "status OK is not valid",
        ),
        (
            json!([{ "testKey": a, "status": "PASS" }, { "testKey": "CALC-99", "status": "PASS" }]),
            "Test issue with key CALC-99 not found",
        ),
        (
            json!([{ "testKey": a, "status": "PASS", "start": "yesterday" }]),
            "The date yesterday",
        ),
    ] {
        let (status, body) = rig.post(IMPORT, json!({ "info": info, "tests": tests })).await;
        assert_eq!(status, 400);
        assert!(body["error"].as_str().unwrap().contains(text), "{body}");
    }
    let (status, body) = rig.post(IMPORT, json!({ "tests": [] })).await;
    assert_eq!(
        (status, body["error"].as_str()),
        (400, Some("Error assembling issue data: project is required"))
    );
    let text = rig
        .request(Method::POST, IMPORT)
        .header("content-type", "text/plain")
        .body("{}")
        .send()
        .await
        .unwrap();
    assert_eq!(text.status(), 415);
    assert_eq!(rig.dc.site().lock().issues().count(), before);
}

#[tokio::test]
async fn fields_missing_from_the_screen_refuse_a_new_execution_but_not_an_existing_one() {
    let rig = rig().await;
    let a = rig.manual("adds", 1).await;
    let revision = rig.field(XrayField::Revision);
    {
        let mut site = rig.dc.site().lock();
        let kind = site.type_of_role(rig.project, Role::TestExecution).unwrap().id;
        site.fields.screens_mut(rig.project, kind).create.remove(&revision);
    }
    let tests = json!([{ "testKey": a, "status": "PASS" }]);
    let (status, body) = rig
        .post(
            IMPORT,
            json!({ "info": { "project": "CALC", "revision": "1" }, "tests": tests }),
        )
        .await;
    let expected =
        format!("{revision}: Field '{revision}' cannot be set. It is not on the appropriate screen, or unknown.");
    assert_eq!((status, body["error"].as_str()), (400, Some(expected.as_str())));
    let execution = rig.create("Test Execution", "mine", json!({})).await;
    assert_eq!(
        rig.post(IMPORT, json!({ "testExecutionKey": execution, "tests": tests }))
            .await
            .0,
        200
    );
}

#[tokio::test]
async fn a_success_can_hide_failed_tests() {
    let rig = rig().await;
    let (a, b) = (rig.manual("adds", 1).await, rig.manual("subtracts", 1).await);
    let steps = json!([{ "status": "PASS" }, { "status": "PASS" }]);
    let body = json!({ "info": { "project": "CALC" }, "tests": [
        { "testKey": a, "status": "PASS", "steps": steps }, { "testKey": b, "status": "PASS" },
    ] });
    let (status, done) = rig.post(IMPORT, body.clone()).await;
    assert_eq!(
        (status, done["testIssues"]["error"][0]["testKey"].as_str()),
        (200, Some(a.as_str()))
    );
    assert_eq!(
        runs(&rig, &done["testExecIssue"]["key"])
            .await
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let (status, silent) = rig.post("/rest/raven/1.0/import/execution", body).await;
    assert_eq!((status, silent.get("testIssues")), (200, None));
}

#[tokio::test]
async fn test_info_matches_by_summary_or_definition_and_rewrites_what_it_finds() {
    let rig = rig().await;
    let a = rig.manual("adds", 3).await;
    let info = |summary: &str, steps: Value| json!({ "projectKey": "CALC", "summary": summary, "testType": "Manual", "steps": steps, "labels": ["imported"] });
    let one = json!([{ "action": "only", "data": "", "result": "" }]);
    let generic =
        json!({ "projectKey": "CALC", "summary": "g", "testType": "Generic", "definition": "pkg.Class.method" });
    let body = json!({ "info": { "project": "CALC" }, "tests": [
        { "testInfo": info("adds", one.clone()), "status": "PASS" },
        { "testInfo": info("new one", one), "status": "PASS" },
        { "testInfo": generic, "status": "PASS" },
    ] });
    let (status, done) = rig.post(IMPORT, body.clone()).await;
    assert_eq!(status, 200, "{done}");
    assert_eq!(done["testIssues"]["success"][0]["key"], json!(a));
    let (_, rewritten) = rig.get(&format!("/rest/raven/2.0/api/test/{a}/steps")).await;
    assert_eq!(rewritten["steps"].as_array().unwrap().len(), 1);
    let count = rig.dc.site().lock().issues().count();
    let (_, again) = rig.post(IMPORT, body).await;
    assert_eq!(again["testIssues"]["success"], done["testIssues"]["success"]);
    assert_eq!(rig.dc.site().lock().issues().count(), count + 1);
}

#[tokio::test]
async fn iterations_are_kept_and_their_parameters_bounded() {
    let rig = rig().await;
    let a = rig.manual("adds", 1).await;
    let iteration = |count: usize| {
        let parameters: Vec<Value> = (0..count)
            .map(|n| json!({ "name": format!("p{n}"), "value": "1" }))
            .collect();
        json!({ "name": "first", "parameters": parameters, "status": "FAIL", "steps": [{ "status": "FAIL" }] })
    };
    let body = |count: usize| {
        let all = json!([iteration(count), iteration(1)]);
        json!({ "info": { "project": "CALC" }, "tests": [{ "testKey": a, "status": "FAIL", "iterations": all }] })
    };
    let (_, done) = rig.post(IMPORT, body(2)).await;
    let run = runs(&rig, &done["testExecIssue"]["key"]).await[0].clone();
    assert_eq!(run["iterations"][0]["parameters"][1]["name"], "p1");
    assert_eq!(run["iterations"][1]["steps"][0]["status"], "FAIL");
    let path = format!("/rest/raven/2.0/api/testrun/{}", run["id"]);
    let step = json!({ "steps": [{ "id": run["iterations"][0]["steps"][0]["id"], "status": "PASS" }] });
    assert_eq!(rig.put(&path, step).await.0, 400);
    let (_, refused) = rig.post(IMPORT, body(21)).await;
    assert_eq!(refused["testIssues"]["error"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn multipart_creates_the_execution_from_a_jira_body() {
    let rig = rig().await;
    let a = rig.manual("adds", 1).await;
    let results = json!({ "tests": [{ "testKey": a, "status": "PASS" }] }).to_string();
    let info = json!({ "fields": {
        "project": { "key": "CALC" }, "summary": "From CI", "issuetype": { "name": "Test Execution" }, "labels": ["ci"],
    } })
    .to_string();
    let json_part = |text: &str, name: &'static str| {
        Part::text(text.to_owned())
            .file_name(name)
            .mime_str("application/json")
            .unwrap()
    };
    let path = "/rest/raven/2.0/import/execution/multipart";
    let form = Form::new()
        .part("result", json_part(&results, "r.json"))
        .part("info", json_part(&info, "i.json"));
    let (status, done) = read(rig.request(Method::POST, path).multipart(form).send().await.unwrap()).await;
    assert_eq!(status, 200, "{done}");
    let key = done["testExecIssue"]["key"].as_str().unwrap();
    assert_eq!(
        rig.get(&format!("/rest/api/2/issue/{key}")).await.1["fields"]["labels"],
        json!(["ci"])
    );
    let untyped = Form::new()
        .part("result", Part::text(results))
        .part("info", Part::text(info));
    let refused = rig.request(Method::POST, path).multipart(untyped).send().await.unwrap();
    assert_eq!(refused.status(), 415);
}
