//! Plain data of the field: test cases, launches, results, and what became of them. No serde, no IO.

mod address;
mod attributes;
mod case;
mod file;
mod forecast;
mod id;
mod launch;
mod result;
mod verdict;

pub use address::BaseUrl;
pub use attributes::{Attributes, CustomField, IssueLink, Link, Member, TestKey};
pub use case::{Automation, CaseRow, CaseScenario, CaseTexts, Examples, Step, TestCase};
pub use file::{File, FileOwner};
pub use forecast::Forecast;
pub use id::{CaseId, Issue, IssueId, IssueKey, LaunchId};
pub use launch::{Environment, LaunchRow, Status};
pub use result::{Defect, Failure, Flags, Parameter, Period, ResultStep, TestResult, Testers};
pub use verdict::{Change, Outcome, Tally, Unit, Verdict};
