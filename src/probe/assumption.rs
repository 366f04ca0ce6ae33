//! The list of assumptions, and what was found of each.

use crate::error::{Error, Kind, Result, Side};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The one list, which simulators and documentation share.
const LIST: &str = include_str!("../../assumptions/list.json");

/// Assumptions that no probe sees, and why.
const UNSEEN: [(&str, &str); 3] = [
    (
        "all.retry-after",
        "only a server that is asked too much shows it, and a probe asks little",
    ),
    (
        "jira-cloud.service-token",
        "the host finds out how a token is taken, and the plugin does not see it",
    ),
    (
        "xray-cloud.sign-in-limit",
        "the host signs in, and only a site at its limit shows it",
    ),
];

/// How an assumption stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// The server answers in the form that is assumed.
    Held,
    /// It answers in another one.
    Broken,
    /// Nothing showed it.
    NotSeen,
}

/// What a server showed about an assumption.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    /// Its name in the list.
    pub assumption: String,
    /// What is assumed, one sentence.
    pub statement: String,
    /// How it stands.
    pub state: State,
    /// What was seen, or why nothing was; never a value of the project.
    pub seen: String,
}

#[derive(Deserialize)]
struct Assumption {
    name: String,
    statement: String,
    default: String,
    forms: Vec<Form>,
}

#[derive(Deserialize)]
struct Form {
    value: String,
    meaning: String,
}

struct Finding {
    /// The form that the server answers in, by its value in the list; absent where nothing showed it.
    form: Option<String>,
    seen: String,
}

/// What was found so far.
pub(super) struct Findings {
    list: Vec<Assumption>,
    found: BTreeMap<String, Finding>,
}

impl Findings {
    /// Nothing yet, of the assumptions that concern Cloud, or Data Center.
    pub fn begin(is_cloud: bool) -> Result<Self> {
        let mut list: Vec<Assumption> = serde_json::from_str(LIST).map_err(|error| {
            let message = format!("the list of assumptions cannot be read: {error}");
            Error::new(Kind::Internal, Side::Host, message)
        })?;
        let others = if is_cloud { "-dc." } else { "-cloud." };
        list.retain(|assumption| !assumption.name.contains(others));
        let mut findings = Findings {
            list,
            found: BTreeMap::new(),
        };
        for (name, why) in UNSEEN {
            findings.miss(name, why);
        }
        Ok(findings)
    }

    /// A server answered in a form: one of the list, or a name for what the list lacks.
    pub fn see(&mut self, name: &str, form: &str, seen: impl Into<String>) {
        let (form, seen) = (Some(form.to_owned()), seen.into());
        self.found.insert(name.to_owned(), Finding { form, seen });
    }

    /// Nothing showed it. Something that was found stays.
    pub fn miss(&mut self, name: &str, why: &str) {
        let finding = || Finding {
            form: None,
            seen: why.to_owned(),
        };
        self.found.entry(name.to_owned()).or_insert_with(finding);
    }

    /// Nothing showed what was not found so far.
    pub fn miss_rest(&mut self, why: &str) {
        let names: Vec<String> = self.list.iter().map(|assumption| assumption.name.clone()).collect();
        for name in names {
            self.miss(&name, why);
        }
    }

    /// One observation for each assumption, in the order of the list.
    pub fn observations(mut self) -> Vec<Observation> {
        let found = &mut self.found;
        let observe = |assumption: Assumption| {
            let finding = found.remove(&assumption.name);
            let (form, seen) = finding.map_or((None, String::new()), |finding| (finding.form, finding.seen));
            let (state, seen) = match form {
                None => (State::NotSeen, seen),
                Some(form) if form == assumption.default => (State::Held, seen),
                Some(form) => (State::Broken, format!("{seen} (form: {form})")),
            };
            Observation {
                statement: assumption.sentence(),
                assumption: assumption.name,
                state,
                seen,
            }
        };
        self.list.into_iter().map(observe).collect()
    }
}

impl Assumption {
    /// The question with the form that is assumed.
    fn sentence(&self) -> String {
        let assumed = self.forms.iter().find(|form| form.value == self.default);
        let meaning = assumed.map_or(self.default.as_str(), |form| form.meaning.as_str());
        format!("{}: {meaning}", self.statement.trim_end_matches('.'))
    }
}

#[cfg(test)]
mod tests {
    use super::{Findings, State, UNSEEN};

    #[test]
    fn the_default_form_holds_another_one_breaks_and_what_nobody_looked_at_is_not_seen() {
        let mut findings = Findings::begin(false).unwrap();
        findings.see("testops.unknown-path", "not-found", "404 with JSON");
        findings.see("xray-dc.run-lookup", "exact", "one run");
        findings.miss("xray-dc.run-lookup", "no run");
        findings.miss_rest("nothing");
        let all = findings.observations();
        let of = |name: &str| all.iter().find(|one| one.assumption == name).unwrap();
        let broken = of("testops.unknown-path");
        assert_eq!(
            (broken.state, broken.seen.as_str()),
            (State::Broken, "404 with JSON (form: not-found)")
        );
        assert_eq!(
            broken.statement,
            "What TestOps answers at a path that it does not know: 200 with the page of the product."
        );
        let held = of("xray-dc.run-lookup");
        assert_eq!((held.state, held.seen.as_str()), (State::Held, "one run"));
        assert_eq!(of("jira.index-lag").seen, "nothing");
        assert!(all.iter().all(|one| !one.assumption.contains("-cloud.")), "{all:?}");
    }

    #[test]
    fn what_no_probe_sees_is_in_the_list() {
        let lists = [true, false].map(|is_cloud| Findings::begin(is_cloud).unwrap().list);
        for (name, _) in UNSEEN {
            assert!(lists.iter().flatten().any(|one| one.name == name), "{name}");
        }
    }
}
