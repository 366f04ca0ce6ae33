//! `tms-sync serve --demo`: the service with simulated servers, two teams and a day of history.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tms_sync_host::{Clock, EgressPolicy, InvalidHostPort, SystemClock};
use tms_sync_server::furnish::{Furniture, administrator, furnish};
use tms_sync_server::schedule::Timing;
use tms_sync_server::settings::{IntegrationDraft, ProjectDraft, SecretText, SyncDraft};
use tms_sync_server::{Options, Problem, Server};
use tms_sync_sim::Answers;

use super::serve;
use crate::interrupt::Interrupts;
use crate::log::{self, Level};
use crate::output::Output;
use crate::plugin;
use crate::render::diagnostic::{self, Diagnostic};
use crate::simulated::{Addresses, Simulation, Variant};

/// Of everybody in the demonstration.
const PASSWORD: &str = "demonstration";
/// Test cases of each simulated TestOps.
const CASES: u32 = 25;
const MINUTE_MS: u64 = 60 * 1000;
/// How long ago the history begins, in minutes.
const YESTERDAY: u64 = 26 * 60;

pub async fn perform(serve: &serve::Args, mut interrupts: Interrupts) -> u8 {
    match start(serve).await {
        Ok(demo) => {
            Output::default().text(&format!(
                "http://{}\n  administrator  admin@example.com   {PASSWORD}\n  team Apollo    apollo@example.com  {PASSWORD}\n  \
                 team Gemini    gemini@example.com  {PASSWORD}\n\
                 Somebody changed the password of Jira, and Gemini's sync is off. The new one is: {}\n",
                demo.server.address(),
                demo.password
            ));
            log::write(Level::Info, "Serving until Ctrl-C; nothing is kept");
            interrupts.reached(1).await;
            demo.server.stop().await;
            0
        }
        Err(diagnostic) => {
            diagnostic::log(&diagnostic);
            2
        }
    }
}

struct Demo {
    server: Server,
    /// What Gemini's sync needs.
    password: String,
    /// Running as long as the service.
    _simulations: [Simulation; 2],
    _folder: tempfile::TempDir,
}

/// The time of this machine, late by so many milliseconds while the history is played.
#[derive(Clone, Default)]
struct Late(Arc<AtomicU64>);

impl Late {
    /// It is now so many minutes ago. Only ever later: nobody can handle a time that goes back.
    fn ago(&self, minutes: u64) {
        self.0.store(minutes * MINUTE_MS, Ordering::SeqCst);
    }
}

impl Clock for Late {
    fn now(&self) -> u64 {
        SystemClock.now().saturating_sub(self.0.load(Ordering::SeqCst))
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        SystemClock.sleep(duration)
    }
}

async fn start(serve: &serve::Args) -> Result<Demo, Diagnostic> {
    let io = |error: std::io::Error| Diagnostic::new(format!("the demonstration cannot start: {error}"));
    let folder = tempfile::tempdir().map_err(io)?;
    log::write(Level::Info, "Starting simulated servers");
    let cloud = Simulation::start(Variant::Cloud, 0, CASES, Answers::default())
        .await
        .map_err(io)?;
    let dc = Simulation::start(Variant::Dc, 0, CASES, Answers::default())
        .await
        .map_err(io)?;
    let clock = Late::default();
    clock.ago(YESTERDAY);
    let options = Options {
        listen: serve.listen,
        public_url: serve.public_url.clone(),
        plugins: vec![plugin::bundled().await?],
        egress: reaching([&cloud, &dc]).map_err(|error| Diagnostic::new(error.to_string()))?,
        clock: Arc::new(clock.clone()),
        ..Options::new(folder.path())
    };
    let server = Server::start(options)
        .await
        .map_err(|error| Diagnostic::new(error.to_string()))?;
    log::write(Level::Info, "Playing a day, so that there is something to look at");
    let played = play(&server, &clock, &cloud, &dc).await;
    played.map_err(|problem| Diagnostic::new(problem.message))?;
    Ok(Demo {
        server,
        password: secret(&dc, JIRA_PASSWORD),
        _simulations: [cloud, dc],
        _folder: folder,
    })
}

