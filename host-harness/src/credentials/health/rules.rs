//! From one state to the next: pure, so that every rule can be tested by itself.

use super::version::Nature;
use crate::ledger::health::{Reason, Standing, State};
use crate::model::FaultKind;

/// A refusal is believed when it is seen again after so long, in milliseconds.
pub const CONFIRM_MS: u64 = 10 * 60 * 1_000;
/// Refused log-ins that a password may cost, ever: Jira Data Center's default threshold for a CAPTCHA is three.
const PASSWORD_REFUSALS: usize = 2;
/// Refused log-ins that any other secret may cost in [`DAY_MS`].
const TOKEN_REFUSALS: usize = 3;
const DAY_MS: u64 = 24 * 60 * 60 * 1_000;

/// Why a credential is not used now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Barred {
    /// Not before a person acts.
    ByState,
    /// A log-in was refused a moment ago; when another may be tried.
    Until(u64),
    /// It has cost as many refused log-ins as it may, ever.
    Spent,
}

impl Standing {
    /// Whether it may be used for a run.
    pub(crate) fn admits_run(&self, nature: Nature, now: u64) -> Result<(), Barred> {
        if self.is_off() {
            return Err(Barred::ByState);
        }
        self.admits_log_in(nature, now)
    }

    /// Whether a log-in may be tried, whatever the state: what a person's connection test asks.
    pub(crate) fn admits_log_in(&self, nature: Nature, now: u64) -> Result<(), Barred> {
        let recent = self.refused.iter().filter(|at| now < *at + DAY_MS).count();
        match nature {
            Nature::Password if self.refused.len() >= PASSWORD_REFUSALS => return Err(Barred::Spent),
            Nature::Token if recent >= TOKEN_REFUSALS => {
                let oldest = self.refused.iter().rev().nth(TOKEN_REFUSALS - 1);
                return Err(Barred::Until(oldest.map_or(now, |at| at + DAY_MS)));
            }
            Nature::Password | Nature::Token => {}
        }
        let doubted = match &self.state {
            State::Suspect(reason) | State::Disabled(reason) if reason.kind == FaultKind::Credential => {
                Some(reason.seen)
            }
            _ => None,
        };
        let last = self.refused.last().copied().max(doubted);
        match last.map(|at| at + CONFIRM_MS) {
            Some(until) if now < until => Err(Barred::Until(until)),
            _ => Ok(()),
        }
    }

    /// As it would stand without these refused log-ins.
    pub(crate) fn without(&self, refusals: &[u64]) -> Self {
        let mut standing = self.clone();
        for refusal in refusals {
            if let Some(place) = standing.refused.iter().position(|at| at == refusal) {
                standing.refused.remove(place);
            }
        }
        standing
    }

    /// A log-in was refused. What it means is said by the plugin, later.
    pub(crate) fn log_in_refused(&mut self, nature: Nature, now: u64) {
        self.refused.push(now);
        if nature == Nature::Token {
            self.refused.retain(|at| now < at + DAY_MS);
        }
    }

    /// The plugin reports what the product said.
    pub(crate) fn observe(&mut self, found: Reason, nature: Nature, now: u64) {
        let known = match std::mem::replace(&mut self.state, State::Active) {
            // Off is off: what led there stays, and a person decides.
            off @ (State::Disabled(_) | State::Locked(_)) if found.kind != FaultKind::Locked => {
                self.state = off;
                return;
            }
            State::Suspect(known) if known.kind == found.kind => Some(known),
            _ => None,
        };
        let since = known.as_ref().map_or(now, |known| known.since);
        let reason = Reason {
            since,
            seen: now,
            ..found
        };
        let is_spent = nature == Nature::Password && self.refused.len() >= PASSWORD_REFUSALS;
        self.state = match reason.kind {
            FaultKind::Locked => State::Locked(reason),
            FaultKind::Credential if is_spent => State::Disabled(reason),
            _ if known.is_some() && now >= since + CONFIRM_MS => State::Disabled(reason),
            _ => State::Suspect(reason),
        };
    }

    /// It worked, in a call that began at `began`. Off is left only where the whole call succeeded.
    pub(crate) fn proved(&mut self, began: u64, now: u64, whole: bool) {
        self.proved_at = Some(now);
        match &self.state {
            State::Disabled(_) | State::Locked(_) if whole => {
                self.state = State::Active;
                self.cleared_at = Some(began);
            }
            State::Suspect(_) => self.state = State::Active,
            State::Active | State::Disabled(_) | State::Locked(_) => {}
        }
    }

