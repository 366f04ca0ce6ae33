//! A scenario's servers start together, know each other and share a clock.

use axum::Router;
use reqwest::Client;
use tms_sync_sim::testops::TOKEN;
use tms_sync_sim::testops::data::{Case, Project, TestKey};
use tms_sync_sim::world::{INTEGRATION, PROJECT, Tracker};
use tms_sync_sim::{Clock, Server, World};

#[tokio::test]
async fn test_keys_lead_to_the_tracker_of_the_same_world() {
    let case = Case::new("adds").id(7).test_key(TestKey::new("CALC-1", INTEGRATION));
    let world = World::dc()
        .clock(Clock::manual(5))
        .project(Project::new(1).case(case))
        .start_with(|site, clock| async move {
            assert!(site.lock().projects().any(|project| project.key == PROJECT));
            Ok(Tracker {
                jira: Server::builder(Router::new()).clock(clock).start().await?,
                xray: None,
            })
        })
        .await
        .unwrap();
    let request = client().get(format!("{}/api/testcase/7/testkey", world.testops.url()));
    let keys: serde_json::Value = request
        .header("authorization", format!("Api-Token {TOKEN}"))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(keys[0]["url"], format!("{}/browse/CALC-1", world.tracker.jira.url()));
    client().get(keys[0]["url"].as_str().unwrap()).send().await.unwrap();
    assert_eq!((world.tracker.requests(), world.tracker.writes()), (1, 0));
    assert_eq!(
        world.tracker.jira.journal().entries()[0].at_ms,
        world.testops.server().journal().entries()[0].at_ms
    );
}

/// A client. The workspace's reqwest has no TLS provider of its own; another test may have set it already.
fn client() -> Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::new()
}
