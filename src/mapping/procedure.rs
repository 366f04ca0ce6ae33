//! What is done in a Test, by its kind.

use super::definition::TestKind;
use super::step::{self, StepText};
use crate::domain::Step;

/// What is done in a Test: steps for a person, an automated test, or a scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct Procedure {
    /// Test type.
    pub kind: TestKind,
    /// Full name of the automated test, or the scenario; empty for Manual.
    pub definition: String,
    /// Steps of a Manual Test.
    pub steps: Vec<StepText>,
    /// Where shared steps become Tests to be called: the steps that stand expanded in `steps` until that is settled.
    pub calling: Vec<Step>,
}

impl Procedure {
    /// Steps for a person.
    pub fn manual(steps: Vec<StepText>) -> Self {
        Procedure {
            kind: TestKind::Manual,
            definition: String::new(),
            steps,
            calling: Vec::new(),
        }
    }

    /// True where it calls other Tests.
    pub fn has_calls(&self) -> bool {
        self.steps.iter().any(|step| step.call.is_some())
    }

    /// True where Xray's own fields of its steps are filled.
    pub fn has_step_fields(&self) -> bool {
        self.steps.iter().any(|step| !step.fields.is_empty())
    }

    /// Ids of the shared steps that could be called, in order.
    pub fn calls(&self) -> impl Iterator<Item = u64> {
        self.calling.iter().filter_map(|step| step.called)
    }

    /// Puts calls in the place of shared steps for which `test` names a Test; the others stay expanded. True where none
    /// is expanded any more, those below other steps included.
    pub fn call(&mut self, test: impl FnMut(u64) -> Option<String>) -> bool {
        fn within(steps: &[Step]) -> bool {
            steps.iter().any(|step| step.called.is_some() || within(&step.children))
        }
        let mut test = test;
        let calls: Vec<Option<String>> = self.calling.iter().map(|step| test(step.called?)).collect();
        if calls.iter().any(Option::is_some) {
            // What is lost in the texts was noted when they were expanded.
            self.steps = step::flatten(&self.calling, &calls, &mut Vec::new());
        }
        let mut rest = self.calling.iter().zip(&calls).filter(|(_, call)| call.is_none());
        !rest.any(|(step, _)| within(std::slice::from_ref(step)))
    }

    /// Bytes of text, to bound what is held at once.
    pub fn size(&self) -> usize {
        let step = |step: &StepText| step.action.len() + step.data.len() + step.result.len();
        let steps: usize = self.steps.iter().map(step).sum();
        // Steps that may become calls are held as they are and expanded.
        let steps = if self.calling.is_empty() { steps } else { 3 * steps };
        self.definition.len() + steps
    }
}
