//! What an export takes.

/// What an export takes over one connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forecast {
    /// The connection.
    pub connection: &'static str,
    /// Requests, reads included.
    pub requests: u64,
    /// How long they take, in milliseconds.
    pub milliseconds: u64,
}

impl Forecast {
    /// Requests and milliseconds of a connection.
    pub fn of(connection: &'static str, (requests, milliseconds): (u64, u64)) -> Self {
        Forecast {
            connection,
            requests,
            milliseconds,
        }
    }
}
