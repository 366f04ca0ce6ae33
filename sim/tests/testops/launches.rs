//! Launches and their results.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tms_sync_sim::Clock;
use tms_sync_sim::testops::data::TestResult;

use super::site::{NOW, ask, builder, encode, get, ids, members, post, testops};

#[tokio::test]
async fn aql_selects_launches() {
    let testops = testops().await;
    for (rql, count) in [
        ("closed = false and tag = \"ci\"", 1),
        ("ev[\"Branch\"] = \"dev\" and evv = \"main\"", 1),
        (
            "job = \"build\" and issue = \"AS-5\" and id = 77 and name ~= \"night\"",
            1,
        ),
        ("closed = true", 0),
    ] {
        let page = get(
            &testops,
            &format!(
                "/api/launch/__search?projectId=1&rql={}&sort=created_date,DESC",
                encode(rql)
            ),
        )
        .await;
        assert_eq!(page["totalElements"], count, "{rql}");
    }
}

#[tokio::test]
async fn a_launch_row_is_plain_and_a_preview_is_rich() {
    let testops = testops().await;
    let plain = get(&testops, "/api/launch/77").await;
    assert_eq!(
        members(&plain),
        [
            "autoclose",
            "closed",
            "createdDate",
            "external",
            "id",
            "issues",
            "lastModifiedDate",
            "links",
            "name",
            "projectId",
            "tags",
        ]
    );
    assert_eq!(get(&testops, "/api/launch?projectId=1").await["content"][0], plain);
    let preview = &get(&testops, "/api/launch?projectId=1&preview=true").await["content"][0];
    assert_eq!(preview["environment"][1]["name"], "dev");
    assert_eq!(preview["environment"][1]["variable"]["name"], "Branch");
    assert_eq!(
        (&preview["knownDefectsCount"], &preview["jobs"][0]["stage"]),
        (&json!(1), &json!("finished"))
    );
    assert_eq!(preview["statistic"], get(&testops, "/api/launch/77/statistic").await);
    assert_eq!(preview["environment"], get(&testops, "/api/launch/77/env").await);
}

#[tokio::test]
async fn the_statistic_leaves_retries_out_and_counts_results_in_progress() {
    let testops = testops().await;
    assert_eq!(
        get(&testops, "/api/launch/77/statistic").await,
        json!([{"status": null, "count": 1}, {"status": "failed", "count": 1}, {"status": "passed", "count": 2}])
    );
}

#[tokio::test]
async fn list_filters_are_base64_json() {
    let testops = testops().await;
    let list = |filter: Value| {
        format!(
            "/api/launch?projectId=1&search={}",
            encode(&STANDARD.encode(filter.to_string()))
        )
    };
    let open = json!([{"id": "close", "type": "boolean", "value": false}]);
    assert_eq!(ids(&get(&testops, &list(open)).await), [77]);
    let late = json!([{"id": "createdAfter", "type": "long", "value": NOW + 1}]);
    assert_eq!(get(&testops, &list(late)).await["totalElements"], 0);
    assert_eq!(ask(&testops, "/api/launch?projectId=1&search=%7B").await.status(), 400);
}

#[tokio::test]
async fn the_results_of_a_launch_come_with_retries_and_without_traces() {
    let testops = testops().await;
    let page = get(&testops, "/api/testresult?launchId=77&sort=id,ASC&size=1000").await;
    let rows = page["content"].as_array().unwrap();
    assert_eq!(rows.len(), 5);
    assert_eq!(
        (&rows[0]["hidden"], &rows[0]["retriedBy"]),
        (&json!(true), &json!({"id": 2, "name": "Add"}))
    );
    assert_eq!(
        (&rows[1]["hidden"], &rows[1]["testCaseId"]),
        (&json!(false), &json!(102))
    );
    assert_eq!(
        (&rows[2]["message"], rows[2].get("trace")),
        (&json!("expected 2"), None)
    );
    assert_eq!((&rows[2]["duration"], &rows[2]["known"]), (&json!(1_500), &json!(true)));
    assert_eq!(
        rows[2]["parameters"],
        json!([{"name": "password", "value": "x", "hidden": true, "excluded": false}])
    );
    assert!(rows[3].as_object().unwrap()["testCaseId"].is_null());
    assert!(rows[4].as_object().unwrap()["status"].is_null());
    assert_eq!(
        (&rows[4]["manual"], &rows[4]["testedBy"]),
        (&json!(true), &json!("ann"))
    );
    assert_eq!(get(&testops, "/api/testresult/3").await["trace"], "at Calc.java:7");
    assert_eq!(ids(&get(&testops, "/api/testresult/2/retries").await), [1]);
    assert_eq!(
        get(&testops, "/api/launch/77/retries").await["content"][0]["totalRetries"],
        1
    );
}

