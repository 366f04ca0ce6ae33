//! The answer of `probe`.

use std::fmt::Write as _;

use serde_json::{Value, json};
use tms_sync_host::Named;
use tms_sync_host::model::{Observation, ObservationState};

use super::text::{BAD, FAINT, GOOD, STRONG, harmless, styled};

pub fn any_broken(observations: &[Observation]) -> bool {
    count(observations, ObservationState::Broken) > 0
}

fn count(observations: &[Observation], state: ObservationState) -> usize {
    observations.iter().filter(|one| one.state == state).count()
}

pub fn text(observations: &[Observation]) -> String {
    let mut text = String::new();
    let widest = observations.iter().map(|one| one.assumption.chars().count()).max();
    let width = widest.unwrap_or(0);
    for one in observations {
        let name = harmless(&one.assumption);
        let _ = writeln!(
            text,
            "{}  {}  {}",
            mark(one.state),
            styled(STRONG, format!("{name:width$}")),
            harmless(&one.statement)
        );
        let _ = writeln!(text, "{:10}{}", "", styled(FAINT, harmless(&one.seen)));
    }
    let of = |state| count(observations, state);
    let _ = writeln!(
        text,
        "\n{} held, {} broken, {} not seen",
        of(ObservationState::Held),
        of(ObservationState::Broken),
        of(ObservationState::NotSeen)
    );
    text
}

/// Words, not signs: they survive without colour and in a log.
fn mark(state: ObservationState) -> String {
    match state {
        ObservationState::Held => styled(GOOD, "held    "),
        ObservationState::Broken => styled(BAD, "BROKEN  "),
        ObservationState::NotSeen => styled(FAINT, "not seen"),
    }
}

pub fn json(observations: &[Observation]) -> Value {
    let one = |one: &Observation| {
        json!({
            "assumption": one.assumption, "statement": one.statement,
            "state": one.state.name(), "seen": one.seen,
        })
    };
    observations.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;

    fn sample() -> Vec<Observation> {
        let one = |assumption: &str, state, seen: &str| Observation {
            assumption: assumption.to_owned(),
            statement: "What it answers: a page.".to_owned(),
            state,
            seen: seen.to_owned(),
        };
        vec![
            one(
                "testops.unknown-path",
                ObservationState::Held,
                "200 with a page\u{1b}[2J",
            ),
            one(
                "xray-dc.file-size",
                ObservationState::Broken,
                "evidence has {fileSize: string} (form: text)",
            ),
            one(
                "jira.index-lag",
                ObservationState::NotSeen,
                "only a probe that writes shows it",
            ),
        ]
    }

    #[test]
    fn each_assumption_has_its_state_and_what_was_seen() {
        assert_snapshot!(anstream::adapter::strip_str(&text(&sample())).to_string(), @r#"
            held      testops.unknown-path  What it answers: a page.
                      200 with a page\u{1b}[2J
            BROKEN    xray-dc.file-size     What it answers: a page.
                      evidence has {fileSize: string} (form: text)
            not seen  jira.index-lag        What it answers: a page.
                      only a probe that writes shows it

            1 held, 1 broken, 1 not seen
            "#);
    }

    #[test]
    fn json_has_the_words_of_the_contract() {
        assert_snapshot!(json(&sample()).pointer("/1").unwrap(), @r#"{"assumption":"xray-dc.file-size","seen":"evidence has {fileSize: string} (form: text)","state":"broken","statement":"What it answers: a page."}"#);
        assert!(any_broken(&sample()));
    }
}
