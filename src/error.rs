//! The one error type: what kind, whose side, at which operation, in words, and what to do.

use std::fmt;
use std::ops::{Deref, DerefMut};

/// Whose matter an error is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Allure TestOps.
    TestOps,
    /// Jira.
    Jira,
    /// Xray.
    Xray,
    /// The settings.
    Settings,
    /// The host.
    Host,
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Side::TestOps => "TestOps",
            Side::Jira => "Jira",
            Side::Xray => "Xray",
            Side::Settings => "Settings",
            Side::Host => "Host",
        })
    }
}

/// What kind of error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The settings are wrong.
    Configuration,
    /// A credential is certainly bad.
    Credential,
    /// The account is locked until a person logs in.
    Locked,
    /// A permission is missing.
    Permission,
    /// The product is not installed, licensed or set up.
    Product,
    /// No usable answer.
    Unreachable,
    /// The wait that is asked for is too long to sit out.
    RateLimited,
    /// Too many unexpected changes at the destination.
    MassChange,
    /// The ledger failed.
    Ledger,
    /// Cancelled.
    Cancelled,
    /// Our bug.
    Internal,
    /// The server refused this item for what it contains.
    Rejected,
    /// The item is not there, or not visible.
    Missing,
    /// Bytes were sent and no usable answer came: the server may have acted.
    Unknown,
    /// The answer to a read has more bytes than the host accepts.
    TooLarge,
    /// The product answered with data of a shape that nobody expects.
    Unreadable,
}

/// An error. Boxed, because most of what the guest does can fail: a result that is as small as a pointer is cheap to hand on.
#[derive(Clone, Debug)]
pub struct Error(Box<Parts>);

/// What an error consists of.
#[derive(Clone, Debug)]
pub struct Parts {
    /// Kind.
    pub kind: Kind,
    /// Side.
    pub side: Side,
    /// What happened, one sentence.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
    /// HTTP status, where an answer is behind it.
    pub status: Option<u16>,
    /// When another try makes sense, milliseconds since the epoch.
    pub retry_at: Option<u64>,
}

/// Result with our error.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An error without advice.
    pub fn new(kind: Kind, side: Side, message: impl Into<String>) -> Self {
        Error(Box::new(Parts {
            kind,
            side,
            message: message.into(),
            hint: None,
            status: None,
            retry_at: None,
        }))
    }

    /// The run was cancelled.
    pub fn cancelled() -> Self {
        Error::new(Kind::Cancelled, Side::Host, "the run was cancelled")
            .hint("the next run goes on where this one ended")
    }

    /// Adds what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Puts before the message what it is about.
    #[must_use]
    pub fn prefixed(mut self, before: &str) -> Self {
        self.message = format!("{before}: {}", self.message);
        self
    }

    /// Adds the HTTP status behind the error.
    #[must_use]
    pub fn status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    /// Adds when another try makes sense.
    #[must_use]
    pub fn retry_at(mut self, at: u64) -> Self {
        self.retry_at = Some(at);
        self
    }

    /// What it consists of, to keep.
    pub fn into_parts(self) -> Parts {
        *self.0
    }

    /// True where the error concerns one item and the run can go on with the next.
    pub fn concerns_one_item(&self) -> bool {
        matches!(
            self.kind,
            Kind::Rejected | Kind::Missing | Kind::Unknown | Kind::TooLarge | Kind::Unreadable
        )
    }

    /// True where the run ends with it. Of an answer that never came and of a refusal for want of a permission only the
    /// neighbours of the item decide.
    pub fn ends_the_run(&self) -> bool {
        !self.concerns_one_item() && !matches!(self.kind, Kind::Unreachable | Kind::Permission)
    }
}

impl Deref for Error {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl DerefMut for Error {
    fn deref_mut(&mut self) -> &mut Parts {
        &mut self.0
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.side, self.message)?;
        if let Some(hint) = &self.hint {
            write!(f, " ({hint})")?;
        }
        Ok(())
    }
}
