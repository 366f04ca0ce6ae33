//! Jira labels: from tags, and the markers that identify what we exported.

use crate::digest::base32;
use crate::domain::{CaseId, LaunchId};

/// Label on everything that tms-sync exports, for people to search by.
pub const COMMON: &str = "tms-sync";

/// How the marker of a probe's issue begins.
const PROBE: &str = "tms-pr-";

/// The label that ties one issue to one TestOps entity. It rides in the create call and survives renames.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Marker(pub String);

impl Marker {
    /// Marker of a test case in a destination project. `generation` grows when a person asks to create an issue again
    /// that was deleted, so that a late answer to the first create cannot be mistaken for it.
    pub fn test_case(source: &str, project_id: &str, id: CaseId, generation: u32) -> Self {
        Marker::of("tc", source, project_id, &id.to_string(), generation)
    }

    /// Marker of a launch in a destination project.
    pub fn launch(source: &str, project_id: &str, id: LaunchId, generation: u32) -> Self {
        Marker::of("le", source, project_id, &id.to_string(), generation)
    }

    /// Marker of a precondition in a destination project, by the digest of its text.
    pub fn precondition(source: &str, project_id: &str, digest: &str, generation: u32) -> Self {
        Marker::of("pc", source, project_id, digest, generation)
    }

    /// Marker of a shared step in a destination project.
    pub fn shared_step(source: &str, project_id: &str, id: u64, generation: u32) -> Self {
        Marker::of("ss", source, project_id, &id.to_string(), generation)
    }

    /// Marker of an issue that a probe makes and deletes again, by a name that no other probe gives.
    pub fn probe(source: &str, project_id: &str, name: &str) -> Self {
        Marker::of("pr", source, project_id, name, 0)
    }

    /// Whether a label is the marker of a probe's issue. Data Center compares labels without case.
    pub fn is_probe(label: &str) -> bool {
        starts(label, PROBE)
    }

    /// Lower-case letters and digits only: Data Center compares labels without case, and JQL needs no escaping.
    fn of(entity: &str, source: &str, project_id: &str, id: &str, generation: u32) -> Self {
        let identity = format!("v1|{entity}|{source}|{id}|{project_id}|{generation}");
        Marker(format!("tms-{entity}-{}", base32(identity.as_bytes())))
    }
}

/// The markers among labels.
pub fn markers<'a>(labels: impl IntoIterator<Item = &'a str>) -> Vec<Marker> {
    labels
        .into_iter()
        .map(str::to_ascii_lowercase)
        .filter(|label| is_marker(label))
        .map(Marker)
        .collect()
}

/// Whether a label would be taken for a marker. Data Center compares labels without case.
pub fn is_marker(label: &str) -> bool {
    ["tms-tc-", "tms-le-", "tms-pc-", "tms-ss-", PROBE]
        .iter()
        .any(|marker| starts(label, marker))
}

fn starts(label: &str, marker: &str) -> bool {
    label
        .get(..marker.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(marker))
}

/// Tags as labels. What changed or was left out is noted.
pub fn of_tags(tags: &[String], losses: &mut Vec<String>) -> Vec<String> {
    let mut labels = Vec::new();
    for tag in tags {
        match from_tag(tag) {
            Some(label) => {
                if label != *tag {
                    losses.push(format!("tag “{tag}” became the label “{label}”"));
                }
                labels.push(label);
            }
            None if is_marker(tag.trim_start()) => losses.push(format!(
                "tag “{tag}” is left out: a label of this form says which item of TestOps an issue belongs to"
            )),
            None => losses.push("a tag without letters is left out".to_owned()),
        }
    }
    labels
}

/// A tag as a label. Labels hold no white space and at most 255 characters (Jira's "label contains spaces" refusal). One
/// that would be taken for a marker is none: with it the issue would belong to two items.
pub fn from_tag(tag: &str) -> Option<String> {
    let words: Vec<&str> = tag
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|w| !w.is_empty())
        .collect();
    let label: String = words.join("_").chars().take(255).collect();
    (!label.is_empty() && !is_marker(&label)).then_some(label)
}

#[cfg(test)]
mod tests {
    use super::{CaseId, LaunchId, Marker, from_tag, markers, of_tags};

    #[test]
    fn markers_differ_by_entity_source_project_and_generation() {
        let base = Marker::test_case("testops.example", "10000", CaseId(7), 0);
        assert_eq!(base, Marker::test_case("testops.example", "10000", CaseId(7), 0));
        for other in [
            Marker::launch("testops.example", "10000", LaunchId(7), 0),
            Marker::precondition("testops.example", "10000", "7", 0),
            Marker::shared_step("testops.example", "10000", 7, 0),
            Marker::test_case("other.example", "10000", CaseId(7), 0),
            Marker::test_case("testops.example", "10001", CaseId(7), 0),
            Marker::test_case("testops.example", "10000", CaseId(8), 0),
            Marker::test_case("testops.example", "10000", CaseId(7), 1),
            Marker::probe("testops.example", "10000", "7"),
        ] {
            assert_ne!(base, other);
        }
        assert!(
            base.0
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'),
            "{}",
            base.0
        );
        assert_eq!(markers(["smoke", "tms-sync", &base.0.to_uppercase()]), [base]);
    }

    #[test]
    fn a_tag_that_looks_like_a_marker_is_no_label_and_is_noted() {
        let tags = [
            "smoke",
            "tms-tc-54pv2f42woerni7uuoks",
            " TMS-LE-x y",
            "tms-sync",
            "tms-tc",
            " ",
        ];
        let mut losses = Vec::new();
        let labels = of_tags(&tags.map(str::to_owned), &mut losses);
        assert_eq!(labels, ["smoke", "tms-sync", "tms-tc"]);
        assert_eq!(
            losses,
            [
                "tag “tms-tc-54pv2f42woerni7uuoks” is left out: a label of this form says which item of TestOps an issue belongs to",
                "tag “ TMS-LE-x y” is left out: a label of this form says which item of TestOps an issue belongs to",
                "a tag without letters is left out",
            ]
        );
    }

    #[test]
    fn tags_become_labels_without_white_space() {
        assert_eq!(from_tag(" smoke\ttest  x "), Some("smoke_test_x".to_owned()));
        assert_eq!(from_tag(" \n"), None);
        assert_eq!(from_tag(&"ä".repeat(300)).map(|l| l.chars().count()), Some(255));
    }
}
