//! Simulated servers: Allure TestOps, Jira and Xray, over real HTTP on loopback, with the vendors' shapes, limits and
//! errors. The crate knows neither the component nor the host.
//!
//! | module | what |
//! |---|---|
//! | [`world`] | all the servers of a scenario, started together |
//! | [`server`] | a router behind a socket: port 0, stop on drop |
//! | [`journal`] | every request a server saw; counts for budgets |
//! | [`fault`] | faults by name, struck when asked |
//! | [`answers`] | what versions of the vendors' products answer differently, as switches |
//! | [`testops`] | Allure TestOps |
//! | [`generate`] | realistic TestOps projects of any size |
//! | [`clock`] | time, real or moved by hand |
//! | [`jira`] | Jira with Xray: the store both products share, Data Center's REST API |
//! | [`cloud`] | Jira Cloud and Xray Cloud in front of one site, and a world with them |
//! | [`jira_cloud`] | Jira Cloud's REST API |
//! | [`xray_cloud`] | Xray Cloud's REST API and GraphQL |

pub mod answers;
mod bucket;
pub mod clock;
pub mod cloud;
pub mod fault;
pub mod generate;
mod hang_up;
mod html;
pub mod jira;
pub mod jira_cloud;
pub mod journal;
pub mod server;
pub mod testops;
pub mod world;
pub mod xray_cloud;

pub use answers::Answers;
pub use clock::Clock;
pub use cloud::Cloud;
pub use fault::{Fault, Faults};
pub use journal::{Class, Journal};
pub use server::Server;
pub use testops::TestOps;
pub use world::World;
