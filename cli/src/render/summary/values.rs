//! The values of an item's fields, before and after.

use std::fmt::Write as _;

use similar::{ChangeTag, TextDiff};

use super::super::text::{BAD, FAINT, GOOD, harmless, shortened, styled};
use crate::report::Change;

/// Lines of one field that are shown unless all are asked for.
const MOST_LINES: usize = 8;
/// Characters of a line that are shown unless all are asked for.
const MOST_LINE: usize = 100;
/// Characters of both values together that fit one line.
const ONE_LINE: usize = 70;

/// Each change on lines of its own, below `indent`. Long values are folded unless `full`.
pub fn text(changes: &[Change], full: bool, indent: &str) -> String {
    let name = |change: &Change| harmless(&change.field).chars().count();
    let width = changes.iter().map(name).max().unwrap_or_default();
    let mut text = String::new();
    for change in changes {
        let lines = lines(change);
        let most = if full { usize::MAX } else { MOST_LINES };
        let mut name = harmless(&change.field).into_owned();
        for line in lines.iter().take(most) {
            let line = format!("{indent}{name:<width$}  {}", line.shown(full));
            text.push_str(line.trim_end());
            text.push('\n');
            name.clear();
        }
        if let Some(more) = lines.len().checked_sub(most).filter(|more| *more > 0) {
            let line = format!("… {more} more lines; --full-values shows them");
            let _ = writeln!(text, "{indent}{name:<width$}  {}", styled(FAINT, line));
        }
    }
    text
}

/// A line of a change.
enum Line<'a> {
    Value(&'a str),
    Both(&'a str, &'a str),
    Removed(&'a str),
    Added(&'a str),
    Remark(&'static str),
}

impl Line<'_> {
    fn shown(&self, full: bool) -> String {
        let most = if full { usize::MAX } else { MOST_LINE };
        let cut = |text| shortened(text, most);
        match self {
            Self::Value(value) => cut(value).into_owned(),
            Self::Both(before, after) => format!("{} → {}", styled(BAD, quoted(before)), styled(GOOD, quoted(after))),
            Self::Removed(line) => styled(BAD, format!("- {}", cut(line))),
            Self::Added(line) => styled(GOOD, format!("+ {}", cut(line))),
            Self::Remark(remark) => styled(FAINT, remark),
        }
    }
}

fn quoted(value: &str) -> String {
    match value {
        "" => "(empty)".to_owned(),
        value => harmless(value).into_owned(),
    }
}

fn lines(change: &Change) -> Vec<Line<'_>> {
    match (change.before.as_deref(), change.after.as_deref()) {
        (None, None) => vec![Line::Remark("differs")],
        (None, Some(after)) if after.contains('\n') => after.lines().map(Line::Value).collect(),
        (None, Some(after)) => vec![Line::Value(after)],
        (Some(before), None) => before.lines().map(Line::Removed).collect(),
        (Some(before), Some(after)) if before == after => vec![Line::Remark("the same text, formatted otherwise")],
        (Some(before), Some(after)) if is_short(before, after) => vec![Line::Both(before, after)],
        (Some(before), Some(after)) => differing(before, after),
    }
}

fn is_short(before: &str, after: &str) -> bool {
    !before.contains('\n') && !after.contains('\n') && before.chars().count() + after.chars().count() <= ONE_LINE
}

/// The lines in which both differ; of steps, the steps.
fn differing<'a>(before: &'a str, after: &'a str) -> Vec<Line<'a>> {
    let (before, after): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let difference = TextDiff::from_slices(&before, &after);
    let line = |change: similar::Change<&'a str>| {
        let line = change.value();
        match change.tag() {
            ChangeTag::Equal => None,
            ChangeTag::Delete => Some(Line::Removed(line)),
            ChangeTag::Insert => Some(Line::Added(line)),
        }
    };
    difference.iter_all_changes().filter_map(line).collect()
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;

    fn change(field: &str, before: Option<&str>, after: Option<&str>) -> Change {
        Change {
            field: field.to_owned(),
            before: before.map(str::to_owned),
            after: after.map(str::to_owned),
        }
    }

    fn plain(changes: &[Change], full: bool) -> String {
        anstream::adapter::strip_str(&text(changes, full, "  ")).to_string()
    }

    #[test]
    fn steps_are_shown_as_those_that_go_and_those_that_come() {
        let before = "1. Open → it opens\n2. Type\n3. Send";
        let after = "1. Open → it opens\n2. Type slowly\n3. Send\n4. Wait";
        let changes = [
            change("summary", Some("Log in"), Some("Sign in")),
            change("steps", Some(before), Some(after)),
            change("description", Some("One text"), Some("One text")),
            change("folder", Some(""), Some("/Web shop")),
            change("fields", None, None),
        ];
        assert_snapshot!(plain(&changes, false), @"
        summary      Log in → Sign in
        steps        - 2. Type
                     + 2. Type slowly
                     + 4. Wait
        description  the same text, formatted otherwise
        folder       (empty) → /Web shop
        fields       differs
        ");
    }

    #[test]
    fn what_is_new_is_shown_with_its_values() {
        let changes = [
            change("summary", None, Some("Log in")),
            change("steps", None, Some("1. Open\n2. Type")),
        ];
        assert_snapshot!(plain(&changes, false), @"
        summary  Log in
        steps    1. Open
                 2. Type
        ");
    }

    #[test]
    fn long_values_are_folded_and_shown_whole_on_demand() {
        let steps: Vec<String> = (1..=12).map(|number| format!("{number}. Press the key")).collect();
        let changes = [
            change("definition", None, Some(&"a".repeat(300))),
            change("steps", None, Some(&steps.join("\n"))),
        ];
        assert_snapshot!(plain(&changes, false), @"
        definition  aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…
        steps       1. Press the key
                    2. Press the key
                    3. Press the key
                    4. Press the key
                    5. Press the key
                    6. Press the key
                    7. Press the key
                    8. Press the key
                    … 4 more lines; --full-values shows them
        ");
        let full = plain(&changes, true);
        assert!(
            full.contains(&"a".repeat(300)) && full.ends_with("12. Press the key\n"),
            "{full}"
        );
    }

    #[test]
    fn a_value_of_a_server_cannot_drive_the_terminal() {
        let changes = [change("steps", Some("1. \u{1b}[2J\n2. x"), Some("1. \u{7}\n2. x"))];
        let text = plain(&changes, true);
        assert!(
            !text.contains(|character: char| character.is_control() && character != '\n'),
            "{text:?}"
        );
    }
}
