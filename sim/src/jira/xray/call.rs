//! Tests that call others: manual ones only, five in a chain at the most, 200 called ones in a run at the most (docs.getxray.app,
//! Modular Tests). What becomes of a call whose test is deleted is not documented: here it stays and shows no step.

use std::sync::Arc;

use super::Xray;
use super::definition::{Definition, Step};
use super::run::Ran;
use super::settings::Kind;
use crate::jira::id::IssueId;

/// Tests in a chain of calls, the first included.
const CHAIN: usize = 5;
/// Called tests of one test, those that they call included.
const CALLED: usize = 200;

/// A step where it shows once calls are unfolded.
#[derive(Clone, Copy, Debug)]
pub struct Unfolded<'x> {
    /// The step.
    pub step: &'x Step,
    /// The test that has it.
    pub test: IssueId,
    /// The test that calls that one; `None` for steps of the unfolded test itself.
    pub parent: Option<IssueId>,
}

impl Xray {
    /// Steps of a manual test in order; none of others.
    fn own_steps(&self, test: IssueId) -> &[Step] {
        match self.test(test) {
            Some(data) if data.definition.test_type.kind == Kind::Steps => &data.definition.steps,
            _ => &[],
        }
    }

    /// Steps of a test with those of called tests in place of the calls.
    #[must_use]
    pub fn unfolded(&self, test: IssueId) -> Vec<Unfolded<'_>> {
        let mut steps = Vec::new();
        self.unfold(test, None, CHAIN, &mut steps);
        steps
    }

    fn unfold<'x>(&'x self, test: IssueId, parent: Option<IssueId>, chain: usize, steps: &mut Vec<Unfolded<'x>>) {
        let Some(chain) = chain.checked_sub(1) else { return };
        self.unfold_steps(self.own_steps(test), test, parent, chain, steps);
    }

    fn unfold_steps<'x>(
        &'x self,
        own: &'x [Step],
        test: IssueId,
        parent: Option<IssueId>,
        chain: usize,
        steps: &mut Vec<Unfolded<'x>>,
    ) {
        for step in own {
            match step.call_test {
                Some(called) => self.unfold(called, Some(test), chain, steps),
                None => steps.push(Unfolded { step, test, parent }),
            }
        }
    }

    /// What a run of a version, or of the default, is created with: calls are unfolded.
    pub(super) fn of_runs(&self, test: IssueId, version: Option<u32>) -> Option<Ran> {
        let version = version.unwrap_or(self.tests.get(&test)?.version.id);
        let definition = self.definition(test, Some(version))?;
        if definition.steps.iter().all(|step| step.call_test.is_none()) {
            return Some((version, Arc::clone(definition)));
        }
        let mut steps = Vec::new();
        self.unfold_steps(&definition.steps, test, None, CHAIN - 1, &mut steps);
        let steps = steps.into_iter().map(|it| it.step.clone()).collect();
        let unfolded = Definition {
            steps,
            ..(**definition).clone()
        };
        Some((version, Arc::new(unfolded)))
    }

    /// How many steps a run of a version, or of the default, has.
    #[must_use]
    pub fn steps_of_runs(&self, test: IssueId, version: Option<u32>) -> usize {
        let of = self.of_runs(test, version);
        of.filter(|(_, of)| of.test_type.kind == Kind::Steps)
            .map_or(0, |(_, of)| of.steps.len())
    }

    fn called_by(&self, test: IssueId) -> impl Iterator<Item = IssueId> {
        self.own_steps(test).iter().filter_map(|step| step.call_test)
    }

    /// Tests in the longest chain that begins with a test.
    fn below(&self, test: IssueId, most: usize) -> usize {
        let Some(most) = most.checked_sub(1) else { return 1 };
        1 + self.called_by(test).map(|it| self.below(it, most)).max().unwrap_or(0)
    }

    /// Tests in the longest chain that ends with a test.
    fn above(&self, test: IssueId, most: usize) -> usize {
        let Some(most) = most.checked_sub(1) else { return 1 };
        let callers = self
            .tests
            .keys()
            .filter(|it| self.called_by(**it).any(|called| called == test));
        1 + callers.map(|it| self.above(*it, most)).max().unwrap_or(0)
    }

    fn reaches(&self, from: IssueId, to: IssueId, most: usize) -> bool {
        let Some(most) = most.checked_sub(1) else { return false };
        from == to || self.called_by(from).any(|it| self.reaches(it, to, most))
    }

    fn number(&self, calls: impl Iterator<Item = IssueId>, most: usize) -> usize {
        let Some(most) = most.checked_sub(1) else { return 0 };
        calls.map(|it| 1 + self.number(self.called_by(it), most)).sum()
    }

    /// Judges calls that a test is to have beside its own; `caller` is `None` for a test that is being made.
    ///
    /// # Errors
    /// In words: a test that cannot be called, a circle, a chain that is too long, too many calls.
    pub fn may_call(&self, caller: Option<IssueId>, calls: &[IssueId]) -> Result<(), &'static str> {
        for &called in calls {
            let kind = self.test(called).map(|test| test.definition.test_type.kind);
            if kind != Some(Kind::Steps) {
                return Err("Only manual tests can be called");
            }
            if caller.is_some_and(|caller| self.reaches(called, caller, CHAIN)) {
                return Err("Circular test calls are not allowed");
            }
            let above = caller.map_or(1, |caller| self.above(caller, CHAIN));
            if above + self.below(called, CHAIN) > CHAIN {
                return Err("The depth limit of called tests is exceeded");
            }
        }
        let own = caller.into_iter().flat_map(|caller| self.called_by(caller));
        match self.number(own.chain(calls.iter().copied()), CHAIN) > CALLED {
            true => Err("The limit of called tests is exceeded"),
            false => Ok(()),
        }
    }
}
