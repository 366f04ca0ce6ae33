//! The health of credentials: which may be used, which are under suspicion, and which are switched off until a person
//! acts.
//!
//! ```text
//!            refused                refused again, 10 min later
//!   active ───────────► suspect ───────────────────────────────► disabled
//!     ▲  ◄───────────────  │ a success                              │
//!     │                    │ CAPTCHA                                │ a connection test that passes,
//!     │                    ▼                                        │ or another secret that works
//!     └──────────────── locked ◄────────────────────────────────────┘
//! ```
//!
//! | what is seen | what follows |
//! |---|---|
//! | the product refuses the credential | nothing that uses it is sent for 10 minutes; refused once more after that: disabled |
//! | the product locks the account (CAPTCHA) | locked at once; nothing is sent until a person asks for a test |
//! | a permission is missing, or the product is not there, not licensed, not set up | runs go on; seen again 10 minutes later without a success in between: disabled for that destination |
//! | pages, proxies, maintenance, time-outs, rate limits | nothing: they show nothing about a credential |
//!
//! **Whose.** A row belongs to a tenant, an origin and a *version* of the credential: a digest, keyed with a secret of the
//! ledger, of user name and secret. All integrations and hosts that use the same credential share it, and another secret
//! begins anew. Missing permissions are kept per destination project, beside it.
//!
//! **Refused log-ins are rare goods.** Jira Data Center locks an account after three wrong passwords (its default), so
//! the first request of a call over a connection goes alone, in all calls and processes, until it is known to be
//! accepted; a password may be refused twice, any other secret three times in 24 hours. A person who asks for a test may always
//! try once.
//!
//! Rows stand in the [`Ledger`](crate::Ledger), since the promise holds only where all hosts that share links share
//! them too, and one durable store is easier to keep than two.

pub(crate) mod checked;
mod guard;
mod report;
mod rules;
mod signal;
mod trial;
mod version;

pub use report::CredentialReport;
pub use rules::CONFIRM_MS;

pub(crate) use guard::{Admission, CredentialGuard, Purpose};
pub(crate) use version::{CredentialInUse, used};
