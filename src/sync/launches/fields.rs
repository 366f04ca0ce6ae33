//! Xray's own fields of runs: as they were sent, and as a verification expects them.

use super::details::{TEXT, is_bad};
use crate::domain::{Failure, IssueId, TestResult};
use crate::mapping::fields::{Plan, differing, digests, part, parts};
use crate::mapping::options::OF_RESULT;
use crate::mapping::{shortened, xray_field};
use crate::sync::Mode;
use crate::sync::ctx::Ctx;
use serde_json::Value;
use std::collections::BTreeMap;

/// Values of the fields of runs, as texts of [`digests`].
#[derive(Default)]
pub struct SentFields {
    by_test: BTreeMap<IssueId, String>,
    /// Values that fields do not take, for people.
    pub lost: Vec<String>,
}

impl SentFields {
    /// What runs should have: of each Test what [`of_result`] says of its deciding result, and elsewhere what the launch has for
    /// all of its runs.
    pub fn expected<'t>(
        plan: &Plan,
        constants: &BTreeMap<String, String>,
        tests: impl Iterator<Item = (&'t IssueId, &'t str)>,
    ) -> Self {
        let of_all = xray_field::of_run(plan, &TestResult::default(), constants, &mut Vec::new());
        let of_all = digested(&of_all);
        let has_source = |id: &str| plan.iter().any(|field| field.id == id && field.source.is_some());
        let of_test = |own: &str| {
            let each = parts(&of_all).filter_map(|(id, of_all)| match part(own, id) {
                None if has_source(id) => None,
                None | Some("-") => Some(format!("{id}={of_all}")),
                Some(digest) => Some(format!("{id}={digest}")),
            });
            each.collect::<Vec<_>>().join(";")
        };
        SentFields {
            by_test: tests.map(|(test, own)| (test.clone(), of_test(own))).collect(),
            lost: Vec::new(),
        }
    }

    /// None is known.
    pub fn is_empty(&self) -> bool {
        self.by_test.is_empty()
    }

    /// Takes note of what the run of a Test was sent with.
    pub fn one(&mut self, test: &IssueId, fields: &[(String, Value)]) {
        self.by_test.insert(test.clone(), digested(fields));
    }

    /// Ids of fields that a recorded run holds with other values.
    pub fn differing(&self, test: &IssueId, recorded: &str) -> Vec<String> {
        let sent = self.by_test.get(test);
        sent.map_or_else(Vec::new, |sent| differing(sent, recorded))
    }
}

fn digested(fields: &[(String, Value)]) -> String {
    digests(fields.iter().map(|(id, value)| (id.as_str(), value)))
}

/// What a row of the list of results has for fields that are filled from results, for a verification, which reads no more of them.
/// A message that the list leaves out is unknown.
pub(super) fn of_result(ctx: &Ctx<'_>, result: &TestResult) -> String {
    let plan = &ctx.destination.xray_fields.runs;
    if ctx.job.mode != Mode::Verify || plan.iter().all(|field| field.source.is_none()) {
        return String::new();
    }
    let Failure { message, trace } = &result.failure;
    let [.., of_message, _, _] = OF_RESULT;
    let is_unknown = is_bad(result.status) && message.is_none() && trace.is_none();
    let known = plan
        .iter()
        .filter(|field| match field.source.as_deref() {
            Some(source) => source != of_message || !is_unknown,
            None => false,
        })
        .cloned();
    let known: Vec<_> = known.collect();
    let result = TestResult {
        failure: Failure {
            message: message.as_deref().map(|message| shortened(message, TEXT)),
            trace: None,
        },
        ..result.clone()
    };
    digested(&xray_field::of_run(&known, &result, &BTreeMap::new(), &mut Vec::new()))
}

#[cfg(test)]
mod tests {
    use super::{SentFields, digested};
    use crate::domain::IssueId;
    use crate::mapping::fields::{Planned, Shape};
    use serde_json::json;
    use std::collections::BTreeMap;

    fn field(id: &str, source: Option<&str>) -> Planned {
        Planned {
            id: id.to_owned(),
            name: id.to_owned(),
            shape: Shape::Plain,
            allowed: Vec::new(),
            source: source.map(str::to_owned),
            default: None,
            required: false,
        }
    }

    #[test]
    fn a_run_is_expected_to_have_its_results_value_or_that_of_the_launch_and_nothing_that_is_unknown() {
        let plan = [field("1", None), field("2", Some("name")), field("3", Some("message"))];
        let constants: BTreeMap<String, String> =
            ["1", "2", "3"].map(|id| (id.to_owned(), format!("of all {id}"))).into();
        let test = IssueId::from("10001".to_owned());
        let recorded = |second: &str| {
            let values = ["of all 1", second, "anything"].map(|value| json!(value));
            digested(
                &["1", "2", "3"]
                    .map(str::to_owned)
                    .into_iter()
                    .zip(values)
                    .collect::<Vec<_>>(),
            )
        };
        for (own, second) in [(Some("Log in"), "Log in"), (None, "of all 2")] {
            // Nothing is known of the message.
            let own = digested(&[("2".to_owned(), json!(own))]);
            let expected = SentFields::expected(&plan, &constants, [(&test, own.as_str())].into_iter());
            assert_eq!(expected.differing(&test, &recorded(second)), [""; 0]);
            assert_eq!(expected.differing(&test, &recorded("another")), ["2"]);
        }
    }
}
