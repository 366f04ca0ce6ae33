//! What the 4.x versions show differently.

use serde_json::json;
use tms_sync_sim::Clock;
use tms_sync_sim::answers::Version;
use tms_sync_sim::testops::TestOps;

use super::site::{NOW, ask, builder, get};

async fn old() -> TestOps {
    builder(&Clock::manual(NOW)).version(Version::V4).start().await.unwrap()
}

#[tokio::test]
async fn the_old_server_answers_under_rs_only() {
    let testops = old().await;
    assert_eq!(get(&testops, "/api/rs/testcase/101").await["id"], 101);
    assert_eq!(get(&testops, "/api/uaa/account/me").await["username"], "exporter");
    for path in [
        "/api/testcase/101",
        "/api/rs/v2/project/1/test-case/flat",
        "/api/rs/v2/launch/77/test-result/flat",
    ] {
        let response = ask(&testops, path).await;
        assert!(
            response.headers()["content-type"]
                .to_str()
                .unwrap()
                .starts_with("text/html"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn old_steps_have_inline_expected_results_and_no_documents() {
    let testops = old().await;
    let scenario = get(&testops, "/api/rs/testcase/101/step").await;
    let steps = scenario["scenarioSteps"].as_object().unwrap();
    assert!(
        steps
            .values()
            .all(|step| step.get("bodyJson").is_none() && step.get("expectedResultId").is_none())
    );
    let open = steps.values().find(|step| step["body"] == "Open").unwrap();
    assert_eq!(open["expectedResult"], "Page is open");
}

#[tokio::test]
async fn old_shapes_are_flat() {
    let testops = old().await;
    let cfv = get(&testops, "/api/rs/testcase/101/cfv").await;
    assert_eq!(
        (&cfv[0]["name"], &cfv[0]["customField"]["name"]),
        (&json!("Arithmetic"), &json!("Suite"))
    );
    assert_eq!(cfv[0].get("global"), None);
    assert!(get(&testops, "/api/rs/cf?projectId=1").await.is_array());
    assert_eq!(get(&testops, "/api/rs/launch/77").await["createdBy"], "admin");
    assert_eq!(
        get(&testops, "/api/rs/testresult/3/execution?v2=true").await["steps"][0]["name"],
        "Open"
    );
}
