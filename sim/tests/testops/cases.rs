//! Test cases: search, overview, parts, changes.

use std::time::Duration;

use serde_json::json;
use tms_sync_sim::testops::data::{Case, TestKey};
use tms_sync_sim::{Clock, testops};

use super::site::{NOW, ask, builder, encode, get, ids, members, post, testops};

async fn found(testops: &testops::TestOps, rql: &str) -> Vec<i64> {
    let rql = encode(rql);
    let mut found = ids(&get(testops, &format!("/api/testcase/__search?projectId=1&rql={rql}")).await);
    found.sort_unstable();
    let valid = get(testops, &format!("/api/testcase/query/validate?projectId=1&rql={rql}")).await;
    assert_eq!(valid, json!({"valid": true, "count": found.len()}));
    found
}

#[tokio::test]
async fn aql_selects_cases() {
    let testops = testops().await;
    for (rql, expected) in [
        ("true", &[101, 102, 103][..]),
        ("tag = \"SMOKE\"", &[101, 102]),
        ("not tag in [\"smoke\"]", &[103]),
        ("automation = true", &[102]),
        ("status in [-1]", &[101, 103]),
        ("status = \"active\" and layer = -3", &[102]),
        ("layer != \"UI\"", &[102]),
        ("layer is null", &[101, 103]),
        ("cf[\"Suite\"] = \"Division\"", &[101]),
        ("cf[-5] = \"arithmetic\" and cfv = \"High\"", &[101]),
        ("role[\"Owner\"] = \"ann\"", &[101]),
        ("role[\"Owner\"] = \"bob\"", &[]),
        ("member = \"bob\"", &[101]),
        ("issue = \"AS-2\"", &[101]),
        ("workflow = -1", &[101, 102, 103]),
        ("name ~= \"DI\" or id > 102", &[101, 103]),
        ("createdDate <= now() and muted = false", &[101, 102, 103]),
        ("createdBy = currentUser()", &[]),
    ] {
        assert_eq!(found(&testops, rql).await, expected, "{rql}");
    }
}

#[tokio::test]
async fn a_refused_query_is_not_valid() {
    let testops = testops().await;
    let path = format!("query/validate?projectId=1&rql={}", encode("closed = true and"));
    for entity in ["testcase", "launch", "testresult"] {
        assert_eq!(
            get(&testops, &format!("/api/{entity}/{path}")).await,
            json!({"valid": false, "count": 0})
        );
    }
}

#[tokio::test]
async fn a_search_row_has_its_members_and_no_others() {
    let testops = testops().await;
    let page = get(&testops, "/api/testcase/__search?projectId=1&rql=id%20%3D%20101").await;
    let row = &page["content"][0];
    assert_eq!(
        members(row),
        [
            "automated",
            "createdBy",
            "createdDate",
            "deleted",
            "description",
            "descriptionHtml",
            "editable",
            "expectedResult",
            "expectedResultHtml",
            "external",
            "id",
            "lastModifiedBy",
            "lastModifiedDate",
            "links",
            "name",
            "precondition",
            "preconditionHtml",
            "projectId",
            "status",
            "tags",
            "workflow",
        ]
    );
    assert_eq!(row["descriptionHtml"], "<p>**Divides** two &lt;numbers&gt;</p>\n");
    assert_eq!(
        (&row["status"]["id"], &row["status"]["name"]),
        (&json!(-1), &json!("Draft"))
    );
    assert_eq!(row["createdDate"], NOW);
    assert_eq!(*row, get(&testops, "/api/rs/testcase/101").await);
    assert!(get(&testops, "/api/testcase/102").await["testLayer"]["id"] == -3);
}

#[tokio::test]
async fn the_overview_has_all_but_the_steps() {
    let testops = testops().await;
    let row = get(&testops, "/api/testcase/101/overview").await;
    let fields: Vec<_> = row["customFields"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| (&f["customField"]["name"], &f["name"]))
        .collect();
    assert_eq!(
        fields,
        [
            (&json!("Suite"), &json!("Arithmetic")),
            (&json!("Priority"), &json!("High")),
            (&json!("Suite"), &json!("Division"))
        ]
    );
    assert_eq!(row["customFields"][0]["customField"]["id"], -5);
    assert_eq!(row["customFields"][1]["customField"]["singleSelect"], true);
    assert_eq!(row["issues"][0]["name"], "AS-2");
    assert_eq!(row["issues"][0]["url"], "https://jira.example.com/browse/AS-2");
    assert_eq!(row["issues"][0]["integrationType"], "jira");
    assert_eq!(row["members"][0]["name"], "ann");
    assert_eq!(row["members"][0]["role"], json!({"id": -1, "name": "Owner"}));
    assert_eq!(
        row["testKeys"],
        json!([
            {"id": 1, "integrationId": 4, "name": "CALC-7", "url": "https://jira.example.com/browse/CALC-7"}
        ])
    );
    assert_eq!(row["parameters"], json!([{"name": "a"}, {"name": "b"}]));
    assert_eq!(row["examples"][0]["parameters"][1], json!({"name": "b", "value": "3"}));
    assert_eq!(
        (&row["hasManualScenario"], &row["style"]),
        (&json!(true), &json!("regular"))
    );
    assert_eq!(row["workflow"]["statuses"][0]["id"], -2);
    assert_eq!(row["scenario"]["steps"][2]["name"], "Log in");
    assert!(row.get("testLayer").is_none());
    assert_eq!(
        get(&testops, "/api/testcase/102/overview").await["layer"]["name"],
        "API Tests"
    );
}

