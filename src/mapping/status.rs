//! TestOps result statuses as Xray statuses, checked against what the server knows: Xray Cloud turns a name that it does
//! not know into TODO without a word.

use super::options::StatusNames;
use crate::domain::Status;
use crate::text::folded;
use std::collections::BTreeMap;

/// Xray's name of every TestOps status at one server, in the spelling that imports take.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statuses(BTreeMap<Status, String>);

/// Names that the server does not know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// What is missing, in the order of the statuses.
    pub names: Vec<String>,
    /// Somebody configured one of them.
    pub configured: bool,
    /// What the server knows.
    pub known: Vec<String>,
}

impl Statuses {
    /// Names of test runs, from the server's own list. Cloud calls a pass `PASSED`, Data Center `PASS`. Xray has nothing
    /// for skipped, unknown or broken: unless configured they become `TODO`, `TODO` and a failure.
    pub fn of_runs(known: &[String], wanted: &StatusNames) -> Result<Self, Unknown> {
        let (mut found, mut missing, mut configured) = (BTreeMap::new(), Vec::new(), false);
        for status in Status::ALL {
            let asked = wanted.of(status);
            match choose(known, asked, status) {
                Some(name) => drop(found.insert(status, name)),
                None => {
                    configured |= asked.is_some();
                    let [default, _] = defaults(status);
                    missing.push(asked.unwrap_or(default).to_owned());
                }
            }
        }
        missing.dedup();
        if missing.is_empty() {
            return Ok(Statuses(found));
        }
        Err(Unknown {
            names: missing,
            configured,
            known: known.to_vec(),
        })
    }

    /// Names of steps and iterations. Servers list them apart from those of runs: a configured name that is no step
    /// status gives way to Xray's own, and a status without any is left out.
    pub fn of_steps(known: &[String], wanted: &StatusNames) -> Self {
        let name = |status: Status| {
            let asked = wanted.of(status).and_then(|name| find(known, name));
            Some((status, asked.or_else(|| choose(known, None, status))?))
        };
        Statuses(BTreeMap::from_iter(Status::ALL.into_iter().filter_map(name)))
    }

    /// Xray's name for a status.
    pub fn of(&self, status: Status) -> Option<&str> {
        self.0.get(&status).map(String::as_str)
    }

    /// Xray's name for what nobody has worked on.
    pub const UNTOUCHED: &'static str = "TODO";
}

/// True where two spellings mean the same status.
pub fn same_status(one: &str, other: &str) -> bool {
    squeezed(one) == squeezed(other)
}

fn choose(known: &[String], asked: Option<&str>, status: Status) -> Option<String> {
    match asked {
        Some(name) => find(known, name),
        None => defaults(status).into_iter().find_map(|name| find(known, name)),
    }
}

/// The server's spelling of a name. Xray Cloud lists `TO DO` and takes `TODO` in results; both mean the same.
fn find(known: &[String], name: &str) -> Option<String> {
    let found = known.iter().find(|known| same_status(known, name))?;
    let name = match same_status(found, Statuses::UNTOUCHED) {
        true => Statuses::UNTOUCHED,
        false => found,
    };
    Some(name.to_owned())
}

fn defaults(status: Status) -> [&'static str; 2] {
    match status {
        Status::Passed => ["PASSED", "PASS"],
        Status::Failed | Status::Broken => ["FAILED", "FAIL"],
        Status::Skipped | Status::Unknown => [Statuses::UNTOUCHED; 2],
    }
}

fn squeezed(name: &str) -> String {
    folded(name).chars().filter(|c| !c.is_whitespace()).collect()
}

#[cfg(test)]
mod tests {
    use super::{StatusNames, Statuses};
    use crate::domain::Status;

    fn names(list: &[&str]) -> Vec<String> {
        list.iter().map(|n| (*n).to_owned()).collect()
    }

    const CLOUD: [&str; 4] = ["PASSED", "FAILED", "EXECUTING", "TO DO"];
    const DC: [&str; 5] = ["PASS", "FAIL", "TODO", "EXECUTING", "ABORTED"];

    #[test]
    fn each_variant_gets_its_own_words() {
        let cloud = Statuses::of_runs(&names(&CLOUD), &StatusNames::default()).unwrap();
        let dc = Statuses::of_runs(&names(&DC), &StatusNames::default()).unwrap();
        for (status, on_cloud, on_dc) in [
            (Status::Passed, "PASSED", "PASS"),
            (Status::Failed, "FAILED", "FAIL"),
            (Status::Broken, "FAILED", "FAIL"),
            (Status::Skipped, "TODO", "TODO"),
            (Status::Unknown, "TODO", "TODO"),
        ] {
            assert_eq!(cloud.of(status), Some(on_cloud));
            assert_eq!(dc.of(status), Some(on_dc));
        }
    }

    #[test]
    fn a_configured_name_is_sent_in_the_servers_spelling() {
        let wanted: StatusNames = [(Status::Skipped, "aborted".to_owned())].into_iter().collect();
        let statuses = Statuses::of_runs(&names(&DC), &wanted).unwrap();
        assert_eq!(statuses.of(Status::Skipped), Some("ABORTED"));
        assert_eq!(statuses.of(Status::Unknown), Some("TODO"));
    }

    #[test]
    fn a_status_that_the_server_does_not_know_is_never_sent() {
        let odd = Statuses::of_runs(&names(&["GREEN", "RED", "TODO"]), &StatusNames::default()).unwrap_err();
        assert_eq!((odd.names, odd.configured), (names(&["PASSED", "FAILED"]), false));
        let wanted: StatusNames = [(Status::Broken, "BROKEN".to_owned())].into_iter().collect();
        let unknown = Statuses::of_runs(&names(&CLOUD), &wanted).unwrap_err();
        assert_eq!(
            (unknown.names, unknown.configured, unknown.known),
            (names(&["BROKEN"]), true, names(&CLOUD))
        );
    }

    #[test]
    fn a_run_status_that_is_no_step_status_gives_way_to_xrays_own() {
        let wanted: StatusNames = [(Status::Broken, "ABORTED".to_owned())].into_iter().collect();
        let steps = Statuses::of_steps(&names(&["TODO", "EXECUTING", "PASS", "FAIL"]), &wanted);
        assert_eq!(steps.of(Status::Broken), Some("FAIL"));
        assert_eq!(Statuses::of_steps(&[], &wanted).of(Status::Passed), None);
    }
}
