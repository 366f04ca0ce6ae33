//! A world of simulated servers, and a tenant on the real host with the real component in front of it.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tms_sync_host::ledger::HEARTBEAT;
use tms_sync_host::model::{Event, ExportConfig, Field, Outcome, Report, Verdict};
use tms_sync_host::{
    CallLimits, Clock, EgressPolicy, Engine, EngineLimits, Facts, Job, Ledger, LoadedPlugin, Secret, SqliteLedger,
    Tenant, TenantBuilder,
};
use tms_sync_sim::answers::Answers;
use tms_sync_sim::cloud::{self, Cloud};
use tms_sync_sim::jira::dc::DataCenter;
use tms_sync_sim::jira::site::SharedSite;
use tms_sync_sim::testops::data::Project;
use tms_sync_sim::world::{self, Tracker, World};
use tokio::sync::OnceCell;

#[path = "../canary/mod.rs"]
mod canary;

/// Which Xray.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variant {
    Cloud,
    Dc,
}

/// Runs one scenario over both variants.
#[macro_export]
macro_rules! scenarios {
    ($($name:ident),+ $(,)?) => {
        mod cloud {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)] async fn $name() { super::$name($crate::rig::Variant::Cloud).await; })+
        }
        mod dc {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)] async fn $name() { super::$name($crate::rig::Variant::Dc).await; })+
        }
    };
}

/// Servers, and who exports.
pub struct Rig {
    /// The switches of a Cloud site.
    pub cloud: Option<Cloud>,
    pub world: World,
    pub ledger: Arc<dyn Ledger>,
    pub variant: Variant,
    pub limits: CallLimits,
    pub testops_token: String,
    pub jira_secret: String,
    pub xray_secret: String,
    /// On Data Center: user name and password instead of a token.
    pub basic: bool,
}

/// What an export said and did.
pub struct Done {
    pub report: Report,
    pub verdicts: Vec<Verdict>,
    pub notes: Vec<String>,
    pub facts: Facts,
    /// Requests that reached Jira and Xray during it, as the servers counted them.
    pub requests: usize,
    /// Those of them that write.
    pub writes: usize,
    /// The addresses of the servers, which differ at each start, and how snapshots name them.
    pub places: Vec<(String, &'static str)>,
}

impl Done {
    /// Outcomes of the test cases by id.
    pub fn cases(&self, outcome: Outcome) -> Vec<&str> {
        self.of("test-case", outcome)
    }

    /// Outcomes of the launches by id.
    pub fn launches(&self, outcome: Outcome) -> Vec<&str> {
        self.of("launch", outcome)
    }

    /// How many test cases and how many launches ended so.
    pub fn numbers(&self, outcome: Outcome) -> (usize, usize) {
        (self.cases(outcome).len(), self.launches(outcome).len())
    }

    fn of(&self, entity: &str, outcome: Outcome) -> Vec<&str> {
        let of = self
            .verdicts
            .iter()
            .filter(|v| v.entity == entity && v.outcome == outcome);
        of.map(|verdict| verdict.id.as_str()).collect()
    }
}

/// Virtual time: a sleep of the component moves the servers' clock and returns.
struct WorldClock(tms_sync_sim::Clock);

impl Clock for WorldClock {
    fn now(&self) -> u64 {
        u64::try_from(self.0.now_ms()).unwrap()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        // The host's own heartbeat goes on beside the component and must not drive time.
        if duration == HEARTBEAT {
            return Box::pin(std::future::pending());
        }
        self.0.advance(duration);
        Box::pin(std::future::ready(()))
    }
}

fn clock_of(world: &World) -> Arc<dyn Clock> {
    Arc::new(WorldClock(world.clock.clone()))
}

async fn tracker(cloud: Option<Cloud>, site: SharedSite, clock: tms_sync_sim::Clock) -> std::io::Result<Tracker> {
    match cloud {
        Some(cloud) => cloud.start().await,
        None => Ok(Tracker {
            jira: DataCenter::new(site).start(clock, 0).await?,
            xray: None,
        }),
    }
}

static ENGINE: OnceLock<Engine> = OnceLock::new();

/// No call of this process so far left a secret or token in the component's hands.
fn assert_no_secret_leaked() {
    let watch = ENGINE.get().and_then(|engine| engine.watch().cloned());
    if let Some(watch) = watch {
        assert_eq!(watch.leaks(), [], "secrets that the component got hold of");
    }
}

/// The bundled component, compiled once per test process.
pub async fn plugin() -> &'static LoadedPlugin {
    static PLUGIN: OnceCell<LoadedPlugin> = OnceCell::const_new();
    PLUGIN
        .get_or_init(|| async {
            // Benchmarks use this rig too, and a watched engine is slower.
            let limits = EngineLimits {
                watch: cfg!(test),
                ..EngineLimits::default()
            };
            let engine = Engine::new(limits).unwrap();
            ENGINE.set(engine.clone()).ok().unwrap();
            LoadedPlugin::load(&engine, tms_sync_component::bytes()).await.unwrap()
        })
        .await
}

