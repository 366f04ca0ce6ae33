//! Guests that ask for what they did not declare, or for more than there is.

use tms_sync_host::CallLimits;

use crate::rig::job;
use crate::sinner::Scene;

#[tokio::test]
async fn nothing_undeclared_leaves_the_host_however_it_is_spelled() {
    let scene = Scene::of("reaches everywhere", CallLimits::default()).await;
    let (said, outcome) = scene.run(job(&[])).await;
    assert_eq!(said, ["tried 305, reached []"]);
    assert!(outcome.result.is_ok());
    assert!(scene.server.seen().is_empty(), "{:?}", scene.server.seen());
    scene.leaves_the_neighbour_untouched().await;
}

#[tokio::test]
async fn requests_beyond_the_tenants_share_wait() {
    let scene = Scene::of(
        "sends many requests",
        CallLimits {
            in_flight: 4,
            ..CallLimits::default()
        },
    )
    .await;
    let (said, _) = scene.run(job(&[])).await;
    assert_eq!(said, ["{\"200\": 200}"]);
    assert!(scene.server.most_at_once() <= 4, "{}", scene.server.most_at_once());
    scene.leaves_the_neighbour_untouched().await;
}

/// 400 MiB of bodies from a guest of 64 MiB: the host keeps as many as its limit says.
#[tokio::test]
async fn bodies_beyond_what_the_host_holds_are_turned_away() {
    let scene = Scene::of("sends heavy requests", CallLimits::default()).await;
    let (said, outcome) = scene.run(job(&[])).await;
    assert!(outcome.result.is_ok(), "{:?}", outcome.result);
    assert!(said[0].contains("exhausted") && said[0].contains("200"), "{said:?}");
    assert!(scene.server.seen().len() <= 16, "{}", scene.server.seen().len());
    scene.leaves_the_neighbour_untouched().await;
}
