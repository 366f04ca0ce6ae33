//! Searching: pages, lag, what is refused.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tms_sync_sim::jira::index::Lag;

use crate::bed::{Bed, parts};

async fn seed(bed: &Bed, count: usize) {
    for n in 0..count {
        let mut fields = Bed::fields(&format!("t{n}"));
        fields["labels"] = json!(["tx-export"]);
        bed.send(Method::POST, "/issue", json!({ "fields": fields })).await;
    }
}

async fn search(bed: &Bed, body: Value) -> (StatusCode, Value) {
    bed.send(Method::POST, "/search/jql", body).await
}

#[tokio::test]
async fn pages_follow_tokens_to_the_last() {
    let bed = Bed::new().await;
    seed(&bed, 5).await;
    let mut keys = Vec::new();
    let mut body = json!({ "jql": "labels = \"tx-export\" ORDER BY key", "maxResults": 2, "fields": ["key"] });
    loop {
        let (status, page) = search(&bed, body.clone()).await;
        assert_eq!(
            (status, page.get("total"), page.get("startAt")),
            (StatusCode::OK, None, None)
        );
        keys.extend(
            page["issues"]
                .as_array()
                .unwrap()
                .iter()
                .map(|issue| issue["key"].as_str().unwrap().to_owned()),
        );
        if page["isLast"] == true {
            break;
        }
        body["nextPageToken"] = page["nextPageToken"].clone();
    }
    assert_eq!(keys, ["CALC-1", "CALC-2", "CALC-3", "CALC-4", "CALC-5"]);
    bed.pass(7 * 24 * 60 * 60);
    assert_eq!(search(&bed, body).await.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn by_default_an_issue_is_its_id() {
    let bed = Bed::new().await;
    seed(&bed, 1).await;
    let (_, page) = search(&bed, json!({ "jql": "project = CALC" })).await;
    assert_eq!(
        page["issues"][0].as_object().unwrap().keys().collect::<Vec<_>>(),
        ["id"]
    );
    let path = "/rest/api/2/search/jql?jql=project%20%3D%20CALC&fields=summary";
    let (_, page) = parts(bed.jira(Method::GET, path).send().await.unwrap()).await;
    assert_eq!(page["issues"][0]["fields"], json!({ "summary": "t0" }));
}

#[tokio::test]
async fn the_index_lags_and_reconciling_sees_through_it() {
    let bed = Bed::new().await;
    bed.site.lock().index.set_lag(Lag::After(5_000));
    seed(&bed, 1).await;
    let (_, read) = bed.get("/issue/CALC-1").await;
    let id: u64 = read["id"].as_str().unwrap().parse().unwrap();
    let found = async |reconcile: Value| {
        let body = json!({ "jql": "labels = \"tx-export\"", "reconcileIssues": reconcile });
        search(&bed, body).await.1["issues"].as_array().unwrap().len()
    };
    assert_eq!((found(json!([])).await, found(json!([id])).await), (0, 1));
    bed.pass(5);
    assert_eq!(found(json!([])).await, 1);
    let many: Vec<u64> = (0..51).collect();
    let refused = search(&bed, json!({ "jql": "project = CALC", "reconcileIssues": many })).await;
    assert_eq!(refused.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn unbounded_and_removed_searches_are_refused() {
    let bed = Bed::new().await;
    let (status, body) = search(&bed, json!({ "jql": "ORDER BY key" })).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(
        body["errorMessages"][0]
            .as_str()
            .unwrap()
            .starts_with("Unbounded JQL queries are not allowed here.")
    );
    let old = bed
        .jira(Method::GET, "/rest/api/3/search?jql=project%3DCALC")
        .send()
        .await
        .unwrap();
    assert_eq!(old.status(), StatusCode::GONE);
    let properties = json!({ "jql": "project = CALC", "properties": ["a", "b", "c", "d", "e", "f"] });
    assert_eq!(search(&bed, properties).await.0, StatusCode::BAD_REQUEST);
    seed(&bed, 3).await;
    let count = bed
        .send(
            Method::POST,
            "/search/approximate-count",
            json!({ "jql": "project = CALC" }),
        )
        .await;
    assert_eq!(count, (StatusCode::OK, json!({ "count": 3 })));
}

#[tokio::test]
async fn a_page_of_ids_is_long_and_a_page_of_fields_is_not() {
    let bed = Bed::new().await;
    for n in 0..150 {
        bed.seed(tms_sync_sim::jira::project::Role::Test, &format!("t{n}"));
    }
    let page = async |fields: Value| {
        let body = json!({ "jql": "project = CALC", "maxResults": 5_000, "fields": fields });
        search(&bed, body).await.1["issues"].as_array().unwrap().len()
    };
    assert_eq!((page(json!(["key"])).await, page(json!(["summary"])).await), (150, 100));
}
