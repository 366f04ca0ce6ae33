//! The plugin's engine against the simulated servers, in one process and in virtual time, with every chance drawn from
//! one seed: what happens once can happen again, bit for bit.
//!
//! | module | what |
//! | --- | --- |
//! | [`scenario`] | what the suites run: one seed, one revocation, one kill |
//! | [`sweep`] | every k-th request, and items that are broken for good |
//! | [`oracle`] | judges the servers' own state, and reports against it |
//! | [`world`] | everything outside of the plugin, and a run inside of it |
//! | [`installation`], [`project`] | the products of one customer; what is in them |
//! | [`wire`], [`server`], [`network`] | the way of requests; the servers in memory; what goes wrong |
//! | [`ledger`], [`file`], [`process`] | what is durable at the host, what it keeps for a run; where it can be killed |
//! | [`mutation`] | ports with something wrong, to show that the suites notice |
//! | [`unguarded`] | an export without guarantees, to see what they cost |
//! | [`executor`], [`random`], [`trace`] | time and tasks; chance; what happened |
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a harness fails as loudly as the tests it serves"
)]

pub mod executor;
pub mod file;
pub mod installation;
pub mod ledger;
pub mod mutation;
pub mod network;
pub mod oracle;
pub mod process;
pub mod project;
pub mod random;
pub mod scenario;
pub mod server;
pub mod sweep;
pub mod trace;
pub mod unguarded;
pub mod wire;
pub mod world;
