//! Importing execution results.

use reqwest::multipart::{Form, Part};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tms_sync_sim::answers::UnknownTestKey;
use tms_sync_sim::jira::id::IssueId;
use tms_sync_sim::jira::project::Role;

use crate::bed::{Bed, parts};

async fn import(bed: &Bed, body: &Value) -> (StatusCode, Value) {
    parts(
        bed.xray(Method::POST, "/api/v2/import/execution")
            .json(body)
            .send()
            .await
            .unwrap(),
    )
    .await
}

fn error(text: &str) -> Value {
    json!({ "error": text })
}

async fn runs(bed: &Bed, execution: &Value) -> Value {
    let read = "query($e:[String]){getTestRuns(testExecIssueIds:$e,limit:100){total results{status{name} comment
        startedOn finishedOn executedById evidence{filename} steps{status{name} comment evidence{filename}}
        iterations(limit:10){total results{status{name} parameters{name value}}} examples{status{name}}
        test{jira(fields:[\"key\"])}}}}";
    bed.graphql(read, json!({ "e": [execution] })).await["getTestRuns"].take()
}

#[tokio::test]
async fn results_create_an_execution_and_answer_with_its_key_alone() {
    let bed = Bed::new().await;
    let test = bed.manual_test("t", 2).await;
    let body = json!({
        "info": { "project": "CALC", "summary": "Launch 7", "description": "nightly", "testEnvironments": ["chrome"],
                  "startDate": "2026-01-01T00:00:00+01:00" },
        "tests": [{ "testKey": bed.key(&test), "status": "FAILED", "start": "2026-01-01T10:00:00+01:00",
                    "finish": "2026-01-01T10:00:05Z", "comment": "boom", "executedBy": crate::bed::USER,
                    "evidence": [{ "data": "YQ==", "filename": "log.txt", "contentType": "text/plain" }],
                    "steps": [{ "status": "PASSED" }, { "status": "FAILED", "comment": "here", "actualResult": "x",
                        "evidence": [{ "data": "YQ==", "filename": "shot.png", "contentType": "image/png" }] }] }]
    });
    let (status, made) = import(&bed, &body).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(
        made.as_object().unwrap().keys().collect::<Vec<_>>(),
        ["id", "key", "self"]
    );
    let found = runs(&bed, &made["id"]).await;
    assert_eq!(found["total"], 1);
    let run = &found["results"][0];
    assert_eq!(
        (&run["status"]["name"], &run["comment"]),
        (&json!("FAILED"), &json!("boom"))
    );
    assert_eq!(run["startedOn"], "2026-01-01T09:00:00Z");
    assert_eq!(run["evidence"], json!([{ "filename": "log.txt" }]));
    assert_eq!(
        run["steps"][1],
        json!({ "status": { "name": "FAILED" }, "comment": "here", "evidence": [{ "filename": "shot.png" }] })
    );
    let jira = "query($i:String){getTestExecution(issueId:$i){testEnvironments jira(fields:[\"summary\"])}}";
    let expected = json!({ "getTestExecution": { "testEnvironments": ["chrome"], "jira": { "summary": "Launch 7" } } });
    assert_eq!(bed.graphql(jira, json!({ "i": made["id"] })).await, expected);
}

#[tokio::test]
async fn a_second_import_overwrites_runs_and_adds_evidence() {
    let bed = Bed::new().await;
    let test = bed.manual_test("t", 1).await;
    let entry = |status: &str| {
        json!({ "testKey": bed.key(&test), "status": status, "comment": status,
                "evidence": [{ "data": "YQ==", "filename": "log.txt", "contentType": "text/plain" }] })
    };
    let (_, made) = import(&bed, &json!({ "tests": [entry("FAILED")] })).await;
    let again = json!({ "testExecutionKey": made["key"], "tests": [entry("PASSED")] });
    assert_eq!(import(&bed, &again).await, (StatusCode::OK, made.clone()));
    let found = runs(&bed, &made["id"]).await;
    assert_eq!(
        (&found["total"], &found["results"][0]["comment"]),
        (&json!(1), &json!("PASSED"))
    );
    assert_eq!(found["results"][0]["evidence"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn unknown_statuses_silently_become_to_do() {
    let bed = Bed::new().await;
    let test = bed.manual_test("t", 1).await;
    let entry = json!({ "testKey": bed.key(&test), "status": "PASS", "steps": [{ "status": "SKIPPED" }] });
    let (status, made) = import(&bed, &json!({ "tests": [entry] })).await;
    assert_eq!(status, StatusCode::OK);
    let run = runs(&bed, &made["id"]).await["results"][0].take();
    assert_eq!(
        (&run["status"]["name"], &run["steps"][0]["status"]["name"]),
        (&json!("TO DO"), &json!("TODO"))
    );
}

#[tokio::test]
async fn refusals_are_in_the_vendors_words_and_write_nothing() {
    let bed = Bed::new().await;
    let test = bed.manual_test("t", 1).await;
    let key = bed.key(&test);
    let good = json!({ "testKey": key, "status": "PASSED" });
    let cases = [
        (json!({ "tests": [], "info": {} }), "Result is not valid Xray Format"),
        (
            json!({ "tests": [{ "testKey": key, "status": "PASSED", "colour": "red" }] }),
            "Result is not valid Xray Format",
        ),
        (
            json!({ "tests": [{ "status": "PASSED" }] }),
            "There are no valid tests imported",
        ),
        (
            json!({ "info": { "summary": "s", "testPlanKey": "CALC-77" }, "tests": [good] }),
            "Error importing results: issue with key CALC-77 does not exist or is not of issue type Test Plan!",
        ),
        (
            json!({ "testExecutionKey": key, "tests": [good] }),
            "Error importing results: issue with key CALC-1 does not exist or is not of issue type Test Execution!",
        ),
        (
            json!({ "tests": [{ "testKey": key, "status": "PASSED", "steps": [{ "status": "PASSED" }, { "status": "PASSED" }] }] }),
            "Error importing results: test CALC-1 has 1 steps, but results of 2 steps were sent!",
        ),
        (
            json!({ "tests": [good, { "testKey": "CALC-99", "status": "PASSED" }] }),
            "Error importing results: issue with key CALC-99 does not exist or is not of issue type Test!",
        ),
    ];
    for (body, text) in cases {
        assert_eq!(import(&bed, &body).await, (StatusCode::BAD_REQUEST, error(text)));
    }
    let (status, body) = import(&bed, &json!({ "info": { "project": "CALC" }, "tests": [good] })).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    let text = body["error"].as_str().unwrap();
    assert!(
        text.starts_with("Error creating Test Execution - Issue create failed! - summary:"),
        "{text}"
    );
    assert_eq!(bed.site.lock().issues().count(), 1);
    bed.site.lock().answers.choose(UnknownTestKey::Skip);
    let mixed = json!({ "tests": [good, { "testKey": "CALC-99", "status": "PASSED" }] });
    assert_eq!(import(&bed, &mixed).await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_project_without_xrays_issue_types_is_named() {
    let bed = Bed::new().await;
    let test = bed.manual_test("t", 1).await;
    {
        let mut site = bed.site.lock();
        let ty = site.type_of_role(bed.project, Role::TestExecution).unwrap().id;
        site.project_mut(bed.project).unwrap().types.retain(|own| *own != ty);
    }
    let body = json!({ "tests": [{ "testKey": bed.key(&test), "status": "PASSED" }] });
    let text = "Error creating Test Execution - Issue create failed! - issuetype: Specify a valid issue type";
    assert_eq!(import(&bed, &body).await, (StatusCode::BAD_REQUEST, error(text)));
}

#[tokio::test]
async fn test_info_overwrites_finds_or_creates() {
    let bed = Bed::new().await;
    let test = bed.manual_test("old", 3).await;
    let steps = json!([{ "action": "new", "data": "", "result": "r" }]);
    let info = json!({ "summary": "new", "projectKey": "CALC", "type": "Manual", "steps": steps });
    let body = json!({ "tests": [{ "testKey": bed.key(&test), "testInfo": info, "status": "PASSED" }] });
    assert_eq!(import(&bed, &body).await.0, StatusCode::OK);
    let read = "query($i:String){getTest(issueId:$i){jira(fields:[\"summary\"]) steps{action}}}";
    let expected = json!({ "getTest": { "jira": { "summary": "new" }, "steps": [{ "action": "new" }] } });
    assert_eq!(bed.graphql(read, json!({ "i": test })).await, expected);
    let generic = json!({ "summary": "g", "projectKey": "CALC", "type": "Generic", "definition": "com.acme.G" });
    let body = json!({ "tests": [{ "testInfo": generic, "status": "PASSED" }] });
    let (_, first) = import(&bed, &body).await;
    let (_, second) = import(&bed, &body).await;
    let keys = (runs(&bed, &first["id"]).await, runs(&bed, &second["id"]).await);
    assert_eq!(keys.0["results"][0]["test"], keys.1["results"][0]["test"]);
}

#[tokio::test]
async fn iterations_and_examples_are_kept() {
    let bed = Bed::new().await;
    let test = bed.manual_test("t", 1).await;
    let pass = |status: &str| json!({ "status": status, "parameters": [{ "name": "browser", "value": "chrome" }] });
    let body = json!({ "tests": [{ "testKey": bed.key(&test), "status": "PASSED",
                                   "iterations": [pass("FAILED"), pass("PASSED")] }] });
    let (_, made) = import(&bed, &body).await;
    let run = runs(&bed, &made["id"]).await["results"][0].take();
    assert_eq!(run["status"]["name"], "PASSED");
    assert_eq!(run["iterations"]["total"], 2);
    let first = json!({ "status": { "name": "FAILED" }, "parameters": [{ "name": "browser", "value": "chrome" }] });
    assert_eq!(run["iterations"]["results"][0], first);
}

#[tokio::test]
async fn the_info_part_creates_with_jira_fields() {
    let bed = Bed::new().await;
    let test = bed.manual_test("t", 1).await;
    let plan = bed.seed(Role::TestPlan, "plan");
    let send = async |info: Value| {
        let results = json!({ "tests": [{ "testKey": bed.key(&test), "status": "PASSED" }] });
        let part = |value: &Value| {
            Part::text(value.to_string())
                .file_name("f.json")
                .mime_str("application/json")
                .unwrap()
        };
        let form = Form::new().part("results", part(&results)).part("info", part(&info));
        let request = bed
            .xray(Method::POST, "/api/v2/import/execution/multipart")
            .multipart(form);
        parts(request.send().await.unwrap()).await
    };
    let fields = json!({ "project": { "key": "CALC" }, "summary": "From parts", "issuetype": { "name": "Test Execution" },
                         "labels": ["tx-1"], "description": "plain" });
    let xray = json!({ "testPlanKey": bed.key(&plan), "environments": ["edge"] });
    let (status, made) = send(json!({ "fields": fields, "xrayFields": xray })).await;
    assert_eq!(status, StatusCode::OK, "{made}");
    let read = "query($i:String){getTestExecution(issueId:$i){jira(fields:[\"summary\",\"labels\"]) testEnvironments
        testPlans(limit:10){total}}}";
    let expected = json!({ "getTestExecution": { "jira": { "summary": "From parts", "labels": ["tx-1"] },
                           "testEnvironments": ["edge"], "testPlans": { "total": 1 } } });
    assert_eq!(bed.graphql(read, json!({ "i": made["id"] })).await, expected);
    let wrong = send(json!({ "fields": fields, "xrayFields": { "testEnvironments": ["edge"] } })).await;
    let text =
        "Error importing results: xrayFields in info file contains the following invalid fields: testEnvironments!";
    assert_eq!(wrong, (StatusCode::BAD_REQUEST, error(text)));
}

#[tokio::test]
async fn junit_and_cucumber_reports_find_or_create_their_tests() {
    let bed = Bed::new().await;
    let xml = r#"<testsuites><testsuite name="s"><testcase classname="a.B" name="c" time="1.5"/>
        <testcase classname="a.B" name="d"><failure message="boom">trace</failure></testcase></testsuite></testsuites>"#;
    let path = "/api/v2/import/execution/junit?projectKey=CALC&testEnvironments=chrome;edge";
    let request = bed
        .xray(Method::POST, path)
        .header("content-type", "text/xml")
        .body(xml);
    let (status, made) = parts(request.send().await.unwrap()).await;
    assert_eq!(status, StatusCode::OK, "{made}");
    let found = runs(&bed, &made["id"]).await;
    let statuses: Vec<_> = found["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|run| run["status"]["name"].clone())
        .collect();
    assert_eq!(statuses, ["PASSED", "FAILED"]);
    let scenario = bed.seed(Role::Test, "scenario");
    let report = json!([{ "elements": [{ "type": "scenario", "name": "scenario",
        "tags": [{ "name": format!("@{}", bed.key(&scenario)) }],
        "steps": [{ "keyword": "Given ", "name": "x", "result": { "status": "skipped" } }] }] }]);
    let request = bed
        .xray(Method::POST, "/api/v2/import/execution/cucumber")
        .json(&report);
    let (status, made) = parts(request.send().await.unwrap()).await;
    assert_eq!(status, StatusCode::OK, "{made}");
    assert_eq!(runs(&bed, &made["id"]).await["results"][0]["status"]["name"], "TO DO");
    let broken = bed.xray(Method::POST, path).body("<html/>").send().await.unwrap();
    assert_eq!(broken.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn uploaded_attachments_serve_as_evidence() {
    let bed = Bed::new().await;
    let form = Form::new().part(
        "attachment",
        Part::bytes(b"abc".to_vec())
            .file_name("a.bin")
            .mime_str("image/png")
            .unwrap(),
    );
    let request = bed.xray(Method::POST, "/api/v2/attachments").multipart(form);
    let (status, file) = parts(request.send().await.unwrap()).await;
    assert_eq!(
        (status, &file["size"], &file["filename"]),
        (StatusCode::OK, &json!(3), &json!("a.bin"))
    );
    let test = bed.manual_test("t", 1).await;
    let (_, made) = import(
        &bed,
        &json!({ "tests": [{ "testKey": bed.key(&test), "status": "PASSED" }] }),
    )
    .await;
    let run = {
        let site = bed.site.lock();
        let execution = IssueId::parse(made["id"].as_str().unwrap()).unwrap();
        site.xray.runs_of_execution(execution).next().unwrap().id.clone()
    };
    let add = "mutation($r:String!,$f:String){addEvidenceToTestRun(id:$r,evidence:[{attachmentId:$f}]){addedEvidence}}";
    let added = bed.graphql(add, json!({ "r": run, "f": file["id"] })).await;
    assert_eq!(added["addEvidenceToTestRun"]["addedEvidence"], json!(["a.bin"]));
    let path = format!("/api/v2/attachments/{}", file["id"].as_str().unwrap());
    let content = bed
        .xray(Method::GET, &path)
        .send()
        .await
        .unwrap()
        .bytes()
        .await
        .unwrap();
    assert_eq!(&content[..], b"abc");
}

#[tokio::test]
async fn twenty_thousand_results_are_one_import() {
    let bed = Bed::new().await;
    let count = 20_000;
    let tests: Vec<Value> = {
        let ids: Vec<String> = (0..count).map(|n| bed.seed(Role::Test, &format!("t{n}"))).collect();
        ids.iter()
            .map(|id| json!({ "testKey": bed.key(id), "status": "PASSED", "comment": "ok" }))
            .collect()
    };
    let (status, made) = import(&bed, &json!({ "tests": tests })).await;
    assert_eq!(status, StatusCode::OK);
    let page = "query($e:[String],$s:Int){getTestRuns(testExecIssueIds:$e,limit:100,start:$s){total results{id}}}";
    let last = bed.graphql(page, json!({ "e": [made["id"]], "s": count - 1 })).await;
    assert_eq!(last["getTestRuns"]["total"], json!(count));
    assert_eq!(last["getTestRuns"]["results"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn every_runners_report_is_read() {
    let bed = Bed::new().await;
    let reports = [
        (
            "testng",
            r#"<testng-results><suite><test><class name="a.T"><test-method name="up" is-config="true" status="PASS"/>
            <test-method name="m" status="FAIL"><exception><message>no</message></exception></test-method></class></test></suite></testng-results>"#,
        ),
        (
            "nunit",
            r#"<test-run><test-suite><test-case name="m" fullname="a.T.m" result="Failed"/></test-suite></test-run>"#,
        ),
        (
            "xunit",
            r#"<assemblies><assembly><collection><test name="a.T.m" result="Fail"/></collection></assembly></assemblies>"#,
        ),
        (
            "robot",
            r#"<robot><suite name="a"><test name="m"><status status="FAIL">no</status></test></suite></robot>"#,
        ),
    ];
    for (kind, report) in reports {
        let path = format!("/api/v1/import/execution/{kind}?projectKey=CALC");
        let (status, made) = parts(bed.xray(Method::POST, &path).body(report).send().await.unwrap()).await;
        assert_eq!(status, StatusCode::OK, "{kind}: {made}");
        let found = runs(&bed, &made["id"]).await;
        assert_eq!(
            (&found["total"], &found["results"][0]["status"]["name"]),
            (&json!(1), &json!("FAILED")),
            "{kind}"
        );
    }
}
