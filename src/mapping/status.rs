//! TestOps result statuses as Xray run statuses, checked against what the server knows.

use crate::domain::Status;

/// Run status names that a server knows.
#[derive(Clone, Debug, Default)]
pub struct Statuses {
    names: Vec<String>,
}

impl Statuses {
    /// From the server's own list.
    pub fn new(names: Vec<String>) -> Self {
        Statuses { names }
    }

    /// The server's spelling of a status. Xray Cloud lists `TO DO` and takes `TODO` in results; both mean the same.
    fn find(&self, name: &str) -> Option<&str> {
        self.names
            .iter()
            .find(|known| squeezed(known) == squeezed(name))
            .map(String::as_str)
    }

    /// Which of the statuses that we send are unknown to the server, by Xray Cloud's names.
    pub fn missing(&self) -> Vec<&'static str> {
        let sent = [Status::Passed, Status::Failed, Status::Skipped].map(candidates);
        let known = |names: &[&str; 2]| names.iter().any(|name| self.find(name).is_some());
        sent.into_iter()
            .filter(|names| !known(names))
            .map(|[name, _]| name)
            .collect()
    }
}

/// Xray's name for a status at this server, in the spelling that imports take. Cloud calls a pass `PASSED`, Data Center
/// `PASS`. Xray has nothing for skipped, unknown or broken: they become `TODO`, `TODO` and a failure.
pub fn run_status(status: Status, statuses: &Statuses) -> Option<String> {
    let found = candidates(status).iter().find_map(|name| statuses.find(name))?;
    Some(if squeezed(found) == "TODO" {
        "TODO".to_owned()
    } else {
        found.to_owned()
    })
}

/// True where two spellings mean the same status.
pub fn same_status(one: &str, other: &str) -> bool {
    squeezed(one) == squeezed(other)
}

fn candidates(status: Status) -> [&'static str; 2] {
    match status {
        Status::Passed => ["PASSED", "PASS"],
        Status::Failed | Status::Broken => ["FAILED", "FAIL"],
        Status::Skipped | Status::Unknown => ["TODO", "TODO"],
    }
}

fn squeezed(name: &str) -> String {
    name.chars()
        .filter(|c| !c.is_whitespace())
        .flat_map(char::to_uppercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Statuses, run_status};
    use crate::domain::Status;

    fn statuses(names: &[&str]) -> Statuses {
        Statuses::new(names.iter().map(|n| (*n).to_owned()).collect())
    }

    #[test]
    fn each_variant_gets_its_own_words() {
        let cloud = statuses(&["PASSED", "FAILED", "EXECUTING", "TO DO"]);
        let dc = statuses(&["PASS", "FAIL", "TODO", "EXECUTING", "ABORTED"]);
        for (status, on_cloud, on_dc) in [
            (Status::Passed, "PASSED", "PASS"),
            (Status::Failed, "FAILED", "FAIL"),
            (Status::Broken, "FAILED", "FAIL"),
            (Status::Skipped, "TODO", "TODO"),
            (Status::Unknown, "TODO", "TODO"),
        ] {
            assert_eq!(run_status(status, &cloud).as_deref(), Some(on_cloud));
            assert_eq!(run_status(status, &dc).as_deref(), Some(on_dc));
        }
        assert!(cloud.missing().is_empty() && dc.missing().is_empty());
    }

    #[test]
    fn a_status_that_the_server_does_not_know_is_never_sent() {
        let odd = statuses(&["GREEN", "RED", "TODO"]);
        assert_eq!(run_status(Status::Passed, &odd), None);
        assert_eq!(odd.missing(), ["PASSED", "FAILED"]);
    }
}
