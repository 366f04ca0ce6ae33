//! Where a Test belongs: the issues it covers and its folder.

use super::reader::Reader;

/// The folder in the Test Repository.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Folder {
    /// Custom fields of TestOps, outermost first; empty: Tests are put into no folder.
    pub levels: Vec<String>,
    /// Folder above all.
    pub root: String,
}

/// Name of Xray's own link type (docs.getxray.app, Requirements).
const TESTS: &str = "Tests";

/// Name of the link type with which a Test covers an issue; `None`: nothing is linked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage(pub Option<String>);

impl Default for Coverage {
    fn default() -> Self {
        Coverage(Some(TESTS.to_owned()))
    }
}

pub(super) fn coverage(reader: &mut Reader<'_>) -> Coverage {
    let name = reader.text_or("coverage", TESTS);
    Coverage((name != "none").then_some(name))
}

pub(super) fn folder(reader: &mut Reader<'_>) -> Folder {
    let levels = reader.list("folder", '/');
    let root = reader.text("folder-root").unwrap_or_default();
    if levels.is_empty() && !root.is_empty() {
        let hint = "Set folder to custom fields of TestOps, as in Epic / Feature, or take folder-root out.";
        reader.wrong(
            "folder-root",
            "folder-root has no effect without folder.".to_owned(),
            hint,
        );
    }
    Folder { levels, root }
}
