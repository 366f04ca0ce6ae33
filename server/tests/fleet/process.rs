//! A worker in a process of its own, which can be killed or stand still: this test binary, started once more.

use std::process::{Child, Command, Stdio};

use tms_sync_server::Server;

use crate::nodes::{Fleet, options};

/// Where the worker's database and nats-server are; only in processes that [`Worker::start`] starts.
const PLACES: [&str; 2] = ["TMS_SYNC_TEST_DATABASE", "TMS_SYNC_TEST_NATS"];

/// What is started; on its own it tests nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_is_a_worker_where_it_is_started_as_one() {
    let [Ok(database), Ok(nats)] = PLACES.map(std::env::var) else {
        return;
    };
    let _working = Server::start(options(&database, &nats, false).await).await.unwrap();
    std::future::pending::<()>().await;
}

/// A process that works.
pub struct Worker(Child);

impl Worker {
    pub fn start(fleet: &Fleet) -> Self {
        let [database, nats] = PLACES;
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "process::a_process_is_a_worker_where_it_is_started_as_one"])
            .env(database, &fleet.database)
            .env(nats, fleet.nats.address())
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

impl Drop for Worker {
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