#[tokio::test]
async fn the_parts_of_a_case_have_their_own_paths() {
    let testops = testops().await;
    let cfv = get(&testops, "/api/testcase/101/cfv?projectId=1").await;
    assert_eq!(cfv[0]["customField"]["customField"]["name"], "Suite");
    assert_eq!(cfv[0]["values"].as_array().unwrap().len(), 2);
    assert_eq!(ask(&testops, "/api/testcase/101/cfv").await.status(), 400);
    assert_eq!(get(&testops, "/api/testcase/101/tag").await[1]["name"], "math");
    assert_eq!(
        get(&testops, "/api/testcase/101/members").await[1]["role"]["name"],
        "Lead"
    );
    assert_eq!(get(&testops, "/api/testcase/101/issue").await[0]["displayName"], "AS-2");
    assert_eq!(get(&testops, "/api/testcase/101/example").await["totalElements"], 1);
    assert_eq!(
        get(&testops, "/api/testcase/101/workflow").await["name"],
        "Default Manual"
    );
    assert_eq!(get(&testops, "/api/testcase/101/relation").await, json!([]));
    assert_eq!(
        get(&testops, "/api/testcase/101/defect").await["content"][0]["issue"]["name"],
        "AS-9"
    );
    assert_eq!(
        get(&testops, "/api/comment?testCaseId=101").await["content"][0]["body"],
        "Looks good"
    );
    assert_eq!(get(&testops, "/api/mute?testCaseId=101").await["size"], 5);
    assert_eq!(get(&testops, "/api/testkey/1").await["name"], "CALC-7");
}

#[tokio::test]
async fn posting_test_keys_replaces_the_whole_list() {
    let testops = testops().await;
    let keys = json!([{"name": "CALC-7", "integrationId": 4}, {"name": "CALC-8", "integrationId": 4}]);
    let answer = post(&testops, "/api/rs/testcase/101/testkey", &keys).await;
    assert_eq!(answer.status(), 200);
    let stored = get(&testops, "/api/testcase/101/testkey").await;
    assert_eq!((&stored[0]["id"], &stored[1]["id"]), (&json!(1), &json!(2)));
    post(
        &testops,
        "/api/testcase/101/testkey",
        &json!([{"name": "CALC-8", "integrationId": 4}]),
    )
    .await;
    assert_eq!(
        testops.edit(|site| site.case(101).unwrap().test_keys.clone()),
        [TestKey {
            id: 2,
            ..TestKey::new("CALC-8", 4)
        }]
    );
    let unknown = post(
        &testops,
        "/api/testcase/101/testkey",
        &json!([{"name": "X-1", "integrationId": 99}]),
    )
    .await;
    assert_eq!(unknown.status(), 404);
    assert_eq!(testops.server().journal().counts().writes, 3);
}

#[tokio::test]
async fn posting_any_list_replaces_it() {
    let testops = testops().await;
    for (part, body, kept) in [
        ("tag", json!([{"id": 1}, {"name": "new"}]), "new"),
        ("issue", json!([{"name": "AS-3", "integrationId": 3}]), "AS-3"),
        ("members", json!([{"name": "dora", "role": {"id": -1}}]), "dora"),
    ] {
        let path = format!("/api/testcase/101/{part}");
        let answer = post(&testops, &path, &body).await;
        let rows: serde_json::Value = answer.json().await.unwrap();
        assert_eq!(rows, get(&testops, &path).await, "{part}");
        assert_eq!(rows.as_array().unwrap().last().unwrap()["name"], kept, "{part}");
        assert_eq!(rows.as_array().unwrap().len(), body.as_array().unwrap().len(), "{part}");
    }
    let relations = json!([{"target": {"id": 102}, "type": "automates"}]);
    let related: serde_json::Value = post(&testops, "/api/testcase/101/relation", &relations)
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(related[0]["target"], json!({"id": 102, "name": "Add"}));
}

