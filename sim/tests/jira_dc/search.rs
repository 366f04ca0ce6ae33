//! Searching.

use serde_json::{Value, json};
use tms_sync_sim::jira::field::XrayField;
use tms_sync_sim::jira::index::Lag;

use super::rig;

#[tokio::test]
async fn pages_carry_totals_and_the_fields_asked_for() {
    let rig = rig().await;
    for n in 0..5 {
        rig.manual(&format!("test {n}"), 2).await;
    }
    let steps = rig.field(XrayField::Steps);
    let body = json!({ "jql": "project = CALC ORDER BY key ASC", "startAt": 3, "maxResults": 3, "fields": ["summary", &steps] });
    let (status, page) = rig.post("/rest/api/2/search", body).await;
    assert_eq!(
        (status, page["total"].as_u64(), page["startAt"].as_u64()),
        (200, Some(5), Some(3))
    );
    let issues = page["issues"].as_array().unwrap();
    assert_eq!((issues.len(), issues[0]["key"].as_str()), (2, Some("CALC-4")));
    assert_eq!(issues[0]["fields"].as_object().unwrap().len(), 2);
    assert_eq!(issues[0]["fields"][&steps]["steps"].as_array().unwrap().len(), 2);
    rig.dc.site().lock().limits.search_page = 2;
    let (_, page) = rig
        .get("/rest/api/2/search?jql=project%20%3D%20CALC&maxResults=1000&fields=key")
        .await;
    assert_eq!(
        (page["maxResults"].as_u64(), page["issues"].as_array().unwrap().len()),
        (Some(2), 2)
    );
}

#[tokio::test]
async fn one_unknown_key_fails_the_search_unless_validation_is_off() {
    let rig = rig().await;
    rig.manual("adds", 1).await;
    let body = json!({ "jql": "key in (CALC-1, CALC-7)" });
    let (status, refused) = rig.post("/rest/api/2/search", body).await;
    assert_eq!(status, 400);
    assert_eq!(
        refused["errorMessages"],
        json!(["An issue with key 'CALC-7' does not exist for field 'key'."])
    );
    let body = json!({ "jql": "key in (CALC-1, CALC-7)", "validateQuery": false });
    let (status, page) = rig.post("/rest/api/2/search", body).await;
    assert_eq!((status, page["total"].as_u64()), (200, Some(1)));
    assert_eq!(page["warningMessages"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn the_index_may_lag_while_reading_by_key_does_not() {
    let rig = rig().await;
    rig.dc.site().lock().index.set_lag(Lag::Never);
    rig.create("Test", "adds", json!({ "labels": ["tx-1"] })).await;
    let search = || rig.post("/rest/api/2/search", json!({ "jql": "labels = tx-1" }));
    assert_eq!(search().await.1["total"], 0);
    assert_eq!(rig.get("/rest/api/2/issue/CALC-1").await.0, 200);
    rig.dc.site().lock().index.catch_up();
    assert_eq!(search().await.1["total"], 1);
}

#[tokio::test]
async fn xrays_functions_are_part_of_jql() {
    let rig = rig().await;
    let test = rig.manual("adds", 1).await;
    rig.manual("other", 1).await;
    let plan = rig
        .create(
            "Test Plan",
            "plan",
            json!({ rig.field(XrayField::TestsOfPlan): [&test] }),
        )
        .await;
    let found = |jql: String| {
        let rig = &rig;
        async move {
            let (_, page) = rig
                .post("/rest/api/2/search", json!({ "jql": jql, "fields": ["key"] }))
                .await;
            page["issues"]
                .as_array()
                .map(|all| all.iter().map(|i| i["key"].clone()).collect::<Vec<Value>>())
        }
    };
    assert_eq!(
        found(format!("issue in testPlanTests(\"{plan}\")")).await.unwrap(),
        [json!(test)]
    );
    assert_eq!(found(format!("issue in testPlanTests(\"{test}\")")).await, None);
}

#[tokio::test]
async fn the_search_backend_may_refuse_deep_pages() {
    let rig = rig().await;
    rig.dc.options().search_window = Some(100);
    assert_eq!(
        rig.post(
            "/rest/api/2/search",
            json!({ "jql": "", "startAt": 0, "maxResults": 100 })
        )
        .await
        .0,
        200
    );
    assert_eq!(
        rig.post(
            "/rest/api/2/search",
            json!({ "jql": "", "startAt": 100, "maxResults": 1 })
        )
        .await
        .0,
        500
    );
}
