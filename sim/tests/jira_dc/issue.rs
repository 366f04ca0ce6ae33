//! Issues and what hangs on them.

use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use tms_sync_sim::jira::account::Permission;
use tms_sync_sim::jira::field::XrayField;
use tms_sync_sim::jira::project::Role;

use super::{read, rig};

#[tokio::test]
async fn a_test_is_created_with_its_steps_labels_folder_and_properties_in_one_call() {
    let rig = rig().await;
    let (steps, path) = (rig.field(XrayField::Steps), rig.field(XrayField::RepositoryPath));
    let body = json!({
        "fields": {
            "project": { "key": "CALC" }, "issuetype": { "name": "Test" }, "summary": "adds", "labels": ["tx-1"],
            "description": "h1. Adds", &steps: { "steps": [
                { "index": 1, "fields": { "action": "open", "data": "a door", "Expected Result": "opened" } },
            ] },
            &path: "/Allure/Smoke",
        },
        "properties": [{ "key": "tms", "value": { "id": 7 } }],
    });
    let (status, created) = rig.post("/rest/api/2/issue", body).await;
    assert_eq!((status, created["key"].as_str()), (201, Some("CALC-1")));
    let (_, read) = rig.get("/rest/api/2/issue/CALC-1?properties=tms").await;
    assert_eq!(read["fields"][&steps]["steps"][0]["fields"]["Data"], "a door");
    assert_eq!(read["fields"][&path], "/Allure/Smoke");
    assert_eq!(read["fields"]["labels"], json!(["tx-1"]));
    assert_eq!(read["properties"]["tms"]["id"], 7);
    assert_eq!(read["fields"]["reporter"]["name"], "ann");
    let (_, few) = rig.get("/rest/api/2/issue/CALC-1?fields=summary,labels").await;
    assert_eq!(few["fields"].as_object().unwrap().len(), 2);
}

#[tokio::test]
async fn refusals_name_every_field() {
    let rig = rig().await;
    let body = json!({ "fields": {
        "project": { "key": "CALC" }, "issuetype": { "name": "Test" }, "labels": ["a b"], "customfield_99": 1,
    } });
    let (status, body) = rig.post("/rest/api/2/issue", body).await;
    assert_eq!(status, 400);
    assert_eq!(body["errorMessages"], json!([]));
    assert_eq!(body["errors"]["summary"], "You must specify a summary of the issue.");
    assert_eq!(
        body["errors"]["labels"],
        "The label 'a b' contains spaces which is invalid."
    );
    let screen = "Field 'customfield_99' cannot be set. It is not on the appropriate screen, or unknown.";
    assert_eq!(body["errors"]["customfield_99"], screen);
}

#[tokio::test]
async fn bulk_creates_pair_by_position_and_fail_only_when_all_fail() {
    let rig = rig().await;
    let element = |summary: &str| json!({ "fields": { "project": { "key": "CALC" }, "issuetype": { "name": "Test" }, "summary": summary } });
    let body = json!({ "issueUpdates": [element("a"), element(""), element("c")] });
    let (status, body) = rig.post("/rest/api/2/issue/bulk", body).await;
    assert_eq!(status, 201);
    let keys: Vec<&str> = body["issues"]
        .as_array()
        .unwrap()
        .iter()
        .map(|i| i["key"].as_str().unwrap())
        .collect();
    assert_eq!(keys, ["CALC-1", "CALC-2"]);
    assert_eq!(body["errors"][0]["failedElementNumber"], 1);
    assert_eq!(body["errors"][0]["status"], 400);
    assert!(body["errors"][0]["elementErrors"]["errors"]["summary"].is_string());
    let (status, body) = rig
        .post("/rest/api/2/issue/bulk", json!({ "issueUpdates": [element("")] }))
        .await;
    assert_eq!((status, body["issues"].as_array().unwrap().len()), (400, 0));
}

#[tokio::test]
async fn edits_set_add_and_remove_and_replace_steps() {
    let rig = rig().await;
    let key = rig.manual("adds", 3).await;
    let path = format!("/rest/api/2/issue/{key}");
    let steps = rig.field(XrayField::Steps);
    let body = json!({
        "fields": { "summary": "adds two", &steps: { "steps": [{ "index": 1, "fields": { "Action": "only" } }] } },
        "update": { "labels": [{ "add": "x" }, { "add": "y" }, { "remove": "x" }] },
    });
    assert_eq!(rig.put(&path, body).await, (204, Value::Null));
    let (_, issue) = rig.get(&path).await;
    assert_eq!(issue["fields"]["summary"], "adds two");
    assert_eq!(issue["fields"]["labels"], json!(["y"]));
    assert_eq!(issue["fields"][&steps]["steps"].as_array().unwrap().len(), 1);
    let both = json!({ "fields": { "labels": [] }, "update": { "labels": [{ "add": "x" }] } });
    assert_eq!(rig.put(&path, both).await.0, 400);
    assert_eq!(rig.put("/rest/api/2/issue/CALC-9", json!({})).await.0, 404);
    assert_eq!(
        rig.put(&format!("{path}?notifyUsers=false"), json!({ "fields": {} }))
            .await
            .0,
        403
    );
}