#[tokio::test]
async fn lists_that_nobody_filled_are_empty_pages() {
    let testops = testops().await;
    for path in [
        "testplan?projectId=1",
        "filter?projectId=1&type=TEST_CASE",
        "testkeyschema?projectId=1",
        "testcase/audit?testCaseId=101",
    ] {
        assert_eq!(
            get(&testops, &format!("/api/{path}")).await["totalElements"],
            0,
            "{path}"
        );
    }
    assert_eq!(get(&testops, "/api/testcaseupdateschema?projectId=1").await, json!([]));
    assert_eq!(get(&testops, "/api/testcase/101/version").await, json!([]));
    assert_eq!(
        get(&testops, "/api/projectsettings/launchlivedoc?projectId=1").await["filter"],
        ""
    );
}

#[tokio::test]
async fn cases_change_while_the_server_runs() {
    let clock = Clock::manual(NOW);
    let testops = builder(&clock).start().await.unwrap();
    clock.advance(Duration::from_secs(1));
    testops.edit(|site| site.edit_case(101, |case| case.name = "Divided".into()));
    let row = get(&testops, "/api/testcase/101").await;
    assert_eq!(
        (&row["name"], &row["createdDate"], &row["lastModifiedDate"]),
        (&json!("Divided"), &json!(NOW), &json!(NOW + 1000))
    );
    let new = testops.edit(|site| site.add_case(1, Case::new("New")));
    assert_eq!(new, 104);
    testops.edit(|site| site.trash_case(103, true));
    assert_eq!(found(&testops, "true").await, [101, 102, 104]);
    assert_eq!(
        ids(&get(&testops, "/api/testcase/__search?projectId=1&rql=true&deleted=true").await),
        [103]
    );
    assert_eq!(ids(&get(&testops, "/api/testcase/deleted?projectId=1").await), [103]);
    assert_eq!(get(&testops, "/api/testcase/103").await["deleted"], true);
    testops.edit(|site| site.purge_case(103));
    assert_eq!(ask(&testops, "/api/testcase/103").await.status(), 404);
}

#[tokio::test]
async fn the_flat_list_is_the_cheapest_change_scan() {
    let testops = testops().await;
    let page = get(
        &testops,
        &format!("/api/v2/project/1/test-case/flat?baseAql={}", encode("tag = \"smoke\"")),
    )
    .await;
    assert_eq!((ids(&page), &page["size"]), (vec![102, 101], &json!(100)));
    assert_eq!(
        members(&page["content"][0]),
        [
            "automated",
            "createdDate",
            "external",
            "id",
            "lastModifiedDate",
            "layerName",
            "name",
            "status",
            "workflow"
        ]
    );
}

#[tokio::test]
async fn dictionaries_know_what_the_cases_use() {
    let testops = testops().await;
    assert!(
        get(&testops, "/api/tag")
            .await
            .as_array()
            .unwrap()
            .iter()
            .any(|tag| tag["name"] == "math")
    );
    assert_eq!(get(&testops, "/api/role").await[0], json!({"id": -1, "name": "Owner"}));
    assert_eq!(get(&testops, "/api/testlayer").await["content"][0]["id"], -3);
    assert_eq!(ids(&get(&testops, "/api/status?workflowId=-1").await), [-2, -1]);
    assert_eq!(get(&testops, "/api/workflow").await["content"][0]["id"], -1);
    assert_eq!(ids(&get(&testops, "/api/project/1/cf").await), [-5, -2, 1]);
    let values = get(&testops, "/api/project/1/cfv?customFieldId=-5").await;
    assert_eq!(
        (&values["totalElements"], &values["content"][0]["testCasesCount"]),
        (&json!(2), &json!(1))
    );
    assert_eq!(ids(&get(&testops, "/api/integration/project/1").await), [3, 4]);
    assert_eq!(get(&testops, "/api/integration/4").await["info"]["type"], "xray");
    assert_eq!(
        get(&testops, "/api/tree?projectId=1").await["content"][0]["fields"][1]["name"],
        "Suite"
    );
    assert_eq!(get(&testops, "/api/project?query=calc").await["content"][0]["id"], 1);
    assert_eq!(get(&testops, "/api/project/1/stats").await["automatedTestCases"], 1);
    assert_eq!(
        get(&testops, "/api/member?roleId=-1").await["content"][0]["name"],
        "ann"
    );
}