impl Rig {
    /// Starts the servers with a TestOps project.
    pub async fn start(variant: Variant, project: Project) -> Rig {
        Rig::start_as(variant, project, |_| ()).await
    }

    /// Starts servers that answer otherwise than by default.
    pub async fn start_as(variant: Variant, project: Project, choose: impl FnOnce(&Answers)) -> Rig {
        let answers = Answers::default();
        choose(&answers);
        let clock = tms_sync_sim::Clock::manual(1_795_000_000_000);
        let builder = match variant {
            Variant::Cloud => World::cloud(),
            Variant::Dc => World::dc(),
        };
        let mut cloud = None;
        let world = builder
            .clock(clock)
            .answers(answers)
            .project(project)
            .start_with(|site, clock| {
                cloud = (variant == Variant::Cloud).then(|| Cloud::new(site.clone(), clock.clone()));
                tracker(cloud.clone(), site, clock)
            })
            .await
            .unwrap();
        let ledger = SqliteLedger::in_memory().unwrap().with_clock(clock_of(&world));
        Rig {
            cloud,
            ledger: Arc::new(ledger),
            world,
            variant,
            limits: CallLimits {
                // A watched engine searches memory and values, and that counts as the guest's own time.
                cpu: Duration::from_secs(600),
                ..CallLimits::default()
            },
            testops_token: tms_sync_sim::testops::TOKEN.to_owned(),
            jira_secret: world::JIRA_TOKEN.to_owned(),
            xray_secret: cloud::XRAY_CLIENT_SECRET.to_owned(),
            basic: false,
        }
    }

    /// The tenant, as a host would set it up.
    pub async fn tenant(&self) -> Tenant {
        let builder = Tenant::builder("acme", plugin().await)
            .ledger(self.ledger.clone())
            .limits(self.limits.clone())
            .clock(self.clock());
        self.settings(builder).build().unwrap()
    }

    /// The servers' time; waits of the component move it.
    pub fn clock(&self) -> Arc<dyn Clock> {
        clock_of(&self.world)
    }

