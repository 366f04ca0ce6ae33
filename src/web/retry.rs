//! What to do after an exchange: a pure decision over what came back and what a repetition could do.
//!
//! The rule behind the table is HTTP's own (RFC 9110 §9.2.2): a request that is not idempotent is repeated only when it
//! is known that the server did not act on it.

/// What a repetition of a request could do at the server, in the words of RFC 9110.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Idempotency {
    /// Changes nothing.
    Safe,
    /// Writes, and twice is the same as once.
    Idempotent,
    /// Creates: twice would be two.
    NotIdempotent,
}

/// What came back, as far as it decides about a repetition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing was sent.
    NotSent,
    /// Bytes went out and no complete answer came back.
    Lost,
    /// An answer with a status, and JSON or nothing in it.
    Status(u16),
    /// An answer that is a page of something in between, whatever its status.
    Page(u16),
}

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// The answer is for the caller to judge: success, or a verdict about the item.
    Take,
    /// Repeat after a pause, a few times.
    Repeat,
    /// Repeat after the wait that the server asks for.
    RepeatAfterWait,
    /// Nobody knows whether the server acted: look before anything is sent again.
    Resolve,
    /// The credential or a permission: never repeat.
    Access,
    /// Not a word from the product itself: says nothing about credentials or items.
    Inconclusive,
}

/// The decision. `wait_asked`: the answer carries `Retry-After` or its like.
pub fn decide(outcome: Outcome, class: Idempotency, wait_asked: bool) -> Action {
    match outcome {
        Outcome::NotSent => Action::Repeat,
        Outcome::Lost => ambiguous(class, Action::Repeat),
        Outcome::Status(429) | Outcome::Page(429) => Action::RepeatAfterWait,
        Outcome::Status(503) | Outcome::Page(503) if wait_asked => ambiguous(class, Action::RepeatAfterWait),
        Outcome::Status(408 | 500 | 502 | 503 | 504) | Outcome::Page(408 | 500 | 502 | 503 | 504) => {
            ambiguous(class, Action::Repeat)
        }
        Outcome::Status(401 | 403) => Action::Access,
        Outcome::Status(300..=399) | Outcome::Page(300..=599) => Action::Inconclusive,
        // A success that cannot be read: a create may well have happened.
        Outcome::Page(_) => ambiguous(class, Action::Inconclusive),
        Outcome::Status(_) => Action::Take,
    }
}

fn ambiguous(class: Idempotency, otherwise: Action) -> Action {
    if class == Idempotency::NotIdempotent {
        Action::Resolve
    } else {
        otherwise
    }
}

/// Pause before the repetition number `attempt` (from 1), in milliseconds: doubling from one second to thirty, spread by
/// 70–130 % so that clients do not march in step (the spread Atlassian's rate limiting page asks for).
pub fn pause(attempt: u32, seed: u64) -> u64 {
    let base = 1_000u64
        .saturating_mul(1 << attempt.saturating_sub(1).min(5))
        .min(30_000);
    let spread = 70 + seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) % 61;
    base * spread / 100
}

#[cfg(test)]
mod tests {
    use super::{Action, Idempotency, Outcome, decide, pause};

    #[test]
    fn every_cell_of_the_table_has_its_action() {
        use Action::{Access, Inconclusive, Repeat, RepeatAfterWait, Resolve, Take};
        let table = [
            (Outcome::NotSent, false, [Repeat, Repeat, Repeat]),
            (Outcome::Lost, false, [Repeat, Repeat, Resolve]),
            (Outcome::Status(429), true, [RepeatAfterWait; 3]),
            (Outcome::Status(429), false, [RepeatAfterWait; 3]),
            (Outcome::Page(429), false, [RepeatAfterWait; 3]),
            (Outcome::Status(503), true, [RepeatAfterWait, RepeatAfterWait, Resolve]),
            (Outcome::Status(503), false, [Repeat, Repeat, Resolve]),
            (Outcome::Page(503), false, [Repeat, Repeat, Resolve]),
            (Outcome::Status(500), false, [Repeat, Repeat, Resolve]),
            (Outcome::Status(502), false, [Repeat, Repeat, Resolve]),
            (Outcome::Status(504), false, [Repeat, Repeat, Resolve]),
            (Outcome::Status(408), false, [Repeat, Repeat, Resolve]),
            (Outcome::Page(504), false, [Repeat, Repeat, Resolve]),
            (Outcome::Status(501), false, [Take; 3]),
            (Outcome::Status(505), false, [Take; 3]),
            (Outcome::Status(400), false, [Take; 3]),
            (Outcome::Status(413), false, [Take; 3]),
            (Outcome::Status(415), false, [Take; 3]),
            (Outcome::Status(422), false, [Take; 3]),
            (Outcome::Status(401), false, [Access; 3]),
            (Outcome::Status(403), false, [Access; 3]),
            (Outcome::Page(401), false, [Inconclusive; 3]),
            (Outcome::Page(403), false, [Inconclusive; 3]),
            (Outcome::Status(404), false, [Take; 3]),
            (Outcome::Page(404), false, [Inconclusive; 3]),
            (Outcome::Status(409), false, [Take; 3]),
            (Outcome::Status(412), false, [Take; 3]),
            (Outcome::Status(200), false, [Take; 3]),
            (Outcome::Status(201), false, [Take; 3]),
            (Outcome::Status(204), false, [Take; 3]),
            (Outcome::Page(200), false, [Inconclusive, Inconclusive, Resolve]),
            (Outcome::Page(201), false, [Inconclusive, Inconclusive, Resolve]),
            (Outcome::Status(302), false, [Inconclusive; 3]),
            (Outcome::Page(302), false, [Inconclusive; 3]),
            (Outcome::Status(307), false, [Inconclusive; 3]),
        ];
        for (outcome, wait, actions) in table {
            for (class, expected) in [Idempotency::Safe, Idempotency::Idempotent, Idempotency::NotIdempotent]
                .into_iter()
                .zip(actions)
            {
                assert_eq!(
                    decide(outcome, class, wait),
                    expected,
                    "{outcome:?} {class:?} wait: {wait}"
                );
            }
        }
    }

    #[test]
    fn pauses_double_from_a_second_to_thirty_and_stay_in_their_spread() {
        for seed in 0..500 {
            for (attempt, base) in [(1, 1_000), (2, 2_000), (3, 4_000), (9, 30_000)] {
                let pause = pause(attempt, seed);
                assert!(pause >= base * 7 / 10 && pause <= base * 13 / 10, "{attempt}: {pause}");
            }
        }
    }
}
