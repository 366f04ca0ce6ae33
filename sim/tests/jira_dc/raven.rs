//! Xray: steps, tests, memberships, folders, settings.

use reqwest::Method;
use serde_json::{Value, json};
use tms_sync_sim::jira::xray::CustomField;

use super::rig;

#[tokio::test]
async fn steps_in_version_two() {
    let rig = rig().await;
    let test = rig.manual("adds", 1).await;
    let list = format!("/rest/raven/2.0/api/test/{test}/steps");
    let body = json!({
        "fields": { "Action": "press *=*", "Data": "1", "Expected Result": "2" },
        "attachments": [{ "data": "YWJj", "filename": "a.txt", "contentType": "text/plain" }],
    });
    let (status, created) = rig.post(&list, body).await;
    assert_eq!(
        (status, created["step"]["attachmentIds"].as_array().unwrap().len()),
        (201, 1)
    );
    let one = format!("{list}/{}", created["step"]["id"]);
    let (status, all) = rig.get(&list).await;
    assert_eq!((status, all["steps"].as_array().unwrap().len()), (200, 2));
    assert_eq!(all["steps"][1]["fields"]["Action"]["type"], "Wiki");
    assert_eq!(all["steps"][1]["fields"]["Action"]["value"]["raw"], "press *=*");
    let (status, _) = rig.put(&one, json!({ "fields": { "Data": "3" } })).await;
    assert_eq!(status, 200);
    let (_, step) = rig.get(&one).await;
    assert_eq!(step["step"]["fields"]["Data"]["value"]["raw"], "3");
    assert_eq!(step["step"]["fields"]["Action"]["value"]["raw"], "press *=*");
    let (_, files) = rig.get(&format!("{one}/attachments")).await;
    assert_eq!(files[0]["fileName"], "a.txt");
    let url = files[0]["fileURL"]
        .as_str()
        .unwrap()
        .strip_prefix(&rig.server.url())
        .unwrap()
        .to_owned();
    assert_eq!(rig.get(&url).await.1, "abc");
    assert_eq!(rig.delete(&format!("{one}/attachment/{}", files[0]["id"])).await, 204);
    assert_eq!(rig.delete(&one).await, 204);
    assert_eq!(rig.get(&one).await.0, 400);
    assert_eq!(
        rig.post(&list, json!({ "fields": { "Nope": "x", "Action": "y" } }))
            .await
            .0,
        400
    );
}

#[tokio::test]
async fn steps_in_version_one_have_the_verbs_swapped() {
    let rig = rig().await;
    let test = rig.manual("adds", 0).await;
    let list = format!("/rest/raven/1.0/api/test/{test}/step");
    let (status, created) = rig
        .put(&list, json!({ "step": "open", "data": "door", "result": "opened" }))
        .await;
    assert_eq!(status, 200);
    let one = format!("{list}/{}", created["id"]);
    assert_eq!(rig.post(&one, json!({ "step": "close" })).await.0, 200);
    let (_, all) = rig.get(&list).await;
    assert_eq!(
        (all[0]["step"]["raw"].as_str(), all[0]["data"]["raw"].as_str()),
        (Some("close"), Some("door"))
    );
    assert_eq!(rig.delete(&one).await, 200);
    assert_eq!(rig.post(&list, json!({ "step": "x" })).await.0, 405);
    assert_eq!(rig.get(&format!("/rest/raven/2.0/api/test/{test}/step")).await.0, 404);
}

