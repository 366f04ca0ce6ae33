//! From one state to the next: pure, so that every rule can be tested by itself.

use super::version::SecretKind;
use crate::ledger::health::{CredentialHealth, HealthState, Reason};
use crate::model::FaultKind;

/// A refusal is believed when it is seen again after so long, in milliseconds.
pub const CONFIRM_MS: u64 = 10 * 60 * 1_000;
/// Refused log-ins that a password may cost without a person who asks for another: Jira Data Center's default threshold for a CAPTCHA is three.
const PASSWORD_REFUSALS: usize = 2;
/// Refused log-ins that any other secret may cost in [`DAY_MS`].
const TOKEN_REFUSALS: usize = 3;
const DAY_MS: u64 = 24 * 60 * 60 * 1_000;

/// Why a credential is not used now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Barred {
    /// Not before a person acts.
    ByState,
    /// A log-in was refused lately: when, and when another may be tried.
    Until {
        /// When it was refused.
        refused: u64,
        /// When another log-in may be tried.
        until: u64,
    },
    /// It has cost as many refused log-ins as it may by itself.
    Spent,
}

impl CredentialHealth {
    /// Whether it may be used for a run.
    pub(crate) fn admits_run(&self, secret_kind: SecretKind, now: u64) -> Result<(), Barred> {
        if self.is_off() {
            return Err(Barred::ByState);
        }
        self.admits_log_in(secret_kind, now)
    }

    /// Whether a log-in may be tried because a person asks for it, in a call that began at `began`: once, whatever was
    /// refused before, and then after a while again.
    pub(crate) fn admits_person(&self, began: u64, now: u64) -> Result<(), Barred> {
        match self.asked_at.filter(|asked| *asked < began && now < asked + CONFIRM_MS) {
            Some(refused) => Err(Barred::Until {
                refused,
                until: refused + CONFIRM_MS,
            }),
            None => Ok(()),
        }
    }

    /// Whether a log-in may be tried, whatever the state: what a connection test asks.
    pub(crate) fn admits_log_in(&self, secret_kind: SecretKind, now: u64) -> Result<(), Barred> {
        let recent = self.refused.iter().filter(|at| now < *at + DAY_MS).count();
        match secret_kind {
            SecretKind::Password if self.refused.len() >= PASSWORD_REFUSALS => return Err(Barred::Spent),
            SecretKind::Token if recent >= TOKEN_REFUSALS => {
                let oldest = self.refused.iter().rev().nth(TOKEN_REFUSALS - 1);
                let last = self.refused.last().copied().unwrap_or(now);
                return Err(Barred::Until {
                    refused: last,
                    until: oldest.map_or(now, |at| at + DAY_MS),
                });
            }
            SecretKind::Password | SecretKind::Token => {}
        }
        let doubted = match &self.state {
            HealthState::Suspect(reason) | HealthState::Disabled(reason) if reason.kind == FaultKind::Credential => {
                Some(reason.seen)
            }
            _ => None,
        };
        let last = self.refused.last().copied().max(doubted);
        match last {
            Some(refused) if now < refused + CONFIRM_MS => Err(Barred::Until {
                refused,
                until: refused + CONFIRM_MS,
            }),
            _ => Ok(()),
        }
    }

    /// As it would stand without these refused log-ins.
    pub(crate) fn without(&self, refusals: &[u64]) -> Self {
        let mut health = self.clone();
        for refusal in refusals {
            if let Some(place) = health.refused.iter().position(|at| at == refusal) {
                health.refused.remove(place);
            }
        }
        health
    }

    /// A log-in was refused. What it means the plugin reports, later.
    pub(crate) fn log_in_refused(&mut self, secret_kind: SecretKind, now: u64) {
        self.refused.push(now);
        if secret_kind == SecretKind::Token {
            self.refused.retain(|at| now < at + DAY_MS);
        }
    }

