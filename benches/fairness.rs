//! What a tenant keeps of its throughput beside a hostile one, and how evenly a hundred equal ones share a host. Each
//! tenant repeats a request to a server that takes five milliseconds; what counts is how many it gets through in a fixed
//! time. Then how late a guest is ended that computes beyond its deadline. Prints tables; asserts nothing. `cargo bench -p tms-sync-host --bench fairness`.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a measurement: what fails ends it, and the tables are its output"
)]

#[path = "../host-harness/tests/it/rig.rs"]
#[expect(dead_code, reason = "each suite uses a part of the rig")]
mod rig;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use axum::response::IntoResponse;
use rig::{Server, job};
use tms_sync_host::{CallLimits, Engine, LoadedPlugin};
use tokio::sync::OnceCell;

const THREADS: usize = 2;
const WINDOW: Duration = Duration::from_secs(4);
const LATENCY: Duration = Duration::from_millis(5);
const SINS: [&str; 6] = [
    "spins",
    "copies memory without end",
    "hogs memory",
    "floods with events",
    "sends many requests",
    "hammers the ledger",
];

struct Plugins {
    honest: LoadedPlugin,
    hostile: LoadedPlugin,
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(THREADS)
        .enable_all()
        .build();
    runtime.unwrap().block_on(measure());
}

async fn measure() {
    static SINS_GUEST: OnceCell<Vec<u8>> = OnceCell::const_new();
    let engine: Engine = rig::engine();
    let sins = rig::guest("hostile/guests", "guest-sins", &SINS_GUEST).await;
    let plugins = Plugins {
        honest: LoadedPlugin::load(&engine, rig::speaks().await).await.unwrap(),
        hostile: LoadedPlugin::load(&engine, sins).await.unwrap(),
    };
    // The first round warms caches and pools.
    throughput(&plugins, 20, None).await;
    println!("| the twentieth tenant | requests of the nineteen others | share kept |");
    println!("| --- | --- | --- |");
    let alike: u64 = throughput(&plugins, 20, None).await.iter().take(19).sum();
    println!("| is like them | {alike} | 100 % |");
    for sin in SINS {
        let beside: u64 = throughput(&plugins, 19, Some((sin, 1))).await.iter().sum();
        println!("| {sin} | {beside} | {:.0} % |", 100.0 * beside as f64 / alike as f64);
    }
    println!("\n| of twenty tenants spin | requests of the others | share kept by each |");
    println!("| --- | --- | --- |");
    let each = alike as f64 / 19.0;
    for spinning in [THREADS, 2 * THREADS, 5 * THREADS] {
        let honest = 20 - spinning;
        let beside: u64 = throughput(&plugins, honest, Some(("spins", spinning)))
            .await
            .iter()
            .sum();
        let share = 100.0 * beside as f64 / (each * honest as f64);
        println!("| {spinning} | {beside} | {share:.0} % |");
    }
    let hundred = throughput(&plugins, 100, None).await;
    let (sum, squares) = hundred.iter().fold((0.0, 0.0), |(sum, squares), count| {
        (sum + *count as f64, squares + (*count as f64).powi(2))
    });
    let jain = sum * sum / (hundred.len() as f64 * squares);
    println!("\n100 equal tenants: {sum} requests, Jain's index {jain:.4}");
    let late = lateness(&plugins.hostile).await;
    let at = |share: usize| late[(late.len() - 1) * share / 100];
    println!(
        "\nended after the computing deadline: p50 {:?}, p99 {:?}, at most {:?}",
        at(50),
        at(99),
        at(100)
    );
}

/// How far over its deadline a spinning guest gets, ascending.
async fn lateness(hostile: &LoadedPlugin) -> Vec<Duration> {
    let server = Server::start(rig::fine).await;
    let deadline = Duration::from_millis(100);
    let limits = CallLimits {
        cpu: deadline,
        ..CallLimits::default()
    };
    let tenant = rig::tenant(hostile, &server, "spins", limits);
    let mut late = Vec::new();
    for _ in 0..100 {
        let outcome = tenant.run(job(&[])).finish().await;
        assert!(outcome.result.is_err(), "it spins for ever");
        late.push(outcome.facts.cpu.saturating_sub(deadline));
    }
    late.sort();
    late
}

/// Requests of each honest tenant within the window, beside so many that commit a sin.
async fn throughput(plugins: &Plugins, honest: usize, sin: Option<(&'static str, usize)>) -> Vec<u64> {
    let is_over = Arc::new(AtomicBool::new(false));
    let over = Arc::clone(&is_over);
    let answer = move || {
        let over = Arc::clone(&over);
        async move {
            tokio::time::sleep(LATENCY).await;
            if over.load(Relaxed) { "stop" } else { "go on" }.into_response()
        }
    };
    let server = Server::of(axum::Router::new().fallback(answer)).await;
    let sins = sin
        .into_iter()
        .flat_map(|(sin, number)| std::iter::repeat_n(sin, number));
    let hostile: Vec<_> = sins
        .map(|sin| {
            let limits = CallLimits {
                // What it leaves running must not be there in the next window.
                cancel_grace: Duration::from_millis(50),
                ..CallLimits::default()
            };
            let tenant = rig::tenant(&plugins.hostile, &server, sin, limits);
            tokio::spawn(async move {
                loop {
                    drop(tenant.run(job(&[])).finish().await);
                }
            })
        })
        .collect();
    let runs: Vec<_> = (0..honest)
        .map(|_| {
            let tenant = rig::tenant(&plugins.honest, &server, "honest", CallLimits::default());
            tokio::spawn(async move { tenant.run(job(&["until plain GET /open/a"])).finish().await })
        })
        .collect();
    tokio::time::sleep(WINDOW).await;
    is_over.store(true, Relaxed);
    let mut counts = Vec::new();
    for run in runs {
        counts.push(run.await.unwrap().facts.connections["plain"].requests);
    }
    hostile.iter().for_each(tokio::task::JoinHandle::abort);
    counts
}
