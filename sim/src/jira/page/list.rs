//! Lists of projects and issues.

use crate::html::{document, escape, pager, table};
use crate::jira::date;
use crate::jira::issue::Issue;
use crate::jira::project::{Project, WORKFLOW};
use crate::jira::site::Site;

const WINDOW: usize = 200;

/// All issues of the site or of one project, newest first, a window at a time.
pub(super) fn page(site: &Site, project: Option<&Project>, start: usize) -> String {
    let base = &site.base_url;
    let mut body = String::new();
    let title = match project {
        Some(project) => format!("{} ({})", project.name, project.key),
        None => "Projects".to_owned(),
    };
    body.push_str(&format!("<h1>{}</h1>", escape(&title)));
    if project.is_none() {
        let count = |project: &Project| {
            site.issues()
                .filter(|issue| issue.project == project.id)
                .count()
                .to_string()
        };
        let rows = site.projects().map(|project| {
            let key = escape(&project.key);
            vec![
                format!("<a href=\"{}/projects/{key}\">{key}</a>", escape(base)),
                escape(&project.name),
                count(project),
            ]
        });
        body.push_str(&table(&["Key", "Name", "Issues"], rows));
        body.push_str("<h2>Latest issues</h2>");
    }
    let mut issues: Vec<&Issue> = site
        .issues()
        .filter(|issue| project.is_none_or(|p| p.id == issue.project))
        .collect();
    issues.reverse();
    let shown: Vec<&Issue> = issues.iter().skip(start).take(WINDOW).copied().collect();
    let rows = shown.iter().map(|issue| {
        let status = WORKFLOW
            .iter()
            .find(|status| status.id == issue.status)
            .map_or("", |status| status.name);
        let kind = site.issue_type(issue.issue_type).map_or("", |t| t.name.as_str());
        vec![
            link(base, issue),
            escape(kind),
            escape(&issue.summary),
            escape(status),
            escape(&date::readable(issue.updated)),
        ]
    });
    body.push_str(&table(&["Key", "Type", "Summary", "Status", "Updated"], rows));
    body.push_str(&pager(start, shown.len(), WINDOW, issues.len()));
    document(base, super::PRODUCT, &title, &body)
}

/// A link to an issue's page.
pub(super) fn link(base: &str, issue: &Issue) -> String {
    let key = escape(&issue.key);
    format!("<a href=\"{}/browse/{key}\">{key}</a>", escape(base))
}
