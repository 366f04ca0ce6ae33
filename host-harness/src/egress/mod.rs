//! The egress gate: every byte a plugin sends passes here, and every credential is added here.

mod address;
mod base;
mod body;
mod credential;
mod exchange;
mod gate;
mod headers;
mod names;
mod path;
mod policy;
mod spool;
mod tls;
mod transport;

pub use base::origin_of;
pub use names::Names;
pub use policy::{EgressPolicy, InvalidAuthority, InvalidHostPort};

pub(crate) use base::BaseUrl;
pub(crate) use body::{Body, Part};
pub(crate) use credential::{Secrets, secret_names};
pub(crate) use gate::{Gate, Grant, Wanted};
pub(crate) use path::check as check_path;
pub(crate) use spool::{Blob, Spool};
