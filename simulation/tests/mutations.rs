//! The suites bite: with a port that breaks one rule of the protocol they fail.

use tms_sync_sim::jira::index::Lag;
use tms_sync_simulation::installation::Variant;
use tms_sync_simulation::mutation::Mutation;
use tms_sync_simulation::scenario::{Revocation, killed, plain_world, revoked, seeded};

const VARIANTS: [Variant; 2] = [Variant::DataCenter, Variant::Cloud];

/// The second look at new issues makes good what a forgotten intent doubles, so what bites is the number of creates.
#[test]
fn without_durable_intents_a_kill_sends_a_create_again() {
    for variant in VARIANTS {
        let most = |mutation| {
            let sent = (0..150).map(|boundary| {
                let world = plain_world(variant, 3);
                killed(&world, boundary, Lag::After(120_000), 61_000, mutation);
                world.journal.borrow().iter().filter(|sent| sent.is_create()).count()
            });
            sent.max()
        };
        assert!(most(Some(Mutation::ForgetsIntents)) > most(None), "{variant:?}");
    }
}

#[test]
fn without_a_look_by_key_an_index_that_never_catches_up_doubles_something() {
    for variant in VARIANTS {
        let wrong = |mutation| {
            (0..150).any(|boundary| {
                let finding = killed(&plain_world(variant, 3), boundary, Lag::Never, 2 * 3_600_000, mutation);
                finding.wrong.iter().any(|line| line.contains("is on several issues"))
            })
        };
        assert!(wrong(Some(Mutation::SearchesOnly)), "{variant:?}");
    }
}

#[test]
fn without_proof_of_authentication_a_revoked_token_deletes_or_creates() {
    for variant in VARIANTS {
        let harmed = |exported, request, revocation| {
            let mutation = Some(Mutation::TrustsEveryAnswer);
            let (finding, _) = revoked(variant, exported, request, revocation, mutation);
            let harm = |line: &String| line.contains("is Orphaned") || line.contains("creates were sent");
            finding.wrong.iter().any(harm)
        };
        let wrong = (0..20).any(|request| {
            [Revocation::Named, Revocation::TakenOff]
                .into_iter()
                .any(|revocation| harmed(false, request, revocation) || harmed(true, request, revocation))
        });
        assert!(wrong, "{variant:?}");
    }
}

#[test]
fn mapping_by_position_links_cases_to_each_others_issues() {
    for variant in VARIANTS {
        let wrong = (0..20).any(|seed| {
            let finding = seeded(variant, seed, Some(Mutation::MapsByPosition), |project| project);
            finding.wrong.iter().any(|line| line.contains("which is not its issue"))
        });
        assert!(wrong, "{variant:?}");
    }
}
