//! The simulated servers of one world, the configuration that leads to them, and the runs against them.

use std::fs;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use serde_json::Value;
use tms_sync_sim::cloud::{self, Cloud};
use tms_sync_sim::fault::Moment;
use tms_sync_sim::generate::Plan;
use tms_sync_sim::jira::dc::DataCenter;
use tms_sync_sim::jira::index::Lag;
use tms_sync_sim::testops::data::Project;
use tms_sync_sim::world::{self, Tracker, World};
use tms_sync_sim::xray_cloud::JobPace;
use tms_sync_sim::{Fault, Server, testops};
use tokio::runtime::Runtime;

use crate::age;
use crate::canary;
use crate::chance::Chance;
use crate::judge;
use crate::postgres::Postgres;
use crate::process::{self, Ended, Victim};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variant {
    Cloud,
    Dc,
}

#[derive(Clone, Copy, Debug)]
pub enum Side {
    TestOps,
    Jira,
    Xray,
}

/// A request by name: the n-th of its method and path.
#[derive(Clone, Copy, Debug)]
pub struct Step(Side, &'static str, &'static str, usize);

pub const MOMENTS: [Moment; 3] = [Moment::Arrived, Moment::Done, Moment::HalfAnswered];

/// Requests of a first export to Data Center, one of each kind.
pub const DC: [Step; 8] = [
    Step(Side::TestOps, "GET", "/api/rs/testcase/*", 5),
    Step(Side::Jira, "GET", "/rest/api/2/myself", 1),
    Step(Side::Jira, "POST", "/rest/api/2/search", 1),
    Step(Side::Jira, "POST", "/rest/api/2/issue/bulk", 1),
    Step(Side::Jira, "POST", "/rest/api/2/search", 2),
    Step(Side::Jira, "POST", "/rest/api/2/issue", 1),
    Step(Side::Jira, "POST", "/rest/raven/2.0/import/execution", 1),
    Step(Side::Jira, "GET", "/rest/raven/2.0/api/testruns", 1),
];

/// Requests of a first export to Cloud, one of each kind. Its GraphQL requests are the settings, the read-back of new
/// Tests, the new Test Execution, and its runs.
pub const CLOUD: [Step; 10] = [
    Step(Side::TestOps, "GET", "/api/rs/testcase/*", 5),
    Step(Side::Jira, "GET", "/rest/api/3/myself", 1),
    Step(Side::Jira, "POST", "/rest/api/3/search/jql", 1),
    Step(Side::Xray, "POST", "/api/v2/graphql", 1),
    Step(Side::Xray, "POST", "/api/v2/import/test/bulk", 1),
    Step(Side::Xray, "GET", "/api/v2/import/test/bulk/*/status", 1),
    Step(Side::Xray, "POST", "/api/v2/graphql", 2),
    Step(Side::Xray, "POST", "/api/v2/graphql", 3),
    Step(Side::Xray, "POST", "/api/v2/import/execution", 1),
    Step(Side::Xray, "POST", "/api/v2/graphql", 4),
];

/// How fast the servers' clock goes beside the real one: what lags for seconds lags for moments.
const PACE: u32 = 50;
/// Runs until nothing is left to do, at the most.
const RUNS_TO_SETTLE: usize = 6;

/// Where the command keeps its ledger.
#[derive(Clone, Copy)]
pub enum LedgerPlace {
    File,
    Database(&'static Postgres),
}

/// One world.
pub struct Servers {
    pub variant: Variant,
    pub project: Project,
    pub world: World,
    folder: tempfile::TempDir,
    ledger: LedgerPlace,
    /// As the configuration names it.
    state: String,
    victim: Victim,
    /// The longest run so far that was not killed, in milliseconds.
    longest: Mutex<u64>,
    runtime: Runtime,
}

impl Servers {
    /// Starts the servers with a project of so many cases and two launches, and an index that lags up to 20 seconds.
    pub fn start(variant: Variant, ledger: LedgerPlace, cases: usize, chance: &mut Chance) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let plan = Plan::new(cases, 2)
            .seed(chance.next())
            .automated(30)
            .launch(cases)
            .launch(cases / 2 + 1);
        let project = plan.settled().build();
        let pace = JobPace::Polls(u32::from(chance.percent(20)));
        let world = runtime.block_on(world(variant, project.clone(), pace));
        let lag = *chance.pick(&[0, 500, 3_000, 10_000, 20_000]);
        world.site.lock().index.set_lag(Lag::After(lag));
        let clock = world.clock.clone();
        runtime.spawn(async move {
            let step = Duration::from_millis(10);
            loop {
                tokio::time::sleep(step).await;
                clock.advance(step * PACE);
            }
        });
        let folder = tempfile::tempdir().unwrap();
        let state = match ledger {
            LedgerPlace::File => "state.db".to_owned(),
            LedgerPlace::Database(server) => server.database(),
        };
        let configuration = configuration(variant, &world, &state);
        fs::write(folder.path().join("tms-sync.toml"), configuration).unwrap();
        Servers {
            variant,
            project,
            world,
            folder,
            ledger,
            state,
            victim: Victim::default(),
            longest: Mutex::new(600),
            runtime,
        }
    }

