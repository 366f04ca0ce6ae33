//! Where a case's attributes go.

use super::form::ValueType;
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
    reader.group("Workflow");
    let asked = reader.option(
        "transition",
        "Status in Jira",
        "Brings the Test to this status of its workflow when the case has the status that the name ends with, as in \
         transition.Active.",
    );
    let table = asked.table(ValueType::Remote("status"));
    for (from, _) in table.iter().filter(|(_, to)| to.trim().is_empty()) {
        let option = format!("transition.{from}");
        let hint = "Write the name of a status of the workflow in Jira, as in Done.";
        reader.wrong(&option, format!("{option} names no Jira status."), hint);
    }
    table
}

/// Labels are only ever added, so what changes with every review (the status) cannot be one; names of people should not.
pub(super) fn read(reader: &mut Reader<'_>) -> Attributes {
    const PLACES: [(&str, &str, Place); 3] = [
        ("description", "In the description", Place::Description),
        ("none", "Nowhere", Place::Nowhere),
        ("label", "As a label", Place::Label),
    ];
    let [description, none, _] = PLACES;
    reader.group("Attributes of a test case");
    let mut place = |name, title, help, choices: &[(&'static str, &'static str, Place)]| {
        reader.option(name, title, help).choice(choices).unwrap_or_default()
    };
    Attributes {
        layer: place("layer", "Layer", "Where the layer of a case goes.", &PLACES),
        status: place(
            "case-status",
            "Status",
            "Where the status of a case goes.",
            &[description, none],
        ),
        members: place(
            "members",
            "Members",
            "Where the people of a case go, by role.",
            &[description, none],
        ),
        fields: place(
            "custom-fields",
            "Custom fields",
            "Where custom fields go that fill no Jira field; as a label, Feature:Cart.",
            &PLACES,
        ),
        links: place(
            "links",
            "Links and issues",
            "Where links and issues of a case go.",
            &[description, none],
        ),
    }
}
