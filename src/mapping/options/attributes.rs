//! Where a case's attributes go.

use super::reader::Reader;
use std::collections::BTreeMap;

/// Where an attribute goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Place {
    /// The section “Details” of the description.
    #[default]
    Description,
    /// Labels.
    Label,
    /// Nowhere.
    Nowhere,
}

/// Places by attribute.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attributes {
    /// Layer.
    pub layer: Place,
    /// Status.
    pub status: Place,
    /// Members by role.
    pub members: Place,
    /// Custom fields.
    pub fields: Place,
    /// Links and issues.
    pub links: Place,
}

/// Jira status by TestOps status.
pub(super) fn transitions(reader: &mut Reader<'_>) -> BTreeMap<String, String> {
    let table = reader.table("transition");
    for (from, _) in table.iter().filter(|(_, to)| to.trim().is_empty()) {
        let option = format!("transition.{from}");
        let hint = "Write the name of a status of the workflow in Jira, as in Done.";
        reader.wrong(&option, format!("{option} names no Jira status."), hint);
    }
    table
}

/// Labels are only ever added, so what changes with every review (the status) cannot be one; names of people should not.
pub(super) fn read(reader: &mut Reader<'_>) -> Attributes {
    const PLACES: [(&str, Place); 3] = [
        ("description", Place::Description),
        ("none", Place::Nowhere),
        ("label", Place::Label),
    ];
    let [description, none, _] = PLACES;
    let mut place = |name, choices: &[(&str, Place)]| reader.choice(name, choices).unwrap_or_default();
    Attributes {
        layer: place("layer", &PLACES),
        status: place("case-status", &[description, none]),
        members: place("members", &[description, none]),
        fields: place("custom-fields", &PLACES),
        links: place("links", &[description, none]),
    }
}
