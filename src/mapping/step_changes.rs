//! How one list of steps becomes another, in what Xray can do: change a step, remove one, append one. It can neither
//! insert a step nor move one, so a step that comes in between moves the texts behind it on, or is bought by removing and
//! appending, whichever takes fewer changes. A step that calls a Test cannot be changed into another or into a text.

use super::step::StepText;

/// Cells of the table that is searched for the fewest changes; longer lists are compared by position.
const CELLS: usize = 1 << 18;

/// One change. Positions are those of the list before any change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepChange<'a> {
    /// The step at a position gets this text and keeps its id.
    Update(usize, &'a StepText),
    /// The step at a position goes.
    Remove(usize),
    /// This step comes at the end.
    Append(&'a StepText),
}

/// A step that stands.
#[derive(Clone, Copy, Debug)]
pub struct ExistingStep<'a> {
    /// What it says.
    pub text: &'a StepText,
    /// It stays as it is, whatever is wanted around it.
    pub fixed: bool,
}

/// The fewest changes after which the steps that are not fixed are the wanted ones, in order. Among equally few, those
/// that leave the most steps untouched.
pub fn step_changes<'a>(standing: &[ExistingStep<'_>], wanted: &'a [StepText]) -> Vec<StepChange<'a>> {
    let ours: Vec<usize> = (0..standing.len())
        .filter(|at| standing.get(*at).is_some_and(|step| !step.fixed))
        .collect();
    let becomes = |from: usize, to: usize| {
        let there = ours.get(from).and_then(|at| standing.get(*at)).map(|step| step.text)?;
        let wanted = wanted.get(to)?;
        let equal = there == wanted;
        (equal || there.call.is_none() && wanted.call.is_none()).then_some(equal)
    };
    let equal = |from: usize, to: usize| becomes(from, to) == Some(true);
    // Equal beginnings are part of some best solution: whatever else their steps could be matched with costs no less.
    let same = (0..ours.len().min(wanted.len()))
        .take_while(|at| equal(*at, *at))
        .count();
    let (olds, news) = (ours.len() - same, wanted.len() - same);
    let kept = if olds.saturating_mul(news) <= CELLS {
        fewest(olds, news, |from, to| becomes(same + from, same + to))
    } else {
        let stays = |at: &usize| becomes(same + at, same + at).is_some();
        (0..olds.min(news)).take_while(stays).collect()
    };
    let mut changes = Vec::new();
    let mut next = same;
    for from in 0..olds {
        let Some(at) = ours.get(same + from) else { continue };
        if kept.get(next - same) == Some(&from) {
            match wanted.get(next) {
                Some(text) if !equal(same + from, next) => changes.push(StepChange::Update(*at, text)),
                _ => {}
            }
            next += 1;
        } else {
            changes.push(StepChange::Remove(*at));
        }
    }
    changes.extend(wanted.iter().skip(next).map(StepChange::Append));
    changes
}

/// The list after the changes: what each step says, and its position before them where it stood already.
pub fn after<'a>(standing: &[ExistingStep<'a>], changes: &[StepChange<'a>]) -> Vec<(Option<usize>, &'a StepText)> {
    let there = standing
        .iter()
        .enumerate()
        .map(|(at, step)| Some((Some(at), step.text)));
    let mut list: Vec<Option<(Option<usize>, &StepText)>> = there.collect();
    let mut end = Vec::new();
    for change in changes {
        let (at, text) = match change {
            StepChange::Update(at, text) => (*at, Some((Some(*at), *text))),
            StepChange::Remove(at) => (*at, None),
            StepChange::Append(text) => {
                end.push(Some((None, *text)));
                continue;
            }
        };
        if let Some(slot) = list.get_mut(at) {
            *slot = text;
        }
    }
    list.into_iter().chain(end).flatten().collect()
}

