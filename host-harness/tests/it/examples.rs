//! The examples, run as somebody who reads them would: against simulated servers.

use std::path::PathBuf;
use std::process::Command;

use tms_sync_sim::generate::Plan;
use tms_sync_sim::jira::dc::DataCenter;
use tms_sync_sim::testops;
use tms_sync_sim::world::{self, Tracker, World};

/// Where cargo puts examples; they are built by `cargo test` as a whole, not by `--test it`.
fn example(name: &str) -> Option<PathBuf> {
    let suite = std::env::current_exe().unwrap();
    let built = suite.parent()?.parent()?.join("examples").join(name);
    built.exists().then_some(built)
}

async fn data_center() -> World {
    let world = World::dc().project(Plan::new(5, 1).launch(5).build());
    let started = world.start_with(|site, clock| async move {
        Ok(Tracker {
            jira: DataCenter::new(site).start(clock, 0).await?,
            xray: None,
        })
    });
    started.await.unwrap()
}

/// What an example prints, run once in an empty folder.
async fn printed(name: &str) -> Option<String> {
    let program = example(name)?;
    let folder = tempfile::tempdir().unwrap();
    let component = folder.path().join("xray.wasm");
    std::fs::write(&component, tms_sync_component::bytes()).unwrap();
    let world = data_center().await;
    let mut command = Command::new(program);
    command
        .current_dir(folder.path())
        .arg(component)
        .args([world.tracker.jira.url(), world.testops.url()])
        .env("JIRA_PASSWORD", world::PASSWORD)
        .env("TESTOPS_TOKEN", testops::TOKEN);
    let output = tokio::task::spawn_blocking(move || command.output())
        .await
        .unwrap()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        output.status.success(),
        "{text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Some(text)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_example_does_what_it_shows() {
    let shows = [
        ("embed", "created: 5"),
        ("connection", "Connection established"),
        ("cancelling", "again: "),
        ("tenants", "rival ran "),
        ("own_ledger", "acme: test-case 5 in "),
    ];
    for (name, shown) in shows {
        let Some(text) = printed(name).await else {
            eprintln!("skipped: cargo build -p tms-sync-host --examples");
            return;
        };
        assert!(text.contains(shown), "{name}: {text}");
    }
}
