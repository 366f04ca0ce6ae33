//! Who hears of what.
//!
//! ```text
//! run ended, time passed ──► message (row, in the transaction of what happened)
//!                                └──► post, every few seconds: all that waits for a channel is one delivery
//!                                         └──► mail, webhook, Slack
//! ```
//!
//! A [`Channel`] belongs to a tenant: a target and the occasions it hears of, for every sync or for those that name it. A
//! message waits half a minute for others, and ten minutes after a delivery: a flood is one message.

mod channel;
mod mail;
mod message;
mod post;
mod target;
mod watch;
mod webhook;

pub use channel::{Channel, ChannelDraft};
pub use mail::{InvalidMail, Mail};
pub use message::{Message, Occasion};
pub use target::Target;

pub(crate) use message::{About, announce, sentences};
pub(crate) use post::{deliver, try_out};
pub(crate) use watch::{last_success, watch};