    fn server(&self, side: Side) -> &Server {
        match side {
            Side::TestOps => self.world.testops.server(),
            Side::Jira => &self.world.tracker.jira,
            Side::Xray => self.world.tracker.xray.as_ref().unwrap_or(&self.world.tracker.jira),
        }
    }

    fn begin(&self) {
        let variables = [
            ("TESTOPS_TOKEN", testops::TOKEN),
            ("JIRA_TOKEN", world::JIRA_TOKEN),
            ("XRAY_ID", cloud::XRAY_CLIENT_ID),
            ("XRAY_SECRET", cloud::XRAY_CLIENT_SECRET),
        ];
        process::start(&self.victim, self.folder.path(), &variables, &["export", "--json"]);
    }

    fn end(&self, deadline: Option<Instant>) -> Ended {
        let ended = process::end(&self.victim, self.folder.path(), deadline);
        canary::expect_none("standard output", ended.output.as_bytes());
        canary::expect_none("standard error", ended.errors.as_bytes());
        for name in ["state.db", "state.db-wal"] {
            canary::expect_none(name, &fs::read(self.folder.path().join(name)).unwrap_or_default());
        }
        ended
    }

    /// An export that is killed at a moment of a step; false where it never came to it.
    pub fn export_killed_at(&self, step: &Step, moment: Moment) -> bool {
        let (victim, Step(side, method, path, nth)) = (self.victim.clone(), *step);
        let kill = Fault::call(moment, move || victim.kill()).on(method, path).nth(nth);
        self.server(side).faults().add(kill);
        self.begin();
        let ended = self.end(None);
        self.calm();
        ended.killed
    }

    /// An export that is killed after a while; false where it ended before.
    pub fn export_killed_after(&self, time: Duration) -> bool {
        self.begin();
        let begun = Instant::now();
        let ended = self.end(Some(begun + time));
        if !ended.killed {
            let mut longest = self.longest.lock().unwrap();
            *longest = (*longest).max(begun.elapsed().as_millis() as u64);
            judge::expect_true(self, &report(&ended));
        }
        ended.killed
    }

    /// A moment within what a run may take.
    pub fn usual(&self, chance: &mut Chance) -> Duration {
        Duration::from_millis(chance.between(50, *self.longest.lock().unwrap()))
    }

    /// Two requests of a hundred go wrong from now on.
    pub fn faults(&self, chance: &mut Chance) {
        self.calm();
        let late = Duration::from_secs(chance.between(1, 600));
        let kinds = [
            Fault::reset(),
            Fault::drop_response(),
            Fault::cut_mid_body(),
            Fault::status(503),
            Fault::status(502),
            Fault::rate_limited(1),
            Fault::html(),
            Fault::gateway_timeout(late),
            Fault::commit_later(late),
        ];
        for side in [Side::TestOps, Side::Jira, Side::Xray] {
            for number in 1..200 {
                if chance.percent(2) {
                    let fault = chance.pick(&kinds).clone();
                    self.server(side).faults().add(fault.nth(number));
                }
            }
        }
    }

    /// Nothing goes wrong any more.
    pub fn calm(&self) {
        for side in [Side::TestOps, Side::Jira, Side::Xray] {
            self.server(side).faults().clear();
        }
    }

