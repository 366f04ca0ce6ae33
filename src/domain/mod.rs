//! Plain data of the field: test cases, launches, results, and what became of them. No serde, no IO.

mod attributes;
mod case;
mod file;
mod launch;
mod verdict;

pub use attributes::{Attributes, CustomField, IssueLink, Link, Member, TestKey};
pub use case::{CaseRow, Step, TestCase};
pub use file::{File, FileOwner};
pub use launch::{LaunchRow, Status, TestResult};
pub use verdict::{Outcome, Tally, Unit, Verdict};
