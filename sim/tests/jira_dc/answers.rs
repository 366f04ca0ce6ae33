//! What versions of Xray answer differently.

use reqwest::Method;
use serde_json::{Value, json};
use tms_sync_sim::answers::{
    BasicLogin, FileSize, ImportEvidence, IterationSteps, PageFilling, RetryAfter, RunList, RunLookup,
};
use tms_sync_sim::jira::dc::RateLimit;

use super::{Rig, read, rig};

const IMPORT: &str = "/rest/raven/2.0/import/execution";

/// An execution with results of two manual Tests, the first with iterations; its key and theirs.
async fn published(rig: &Rig) -> (String, Vec<String>) {
    let tests = vec![rig.manual("adds", 1).await, rig.manual("divides", 1).await];
    let step = json!([{ "status": "PASS" }]);
    let pass = json!({ "name": "first", "status": "PASS", "steps": step });
    let body = json!({ "info": { "project": "CALC" }, "tests": [
        { "testKey": tests[0], "status": "PASS", "iterations": [pass, pass] },
        { "testKey": tests[1], "status": "PASS", "steps": step, "evidence": [file(19_400)] },
    ] });
    let (status, done) = rig.post(IMPORT, body).await;
    assert_eq!(status, 200, "{done}");
    (done["testExecIssue"]["key"].as_str().unwrap().to_owned(), tests)
}

fn file(size: usize) -> Value {
    use base64::Engine as _;
    let data = base64::engine::general_purpose::STANDARD.encode(vec![b'x'; size]);
    json!({ "filename": "page.html", "contentType": "text/html", "data": data })
}

fn members(row: &Value) -> Vec<&str> {
    let mut names: Vec<&str> = row.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}

async fn runs(rig: &Rig, execution: &str) -> Value {
    rig.get(&format!("/rest/raven/2.0/api/testruns?testExecKey={execution}"))
        .await
        .1
}

#[tokio::test]
async fn a_detailed_run_list_holds_what_the_vendor_documents() {
    let rig = rig().await;
    let (execution, _) = published(&rig).await;
    let path = format!("/rest/raven/2.0/api/testexec/{execution}/test?detailed=true");
    let (_, list) = rig.get(&path).await;
    let documented = [
        "archived",
        "assignee",
        "defects",
        "evidences",
        "executedBy",
        "finishedOn",
        "id",
        "key",
        "rank",
        "startedOn",
        "status",
    ];
    assert_eq!(members(&list[1]), documented);
    rig.answers().choose(RunList::WithSteps);
    let (_, list) = rig.get(&path).await;
    assert_eq!(list[0]["iterations"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn sizes_of_evidence_are_text_or_numbers() {
    let rig = rig().await;
    let (execution, _) = published(&rig).await;
    assert_eq!(runs(&rig, &execution).await[1]["evidences"][0]["fileSize"], "19 kB");
    rig.answers().choose(FileSize::Bytes);
    assert_eq!(runs(&rig, &execution).await[1]["evidences"][0]["fileSize"], 19_400);
}

#[tokio::test]
async fn a_run_with_iterations_shows_steps_in_them_or_also_its_own() {
    let rig = rig().await;
    let (execution, _) = published(&rig).await;
    assert_eq!(runs(&rig, &execution).await[0]["steps"], Value::Null);
    rig.answers().choose(IterationSteps::Both);
    assert_eq!(runs(&rig, &execution).await[0]["steps"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn an_import_replaces_evidence_or_adds_to_it() {
    for (form, expected) in [(ImportEvidence::Replaces, 1), (ImportEvidence::Appends, 2)] {
        let rig = rig().await;
        let (execution, tests) = published(&rig).await;
        rig.answers().choose(form);
        let again = json!([{ "testKey": tests[1], "status": "PASS", "evidence": [file(19_400)] }]);
        rig.post(IMPORT, json!({ "testExecutionKey": execution, "tests": again }))
            .await;
        let evidence = runs(&rig, &execution).await[1]["evidences"].clone();
        assert_eq!(evidence.as_array().unwrap().len(), expected);
    }
}

#[tokio::test]
async fn a_look_up_by_test_finds_its_run_or_any() {
    let rig = rig().await;
    let (execution, tests) = published(&rig).await;
    let path = format!(
        "/rest/raven/2.0/api/testruns?testExecKey={execution}&testKey={}",
        tests[1]
    );
    assert_eq!(rig.get(&path).await.1[0]["testKey"], json!(tests[1]));
    rig.answers().choose(RunLookup::IgnoresTest);
    assert_eq!(rig.get(&path).await.1[0]["testKey"], json!(tests[0]));
    let path = format!(
        "/rest/raven/2.0/api/testrun?testExecIssueKey={execution}&testIssueKey={}",
        tests[1]
    );
    assert_eq!(rig.get(&path).await.1["testKey"], json!(tests[0]));
}

#[tokio::test]
async fn pages_may_be_short_before_the_end() {
    let rig = rig().await;
    let (execution, tests) = published(&rig).await;
    rig.answers().choose(PageFilling::Short);
    let page = |page: u32| format!("/rest/raven/2.0/api/testexec/{execution}/test?limit=2&page={page}");
    let mut keys = Vec::new();
    for number in 1..=3 {
        let (_, list) = rig.get(&page(number)).await;
        keys.push(list[0]["key"].clone());
    }
    assert_eq!(keys, [json!(tests[0]), json!(tests[1]), Value::Null]);
}

#[tokio::test]
async fn a_refused_basic_login_has_the_headers_of_its_form() {
    let rig = rig().await;
    let mut seen = Vec::new();
    for form in [BasicLogin::Refused, BasicLogin::RefusedBare, BasicLogin::RefusedDenied] {
        rig.answers().choose(form);
        let login = rig
            .anonymous(Method::GET, "/rest/api/2/myself")
            .basic_auth("ann", Some("secret"));
        let response = login.send().await.unwrap();
        let header = |name: &str| {
            response
                .headers()
                .get(name)
                .map(|value| value.to_str().unwrap().to_owned())
        };
        let headers = (header("x-ausername"), header("x-seraph-loginreason"));
        let captcha = header("x-authentication-denied-reason");
        assert_eq!((read(response).await.0, captcha), (403, None));
        seen.push(headers);
    }
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(
        seen,
        [
            (text("anonymous"), None),
            (None, None),
            (text("anonymous"), text("AUTHENTICATION_DENIED"))
        ]
    );
}

#[tokio::test]
async fn a_limiter_may_give_its_time_as_a_date() {
    let rig = rig().await;
    rig.answers().choose(RetryAfter::Date);
    rig.dc.options().rate_limit = Some(RateLimit {
        capacity: 1,
        fill_rate: 1,
        interval_seconds: 10,
    });
    let call = || rig.request(Method::GET, "/rest/api/2/myself").send();
    call().await.unwrap();
    let refused = call().await.unwrap();
    assert_eq!(refused.status(), 429);
    assert_eq!(refused.headers()["retry-after"], "Sat, 31 Jan 2026 10:11:22 GMT");
}