#[tokio::test]
async fn required_step_columns_must_be_filled() {
    let rig = rig().await;
    let test = rig.manual("adds", 0).await;
    rig.dc.site().lock().xray.settings.step_fields.push(CustomField {
        id: "7".to_owned(),
        name: "Level".to_owned(),
        kind: "Single Select".to_owned(),
        required: true,
        disabled: false,
        values: vec!["low".to_owned()],
    });
    let list = format!("/rest/raven/2.0/api/test/{test}/steps");
    assert_eq!(rig.post(&list, json!({ "fields": { "Action": "a" } })).await.0, 400);
    assert_eq!(
        rig.post(&list, json!({ "fields": { "Action": "a", "level": "low" } }))
            .await
            .0,
        201
    );
    let project = rig.project;
    let (_, fields) = rig
        .get(&format!(
            "/rest/raven/2.0/api/project/{project}/settings/customfields/teststeps"
        ))
        .await;
    assert_eq!(
        (fields[0]["name"].as_str(), fields[3]["required"].as_bool()),
        (Some("Action"), Some(true))
    );
}

#[tokio::test]
async fn tests_are_read_by_key_or_query_with_their_definition() {
    let rig = rig().await;
    let a = rig.manual("adds", 2).await;
    let b = rig.manual("subtracts", 1).await;
    let (status, found) = rig.get(&format!("/rest/raven/1.0/api/test?keys={a};{b}")).await;
    assert_eq!((status, found.as_array().unwrap().len()), (200, 2));
    assert_eq!(found[0]["definition"]["steps"].as_array().unwrap().len(), 2);
    assert_eq!(
        (found[0]["type"].as_str(), found[0]["status"].as_str()),
        (Some("Manual"), Some("TODO"))
    );
    let (_, by_jql) = rig.get("/rest/raven/2.0/api/test?jql=summary%20~%20subtracts").await;
    assert_eq!(by_jql[0]["key"], json!(b));
    assert_eq!(rig.get("/rest/raven/2.0/api/test?keys=CALC-99").await.0, 400);
}

#[tokio::test]
async fn memberships_are_added_listed_and_removed() {
    let rig = rig().await;
    let a = rig.manual("adds", 1).await;
    let b = rig.manual("subtracts", 1).await;
    let set = rig.create("Test Set", "set", json!({})).await;
    let execution = rig.create("Test Execution", "run", json!({})).await;
    let plan = rig.create("Test Plan", "plan", json!({})).await;
    let path = |of: &str, key: &str| format!("/rest/raven/1.0/api/{of}/{key}/test");
    assert_eq!(
        rig.post(&path("testset", &set), json!({ "add": [a, b] })).await,
        (200, json!([]))
    );
    let (status, warnings) = rig
        .post(&path("testexec", &execution), json!({ "add": [set, "CALC-99", a] }))
        .await;
    assert_eq!((status, warnings.as_array().unwrap().len()), (200, 2));
    let (_, list) = rig.get(&path("testexec", &execution)).await;
    let keys: Vec<&Value> = list.as_array().unwrap().iter().map(|entry| &entry["key"]).collect();
    assert_eq!(keys, [&json!(a), &json!(b)]);
    assert_eq!(
        (list[0]["status"].as_str(), list[1]["rank"].as_u64()),
        (Some("TODO"), Some(2))
    );
    assert!(list[0]["id"].is_u64());
    let (_, second) = rig
        .get(&format!(
            "{}?limit=1&page=2&detailed=true",
            path("testexec", &execution)
        ))
        .await;
    assert_eq!(
        (second.as_array().unwrap().len(), second[0]["key"].as_str()),
        (1, Some(b.as_str()))
    );
    assert_eq!(
        rig.get(&format!("{}?limit=1&page=3", path("testexec", &execution)))
            .await
            .1,
        json!([])
    );
    let executions = format!("/rest/raven/1.0/api/testplan/{plan}/testexecution");
    assert_eq!(rig.post(&executions, json!({ "add": [execution] })).await.1, json!([]));
    assert_eq!(rig.get(&executions).await.1[0]["key"], json!(execution));
    assert_eq!(rig.delete(&format!("{}/{b}", path("testexec", &execution))).await, 200);
    let (_, of_test) = rig.get(&format!("/rest/raven/1.0/api/test/{a}/testexecutions")).await;
    assert_eq!(of_test[0]["key"], json!(execution));
    let (_, sets) = rig.get(&format!("/rest/raven/1.0/api/test/{b}/testsets")).await;
    assert_eq!(sets[0]["key"], json!(set));
}

