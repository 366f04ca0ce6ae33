//! Guests that compute.

use std::time::Duration;

use tms_sync_host::{CallLimits, EndReason};

use crate::core_module::{Core, SPIN};
use crate::sinner::{CALLS, Call, Scene};

fn short() -> CallLimits {
    CallLimits {
        cpu: Duration::from_millis(100),
        ..CallLimits::default()
    }
}

#[tokio::test]
async fn spinning_is_ended_in_every_export() {
    Scene::of("spins", short()).await.ends(&CALLS, EndReason::Cpu).await;
}

#[tokio::test]
async fn short_calls_of_the_host_without_end_are_ended() {
    Scene::of("asks without end", short())
        .await
        .ends(&[Call::Validate, Call::Run], EndReason::Cpu)
        .await;
}

#[tokio::test]
async fn instructions_that_move_megabytes_are_ended() {
    Scene::of("copies memory without end", short())
        .await
        .ends(&[Call::Validate], EndReason::Cpu)
        .await;
}

#[tokio::test]
async fn a_start_function_that_spins_is_ended() {
    let refused = crate::describing::refusal(Core {
        start: Some(SPIN),
        ..Core::default()
    })
    .await;
    assert!(refused.contains("computed for too long"), "{refused}");
}

#[tokio::test]
async fn an_allocator_that_spins_is_ended() {
    let spins = Core {
        realloc: SPIN,
        ..Core::default()
    };
    Scene::with("spins in realloc", &spins.component(), short())
        .await
        .ends(&CALLS, EndReason::Cpu)
        .await;
}

#[tokio::test]
async fn cleaning_up_that_spins_is_ended() {
    let spins = Core {
        post_validate: SPIN,
        ..Core::default()
    };
    Scene::with("spins after its answer", &spins.component(), short())
        .await
        .ends(&[Call::Validate], EndReason::Cpu)
        .await;
}

#[tokio::test]
async fn recursion_without_end_is_ended() {
    Scene::of("recurses", CallLimits::default())
        .await
        .ends(&CALLS, EndReason::Stack)
        .await;
}
