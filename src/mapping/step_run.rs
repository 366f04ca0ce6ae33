//! Executed steps as results of a Test's steps, matched by what they say.

use super::Dialect;
use super::run::prose;
use super::status::Statuses;
use super::step::StepText;
use crate::domain::{ResultStep, Status};
use crate::markup::shorten::STEP_FIELD;
use crate::text::{folded, numbered};

/// Pairs of steps that are compared; a scenario beyond it is left unmatched.
const PAIRS: usize = 1_000_000;
/// Room for what escaping adds to a text.
const TEXT: usize = STEP_FIELD / 2;

/// The result of a step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StepRun {
    /// Step status in the server's spelling.
    pub status: String,
    /// Comment in the destination's dialect; may be empty.
    pub comment: String,
    /// What was seen, in the destination's dialect; may be empty.
    pub actual: String,
}

/// Results for a Test's steps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matched {
    /// One result per step of the Test, by position; none where not a single step was found.
    pub steps: Vec<StepRun>,
    /// Executed steps that the Test does not have.
    pub left: usize,
}

/// Finds the Test's steps among the executed ones, in order. Steps are compared by their letters and digits alone:
/// numbers of nested steps and markup are ours, white space is nobody's.
pub fn match_steps(test: &[StepText], executed: &[ResultStep], statuses: &Statuses, dialect: Dialect) -> Matched {
    let mut flat = Vec::new();
    flatten(executed, &mut flat);
    let unmatched = Matched {
        steps: Vec::new(),
        left: flat.len(),
    };
    if test.is_empty() || flat.is_empty() || test.len().saturating_mul(flat.len()) > PAIRS {
        return unmatched;
    }
    let wanted: Vec<String> = test.iter().map(|step| essence(unnumbered(&step.action))).collect();
    let there: Vec<String> = flat.iter().map(|step| essence(&step.action)).collect();
    let pairs = common(&wanted, &there);
    if pairs.is_empty() {
        return unmatched;
    }
    let mut steps = untouched(test.len());
    for (at, from) in &pairs {
        if let (Some(step), Some(executed)) = (steps.get_mut(*at), flat.get(*from)) {
            *step = result(executed, statuses, dialect);
        }
    }
    Matched {
        steps,
        left: flat.len() - pairs.len(),
    }
}

/// Results of a Test's steps where a result passed as a whole, so that each of its steps did: nothing is asked of TestOps.
pub fn passed(steps: usize, statuses: &Statuses) -> Vec<StepRun> {
    let Some(status) = statuses.of(Status::Passed) else {
        return Vec::new();
    };
    let step = StepRun {
        status: status.to_owned(),
        ..StepRun::default()
    };
    vec![step; steps]
}

/// Results of steps that nobody has worked on.
pub fn untouched(steps: usize) -> Vec<StepRun> {
    let step = StepRun {
        status: Statuses::UNTOUCHED.to_owned(),
        ..StepRun::default()
    };
    vec![step; steps]
}

fn flatten<'s>(steps: &'s [ResultStep], flat: &mut Vec<&'s ResultStep>) {
    for step in steps {
        flat.push(step);
        flatten(&step.children, flat);
    }
}

fn result(step: &ResultStep, statuses: &Statuses, dialect: Dialect) -> StepRun {
    let status = step.status.and_then(|status| statuses.of(status));
    let trace = step.trace.iter().filter(|trace| step.message.as_ref() != Some(trace));
    let comment: Vec<&str> = step.message.iter().chain(trace).map(String::as_str).collect();
    let actual: Vec<String> = step.expected.iter().filter_map(judged).collect();
    StepRun {
        status: status.unwrap_or(Statuses::UNTOUCHED).to_owned(),
        comment: prose(&comment.join("\n"), TEXT, dialect),
        actual: prose(&actual.join("\n"), TEXT, dialect),
    }
}

/// What was found of an expectation: where all of them held, there is nothing to say.
fn judged(expected: &ResultStep) -> Option<String> {
    let status = expected.status.filter(|status| *status != Status::Passed)?;
    let message = expected.message.as_ref().map(|message| format!(" ({message})"));
    Some(format!(
        "{}: {}{}",
        expected.action,
        status.word(),
        message.unwrap_or_default()
    ))
}

/// A step's text without the number that nested steps carry (`1.2. `).
fn unnumbered(text: &str) -> &str {
    numbered(text).map_or(text, |(_, rest)| rest)
}

fn essence(text: &str) -> String {
    folded(text).chars().filter(|c| c.is_alphanumeric()).collect()
}

