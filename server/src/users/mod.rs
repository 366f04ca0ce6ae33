//! Who may do what: accounts, roles, sessions, tokens.
//!
//! An account belongs to tenants in a [`Role`]; an administrator keeps the instance and may enter every tenant. A
//! [`Visitor`] is whoever a request comes from, proved by a session cookie or an API token. [`Visitor::enter`] is the
//! door to a tenant.

mod account;
mod link;
mod member;
mod password;
mod quota;
mod requests;
mod role;
mod session;
mod single_sign_on;
mod tenant;
mod throttle;
mod token;
mod visitor;

use std::sync::Arc;

use tms_sync_host::Clock;

use crate::store::SharedStore;

pub use account::{Account, NewAccount};
pub use quota::Quotas;
pub(crate) use requests::Requests;
pub use role::{Reach, Role};
pub use session::{SESSION_LIFE_MS, Session};
pub(crate) use single_sign_on::Arrival;
pub use single_sign_on::SingleSignOn;
pub use tenant::{Member, TenantRow};
pub use token::{NewToken, TokenRow};
pub use visitor::{Entered, Visitor, Who};

/// The accounts of the instance.
#[derive(Clone)]
pub struct Users {
    pub(crate) store: SharedStore,
    pub(crate) clock: Arc<dyn Clock>,
    /// Passwords that are hashed at once; each takes 19 MiB and some tens of milliseconds.
    hashing: Arc<tokio::sync::Semaphore>,
}

impl Users {
    /// Over a store.
    pub fn new(store: SharedStore, clock: Arc<dyn Clock>) -> Self {
        Self {
            store,
            clock,
            hashing: Arc::new(tokio::sync::Semaphore::new(2)),
        }
    }
}
