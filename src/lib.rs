//! The xray component of tms-sync: exports test cases and launches from Allure TestOps into Xray for Jira, Data Center
//! and Cloud.
//!
//! The map, from the outside in. Each module uses only what stands below it; `tests/layers.rs` holds that up.
//!
//! | module | what it is |
//! | --- | --- |
//! | `contract` | the only code that knows WIT |
//! | [`app`] | puts source, target and engine together |
//! | [`checks`] | the connection test and the project list |
//! | [`probe`] | what the servers show about the list of assumptions |
//! | [`sync`] | the engine: reads, decides, writes, records; names no vendor of a destination |
//! | [`setup`], [`aql`] | manifest and offline validation |
//! | [`testops`] | the source |
//! | [`xray`] | the targets, Cloud and Data Center |
//! | [`jira`] | the Jira platform below both |
//! | [`target`], [`state`], [`report`] | what the engine asks of a destination: traits and a record of what it can do; ledger rows; verdicts |
//! | [`mapping`], [`markup`] | what maps to what; rich text. Pure |
//! | [`web`] | pace, repetition, error words |
//! | [`ports`], [`error`] | what is needed from outside; the one error |
//! | [`domain`], [`digest`], [`text`], [`json`] | plain data, text and JSON |

pub mod app;
pub mod aql;
pub mod checks;
#[cfg(target_arch = "wasm32")]
mod contract;
pub mod digest;
pub mod domain;
pub mod error;
pub mod jira;
pub mod json;
pub mod mapping;
pub mod markup;
pub mod ports;
pub mod probe;
pub mod report;
pub mod setup;
pub mod state;
pub mod sync;
pub mod target;
pub mod testops;
pub mod text;
pub mod web;
pub mod xray;