    /// What a person would fill in.
    pub fn settings<'p>(&self, builder: TenantBuilder<'p>) -> TenantBuilder<'p> {
        let (testops, jira) = (self.world.testops.url(), self.world.tracker.jira.url());
        let mut egress = EgressPolicy::public_only();
        let xray = self.world.tracker.xray.as_ref().map(|xray| xray.url());
        for url in [&testops, &jira].into_iter().chain(&xray) {
            egress = egress.allow(url.trim_start_matches("http://")).unwrap();
        }
        let secret = |value: &str, url: &str| Secret::new(value, url);
        let builder = builder
            .integration("xray")
            .field("testops-endpoint", &testops)
            .field("testops-project-id", "1")
            .secret("testops-token", secret(&self.testops_token, &testops))
            .field("endpoint", &jira)
            .egress(egress);
        match (self.variant, &self.world.tracker.xray) {
            (Variant::Cloud, Some(xray)) => builder
                .kind("xray-cloud")
                .field("username", world::EMAIL)
                .field("xray-endpoint", xray.url())
                .secret("api-token", secret(&self.jira_secret, &jira))
                .secret("xray-client-id", secret(cloud::XRAY_CLIENT_ID, &xray.url()))
                .secret("xray-client-secret", secret(&self.xray_secret, &xray.url())),
            _ if self.basic => builder
                .kind("xray-dc")
                .field("username", world::USER)
                .secret("password", secret(&self.jira_secret, &jira)),
            _ => builder
                .kind("xray-dc")
                .secret("token", secret(&self.jira_secret, &jira)),
        }
    }

    /// Exports everything.
    pub async fn export(&self) -> Done {
        self.export_with(config(), |job| job).await
    }

    /// Exports with a configuration and options.
    pub async fn export_with(&self, config: ExportConfig, options: impl FnOnce(Job) -> Job) -> Done {
        let tenant = self.tenant().await;
        self.follow(|| tenant.run(options(Job::new(config)))).await
    }

    /// Plans.
    pub async fn plan(&self, config: ExportConfig) -> Done {
        let tenant = self.tenant().await;
        self.follow(|| tenant.plan(Job::new(config))).await
    }

    /// Starts a run and follows it to its end.
    pub async fn follow(&self, start: impl FnOnce() -> tms_sync_host::Run) -> Done {
        let (requests, writes) = (self.world.tracker.requests(), self.world.tracker.writes());
        let mut run = start();
        let (mut verdicts, mut notes) = (Vec::new(), Vec::new());
        while let Some(event) = run.next_event().await {
            expect_no_secret("an event", &event);
            match event {
                Event::Verdict(verdict) => verdicts.push(verdict),
                Event::Note(note) => notes.push(note),
                Event::Progress(_) | Event::Waiting(_) => {}
            }
        }
        let outcome = run.finish().await;
        expect_no_secret("what a run came to", &outcome);
        self.expect_no_secret_in_journals();
        assert_no_secret_leaked();
        let report = outcome.result.unwrap_or_else(|error| panic!("{error}"));
        Done {
            report,
            verdicts,
            notes,
            facts: outcome.facts,
            requests: self.world.tracker.requests() - requests,
            writes: self.world.tracker.writes() - writes,
            places: self.places(),
        }
    }

    /// How many requests to Jira and Xray hold a text that is one of these, in lower case.
    pub fn requests_with(&self, texts: &[&str]) -> usize {
        let tracker = &self.world.tracker;
        let servers = [Some(&tracker.jira), tracker.xray.as_ref()].into_iter().flatten();
        let entries = servers.flat_map(|server| server.journal().entries());
        let holds = |request: String| texts.iter().any(|text| request.contains(text));
        entries
            .filter(|entry| holds(format!("{:?} {:?}", entry.path, entry.body).to_lowercase()))
            .count()
    }

    /// The addresses of the servers, and how snapshots name them.
    pub fn places(&self) -> Vec<(String, &'static str)> {
        let tracker = &self.world.tracker;
        let xray = tracker.xray.as_ref().map(|xray| (xray.url(), "http://xray"));
        let places = [
            (self.world.testops.url(), "http://testops"),
            (tracker.jira.url(), "http://jira"),
        ];
        places.into_iter().chain(xray).collect()
    }
}

/// Searched for secrets: exports whose requests can be read in a moment.
const SEARCHED: usize = 300;

impl Rig {
    fn expect_no_secret_in_journals(&self) {
        let tracker = &self.world.tracker;
        let servers = [
            Some(&tracker.jira),
            tracker.xray.as_ref(),
            Some(self.world.testops.server()),
        ];
        for server in servers
            .into_iter()
            .flatten()
            .filter(|server| server.journal().len() < SEARCHED)
        {
            for entry in server.journal().entries() {
                let request = (&entry.path, &entry.query, entry.body.as_ref().map(ToString::to_string));
                expect_no_secret("a request", &request);
            }
        }
    }
}

/// Fails where something holds a secret.
pub fn expect_no_secret(place: &str, value: &impl std::fmt::Debug) {
    canary::expect_none(place, format!("{value:?}").as_bytes());
}

/// Everything into the destination project.
pub fn config() -> ExportConfig {
    ExportConfig::everything("main", world::PROJECT)
}

/// Everything into the destination project, with mapping options.
pub fn mapped(options: &[(&str, &str)]) -> ExportConfig {
    let option = |(name, value): &(&str, &str)| Field {
        name: (*name).to_owned(),
        value: (*value).to_owned(),
    };
    ExportConfig {
        mapping: options.iter().map(option).collect(),
        ..config()
    }
}