#[tokio::test]
async fn results_can_be_searched_and_listed_flat() {
    let testops = testops().await;
    for (rql, expected) in [
        ("launch = 77 and hidden = false", &[2, 3, 4, 5][..]),
        ("status = \"failed\"", &[1, 3]),
        ("status is null", &[5]),
        ("testCase = \"divide\"", &[3, 5]),
        ("testCase is null", &[4]),
        ("ev[\"Browser\"] = \"firefox\"", &[3]),
    ] {
        let path = format!("/api/testresult/__search?projectId=1&rql={}&sort=id,ASC", encode(rql));
        let page = get(&testops, &path).await;
        assert_eq!(ids(&page), expected, "{rql}");
    }
    let row = &get(&testops, "/api/testresult/__search?projectId=1&rql=id%20%3D%203").await["content"][0];
    assert_eq!(members(row), ["duration", "id", "name", "status", "testCaseId"]);
    let flat = get(&testops, "/api/v2/launch/77/test-result/flat").await;
    assert_eq!((ids(&flat), &flat["size"]), (vec![1, 2, 3, 4, 5], &json!(100)));
    assert_eq!(
        (&flat["content"][0]["hidden"], &flat["content"][3]["testCaseId"]),
        (&json!(true), &Value::Null)
    );
}

#[tokio::test]
async fn an_execution_nests_attachments_as_steps() {
    let testops = testops().await;
    let run = get(&testops, "/api/testresult/3/execution?v2=true").await;
    let [open, log] = &run["steps"].as_array().unwrap()[..] else {
        panic!("two steps: {run}")
    };
    assert_eq!(
        (&open["type"], &open["body"], &open["status"]),
        (&json!("body"), &json!("Open"), &json!("passed"))
    );
    assert_eq!(open["expectedResultSteps"][0]["type"], "expected_body");
    assert_eq!(open["steps"][0]["attachment"]["entity"], "test_result");
    assert_eq!(
        (&log["type"], &log["attachment"]["name"]),
        (&json!("attachment"), &json!("log.txt"))
    );
    assert_eq!(log["attachment"]["fromTestCase"], false);
    let first = get(&testops, "/api/testresult/3/execution").await;
    assert_eq!(
        (&first["steps"][0]["name"], &first["attachments"][0]["name"]),
        (&json!("Open"), &json!("log.txt"))
    );
}

#[tokio::test]
async fn a_resolved_manual_result_has_an_empty_execution_without_v2() {
    let testops = testops().await;
    assert_eq!(get(&testops, "/api/testresult/5/execution").await["steps"], json!([]));
    testops.edit(|site| {
        site.edit_result(5, |result| {
            result.status = Some(tms_sync_sim::testops::data::Status::Passed)
        })
    });
    let bare = ask(&testops, "/api/testresult/5/execution").await;
    assert_eq!((bare.status().as_u16(), bare.bytes().await.unwrap().len()), (200, 0));
    assert_eq!(
        get(&testops, "/api/testresult/5/execution?v2=true").await,
        json!({"steps": []})
    );
}

#[tokio::test]
async fn the_parts_of_a_result_have_their_own_paths() {
    let testops = testops().await;
    assert_eq!(get(&testops, "/api/testresult/3/evv").await[0]["name"], "Firefox");
    assert_eq!(get(&testops, "/api/testresult/3/testkey").await[0]["name"], "CALC-7");
    assert_eq!(get(&testops, "/api/testresult/3/defect").await["content"][0]["id"], 9);
    for part in ["cfv?v2=true", "members", "issue", "fixture"] {
        assert_eq!(
            get(&testops, &format!("/api/testresult/3/{part}")).await,
            json!([]),
            "{part}"
        );
    }
    assert_eq!(get(&testops, "/api/launch/77/defect").await["content"][0]["count"], 1);
    assert_eq!(
        get(&testops, "/api/defect/9").await["foundAtLaunch"],
        json!({"id": 77, "name": "nightly"})
    );
    assert_eq!(get(&testops, "/api/defect?projectId=1").await["size"], 20);
    assert_eq!(get(&testops, "/api/launch/77/tester?query=").await, json!(["ann"]));
    assert_eq!(get(&testops, "/api/launch/77/progress").await, json!({"ready": true}));
    assert_eq!(
        get(&testops, "/api/launch/77/variables").await["content"][0],
        json!({"key": "Branch", "values": ["main", "dev"]})
    );
}

#[tokio::test]
async fn a_launch_closes_reopens_and_takes_more_results() {
    let clock = Clock::manual(NOW);
    let testops = builder(&clock).start().await.unwrap();
    clock.advance(Duration::from_secs(60));
    assert_eq!(post(&testops, "/api/launch/77/close", &json!({})).await.status(), 204);
    let closed = get(&testops, "/api/launch/77").await;
    assert_eq!(
        (&closed["closed"], &closed["lastModifiedDate"]),
        (&json!(true), &json!(NOW + 60_000))
    );
    testops.edit(|site| {
        site.reopen_launch(77);
        site.add_result(77, TestResult::of("Old one").passed())
    });
    assert_eq!(get(&testops, "/api/launch/77").await["closed"], false);
    assert_eq!(get(&testops, "/api/testresult/6").await["testCaseId"], 103);
}
