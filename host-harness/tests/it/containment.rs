//! What a plugin can do to its host: nothing.

use std::time::Duration;

use tms_sync_host::{CallError, CallLimits, EndReason, Tenant};

use crate::rig::{self, Server, fine, job};

async fn sinner(sin: &str, limits: CallLimits) -> Tenant {
    let server = Server::start(fine).await;
    rig::tenant(&rig::load(rig::sins().await).await, &server, sin, limits)
}

fn reason<T: std::fmt::Debug>(result: Result<T, CallError>) -> EndReason {
    match result {
        Err(CallError::Ended(ended)) => ended.reason,
        other => panic!("{other:?}"),
    }
}

fn quick() -> CallLimits {
    CallLimits {
        cpu: Duration::from_millis(200),
        ..CallLimits::default()
    }
}

#[tokio::test]
async fn computing_without_end_is_ended_in_every_export() {
    let tenant = sinner("spins", quick()).await;
    assert_eq!(reason(tenant.validate(None).await), EndReason::Cpu);
    assert_eq!(reason(tenant.test(None).await), EndReason::Cpu);
    assert_eq!(reason(tenant.projects("").await), EndReason::Cpu);
    assert_eq!(reason(tenant.plan(job(&[])).finish().await.result), EndReason::Cpu);
    assert_eq!(reason(tenant.verify(job(&[])).finish().await.result), EndReason::Cpu);
    assert_eq!(reason(tenant.run(job(&[])).finish().await.result), EndReason::Cpu);
    assert_eq!(reason(tenant.mapping(None).await), EndReason::Cpu);
}

#[tokio::test]
async fn memory_beyond_the_limit_ends_the_call() {
    let limits = CallLimits {
        memory_bytes: 16 << 20,
        ..CallLimits::default()
    };
    let outcome = sinner("hogs memory", limits).await.run(job(&[])).finish().await;
    assert_eq!(reason(outcome.result), EndReason::Memory);
    assert!(outcome.facts.peak_memory <= 16 << 20);
}

#[tokio::test]
async fn a_panic_or_a_deep_recursion_is_a_trap() {
    for sin in ["panics", "recurses"] {
        assert_eq!(
            reason(sinner(sin, CallLimits::default()).await.validate(None).await),
            EndReason::Trap,
            "{sin}"
        );
    }
}

#[tokio::test]
async fn giant_answers_are_not_copied() {
    assert_eq!(
        reason(sinner("", CallLimits::default()).await.mapping(None).await),
        EndReason::Trap
    );
}

#[tokio::test]
async fn events_without_end_are_ended() {
    let limits = CallLimits {
        events: 2_000,
        events_per_second: 100_000,
        ..CallLimits::default()
    };
    let outcome = sinner("floods events", limits).await.run(job(&[])).finish().await;
    assert_eq!(reason(outcome.result), EndReason::Events);
}

#[tokio::test]
async fn a_giant_event_is_ended() {
    let outcome = sinner("sends a giant event", CallLimits::default())
        .await
        .run(job(&[]))
        .finish()
        .await;
    assert_eq!(reason(outcome.result), EndReason::Events);
}

#[tokio::test]
async fn timers_beyond_the_limit_are_a_trap() {
    let outcome = sinner("opens too many timers", CallLimits::default())
        .await
        .run(job(&[]))
        .finish()
        .await;
    assert_eq!(reason(outcome.result), EndReason::Trap);
}

#[tokio::test]
async fn a_cancelled_run_that_goes_on_is_ended_after_the_grace() {
    let limits = CallLimits {
        cancel_grace: Duration::from_millis(50),
        ..CallLimits::default()
    };
    let run = sinner("ignores cancel", limits).await.run(job(&[]));
    run.cancel();
    assert_eq!(reason(run.finish().await.result), EndReason::IgnoredCancel);
}

#[tokio::test]
async fn a_killed_run_is_gone() {
    let run = sinner("ignores cancel", CallLimits::default()).await.run(job(&[]));
    run.kill();
    assert_eq!(reason(run.finish().await.result), EndReason::Killed);
}

#[tokio::test]
async fn time_that_runs_out_ends_waiting_calls_and_runs() {
    let limits = CallLimits {
        wall: Duration::from_millis(100),
        cancel_grace: Duration::from_millis(50),
        ..CallLimits::default()
    };
    let tenant = sinner("ignores cancel", limits).await;
    assert_eq!(reason(tenant.test(None).await), EndReason::Wall);
    assert_eq!(reason(tenant.run(job(&[])).finish().await.result), EndReason::Wall);
}
