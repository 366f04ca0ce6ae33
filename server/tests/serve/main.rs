//! The service as its callers see it: over HTTP, with the real component against simulated servers.

mod clock;
mod isolation;
mod rig;
mod runs;
mod schedule;
mod users;
