//! Plain data of the field: test cases, launches, results, and what became of them. No serde, no IO.

mod case;
mod launch;
mod verdict;

pub use case::{CaseRow, Step, TestCase};
pub use launch::{LaunchRow, Status, TestResult};
pub use verdict::{Outcome, Tally, Unit, Verdict};
