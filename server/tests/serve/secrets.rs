//! Secrets that stay where a company keeps them: in files, in variables, in an OpenBao.

use std::path::Path;
use std::sync::Arc;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tms_sync_host::EgressPolicy;
use tms_sync_host::vault::{AppRole, SecretId, Vault, VaultEngine};
use tms_sync_server::Options;
use tms_sync_server::secrets::{SecretFiles, SecretPlace, SecretVariables, SecretVault};
use tms_sync_sim::world;

use crate::bao::Bao;
use crate::rig::{Client, Rig, Servers, Variant};

const ESTABLISHED: &str = "Connection established";

/// A service that reads secrets from a place, and credentials in it.
struct Placed {
    _rig: Rig,
    _servers: Servers,
    owner: Client,
    credentials: Value,
}

impl Placed {
    async fn start(places: Vec<Arc<dyn SecretPlace>>) -> Self {
        let rig = Rig::start_with(move |options| Options {
            secret_places: places.clone(),
            ..options
        })
        .await;
        let servers = Servers::start(&rig, Variant::Dc, 1).await;
        let owner = rig.token("acme", "manage").await;
        let id = servers.set_up(&rig, &owner).await;
        let credentials = owner.get(&owner.own(&format!("/credentials/{id}"))).await;
        Self {
            _rig: rig,
            _servers: servers,
            owner,
            credentials,
        }
    }

    /// Enters the token of Jira, or where it is.
    async fn enter(&self, token: &str) -> (StatusCode, Value) {
        let body = json!({
            "project": self.credentials["project"],
            "integration": self.credentials["integration"],
            "secrets": { "token": token },
        });
        self.owner.send(Method::PUT, &self.path(""), Some(body)).await
    }

    /// What the connection test says, or why there is none.
    async fn test(&self) -> String {
        let (_, answer) = self
            .owner
            .send(Method::POST, &self.path("/test"), Some(json!({})))
            .await;
        let summary = answer["summary"].as_str().or(answer["message"].as_str());
        summary.unwrap_or_default().to_owned()
    }

    fn path(&self, rest: &str) -> String {
        let id = self.credentials["id"].as_str().unwrap();
        self.owner.own(&format!("/credentials/{id}{rest}"))
    }

    async fn refused(&self, reference: &str) -> String {
        let (status, problem) = self.enter(reference).await;
        assert_eq!(status, StatusCode::CONFLICT, "{problem}");
        problem["message"].as_str().unwrap().to_owned()
    }
}

