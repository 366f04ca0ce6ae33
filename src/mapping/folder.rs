//! The Test Repository folder of a case, from custom fields as TestOps' own trees have them.

use super::options::Folder as Options;
use crate::domain::Attributes;
use crate::text::same;

/// Path with a leading slash; `None` where there is no folder to put it in. TestOps builds its trees the same way: a case
/// without a value stands where its last value led to.
pub fn path(of: &Attributes, options: &Options, losses: &mut Vec<String>) -> Option<String> {
    let mut names: Vec<String> = options.root.split('/').filter_map(name).collect();
    for level in &options.levels {
        let same = |field: &&crate::domain::CustomField| same(&field.name, level);
        let Some(field) = of.fields.iter().find(same) else {
            break;
        };
        if let [first, _, ..] = field.values.as_slice() {
            losses.push(format!(
                "its folder follows “{first}”: {level} has several values, a Test has one folder"
            ));
        }
        let Some(value) = field.values.first().and_then(|value| name(value)) else {
            break;
        };
        names.push(value);
    }
    (!options.levels.is_empty() && !names.is_empty()).then(|| format!("/{}", names.join("/")))
}

/// A folder name holds neither `/` nor `\` (Xray's Test Repository).
fn name(text: &str) -> Option<String> {
    let clean = text.replace(['/', '\\'], "-").replace(char::is_control, " ");
    let clean = clean.trim();
    (!clean.is_empty()).then(|| clean.chars().take(255).collect())
}

#[cfg(test)]
mod tests {
    use super::path;
    use crate::domain::{Attributes, CustomField};
    use crate::mapping::options;

    #[test]
    fn a_path_follows_the_levels_until_one_has_no_value() {
        let of = |rows: &[(&str, &[&str])]| Attributes {
            fields: rows
                .iter()
                .map(|(name, values)| CustomField {
                    name: (*name).to_owned(),
                    values: values.iter().map(|value| (*value).to_owned()).collect(),
                })
                .collect(),
            ..Attributes::default()
        };
        let read = |given: &[(&str, &str)]| options::read(given.iter().copied()).options.folder;
        let levels = read(&[("folder", "Epic / Feature")]);
        let rooted = read(&[("folder", "Epic / Feature"), ("folder-root", "From TestOps/QA")]);
        for (rows, options, expected) in [
            (
                of(&[("epic", &["Shop"]), ("Feature", &["In/Out"])]),
                &levels,
                Some("/Shop/In-Out"),
            ),
            (of(&[("Epic", &["Shop"])]), &rooted, Some("/From TestOps/QA/Shop")),
            (of(&[("Feature", &["Cart"])]), &rooted, Some("/From TestOps/QA")),
            (of(&[("Feature", &["Cart"])]), &levels, None),
            (of(&[("Epic", &["Shop"])]), &read(&[]), None),
        ] {
            assert_eq!(path(&rows, options, &mut Vec::new()).as_deref(), expected);
        }
        let mut losses = Vec::new();
        path(&of(&[("Epic", &["A", "B"])]), &levels, &mut losses);
        assert_eq!(losses.len(), 1);
    }
}
