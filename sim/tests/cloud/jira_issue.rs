//! Creating, reading, editing issues; rich text; bulk.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::bed::{Bed, parts};

fn document(text: &str) -> Value {
    json!({ "type": "doc", "version": 1, "content": [{ "type": "paragraph", "content": [{ "type": "text", "text": text }] }] })
}

fn with(summary: &str, field: &str, value: Value) -> Value {
    let mut fields = Bed::fields(summary);
    fields[field] = value;
    json!({ "fields": fields })
}

#[tokio::test]
async fn an_issue_is_created_read_edited_and_deleted() {
    let bed = Bed::new().await;
    let mut body = with("first", "labels", json!(["tx-1"]));
    body["properties"] = json!([{ "key": "tms", "value": { "hash": "abc" } }]);
    let (status, made) = bed.send(Method::POST, "/issue", body).await;
    assert_eq!((status, &made["key"]), (StatusCode::CREATED, &json!("CALC-1")));
    let edit = json!({ "fields": { "summary": "second" }, "update": { "labels": [{ "add": "more" }] } });
    assert_eq!(
        bed.send(Method::PUT, "/issue/CALC-1", edit).await.0,
        StatusCode::NO_CONTENT
    );
    let (_, read) = bed.get("/issue/CALC-1?fields=summary,labels&properties=tms").await;
    assert_eq!(
        read["fields"],
        json!({ "summary": "second", "labels": ["tx-1", "more"] })
    );
    assert_eq!(read["properties"], json!({ "tms": { "hash": "abc" } }));
    let quiet = bed
        .send(Method::PUT, "/issue/CALC-1?notifyUsers=false", json!({ "fields": {} }))
        .await;
    assert_eq!(quiet.0, StatusCode::FORBIDDEN);
    let gone = bed
        .jira(Method::DELETE, "/rest/api/3/issue/CALC-1")
        .send()
        .await
        .unwrap();
    assert_eq!(gone.status(), StatusCode::NO_CONTENT);
    let text = "Issue does not exist or you do not have permission to see it.";
    let missing = json!({ "errorMessages": [text], "errors": {} });
    assert_eq!(bed.get("/issue/CALC-1").await, (StatusCode::NOT_FOUND, missing));
}

#[tokio::test]
async fn version_three_takes_documents_and_version_two_text() {
    let bed = Bed::new().await;
    let (status, _) = bed
        .send(Method::POST, "/issue", with("a", "description", document("hello")))
        .await;
    assert_eq!(status, StatusCode::CREATED);
    let two = async |body: Value| {
        parts(
            bed.jira(Method::POST, "/rest/api/2/issue")
                .json(&body)
                .send()
                .await
                .unwrap(),
        )
        .await
    };
    assert_eq!(
        two(with("b", "description", json!("*plain*"))).await.0,
        StatusCode::CREATED
    );
    let (status, text) = bed
        .send(Method::POST, "/issue", with("c", "description", json!("plain")))
        .await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(
        text["errors"]["description"]
            .as_str()
            .unwrap()
            .starts_with("Operation value must be an Atlassian Document")
    );
    let bad = json!({ "type": "doc", "version": 1, "content": [{ "type": "text", "text": "bare" }] });
    let invalid = json!({ "errorMessages": ["INVALID_INPUT"], "errors": {} });
    let refused = bed.send(Method::POST, "/issue", with("d", "description", bad)).await;
    assert_eq!(refused, (StatusCode::BAD_REQUEST, invalid));
    let object = two(with("e", "description", document("x"))).await;
    assert_eq!(object.1["errors"]["description"], "Operation value must be a string");
    let shown = parts(bed.jira(Method::GET, "/rest/api/2/issue/CALC-1").send().await.unwrap())
        .await
        .1;
    assert_eq!(shown["fields"]["description"], "hello");
    let shown = bed.get("/issue/CALC-2").await.1;
    assert_eq!(shown["fields"]["description"], document("*plain*"));
}

