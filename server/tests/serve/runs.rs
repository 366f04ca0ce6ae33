//! Runs, from the settings to records at the destination.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::rig::{Client, Rig, Servers, Variant, sync};

/// Runs one scenario over both variants.
macro_rules! scenarios {
    ($($name:ident),+ $(,)?) => {
        mod cloud {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)] async fn $name() { super::$name(super::Variant::Cloud).await; })+
        }
        mod dc {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)] async fn $name() { super::$name(super::Variant::Dc).await; })+
        }
    };
}

scenarios!(
    a_sync_plans_exports_verifies_and_is_taken_back,
    a_wrong_secret_switches_the_sync_off_until_it_is_fixed_and_enabled,
);

async fn run(client: &Client, sync: &str, body: Value) -> Value {
    let started = client.post(&client.own(&format!("/syncs/{sync}/runs")), body).await;
    client.over(started["id"].as_str().unwrap()).await
}

async fn made_sync(client: &Client, credentials: &str) -> String {
    let made = client.post(&client.own("/syncs"), sync(credentials, "main")).await;
    made["id"].as_str().unwrap().to_owned()
}

async fn a_sync_plans_exports_verifies_and_is_taken_back(variant: Variant) {
    let rig = Rig::start().await;
    let servers = Servers::start(&rig, variant, 6).await;
    let owner = rig.token("acme", "manage").await;
    let credentials = servers.set_up(&rig, &owner).await;
    let tested = owner
        .post(&owner.own(&format!("/credentials/{credentials}/test")), json!({}))
        .await;
    assert_eq!(tested["summary"], "Connection established", "{tested}");
    let found = owner
        .get(&owner.own(&format!("/credentials/{credentials}/destinations?query=calc")))
        .await;
    assert_eq!(found[0]["key"], "CALC");
    let sync = made_sync(&owner, &credentials).await;

    let planned = run(&owner, &sync, json!({ "mode": "plan" })).await;
    assert_eq!(planned["summary"]["totals"]["test-case"]["created"], 6, "{planned}");
    assert_eq!(servers.world.tracker.writes(), 0, "a plan writes nothing");

    let exported = run(&owner, &sync, json!({ "mode": "export" })).await;
    assert_eq!(exported["status"], "done", "{exported}");
    assert_eq!(exported["summary"]["totals"]["test-case"]["created"], 6);
    let run_id = exported["id"].as_str().unwrap();
    let items = owner
        .get(&owner.own(&format!(
            "/runs/{run_id}/items?outcome=created&entity=test-case&limit=4"
        )))
        .await;
    assert_eq!(items["items"].as_array().unwrap().len(), 4);
    let rest = format!(
        "/runs/{run_id}/items?outcome=created&entity=test-case&limit=4&after={}",
        items["next"]
    );
    let rest = owner.get(&owner.own(&rest)).await;
    assert_eq!(rest["items"].as_array().unwrap().len(), 2);
    let key = items["items"][0]["issue"]["key"].as_str().unwrap();
    let found = owner
        .get(&owner.own(&format!("/runs/{run_id}/items?search={}", key.to_lowercase())))
        .await;
    assert_eq!(found["items"][0]["id"], items["items"][0]["id"]);

    let verified = run(&owner, &sync, json!({ "mode": "verify" })).await;
    assert_eq!(
        verified["summary"]["totals"]["test-case"],
        json!({ "unchanged": 6 }),
        "{verified}"
    );

    let undone = run(
        &owner,
        &sync,
        json!({ "mode": "undo", "options": { "undoes": run_id } }),
    )
    .await;
    assert_eq!(undone["summary"]["totals"]["test-case"]["removed"], 6, "{undone}");
    let history = owner.get(&owner.own(&format!("/syncs/{sync}/runs"))).await;
    let modes: Vec<&str> = history
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|run| run["mode"].as_str())
        .collect();
    assert_eq!(modes.len(), 4);
}

