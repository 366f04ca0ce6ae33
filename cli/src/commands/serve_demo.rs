//! `tms-sync serve --demo`: the service with simulated servers, two teams and some history.

use std::collections::BTreeMap;
use std::sync::Arc;

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

pub async fn perform(serve: &serve::Args, mut interrupts: Interrupts) -> u8 {
    match start(serve).await {
        Ok(demo) => {
            Output::default().text(&format!(
                "http://{}\n  administrator  admin@example.com   {PASSWORD}\n  team Apollo    apollo@example.com  {PASSWORD}\n  \
                 team Gemini    gemini@example.com  {PASSWORD}\n",
                demo.server.address()
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
    /// Running as long as the service.
    _simulations: [Simulation; 2],
    _folder: tempfile::TempDir,
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
    let options = Options {
        listen: serve.listen,
        public_url: serve.public_url.clone(),
        plugins: vec![plugin::load(None).await?],
        allow: [&cloud, &dc]
            .iter()
            .flat_map(|simulation| simulation.addresses.servers())
            .collect(),
        clock: Arc::new(tms_sync_host::SystemClock),
        ..Options::new(folder.path())
    };
    let server = Server::start(options)
        .await
        .map_err(|error| Diagnostic::new(error.to_string()))?;
    log::write(Level::Info, "Exporting, so that there is something to look at");
    let diagnostic = |problem: Problem| Diagnostic::new(problem.message);
    administrator(server.app(), "admin@example.com", PASSWORD)
        .await
        .map_err(diagnostic)?;
    let apollo = furniture(
        "apollo",
        "Team Apollo",
        &cloud,
        vec![(sync("Regression", "CALC", 60), 2)],
    );
    let gemini = vec![
        (sync("Smoke", "CALC", 24 * 60), 1),
        (sync("Old project", "GONE", 60), 1),
    ];
    let gemini = furniture("gemini", "Team Gemini", &dc, gemini);
    for (furniture, login) in [(apollo, "apollo@example.com"), (gemini, "gemini@example.com")] {
        furnish(server.app(), furniture, login, PASSWORD)
            .await
            .map_err(diagnostic)?;
    }
    Ok(Demo {
        server,
        _simulations: [cloud, dc],
        _folder: folder,
    })
}

fn furniture(tenant: &str, title: &str, simulation: &Simulation, syncs: Vec<(SyncDraft, usize)>) -> Furniture {
    let Addresses {
        variant,
        testops,
        jira,
        xray,
        username,
        testops_project,
        ..
    } = &simulation.addresses;
    let mut secrets: BTreeMap<String, SecretText> = simulation
        .secrets
        .iter()
        .map(|secret| (secret.key.to_owned(), SecretText::new(&*secret.value)))
        .collect();
    // The first secret of a configuration file is the source's; on Data Center another has the same key.
    let token = simulation.secrets.first().map(|secret| SecretText::new(&*secret.value));
    secrets.remove("token");
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
        syncs,
    }
}

fn sync(name: &str, destination: &str, minutes: u32) -> SyncDraft {
    SyncDraft {
        credentials: String::new(),
        name: name.to_owned(),
        destination: destination.to_owned(),
        test_case_aql: "true".to_owned(),
        launches_aql: "true".to_owned(),
        disable_test_case_create: false,
        disable_launches_sync: false,
        disable_export: false,
        mapping: BTreeMap::new(),
        schedule: Timing::Every { minutes },
        delay_minutes: 0,
        notify: Vec::new(),
        stale_hours: 0,
    }
}
