//! The three-way decision about a Test's fields: what was last exported, what the source has now, what the destination
//! has now. Pure.

#[cfg(test)]
mod tests;

use super::members;
use crate::mapping::fields::Plan;
use crate::mapping::options::Policies;
use crate::mapping::{self, COMMON, Content, Field, Marker, Policy, REMEMBERED, StepText, TestKind};
use crate::state::Entry;
use crate::target::RemoteTest;
use std::collections::BTreeMap;

/// What to do about a Test that exists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decision {
    /// Fields to write: TestOps changed them.
    pub write: Vec<Field>,
    /// Fields that somebody edited at the destination since they were last written.
    pub edited: Vec<Field>,
    /// What else a person should know.
    pub remarks: Vec<String>,
    /// Configured Jira fields to write, by id.
    pub members: Vec<String>,
    /// Configured Jira fields that somebody edited.
    pub edited_members: Vec<String>,
    /// Issues that the case no longer links to, and the Test still does.
    pub uncovered: Vec<String>,
}

impl Decision {
    /// True where an edit at the destination would be overwritten.
    pub fn overwrites(&self) -> bool {
        let over = |field: &Field| match field {
            Field::Fields => self.edited_members.iter().any(|id| self.members.contains(id)),
            _ => self.write.contains(field),
        };
        self.edited.iter().any(over)
    }

    /// Fields in which both sides differ, whoever changed them.
    pub fn differing(&self) -> Vec<Field> {
        Field::ALL
            .into_iter()
            .filter(|field| self.write.contains(field) || self.edited.contains(field))
            .collect()
    }

    /// What a person should know.
    pub fn notes(&self, plan: &Plan) -> Vec<String> {
        let note = |name: &str, written: bool| match written {
            true => format!("{name} was edited in Jira and changed in TestOps; TestOps' version wins"),
            false => kept(name),
        };
        let fields = self.edited.iter().filter(|field| **field != Field::Fields);
        let fields = fields.map(|field| note(field.name(), self.write.contains(field)));
        let members = self.edited_members.iter();
        let members = members.map(|id| note(members::name(id, plan), self.members.contains(id)));
        let left = self.uncovered.iter();
        let left = left.map(|key| format!("the case no longer links to {key}; the link in Jira stays"));
        fields.chain(members).chain(left).chain(self.remarks.clone()).collect()
    }
}

fn kept(name: &str) -> String {
    format!("{name} was edited in Jira; the edit is kept")
}

/// Decides. Where nothing was recorded (the ledger was lost and the issue found by its marker), the destination's own
/// content is compared. Fields that are left to people are neither written nor compared.
pub fn fields(content: &Content, entry: &Entry, remote: &RemoteTest, marker: &Marker, policies: &Policies) -> Decision {
    let source = content.digests();
    let mut decision = Decision::default();
    // The links to a Precondition and to Test Sets are decided with their issues at hand.
    let is_text = |field: &Field| !matches!(field, Field::Precondition | Field::TestSets);
    for field in Field::ALL.into_iter().filter(is_text) {
        if !policies.follow(field) {
            if field == Field::Labels && markers_missing(remote, marker) {
                decision.write.push(field);
            }
            continue;
        }
        let now = source.get(&field).map(String::as_str).unwrap_or_default();
        let there = remote.digests.get(&field).map(String::as_str).unwrap_or_default();
        if field == Field::Fields {
            (decision.members, decision.edited_members) = members::decide(now, entry, there);
            decision.write.extend((!decision.members.is_empty()).then_some(field));
            decision
                .edited
                .extend((!decision.edited_members.is_empty()).then_some(field));
            continue;
        }
        let moved = match (field, entry.digests(field)) {
            // A Test to which the source gives no folder stays where it is.
            (Field::Folder, _) if content.folder.is_none() => false,
            (Field::Coverage, stored) => {
                let before = stored.map(|(exported, _)| exported.as_str()).unwrap_or_default();
                decision.uncovered = dropped(before, content, remote);
                before != now
                    && content
                        .coverage
                        .iter()
                        .any(|key| !remote.associations.covers.contains(key))
            }
            (Field::Labels, stored) => labels_differ(content, remote, marker, stored.map(|(s, _)| s != now)),
            (Field::Kind, Some((exported, _))) => exported != now && remote.kind != Some(content.procedure.kind),
            (_, Some((exported, _))) => exported != now,
            // A Test that we find keeps its type.
            (Field::Kind, None) => false,
            (_, None) => there != now,
        };
        if moved {
            decision.write.push(field);
        }
        if was_edited(field, entry, remote) {
            decision.edited.push(field);
        }
    }
    of_kind(&mut decision, content, remote, policies);
    with_steps(&mut decision, content, remote, policies);
    decision
}

