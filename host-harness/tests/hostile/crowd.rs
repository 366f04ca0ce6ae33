//! Twenty tenants, one of whom sins without end.

use tms_sync_host::{CallLimits, LoadedPlugin};

use crate::neighbour::Neighbour;
use crate::rig::{self, Server, fine, job};
use crate::sinner::sins;

const SINS: [&str; 10] = [
    "spins",
    "copies memory without end",
    "hogs memory",
    "recurses",
    "leaks streams",
    "opens too many timers",
    "floods with large events",
    "sends many requests",
    "hammers the ledger",
    "panics",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nineteen_neighbours_of_a_sinner_finish_with_the_right_reports() {
    let engine = rig::engine();
    let mut neighbours = Vec::new();
    for _ in 0..19 {
        neighbours.push(Neighbour::start(&engine).await);
    }
    let plugin = LoadedPlugin::load(&engine, sins().await).await.unwrap();
    let server = Server::start(fine).await;
    let limits = CallLimits {
        cpu: std::time::Duration::from_millis(200),
        events_bytes: 4 << 20,
        ..CallLimits::default()
    };
    for sin in SINS {
        drop(
            rig::tenant(&plugin, &server, sin, limits.clone())
                .run(job(&[]))
                .finish()
                .await,
        );
    }
    assert!(neighbours.iter().all(Neighbour::went_on));
    for neighbour in neighbours {
        neighbour.finished_untouched("all sins").await;
    }
}
