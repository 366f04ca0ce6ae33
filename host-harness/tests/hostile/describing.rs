//! Guests that sin before they are a plugin at all: while they are made, or asked what they are.

use std::time::Duration;

use tms_sync_host::{Engine, EngineLimits, LoadedPlugin};

use crate::core_module::{Core, SPIN};
use crate::neighbour::Neighbour;

/// What is said about a component, with a neighbour at work and untouched.
pub async fn refusal(core: Core<'_>) -> String {
    let limits = EngineLimits {
        describe: Duration::from_millis(200),
        ..EngineLimits::default()
    };
    let engine = Engine::new(limits).unwrap();
    let neighbour = Neighbour::start(&engine).await;
    let refusal_text = match LoadedPlugin::load(&engine, core.component()).await {
        Err(refused) => refused.to_string(),
        Ok(_) => panic!("the component was taken"),
    };
    assert_eq!(engine.instances(), 1, "only the neighbour's: {refusal_text}");
    neighbour.finished_untouched(&refusal_text).await;
    refusal_text
}

#[tokio::test]
async fn a_description_that_never_ends_or_breaks_is_refused() {
    let spins = refusal(Core {
        describe: SPIN,
        ..Core::default()
    })
    .await;
    assert!(spins.contains("computed for too long"), "{spins}");
    let breaks = refusal(Core {
        describe: "(unreachable)",
        ..Core::default()
    })
    .await;
    assert!(breaks.contains("the plugin broke"), "{breaks}");
}

#[tokio::test]
async fn an_instance_that_breaks_or_starves_while_it_is_made_is_refused() {
    let breaks = refusal(Core {
        start: Some("(unreachable)"),
        ..Core::default()
    })
    .await;
    assert!(breaks.contains("the plugin broke"), "{breaks}");
    let starts_large = refusal(Core {
        memory: "65536",
        ..Core::default()
    })
    .await;
    assert!(
        starts_large.contains("more memory than a plugin may use"),
        "{starts_large}"
    );
    let many_tables = "(table 1 funcref)".repeat(20);
    let tables = refusal(Core {
        fields: &many_tables,
        ..Core::default()
    })
    .await;
    assert!(tables.contains("table"), "{tables}");
}

#[tokio::test]
async fn a_description_outside_its_memory_or_beyond_sense_is_refused() {
    // Name: four gigabytes from the start; a million kinds; a text that is no UTF-8; no aligned place.
    let forged = [
        "(i32.store (i32.const 20) (i32.const -1)) (i32.const 16)",
        "(i32.store (i32.const 36) (i32.const 1000000)) (i32.const 16)",
        "(i32.store (i32.const 512) (i32.const -1)) (i32.store (i32.const 16) (i32.const 512))
         (i32.store (i32.const 20) (i32.const 4)) (i32.const 16)",
        "(i32.const 17)",
        "(i32.const -16)",
    ];
    for describe in forged {
        let refusal_text = refusal(Core {
            describe,
            ..Core::default()
        })
        .await;
        assert!(
            refusal_text.contains("cannot describe itself"),
            "{describe}: {refusal_text}"
        );
    }
}
