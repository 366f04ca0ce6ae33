//! The answer of `links`: which TestOps entity is which issue.

use std::fmt::Write as _;

use serde_json::{Value, json};
use tms_sync_host::Named;
use tms_sync_host::model::links::Link;

use super::text::{FAINT, counted, harmless, styled, table};

pub fn text(links: &[Link]) -> String {
    if links.is_empty() {
        return "The ledger has no links yet: nothing was exported from here\n".to_owned();
    }
    let mut rows = vec![["ENTITY", "TESTOPS", "ISSUE", "STATE"].map(str::to_owned).to_vec()];
    rows.extend(links.iter().map(|link| {
        let issue = link.issue_key.as_deref().or(link.issue_id.as_deref()).unwrap_or("-");
        vec![
            harmless(&link.key.entity).into_owned(),
            harmless(&link.key.id).into_owned(),
            harmless(issue).into_owned(),
            link.phase.name().to_owned(),
        ]
    }));
    let mut text = table(&rows, "");
    let _ = writeln!(text, "{}", styled(FAINT, counted(links.len() as u64, "link", "links")));
    text
}

pub fn json(links: &[Link]) -> Value {
    let one = |link: &Link| {
        json!({
            "entity": link.key.entity,
            "id": link.key.id,
            "destination": link.key.destination,
            "state": link.phase.name(),
            "issue": link.issue_id.as_ref().map(|id| json!({ "id": id, "key": link.issue_key })),
            "created-by": link.created_by,
            "updated-at": link.updated_at,
        })
    };
    links.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;
    use tms_sync_host::model::links::{Key, Phase};

    use super::*;

    fn sample() -> Vec<Link> {
        let link = |entity: &str, id: &str, phase, issue: Option<&str>| Link {
            key: Key {
                entity: entity.to_owned(),
                destination: "10000".to_owned(),
                id: id.to_owned(),
            },
            phase,
            issue_id: issue.map(|_| "10001".to_owned()),
            issue_key: issue.map(str::to_owned),
            fingerprint: String::new(),
            stamp: String::new(),
            attempt: 1,
            token: None,
            created_by: issue.map(|_| "run-1".to_owned()),
            updated_at: 1_787_000_000_000,
            detail: String::new(),
        };
        vec![
            link("test-case", "7", Phase::Synced, Some("CALC-1")),
            link("launch", "31", Phase::Intent, None),
        ]
    }

    #[test]
    fn links_are_a_table() {
        assert_snapshot!(anstream::adapter::strip_str(&text(&sample())).to_string(), @r#"
            ENTITY     TESTOPS  ISSUE   STATE
            test-case  7        CALC-1  synced
            launch     31       -       intent
            2 links
            "#);
    }

    #[test]
    fn a_link_without_an_issue_has_none_in_json() {
        assert_snapshot!(json(&sample()).get(1).unwrap(), @r#"{"created-by":null,"destination":"10000","entity":"launch","id":"31","issue":null,"state":"intent","updated-at":1787000000000}"#);
    }
}
