//! What the plugin notes in a row. Unknown members of a later version are ignored, missing ones are empty. The groups are
//! for readers of the code: in the row, all members stand beside one another.

use super::files::Files;
use crate::json::is_default;
use crate::ports::Entity;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The detail of a row.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Detail {
    /// By field name: digest of what was last exported, and of what the destination had right after.
    #[serde(rename = "f", skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, (String, String)>,
    /// Digests of the steps that were written, in order, as the destination had them right after.
    #[serde(rename = "s", skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<String>,
    /// How its Test is joined to other issues.
    #[serde(flatten)]
    pub relations: Relations,
    /// Jira status that was last asked for, and the one that Jira had right after.
    #[serde(rename = "w", skip_serializing_if = "is_default")]
    pub workflow: (String, String),
    /// How the source last listed it.
    #[serde(flatten)]
    pub source: Source,
    /// How its Test was last read.
    #[serde(flatten)]
    pub test: Seen,
    /// The create under way, and those before it.
    #[serde(flatten)]
    pub(super) create: Create,
    /// The issue's files, or the evidence of a launch.
    #[serde(flatten)]
    pub files: Files,
    /// What only a launch has.
    #[serde(flatten)]
    pub launch: Launch,
    /// What only a checkpoint has.
    #[serde(flatten)]
    pub checkpoint: Checkpoint,
}

impl Detail {
    /// True where a run at this time, in milliseconds since the epoch, has something to do, whether or not the source
    /// changes.
    pub fn unfinished(&self, now: u64) -> bool {
        (self.files.pending && self.files.owed.is_due(now))
            || self.relations.precondition_pending
            || self.relations.calls_pending
    }
}

/// How a Test is joined to other issues.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Relations {
    /// The case calls shared steps.
    #[serde(skip_serializing_if = "is_default")]
    pub shared: bool,
    /// Shared steps that the Test is to call, or their Tests, are not settled yet.
    #[serde(rename = "cp", skip_serializing_if = "is_default")]
    pub calls_pending: bool,
    /// The Test is not linked to its Precondition yet.
    #[serde(rename = "pp", skip_serializing_if = "is_default")]
    pub precondition_pending: bool,
}

/// Scopes that an item is remembered to be in.
const SCOPES: usize = 16;

/// How the source last listed an item.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Source {
    /// Its name, shortened: for the verdicts of runs that do not list it.
    #[serde(rename = "nm", skip_serializing_if = "is_default")]
    pub name: String,
    /// Digests of the scopes that it is in, the last one that listed it at the end.
    #[serde(rename = "sc", skip_serializing_if = "is_default")]
    scopes: Vec<String>,
}

impl Source {
    /// True where it is in a scope, as far as the ledger knows.
    pub fn is_in(&self, scope: &str) -> bool {
        self.scopes.iter().any(|known| known == scope)
    }

    /// Takes note of whether it is in a scope. True where that is new.
    pub fn place(&mut self, scope: &str, is_in: bool) -> bool {
        let known = self.is_in(scope);
        if known != is_in {
            self.scopes.retain(|known| known != scope);
            self.scopes.extend(is_in.then(|| scope.to_owned()));
            // Scopes that nobody exports any more must not pile up.
            let old = self.scopes.len().saturating_sub(SCOPES);
            self.scopes.drain(..old);
        }
        known != is_in
    }
}

/// How a Test was last read.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Seen {
    /// When it last changed, in milliseconds since the epoch; 0: unknown.
    #[serde(rename = "u", skip_serializing_if = "is_default")]
    pub updated: u64,
    /// Version that results go to, where an option chooses among several.
    #[serde(rename = "v", skip_serializing_if = "is_default")]
    pub version: Option<String>,
}

/// The create of an entity's issue. Only the methods of `creation` move it.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Create {
    /// Times a person asked to create it again.
    #[serde(rename = "gen", skip_serializing_if = "is_default")]
    pub generation: u32,
    /// Position in the job that the token names.
    #[serde(skip_serializing_if = "is_default")]
    pub element: Option<usize>,
    /// Whoever sent the create lived to give up on it: nothing of it is sent any more.
    #[serde(skip_serializing_if = "is_default")]
    pub gave_up: bool,
    /// When the create under way was sent, accepted or given up, in milliseconds since the epoch.
    #[serde(skip_serializing_if = "is_default")]
    pub since: u64,
    /// Highest key number of the project that was known when the create was first written down: its issue is above.
    #[serde(skip_serializing_if = "is_default")]
    pub above: u64,
}