/// Positions of the longest common subsequence of two lists.
fn common(one: &[String], other: &[String]) -> Vec<(usize, usize)> {
    let width = other.len() + 1;
    let mut table = vec![0_u32; (one.len() + 1) * width];
    let at = |table: &[u32], i: usize, j: usize| table.get(i * width + j).copied().unwrap_or(0);
    for (i, left) in one.iter().enumerate().rev() {
        for (j, right) in other.iter().enumerate().rev() {
            let best = if left == right && !left.is_empty() {
                at(&table, i + 1, j + 1) + 1
            } else {
                at(&table, i + 1, j).max(at(&table, i, j + 1))
            };
            if let Some(cell) = table.get_mut(i * width + j) {
                *cell = best;
            }
        }
    }
    let (mut i, mut j, mut pairs) = (0, 0, Vec::new());
    while let (Some(left), Some(right)) = (one.get(i), other.get(j)) {
        if left == right && !left.is_empty() {
            pairs.push((i, j));
            (i, j) = (i + 1, j + 1);
        } else if at(&table, i + 1, j) >= at(&table, i, j + 1) {
            i += 1;
        } else {
            j += 1;
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::super::options::StatusNames;
    use super::{Dialect, Matched, ResultStep, Statuses, StepText, match_steps, passed};
    use crate::domain::Status;

    fn test(actions: &[&str]) -> Vec<StepText> {
        let step = |action: &&str| StepText {
            action: (*action).to_owned(),
            ..StepText::default()
        };
        actions.iter().map(step).collect()
    }

    fn ran(action: &str, status: Status) -> ResultStep {
        ResultStep {
            action: action.to_owned(),
            status: Some(status),
            ..ResultStep::default()
        }
    }

    fn matched(test: &[StepText], executed: &[ResultStep]) -> Matched {
        let names = ["PASS", "FAIL", "TODO"].map(str::to_owned);
        match_steps(
            test,
            executed,
            &Statuses::of_steps(&names, &StatusNames::default()),
            Dialect::Adf,
        )
    }

    #[test]
    fn every_step_of_a_passed_result_passed_without_being_read() {
        let of = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            Statuses::of_steps(&names, &StatusNames::default())
        };
        let steps = passed(2, &of(&["PASS", "FAIL", "TODO"]));
        assert!(
            steps.len() == 2
                && steps
                    .iter()
                    .all(|step| step.status == "PASS" && step.comment.is_empty())
        );
        assert_eq!(passed(2, &of(&["TODO"])), []);
    }

    fn statuses(matched: &Matched) -> Vec<&str> {
        matched.steps.iter().map(|step| step.status.as_str()).collect()
    }

    #[test]
    fn steps_are_found_by_what_they_say_whatever_their_number_and_markup() {
        let test = test(&["1. Open *the* page", "1.1. Click", "2. Never run", "3. Leave"]);
        let mut open = ran("Open the page", Status::Passed);
        open.children = vec![ran("click", Status::Failed)];
        let found = matched(&test, &[open, ran("Leave", Status::Broken)]);
        assert_eq!(statuses(&found), ["PASS", "FAIL", "TODO", "FAIL"]);
        assert_eq!(found.left, 0);
    }

    #[test]
    fn steps_that_the_test_lacks_are_counted_and_move_nothing() {
        let test = test(&["Open", "Check", "Open"]);
        let steps = [
            ran("Set up", Status::Passed),
            ran("Open", Status::Passed),
            ran("Check", Status::Failed),
        ];
        let found = matched(&test, &steps);
        assert_eq!((statuses(&found), found.left), (vec!["PASS", "FAIL", "TODO"], 1));
    }

    #[test]
    fn a_scenario_of_which_nothing_is_found_brings_no_step_results() {
        let found = matched(
            &test(&["Open"]),
            &[ran("Prepare", Status::Passed), ran("!", Status::Passed)],
        );
        assert_eq!((found.steps.len(), found.left), (0, 2));
    }

    #[test]
    fn messages_and_failed_expectations_go_along() {
        let mut step = ran("Open", Status::Failed);
        step.message = Some("no page".to_owned());
        step.expected = vec![ran("It opens", Status::Failed), ran("It is blue", Status::Passed)];
        let found = matched(&test(&["Open"]), &[step]);
        assert_eq!(
            (found.steps[0].comment.as_str(), found.steps[0].actual.as_str()),
            ("no page", "It opens: failed")
        );
    }
}
