//! What the benchmarks share: simulated servers in a process of their own, so that the host's time and memory are its
//! own, and the numbers the kernel keeps about this process.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tms_sync_host::model::{ExportConfig, Report};
use tms_sync_host::{
    CallLimits, EgressPolicy, Engine, EngineLimits, Facts, Job, LoadedPlugin, Secret, SqliteLedger, Tenant,
};
use tms_sync_sim::Clock;
use tms_sync_sim::cloud::{Cloud, XRAY_CLIENT_ID, XRAY_CLIENT_SECRET};
use tms_sync_sim::generate::Plan;
use tms_sync_sim::jira::dc::DataCenter;
use tms_sync_sim::server::Server;
use tms_sync_sim::world::{EMAIL, JIRA_TOKEN, PROJECT, Tracker, World};

/// Set in the process of the servers: what they hold.
const SERVERS: &str = "TMS_SYNC_BENCH_SERVERS";

/// What the servers hold, and how slow they are.
#[derive(Clone, Copy, Debug)]
pub struct Spec {
    pub cloud: bool,
    pub cases: usize,
    pub results: usize,
    /// Time that every answer of every server takes longer.
    pub latency: Duration,
}

impl Spec {
    pub fn dc(cases: usize) -> Self {
        Self {
            cloud: false,
            cases,
            results: 0,
            latency: Duration::ZERO,
        }
    }

    pub fn cloud(cases: usize) -> Self {
        Self {
            cloud: true,
            ..Self::dc(cases)
        }
    }

    pub fn results(self, results: usize) -> Self {
        Self { results, ..self }
    }

    pub fn latency_ms(self, milliseconds: u64) -> Self {
        Self {
            latency: Duration::from_millis(milliseconds),
            ..self
        }
    }
}

/// Runs a benchmark; in the process of the servers it serves instead, and does not return before its parent is done.
pub fn run(bench: impl AsyncFnOnce()) {
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(threads)
        .enable_all()
        .build()
        .unwrap();
    match std::env::var(SERVERS) {
        Ok(spec) => runtime.block_on(serve(&serde_json::from_str(&spec).unwrap())),
        Err(_) => runtime.block_on(bench()),
    }
}

/// Servers that live as long as this.
pub struct Servers {
    child: Child,
    commands: ChildStdin,
    answers: BufReader<ChildStdout>,
    pub spec: Spec,
    pub testops: String,
    pub jira: String,
    pub xray: Option<String>,
}

/// What the servers counted since they started.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    pub testops: u64,
    pub tracker: u64,
    pub writes: u64,
    /// Milliseconds in which an import job of Xray was asked whether it is done.
    pub jobs_ms: u64,
}

/// Requests to TestOps that the plugin has in flight (`src/testops/api.rs`).
const READS_AT_ONCE: f64 = 8.0;

impl Counts {
    /// What came after `before`.
    pub fn since(self, before: Self) -> Self {
        Self {
            testops: self.testops - before.testops,
            tracker: self.tracker - before.tracker,
            writes: self.writes - before.writes,
            jobs_ms: self.jobs_ms - before.jobs_ms,
        }
    }

    /// What no plan can go below: reads side by side, the destination's requests, which depend on one another, and jobs
    /// that Xray takes its time for.
    pub fn lower_bound(&self, latency: Duration) -> Duration {
        let serial = self.testops as f64 / READS_AT_ONCE + self.tracker as f64;
        latency.mul_f64(serial) + Duration::from_millis(self.jobs_ms)
    }
}