#[tokio::test]
async fn lengths_and_labels_are_limited() {
    let bed = Bed::new().await;
    let cases = [
        (
            with(&"s".repeat(256), "labels", json!([])),
            "summary",
            "Summary can't exceed 255 characters.",
        ),
        (
            with("a\nb", "labels", json!([])),
            "summary",
            "The summary is invalid because it contains newline characters.",
        ),
        (
            with("a", "labels", json!(["two words"])),
            "labels",
            "The label 'two words' contains spaces which is invalid.",
        ),
        (
            with("a", "description", document(&"x".repeat(32_768))),
            "description",
            "The entered text is too long. It exceeds the allowed limit of 32,767 characters.",
        ),
        (
            with("a", "customfield_99", json!(1)),
            "customfield_99",
            "Field 'customfield_99' cannot be set. It is not on the appropriate screen, or unknown.",
        ),
    ];
    for (body, field, text) in cases {
        let (status, refused) = bed.send(Method::POST, "/issue", body).await;
        assert_eq!(
            (status, &refused["errors"][field]),
            (StatusCode::BAD_REQUEST, &json!(text))
        );
    }
}

#[tokio::test]
async fn a_bulk_create_pairs_failures_by_number() {
    let bed = Bed::new().await;
    let update = |summary: &str| json!({ "fields": Bed::fields(summary) });
    let mixed = json!({ "issueUpdates": [update("a"), update(""), update("c")] });
    let (status, body) = bed.send(Method::POST, "/issue/bulk", mixed).await;
    assert_eq!(
        (status, body["issues"].as_array().unwrap().len()),
        (StatusCode::CREATED, 2)
    );
    assert_eq!(
        (&body["errors"][0]["failedElementNumber"], &body["errors"][0]["status"]),
        (&json!(1), &json!(400))
    );
    assert!(body["errors"][0]["elementErrors"]["errors"]["summary"].is_string());
    let (status, body) = bed
        .send(Method::POST, "/issue/bulk", json!({ "issueUpdates": [update("")] }))
        .await;
    assert_eq!(
        (status, body["issues"].as_array().unwrap().len()),
        (StatusCode::BAD_REQUEST, 0)
    );
    let many: Vec<Value> = (0..51).map(|n| update(&format!("t{n}"))).collect();
    let refused = bed
        .send(Method::POST, "/issue/bulk", json!({ "issueUpdates": many }))
        .await;
    assert_eq!(refused.0, StatusCode::BAD_REQUEST);
    assert_eq!(bed.site.lock().issues().count(), 2);
}

#[tokio::test]
async fn a_bulk_fetch_leaves_out_what_is_missing_and_follows_moved_keys() {
    let bed = Bed::new().await;
    for summary in ["a", "b"] {
        bed.send(Method::POST, "/issue", json!({ "fields": Bed::fields(summary) }))
            .await;
    }
    bed.site.lock().rename_project(bed.project, "MATH");
    let body = json!({ "issueIdsOrKeys": ["CALC-2", "CALC-9", "MATH-1"], "fields": ["summary"] });
    let (status, found) = bed.send(Method::POST, "/issue/bulkfetch", body).await;
    assert_eq!(status, StatusCode::OK);
    let keys: Vec<_> = found["issues"]
        .as_array()
        .unwrap()
        .iter()
        .map(|issue| issue["key"].clone())
        .collect();
    assert_eq!(keys, ["MATH-1", "MATH-2"]);
    assert_eq!(
        (&found["issueErrors"], &found["issues"][0]["fields"]),
        (&json!([]), &json!({ "summary": "a" }))
    );
    let many: Vec<String> = (0..101).map(|n| n.to_string()).collect();
    let refused = bed
        .send(Method::POST, "/issue/bulkfetch", json!({ "issueIdsOrKeys": many }))
        .await;
    assert_eq!(refused.0, StatusCode::BAD_REQUEST);
    assert_eq!(
        bed.send(Method::POST, "/issue/bulkfetch", json!({ "issueIdsOrKeys": [] }))
            .await
            .0,
        StatusCode::BAD_REQUEST
    );
}
