//! Bursts and writes to one issue.

use reqwest::{Method, StatusCode};
use serde_json::json;
use tms_sync_sim::jira_cloud::Options;

use crate::bed::Bed;

#[tokio::test]
async fn a_burst_is_refused_with_everything_a_client_needs() {
    let bed = Bed::new().await;
    bed.jira.configure(|options| options.burst = Options::default().burst);
    for _ in 0..100 {
        assert_eq!(bed.get("/myself").await.0, StatusCode::OK);
    }
    let refused = bed.jira(Method::GET, "/rest/api/3/myself").send().await.unwrap();
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    let header = |name: &str| refused.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(
        (header("retry-after"), header("ratelimit-reason")),
        ("1".to_owned(), "jira-burst-based".to_owned())
    );
    assert_eq!(
        (header("x-ratelimit-limit"), header("x-ratelimit-remaining")),
        ("100".to_owned(), "0".to_owned())
    );
    assert_eq!(header("x-ratelimit-reset"), "2026-01-01T00:00:01Z");
    assert_eq!(bed.get("/serverInfo").await.0, StatusCode::OK);
    bed.pass(1);
    assert_eq!(bed.get("/myself").await.0, StatusCode::OK);
}

#[tokio::test]
async fn one_issue_takes_twenty_writes_in_two_seconds() {
    let bed = Bed::new().await;
    bed.jira
        .configure(|options| options.issue_writes = Options::default().issue_writes);
    bed.send(Method::POST, "/issue", json!({ "fields": Bed::fields("a") }))
        .await;
    bed.send(Method::POST, "/issue", json!({ "fields": Bed::fields("b") }))
        .await;
    let write = async |key: &str| {
        bed.send(Method::PUT, &format!("/issue/{key}/properties/p"), json!(1))
            .await
            .0
    };
    for _ in 0..20 {
        assert!(write("CALC-1").await.is_success());
    }
    assert_eq!(write("CALC-1").await, StatusCode::TOO_MANY_REQUESTS);
    assert!(write("CALC-2").await.is_success());
    bed.pass(2);
    assert!(write("CALC-1").await.is_success());
}