#[tokio::test]
async fn screens_and_required_fields_bite() {
    let rig = rig().await;
    let required = {
        let mut site = rig.dc.site().lock();
        let id = site.fields.add_custom(
            "Team",
            "com.atlassian.jira.plugin.system.customfieldtypes:textfield",
            "string",
            None,
        );
        let test = site.type_of_role(rig.project, Role::Test).unwrap().id;
        let screens = site.fields.screens_mut(rig.project, test);
        screens.create.require(&id);
        screens.edit.remove("labels");
        id
    };
    let body = json!({ "fields": { "project": { "key": "CALC" }, "issuetype": { "name": "Test" }, "summary": "s" } });
    let (status, refused) = rig.post("/rest/api/2/issue", body).await;
    assert_eq!(
        (status, refused["errors"][&required].as_str()),
        (400, Some("Team is required."))
    );
    let key = rig.create("Test", "s", json!({ &required: "QA" })).await;
    let (status, _) = rig
        .put(
            &format!("/rest/api/2/issue/{key}"),
            json!({ "fields": { "labels": ["x"] } }),
        )
        .await;
    assert_eq!(status, 400);
    let (_, meta) = rig.get(&format!("/rest/api/2/issue/{key}/editmeta")).await;
    assert_eq!(meta["fields"].get("labels"), None);
    assert!(meta["fields"]["summary"].is_object());
}

#[tokio::test]
async fn properties_answer_created_updated_and_missing() {
    let rig = rig().await;
    rig.manual("adds", 1).await;
    let path = "/rest/api/2/issue/CALC-1/properties/tms";
    assert_eq!(rig.get(path).await.0, 404);
    assert_eq!(rig.put(path, json!({ "hash": "1" })).await.0, 201);
    assert_eq!(rig.put(path, json!({ "hash": "2" })).await.0, 200);
    assert_eq!(rig.get(path).await.1, json!({ "key": "tms", "value": { "hash": "2" } }));
    assert_eq!(rig.put(path, json!("x".repeat(32_768))).await.0, 400);
    assert_eq!(
        rig.get("/rest/api/2/issue/CALC-1/properties").await.1["keys"][0]["key"],
        "tms"
    );
    assert_eq!(rig.delete(path).await, 204);
    rig.dc
        .site()
        .lock()
        .accounts
        .revoke(rig.project, "ann", Permission::Edit);
    assert_eq!(rig.put(path, json!(1)).await.0, 403);
}

#[tokio::test]
async fn links_show_the_right_phrase_on_each_side_and_may_be_duplicated() {
    let rig = rig().await;
    let test = rig.manual("adds", 1).await;
    let story = rig.create("Story", "sums", json!({})).await;
    let body = json!({ "type": { "name": "Tests" }, "inwardIssue": { "key": test }, "outwardIssue": { "key": story } });
    assert_eq!(
        rig.post("/rest/api/2/issueLink", body.clone()).await,
        (201, Value::Null)
    );
    assert_eq!(rig.post("/rest/api/2/issueLink", body.clone()).await.0, 201);
    let (_, shown) = rig.get(&format!("/rest/api/2/issue/{test}?fields=issuelinks")).await;
    let links = shown["fields"]["issuelinks"].as_array().unwrap();
    assert_eq!(
        (links.len(), links[0]["outwardIssue"]["key"].as_str()),
        (2, Some(story.as_str()))
    );
    let (_, other) = rig.get(&format!("/rest/api/2/issue/{story}?fields=issuelinks")).await;
    assert_eq!(other["fields"]["issuelinks"][0]["inwardIssue"]["key"], json!(test));
    let unknown =
        json!({ "type": { "name": "Nope" }, "inwardIssue": { "key": test }, "outwardIssue": { "key": story } });
    assert_eq!(rig.post("/rest/api/2/issueLink", unknown).await.0, 404);
    rig.dc
        .site()
        .lock()
        .accounts
        .revoke(rig.project, "ann", Permission::Link);
    assert_eq!(rig.post("/rest/api/2/issueLink", body).await.0, 401);
}

