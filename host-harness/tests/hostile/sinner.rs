//! Tenants whose plugin sins, beside a neighbour.

use tms_sync_host::model::Event;
use tms_sync_host::{CallError, CallLimits, EndReason, Engine, Job, LoadedPlugin, RunOutcome, Tenant};
use tokio::sync::OnceCell;

use crate::neighbour::Neighbour;
use crate::rig::{self, Server, fine, job};

/// The guest that commits the sin named by its `user` field.
pub async fn sins() -> &'static [u8] {
    static CELL: OnceCell<Vec<u8>> = OnceCell::const_new();
    rig::guest("hostile/guests", "guest-sins", &CELL).await
}

/// Everything that has an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    Validate,
    Mapping,
    Test,
    Projects,
    Plan,
    Verify,
    Run,
    Undo,
}

pub const CALLS: [Call; 8] = [
    Call::Validate,
    Call::Mapping,
    Call::Test,
    Call::Projects,
    Call::Plan,
    Call::Verify,
    Call::Run,
    Call::Undo,
];

/// Makes the call and returns how it ended.
pub async fn ending(tenant: &Tenant, call: Call) -> EndReason {
    let result = match call {
        Call::Validate => tenant.validate(None).await.map(drop),
        Call::Mapping => tenant.mapping(None).await.map(drop),
        Call::Test => tenant.test(None).await.map(drop),
        Call::Projects => tenant.projects("").await.map(drop),
        Call::Plan => tenant.plan(job(&[])).finish().await.result.map(drop),
        Call::Verify => tenant.verify(job(&[])).finish().await.result.map(drop),
        Call::Run => tenant.run(job(&[])).finish().await.result.map(drop),
        Call::Undo => tenant.undo(rig::undo()).finish().await.result.map(drop),
    };
    reason(result)
}

/// Why a call was ended.
pub fn reason<T: std::fmt::Debug>(result: Result<T, CallError>) -> EndReason {
    match result {
        Err(CallError::Ended(ended)) => ended.reason,
        other => panic!("not ended: {other:?}"),
    }
}

/// A sinner, its server, and a neighbour on the same engine.
pub struct Scene {
    sin: String,
    pub engine: Engine,
    pub server: Server,
    pub tenant: Tenant,
    neighbour: Neighbour,
}

impl Scene {
    pub async fn of(sin: &str, limits: CallLimits) -> Self {
        Self::with(sin, sins().await, limits).await
    }

    /// With another plugin than the one that knows all sins.
    pub async fn with(sin: &str, plugin: &[u8], limits: CallLimits) -> Self {
        let engine = rig::engine();
        let neighbour = Neighbour::start(&engine).await;
        let plugin = LoadedPlugin::load(&engine, plugin)
            .await
            .unwrap_or_else(|refused| panic!("{sin}: {refused}"));
        let server = Server::start(fine).await;
        let tenant = rig::tenant(&plugin, &server, sin, limits);
        Self {
            sin: sin.to_owned(),
            engine,
            server,
            tenant,
            neighbour,
        }
    }

    /// Each call ends for `expected`, leaves no instance behind, and the neighbour finishes.
    pub async fn ends(self, calls: &[Call], expected: EndReason) {
        for call in calls {
            assert_eq!(ending(&self.tenant, *call).await, expected, "{} in {call:?}", self.sin);
            assert_eq!(
                self.engine.instances(),
                1,
                "{} in {call:?}: only the neighbour's",
                self.sin
            );
        }
        let took_its_time = matches!(expected, EndReason::Cpu | EndReason::Wall);
        assert!(
            !took_its_time || self.neighbour.went_on(),
            "{}: the neighbour stood still",
            self.sin
        );
        self.neighbour.finished_untouched(&self.sin).await;
    }

    /// A run to its end, with what it said.
    pub async fn run(&self, job: Job) -> (Vec<String>, RunOutcome) {
        let mut run = self.tenant.run(job);
        let mut said = Vec::new();
        while let Some(event) = run.next_event().await {
            if let Event::Note(note) = event {
                said.push(note);
            }
        }
        (said, run.finish().await)
    }

    /// The neighbour's part alone.
    pub async fn leaves_the_neighbour_untouched(self) {
        assert_eq!(self.engine.instances(), 1, "{}: only the neighbour's", self.sin);
        self.neighbour.finished_untouched(&self.sin).await;
    }
}
