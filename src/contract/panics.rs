//! A panic's message, for the host's log: without a hook it would go to a standard error that does not exist.

use super::generated::testops::tms_sync::log;
use std::panic;
use std::sync::Once;

/// From here on panics are logged. Every export begins with it; one instance serves one call.
pub fn are_logged() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        panic::set_hook(Box::new(|info| log::log(log::Level::Error, &info.to_string())));
    });
}
