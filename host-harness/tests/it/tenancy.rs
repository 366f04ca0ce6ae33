//! Two tenants on one host do what they would do on two.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use tms_sync_host::{CallLimits, EgressPolicy, Engine, LoadedPlugin, Secret, SqliteLedger, Tenant};

use crate::rig::{self, Seen, Server, obey};

const NAMES: [&str; 2] = ["acme", "umbrella"];

/// Everything that a tenant could notice of others, in the words of `speaks`.
fn order() -> impl Strategy<Value = String> {
    let connection = prop_oneof![Just("plain"), Just("basic"), Just("bearer"), Just("exchange")];
    let request = (connection, prop_oneof![Just("GET"), Just("POST")], 0..3_u8)
        .prop_map(|(connection, method, path)| format!("{connection} {method} /open/{path}"));
    let row = (prop_oneof![Just("put"), Just("get")], 0..4_u8).prop_map(|(what, id)| format!("link {what} {id}"));
    prop_oneof![request, row]
}

/// Runs in the order in which they begin; those of one round overlap.
fn rounds() -> impl Strategy<Value = Vec<[Vec<String>; 2]>> {
    let run = || prop::collection::vec(order(), 0..6);
    prop::collection::vec([run(), run()], 1..4)
}

/// Counts each credential's requests on its own, gives cookies, gives each tenant its token, and refuses what does not belong
/// below the path it was sent to.
fn answer(this: &Seen, before: &[Seen]) -> Response {
    let tenant = NAMES
        .into_iter()
        .find(|name| this.path.starts_with(&format!("/{name}/")))
        .unwrap_or("nobody");
    let header = |name| {
        this.headers
            .get(name)
            .map(|value| value.to_str().unwrap_or_default().to_owned())
    };
    if header("cookie").is_some() {
        return (StatusCode::BAD_REQUEST, "a cookie came back").into_response();
    }
    let mine = before
        .iter()
        .filter(|seen| seen.path.starts_with(&format!("/{tenant}/")));
    if this.path.ends_with("/token") {
        let token = format!("{{\"jwt\":\"exchanged-token-of-{tenant}\",\"expires\":600}}");
        return (StatusCode::OK, [("content-type", "application/json")], token).into_response();
    }
    let credential = header("authorization").map(|value| match value.strip_prefix("Basic ") {
        Some(pair) => String::from_utf8(STANDARD.decode(pair).unwrap()).unwrap(),
        None => value,
    });
    let foreign = credential.is_some_and(|credential| !credential.contains(&format!("-of-{tenant}")));
    if foreign {
        return (StatusCode::FORBIDDEN, "somebody else's credential").into_response();
    }
    let number = mine.filter(|seen| !seen.path.ends_with("/token")).count();
    let cookie = [("set-cookie", format!("session={tenant}"))];
    (StatusCode::OK, cookie, format!("answer {number} for {tenant}")).into_response()
}

/// One host with its servers and ledger.
struct Host {
    plugin: LoadedPlugin,
    ledger: Arc<SqliteLedger>,
    server: Server,
}

impl Host {
    async fn new(engine: &Engine) -> Self {
        Self {
            plugin: LoadedPlugin::load(engine, rig::speaks().await).await.unwrap(),
            ledger: Arc::new(SqliteLedger::in_memory().unwrap()),
            server: Server::start(answer).await,
        }
    }

    fn tenant(&self, name: &str) -> Tenant {
        let url = format!("http://{}/{name}/", self.server.address);
        let secret = |what: &str| Secret::new(format!("{what}-of-{name}-and-nobody-else"), &url);
        Tenant::builder(name, &self.plugin)
            .kind("probe")
            .integration("same")
            .field("url", &url)
            .field("user", "same")
            .secret("password", secret("password"))
            .secret("token", secret("token"))
            .secret("client", secret("client"))
            .ledger(self.ledger.clone())
            .egress(EgressPolicy::public_only().allow(&self.server.address).unwrap())
            .limits(CallLimits::default())
            .build()
            .unwrap()
    }
}

/// What one tenant saw of its runs: every answer, report, and what the host counted.
async fn run(tenant: &Tenant, orders: &[String]) -> String {
    let orders: Vec<&str> = orders.iter().map(String::as_str).collect();
    let (said, outcome) = obey(tenant, &orders).await;
    let facts = outcome.facts;
    let counted = (
        &facts.connections,
        facts.ledger_reads,
        facts.ledger_writes,
        facts.events,
    );
    format!("{said:?} {:?} {counted:?}", outcome.result.unwrap())
}

async fn together(engine: &Engine, rounds: &[[Vec<String>; 2]]) -> [Vec<String>; 2] {
    let host = Host::new(engine).await;
    let [one, two] = NAMES.map(|name| host.tenant(name));
    let mut seen = [Vec::new(), Vec::new()];
    for [first, second] in rounds {
        let (first, second) = tokio::join!(run(&one, first), run(&two, second));
        seen[0].push(first);
        seen[1].push(second);
    }
    seen
}

async fn alone(engine: &Engine, which: usize, rounds: &[[Vec<String>; 2]]) -> Vec<String> {
    let host = Host::new(engine).await;
    let tenant = host.tenant(NAMES[which]);
    let mut seen = Vec::new();
    for round in rounds {
        seen.push(run(&tenant, &round[which]).await);
    }
    seen
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn two_tenants_on_one_host_see_what_each_would_see_on_its_own(rounds in rounds()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let engines = [rig::engine(), rig::engine(), rig::engine()];
            let together = together(&engines[0], &rounds).await;
            for which in [0, 1] {
                let alone = alone(&engines[which + 1], which, &rounds).await;
                assert_eq!(together[which], alone, "{}", NAMES[which]);
            }
        });
    }
}
