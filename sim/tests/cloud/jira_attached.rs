//! What hangs on issues: properties, files, links, comments, transitions.

use reqwest::multipart::{Form, Part};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::bed::{Bed, parts};

async fn bed_with(count: usize) -> Bed {
    let bed = Bed::new().await;
    for n in 0..count {
        bed.send(
            Method::POST,
            "/issue",
            json!({ "fields": Bed::fields(&format!("t{n}")) }),
        )
        .await;
    }
    bed
}

#[tokio::test]
async fn properties_are_created_then_updated() {
    let bed = bed_with(1).await;
    let path = "/issue/CALC-1/properties/tms";
    assert_eq!(
        bed.send(Method::PUT, path, json!({ "a": 1 })).await.0,
        StatusCode::CREATED
    );
    assert_eq!(bed.send(Method::PUT, path, json!({ "a": 2 })).await.0, StatusCode::OK);
    assert_eq!(
        bed.get(path).await,
        (StatusCode::OK, json!({ "key": "tms", "value": { "a": 2 } }))
    );
    assert_eq!(
        bed.send(Method::PUT, path, json!("x".repeat(32_768))).await.0,
        StatusCode::BAD_REQUEST
    );
    let gone = bed
        .jira(Method::DELETE, &format!("/rest/api/3{path}"))
        .send()
        .await
        .unwrap();
    assert_eq!(
        (gone.status(), bed.get(path).await.0),
        (StatusCode::NO_CONTENT, StatusCode::NOT_FOUND)
    );
}

#[tokio::test]
async fn properties_of_many_issues_are_set_by_a_task() {
    let bed = bed_with(2).await;
    let ids: Vec<u64> = bed.site.lock().issues().map(|issue| issue.id.0).collect();
    let issues: Vec<Value> = ids
        .iter()
        .map(|id| json!({ "issueID": id, "properties": { "k": 1 } }))
        .collect();
    let request = bed
        .jira(Method::POST, "/rest/api/3/issue/properties/multi")
        .json(&json!({ "issues": issues }));
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    let task = response.headers()["location"]
        .to_str()
        .unwrap()
        .rsplit('/')
        .next()
        .unwrap()
        .to_owned();
    assert_eq!(bed.get(&format!("/task/{task}")).await.1["status"], "COMPLETE");
    assert_eq!(bed.get("/issue/CALC-2/properties/k").await.1["value"], 1);
}

#[tokio::test]
async fn attachments_need_a_token_and_the_right_part() {
    let bed = bed_with(1).await;
    let form = || {
        let file = |name: &'static str| {
            Part::bytes(b"abc".to_vec())
                .file_name(name)
                .mime_str("text/plain")
                .unwrap()
        };
        Form::new()
            .part("file", file("a.txt"))
            .part("file", file("b.txt"))
            .part("other", file("c.txt"))
    };
    let path = "/rest/api/3/issue/CALC-1/attachments";
    let bare = bed.jira(Method::POST, path).multipart(form()).send().await.unwrap();
    assert_eq!(bare.status(), StatusCode::FORBIDDEN);
    let request = bed
        .jira(Method::POST, path)
        .header("X-Atlassian-Token", "no-check")
        .multipart(form());
    let (status, files) = parts(request.send().await.unwrap()).await;
    assert_eq!((status, files.as_array().unwrap().len()), (StatusCode::OK, 2));
    assert_eq!((&files[0]["filename"], &files[0]["size"]), (&json!("a.txt"), &json!(3)));
    assert!(bed.get("/attachment/meta").await.1["uploadLimit"].is_u64());
    bed.site.lock().limits.attachment = 2;
    let large = bed
        .jira(Method::POST, path)
        .header("X-Atlassian-Token", "no-check")
        .multipart(form());
    assert_eq!(large.send().await.unwrap().status(), StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn links_are_accepted_twice_and_read_from_both_sides() {
    let bed = bed_with(2).await;
    let link =
        json!({ "type": { "name": "Test" }, "inwardIssue": { "key": "CALC-1" }, "outwardIssue": { "key": "CALC-2" } });
    assert_eq!(
        bed.send(Method::POST, "/issueLink", link.clone()).await.0,
        StatusCode::CREATED
    );
    assert_eq!(bed.send(Method::POST, "/issueLink", link).await.0, StatusCode::CREATED);
    let (_, read) = bed.get("/issue/CALC-1?fields=issuelinks").await;
    let links = read["fields"]["issuelinks"].as_array().unwrap();
    assert_eq!((links.len(), &links[0]["outwardIssue"]["key"]), (2, &json!("CALC-2")));
    let unknown =
        json!({ "type": { "name": "Nope" }, "inwardIssue": { "key": "CALC-1" }, "outwardIssue": { "key": "CALC-2" } });
    assert_eq!(
        bed.send(Method::POST, "/issueLink", unknown).await.0,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn a_remote_link_with_a_global_id_is_updated() {
    let bed = bed_with(1).await;
    let link =
        |title: &str| json!({ "globalId": "testops=1", "object": { "url": "https://example.com/1", "title": title } });
    let path = "/issue/CALC-1/remotelink";
    let (status, first) = bed.send(Method::POST, path, link("a")).await;
    assert_eq!(status, StatusCode::CREATED);
    let (status, second) = bed.send(Method::POST, path, link("b")).await;
    assert_eq!((status, &second["id"]), (StatusCode::OK, &first["id"]));
    let (_, all) = bed.get(path).await;
    assert_eq!(
        (all.as_array().unwrap().len(), &all[0]["object"]["title"]),
        (1, &json!("b"))
    );
    let (status, body) = bed
        .send(
            Method::POST,
            path,
            json!({ "object": { "url": "https://example.com" } }),
        )
        .await;
    assert_eq!(
        (status, &body["errors"]["title"]),
        (StatusCode::BAD_REQUEST, &json!("'title' is required."))
    );
}

#[tokio::test]
async fn comments_and_transitions_work() {
    let bed = bed_with(1).await;
    let body = json!({ "body": { "type": "doc", "version": 1,
        "content": [{ "type": "paragraph", "content": [{ "type": "text", "text": "hi" }] }] } });
    let (status, comment) = bed.send(Method::POST, "/issue/CALC-1/comment", body.clone()).await;
    assert_eq!((status, &comment["body"]), (StatusCode::CREATED, &body["body"]));
    let two = bed
        .jira(Method::GET, "/rest/api/2/issue/CALC-1/comment")
        .send()
        .await
        .unwrap();
    assert_eq!(parts(two).await.1["comments"][0]["body"], "hi");
    let (_, offered) = bed.get("/issue/CALC-1/transitions").await;
    let done = offered["transitions"]
        .as_array()
        .unwrap()
        .iter()
        .find(|t| t["name"] == "Done")
        .unwrap()["id"]
        .clone();
    let moved = bed
        .send(
            Method::POST,
            "/issue/CALC-1/transitions",
            json!({ "transition": { "id": done } }),
        )
        .await;
    assert_eq!(moved.0, StatusCode::NO_CONTENT);
    assert_eq!(
        bed.get("/issue/CALC-1?fields=status").await.1["fields"]["status"]["name"],
        "Done"
    );
    let again = bed
        .send(
            Method::POST,
            "/issue/CALC-1/transitions",
            json!({ "transition": { "id": done } }),
        )
        .await;
    assert_eq!(again.0, StatusCode::BAD_REQUEST);
}