    /// The plugin reports what the product answered.
    pub(crate) fn observe(&mut self, found: Reason, secret_kind: SecretKind, now: u64) {
        let known = match std::mem::replace(&mut self.state, HealthState::Active) {
            // Off is off: what led there stays, and a person decides.
            off @ (HealthState::Disabled(_) | HealthState::Locked(_)) if found.kind != FaultKind::Locked => {
                self.state = off;
                return;
            }
            HealthState::Suspect(known) if known.kind == found.kind => Some(known),
            _ => None,
        };
        let since = known.as_ref().map_or(now, |known| known.since);
        let reason = Reason {
            since,
            seen: now,
            ..found
        };
        let is_spent = secret_kind == SecretKind::Password && self.refused.len() >= PASSWORD_REFUSALS;
        self.state = match reason.kind {
            FaultKind::Locked => HealthState::Locked(reason),
            FaultKind::Credential if is_spent => HealthState::Disabled(reason),
            _ if known.is_some() && now >= since + CONFIRM_MS => HealthState::Disabled(reason),
            _ => HealthState::Suspect(reason),
        };
    }

    /// It worked, in a call that began at `began`. Off is left only where the whole call succeeded.
    pub(crate) fn proved(&mut self, began: u64, now: u64, whole: bool) {
        self.proved_at = Some(now);
        self.asked_at = None;
        match &self.state {
            HealthState::Disabled(_) | HealthState::Locked(_) if whole => {
                self.state = HealthState::Active;
                self.cleared_at = Some(began);
            }
            HealthState::Suspect(_) => self.state = HealthState::Active,
            HealthState::Active | HealthState::Disabled(_) | HealthState::Locked(_) => {}
        }
    }

