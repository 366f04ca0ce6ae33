//! Attachment lists and contents.

use serde_json::json;

use super::site::{ask, get, testops};

#[tokio::test]
async fn each_kind_of_owner_has_its_own_ids() {
    let testops = testops().await;
    for (path, name, content) in [
        ("/api/testcase/attachment/1/content", "a.png", "0123456789"),
        ("/api/sharedstep/attachment/1/content", "form.png", "png"),
        ("/api/testresult/attachment/1/content", "shot.png", "shot"),
        (
            "/api/rs/testresult/attachment/2/content?inline=true",
            "log.txt",
            "a log",
        ),
    ] {
        let response = ask(&testops, path).await;
        assert!(
            response.headers()["content-disposition"]
                .to_str()
                .unwrap()
                .contains(name),
            "{path}"
        );
        assert_eq!(response.text().await.unwrap(), content, "{path}");
    }
    assert_eq!(
        ask(&testops, "/api/testfixtureresult/attachment/1/content")
            .await
            .status(),
        404
    );
}

#[tokio::test]
async fn a_missed_file_keeps_its_row_and_answers_404() {
    let testops = testops().await;
    let rows = get(&testops, "/api/testcase/attachment?testCaseId=101").await;
    let missed = rows["content"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["missed"] == true)
        .unwrap();
    assert_eq!(
        (&missed["name"], &missed["entity"]),
        (&json!("notes.txt"), &json!("test_case"))
    );
    assert_eq!(
        ask(&testops, &format!("/api/testcase/attachment/{}/content", missed["id"]))
            .await
            .status(),
        404
    );
}

#[tokio::test]
async fn the_lists_name_the_entity_where_the_vendor_does() {
    let testops = testops().await;
    let of_result = get(&testops, "/api/testresult/attachment?testResultId=3").await;
    assert_eq!(
        (&of_result["totalElements"], &of_result["content"][0]["entity"]),
        (&json!(2), &json!("test_result"))
    );
    let of_shared = get(&testops, "/api/sharedstep/attachment?sharedStepId=5").await;
    assert_eq!(of_shared["content"][0].get("entity"), None);
}
