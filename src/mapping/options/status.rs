//! Which Xray status a TestOps status becomes.

use super::form::ValueType;
use super::reader::Reader;
use crate::domain::Status;
use std::collections::BTreeMap;

/// Xray's status names as a person configured them, by TestOps status. Whether the server knows them is for the
/// preflight to say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatusNames(BTreeMap<Status, String>);

impl StatusNames {
    /// True where no name is configured.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The configured name, if any.
    pub fn of(&self, status: Status) -> Option<&str> {
        self.0.get(&status).map(String::as_str)
    }
}

impl FromIterator<(Status, String)> for StatusNames {
    fn from_iter<T: IntoIterator<Item = (Status, String)>>(names: T) -> Self {
        StatusNames(BTreeMap::from_iter(names))
    }
}

pub(super) fn read(reader: &mut Reader<'_>) -> StatusNames {
    reader.group("Statuses of results");
    let name = |status: Status| {
        let word = status.word();
        let asked = reader.option(
            format!("status.{word}"),
            format!("Status of {word} results"),
            "A status of Test Runs that Xray knows; not set: the usual one.",
        );
        Some((status, asked.text(ValueType::Remote("run-status"))?))
    };
    Status::ALL.into_iter().filter_map(name).collect()
}