    /// Another secret has taken its place, and works.
    pub(crate) fn replaced(&mut self) {
        self.state = HealthState::Active;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::health::CredentialKey;

    const MINUTE: u64 = 60_000;

    fn fresh() -> CredentialHealth {
        let key = CredentialKey {
            origin: "https://jira.example".to_owned(),
            version: "5e".to_owned(),
            access: None,
        };
        CredentialHealth::new(key, "jira")
    }

    fn reason(kind: FaultKind) -> Reason {
        Reason {
            kind,
            side: "tracker".into(),
            message: "no".to_owned(),
            hint: None,
            since: 0,
            seen: 0,
        }
    }

    fn until(admitted: Result<(), Barred>) -> Option<u64> {
        match admitted {
            Err(Barred::Until { until, .. }) => Some(until),
            _ => None,
        }
    }

    fn refuse(health: &mut CredentialHealth, secret_kind: SecretKind, minute: u64) {
        health.log_in_refused(secret_kind, minute * MINUTE);
        health.observe(reason(FaultKind::Credential), secret_kind, minute * MINUTE);
    }

    #[test]
    fn a_second_refusal_counts_only_after_ten_minutes_without_a_success() {
        let mut health = fresh();
        refuse(&mut health, SecretKind::Token, 100);
        assert!(matches!(health.state, HealthState::Suspect(_)));
        assert_eq!(
            until(health.admits_run(SecretKind::Token, 109 * MINUTE)),
            Some(110 * MINUTE)
        );
        assert_eq!(health.admits_run(SecretKind::Token, 110 * MINUTE), Ok(()));
        health.proved(110 * MINUTE, 110 * MINUTE, false);
        refuse(&mut health, SecretKind::Token, 111);
        assert!(matches!(health.state, HealthState::Suspect(_)));
        refuse(&mut health, SecretKind::Token, 121);
        assert!(matches!(health.state, HealthState::Disabled(_)));
        assert_eq!(
            health.admits_run(SecretKind::Token, 9_000 * MINUTE),
            Err(Barred::ByState)
        );
    }

    #[test]
    fn a_password_is_refused_twice_at_most_in_its_life() {
        let mut health = fresh();
        refuse(&mut health, SecretKind::Password, 1);
        assert_eq!(
            until(health.admits_log_in(SecretKind::Password, 10 * MINUTE)),
            Some(11 * MINUTE)
        );
        health.proved(11 * MINUTE, 11 * MINUTE, true);
        refuse(&mut health, SecretKind::Password, 500_000);
        assert!(matches!(health.state, HealthState::Disabled(_)));
        assert_eq!(
            health.admits_log_in(SecretKind::Password, 900_000 * MINUTE),
            Err(Barred::Spent)
        );
    }

    #[test]
    fn a_call_may_ask_again_after_its_own_refusal_and_not_after_another_ones() {
        let mut health = fresh();
        health.log_in_refused(SecretKind::Token, MINUTE);
        assert_eq!(health.without(&[MINUTE]).admits_run(SecretKind::Token, MINUTE), Ok(()));
        // Another call at the same moment.
        health.log_in_refused(SecretKind::Token, MINUTE);
        assert_eq!(
            until(health.without(&[MINUTE]).admits_run(SecretKind::Token, MINUTE)),
            Some(11 * MINUTE)
        );
    }

    #[test]
    fn a_token_is_refused_three_times_a_day_at_most() {
        let mut health = fresh();
        for minute in [0, 20, 40] {
            assert_eq!(
                health.admits_log_in(SecretKind::Token, minute * MINUTE),
                Ok(()),
                "{minute}"
            );
            refuse(&mut health, SecretKind::Token, minute);
        }
        assert_eq!(
            until(health.admits_log_in(SecretKind::Token, 60 * MINUTE)),
            Some(DAY_MS)
        );
        assert_eq!(health.admits_log_in(SecretKind::Token, DAY_MS), Ok(()));
    }

    #[test]
    fn a_lock_holds_at_once_and_until_a_whole_call_succeeds() {
        let mut health = fresh();
        health.observe(reason(FaultKind::Locked), SecretKind::Password, MINUTE);
        assert_eq!(
            health.admits_run(SecretKind::Password, 1_000_000 * MINUTE),
            Err(Barred::ByState)
        );
        assert_eq!(health.admits_log_in(SecretKind::Password, 2 * MINUTE), Ok(()));
        health.proved(2 * MINUTE, 2 * MINUTE, false);
        assert!(health.is_off());
        health.proved(3 * MINUTE, 4 * MINUTE, true);
        assert_eq!(
            (health.state.clone(), health.cleared_at),
            (HealthState::Active, Some(3 * MINUTE))
        );
    }

    #[test]
    fn a_person_may_always_try_once_and_then_again_after_a_while() {
        let mut health = fresh();
        refuse(&mut health, SecretKind::Password, 1);
        refuse(&mut health, SecretKind::Password, 12);
        assert_eq!(
            health.admits_log_in(SecretKind::Password, 13 * MINUTE),
            Err(Barred::Spent)
        );
        assert_eq!(health.admits_person(13 * MINUTE, 13 * MINUTE), Ok(()));
        health.asked_at = Some(13 * MINUTE);
        assert_eq!(health.admits_person(13 * MINUTE, 13 * MINUTE), Ok(()), "the same call");
        assert_eq!(until(health.admits_person(14 * MINUTE, 14 * MINUTE)), Some(23 * MINUTE));
        assert_eq!(health.admits_person(23 * MINUTE, 23 * MINUTE), Ok(()));
    }

    #[test]
    fn dates_of_a_clock_that_was_wrong_become_now() {
        let mut health = fresh();
        refuse(&mut health, SecretKind::Token, 525_600);
        let health = health.clamped(MINUTE).unwrap();
        assert_eq!(until(health.admits_run(SecretKind::Token, MINUTE)), Some(11 * MINUTE));
        assert_eq!(health.admits_run(SecretKind::Token, 11 * MINUTE), Ok(()));
        assert_eq!(health.clamped(2 * MINUTE), None);
    }

    #[test]
    fn missing_rights_that_flap_never_disable() {
        let mut health = fresh();
        for minute in (0..600).step_by(10) {
            health.observe(reason(FaultKind::Permission), SecretKind::Token, minute * MINUTE);
            assert_eq!(health.admits_run(SecretKind::Token, minute * MINUTE), Ok(()));
            health.proved(0, (minute + 5) * MINUTE, true);
        }
        health.observe(reason(FaultKind::Permission), SecretKind::Token, 700 * MINUTE);
        health.observe(reason(FaultKind::Product), SecretKind::Token, 711 * MINUTE);
        assert!(!health.is_off(), "two different reasons do not confirm each other");
        health.observe(reason(FaultKind::Product), SecretKind::Token, 721 * MINUTE);
        assert!(health.is_off());
    }
}
