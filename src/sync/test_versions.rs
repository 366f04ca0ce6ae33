//! Versions of Tests: what a verdict reports of them, what of a version is left, and which one results go to.

use super::decide::Decision;
use crate::mapping::options::{TEST_VERSION, TestVersion};
use crate::mapping::{Field, Options};
use crate::state::Entry;
use crate::target::RemoteTest;
use itertools::Itertools;
use std::collections::BTreeMap;

/// What a person should know of a Test with several versions.
pub(super) fn note(remote: &RemoteTest, options: &Options) -> Option<String> {
    let used = remote.version.as_ref()?;
    let several = match used.all {
        Some(all) => format!("it has {all} versions in Xray"),
        None => "it has versions in Xray".to_owned(),
    };
    Some(match (&used.name, &options.test_version) {
        (Some(name), _) => format!("{several}; “{name}” is read and written, and results go to it ({TEST_VERSION})"),
        (None, TestVersion::Named(wanted)) => format!(
            "{several}, and none is called “{wanted}”: its type, definition and steps are not written, and results go to the \
             default one ({TEST_VERSION})"
        ),
        (None, _) => {
            format!("{several}; the default one is read and written, and results go to it ({TEST_VERSION})")
        }
    })
}

/// Leaves fields of a version that cannot be written.
pub(super) fn restrict(remote: &RemoteTest, decision: &mut Decision) {
    let Some(used) = &remote.version else { return };
    let left: Vec<Field> = decision
        .write
        .extract_if(.., |field| used.left.contains(field))
        .collect();
    if let (Some(name), false) = (&used.name, left.is_empty()) {
        let fields = left.iter().map(|field| field.name()).join(", ");
        let why = format!("{fields}: Xray documents no way to write them to the version “{name}”; they are left");
        decision.remarks.push(why);
    }
}

/// What was exported of fields that are left: nothing newer is, so that they are written once they can be.
pub(super) fn unwritten(entry: &Entry, remote: &RemoteTest) -> BTreeMap<String, (String, String)> {
    let left = remote.version.iter().flat_map(|used| &used.left);
    let known = left.filter_map(|field| Some((field.name().to_owned(), entry.digests(*field)?.clone())));
    known.collect()
}

/// Keeps the version that results go to. True where it is another than before.
pub(super) fn keep(entry: &mut Entry, remote: &RemoteTest) -> bool {
    let name = remote.version.as_ref().and_then(|used| used.name.clone());
    let moved = entry.detail.test.version != name;
    entry.detail.test.version = name;
    moved
}
