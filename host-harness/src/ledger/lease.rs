//! One writer at a time per destination project: who may have a lease. Stores keep the rows and bring the time.

use super::LedgerError;
use super::holder::is_gone;

/// What a store has of a destination's lease, once somebody had it. Without a holder it was given back.
pub(super) struct Hold {
    pub(super) holder: String,
    pub(super) epoch: u64,
    /// Milliseconds since the Unix epoch, on the store's clock.
    pub(super) expires_at: u64,
}

/// What a store writes for somebody who wants it.
pub(super) enum Claim {
    /// It is theirs, with this row.
    Taken(Hold),
    /// It stays another's, whose row now ends then.
    Refused { ends_at: u64, error: LedgerError },
}

/// A free lease, an own one, one whose time has passed and one whose holder is certainly gone can be taken. The epoch
/// grows with every change of holder, so that a holder taken for gone could still write nothing.
pub(super) fn claim(found: Option<&Hold>, holder: &str, now: u64, ttl_ms: u64) -> Claim {
    let epoch = match found {
        None => 1,
        Some(found) if found.holder == holder => found.epoch,
        Some(found) if found.expires_at <= now || is_gone(&found.holder) => found.epoch + 1,
        Some(found) => {
            // A holder whose clock was wrong may not keep others away for longer than one with a right one.
            let ends_at = found.expires_at.min(now + ttl_ms);
            let seconds = ends_at.saturating_sub(now).div_ceil(1_000);
            let error = LedgerError::LeaseLost(format!("its hold ends in {seconds} s unless it goes on"));
            return Claim::Refused { ends_at, error };
        }
    };
    Claim::Taken(Hold {
        holder: holder.to_owned(),
        epoch,
        expires_at: now + ttl_ms,
    })
}

/// Nobody took it yet.
pub(super) fn never_taken() -> LedgerError {
    LedgerError::LeaseLost("no lease was taken".into())
}

/// Another holder has it.
pub(super) fn taken_over() -> LedgerError {
    LedgerError::LeaseLost("it was taken over".into())
}
