//! The three-way decision about a Test's fields: what was last exported, what the source says now, what the destination
//! says now. Pure.

use crate::mapping::{COMMON, Content, Field, Marker};
use crate::state::Entry;
use crate::target::Remote;
use std::collections::BTreeMap;

/// What to do about a Test that exists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decision {
    /// Fields to write.
    pub write: Vec<Field>,
    /// What a person should know.
    pub notes: Vec<String>,
}

/// Decides. Where nothing was recorded (the ledger was lost and the issue found by its marker), the destination's own
/// content is compared.
pub fn fields(content: &Content, entry: &Entry, remote: &Remote, marker: &Marker) -> Decision {
    let source = content.digests();
    let mut decision = Decision::default();
    for field in Field::ALL {
        let now = source.get(&field).map(String::as_str).unwrap_or_default();
        let there = remote.digests.get(&field).map(String::as_str).unwrap_or_default();
        let moved = match (field, entry.digests(field)) {
            (Field::Labels, stored) => labels_differ(content, remote, marker, stored.map(|(s, _)| s != now)),
            (_, Some((exported, _))) => exported != now,
            // Test type names are the server's own and are compared by nobody; a Test that we find keeps its type.
            (Field::Kind, None) => false,
            (_, None) => there != now,
        };
        let edited = field != Field::Labels
            && entry
                .digests(field)
                .is_some_and(|(_, told)| !told.is_empty() && told != there);
        if moved {
            decision.write.push(field);
        }
        match (moved, edited) {
            (true, true) => decision.notes.push(format!(
                "{} was edited in Jira and changed in TestOps; TestOps' version was written",
                field.name()
            )),
            (false, true) => decision
                .notes
                .push(format!("{} was edited in Jira; the edit is kept", field.name())),
            _ => {}
        }
    }
    decision
}

/// Fields that somebody edited at the destination since they were last written, for a case that did not move.
pub fn edits(entry: &Entry, remote: &Remote) -> Vec<String> {
    let edited = |field: &Field| {
        let there = remote.digests.get(field);
        entry
            .digests(*field)
            .is_some_and(|(_, told)| !told.is_empty() && Some(told) != there)
    };
    let fields = Field::ALL
        .into_iter()
        .filter(|field| *field != Field::Labels && edited(field));
    fields
        .map(|field| format!("{} was edited in Jira; the edit is kept", field.name()))
        .collect()
}

/// True where the marker is gone: the issue could not be found again if the ledger were lost.
pub fn marker_missing(remote: &Remote, marker: &Marker) -> bool {
    !has(remote, &marker.0)
}

/// Labels are written where ours are missing: the markers always, those from tags when the tags changed. Labels that a
/// person took off stay off.
fn labels_differ(content: &Content, remote: &Remote, marker: &Marker, tags_moved: Option<bool>) -> bool {
    let ours = !has(remote, &marker.0) || !has(remote, COMMON);
    let tags = tags_moved.unwrap_or(true) && content.labels.iter().any(|label| !has(remote, label));
    ours || tags
}

fn has(remote: &Remote, label: &str) -> bool {
    remote.labels.iter().any(|there| there.eq_ignore_ascii_case(label))
}

/// What the ledger keeps after a write: digests of what was exported and of what the destination told then. Fields that
/// were not written keep what was known of them, so that a kept edit stays reported.
pub fn recorded(
    content: &Content,
    entry: &Entry,
    remote: &Remote,
    written: &[Field],
) -> BTreeMap<String, (String, String)> {
    let source = content.digests();
    let of = |field: Field| {
        let now = source.get(&field).cloned().unwrap_or_default();
        let there = remote.digests.get(&field).cloned().unwrap_or_default();
        let told = match entry.digests(field) {
            Some((_, told)) if !written.contains(&field) && !told.is_empty() => told.clone(),
            _ => there,
        };
        (field.name().to_owned(), (now, told))
    };
    Field::ALL.into_iter().map(of).collect()
}
