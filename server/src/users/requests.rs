//! How many requests a tenant makes: counted per hour, in memory, for its quota.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::http::StatusCode;

use crate::problem::Problem;

const HOUR_MS: u64 = 60 * 60 * 1000;

/// Requests of this hour by tenant. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Requests {
    counted: Arc<Mutex<HashMap<String, Counted>>>,
}

#[derive(Clone, Copy, Default)]
struct Counted {
    hour: u64,
    requests: u64,
}

impl Requests {
    /// Counts one more.
    ///
    /// # Errors
    ///
    /// The tenant has made as many as its quota this hour.
    pub(crate) fn count(&self, tenant: &str, quota: u64, now: u64) -> Result<(), Problem> {
        let hour = now / HOUR_MS;
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let own = counted.entry(tenant.to_owned()).or_default();
        if own.hour != hour {
            *own = Counted { hour, requests: 0 };
        }
        if own.requests >= quota {
            let seconds = ((hour + 1) * HOUR_MS).saturating_sub(now).div_ceil(1000);
            let message = format!("The tenant has made {quota} requests this hour, which is its quota.");
            return Err(Problem::new(StatusCode::TOO_MANY_REQUESTS, message).retry_after(seconds));
        }
        own.requests += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{HOUR_MS, Requests};

    #[test]
    fn a_tenant_over_its_quota_waits_for_the_next_hour_and_others_do_not() {
        let requests = Requests::default();
        let count = |tenant, now| requests.count(tenant, 2, now);
        assert!(count("loud", 0).is_ok() && count("loud", 1).is_ok());
        let refused = count("loud", HOUR_MS - 2_000).unwrap_err();
        assert_eq!((refused.status, refused.retry_after), (429, Some(2)));
        assert!(count("quiet", 2).is_ok());
        assert!(count("loud", HOUR_MS).is_ok());
    }
}