/// A file of a tenant, as a mounted secret of Kubernetes is one.
fn put(folder: &Path, tenant: &str, name: &str, secret: &str) {
    std::fs::create_dir_all(folder.join(tenant)).unwrap();
    std::fs::write(folder.join(tenant).join(name), secret).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_secret_in_a_file_is_read_when_it_is_used_and_another_one_takes_over_at_once() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "acme", "jira", &format!("{}\n", world::JIRA_TOKEN));
    put(folder.path(), "rival", "jira-of-rival", world::JIRA_TOKEN);
    let placed = Placed::start(vec![Arc::new(SecretFiles::below(folder.path()))]).await;
    assert_eq!(placed.enter("secret://file/jira").await.0, StatusCode::OK);
    assert_eq!(placed.test().await, ESTABLISHED);
    put(folder.path(), "acme", "jira", "another one");
    assert_ne!(placed.test().await, ESTABLISHED);

    // Each tenant has its own part, and there is no way out of it.
    for name in ["jira-of-rival", "../rival/jira-of-rival", "..", "", "no-such"] {
        let message = placed.refused(&format!("secret://file/{name}")).await;
        assert!(message.contains("leads to no secret"), "{message}");
    }
    let elsewhere = placed.refused("secret://vault/jira").await;
    assert_eq!(
        elsewhere,
        "`secret://vault/jira` leads to no secret: this service reads secrets from file"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reference_stays_with_the_server_that_it_was_entered_for() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "acme", "jira", world::JIRA_TOKEN);
    let placed = Placed::start(vec![Arc::new(SecretFiles::below(folder.path()))]).await;
    placed.enter("secret://file/jira").await;
    let integration = placed.credentials["integration"].as_str().unwrap();
    let path = placed.owner.own(&format!("/integrations/{integration}"));
    let moved = json!({ "name": "Xray", "kind": "xray-dc", "fields": { "endpoint": "https://evil.example" } });
    assert_eq!(
        placed.owner.send(Method::PUT, &path, Some(moved)).await.0,
        StatusCode::OK
    );
    let state = placed.owner.get(&placed.path("")).await;
    let secrets = state["secrets"].as_array().unwrap();
    let token = secrets.iter().find(|secret| secret["field"] == "token").unwrap();
    assert_eq!(token["is-for-another-server"], true, "{state}");
    let (status, problem) = placed
        .owner
        .send(Method::POST, &placed.path("/test"), Some(json!({})))
        .await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{problem}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_secret_can_be_in_a_variable_of_the_service() {
    let known = |name: &str| (name == "TMS_SYNC_SECRET__ACME__JIRA_TOKEN").then(|| world::JIRA_TOKEN.to_owned());
    let placed = Placed::start(vec![Arc::new(SecretVariables::read_by(known))]).await;
    assert_eq!(placed.enter("secret://env/jira-token").await.0, StatusCode::OK);
    assert_eq!(placed.test().await, ESTABLISHED);
    assert_eq!(
        placed.refused("secret://env/other").await,
        "`secret://env/other` leads to no secret: TMS_SYNC_SECRET__ACME__OTHER is not set"
    );
    placed.refused("secret://env/jira--token").await;
}

/// What reads the part of the service in an OpenBao.
fn vault(bao: &Bao, folder: &Path, clock: Arc<dyn tms_sync_host::Clock>) -> SecretVault {
    bao.make_role();
    let file = folder.join("secret-id");
    std::fs::write(&file, bao.secret_id()).unwrap();
    let role = AppRole {
        role: bao.role_id().into(),
        secret: SecretId::File(file),
    };
    let engine = VaultEngine {
        server: format!("{}/v1", bao.address),
        namespace: None,
        mount: "secret".to_owned(),
    };
    let vault = Vault::new(engine, role, EgressPolicy::public_only(), clock);
    SecretVault::below(vault.unwrap(), "tms-sync")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_secret_in_a_vault_is_read_by_a_role_that_logs_in_again_when_its_token_is_gone() {
    let Some(bao) = Bao::start("secrets in a vault") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let vault = vault(&bao, folder.path(), Arc::new(tms_sync_host::SystemClock));
    bao.put("acme/jira", "value", world::JIRA_TOKEN);
    bao.put("acme/odd", "token", world::JIRA_TOKEN);
    bao.put("rival/theirs", "value", world::JIRA_TOKEN);
    let placed = Placed::start(vec![Arc::new(vault)]).await;
    let (status, answer) = placed.enter("secret://vault/jira").await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    assert_eq!(placed.test().await, ESTABLISHED);
    assert_eq!(
        placed.refused("secret://vault/theirs").await,
        "`secret://vault/theirs` leads to no secret: the vault has none of this name"
    );
    assert_eq!(
        placed.refused("secret://vault/odd").await,
        "`secret://vault/odd` leads to no secret: it has no member `value` that is a text"
    );

    // Every token of the role ends, and the next request has another one.
    bao.ask(&["lease", "revoke", "-sync", "-prefix", "auth/approle"], "");
    assert_eq!(placed.test().await, ESTABLISHED);
    bao.put("acme/jira", "value", "another one");
    assert_ne!(placed.test().await, ESTABLISHED);
    bao.ask(&["policy", "delete", "tms-sync"], "");
    assert_eq!(
        placed.test().await,
        "`secret://vault/jira` leads to no secret: the role may not read it"
    );
    drop(bao);
    assert!(
        placed
            .test()
            .await
            .starts_with("The service cannot reach the server that keeps its secrets")
    );
}
