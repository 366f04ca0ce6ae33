//! A world with a Cloud site.

use reqwest::StatusCode;
use serde_json::{Value, json};
use tms_sync_sim::World;
use tms_sync_sim::cloud::{XRAY_CLIENT_ID, XRAY_CLIENT_SECRET};
use tms_sync_sim::world::{EMAIL, JIRA_TOKEN, PROJECT};

#[tokio::test]
async fn both_servers_share_a_site_and_keep_their_own_journals() {
    let (world, _cloud) = World::cloud().start_cloud().await.unwrap();
    let xray = world.tracker.xray.as_ref().unwrap();
    let http = {
        // The workspace's reqwest has no TLS provider; another test may have set it already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        reqwest::Client::new()
    };
    let keys = json!({ "client_id": XRAY_CLIENT_ID, "client_secret": XRAY_CLIENT_SECRET });
    let sign_in = http
        .post(format!("{}/api/v2/authenticate", xray.url()))
        .json(&keys)
        .send()
        .await
        .unwrap();
    let token: String = sign_in.json().await.unwrap();
    let graphql = async |query: &str| {
        let request = http.post(format!("{}/api/v2/graphql", xray.url())).bearer_auth(&token);
        request
            .json(&json!({ "query": query }))
            .send()
            .await
            .unwrap()
            .json::<Value>()
            .await
            .unwrap()
    };
    let jira = format!("{{fields:{{project:{{key:\"{PROJECT}\"}},summary:\"s\"}}}}");
    let made = graphql(&format!(
        "mutation {{ createTest(jira: {jira}) {{ test {{ issueId }} }} }}"
    ))
    .await;
    graphql("{ getStatuses { name } }").await;
    let id = made["data"]["createTest"]["test"]["issueId"].as_str().unwrap();
    let read = http
        .get(format!("{}/rest/api/3/issue/{id}", world.tracker.jira.url()))
        .basic_auth(EMAIL, Some(JIRA_TOKEN));
    assert_eq!(read.send().await.unwrap().status(), StatusCode::OK);
    let counts = xray.journal().counts();
    assert_eq!((counts.auth, counts.writes, counts.reads), (1, 1, 1));
    assert_eq!(
        (
            world.tracker.jira.journal().len(),
            world.tracker.requests(),
            world.tracker.writes()
        ),
        (1, 4, 1)
    );
}
