//! The three-way decision about a Test's fields: what was last exported, what the source says now, what the destination
//! says now. Pure.

use super::members;
use crate::mapping::fields::Plan;
use crate::mapping::options::Policies;
use crate::mapping::{self, COMMON, Content, Field, Kind, Marker, Policy, REMEMBERED, StepText};
use crate::state::Entry;
use crate::target::Remote;
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
pub fn fields(content: &Content, entry: &Entry, remote: &Remote, marker: &Marker, policies: &Policies) -> Decision {
    let source = content.digests();
    let mut decision = Decision::default();
    // The link to a Precondition is decided with its issue at hand.
    for field in Field::ALL.into_iter().filter(|field| *field != Field::Precondition) {
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
            // A Test of which the source tells no folder stays where it is.
            (Field::Folder, _) if content.folder.is_none() => false,
            (Field::Coverage, stored) => {
                let before = stored.map(|(exported, _)| exported.as_str()).unwrap_or_default();
                decision.uncovered = dropped(before, content, remote);
                before != now && content.coverage.iter().any(|key| !remote.covers.contains(key))
            }
            (Field::Labels, stored) => labels_differ(content, remote, marker, stored.map(|(s, _)| s != now)),
            (Field::Kind, Some((exported, _))) => exported != now && remote.kind != Some(content.kind),
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
/// stays as it is, and either is told.
fn of_kind(decision: &mut Decision, content: &Content, remote: &Remote, policies: &Policies) {
    let Some(there) = remote.kind.filter(|there| *there != content.kind) else {
        return;
    };
    let (there, here) = (there.name(), content.kind.name());
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
    let its_own = match content.kind {
        Kind::Manual => Field::Steps,
        Kind::Generic | Kind::Cucumber => Field::Definition,
    };
    if policies.follow(its_own) && !decision.write.contains(&its_own) {
        decision.write.push(its_own);
    }
}

/// Steps that are there are not replaced by none, unless that is asked for: a scenario that is suddenly empty is an
/// accident more often than a wish.
fn with_steps(decision: &mut Decision, content: &Content, remote: &Remote, policies: &Policies) {
    let manual = content.kind == Kind::Manual && remote.kind == Some(Kind::Manual);
    let emptied = manual && content.steps.is_empty() && !remote.steps.is_empty();
    if emptied && decision.write.contains(&Field::Steps) && policies.of(Field::Steps) != Policy::Replace {
        decision.write.retain(|field| *field != Field::Steps);
        let kept = "steps: TestOps has none any more; those in Xray are kept (policy.steps = replace removes them)";
        decision.remarks.push(kept.to_owned());
    }
}

/// Before the steps of a Test are written: finds those that somebody added in Jira. They are kept, or go where that is
/// asked for; either is told.
pub fn added_steps(remote: &mut Remote, entry: &Entry, policies: &Policies) -> Option<String> {
    if remote.kind != Some(Kind::Manual) || remote.steps.is_empty() {
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
pub fn our_steps(remote: &Remote, before: Option<&Remote>) -> Vec<String> {
    if remote.kind != Some(Kind::Manual) || remote.steps.len() > REMEMBERED {
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

/// Edits at the destination to a case that did not move at the source, in words.
pub fn edits(entry: &Entry, remote: &Remote, policies: &Policies, plan: &Plan) -> Vec<String> {
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
fn dropped(before: &str, content: &Content, remote: &Remote) -> Vec<String> {
    let gone = before.split(',').filter(|key| !key.is_empty());
    gone.filter(|key| !content.coverage.iter().any(|now| now == key))
        .filter(|key| remote.covers.iter().any(|there| there == key))
        .map(str::to_owned)
        .collect()
}

/// True where the destination tells something else than right after the last write. Labels and links belong to everybody;
/// configured Jira fields are looked at one by one.
fn was_edited(field: Field, entry: &Entry, remote: &Remote) -> bool {
    let there = remote.digests.get(&field);
    !matches!(
        field,
        Field::Labels | Field::Coverage | Field::Fields | Field::Precondition
    ) && entry
        .digests(field)
        .is_some_and(|(_, told)| !told.is_empty() && Some(told) != there)
}

/// What to tell where a Test did not get into its folder: Xray takes a create whose folder it refuses.
pub fn misplaced(content: &Content, remote: &Remote) -> Option<String> {
    let path = content.folder.as_ref()?;
    let (wanted, there) = (content.digests(), &remote.digests);
    let differs = wanted.get(&Field::Folder) != there.get(&Field::Folder);
    differs.then(|| format!("it is not in the folder {path}: Xray did not put it there"))
}

/// True where the marker is gone: the issue could not be found again if the ledger were lost.
pub fn marker_missing(remote: &Remote, marker: &Marker) -> bool {
    !has(remote, &marker.0)
}

/// Labels are written where ours are missing: the markers always, those from tags when the tags changed. Labels that a
/// person took off stay off.
fn labels_differ(content: &Content, remote: &Remote, marker: &Marker, tags_moved: Option<bool>) -> bool {
    let ours = markers_missing(remote, marker);
    let tags = tags_moved.unwrap_or(true) && content.labels.iter().any(|label| !has(remote, label));
    ours || tags
}

/// True where a label that makes the issue ours is gone.
fn markers_missing(remote: &Remote, marker: &Marker) -> bool {
    !has(remote, &marker.0) || !has(remote, COMMON)
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
            _ if field == Field::Fields => {
                let writes = |id: &str| written.contains(&field) && content.fields.writes(id);
                members::told(entry, &there, writes)
            }
            Some((_, told)) if !written.contains(&field) && !told.is_empty() => told.clone(),
            _ => there,
        };
        (field.name().to_owned(), (now, told))
    };
    BTreeMap::from_iter(Field::ALL.into_iter().map(of))
}

#[cfg(test)]
mod tests {
    use super::{Decision, fields};
    use crate::domain::{CaseId, Issue, TestCase};
    use crate::mapping::options::{self, Policies};
    use crate::mapping::{self, Content, Context, Dialect, Field, Kind, Marker, Options, StepText};
    use crate::ports::Entity;
    use crate::state::Entry;
    use crate::target::{Remote, RemoteStep};

    fn content(name: &str) -> Content {
        let case = TestCase {
            id: CaseId(1),
            name: name.to_owned(),
            tags: vec!["smoke".to_owned()],
            ..TestCase::default()
        };
        let context = Context {
            url: "https://t.example/1",
            testops: "https://t.example",
            dialect: Dialect::Wiki,
            cucumber: true,
            options: &Options::default(),
            plan: &[],
            site: "",
        };
        mapping::test(&case, &context)
    }

    fn marker() -> Marker {
        Marker::test_case("t.example", "10", CaseId(1), 0)
    }

    fn step(text: &StepText) -> RemoteStep {
        RemoteStep {
            id: String::new(),
            text: text.clone(),
            further: serde_json::Map::new(),
            kept: false,
        }
    }

    fn text(action: &str) -> StepText {
        StepText {
            action: action.to_owned(),
            ..StepText::default()
        }
    }

    /// How a server that stores what it gets tells the content.
    fn remote(content: &Content) -> Remote {
        Remote {
            issue: Issue::new("1", "A-1"),
            project_id: "10".to_owned(),
            labels: vec!["smoke".to_owned(), "tms-sync".to_owned(), marker().0],
            kind: Some(content.kind),
            covers: Vec::new(),
            preconditions: Vec::new(),
            digests: content.digests(),
            steps: content.steps.iter().map(step).collect(),
            status: None,
        }
    }

    fn entry(exported: Option<&Content>) -> Entry {
        let mut entry = Entry::fresh(Entity::TestCase, "10", "1");
        if let Some(content) = exported {
            entry.detail.fields = super::recorded(content, &entry, &remote(content), &Field::ALL);
        }
        entry
    }

    fn decided(content: &Content, entry: &Entry, remote: &Remote) -> Decision {
        fields(content, entry, remote, &marker(), &Policies::default())
    }

    #[test]
    fn every_combination_of_changes_has_its_decision() {
        let (old, new, theirs) = (content("Log in"), content("Sign in"), content("Edited by hand"));
        let exported = entry(Some(&old));
        for (source, there, write, edited) in [
            (&old, &old, vec![], vec![]),
            (&new, &old, vec![Field::Summary], vec![]),
            (&old, &theirs, vec![], vec![Field::Summary]),
            (&new, &theirs, vec![Field::Summary], vec![Field::Summary]),
        ] {
            let decision = decided(source, &exported, &remote(there));
            assert_eq!((decision.write, decision.edited), (write, edited));
        }
    }

    #[test]
    fn an_adopted_issue_that_holds_everything_is_left_alone() {
        let same = content("Log in");
        assert!(decided(&same, &entry(None), &remote(&same)).write.is_empty());
        assert_eq!(
            decided(&content("New"), &entry(None), &remote(&same)).write,
            [Field::Summary]
        );
    }

    #[test]
    fn a_missing_marker_is_put_back_and_a_label_that_a_person_took_off_stays_off() {
        let same = content("Log in");
        let mut bare = remote(&same);
        bare.labels = vec!["smoke".to_owned(), "tms-sync".to_owned()];
        assert_eq!(decided(&same, &entry(Some(&same)), &bare).write, [Field::Labels]);
        bare.labels = vec!["TMS-SYNC".to_owned(), marker().0];
        assert!(decided(&same, &entry(Some(&same)), &bare).write.is_empty());
    }

    #[test]
    fn a_change_of_type_is_told_and_a_test_that_is_found_keeps_its_own() {
        let manual = Content {
            steps: vec![text("Open")],
            ..content("Log in")
        };
        let generic = Content {
            kind: Kind::Generic,
            definition: "com.acme.T.m".to_owned(),
            steps: vec![],
            ..manual.clone()
        };
        let changed = decided(&generic, &entry(Some(&manual)), &remote(&manual));
        assert!(changed.write.contains(&Field::Kind) && changed.write.contains(&Field::Definition));
        assert_eq!(changed.remarks, ["type changes from Manual to Generic"]);
        let found = decided(&generic, &entry(None), &remote(&manual));
        assert_eq!(found.write, []);
        assert!(
            found.remarks[0].contains("it is kept; its steps"),
            "{:?}",
            found.remarks
        );
    }

    #[test]
    fn steps_are_not_replaced_by_none_unless_that_is_asked_for() {
        let (none, some) = (
            content("Log in"),
            Content {
                steps: vec![text("Open")],
                ..content("Log in")
            },
        );
        let decision = decided(&none, &entry(Some(&some)), &remote(&some));
        assert_eq!(decision.write, []);
        assert!(decision.remarks[0].contains("those in Xray are kept"));
        let policies = options::read([("policy.steps", "replace")]).options.policies;
        let asked = fields(&none, &entry(Some(&some)), &remote(&some), &marker(), &policies);
        assert_eq!((asked.write, asked.remarks), (vec![Field::Steps], vec![]));
    }

    #[test]
    fn steps_that_somebody_added_stay_unless_that_is_not_wanted() {
        let written = Content {
            steps: vec![text("Open"), text("Send")],
            ..content("Log in")
        };
        let mut known = entry(Some(&written));
        known.detail.steps = super::our_steps(&remote(&written), None);
        for (policy, fate) in [("own", "stay"), ("replace", "are removed")] {
            let policies = options::read([("policy.steps", policy)]).options.policies;
            let mut there = remote(&written);
            there.steps.insert(1, step(&text("Wait")));
            let told = super::added_steps(&mut there, &known, &policies).unwrap();
            assert_eq!(told, format!("steps: 1 added in Jira {fate}: “Wait”"));
            assert_eq!(there.steps[1].kept, policy == "own");
            assert_eq!(
                super::our_steps(&there, Some(&there)).len(),
                if policy == "own" { 2 } else { 3 }
            );
        }
    }

    #[test]
    fn a_field_that_is_left_to_people_is_neither_written_nor_reported() {
        let (old, new, theirs) = (content("Log in"), content("Sign in"), content("Edited by hand"));
        for policy in ["seed-once", "never"] {
            let names = ["policy.description", "policy.labels", "policy.steps"].map(|name| (name, policy));
            let policies = options::read(names.into_iter().chain([("policy.summary", "seed-once")]))
                .options
                .policies;
            let decision = fields(&new, &entry(Some(&old)), &remote(&theirs), &marker(), &policies);
            assert_eq!(decision, Decision::default());
            let mut bare = remote(&old);
            bare.labels.clear();
            let decision = fields(&old, &entry(Some(&old)), &bare, &marker(), &policies);
            assert_eq!(
                decision.write,
                [Field::Labels],
                "the marker is ours whatever the policy"
            );
        }
    }
}