#[tokio::test]
async fn pages_are_bounded_by_the_instances_maximum() {
    let rig = rig().await;
    rig.answers().choose(tms_sync_sim::answers::PageMaximum::Two);
    let execution = rig.create("Test Execution", "run", json!({})).await;
    let mut keys = Vec::new();
    for n in 0..5 {
        keys.push(rig.manual(&format!("test {n}"), 0).await);
    }
    let path = format!("/rest/raven/2.0/api/testexec/{execution}/test");
    rig.post(&path, json!({ "add": keys })).await;
    let (_, page) = rig.get(&format!("{path}?limit=1000&page=3")).await;
    assert_eq!(
        (page.as_array().unwrap().len(), page[0]["key"].as_str()),
        (1, Some(keys[4].as_str()))
    );
}

#[tokio::test]
async fn folders_form_a_tree_and_hold_tests() {
    let rig = rig().await;
    let a = rig.manual("adds", 1).await;
    rig.manual("orphan", 1).await;
    let base = "/rest/raven/1.0/api/testrepository/CALC/folders";
    let (status, top) = rig.post(&format!("{base}/-1"), json!({ "name": "Allure" })).await;
    assert_eq!(status, 200);
    let (_, sub) = rig
        .post(&format!("{base}/{}", top["id"]), json!({ "name": "Smoke" }))
        .await;
    assert_eq!(sub["testRepositoryPath"], "/Allure");
    assert_eq!(
        rig.post(&format!("{base}/-1"), json!({ "name": "allure" })).await.0,
        400
    );
    assert_eq!(rig.post(&format!("{base}/-1"), json!({ "name": "a/b" })).await.0, 400);
    assert_eq!(
        rig.put(&format!("{base}/{}/tests", sub["id"]), json!({ "add": [a] }))
            .await
            .0,
        200
    );
    let (_, tree) = rig.get(base).await;
    assert_eq!(
        (
            tree["id"].as_i64(),
            tree["allTestsCount"].as_u64(),
            tree["allOrphanTestsCount"].as_u64()
        ),
        (Some(-1), Some(2), Some(1))
    );
    assert_eq!(tree["folders"][0]["folders"][0]["testCount"], 1);
    assert_eq!(tree["folders"][0]["totalTestCount"], 1);
    let (_, inside) = rig
        .get(&format!("{base}/{}/tests?allDescendants=true", top["id"]))
        .await;
    assert_eq!(
        (inside["total"].as_u64(), inside["tests"][0]["key"].as_str()),
        (Some(1), Some(a.as_str()))
    );
    assert_eq!(
        rig.put(&format!("{base}/{}", top["id"]), json!({ "name": "Export" }))
            .await
            .1["name"],
        "Export"
    );
    assert_eq!(rig.delete(&format!("{base}/{}", top["id"])).await, 200);
    assert_eq!(rig.get(&format!("{base}/{}", sub["id"])).await.0, 404);
}

#[tokio::test]
async fn statuses_are_listed_and_can_be_extended() {
    let rig = rig().await;
    rig.dc.site().lock().xray.settings.add_status("SKIPPED", true, "NOTRUN");
    let (_, statuses) = rig.get("/rest/raven/1.0/api/settings/teststatuses").await;
    let names: Vec<&str> = statuses
        .as_array()
        .unwrap()
        .iter()
        .map(|s| s["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["TODO", "EXECUTING", "PASS", "FAIL", "ABORTED", "SKIPPED"]);
    assert_eq!(statuses[2]["final"], true);
    let (_, steps) = rig.get("/rest/raven/2.0/api/settings/teststepstatuses").await;
    assert!(steps[0]["testStatusId"].is_u64());
    let anonymous = rig
        .anonymous(Method::GET, "/rest/raven/2.0/api/settings/teststatuses")
        .send()
        .await
        .unwrap();
    assert_eq!(anonymous.status(), 401);
}
