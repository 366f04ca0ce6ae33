//! What a simulated TestOps holds, as the builders of tests and scenarios write it: names instead of dictionary ids, and
//! ids left 0 until the site gives them out.

mod case;
mod file;
mod launch;
mod links;
mod project;
mod result;
mod step;

pub use case::Case;
pub use file::File;
pub use launch::{Launch, Mute};
pub use links::{Defect, Integration, Issue, Link, Parameter, Relation, TestKey};
pub use project::{Field, Project};
pub use result::{Fixture, RunStep, Status, TestResult};
pub use step::{Content, Expected, SharedStep, Step};

/// When and by whom a row was made and last changed; filled in by the site when left 0 and empty.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stamp {
    /// The user who made it.
    pub created_by: String,
    /// Milliseconds since the Unix epoch.
    pub created_ms: i64,
    /// The user who last changed it.
    pub modified_by: String,
    /// Milliseconds since the Unix epoch.
    pub modified_ms: i64,
}