/// A Test of another kind than its content's takes neither its steps nor its definition: it becomes of that kind, or
/// stays as it is, and either is reported.
fn of_kind(decision: &mut Decision, content: &Content, remote: &RemoteTest, policies: &Policies) {
    let Some(there) = remote.kind.filter(|there| *there != content.procedure.kind) else {
        return;
    };
    let (there, here) = (there.name(), content.procedure.kind.name());
    if !decision.write.contains(&Field::Kind) {
        let whole = decision.write.len();
        decision
            .write
            .retain(|field| !matches!(field, Field::Steps | Field::Definition));
        let left = if decision.write.len() < whole {
            "; its steps and definition are not written"
        } else {
            ""
        };
        decision.remarks.push(format!(
            "type is {there} in Xray and {here} by the mapping; it is kept{left}"
        ));
        return;
    }
    decision.remarks.push(format!("type changes from {there} to {here}"));
    let its_own = match content.procedure.kind {
        TestKind::Manual => Field::Steps,
        TestKind::Generic | TestKind::Cucumber => Field::Definition,
    };
    if policies.follow(its_own) && !decision.write.contains(&its_own) {
        decision.write.push(its_own);
    }
}

/// Steps that are there are not replaced by none, unless that is asked for: a scenario that is suddenly empty is an
/// accident more often than a wish.
fn with_steps(decision: &mut Decision, content: &Content, remote: &RemoteTest, policies: &Policies) {
    let manual = content.procedure.kind == TestKind::Manual && remote.kind == Some(TestKind::Manual);
    let emptied = manual && content.procedure.steps.is_empty() && !remote.steps.is_empty();
    if emptied && decision.write.contains(&Field::Steps) && policies.of(Field::Steps) != Policy::Replace {
        decision.write.retain(|field| *field != Field::Steps);
        let kept = "steps: TestOps has none any more; those in Xray are kept (policy.steps = replace removes them)";
        decision.remarks.push(kept.to_owned());
    }
}

/// Before the steps of a Test are written: finds those that somebody added in Jira. They are kept, or go where that is
/// asked for; either is reported.
pub fn added_steps(remote: &mut RemoteTest, entry: &Entry, policies: &Policies) -> Option<String> {
    if remote.kind != Some(TestKind::Manual) || remote.steps.is_empty() {
        return None;
    }
    if entry.detail.steps.is_empty() {
        let unknown = "steps: nobody knows who wrote those in Xray; TestOps' version wins";
        return Some(unknown.to_owned());
    }
    let there: Vec<String> = remote.steps.iter().map(|step| step.text.digest()).collect();
    let keep = policies.of(Field::Steps) != Policy::Replace;
    let mut names = Vec::new();
    for at in mapping::added(&entry.detail.steps, &there) {
        if let Some(step) = remote.steps.get_mut(at) {
            step.kept = keep;
            let line = step.text.action.lines().next().unwrap_or_default();
            names.push(match &step.text.call {
                Some(test) => format!("a call of the Test with the id {test}"),
                None => format!("“{}”", line.chars().take(60).collect::<String>()),
            });
        }
    }
    let fate = if keep { "stay" } else { "are removed" };
    (!names.is_empty()).then(|| format!("steps: {} added in Jira {fate}: {}", names.len(), names.join(", ")))
}

/// Digests of the steps that an export wrote, among those that stand after it; `before`: how they stood before it.
pub fn our_steps(remote: &RemoteTest, before: Option<&RemoteTest>) -> Vec<String> {
    if remote.kind != Some(TestKind::Manual) || remote.steps.len() > REMEMBERED {
        return Vec::new();
    }
    let mut kept: Vec<&StepText> = before
        .into_iter()
        .flat_map(|before| &before.steps)
        .filter(|step| step.kept)
        .map(|step| &step.text)
        .collect();
    let ours = remote
        .steps
        .iter()
        .filter(|step| match kept.iter().position(|kept| **kept == step.text) {
            Some(at) => {
                kept.remove(at);
                false
            }
            None => true,
        });
    ours.map(|step| step.text.digest()).collect()
}

