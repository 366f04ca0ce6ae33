//! The egress gate: every byte a plugin sends passes here, and every credential is added here.

mod address;
mod base;
mod credential;
mod echo;
mod exchange;
mod gate;
mod headers;
mod path;
mod policy;
mod transport;

pub use base::origin_of;
pub use policy::{EgressPolicy, InvalidHostPort};

pub(crate) use base::BaseUrl;
pub(crate) use credential::{Secrets, secret_names};
pub(crate) use gate::{Gate, Grant};
pub(crate) use path::check as check_path;