impl Servers {
    pub fn start(spec: Spec) -> Self {
        let spec_json = json!({
            "cloud": spec.cloud,
            "cases": spec.cases,
            "results": spec.results,
            "latency": spec.latency.as_millis() as u64,
        });
        let mut child = Command::new(std::env::current_exe().unwrap())
            .env(SERVERS, spec_json.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let commands = child.stdin.take().unwrap();
        let answers = BufReader::new(child.stdout.take().unwrap());
        let mut servers = Self {
            child,
            commands,
            answers,
            spec,
            testops: String::new(),
            jira: String::new(),
            xray: None,
        };
        let urls = servers.read();
        let url = |name: &str| urls[name].as_str().map(str::to_owned);
        servers.testops = url("testops").unwrap();
        servers.jira = url("jira").unwrap();
        servers.xray = url("xray");
        servers
    }

    pub fn counts(&mut self) -> Counts {
        writeln!(self.commands).unwrap();
        let counts = self.read();
        let count = |name: &str| counts[name].as_u64().unwrap();
        Counts {
            testops: count("testops"),
            tracker: count("tracker"),
            writes: count("writes"),
            jobs_ms: count("jobs"),
        }
    }

    fn read(&mut self) -> Value {
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }

    /// A tenant that exports from and to them.
    pub fn tenant(&self, plugin: &LoadedPlugin, name: &str, ledger: Arc<SqliteLedger>) -> Tenant {
        let mut egress = EgressPolicy::public_only();
        for url in [&self.testops, &self.jira].into_iter().chain(&self.xray) {
            egress = egress.allow(url.trim_start_matches("http://")).unwrap();
        }
        let limits = CallLimits {
            cpu: Duration::from_secs(600),
            ..CallLimits::default()
        };
        let builder = Tenant::builder(name, plugin)
            .integration("xray")
            .field("testops-endpoint", &self.testops)
            .field("testops-project-id", "1")
            .secret(
                "testops-token",
                Secret::new(tms_sync_sim::testops::TOKEN, &self.testops),
            )
            .field("endpoint", &self.jira)
            .ledger(ledger)
            .egress(egress)
            .limits(limits);
        let builder = match &self.xray {
            Some(xray) => builder
                .kind("xray-cloud")
                .field("username", EMAIL)
                .field("xray-endpoint", xray)
                .secret("api-token", Secret::new(JIRA_TOKEN, &self.jira))
                .secret("xray-client-id", Secret::new(XRAY_CLIENT_ID, xray))
                .secret("xray-client-secret", Secret::new(XRAY_CLIENT_SECRET, xray)),
            None => builder
                .kind("xray-dc")
                .secret("token", Secret::new(JIRA_TOKEN, &self.jira)),
        };
        builder.build().unwrap()
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn serve(spec: &Value) {
    let number = |name: &str| spec[name].as_u64().unwrap();
    let (cases, results) = (number("cases") as usize, number("results") as usize);
    let mut plan = Plan::new(cases, 5).settled();
    if results > 0 {
        plan = plan.launch(results);
    }
    let is_cloud = spec["cloud"].as_bool().unwrap();
    let builder = if is_cloud { World::cloud() } else { World::dc() };
    let world = builder
        .clock(Clock::real())
        .project(plan.build())
        .start_with(|site, clock| async move {
            if is_cloud {
                return Cloud::new(site, clock).start().await;
            }
            Ok(Tracker {
                jira: DataCenter::new(site).start(clock, 0).await?,
                xray: None,
            })
        })
        .await
        .unwrap();
    let servers: Vec<&Server> = [world.testops.server(), &world.tracker.jira]
        .into_iter()
        .chain(&world.tracker.xray)
        .collect();
    let latency = Duration::from_millis(number("latency"));
    if !latency.is_zero() {
        for server in servers {
            server.faults().latency(latency);
        }
    }
    let xray = world.tracker.xray.as_ref().map(Server::url);
    say(&json!({"testops": world.testops.url(), "jira": world.tracker.jira.url(), "xray": xray}));
    let world = Arc::new(world);
    let asked = tokio::task::spawn_blocking(move || {
        for _ in std::io::stdin().lines() {
            say(&json!({
                "testops": world.testops.server().journal().len(),
                "tracker": world.tracker.requests(),
                "writes": world.tracker.writes(),
                "jobs": world.tracker.xray.as_ref().map_or(0, jobs_ms),
            }));
        }
    });
    asked.await.unwrap();
}

/// From the first look at each import job to the last, in milliseconds.
fn jobs_ms(xray: &Server) -> i64 {
    let mut jobs: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    for entry in xray.journal().entries() {
        if entry.path.starts_with("/api/v2/import/test/bulk/") {
            jobs.entry(entry.path).or_insert((entry.at_ms, entry.at_ms)).1 = entry.at_ms;
        }
    }
    jobs.values().map(|(first, last)| last - first).sum()
}

fn say(line: &Value) {
    println!("{line}");
    std::io::stdout().flush().unwrap();
}

/// The bundled component, compiled without a cache.
pub async fn plugin() -> LoadedPlugin {
    let engine = Engine::new(EngineLimits::default()).unwrap();
    LoadedPlugin::load(&engine, tms_sync_component::bytes()).await.unwrap()
}

/// An export and what it took.
pub struct Done {
    pub report: Report,
    pub facts: Facts,
    pub wall: Duration,
    /// Computing time of this process: host, and plugin where it is one.
    pub cpu: Duration,
}

/// Exports everything.
pub async fn export(tenant: &Tenant) -> Done {
    let (cpu, begun) = (self::cpu(), Instant::now());
    let mut run = tenant.run(Job::new(config()));
    while run.next_event().await.is_some() {}
    let outcome = run.finish().await;
    let wall = begun.elapsed();
    let report = outcome.result.unwrap_or_else(|error| panic!("{error}"));
    if let Some(fault) = &report.stopped {
        panic!("stopped: {}", fault.message);
    }
    Done {
        report,
        facts: outcome.facts,
        wall,
        cpu: self::cpu() - cpu,
    }
}

/// Everything into the destination project.
pub fn config() -> ExportConfig {
    ExportConfig::everything("main", PROJECT)
}

pub fn ledger() -> Arc<SqliteLedger> {
    Arc::new(SqliteLedger::in_memory().unwrap())
}

/// Time that all threads of this process have computed, ended ones included; in steps of 10 ms.
pub fn cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let (_, fields) = stat.rsplit_once(')').unwrap();
    // proc(5): user and system time are fields 14 and 15, and `)` ends field 2.
    let ticks = fields.split_whitespace().skip(11).take(2);
    Duration::from_millis(10 * ticks.map(|field| field.parse::<u64>().unwrap()).sum::<u64>())
}

/// Resident memory of this process, in MiB.
pub fn resident() -> f64 {
    status("VmRSS:")
}

/// The most resident memory since [`forget_peak`], in MiB.
pub fn peak() -> f64 {
    status("VmHWM:")
}

/// Threads of this process.
pub fn threads() -> usize {
    std::fs::read_dir("/proc/self/task").unwrap().count()
}

/// Lets [`peak`] begin anew.
pub fn forget_peak() {
    // proc(5), `clear_refs`: 5 resets the peak.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

fn status(name: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    let kib: f64 = line.trim().trim_end_matches(" kB").parse().unwrap();
    kib / 1024.0
}

/// The middle one.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
