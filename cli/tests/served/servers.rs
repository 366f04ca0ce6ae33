//! The simulated servers of one world, and the folder of the service that exports to them.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use serde_json::{Value, json};
use tms_sync_sim::generate::Plan;
use tms_sync_sim::jira::dc::DataCenter;
use tms_sync_sim::jira::index::Lag;
use tms_sync_sim::testops;
use tms_sync_sim::testops::data::Project;
use tms_sync_sim::world::{self, Tracker, World};
use tokio::runtime::Runtime;

use crate::chance::Chance;
use crate::judge;
use crate::service::Service;

/// How fast the servers' clock goes beside the real one.
const PACE: u32 = 50;
/// Runs until nothing is left to do, at the most.
const RUNS_TO_SETTLE: usize = 6;

pub struct Servers {
    pub project: Project,
    pub world: World,
    folder: tempfile::TempDir,
    runtime: Runtime,
}

impl Servers {
    pub fn start(cases: usize, chance: &mut Chance) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let plan = Plan::new(cases, 2).seed(chance.next()).automated(30).launch(cases);
        let project = plan.settled().build();
        let builder = World::dc()
            .clock(tms_sync_sim::Clock::manual(1_795_000_000_000))
            .project(project.clone());
        let world = runtime.block_on(builder.start_with(|site, clock| async move {
            let jira = DataCenter::new(site).start(clock, 0).await?;
            Ok(Tracker { jira, xray: None })
        }));
        let world = world.unwrap();
        world
            .site
            .lock()
            .index
            .set_lag(Lag::After(*chance.pick(&[0, 500, 3_000])));
        let clock = world.clock.clone();
        runtime.spawn(async move {
            let step = Duration::from_millis(10);
            loop {
                tokio::time::sleep(step).await;
                clock.advance(step * PACE);
            }
        });
        Self {
            project,
            world,
            folder: tempfile::tempdir().unwrap(),
            runtime,
        }
    }

    fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    /// A service with a tenant, a sync that exports every minute, and one that looks.
    pub fn first_service(&self) -> Service {
        let mut service = Service::start(&self.state());
        service.claim();
        let urls = [self.world.testops.url(), self.world.tracker.jira.url()];
        for url in &urls {
            service.post(
                "/admin/servers",
                &json!({ "server": url.trim_start_matches("http://") }),
            );
        }
        let project = json!({ "name": "Calculator", "endpoint": urls[0], "number": 1, "token": testops::TOKEN });
        let project = service.post("/tenants/acme/projects", &project);
        let integration = json!({ "name": "Xray", "kind": "xray-dc", "fields": { "endpoint": urls[1] } });
        let integration = service.post("/tenants/acme/integrations", &integration);
        let credentials = json!({
            "project": project["id"], "integration": integration["id"], "secrets": { "token": world::JIRA_TOKEN },
        });
        let credentials = service.post("/tenants/acme/credentials", &credentials);
        for (name, schedule) in [
            ("main", json!({ "type": "every", "minutes": 60 })),
            ("second", json!({ "type": "off" })),
        ] {
            let sync = json!({
                "credentials": credentials["id"], "name": name, "destination": world::PROJECT, "schedule": schedule,
            });
            let made = service.post("/tenants/acme/syncs", &sync);
            service.syncs.push(made["id"].as_str().unwrap().to_owned());
        }
        service
    }

    /// What is written is found at once.
    pub fn index_at_once(&self) {
        self.world.site.lock().index.set_lag(Lag::After(0));
    }

    /// A file beside the service's folder.
    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.folder.path().join(name), text).unwrap();
    }

    /// Lets time pass for the servers and for the ledger: what was written is that much older.
    pub fn pass(&self, time: Duration) {
        self.world.clock.advance(time);
        let db = Connection::open(self.state().join("ledger.db")).unwrap();
        db.execute_batch(&crate::age::in_sqlite(time.as_millis())).unwrap();
    }

    /// Exports until one finds nothing to do, and looks at what the servers hold then. Returns how long the longest
    /// export took, in milliseconds.
    pub fn finish(&self, service: &Service, what: &str) -> u64 {
        let mut longest = 0;
        for _ in 0..RUNS_TO_SETTLE {
            let begun = Instant::now();
            let (run, items) = service.export();
            longest = longest.max(begun.elapsed().as_millis() as u64);
            let report = json!({ "syncs": [{ "items": items }] });
            judge::expect_true(self, &report);
            if run["status"] == "done" && judge::is_idle(&report) {
                let wrong = judge::settled(self, &report);
                assert!(wrong.is_empty(), "{what}:\n{}", wrong.join("\n"));
                return longest;
            }
            self.pass(Duration::from_secs(2 * 3_600));
        }
        panic!("{what}: there is still something to do");
    }
}

/// Whether a run is queued or under way.
pub fn is_open(run: &Value) -> bool {
    run["status"] == "queued" || run["status"] == "running"
}
