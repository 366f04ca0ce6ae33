//! Runs beyond those that an engine lets in at once.

use tms_sync_host::{CallLimits, Engine, EngineLimits, LoadedPlugin, Run, Tenant};

use crate::rig::{self, Server, fine, job};

/// One run at a time.
async fn narrow() -> (Engine, LoadedPlugin) {
    let limits = EngineLimits {
        runs: 1,
        ..rig::limits()
    };
    let engine = Engine::new(limits).unwrap();
    let plugin = LoadedPlugin::load(&engine, rig::speaks().await).await.unwrap();
    (engine, plugin)
}

fn tenant(name: &str, plugin: &LoadedPlugin, server: &Server) -> Tenant {
    let ledger = std::sync::Arc::new(tms_sync_host::SqliteLedger::in_memory().unwrap());
    let builder = rig::builder(name, plugin, server, "jdoe", CallLimits::default());
    builder.ledger(ledger).build().unwrap()
}

/// A run that is under way until it is cancelled.
async fn holding(tenant: &Tenant) -> Run {
    let mut run = tenant.run(job(&["plain GET /open/first", "wait"]));
    run.next_event().await.unwrap();
    run
}

#[tokio::test]
async fn a_tenant_with_runs_in_line_holds_up_another_ones_by_the_one_under_way() {
    let server = Server::start(fine).await;
    let (_engine, plugin) = narrow().await;
    let [acme, umbrella] = ["acme", "umbrella"].map(|name| tenant(name, &plugin, &server));
    let first = holding(&acme).await;
    let line = [
        acme.run(job(&["plain GET /open/second"])),
        acme.run(job(&["plain GET /open/third"])),
        umbrella.run(job(&["plain GET /open/other"])),
    ];
    first.cancel();
    assert!(first.finish().await.result.is_ok());
    for run in line {
        assert!(run.finish().await.result.is_ok());
    }
    let paths: Vec<String> = server.seen().into_iter().map(|seen| seen.path).collect();
    assert_eq!(
        paths,
        ["first", "other", "second", "third"].map(|path| format!("/base/open/{path}"))
    );
}

#[tokio::test]
async fn a_run_that_waits_ends_at_once_where_it_is_cancelled() {
    let server = Server::start(fine).await;
    let (engine, plugin) = narrow().await;
    let acme = tenant("acme", &plugin, &server);
    let first = holding(&acme).await;
    let second = tenant("umbrella", &plugin, &server).run(job(&["wait"]));
    second.cancel();
    assert!(second.finish().await.result.is_ok());
    assert_eq!(engine.instances(), 1, "the first one is under way");
    first.cancel();
    assert!(first.finish().await.result.is_ok());
}