async fn a_wrong_secret_switches_the_sync_off_until_it_is_fixed_and_enabled(variant: Variant) {
    let rig = Rig::start().await;
    let servers = Servers::start(&rig, variant, 2).await;
    let owner = rig.token("acme", "manage").await;
    let credentials = servers.set_up(&rig, &owner).await;
    let sync = made_sync(&owner, &credentials).await;
    let (secret, right) = servers.a_secret();
    servers.change_secret(&owner, &credentials, secret, "wrong").await;

    let mut last = Value::Null;
    for _ in 0..2 {
        last = run(&owner, &sync, json!({ "mode": "export" })).await;
        rig.clock.advance(std::time::Duration::from_secs(15 * 60));
    }
    assert_eq!(last["stopped"]["kind"], "credential", "{last}");
    let off = owner.get(&owner.own(&format!("/syncs/{sync}"))).await;
    assert_eq!(off["disabled"]["kind"], "credential", "{off}");
    let (status, refused) = owner
        .send(
            Method::POST,
            &owner.own(&format!("/syncs/{sync}/runs")),
            Some(json!({ "mode": "export" })),
        )
        .await;
    assert_eq!(status, StatusCode::CONFLICT, "{refused}");

    let fix = json!({ "secrets": { secret: right } });
    let enabled = owner.post(&owner.own(&format!("/syncs/{sync}/enable")), fix).await;
    assert_eq!(enabled["test"]["passed"], true, "{enabled}");
    assert_eq!(enabled["sync"]["disabled"], Value::Null);
    let ran = owner.over(enabled["run"].as_str().unwrap()).await;
    assert_eq!(
        (&ran["status"], &ran["options"]["full"]),
        (&json!("done"), &json!(true)),
        "{ran}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_request_with_the_same_key_is_the_same_run() {
    let rig = Rig::start().await;
    let servers = Servers::start(&rig, Variant::Dc, 2).await;
    let owner = rig.token("acme", "manage").await;
    let credentials = servers.set_up(&rig, &owner).await;
    let sync = made_sync(&owner, &credentials).await;
    let ask = async |mode: &str| {
        let path = format!("/api/v1{}", owner.own(&format!("/syncs/{sync}/runs")));
        let request = owner.request(Method::POST, &path).header("idempotency-key", "ci-42");
        let answer = request.json(&json!({ "mode": mode })).send().await.unwrap();
        (answer.status(), answer.json::<Value>().await.unwrap())
    };
    let (first, run) = ask("plan").await;
    let (second, same) = ask("plan").await;
    assert_eq!((first, second), (StatusCode::CREATED, StatusCode::OK));
    assert_eq!(run["id"], same["id"]);
    assert_eq!(ask("export").await.0, StatusCode::CONFLICT);
    owner.over(run["id"].as_str().unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changing_an_address_asks_for_its_secrets_again() {
    let rig = Rig::start().await;
    let servers = Servers::start(&rig, Variant::Dc, 1).await;
    let owner = rig.token("acme", "manage").await;
    let credentials = servers.set_up(&rig, &owner).await;
    let integration = owner.get(&owner.own("/integrations")).await[0].clone();
    let path = owner.own(&format!("/integrations/{}", integration["id"].as_str().unwrap()));
    let moved = json!({ "name": "Xray", "kind": "xray-dc", "fields": { "endpoint": "https://evil.example" } });
    let (status, _) = owner.send(Method::PUT, &path, Some(moved)).await;
    assert_eq!(status, StatusCode::OK);
    let state = owner.get(&owner.own(&format!("/credentials/{credentials}"))).await;
    let token = state["secrets"]
        .as_array()
        .unwrap()
        .iter()
        .find(|secret| secret["field"] == "token")
        .unwrap();
    assert_eq!(token["is-for-another-server"], true, "{state}");
    let (status, problem) = owner
        .send(
            Method::POST,
            &owner.own(&format!("/credentials/{credentials}/test")),
            Some(json!({})),
        )
        .await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{problem}");
    assert_eq!(problem["findings"][0]["field"], "token");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settings_with_errors_are_refused_with_every_finding() {
    let rig = Rig::start().await;
    let servers = Servers::start(&rig, Variant::Dc, 1).await;
    let owner = rig.token("acme", "manage").await;
    let credentials = servers.set_up(&rig, &owner).await;
    let wrong = json!({
        "credentials": credentials, "name": "main", "destination": "CALC", "test-case-aql": "tag in [",
        "mapping": { "no-such-option": "x" }, "schedule": { "type": "every", "minutes": 0 },
    });
    let (status, problem) = owner.send(Method::POST, &owner.own("/syncs"), Some(wrong)).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let mut fields: Vec<&str> = problem["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|finding| finding["field"].as_str())
        .collect();
    fields.sort_unstable();
    assert_eq!(fields, ["no-such-option", "schedule", "test-case-aql"], "{problem}");
}
