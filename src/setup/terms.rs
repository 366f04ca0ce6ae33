//! The plugin's own words in its contract with hosts. Hosts store them: a name never changes its meaning.

use super::Term;
use crate::domain::Unit;
use crate::error::Side;
use crate::ports::{Entity, Stage};

/// Whose matter something can be, beside the settings and the host.
pub(super) const SIDES: &[Term] = &[
    term("testops", "Allure TestOps", "Allure TestOps"),
    term("tracker", "Jira", "Jira"),
    term("product", "Xray", "Xray"),
];

/// What verdicts and ledger rows are about.
pub(super) const ENTITIES: &[Term] = &[
    term("test-case", "test case", "test cases"),
    term("launch", "launch", "launches"),
    term("precondition", "precondition", "preconditions"),
    term("shared-step", "shared step", "shared steps"),
    term("checkpoint", "checkpoint", "checkpoints"),
];

/// The run as a whole, and its parts in their order.
pub(super) const PHASES: &[Term] = &[
    term("run", "requests of the run", "requests of the run"),
    term("checking", "checking", "checking"),
    term("reading-cases", "reading cases", "reading cases"),
    term("comparing", "comparing", "comparing"),
    term("writing-cases", "writing cases", "writing cases"),
    term("reading-launches", "reading launches", "reading launches"),
    term("publishing", "publishing", "publishing"),
];

const fn term(name: &'static str, title: &'static str, plural: &'static str) -> Term {
    Term { name, title, plural }
}

/// Name of a side.
pub fn side(side: Side) -> &'static str {
    match side {
        Side::TestOps => "testops",
        Side::Jira => "tracker",
        Side::Xray => "product",
        Side::Settings => "settings",
        Side::Host => "host",
    }
}

/// Name of what a ledger row is about.
pub fn entity(entity: Entity) -> &'static str {
    match entity {
        Entity::TestCase => "test-case",
        Entity::Launch => "launch",
        Entity::Precondition => "precondition",
        Entity::SharedStep => "shared-step",
        Entity::Checkpoint => "checkpoint",
    }
}

/// What a ledger row is about, by its name.
pub fn entity_named(name: &str) -> Option<Entity> {
    const ALL: [Entity; 5] = [
        Entity::TestCase,
        Entity::Launch,
        Entity::Precondition,
        Entity::SharedStep,
        Entity::Checkpoint,
    ];
    ALL.into_iter().find(|it| entity(*it) == name)
}

/// Name of what a verdict is about.
pub fn unit(unit: Unit) -> &'static str {
    match unit {
        Unit::TestCase => entity(Entity::TestCase),
        Unit::Launch => entity(Entity::Launch),
    }
}

/// Name of a part of a run.
pub fn phase(stage: Stage) -> &'static str {
    match stage {
        Stage::Run => "run",
        Stage::Checking => "checking",
        Stage::ReadingCases => "reading-cases",
        Stage::Comparing => "comparing",
        Stage::WritingCases => "writing-cases",
        Stage::ReadingLaunches => "reading-launches",
        Stage::Publishing => "publishing",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_in_use_is_declared() {
        let declared = |terms: &[Term], name| terms.iter().any(|term| term.name == name);
        for it in [Side::TestOps, Side::Jira, Side::Xray] {
            assert!(declared(SIDES, side(it)), "{it:?}");
        }
        for term in ENTITIES {
            assert_eq!(entity_named(term.name).map(entity), Some(term.name));
        }
        for it in [
            Stage::Run,
            Stage::Checking,
            Stage::ReadingCases,
            Stage::Comparing,
            Stage::WritingCases,
            Stage::ReadingLaunches,
            Stage::Publishing,
        ] {
            assert!(declared(PHASES, phase(it)), "{it:?}");
        }
    }
}