    /// Another secret has taken its place, and works.
    pub(crate) fn replaced(&mut self) {
        self.state = State::Active;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::health::StandingKey;
    use crate::model::Side;

    const MINUTE: u64 = 60_000;

    fn fresh() -> Standing {
        let key = StandingKey {
            origin: "https://jira.example".to_owned(),
            version: "5e".to_owned(),
            access: None,
        };
        Standing::new(key, "jira")
    }

    fn said(kind: FaultKind) -> Reason {
        Reason {
            kind,
            side: Side::Tracker,
            message: "no".to_owned(),
            hint: None,
            since: 0,
            seen: 0,
        }
    }

    fn refuse(standing: &mut Standing, nature: Nature, minute: u64) {
        standing.log_in_refused(nature, minute * MINUTE);
        standing.observe(said(FaultKind::Credential), nature, minute * MINUTE);
    }

    #[test]
    fn a_second_refusal_counts_only_after_ten_minutes_without_a_success() {
        let mut standing = fresh();
        refuse(&mut standing, Nature::Token, 100);
        assert!(matches!(standing.state, State::Suspect(_)));
        assert_eq!(
            standing.admits_run(Nature::Token, 109 * MINUTE),
            Err(Barred::Until(110 * MINUTE))
        );
        assert_eq!(standing.admits_run(Nature::Token, 110 * MINUTE), Ok(()));
        standing.proved(110 * MINUTE, 110 * MINUTE, false);
        refuse(&mut standing, Nature::Token, 111);
        assert!(matches!(standing.state, State::Suspect(_)));
        refuse(&mut standing, Nature::Token, 121);
        assert!(matches!(standing.state, State::Disabled(_)));
        assert_eq!(standing.admits_run(Nature::Token, 9_000 * MINUTE), Err(Barred::ByState));
    }

    #[test]
    fn a_password_is_refused_twice_at_most_in_its_life() {
        let mut standing = fresh();
        refuse(&mut standing, Nature::Password, 1);
        assert_eq!(
            standing.admits_log_in(Nature::Password, 10 * MINUTE),
            Err(Barred::Until(11 * MINUTE))
        );
        standing.proved(11 * MINUTE, 11 * MINUTE, true);
        refuse(&mut standing, Nature::Password, 500_000);
        assert!(matches!(standing.state, State::Disabled(_)));
        assert_eq!(
            standing.admits_log_in(Nature::Password, 900_000 * MINUTE),
            Err(Barred::Spent)
        );
    }

    #[test]
    fn a_call_may_ask_again_after_its_own_refusal_and_not_after_another_ones() {
        let mut standing = fresh();
        standing.log_in_refused(Nature::Token, MINUTE);
        assert_eq!(standing.without(&[MINUTE]).admits_run(Nature::Token, MINUTE), Ok(()));
        // Another call at the same moment.
        standing.log_in_refused(Nature::Token, MINUTE);
        assert_eq!(
            standing.without(&[MINUTE]).admits_run(Nature::Token, MINUTE),
            Err(Barred::Until(11 * MINUTE))
        );
    }

    #[test]
    fn a_token_is_refused_three_times_a_day_at_most() {
        let mut standing = fresh();
        for minute in [0, 20, 40] {
            assert_eq!(
                standing.admits_log_in(Nature::Token, minute * MINUTE),
                Ok(()),
                "{minute}"
            );
            refuse(&mut standing, Nature::Token, minute);
        }
        assert_eq!(
            standing.admits_log_in(Nature::Token, 60 * MINUTE),
            Err(Barred::Until(DAY_MS))
        );
        assert_eq!(standing.admits_log_in(Nature::Token, DAY_MS), Ok(()));
    }

    #[test]
    fn a_lock_holds_at_once_and_until_a_whole_call_succeeds() {
        let mut standing = fresh();
        standing.observe(said(FaultKind::Locked), Nature::Password, MINUTE);
        assert_eq!(
            standing.admits_run(Nature::Password, 1_000_000 * MINUTE),
            Err(Barred::ByState)
        );
        assert_eq!(standing.admits_log_in(Nature::Password, 2 * MINUTE), Ok(()));
        standing.proved(2 * MINUTE, 2 * MINUTE, false);
        assert!(standing.is_off());
        standing.proved(3 * MINUTE, 4 * MINUTE, true);
        assert_eq!(
            (standing.state.clone(), standing.cleared_at),
            (State::Active, Some(3 * MINUTE))
        );
    }

    #[test]
    fn missing_rights_that_flap_never_disable() {
        let mut standing = fresh();
        for minute in (0..600).step_by(10) {
            standing.observe(said(FaultKind::Permission), Nature::Token, minute * MINUTE);
            assert_eq!(standing.admits_run(Nature::Token, minute * MINUTE), Ok(()));
            standing.proved(0, (minute + 5) * MINUTE, true);
        }
        standing.observe(said(FaultKind::Permission), Nature::Token, 700 * MINUTE);
        standing.observe(said(FaultKind::Product), Nature::Token, 711 * MINUTE);
        assert!(!standing.is_off(), "two different reasons do not confirm each other");
        standing.observe(said(FaultKind::Product), Nature::Token, 721 * MINUTE);
        assert!(standing.is_off());
    }
}
