//! What people change in a browser, and the same through the API.

use reqwest::Response;
use serde_json::{Value, json};
use tms_sync_sim::testops::{TOKEN, TestOps};

use crate::site::{client, get, post, testops};

async fn page(testops: &TestOps, path: &str) -> String {
    let response = client().get(format!("{}{path}", testops.url())).send().await.unwrap();
    assert_eq!(response.status(), 200, "{path}");
    response.text().await.unwrap()
}

async fn send_form(testops: &TestOps, path: &str, fields: &[(&str, &str)]) -> String {
    let request = client().post(format!("{}{path}", testops.url())).form(fields);
    request.send().await.unwrap().text().await.unwrap()
}

async fn patch(testops: &TestOps, path: &str, body: &Value) -> Response {
    let request = client().patch(format!("{}{path}", testops.url())).json(body);
    let request = request.header("authorization", format!("Api-Token {TOKEN}"));
    request.send().await.unwrap()
}

fn first_step(scenario: &Value) -> (String, Value) {
    let id = scenario["root"]["children"][0].to_string();
    let step = scenario["scenarioSteps"][&id].clone();
    (id, step)
}

#[tokio::test]
async fn a_project_lists_its_launches_and_cases_and_each_has_a_page() {
    let testops = testops().await;
    let project = page(&testops, "/project/1").await;
    for link in ["/project/1/test-cases/101", "/launch/77"] {
        assert!(project.contains(&format!("href=\"{link}\"")), "{link}");
        page(&testops, link).await;
    }
    assert!(page(&testops, "/").await.contains("href=\"/project/1\""));
}

#[tokio::test]
async fn a_form_renames_a_case_and_changes_a_step() {
    let testops = testops().await;
    let (id, _) = first_step(&get(&testops, "/api/testcase/101/step").await);
    let step = format!("step-{id}");
    let shown = send_form(
        &testops,
        "/project/1/test-cases/101",
        &[("name", "Divide & conquer"), (&step, "Open it\r\nwide")],
    )
    .await;
    assert!(shown.contains("<h1>Divide &amp; conquer</h1>"));
    let case = get(&testops, "/api/testcase/101").await;
    assert_eq!(case["name"], "Divide & conquer");
    let (_, step) = first_step(&get(&testops, "/api/testcase/101/step").await);
    assert_eq!(step["body"], "Open it\nwide");
}

#[tokio::test]
async fn a_button_closes_a_launch_and_opens_it_again() {
    let testops = testops().await;
    let closed = send_form(&testops, "/launch/77", &[("do", "close")]).await;
    assert!(closed.contains("Reopen the launch"));
    assert_eq!(get(&testops, "/api/launch/77").await["closed"], true);
    send_form(&testops, "/launch/77", &[("do", "reopen")]).await;
    assert_eq!(get(&testops, "/api/launch/77").await["closed"], false);
}

#[tokio::test]
async fn the_api_takes_the_same_changes() {
    let testops = testops().await;
    let renamed = patch(
        &testops,
        "/api/testcase/101",
        &json!({ "name": "Quotient", "deleted": true }),
    )
    .await;
    let renamed: Value = renamed.json().await.unwrap();
    assert_eq!(
        (&renamed["name"], &renamed["deleted"]),
        (&json!("Quotient"), &json!(true))
    );
    let (id, _) = first_step(&get(&testops, "/api/testcase/101/step").await);
    let changed = patch(
        &testops,
        &format!("/api/testcase/step/{id}"),
        &json!({ "body": "Start" }),
    )
    .await;
    assert_eq!(first_step(&changed.json().await.unwrap()).1["body"], "Start");
    let launch = patch(&testops, "/api/launch/77", &json!({ "name": "weekly" })).await;
    assert_eq!(launch.json::<Value>().await.unwrap()["name"], "weekly");
    assert_eq!(post(&testops, "/api/launch/77/close", &json!({})).await.status(), 204);
    assert_eq!(
        patch(&testops, "/api/testcase/101", &json!({ "name": " " }))
            .await
            .status(),
        400
    );
    assert_eq!(
        patch(&testops, "/api/testcase/step/999999", &json!({})).await.status(),
        404
    );
}
