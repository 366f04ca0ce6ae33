//! Commits the sin that its `user` field names.

use guest_contract::{FutureReader, clock, connection, describe, exporter, report, running, setting, setup, types};

struct Sins;

impl setup::Guest for Sins {
    fn describe() -> setup::PluginInfo {
        describe()
    }
    fn validate(settings: types::Settings) -> Vec<setup::Finding> {
        commit(&setting(&settings, "user"));
        vec![]
    }
    fn mapping(settings: types::Settings) -> Vec<(String, String)> {
        commit(&setting(&settings, "user"));
        vec![("x".repeat(1 << 20), String::new()); 40]
    }
}

impl connection::Guest for Sins {
    async fn test(settings: types::Settings) -> Result<connection::TestResult, types::Fault> {
        commit(&setting(&settings, "user"));
        clock::sleep(3_600_000).await;
        Ok(connection::TestResult { summary: String::new(), checks: vec![] })
    }
    async fn projects(settings: types::Settings, _: String) -> Result<Vec<connection::Project>, types::Fault> {
        commit(&setting(&settings, "user"));
        Ok(vec![])
    }
}

impl exporter::Guest for Sins {
    async fn plan(job: exporter::Job, cancel: FutureReader<()>) -> Result<exporter::Running, types::Fault> {
        Self::run(job, cancel).await
    }

    async fn verify(job: exporter::Job, cancel: FutureReader<()>) -> Result<exporter::Running, types::Fault> {
        Self::run(job, cancel).await
    }

    async fn undo(undo: exporter::UndoJob, cancel: FutureReader<()>) -> Result<exporter::Running, types::Fault> {
        let exporter::UndoJob { settings, run_id, apply: _ } = undo;
        let job = exporter::Job { settings, run_id, recreate: false, full: false, accept_changes: false };
        Self::run(job, cancel).await
    }

    async fn run(job: exporter::Job, _cancel: FutureReader<()>) -> Result<exporter::Running, types::Fault> {
        let sin = setting(&job.settings, "user");
        Ok(running(|mut events| async move {
            match sin.as_str() {
                "ignores cancel" => clock::sleep(3_600_000).await,
                "floods events" => loop {
                    let note = exporter::Event::Note("again".into());
                    if !events.write_all(vec![note; 100]).await.is_empty() {
                        break;
                    }
                },
                "sends a giant event" => {
                    events.write_all(vec![exporter::Event::Note("x".repeat(1 << 20))]).await;
                }
                "opens too many timers" => {
                    let sleeps: Vec<_> = (0..5_000).map(|_| Box::pin(clock::sleep(3_600_000))).collect();
                    for sleep in sleeps {
                        guest_contract::spawn_local(sleep);
                    }
                    clock::sleep(3_600_000).await;
                }
                sin => commit(sin),
            }
            report()
        }))
    }
}

fn commit(sin: &str) {
    match sin {
        "spins" => spin(),
        "hogs memory" => hog(),
        "panics" => panic!("a sin"),
        "recurses" => {
            std::hint::black_box(recurse(1));
        }
        _ => {}
    }
}

fn spin() -> ! {
    let mut number = 0_u64;
    loop {
        number = std::hint::black_box(number.wrapping_add(1));
    }
}

fn hog() {
    let mut kept = Vec::new();
    loop {
        kept.push(std::hint::black_box(vec![1_u8; 1 << 20]));
    }
}

fn recurse(depth: u64) -> u64 {
    if depth == 0 { 0 } else { std::hint::black_box(recurse(std::hint::black_box(depth + 1))) + 1 }
}

guest_contract::export!(Sins with_types_in guest_contract);
