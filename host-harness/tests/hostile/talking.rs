//! Guests that say too much.

use tms_sync_host::{CallError, CallLimits, EndReason};

use crate::sinner::{CALLS, Call, Scene};

#[tokio::test]
async fn giant_answers_are_not_copied() {
    let calls = [Call::Validate, Call::Mapping, Call::Test, Call::Projects];
    Scene::of("says too much", CallLimits::default())
        .await
        .ends(&calls, EndReason::Copies)
        .await;
}

#[tokio::test]
async fn events_beyond_number_or_size_end_the_run() {
    let limits = CallLimits {
        events: 2_000,
        events_bytes: 4 << 20,
        events_per_second: 100_000,
        ..CallLimits::default()
    };
    for sin in [
        "floods with events",
        "floods with progress events",
        "floods with large events",
        "sends a giant event",
        "sends an event of many texts",
    ] {
        Scene::of(sin, limits.clone())
            .await
            .ends(&[Call::Run, Call::Plan], EndReason::Events)
            .await;
    }
}

#[tokio::test]
async fn the_message_of_a_panic_is_in_the_error() {
    let scene = Scene::of("panics", CallLimits::default()).await;
    let Err(CallError::Ended(ended)) = scene.tenant.mapping(None).await else {
        panic!("not ended")
    };
    assert!(
        ended.detail.contains("a sin") && ended.detail.contains("src/lib.rs"),
        "{}",
        ended.detail
    );
}

#[tokio::test]
async fn panicking_is_a_trap_in_every_export() {
    Scene::of("panics", CallLimits::default())
        .await
        .ends(&CALLS, EndReason::Trap)
        .await;
}
