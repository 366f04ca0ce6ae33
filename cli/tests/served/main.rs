//! The real `tms-sync serve` in a real process, under load, killed with SIGKILL at random moments and started again:
//! nothing is there twice, nothing is lost, and what the API shows is right at once.
//!
//! `TMS_SYNC_KILLS=200` kills so often; see DEVELOPERS.md.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    dead_code,
    reason = "what fails here fails the test, and the slow profile prints its numbers"
)]

#[path = "../killed/age.rs"]
mod age;
#[path = "../killed/chance.rs"]
mod chance;
#[path = "../killed/judge.rs"]
mod judge;
mod servers;
mod service;

use std::time::Duration;

use chance::Chance;
use serde_json::Value;
use servers::Servers;

/// Kills where nobody asks for more.
const KILLS: usize = 4;
/// Kills in one world before it is looked at.
const IN_A_ROW: usize = 4;

#[test]
fn a_killed_service_goes_on_where_it_was() {
    let kills = std::env::var("TMS_SYNC_KILLS")
        .ok()
        .and_then(|kills| kills.parse().ok())
        .unwrap_or(KILLS);
    let (mut struck, mut world, mut longest) = (0, 0, 1_500);
    while struck < kills {
        world += 1;
        let mut chance = Chance::new(world);
        let servers = Servers::start(chance.between(20, 60) as usize, &mut chance);
        let mut service = servers.first_service();
        for _ in 0..IN_A_ROW.min(kills - struck) {
            service.load();
            std::thread::sleep(Duration::from_millis(chance.between(0, longest)));
            service.kill();
            struck += 1;
            servers.pass(Duration::from_secs(61));
            service = service.again();
            service.expect_right();
        }
        longest = longest.max(servers.finish(&service, &format!("world {world}")));
    }
    eprintln!("{struck} kills of the service in {world} worlds: nothing twice, nothing lost");
}

#[test]
fn the_command_works_at_a_service_and_a_configuration_goes_there_and_back() {
    let servers = Servers::start(6, &mut Chance::new(1));
    servers.index_at_once();
    let service = servers.first_service();
    let token = service.token("acme");
    let (code, text) = service.command(&token, &["export", "main", "--json"]);
    let report: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        (code, &report["command"]),
        (Some(0), &Value::from("export")),
        "{report:#}"
    );
    assert_eq!(report["syncs"][0]["totals"]["test-cases"]["created"], 6, "{report:#}");
    let (code, text) = service.command(&token, &["verify", "main", "--json"]);
    let report: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(code, Some(0), "{report:#}");
    assert_eq!(report["syncs"][0]["totals"]["test-cases"]["same"], 6, "{report:#}");

    let (code, file) = service.command(&token, &["settings"]);
    assert_eq!(code, Some(0), "{file}");
    servers.write("there.toml", &file);
    service.post("/admin/tenants", &serde_json::json!({ "name": "other" }));
    let other = service.token("other");
    let (code, text) = service.command(&other, &["import", "-c", "there.toml"]);
    assert_eq!(code, Some(0), "{text}");
    let (code, back) = service.command(&other, &["settings"]);
    assert_eq!((code, &back), (Some(0), &file));
    servers.write(
        "several.toml",
        &format!("{file}\n[[sync]]\nname = \"web\"\nproject = \"CALC\"\ntestops-project-id = 2\n"),
    );
    let before = service.command(&other, &["settings"]);
    let (code, text) = service.command(&other, &["import", "-c", "several.toml", "--json"]);
    assert_eq!(code, Some(2), "{text}");
    assert!(
        text.contains("the sync `web` has its own `testops-project-id`"),
        "{text}"
    );
    assert_eq!(service.command(&other, &["settings"]), before, "nothing was imported");
    // What was exported from there is found again by its markers.
    let (_, text) = service.command(&other, &["export", "main", "--json"]);
    let report: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(report["syncs"][0]["totals"]["test-cases"]["created"], 0, "{report:#}");
}
