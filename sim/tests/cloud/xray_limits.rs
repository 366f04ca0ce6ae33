//! Requests per window, resolvers, items, lengths.

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::bed::{Bed, START, parts};

#[tokio::test]
async fn rest_and_graphql_share_one_window_of_five_minutes() {
    let bed = Bed::new().await;
    bed.xray.configure(|options| options.rate = Some(3));
    let graphql = async || bed.graphql_raw("{ getStatuses { name } }", json!({})).await;
    assert_eq!(graphql().await.0, StatusCode::OK);
    let job = bed
        .xray(Method::GET, "/api/v2/import/test/bulk/none/status")
        .send()
        .await
        .unwrap();
    assert_eq!(
        parts(job).await,
        (StatusCode::NOT_FOUND, json!({ "error": "job not found." }))
    );
    assert_eq!(graphql().await.0, StatusCode::OK);
    bed.pass(60);
    let refused = bed
        .xray(Method::POST, "/api/v2/graphql")
        .json(&json!({ "query": "{ a }" }))
        .send()
        .await
        .unwrap();
    assert_eq!(refused.headers()["retry-after"], "240");
    let (status, body) = parts(refused).await;
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(body["error"]["text"], "Too many requests in this time frame.");
    assert_eq!(
        (START, &body["error"]["nextValidRequestDate"]),
        (START, &json!("2026-01-01T00:05:00.000Z"))
    );
    bed.pass(240);
    assert_eq!(graphql().await.0, StatusCode::OK);
}

#[tokio::test]
async fn twenty_five_resolvers_run_and_twenty_six_do_not() {
    let bed = Bed::new().await;
    let document = |count: usize| {
        let fields: Vec<String> = (0..count)
            .map(|n| format!("s{n}: getStatus(name: \"PASSED\") {{ name }}"))
            .collect();
        format!("{{ {} }}", fields.join(" "))
    };
    assert_eq!(bed.graphql_raw(&document(25), json!({})).await.0, StatusCode::OK);
    let (status, body) = bed.graphql_raw(&document(26), json!({})).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(body["errors"][0]["message"].as_str().unwrap().contains("resolvers"));
}

#[tokio::test]
async fn limits_are_between_one_and_a_hundred() {
    let bed = Bed::new().await;
    for (limit, good) in [(0, false), (1, true), (100, true), (101, false)] {
        let (status, body) = bed
            .graphql_raw("query($l:Int!){getTests(limit:$l){total}}", json!({ "l": limit }))
            .await;
        assert_eq!(
            (status, body.get("errors").is_none()),
            (StatusCode::OK, good),
            "{limit}"
        );
    }
    let nested = "{ getTestExecutions(limit: 100) { results { testRuns(limit: 100) { total } } } }";
    assert_eq!(bed.graphql_raw(nested, json!({})).await.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_step_text_has_at_most_8192_characters() {
    let bed = Bed::new().await;
    let test = bed.manual_test("t", 1).await;
    let add = "mutation($i:String!,$s:CreateStepInput!){addTestStep(issueId:$i,step:$s){id}}";
    let step = |length: usize| json!({ "i": test, "s": { "action": "ä".repeat(length) } });
    assert!(bed.graphql_raw(add, step(8_192)).await.1.get("errors").is_none());
    let refused = bed.graphql_raw(add, step(8_193)).await.1;
    assert_eq!(refused["data"]["addTestStep"], json!(null));
    assert!(refused["errors"][0]["message"].as_str().unwrap().contains("8192"));
}
