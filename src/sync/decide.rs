//! The three-way decision about a Test's fields: what was last exported, what the source says now, what the destination
//! says now. Pure.

use super::members;
use crate::mapping::fields::Plan;
use crate::mapping::options::Policies;
use crate::mapping::{COMMON, Content, Field, Marker, Policy};
use crate::ordered;
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
        fields.chain(members).chain(left).collect()
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
    for field in Field::ALL {
        if policies.of(field) != Policy::Own {
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
            (_, Some((exported, _))) => exported != now,
            // Test type names are the server's own and are compared by nobody; a Test that we find keeps its type.
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
    decision
}

/// Edits at the destination to a case that did not move at the source, in words.
pub fn edits(entry: &Entry, remote: &Remote, policies: &Policies, plan: &Plan) -> Vec<String> {
    let own = |field: &Field| policies.of(*field) == Policy::Own;
    let fields = Field::ALL.into_iter().filter(own);
    let edited = fields.filter(|field| was_edited(*field, entry, remote));
    let mut notes: Vec<String> = edited.map(|field| kept(field.name())).collect();
    if own(&Field::Fields) {
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
    !matches!(field, Field::Labels | Field::Coverage | Field::Fields)
        && entry
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
    ordered::map(Field::ALL.into_iter().map(of))
}

#[cfg(test)]
mod tests {
    use super::{Decision, fields};
    use crate::domain::TestCase;
    use crate::mapping::options::{self, Policies};
    use crate::mapping::{self, Content, Context, Dialect, Field, Marker, Options};
    use crate::ports::Entity;
    use crate::state::{Detail, Entry};
    use crate::target::{Issue, Remote};

    fn content(name: &str) -> Content {
        let case = TestCase {
            id: 1,
            name: name.to_owned(),
            tags: vec!["smoke".to_owned()],
            ..TestCase::default()
        };
        let options = &Options::default();
        let context = Context {
            url: "https://t.example/1",
            dialect: Dialect::Wiki,
            options,
            plan: &[],
            site: "",
        };
        mapping::test(&case, &context)
    }

    fn marker() -> Marker {
        Marker::test_case("t.example", "10", 1, 0)
    }

    /// How a server that stores what it gets tells the content.
    fn remote(content: &Content) -> Remote {
        Remote {
            issue: Issue {
                id: "1".to_owned(),
                key: "A-1".to_owned(),
            },
            project_id: "10".to_owned(),
            labels: vec!["smoke".to_owned(), "tms-sync".to_owned(), marker().0],
            covers: Vec::new(),
            digests: content.digests(),
            steps: Vec::new(),
        }
    }

    fn entry(exported: Option<&Content>) -> Entry {
        let mut entry = Entry::fresh(Entity::TestCase, "10", "1");
        if let Some(content) = exported {
            entry.detail = Detail {
                fields: super::recorded(content, &entry, &remote(content), &Field::ALL),
                ..Detail::default()
            };
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
