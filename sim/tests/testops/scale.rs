//! Large projects: the numbers must be right; the time is whatever the machine gives.

use std::collections::BTreeSet;

use serde_json::Value;
use tms_sync_sim::TestOps;
use tms_sync_sim::generate::Plan;

use super::site::{get, ids};

/// Reads all pages of a list.
async fn all(testops: &TestOps, path: &str) -> BTreeSet<i64> {
    let mut found = BTreeSet::new();
    for page in 0.. {
        let rows: Value = get(testops, &format!("{path}&size=2000&sort=id,ASC&page={page}")).await;
        found.extend(ids(&rows));
        if rows["last"] == true {
            break;
        }
    }
    found
}

#[tokio::test]
async fn twenty_thousand_cases_and_results_are_served_page_by_page() {
    let project = Plan::new(20_000, 5).launch(20_000).build();
    let testops = TestOps::builder().project(project).start().await.unwrap();
    assert_eq!(
        all(&testops, "/api/testcase/__search?projectId=1&rql=true").await,
        (1..=20_000).collect()
    );
    let results = all(&testops, "/api/testresult?launchId=1").await;
    let visible = all(
        &testops,
        "/api/testresult/__search?projectId=1&rql=hidden%20%3D%20false",
    )
    .await;
    assert_eq!(visible.len(), 20_000);
    assert!(visible.is_subset(&results) && results.len() > visible.len());
    for id in (1..=20_000).step_by(1_000) {
        assert_eq!(
            get(&testops, &format!("/api/testcase/{id}/step")).await["root"]["children"]
                .as_array()
                .unwrap()
                .len(),
            5
        );
    }
    assert_eq!(testops.server().journal().counts().writes, 0);
}
