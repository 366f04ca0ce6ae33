//! The Test Repository folder of a case, from custom fields as TestOps' own trees have them.

use super::options::Folder as Options;
use crate::domain::Attributes;
use crate::text::{same, shown};

/// Path with a leading slash; `None` where there is no folder to put it in. TestOps builds its trees the same way: a case
/// without a value stands where its last value led to.
pub fn path(of: &Attributes, options: &Options, losses: &mut Vec<String>) -> Option<String> {
    let root = options.root.split('/').filter_map(name);
    let mut names: Vec<String> = root.collect();
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
        let Some((value, folder)) = field.values.first().and_then(|value| Some((value, name(value)?))) else {
            break;
        };
        if folder != *value {
            let value = shown(value);
            losses.push(format!(
                "its folder for {level} “{value}” is named “{}”",
                shown(&folder)
            ));
        }
        names.push(folder);
    }
    (!options.levels.is_empty() && !names.is_empty()).then(|| format!("/{}", names.join("/")))
}

/// Characters of a folder's name. Xray documents no limit; this is Jira's for names.
const NAME: usize = 255;

/// A folder name holds neither `/` nor `\` (Xray's Test Repository), and is none that a path gives another meaning.
pub fn name(text: &str) -> Option<String> {
    let clean = text.replace(['/', '\\'], "-").replace(char::is_control, " ");
    match clean.trim() {
        "" => None,
        "." => Some("_".to_owned()),
        ".." => Some("__".to_owned()),
        clean if clean.chars().count() > NAME => {
            let kept: String = clean.chars().take(NAME - 1).collect();
            Some(format!("{}…", kept.trim_end()))
        }
        clean => Some(clean.to_owned()),
    }
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
        let read = |given: &[(&str, &str)]| options::read(given.iter().copied()).options.places.folder;
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
        let mut losses = Vec::new();
        let odd = of(&[("Epic", &[".."]), ("Feature", &["."])]);
        assert_eq!(path(&odd, &levels, &mut losses).as_deref(), Some("/__/_"));
        assert_eq!(
            losses,
            [
                "its folder for Epic “..” is named “__”",
                "its folder for Feature “.” is named “_”"
            ]
        );
        let long = "ж".repeat(300);
        let found = path(&of(&[("Epic", &[&long])]), &levels, &mut losses).unwrap();
        assert_eq!(
            (found.chars().count(), found.chars().last(), losses.len()),
            (256, Some('…'), 3)
        );
    }
}
