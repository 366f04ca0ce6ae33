//! Where a Test belongs: the issues it covers and its folder.

use super::form::ValueType;
use super::reader::Reader;

/// Where a Test belongs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// Link to the issues that it covers.
    pub coverage: Coverage,
    /// Folder in the Test Repository.
    pub folder: Folder,
    /// Custom field of TestOps whose values name its Test Sets.
    pub test_sets: Option<String>,
}

/// The folder in the Test Repository.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Folder {
    /// Custom fields of TestOps, outermost first; empty: Tests are put into no folder.
    pub levels: Vec<String>,
    /// Folder above all.
    pub root: String,
}

/// How a Test is linked to the issues that it covers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Coverage {
    /// By Xray's own link type, which each variant calls differently.
    #[default]
    Xray,
    /// By the link type of this name.
    Named(String),
    /// Not at all.
    Nothing,
}

impl Coverage {
    /// Name of the link type, `own` being Xray's; `None` where nothing is linked.
    pub fn link_type<'n>(&'n self, own: &'n str) -> Option<&'n str> {
        match self {
            Coverage::Xray => Some(own),
            Coverage::Named(name) => Some(name),
            Coverage::Nothing => None,
        }
    }
}

pub(super) fn read(reader: &mut Reader<'_>) -> Places {
    Places {
        coverage: coverage(reader),
        folder: folder(reader),
        test_sets: test_sets(reader),
    }
}

fn coverage(reader: &mut Reader<'_>) -> Coverage {
    reader.group("Where a Test belongs");
    let asked = reader.option(
        "coverage",
        "Link to covered issues",
        "Link type from a Test to the issues that its case names and that live in this Jira: xray for Xray's own, none, or \
         the name of another.",
    );
    match asked.text_or(ValueType::Remote("link-type"), "xray") {
        name if name == "xray" => Coverage::Xray,
        name if name == "none" => Coverage::Nothing,
        name => Coverage::Named(name),
    }
}

/// The custom field of TestOps whose values name Test Sets.
fn test_sets(reader: &mut Reader<'_>) -> Option<String> {
    let asked = reader.option(
        "test-sets",
        "Custom field with Test Sets",
        "Custom field of TestOps whose values name Test Sets of the project, by key or by summary. The Test is added to them, \
         and never taken out of one.",
    );
    asked.text(ValueType::Text)
}

fn folder(reader: &mut Reader<'_>) -> Folder {
    let levels = reader.option(
        "folder",
        "Folder in the Test Repository",
        "Custom fields of TestOps, from the outermost, as in Epic / Feature. Empty: Tests are put into no folder.",
    );
    let levels = levels.list('/');
    let root = reader
        .option(
            "folder-root",
            "Folder above all others",
            "A path in the Test Repository.",
        )
        .text(ValueType::Text)
        .unwrap_or_default();
    if levels.is_empty() && !root.is_empty() {
        let hint = "Set folder to custom fields of TestOps, as in Epic / Feature, or take folder-root out.";
        reader.wrong(
            "folder-root",
            "folder-root has no effect without folder.".to_owned(),
            hint,
        );
    }
    let parts = root.split('/').map(str::trim).filter(|part| !part.is_empty());
    for part in parts {
        if super::super::folder::name(part).as_deref() != Some(part) {
            let message = format!("`{}` is no name of a folder.", crate::text::shown(part));
            reader.wrong(
                "folder-root",
                message,
                "Name folders as Xray shows them, with / between them.",
            );
        }
    }
    Folder { levels, root }
}