    /// Lets time pass for the servers and for the ledger: what was written is that much older.
    pub fn pass(&self, time: Duration) {
        self.world.clock.advance(time);
        let passed = time.as_millis();
        match self.ledger {
            LedgerPlace::File => {
                let file = self.folder.path().join(&self.state);
                if !file.exists() {
                    return;
                }
                let db = Connection::open(file).unwrap();
                // Before its first write a killed run may have left no table.
                let _ = db.execute_batch(&age::in_sqlite(passed));
            }
            LedgerPlace::Database(server) => {
                let database = self.state.rsplit('/').next().unwrap();
                if !server
                    .sql(database, "SELECT to_regclass('tms_sync_ledger.link')")
                    .is_empty()
                {
                    server.sql(database, &age::in_postgres("tms_sync_ledger", passed));
                }
            }
        }
    }

    /// Runs hours apart until one finds nothing to do, and looks at what the servers hold then. Gives how many it took.
    pub fn finish(&self, what: &str) -> usize {
        for run in 1..=RUNS_TO_SETTLE {
            self.begin();
            let ended = self.end(None);
            let report = report(&ended);
            judge::expect_true(self, &report);
            if ended.status.code() == Some(0) && judge::is_idle(&report) {
                let wrong = judge::settled(self, &report);
                assert!(wrong.is_empty(), "{what}:\n{}\n{report:#}", wrong.join("\n"));
                self.expect_no_secret_in_journals();
                return run;
            }
            self.pass(Duration::from_secs(2 * 3_600));
        }
        let ended = process::end(&self.victim, self.folder.path(), None);
        panic!(
            "{what}: there is still something to do\n{}{}",
            ended.output, ended.errors
        );
    }

    fn expect_no_secret_in_journals(&self) {
        for side in [Side::TestOps, Side::Jira, Side::Xray] {
            for entry in self.server(side).journal().entries() {
                canary::expect_none("a request", format!("{entry:?}").as_bytes());
            }
        }
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        self.victim.kill();
    }
}

fn report(ended: &Ended) -> Value {
    serde_json::from_str(&ended.output).unwrap_or_else(|_| panic!("no report:\n{}{}", ended.output, ended.errors))
}

async fn world(variant: Variant, project: Project, pace: JobPace) -> World {
    let builder = match variant {
        Variant::Cloud => World::cloud(),
        Variant::Dc => World::dc(),
    };
    builder
        .clock(tms_sync_sim::Clock::manual(1_795_000_000_000))
        .project(project)
        .start_with(|site, clock| async move {
            match variant {
                Variant::Cloud => {
                    let cloud = Cloud::new(site, clock);
                    cloud.xray.configure(|options| options.job_pace = pace);
                    cloud.start().await
                }
                Variant::Dc => {
                    let jira = DataCenter::new(site).start(clock, 0).await?;
                    Ok(Tracker { jira, xray: None })
                }
            }
        })
        .await
        .unwrap()
}

fn configuration(variant: Variant, world: &World, state: &str) -> String {
    let (testops, jira) = (world.testops.url(), world.tracker.jira.url());
    let xray = world.tracker.xray.as_ref().map(Server::url);
    let integration = match &xray {
        Some(xray) => format!(
            "type = \"xray-cloud\"\nxray-endpoint = \"{xray}\"\nusername = \"{}\"\napi-token = {{ env = \"JIRA_TOKEN\" }}\n\
             xray-client-id = {{ env = \"XRAY_ID\" }}\nxray-client-secret = {{ env = \"XRAY_SECRET\" }}",
            world::EMAIL
        ),
        None => "type = \"xray-dc\"\ntoken = { env = \"JIRA_TOKEN\" }".to_owned(),
    };
    let allowed: Vec<String> = [Some(&testops), Some(&jira), xray.as_ref()]
        .into_iter()
        .flatten()
        .map(|url| format!("\"{}\"", url.trim_start_matches("http://")))
        .collect();
    assert_eq!(variant == Variant::Cloud, xray.is_some());
    format!(
        "[testops]\nendpoint = \"{testops}\"\nproject-id = 1\ntoken = {{ env = \"TESTOPS_TOKEN\" }}\n\n\
         [integration]\nname = \"{variant:?}\"\nendpoint = \"{jira}\"\n{integration}\n\n\
         [[sync]]\nname = \"main\"\nproject = \"{}\"\n\n[host]\nstate = \"{state}\"\nallow = [{}]\n",
        world::PROJECT,
        allowed.join(", ")
    )
}
