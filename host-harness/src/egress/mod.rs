//! The egress gate: every byte a plugin sends passes here, and every credential is added here.

mod address;
mod base;
mod body;
mod certificate;
mod credential;
mod exchange;
mod gate;
mod gateway;
mod headers;
mod names;
mod own;
mod path;
mod policy;
mod proxy;
mod sending;
mod tls;
mod transport;

use crate::contract::imports::http::SendError;
use crate::spool::NotKept;

pub use base::origin_of;
pub use names::Names;
pub use own::{HostAnswer, HostRequest};
pub use policy::{EgressPolicy, InvalidAccess, InvalidAuthority, InvalidHostPort};
pub use proxy::{InvalidProxy, Proxy};

pub(crate) use base::BaseUrl;
pub(crate) use body::{Body, Part};
pub(crate) use exchange::pause_asked_for;
pub(crate) use gate::{Gate, Grant, Wanted};
pub(crate) use gateway::PLACE as GATEWAY_PLACE;
pub(crate) use headers::is_own as is_own_header;
pub(crate) use path::check as check_path;
pub(crate) use sending::method;

impl From<NotKept> for SendError {
    fn from(reason: NotKept) -> Self {
        match reason {
            NotKept::TooLarge(bytes) => Self::TooLarge(bytes),
            NotKept::NoRoom(what) => Self::Exhausted(what),
            NotKept::Failed(what) => Self::HostFailed(what),
        }
    }
}
