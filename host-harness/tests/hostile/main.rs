//! Plugins that sin, one sin each: every one is contained with a clear verdict, and a neighbour on the same engine, in the
//! same thread and at the same time, never learns of it.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper that fails fails its test"
)]

mod computing;
mod core_module;
mod crowd;
mod describing;
mod leaking;
mod neighbour;
mod reaching;
mod refusal;
#[path = "../it/rig.rs"]
#[expect(dead_code, reason = "each suite uses a part of the rig")]
mod rig;
mod sinner;
mod storing;
mod talking;
mod waiting;
