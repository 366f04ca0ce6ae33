//! The three-way decision about a Test's fields: what was last exported, what the source says now, what the destination
//! says now. Pure.

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
}

impl Decision {
    /// True where an edit at the destination would be overwritten.
    pub fn overwrites(&self) -> bool {
        self.edited.iter().any(|field| self.write.contains(field))
    }

    /// Fields in which both sides differ, whoever changed them.
    pub fn differing(&self) -> Vec<Field> {
        Field::ALL
            .into_iter()
            .filter(|field| self.write.contains(field) || self.edited.contains(field))
            .collect()
    }

    /// What a person should know.
    pub fn notes(&self) -> Vec<String> {
        let note = |field: &Field| match self.write.contains(field) {
            true => format!(
                "{} was edited in Jira and changed in TestOps; TestOps' version wins",
                field.name()
            ),
            false => kept(*field),
        };
        self.edited.iter().map(note).collect()
    }
}

fn kept(field: Field) -> String {
    format!("{} was edited in Jira; the edit is kept", field.name())
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
        let moved = match (field, entry.digests(field)) {
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
pub fn edits(entry: &Entry, remote: &Remote, policies: &Policies) -> Vec<String> {
    Field::ALL
        .into_iter()
        .filter(|field| policies.of(*field) == Policy::Own)
        .filter(|field| was_edited(*field, entry, remote))
        .map(kept)
        .collect()
}

/// True where the destination tells something else than right after the last write. Labels belong to everybody.
fn was_edited(field: Field, entry: &Entry, remote: &Remote) -> bool {
    let there = remote.digests.get(&field);
    field != Field::Labels
        && entry
            .digests(field)
            .is_some_and(|(_, told)| !told.is_empty() && Some(told) != there)
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
        let (url, dialect) = ("https://t.example/1", Dialect::Wiki);
        mapping::test(&case, &Context { url, dialect, options })
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
