//! Credentials that end on a day that a person wrote beside them.

use super::health::CredentialInUse;

/// How long before its end a credential is warned of, in milliseconds: 30 days.
pub const EXPIRY_WARNING_MS: u64 = 30 * DAY_MS;
const DAY_MS: u64 = 24 * 60 * 60 * 1_000;

/// How long a secret still lives, for people, where it ends soon: `ends in 7 days`.
pub fn expiry(expires_at: u64, now: u64) -> Option<String> {
    if now >= expires_at {
        return Some("has ended by the date beside it".to_owned());
    }
    let left = expires_at - now;
    (left <= EXPIRY_WARNING_MS).then(|| match left / DAY_MS {
        0 => "ends within a day".to_owned(),
        1 => "ends in 1 day".to_owned(),
        days => format!("ends in {days} days"),
    })
}

/// What a run notes about the credentials it uses.
pub(crate) fn notes(used: &[CredentialInUse], now: u64) -> Vec<String> {
    let note = |used: &CredentialInUse| {
        let when = expiry(used.expires_at?, now)?;
        Some(format!(
            "the credential for `{}` {when}: make a new one and store it",
            used.connection
        ))
    };
    used.iter().filter_map(note).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_warned_of_from_thirty_days_before() {
        let end = 100 * DAY_MS;
        let shown = |day: u64| expiry(end, day * DAY_MS);
        assert_eq!(shown(69), None);
        assert_eq!(shown(70).as_deref(), Some("ends in 30 days"));
        assert_eq!(shown(93).as_deref(), Some("ends in 7 days"));
        assert_eq!(shown(99).as_deref(), Some("ends in 1 day"));
        assert_eq!(expiry(end, end - 1).as_deref(), Some("ends within a day"));
        assert_eq!(shown(100).as_deref(), Some("has ended by the date beside it"));
    }
}