/// The last export of a launch.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Launch {
    /// Results that were left out because their case was not exported.
    #[serde(skip_serializing_if = "is_default")]
    pub outside: u64,
    /// Digest of the cases that were in scope when the launch was exported without some of its results.
    #[serde(skip_serializing_if = "is_default")]
    pub scope: String,
    /// Ids of the cases whose results were left out then; empty where there were too many to be noted.
    #[serde(rename = "oc", skip_serializing_if = "is_default")]
    pub cases_outside: Vec<u64>,
    /// Highest id of the files of results that were looked at; 0: unknown.
    #[serde(rename = "ev", skip_serializing_if = "is_default")]
    pub newest_evidence: u64,
    /// Digest of the Test Execution as it was last written.
    #[serde(skip_serializing_if = "is_default")]
    pub sent: String,
    /// The Test Execution was there before, and its own fields are those of people.
    #[serde(rename = "op", skip_serializing_if = "is_default")]
    pub of_people: bool,
    /// More results were expected when it was last looked at.
    #[serde(rename = "o", skip_serializing_if = "is_default")]
    pub open: bool,
    /// None of its results was of an exported case when it was last looked at.
    #[serde(rename = "sk", skip_serializing_if = "is_default")]
    pub skipped: bool,
    /// Its runs have step results.
    #[serde(skip_serializing_if = "is_default")]
    pub step_results: bool,
}

/// How far earlier runs of the destination came.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Checkpoint {
    /// Digest of the shared steps' dates.
    #[serde(skip_serializing_if = "is_default")]
    pub shared_steps: String,
    /// When all cases were read in full, in milliseconds since the epoch.
    #[serde(skip_serializing_if = "is_default")]
    pub full_at: u64,
    /// When a run last began to link cases, in milliseconds since the epoch.
    #[serde(skip_serializing_if = "is_default")]
    pub linked_at: u64,
    /// What the last run left for a short look.
    #[serde(flatten)]
    pub rest: Rest,
    /// Issues of ours that are left to older ones, and not deleted yet, by id.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub withdrawals: BTreeMap<String, Withdrawal>,
}

/// What a run knows of the last one of the same scope, to look only at what moved since.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rest {
    /// Digest of the job of a run that came to its end and left nothing open; empty after any other.
    #[serde(rename = "q", skip_serializing_if = "is_default")]
    pub job: String,
    /// Issues with our label that the project has beyond those of the ledger.
    #[serde(rename = "sp", skip_serializing_if = "is_default")]
    pub surplus: i64,
    /// The last change of any test case, as TestOps dates it, in milliseconds since the epoch.
    #[serde(rename = "nc", skip_serializing_if = "is_default")]
    pub newest_case: u64,
    /// The same of any launch.
    #[serde(rename = "nl", skip_serializing_if = "is_default")]
    pub newest_launch: u64,
    /// When all cases of the scope were read in full, in milliseconds since the epoch.
    #[serde(rename = "fa", skip_serializing_if = "is_default")]
    pub full_at: u64,
    /// Digest of the shared steps' dates.
    #[serde(rename = "ss", skip_serializing_if = "is_default")]
    pub shared_steps: String,
    /// Digest of the mapping options with which all cases were last read in full; empty where that is not known.
    #[serde(rename = "mp", skip_serializing_if = "is_default")]
    pub mapped: String,
    /// Xray's own names of step statuses, which stay for good; empty where they were not read.
    #[serde(rename = "st", skip_serializing_if = "is_default")]
    pub step_statuses: Vec<String>,
}

/// An issue that another ledger created an older one for.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Withdrawal {
    /// What the item is.
    pub entity: Entity,
    /// Its id at the source.
    pub item: String,
    /// Key of ours.
    pub key: String,
    /// Id and key of the older one.
    pub older: (String, String),
}

#[cfg(test)]
mod tests {
    use super::{Detail, Source};

    #[test]
    fn groups_change_nothing_in_a_row() {
        let row = r#"{"f":{"summary":["a","b"]},"s":["1"],"shared":true,"cp":true,"pp":true,"w":["Done","Closed"],"nm":"Log in","sc":["a1","b2"],"u":10,"v":"v2","gen":1,"element":2,"gave_up":true,"since":3,"above":4,"fe":{"c":["n","10"]},"fs":"x","fp":true,"fo":{"n":["log.txt"],"t":1,"a":9,"s":"y"},"fu":5,"outside":6,"scope":"z","oc":[7],"ev":7,"sent":"d","op":true,"o":true,"sk":true,"step_results":true,"shared_steps":"q","full_at":8,"linked_at":9,"q":"j","sp":-1,"nc":11,"nl":12,"fa":13,"ss":"r","mp":"m"}"#;
        let detail: Detail = serde_json::from_str(row).unwrap();
        assert_eq!(serde_json::to_string(&detail).unwrap(), row);
        assert_eq!(serde_json::from_str::<Detail>("{}").unwrap(), Detail::default());
        assert_eq!(serde_json::to_string(&Detail::default()).unwrap(), "{}");
    }

    #[test]
    fn the_scopes_that_listed_an_item_last_are_remembered() {
        let mut source = Source::default();
        let news: Vec<bool> = (0..20).map(|scope| source.place(&scope.to_string(), true)).collect();
        assert_eq!((news, source.place("19", true)), (vec![true; 20], false));
        assert_eq!(
            (source.is_in("3"), source.is_in("4"), source.scopes.len()),
            (false, true, 16)
        );
        assert!(source.place("4", false) && !source.place("4", false) && !source.is_in("4"));
    }
}
