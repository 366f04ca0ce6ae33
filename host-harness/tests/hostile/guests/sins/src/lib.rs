//! Commits the sin that its `user` field names, in whatever export is called.

mod computing;
mod leaking;
mod reaching;
mod storing;
mod talking;

use guest_contract::{
    FutureReader, StreamWriter, clock, connection, describe, exporter, panics_are_logged, report, running, setting, setup, types, unsupported,
};

struct Sins;

impl setup::Guest for Sins {
    fn describe() -> setup::PluginInfo {
        describe()
    }
    fn validate(settings: types::Settings) -> Vec<setup::Finding> {
        commit(&setting(&settings, "user"));
        talking::findings(&setting(&settings, "user"))
    }
    fn mapping(settings: types::Settings) -> Vec<(String, String)> {
        commit(&setting(&settings, "user"));
        talking::mapping(&setting(&settings, "user"))
    }
}

impl connection::Guest for Sins {
    async fn test(settings: types::Settings) -> Result<connection::TestResult, types::Fault> {
        let sin = setting(&settings, "user");
        commit(&sin);
        if sin == "sleeps for ever" {
            clock::sleep(u64::MAX).await;
        }
        Ok(connection::TestResult { summary: talking::summary(&sin), checks: vec![] })
    }
    async fn projects(settings: types::Settings, _: String) -> Result<Vec<connection::Project>, types::Fault> {
        let sin = setting(&settings, "user");
        commit(&sin);
        talking::projects(&sin)
    }
    async fn count(_: types::Settings) -> Result<connection::ScopeSize, types::Fault> {
        Err(unsupported())
    }
    async fn probe(_: types::Settings, _: bool) -> Result<Vec<connection::Observation>, types::Fault> {
        Err(unsupported())
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
        let job = exporter::Job { settings, run_id, recreate: false, full: false, accept_changes: false, approved: None };
        Self::run(job, cancel).await
    }

    async fn adopt(_: exporter::AdoptJob, _: FutureReader<()>) -> Result<exporter::Running, types::Fault> {
        Err(unsupported())
    }

    async fn run(job: exporter::Job, _cancel: FutureReader<()>) -> Result<exporter::Running, types::Fault> {
        let sin = setting(&job.settings, "user");
        if sin == "forgets its report" {
            let ((events, stream), (done, report)) = (guest_contract::stream(), guest_contract::future());
            std::mem::forget((events, done));
            return Ok(exporter::Running { events: stream, report });
        }
        Ok(running(|events| async move {
            sin_on(&sin, events).await;
            report()
        }))
    }
}

/// What only a running export can do.
async fn sin_on(sin: &str, mut events: StreamWriter<exporter::Event>) {
    match sin {
        "ignores cancel" | "sleeps for ever" => clock::sleep(u64::MAX).await,
        "sleeps a moment for ever" => loop {
            clock::sleep(0).await;
        },
        "opens too many timers" => leaking::timers().await,
        "leaks streams" => leaking::streams(),
        "leaks futures" => leaking::futures(),
        "leaks files" => leaking::files(&mut events).await,
        "reaches everywhere" => reaching::everywhere(&mut events).await,
        "sends many requests" => reaching::many(&mut events).await,
        "sends heavy requests" => reaching::heavy(&mut events).await,
        "hammers the ledger" => storing::hammer(&mut events).await,
        "fills the ledger" => storing::fill(&mut events).await,
        "pries into the ledger" => storing::pry(&mut events).await,
        "breaks in the middle of a request" => {
            reaching::break_in_the_middle();
            clock::sleep(u64::MAX).await;
        }
        sin if sin.contains("event") => talking::flood(sin, events).await,
        sin => commit(sin),
    }
}

/// What every export can do.
fn commit(sin: &str) {
    panics_are_logged();
    match sin {
        "spins" => computing::spin(),
        "asks without end" => computing::ask(),
        "copies memory without end" => computing::copy(),
        "recurses" => computing::recurse_without_end(),
        "hogs memory" => leaking::hog(),
        "panics" => panic!("a sin"),
        "counts and breaks" => {
            talking::count();
            panic!("a sin");
        }
        _ => {}
    }
}

guest_contract::export!(Sins with_types_in guest_contract);