/// Form field of the secret that somebody changed.
const JIRA_PASSWORD: &str = "password";

/// Apollo's exports go well, also after a change. Gemini's did, until Jira took its password no more.
async fn play(server: &Server, clock: &Late, cloud: &Simulation, dc: &Simulation) -> Result<(), Problem> {
    let app = server.app();
    administrator(app, "admin@example.com", PASSWORD).await?;
    let apollo = furniture("apollo", "Team Apollo", cloud, sync("Regression", 60));
    let apollo = furnish(app, apollo, "apollo@example.com", PASSWORD).await?;
    let gemini = furniture("gemini", "Team Gemini", dc, sync("Smoke", 24 * 60));
    let gemini = furnish(app, gemini, "gemini@example.com", PASSWORD).await?;
    apollo.export().await?;
    gemini.export().await?;

    clock.ago(2 * 60);
    cloud.rename(1, "Checkout: share with two friends");
    apollo.export().await?;

    clock.ago(60);
    gemini.enter(JIRA_PASSWORD, SecretText::new("of last year")).await?;
    for minutes in [50, 30] {
        clock.ago(minutes);
        gemini.export().await?;
    }

    clock.ago(0);
    apollo.begin().await?;
    gemini.begin().await
}

/// What the simulated servers are reached by.
fn reaching(simulations: [&Simulation; 2]) -> Result<EgressPolicy, InvalidHostPort> {
    let servers = simulations.iter().flat_map(|simulation| simulation.addresses.servers());
    servers
        .into_iter()
        .try_fold(EgressPolicy::public_only(), |policy, server| policy.allow(&server))
}

/// A secret of a simulation by its key; the first is TestOps' own.
fn secret(simulation: &Simulation, key: &str) -> String {
    let mut secrets = simulation.secrets.iter().skip(1);
    secrets
        .find(|secret| secret.key == key)
        .map(|secret| secret.value.clone())
        .unwrap_or_default()
}

fn furniture(tenant: &str, title: &str, simulation: &Simulation, sync: SyncDraft) -> Furniture {
    let Addresses {
        variant,
        testops,
        jira,
        xray,
        username,
        testops_project,
        ..
    } = &simulation.addresses;
    // The first secret of a configuration file is the source's; on Data Center another has the same key.
    let token = simulation.secrets.first().map(|secret| SecretText::new(&*secret.value));
    let secrets: BTreeMap<String, SecretText> = simulation
        .secrets
        .iter()
        .skip(1)
        .map(|secret| (secret.key.to_owned(), SecretText::new(&*secret.value)))
        .collect();
    let xray = xray.iter().map(|xray| ("xray-endpoint".to_owned(), xray.clone()));
    Furniture {
        tenant: tenant.to_owned(),
        title: title.to_owned(),
        project: ProjectDraft {
            name: "Calculator".to_owned(),
            endpoint: testops.clone(),
            number: *testops_project,
            token,
            expires_at: None,
        },
        integration: IntegrationDraft {
            name: "Xray".to_owned(),
            kind: match variant {
                Variant::Cloud => "xray-cloud",
                Variant::Dc => "xray-dc",
            }
            .to_owned(),
            fields: [("endpoint".to_owned(), jira.clone())]
                .into_iter()
                .chain(xray)
                .collect(),
        },
        fields: BTreeMap::from([("username".to_owned(), username.clone())]),
        secrets,
        sync,
    }
}

/// A sync of everything.
fn sync(name: &str, minutes: u32) -> SyncDraft {
    SyncDraft {
        name: name.to_owned(),
        destination: tms_sync_sim::world::PROJECT.to_owned(),
        schedule: Timing::Every { minutes },
        ..SyncDraft::default()
    }
}
