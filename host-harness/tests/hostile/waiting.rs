//! Guests that never end.

use std::time::Duration;

use tms_sync_host::{CallLimits, EndReason};

use crate::rig::job;
use crate::sinner::{Call, Scene, reason};

fn impatient() -> CallLimits {
    CallLimits {
        wall: Duration::from_millis(300),
        cancel_grace: Duration::from_millis(50),
        ..CallLimits::default()
    }
}

#[tokio::test]
async fn waiting_for_ever_is_ended_by_the_wall_clock() {
    let calls = [Call::Test, Call::Run, Call::Plan];
    Scene::of("sleeps for ever", impatient())
        .await
        .ends(&calls, EndReason::Wall)
        .await;
    for sin in ["sleeps a moment for ever", "forgets its report"] {
        Scene::of(sin, impatient())
            .await
            .ends(&[Call::Run, Call::Undo], EndReason::Wall)
            .await;
    }
}

#[tokio::test]
async fn a_cancelled_run_that_goes_on_is_ended_after_the_grace() {
    let limits = CallLimits {
        cancel_grace: Duration::from_millis(50),
        ..CallLimits::default()
    };
    let scene = Scene::of("ignores cancel", limits).await;
    let run = scene.tenant.run(job(&[]));
    run.cancel();
    assert_eq!(reason(run.finish().await.result), EndReason::IgnoredCancel);
    scene.leaves_the_neighbour_untouched().await;
}

#[tokio::test]
async fn a_killed_run_is_gone() {
    let scene = Scene::of("ignores cancel", CallLimits::default()).await;
    let run = scene.tenant.run(job(&[]));
    run.kill();
    assert_eq!(reason(run.finish().await.result), EndReason::Killed);
    scene.leaves_the_neighbour_untouched().await;
}

#[tokio::test]
async fn a_break_in_the_middle_of_a_request_ends_the_call() {
    let scene = Scene::of("breaks in the middle of a request", CallLimits::default()).await;
    scene.ends(&[Call::Run], EndReason::Trap).await;
}
