//! The request limit: so many in five minutes, REST and GraphQL together.

use serde_json::{Value, json};

use crate::jira::date;
use crate::jira::id::Millis;

/// Length of a window ("GraphQL API", limits). Whether the product's window is fixed or slides is not established;
/// this one is fixed and begins with its first request.
const WINDOW: Millis = 5 * 60 * 1_000;

/// Requests counted in the current window.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Window {
    began: Option<Millis>,
    used: u32,
}

/// A request too many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooMany {
    until: Millis,
    now: Millis,
}

impl Window {
    /// Counts a request.
    ///
    /// # Errors
    /// When the window already has `limit` requests.
    pub fn count(&mut self, limit: u32, now: Millis) -> Result<(), TooMany> {
        let began = match self.began {
            Some(began) if now < began + WINDOW => began,
            _ => {
                *self = Self {
                    began: Some(now),
                    used: 0,
                };
                now
            }
        };
        if self.used >= limit {
            return Err(TooMany {
                until: began + WINDOW,
                now,
            });
        }
        self.used += 1;
        Ok(())
    }
}

impl TooMany {
    /// Whole seconds for `Retry-After`.
    pub fn retry_after(self) -> i64 {
        (self.until - self.now + 999) / 1_000
    }

    /// The body as the vendor's tracker quotes it (XRAYCLOUD-1399).
    pub fn body(self) -> Value {
        json!({ "error": { "text": "Too many requests in this time frame.",
                           "nextValidRequestDate": date::iso_millis(self.until) } })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_takes_so_many_and_then_starts_anew() {
        let mut window = Window::default();
        assert_eq!((0..4).filter(|_| window.count(3, 1_000).is_ok()).count(), 3);
        let refused = window.count(3, 11_000).unwrap_err();
        assert_eq!(refused.retry_after(), 290);
        assert_eq!(
            refused.body()["error"]["nextValidRequestDate"],
            "1970-01-01T00:05:01.000Z"
        );
        assert!(window.count(3, 1_000 + WINDOW).is_ok());
    }
}
