//! Guests that take and never give back.

use std::path::PathBuf;

use tms_sync_host::model::Event;
use tms_sync_host::{CallLimits, EndReason};

use crate::core_module::Core;
use crate::sinner::{CALLS, Call, Scene, ending, reason};

#[tokio::test]
async fn memory_beyond_the_limit_ends_every_export() {
    let limits = CallLimits {
        memory_bytes: 16 << 20,
        ..CallLimits::default()
    };
    Scene::of("hogs memory", limits.clone())
        .await
        .ends(&CALLS, EndReason::Memory)
        .await;
    let scene = Scene::of("hogs memory", limits).await;
    let (_, outcome) = scene.run(crate::rig::job(&[])).await;
    assert!(outcome.facts.peak_memory <= 16 << 20, "{}", outcome.facts.peak_memory);
    scene.leaves_the_neighbour_untouched().await;
}

#[tokio::test]
async fn tables_stop_growing_at_the_limit() {
    // Breaks where growing by a whole address space or in steps succeeds; stops where it no longer does.
    let grows = Core {
        fields: "(table $t 1 funcref)",
        validate: "(if (i32.ne (table.grow $t (ref.null func) (i32.const -2)) (i32.const -1)) (then (unreachable)))
            (loop $more (br_if $more (i32.ne (table.grow $t (ref.null func) (i32.const 1000)) (i32.const -1))))
            (if (i32.gt_u (table.size $t) (i32.const 20000)) (then (unreachable)))
            (i32.const 512)",
        ..Core::default()
    };
    let scene = Scene::with("grows tables", &grows.component(), CallLimits::default()).await;
    assert!(scene.tenant.validate(None).await.is_ok());
    scene.leaves_the_neighbour_untouched().await;
}

#[tokio::test]
async fn memory_stops_growing_at_the_limit() {
    let grows = Core {
        validate: "(loop $more (br_if $more (i32.ne (memory.grow (i32.const 16)) (i32.const -1))))
            (if (i32.gt_u (memory.size) (i32.const 1024)) (then (unreachable)))
            (i32.const 512)",
        ..Core::default()
    };
    let scene = Scene::with("grows memory", &grows.component(), CallLimits::default()).await;
    assert!(scene.tenant.validate(None).await.is_ok());
    scene.leaves_the_neighbour_untouched().await;
}

#[tokio::test]
async fn streams_futures_and_timers_beyond_the_limit_end_the_call() {
    for sin in ["leaks streams", "leaks futures", "opens too many timers"] {
        Scene::of(sin, CallLimits::default())
            .await
            .ends(&[Call::Run, Call::Plan], EndReason::Handles)
            .await;
    }
}

/// Each call finds the same room: what the one before kept is gone with it.
#[tokio::test]
async fn files_beyond_the_limit_are_turned_away_and_none_outlives_its_call() {
    let few = CallLimits {
        blobs: 40,
        ..CallLimits::default()
    };
    // A file of the server has two bytes.
    let small = CallLimits {
        spool_bytes: 60,
        ..CallLimits::default()
    };
    for (limits, room) in [(CallLimits::default(), 256), (few, 40), (small, 30)] {
        let scene = Scene::of("leaks files", limits).await;
        for _ in 0..2 {
            let mut run = scene.tenant.run(crate::rig::job(&[]));
            let Some(Event::Note(said)) = run.next_event().await else {
                panic!("the plugin says how many there were")
            };
            assert!(
                said.starts_with(&format!("{room} files, then SendError::Exhausted")),
                "{said}"
            );
            if let Some(kept) = temporary_files() {
                assert_eq!(kept, room);
            }
            run.kill();
            assert_eq!(reason(run.finish().await.result), EndReason::Killed);
            assert_eq!(temporary_files().unwrap_or_default(), 0);
        }
        scene.leaves_the_neighbour_untouched().await;
    }
    // Handles of files count among all handles.
    let limits = CallLimits {
        blobs: usize::MAX,
        handles: 100,
        ..CallLimits::default()
    };
    let scene = Scene::of("leaks files", limits).await;
    scene.ends(&[Call::Run, Call::Plan], EndReason::Handles).await;
    assert_eq!(temporary_files().unwrap_or_default(), 0);
}

/// Files of this process that have no name, where the system shows them.
fn temporary_files() -> Option<usize> {
    let handles = std::fs::read_dir("/proc/self/fd").ok()?;
    let targets = handles.filter_map(|handle| std::fs::read_link(handle.ok()?.path()).ok());
    let nameless =
        |target: &PathBuf| target.starts_with(std::env::temp_dir()) && target.to_string_lossy().ends_with("(deleted)");
    Some(targets.filter(nameless).count())
}

#[tokio::test]
async fn an_allocator_that_points_elsewhere_breaks_its_own_call() {
    for realloc in ["(i32.const -16)", "(i32.const 17)", "(i32.const 0)", "(unreachable)"] {
        let forges = Core {
            realloc,
            ..Core::default()
        };
        let scene = Scene::with("forges memory", &forges.component(), CallLimits::default()).await;
        // Address 0 is a place like any other; the call then sees what it wrote over itself.
        if realloc != "(i32.const 0)" {
            assert_eq!(
                ending(&scene.tenant, Call::Validate).await,
                EndReason::Trap,
                "{realloc}"
            );
        } else {
            drop(scene.tenant.validate(None).await);
        }
        scene.leaves_the_neighbour_untouched().await;
    }
}

/// A count in the guest's memory begins anew with every call, so no call meets an instance that broke.
#[tokio::test]
async fn an_instance_that_broke_is_thrown_away() {
    let scene = Scene::of("counts and breaks", CallLimits::default()).await;
    for _ in 0..3 {
        assert_eq!(ending(&scene.tenant, Call::Validate).await, EndReason::Trap);
    }
    scene.leaves_the_neighbour_untouched().await;
    let scene = Scene::of("counts", CallLimits::default()).await;
    for _ in 0..3 {
        assert_eq!(scene.tenant.validate(None).await.unwrap()[0].message, "call 1");
    }
    scene.leaves_the_neighbour_untouched().await;
}
