//! What the guarantees cost: the first export of 1,000 cases against the same export without look-up before a create,
//! recognition and read-back of what was created, and durable intents. Requests are counted where they reach the servers;
//! time is virtual, 20 ms each way and nothing for the server's own work. Prints a table; asserts nothing.
//! `cargo bench -p tms-sync-simulation --bench guarantees`.
#![expect(clippy::print_stdout, reason = "the table is its output")]

use tms_sync_simulation::installation::Variant;
use tms_sync_simulation::mutation::Mutation;
use tms_sync_simulation::scenario::plain_world;
use tms_sync_simulation::world::How;

const CASES: u64 = 1_000;

struct Cost {
    destination: usize,
    all: usize,
    seconds: f64,
}

fn main() {
    println!("| variant | guarantees | Jira+Xray requests | all requests | virtual time |");
    println!("| --- | --- | --- | --- | --- |");
    for variant in [Variant::Cloud, Variant::DataCenter] {
        let (with, without) = (export(variant, None), export(variant, Some(Mutation::Unguarded)));
        for (name, cost) in [("all", &with), ("none", &without)] {
            println!(
                "| {variant:?} | {name} | {} | {} | {:.1} s |",
                cost.destination, cost.all, cost.seconds
            );
        }
        let more = |with: f64, without: f64| (with / without - 1.0) * 100.0;
        println!(
            "| {variant:?} | difference | {:+.1} % | {:+.1} % | {:+.1} % |",
            more(with.destination as f64, without.destination as f64),
            more(with.all as f64, without.all as f64),
            more(with.seconds, without.seconds)
        );
    }
}

fn export(variant: Variant, mutation: Option<Mutation>) -> Cost {
    let world = plain_world(variant, CASES);
    let begun = world.executor.now();
    let run = world.run_once(How {
        mutation,
        ..How::default()
    });
    let created = run.complete().map(|report| report.test_cases.created);
    assert_eq!(created, Some(CASES), "{:?}", run.end);
    let journal = world.journal.borrow();
    Cost {
        destination: journal
            .iter()
            .filter(|delivery| delivery.connection != "testops")
            .count(),
        all: journal.len(),
        seconds: (world.executor.now() - begun) as f64 / 1_000.0,
    }
}
