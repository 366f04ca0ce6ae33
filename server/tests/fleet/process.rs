//! A node in a process of its own, which can be killed or stand still: this test binary, started once more.

use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use tms_sync_server::{Options, Server};

use crate::nodes::{Fleet, Wrong, options};

/// Where the node's database and nats-server are, what it does, and by how many milliseconds its clock is wrong; only in processes that [`Node::start`] starts.
const PLACES: [&str; 4] = [
    "TMS_SYNC_TEST_DATABASE",
    "TMS_SYNC_TEST_NATS",
    "TMS_SYNC_TEST_PART",
    "TMS_SYNC_TEST_CLOCK",
];

/// What a node does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Console,
    Worker,
}

/// What is started; on its own it tests nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_is_a_node_where_it_is_started_as_one() {
    let [Ok(database), Ok(nats), Ok(part), Ok(clock)] = PLACES.map(std::env::var) else {
        return;
    };
    let serves = part == format!("{:?}", Part::Console);
    let clock = Arc::new(Wrong(clock.parse().unwrap()));
    let options = options(&database, &nats, serves).await;
    let _node = Server::start(Options { clock, ..options }).await.unwrap();
    std::future::pending::<()>().await;
}

/// A process of the fleet.
pub struct Node(Child);

impl Node {
    pub fn start(fleet: &Fleet, part: Part) -> Self {
        Self::at(&fleet.database, &fleet.nats.address(), part, 0)
    }

    /// One that reaches its servers another way, with a clock that is wrong by so many milliseconds.
    pub fn at(database: &str, nats: &str, part: Part, clock: i64) -> Self {
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "process::a_process_is_a_node_where_it_is_started_as_one"])
            .envs(
                PLACES
                    .into_iter()
                    .zip([database, nats, &format!("{part:?}"), &clock.to_string()]),
            )
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        Self(child.unwrap())
    }

    pub fn kill(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }

    /// It stands still.
    pub fn stop(&self) {
        signal(self.0.id(), "STOP");
    }

    /// It goes on, and believes that no time passed.
    pub fn go_on(&self) {
        signal(self.0.id(), "CONT");
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.kill();
    }
}

pub fn signal(pid: u32, name: &str) {
    let sent = Command::new("kill")
        .args([format!("-{name}"), pid.to_string()])
        .status();
    assert!(sent.unwrap().success());
}