/// Edits at the destination to a case that did not move at the source, for people.
pub fn edits(entry: &Entry, remote: &RemoteTest, policies: &Policies, plan: &Plan) -> Vec<String> {
    let followed = |field: &Field| policies.follow(*field);
    let fields = Field::ALL.into_iter().filter(followed);
    let edited = fields.filter(|field| was_edited(*field, entry, remote));
    let mut notes: Vec<String> = edited.map(|field| kept(field.name())).collect();
    if followed(&Field::Fields) {
        let there = remote
            .digests
            .get(&Field::Fields)
            .map(String::as_str)
            .unwrap_or_default();
        let (_, edited) = members::decide("", entry, there);
        notes.extend(edited.iter().map(|id| kept(members::name(id, plan))));
    }
    notes
}

/// Issues that were exported as covered and are no longer, and to which the Test still links.
fn dropped(before: &str, content: &Content, remote: &RemoteTest) -> Vec<String> {
    let gone = before.split(',').filter(|key| !key.is_empty());
    gone.filter(|key| !content.coverage.iter().any(|now| now == key))
        .filter(|key| remote.associations.covers.iter().any(|there| there == key))
        .map(str::to_owned)
        .collect()
}

/// True where the destination has something else than right after the last write. Labels and links belong to everybody;
/// configured Jira fields are looked at one by one.
fn was_edited(field: Field, entry: &Entry, remote: &RemoteTest) -> bool {
    let there = remote.digests.get(&field);
    !matches!(
        field,
        Field::Labels | Field::Coverage | Field::Fields | Field::Precondition | Field::TestSets
    ) && entry
        .digests(field)
        .is_some_and(|(_, seen)| !seen.is_empty() && Some(seen) != there)
}

/// The note where a Test did not get into its folder: Xray takes a create whose folder it refuses.
pub fn misplaced(content: &Content, remote: &RemoteTest) -> Option<String> {
    let path = content.folder.as_ref()?;
    let (wanted, there) = (content.digests(), &remote.digests);
    let differs = wanted.get(&Field::Folder) != there.get(&Field::Folder);
    differs.then(|| format!("it is not in the folder {path}: Xray did not put it there"))
}

/// True where the marker is gone: the issue could not be found again if the ledger were lost.
pub fn marker_missing(remote: &RemoteTest, marker: &Marker) -> bool {
    !has(remote, &marker.0)
}

/// Labels are written where ours are missing: the markers always, those from tags when the tags changed. Labels that a
/// person took off stay off.
fn labels_differ(content: &Content, remote: &RemoteTest, marker: &Marker, tags_moved: Option<bool>) -> bool {
    let ours = markers_missing(remote, marker);
    let tags = tags_moved.unwrap_or(true) && content.labels.iter().any(|label| !has(remote, label));
    ours || tags
}

/// True where a label that makes the issue ours is gone.
fn markers_missing(remote: &RemoteTest, marker: &Marker) -> bool {
    !has(remote, &marker.0) || !has(remote, COMMON)
}

fn has(remote: &RemoteTest, label: &str) -> bool {
    remote.labels.iter().any(|there| there.eq_ignore_ascii_case(label))
}

/// What the ledger keeps after a write: digests of what was exported and of what the destination had then. Fields that
/// were not written keep what was known of them, so that a kept edit stays reported.
pub fn recorded(
    content: &Content,
    entry: &Entry,
    remote: &RemoteTest,
    written: &[Field],
) -> BTreeMap<String, (String, String)> {
    let source = content.digests();
    let is_there = |field: &Field| *field != Field::TestSets || source.contains_key(field);
    let of = |field: Field| {
        let now = source.get(&field).cloned().unwrap_or_default();
        let there = remote.digests.get(&field).cloned().unwrap_or_default();
        let seen = match entry.digests(field) {
            _ if field == Field::Fields => {
                let writes = |id: &str| written.contains(&field) && content.fields.writes(id);
                members::seen(entry, &there, writes)
            }
            Some((_, seen)) if !written.contains(&field) && !seen.is_empty() => seen.clone(),
            _ => there,
        };
        (field.name().to_owned(), (now, seen))
    };
    BTreeMap::from_iter(Field::ALL.into_iter().filter(is_there).map(of))
}