#[tokio::test]
async fn remote_links_with_a_global_id_are_updated_in_place() {
    let rig = rig().await;
    rig.manual("adds", 1).await;
    let path = "/rest/api/2/issue/CALC-1/remotelink";
    let link = |title: &str| json!({ "globalId": "tms:1", "relationship": "defined in", "object": { "url": "https://t.example/1", "title": title } });
    let (status, first) = rig.post(path, link("one")).await;
    assert_eq!(status, 201);
    let (status, second) = rig.post(path, link("two")).await;
    assert_eq!((status, &second["id"]), (200, &first["id"]));
    let (_, all) = rig.get(path).await;
    assert_eq!(
        (all.as_array().unwrap().len(), all[0]["object"]["title"].as_str()),
        (1, Some("two"))
    );
    assert_eq!(rig.post(path, json!({ "object": {} })).await.0, 400);
    assert_eq!(rig.delete(&format!("{path}?globalId=tms:1")).await, 204);
    rig.dc
        .site()
        .lock()
        .accounts
        .revoke(rig.project, "ann", Permission::Link);
    assert_eq!(rig.post(path, link("three")).await.0, 403);
}

fn form(name: &str, bytes: Vec<u8>) -> Form {
    Form::new().part(
        "file",
        Part::bytes(bytes)
            .file_name(name.to_owned())
            .mime_str("text/plain")
            .unwrap(),
    )
}

#[tokio::test]
async fn attachments_need_the_token_header_and_respect_the_limit() {
    let rig = rig().await;
    rig.manual("adds", 1).await;
    let upload = |form: Form| {
        rig.request(Method::POST, "/rest/api/2/issue/CALC-1/attachments")
            .multipart(form)
    };
    assert_eq!(upload(form("a.txt", vec![1])).send().await.unwrap().status(), 403);
    let twice = form("a.txt", b"abc".to_vec());
    let (status, body) = read(
        upload(twice)
            .header("x-atlassian-token", "no-check")
            .send()
            .await
            .unwrap(),
    )
    .await;
    assert_eq!(
        (status, body[0]["filename"].as_str(), body[0]["size"].as_u64()),
        (200, Some("a.txt"), Some(3))
    );
    let content = body[0]["content"]
        .as_str()
        .unwrap()
        .strip_prefix(&rig.server.url())
        .unwrap()
        .to_owned();
    assert_eq!(rig.get(&content).await.1, "abc");
    rig.dc.site().lock().limits.attachment = 2;
    let large = upload(form("b.txt", b"abc".to_vec()))
        .header("x-atlassian-token", "no-check")
        .send()
        .await
        .unwrap();
    assert_eq!(large.status(), 404);
    assert_eq!(rig.get("/rest/api/2/attachment/meta").await.1["uploadLimit"], 2);
    rig.dc.site().lock().attachments_enabled = false;
    let off = upload(form("c.txt", vec![1]))
        .header("x-atlassian-token", "no-check")
        .send()
        .await
        .unwrap();
    assert_eq!(off.status(), 403);
}

#[tokio::test]
async fn comments_transitions_and_deletion() {
    let rig = rig().await;
    rig.manual("adds", 1).await;
    let (status, comment) = rig
        .post("/rest/api/2/issue/CALC-1/comment", json!({ "body": "hello" }))
        .await;
    assert_eq!((status, comment["body"].as_str()), (201, Some("hello")));
    assert_eq!(
        rig.post("/rest/api/2/issue/CALC-1/comment", json!({ "body": "" }))
            .await
            .0,
        400
    );
    assert_eq!(rig.get("/rest/api/2/issue/CALC-1/comment").await.1["total"], 1);
    let (_, list) = rig.get("/rest/api/2/issue/CALC-1/transitions").await;
    let done = list["transitions"]
        .as_array()
        .unwrap()
        .iter()
        .find(|t| t["name"] == "Done")
        .unwrap()["id"]
        .clone();
    let body = json!({ "transition": { "id": done } });
    assert_eq!(rig.post("/rest/api/2/issue/CALC-1/transitions", body).await.0, 204);
    assert_eq!(
        rig.get("/rest/api/2/issue/CALC-1").await.1["fields"]["status"]["name"],
        "Done"
    );
    assert_eq!(
        rig.post(
            "/rest/api/2/issue/CALC-1/transitions",
            json!({ "transition": { "id": "99" } })
        )
        .await
        .0,
        400
    );
    rig.dc
        .site()
        .lock()
        .accounts
        .revoke(rig.project, "ann", Permission::Delete);
    assert_eq!(rig.delete("/rest/api/2/issue/CALC-1").await, 403);
    rig.dc
        .site()
        .lock()
        .accounts
        .grant(rig.project, "ann", Permission::Delete);
    assert_eq!(rig.delete("/rest/api/2/issue/CALC-1").await, 204);
    assert_eq!(rig.get("/rest/api/2/issue/CALC-1").await.0, 404);
}
