//! A tenant never sees another's.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::rig::{Rig, Servers, Variant, sync};

/// Every route of a tenant's things, from the service's own description.
async fn routes(rig: &Rig) -> Vec<(Method, String)> {
    let answer = rig
        .admin
        .request(Method::GET, "/api/openapi.json")
        .send()
        .await
        .unwrap();
    let described: Value = answer.json().await.unwrap();
    let mut routes = Vec::new();
    for (path, methods) in described["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            let method: Method = method.to_uppercase().parse().unwrap();
            routes.push((method, path.clone()));
        }
    }
    routes
}

/// A body that makes sense for a path.
fn body(path: &str) -> Value {
    let after = |room: &str| path.contains(&format!("/{room}"));
    if path.ends_with("/runs") {
        json!({ "mode": "plan" })
    } else if path.ends_with("/enable") || path.ends_with("/test") {
        json!({})
    } else if after("integrations") {
        json!({ "name": "x", "kind": "xray-dc", "fields": { "endpoint": "https://jira.example" } })
    } else if after("projects") {
        json!({ "name": "x", "endpoint": "https://testops.example", "number": 1 })
    } else if after("credentials") {
        json!({ "project": "x", "integration": "x" })
    } else if after("syncs") {
        json!({ "credentials": "x", "name": "x", "destination": "CALC" })
    } else if after("channels") {
        json!({ "name": "x", "target": { "type": "slack" }, "secret": "https://hooks.example/x" })
    } else if after("members") {
        json!({ "role": "owner" })
    } else {
        json!({})
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_route_shows_or_changes_what_is_another_tenants() {
    let rig = Rig::start().await;
    let servers = Servers::start(&rig, Variant::Dc, 3).await;
    let acme = rig.token("acme", "manage").await;
    let credentials = servers.set_up(&rig, &acme).await;
    let made = acme.post(&acme.own("/syncs"), sync(&credentials, "main")).await;
    let sync_id = made["id"].as_str().unwrap().to_owned();
    let run = acme
        .post(&acme.own(&format!("/syncs/{sync_id}/runs")), json!({ "mode": "plan" }))
        .await;
    let run = run["id"].as_str().unwrap().to_owned();
    acme.over(&run).await;
    let id = async |path: &str| acme.get(&acme.own(path)).await[0]["id"].as_str().unwrap().to_owned();
    let channel = json!({ "name": "x", "target": { "type": "slack" }, "secret": "https://hooks.example/x" });
    acme.post(&acme.own("/channels"), channel).await;
    let ids = [
        ("channels", id("/channels").await),
        ("integrations", id("/integrations").await),
        ("projects", id("/projects").await),
        ("credentials", credentials),
        ("syncs", sync_id),
        ("runs", run),
        (
            "tokens",
            rig.admin.get("/tenants/acme/tokens").await[0]["id"]
                .as_str()
                .unwrap()
                .to_owned(),
        ),
        (
            "members",
            rig.admin.get("/admin/accounts").await[0]["id"]
                .as_str()
                .unwrap()
                .to_owned(),
        ),
    ];
    let before = rig.admin.get("/tenants/acme/syncs").await;
    let rival = rig.token("rival", "manage").await;
    let outsider = rig.person("rival", "owner").await;
    let mut walked = 0;
    for (method, path) in routes(&rig)
        .await
        .into_iter()
        .filter(|(_, path)| path.contains("{tenant}"))
    {
        let is_admin = path.contains("/admin/");
        let mut own = path.replace("{tenant}", "rival");
        for (room, id) in &ids {
            let place = own.find(&format!("/{room}/{{"));
            if let Some(place) = place {
                let end = own[place..].find('}').unwrap() + place + 1;
                own.replace_range(place..end, &format!("/{room}/{id}"));
            }
        }
        let foreign = path
            .replace("{tenant}", "acme")
            .replace("{id}", "x")
            .replace("{account}", "x");
        let by_id = own.contains('{') || own != path.replace("{tenant}", "rival");
        for client in [&rival, &outsider] {
            for path in [Some(foreign.clone()), Some(own.clone()).filter(|_| by_id && !is_admin)]
                .into_iter()
                .flatten()
            {
                let request = client.request(method.clone(), &path);
                let request = if method == Method::GET {
                    request
                } else {
                    request.json(&body(&path))
                };
                let status = request.send().await.unwrap().status();
                assert_eq!(status, StatusCode::NOT_FOUND, "{method} {path}");
                walked += 1;
            }
        }
    }
    assert!(walked > 60, "only {walked} requests: the description misses routes");
    assert_eq!(rig.admin.get("/tenants/acme/syncs").await, before);
    assert_eq!(rival.get("/tenants").await.as_array().unwrap().len(), 1);
}

/// Sources outside the store may only make a scope where a session, a token or the dispatcher proved it.
#[test]
fn a_tenants_rows_are_reached_through_its_scope_alone() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut sources = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(&root).unwrap().display().to_string();
                sources.push((name, std::fs::read_to_string(path).unwrap()));
            }
        }
    }
    let making: Vec<&str> = sources
        .iter()
        .filter(|(_, text)| text.contains("TenantScope::proved("))
        .map(|(name, _)| name.as_str())
        .collect();
    let mut making: Vec<&str> = making.into_iter().filter(|name| !name.ends_with("scope.rs")).collect();
    making.sort_unstable();
    insta::assert_debug_snapshot!(making, @r#"
    [
        "schedule/contract.rs",
        "schedule/jetstream/mod.rs",
        "schedule/local.rs",
        "schedule/local/hour.rs",
        "schedule/queue.rs",
        "secrets/rotation.rs",
        "upkeep.rs",
        "users/visitor.rs",
    ]
    "#);
}
