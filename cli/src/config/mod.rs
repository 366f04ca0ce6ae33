//! The configuration file of the `tms-sync` command.
//!
//! A file is read in two steps, and all problems of both are shown at once: [`Draft`] holds what the file has by its own
//! grammar, and [`Draft::settle`] holds it against the manifest of the plugin it names.

mod fetch;
mod nearest;
mod network;
#[cfg(feature = "service")]
mod network_file;
mod notify;
mod places;
mod problem;
mod read;
mod secret;
mod section;
mod settle;
mod vault;

pub use fetch::FetchedSecret;
pub use nearest::hint as nearest_hint;
pub use network::PROXY_PASSWORD;
#[cfg(feature = "service")]
pub use network_file::network;
pub use notify::{Notify, When};
#[cfg(test)]
pub use problem::Source;
pub use problem::{Place, Problem, Severity};
pub use read::Draft;
pub use section::{At, Entry};
pub use settle::Config;
pub use vault::VAULT_SECRET;

#[cfg(test)]
mod tests;