/// Which old steps stay, one for each of the first new ones: the choice with the fewest changes. Every row of the table
/// says, for each number of new steps that are still to come, what the best choice for the rest costs. `becomes`: whether
/// an old step equals a new one; `None` where it cannot be changed into it.
fn fewest(olds: usize, news: usize, becomes: impl Fn(usize, usize) -> Option<bool>) -> Vec<usize> {
    // Changes first, untouched steps second; what is compared is smaller where it is better.
    type Cost = (u32, u32);
    let worse = |cost: Cost, by: u32| (cost.0 + by, cost.1);
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let mut below: Vec<Cost> = (0..=news).map(|to| (count(news - to), u32::MAX)).collect();
    let mut stays: Vec<Vec<bool>> = Vec::with_capacity(olds);
    for from in (0..olds).rev() {
        let mut row = Vec::with_capacity(news + 1);
        let mut choice = Vec::with_capacity(news);
        for to in 0..=news {
            let without = below.get(to).map_or((u32::MAX, 0), |cost| worse(*cost, 1));
            let with = below.get(to + 1).and_then(|cost| match becomes(from, to)? {
                true => Some((cost.0, cost.1 - 1)),
                false => Some(worse(*cost, 1)),
            });
            let stay = with.filter(|with| *with <= without);
            choice.push(stay.is_some());
            row.push(stay.unwrap_or(without));
        }
        below = row;
        stays.push(choice);
    }
    stays.reverse();
    let (mut kept, mut to) = (Vec::new(), 0);
    for (from, choice) in stays.iter().enumerate() {
        if choice.get(to) == Some(&true) {
            kept.push(from);
            to += 1;
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::{ExistingStep, StepChange, after, step_changes};
    use crate::mapping::StepText;
    use proptest::prelude::*;

    fn steps(words: &str) -> Vec<StepText> {
        let step = |word: char| match word.is_numeric() {
            true => StepText {
                call: Some(word.to_string()),
                ..StepText::default()
            },
            false => StepText {
                action: word.to_string(),
                ..StepText::default()
            },
        };
        words.chars().map(step).collect()
    }

    fn shown(text: &StepText) -> &str {
        text.call.as_ref().unwrap_or(&text.action)
    }

    /// Upper case: fixed. Digits: calls.
    fn standing(steps: &[StepText]) -> Vec<ExistingStep<'_>> {
        let fixed = |text: &StepText| shown(text).chars().all(char::is_uppercase);
        steps
            .iter()
            .map(|text| ExistingStep {
                text,
                fixed: fixed(text),
            })
            .collect()
    }

    fn shown_changes(old: &str, new: &str) -> String {
        let (old, new) = (steps(old), steps(new));
        let changes = step_changes(&standing(&old), &new);
        let words = changes.iter().map(|change| match change {
            StepChange::Update(at, text) => format!("{at}={}", shown(text)),
            StepChange::Remove(at) => format!("-{at}"),
            StepChange::Append(text) => format!("+{}", shown(text)),
        });
        words.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn what_is_equal_is_left_alone() {
        for (old, new, changes) in [
            ("abc", "abc", ""),
            ("abc", "axc", "1=x"),
            ("abc", "abcd", "+d"),
            ("abc", "bc", "-0"),
            ("abc", "ac", "-1"),
            ("abcd", "bcde", "-0 +e"),
            ("ab", "ba", "-0 +a"),
            ("abc", "xabc", "0=x 1=a 2=b +c"),
            ("abc", "", "-0 -1 -2"),
            ("", "ab", "+a +b"),
            ("aXb", "ab", ""),
            ("aXb", "ac", "2=c"),
            ("Xab", "b", "-1"),
            ("a1b", "a1b", ""),
            ("a1b", "a1c", "2=c"),
            ("a1b", "a2b", "-1 -2 +2 +b"),
            ("ab", "a1b", "-1 +1 +b"),
            ("a1b", "ab", "-1"),
            ("a1b", "acb", "-1 2=c +b"),
            ("12", "21", "-0 +1"),
        ] {
            assert_eq!(shown_changes(old, new), changes, "{old} → {new}");
        }
    }

    #[test]
    fn lists_too_long_to_search_are_compared_by_position() {
        let long: String = (0..2_000).map(|at| char::from(b'a' + (at % 26) as u8)).collect();
        let (old, new) = (steps(&format!("x{long}")), steps(&format!("y{long}z")));
        let changes = step_changes(&standing(&old), &new);
        let made: Vec<&StepText> = after(&standing(&old), &changes)
            .into_iter()
            .map(|(_, text)| text)
            .collect();
        assert_eq!(made, new.iter().collect::<Vec<_>>());
    }

    /// The fewest changes, found the slow way: every choice of old steps that stay.
    fn least(old: &[char], new: &[char]) -> usize {
        (0..1_u32 << old.len())
            .filter(|set| set.count_ones() as usize <= new.len())
            .map(|set| {
                (0..old.len())
                    .filter(|at| set & (1 << at) != 0)
                    .map(|at| old[at])
                    .collect::<Vec<char>>()
            })
            .filter(|kept| {
                let call = |(one, other): (&char, &char)| one == other || !one.is_numeric() && !other.is_numeric();
                kept.iter().zip(new).all(call)
            })
            .map(|kept| {
                let updated = kept.iter().zip(new).filter(|(one, other)| one != other).count();
                old.len() - kept.len() + updated + new.len() - kept.len()
            })
            .min()
            .unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn the_changes_make_the_wanted_list_and_are_the_fewest(old in "[a-cX1-2]{0,8}", new in "[a-c1-2]{0,8}") {
            let (there, wanted) = (steps(&old), steps(&new));
            let standing = standing(&there);
            let changes = step_changes(&standing, &wanted);
            let made: String = after(&standing, &changes).iter().map(|(_, text)| shown(text)).collect();
            prop_assert_eq!(made.replace('X', ""), new.clone());
            let count = |text: &str| text.matches('X').count();
            prop_assert_eq!(count(&made), count(&old), "what is fixed stays");
            let ours: Vec<char> = old.chars().filter(|c| *c != 'X').collect();
            let wanted: Vec<char> = new.chars().collect();
            prop_assert_eq!(changes.len(), least(&ours, &wanted));
            for change in &changes {
                if let StepChange::Update(at, text) = change {
                    prop_assert!(standing[*at].text != *text, "an equal step is not written");
                    prop_assert!(standing[*at].text.call.is_none() && text.call.is_none(), "a call is not changed");
                }
            }
        }
    }
}
