//! Issues that a case links to and that its Test should cover: those of the Jira that it is exported to.

use crate::domain::{Attributes, IssueKey};
use crate::text::folded;

/// Issues that a Test links to at most.
const MOST: usize = 100;

/// Keys of the issues that live in the Jira at `site`, sorted.
pub fn keys(of: &Attributes, site: &str, losses: &mut Vec<String>) -> Vec<String> {
    let home = |url: &str| {
        let url = without_scheme(url);
        url.strip_prefix(&without_scheme(site))
            .is_some_and(|rest| rest.starts_with('/'))
    };
    let mut keys = Vec::new();
    for issue in &of.issues {
        match &issue.url {
            None => losses.push(format!("{} is not linked: TestOps does not name its Jira", issue.key)),
            Some(url) if !home(url) => {}
            Some(_) if IssueKey::is_shaped(&issue.key) => keys.push(issue.key.clone()),
            Some(_) => losses.push(format!("“{}” is not linked: it is no issue key", issue.key)),
        }
    }
    if keys.len() > MOST {
        losses.push(format!(
            "{} of its issues are not linked: a Test links to {MOST}",
            keys.len() - MOST
        ));
        keys.truncate(MOST);
    }
    keys
}

fn without_scheme(url: &str) -> String {
    let url = url.trim_end_matches('/');
    folded(url.split_once("://").map_or(url, |(_, rest)| rest))
}

#[cfg(test)]
mod tests {
    use super::keys;
    use crate::domain::{Attributes, IssueLink};

    #[test]
    fn only_issues_of_the_same_jira_are_covered() {
        let issue = |key: &str, url: Option<&str>| IssueLink {
            key: key.to_owned(),
            url: url.map(str::to_owned),
        };
        let of = Attributes {
            issues: vec![
                issue("CALC-1", Some("https://Jira.example/jira/browse/CALC-1")),
                issue("CALC-2", Some("https://jira.example.com/jira/browse/CALC-2")),
                issue("CALC-3", None),
                issue("x\") or key", Some("http://jira.example/jira/browse/x")),
            ],
            ..Attributes::default()
        };
        let mut losses = Vec::new();
        assert_eq!(keys(&of, "https://jira.example/jira/", &mut losses), ["CALC-1"]);
        assert_eq!(losses.len(), 2, "{losses:?}");
    }
}
