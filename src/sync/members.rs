//! The three-way decision below a field that consists of several: the configured Jira fields, each on its own. Pure.

use crate::mapping::Field;
use crate::mapping::fields::{Plan, differing, part, parts};
use crate::state::Entry;

/// Configured Jira fields to write, and those that somebody edited. `now` and `there` are the digests of both sides.
pub fn decide(now: &str, entry: &Entry, there: &str) -> (Vec<String>, Vec<String>) {
    let (exported, seen) = recorded(entry);
    // A field that is configured since the last export is written where the case has a value for it.
    let fresh = parts(now)
        .filter(|(id, digest)| *digest != "-" && part(exported, id).is_none() && part(there, id) != Some(*digest))
        .map(|(id, _)| id.to_owned());
    let mut write = differing(now, exported);
    write.extend(fresh);
    (write, differing(there, seen))
}

/// What the destination seen of each field when it was last written, to be recorded.
pub fn seen(entry: &Entry, there: &str, written: impl Fn(&str) -> bool) -> String {
    let (_, before) = recorded(entry);
    let each = parts(there).map(|(id, digest)| {
        let digest = part(before, id).filter(|_| !written(id)).unwrap_or(digest);
        format!("{id}={digest}")
    });
    each.collect::<Vec<_>>().join(";")
}

fn recorded(entry: &Entry) -> (&str, &str) {
    let both = entry.digests(Field::Fields);
    both.map(|(exported, seen)| (exported.as_str(), seen.as_str()))
        .unwrap_or_default()
}

/// A field as people call it.
pub fn name<'n>(id: &'n str, plan: &'n Plan) -> &'n str {
    plan.iter()
        .find(|field| field.id == id)
        .map_or(id, |field| field.name.as_str())
}

#[cfg(test)]
mod tests {
    use super::{decide, seen};
    use crate::ports::Entity;
    use crate::state::Entry;

    fn entry(exported: &str, seen: &str) -> Entry {
        let mut entry = Entry::fresh(Entity::TestCase, "10", "1");
        let both = (exported.to_owned(), seen.to_owned());
        entry.detail.fields.insert("fields".to_owned(), both);
        entry
    }

    #[test]
    fn each_configured_field_is_decided_on_its_own() {
        for (exported, seen, now, there, write, edited) in [
            ("a=1;b=1", "a=x;b=x", "a=1;b=1", "a=x;b=x", vec![], vec![]),
            ("a=1;b=1", "a=x;b=x", "a=2;b=1", "a=x;b=y", vec!["a"], vec!["b"]),
            ("a=1;b=1", "a=x;b=x", "a=-;b=1", "a=x;b=x", vec!["a"], vec![]),
            // Configured since: written only where there is a value. No longer configured: left alone.
            ("a=1", "a=x", "a=1;b=2;c=-", "a=x;b=-;c=z", vec!["b"], vec![]),
            ("a=1;b=1", "a=x;b=x", "a=1", "a=x", vec![], vec![]),
            // Found by its marker, with the ledger lost.
            ("", "", "a=1;b=2;c=-", "a=1;b=3;c=4", vec!["b"], vec![]),
        ] {
            let found = decide(now, &entry(exported, seen), there);
            let ids = |list: Vec<&str>| list.into_iter().map(str::to_owned).collect::<Vec<_>>();
            assert_eq!(found, (ids(write), ids(edited)), "{exported} {seen} {now} {there}");
        }
    }

    #[test]
    fn an_edit_that_was_kept_stays_reported() {
        assert_eq!(
            seen(&entry("a=1;b=1", "a=x;b=x"), "a=y;b=z;c=w", |id| id == "a"),
            "a=y;b=x;c=w"
        );
    }
}
