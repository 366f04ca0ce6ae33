//! What versions and installations of the Cloud products answer differently.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tms_sync_sim::answers::{Answers, CloudImportEvidence, IssueTypes, JobEnd, ProjectStyle, RetryAfter, SignInLimit};
use tms_sync_sim::jira::id::IssueId;
use tms_sync_sim::world::{EMAIL, JIRA_TOKEN, World};

use crate::bed::{Bed, parts};

async fn import(bed: &Bed, body: &Value) -> Value {
    let request = bed.xray(Method::POST, "/api/v2/import/execution").json(body);
    let (status, answer) = parts(request.send().await.unwrap()).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    answer
}

async fn bulk(bed: &Bed) -> Value {
    let test = json!({ "testtype": "Generic", "fields": { "summary": "t", "project": { "key": "CALC" } } });
    let request = bed.xray(Method::POST, "/api/v2/import/test/bulk").json(&json!([test]));
    let job = parts(request.send().await.unwrap()).await.1;
    let path = format!("/api/v2/import/test/bulk/{}/status", job["jobId"].as_str().unwrap());
    let mut last = Value::Null;
    for _ in 0..5 {
        bed.pass(60);
        last = parts(bed.xray(Method::GET, &path).send().await.unwrap()).await.1;
    }
    last
}

#[tokio::test]
async fn a_job_may_stay_working_with_or_without_its_tests() {
    for (form, created) in [(JobEnd::Stuck, 1), (JobEnd::StuckEmpty, 0)] {
        let bed = Bed::new().await;
        bed.site.lock().answers.choose(form);
        assert_eq!(bulk(&bed).await["status"], "working");
        assert_eq!(bed.site.lock().issues().count(), created);
    }
}

#[tokio::test]
async fn an_import_adds_evidence_or_replaces_it() {
    for (form, expected) in [(CloudImportEvidence::Appends, 2), (CloudImportEvidence::Replaces, 1)] {
        let bed = Bed::new().await;
        bed.site.lock().answers.choose(form);
        let test = bed.manual_test("t", 1).await;
        let evidence = json!([{ "data": "YQ==", "filename": "log.txt", "contentType": "text/plain" }]);
        let entry = json!({ "testKey": bed.key(&test), "status": "PASSED", "evidence": evidence });
        let made = import(
            &bed,
            &json!({ "info": { "project": "CALC", "summary": "s" }, "tests": [entry] }),
        )
        .await;
        import(&bed, &json!({ "testExecutionKey": made["key"], "tests": [entry] })).await;
        let site = bed.site.lock();
        let execution = site.find_issue(made["key"].as_str().unwrap()).unwrap().id;
        let run = site.xray.run_of(execution, IssueId::parse(&test).unwrap()).unwrap();
        assert_eq!(run.evidence.len(), expected);
    }
}

#[tokio::test]
async fn results_go_to_the_version_that_they_name() {
    let bed = Bed::new().await;
    let test = bed.manual_test("t", 1).await;
    let id = IssueId::parse(&test).unwrap();
    let second = bed.site.lock().xray.add_version(id, 0, "v2").unwrap();
    let add = "mutation($i:String!,$v:Int){addTestStep(issueId:$i,versionId:$v,step:{action:\"more\"}){id}}";
    bed.graphql(add, json!({ "i": test, "v": second })).await;
    let steps = json!([{ "status": "PASSED" }, { "status": "FAILED" }]);
    let entry = json!({ "testKey": bed.key(&test), "testVersion": "v2", "status": "FAILED", "steps": steps });
    let made = import(
        &bed,
        &json!({ "info": { "project": "CALC", "summary": "s" }, "tests": [entry] }),
    )
    .await;
    let read = "query($i:String,$e:[String]){
        getTest(issueId:$i){steps{action} testVersions(limit:10){total results{id name default steps{action}}}}
        getTestRuns(testExecIssueIds:$e,limit:10){results{testVersion{name} steps{status{name}}}}}";
    let data = bed.graphql(read, json!({ "i": test, "e": [made["id"]] })).await;
    assert_eq!(data["getTest"]["steps"].as_array().unwrap().len(), 1);
    let versions = &data["getTest"]["testVersions"]["results"];
    assert_eq!(
        (&versions[0]["name"], &versions[0]["default"]),
        (&json!("Version 1"), &json!(true))
    );
    assert_eq!(versions[1]["steps"][1]["action"], "more");
    let run = &data["getTestRuns"]["results"][0];
    assert_eq!(
        (&run["testVersion"]["name"], &run["steps"][1]["status"]["name"]),
        (&json!("v2"), &json!("FAILED"))
    );
}

#[tokio::test]
async fn a_sign_in_beyond_the_limit_is_refused_with_a_date_unless_it_is_free() {
    let bed = Bed::new().await;
    bed.site.lock().answers.choose(RetryAfter::Date);
    bed.xray.configure(|options| options.rate = Some(0));
    let sign_in = || {
        let body = json!({ "client_id": "ID", "client_secret": "SECRET" });
        bed.anonymous(Method::POST, "/api/v2/authenticate").json(&body).send()
    };
    let refused = sign_in().await.unwrap();
    assert_eq!(refused.status(), 429);
    assert!(refused.headers()["retry-after"].to_str().unwrap().ends_with(" GMT"));
    bed.site.lock().answers.choose(SignInLimit::Free);
    assert_eq!(sign_in().await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_team_managed_project_has_types_of_its_own_names_and_icons() {
    let answers = Answers::default();
    answers.choose(IssueTypes::German);
    answers.choose(ProjectStyle::TeamManaged);
    let (world, _) = World::cloud().answers(answers).start_cloud().await.unwrap();
    let request = reqwest::Client::new().get(format!("{}/rest/api/3/project/CALC", world.tracker.jira.url()));
    let (_, project) = parts(request.basic_auth(EMAIL, Some(JIRA_TOKEN)).send().await.unwrap()).await;
    assert_eq!(project["style"], "next-gen");
    let types = project["issueTypes"].as_array().unwrap();
    let test = types.iter().find(|ty| ty["name"] == "Testfall").unwrap();
    assert_eq!(test["scope"]["type"], "PROJECT");
    assert!(!test["iconUrl"].as_str().unwrap().contains("xpandit"));
    assert!(types.iter().any(|ty| ty["name"] == "Testausführung"));
}
