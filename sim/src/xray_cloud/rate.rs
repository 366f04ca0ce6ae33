//! The request limit: so many in five minutes, REST and GraphQL together.

use serde_json::{Value, json};

use crate::bucket::{Bucket, Filling};
use crate::jira::date;
use crate::jira::id::Millis;

/// Length of a window ("GraphQL API", limits). Whether the product's window is fixed or slides is not established;
/// this one is fixed and begins with its first request.
const WINDOW: Millis = 5 * 60 * 1_000;

/// The window under way, if requests were counted.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Window(Option<Bucket>);

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
        let filling = Filling {
            capacity: limit,
            tokens: limit,
            interval: WINDOW,
            evenly: false,
        };
        let taken = self
            .0
            .get_or_insert_with(|| Bucket::full(filling, now))
            .take(filling, now);
        if taken.passes {
            return Ok(());
        }
        Err(TooMany {
            until: now + taken.wait,
            now,
        })
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
