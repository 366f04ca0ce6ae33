//! What a start costs, and what tenants cost in memory. `cargo bench -p tms-sync-host --bench cold`.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    dead_code,
    reason = "a measurement: what fails ends it, and the table is its output"
)]

mod bed;

use std::time::Instant;

use bed::{Servers, Spec, median};
use tms_sync_host::{Engine, EngineLimits, LoadedPlugin, Tenant};

fn main() {
    bed::run(async || {
        start().await;
        memory().await;
        crowd().await;
    });
}

async fn start() {
    let folder = std::env::temp_dir().join(format!("tms-sync-bench-{}", std::process::id()));
    let cached = EngineLimits {
        cache: Some(folder.clone()),
        ..EngineLimits::default()
    };
    let mut compile = Vec::new();
    for _ in 0..3 {
        compile.push(load(&EngineLimits::default()).await.0);
    }
    load(&cached).await;
    let mut load_cached = Vec::new();
    for _ in 0..20 {
        load_cached.push(load(&cached).await.0);
    }
    let (_, plugin) = load(&cached).await;
    let servers = Servers::start(Spec::dc(1));
    let tenant = servers.tenant(&plugin, "calls", bed::ledger());
    let mut call = Vec::new();
    for _ in 0..1_000 {
        let begun = Instant::now();
        tenant.mapping(None).await.unwrap();
        call.push(begun.elapsed().as_secs_f64());
    }
    let _ = std::fs::remove_dir_all(folder);
    let milliseconds = |values| 1_000.0 * median(values);
    let (compile, load_cached, call) = (milliseconds(compile), milliseconds(load_cached), milliseconds(call));
    println!("| what | median | against compiling |");
    println!("| --- | --- | --- |");
    println!("| compile the component and ask it what it is | {compile:.0} ms | 1 |");
    println!(
        "| the same from the cache of compiled code | {load_cached:.2} ms | 1/{:.0} |",
        compile / load_cached
    );
    println!(
        "| a whole call: instantiate, `mapping`, throw away | {call:.3} ms | 1/{:.0} |",
        compile / call
    );
    let size = tms_sync_component::bytes().len();
    println!();
    println!(
        "The component has {size} bytes, {:.2} MiB.",
        size as f64 / f64::from(1 << 20)
    );
}

async fn load(limits: &EngineLimits) -> (f64, LoadedPlugin) {
    let engine = Engine::new(limits.clone()).unwrap();
    let begun = Instant::now();
    let plugin = LoadedPlugin::load(&engine, tms_sync_component::bytes()).await.unwrap();
    (begun.elapsed().as_secs_f64(), plugin)
}

/// 1,000 tenants that do nothing, and 100 more that all export at the same time.
async fn memory() {
    let plugin = bed::plugin().await;
    let servers = Servers::start(Spec::dc(100).latency_ms(50));
    let ledger = bed::ledger();
    let warm = servers.tenant(&plugin, "warm", ledger.clone());
    bed::export(&warm).await;
    bed::forget_peak();
    let empty = bed::resident();
    let tenants: Vec<Tenant> = (0..1_000)
        .map(|n| servers.tenant(&plugin, &format!("idle-{n}"), ledger.clone()))
        .collect();
    let idle = bed::resident();
    let running = (0..100).map(|n| {
        let tenant = servers.tenant(&plugin, &format!("running-{n}"), ledger.clone());
        tokio::spawn(async move { bed::export(&tenant).await.facts.peak_memory })
    });
    let mut guests = Vec::new();
    for run in running.collect::<Vec<_>>() {
        guests.push(run.await.unwrap() as f64 / f64::from(1 << 20));
    }
    let peak = bed::peak();
    println!();
    println!("| host | resident memory | of it, per tenant |");
    println!("| --- | --- | --- |");
    println!("| after one export of 100 cases | {empty:.0} MiB | |");
    println!(
        "| with 1,000 idle tenants | {idle:.0} MiB | {:.0} KiB |",
        (idle - empty) * 1_024.0 / 1_000.0
    );
    println!(
        "| and 100 exporting at once, peak | {peak:.0} MiB | {:.1} MiB, of it {:.1} MiB the plugin's memory |",
        (peak - idle) / 100.0,
        median(guests)
    );
    drop(tenants);
}

/// As many runs at once as an engine is told to let in.
async fn crowd() {
    const RUNS: usize = 500;
    let limits = EngineLimits {
        runs: RUNS,
        ..EngineLimits::default()
    };
    let (_, plugin) = load(&limits).await;
    let servers = Servers::start(Spec::dc(20).latency_ms(200));
    let ledger = bed::ledger();
    bed::export(&servers.tenant(&plugin, "warm", ledger.clone())).await;
    bed::forget_peak();
    let (before, threads) = (bed::resident(), bed::threads());
    let running = (0..RUNS).map(|n| {
        let tenant = servers.tenant(&plugin, &format!("crowd-{n}"), ledger.clone());
        tokio::spawn(async move { bed::export(&tenant).await.facts.peak_memory })
    });
    let running: Vec<_> = running.collect();
    let mut guests = 0.0;
    let mut most = threads;
    for run in running {
        most = most.max(bed::threads());
        guests += run.await.unwrap() as f64 / f64::from(1 << 20);
    }
    let peak = bed::peak();
    println!();
    println!("| runs at once | threads before | at most | memory before | peak | of it the plugins' | beyond those |");
    println!("| --- | --- | --- | --- | --- | --- | --- |");
    println!(
        "| {RUNS} | {threads} | {most} | {before:.0} MiB | {peak:.0} MiB | {guests:.0} MiB | {:.0} MiB |",
        peak - before - guests
    );
}
