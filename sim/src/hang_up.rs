//! How a connection ends when the client must get no answer.

/// What the fault layer puts into a response's extensions; the server then closes the connection instead of answering.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HangUp {
    /// An orderly close (FIN), as a proxy does.
    Close,
    /// A reset (RST), as a crashed process does.
    Reset,
}
