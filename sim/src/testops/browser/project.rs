//! The list of projects, and the page of one.

use super::super::data::{Case, Launch, Project};
use super::super::dto::View;
use super::{PRODUCT, tags};
use crate::html::{document, escape, table};
use crate::jira::date;

pub(super) fn list(view: View<'_>) -> String {
    let rows = view.site.projects.values().map(|project| {
        vec![
            format!("<a href=\"/project/{}\">{}</a>", project.id, escape(&project.name)),
            view.site.case_ids(project.id).len().to_string(),
            view.site.launch_ids(project.id).len().to_string(),
        ]
    });
    let body = format!(
        "<h1>Projects</h1>{}",
        table(&["Project", "Test cases", "Launches"], rows)
    );
    document("", PRODUCT, "Projects", &body)
}

pub(super) fn page(view: View<'_>, id: i64) -> Option<String> {
    let project = view.site.projects.get(&id)?;
    let body = format!(
        "<h1>{}</h1><h2>Launches</h2>{}<h2>Test cases</h2>{}",
        escape(&project.name),
        launches(view, project),
        cases(view, project)
    );
    Some(document("", PRODUCT, &project.name, &body))
}

/// Newest first, as the product lists them.
fn launches(view: View<'_>, project: &Project) -> String {
    let launches = view.site.launch_ids(project.id).iter().rev();
    let rows = launches.filter_map(|id| view.site.launch(*id)).map(|launch: &Launch| {
        vec![
            format!("<a href=\"/launch/{}\">{}</a>", launch.id, escape(&launch.name)),
            if launch.closed { "closed" } else { "open" }.to_owned(),
            view.site.result_ids(launch.id).len().to_string(),
            tags(&launch.tags),
        ]
    });
    table(&["Launch", "State", "Results", "Tags"], rows)
}

fn cases(view: View<'_>, project: &Project) -> String {
    let cases = view
        .site
        .case_ids(project.id)
        .iter()
        .filter_map(|id| view.site.case(*id));
    let rows = cases.filter(|case| !case.deleted).map(|case: &Case| {
        let address = format!("/project/{}/test-cases/{}", project.id, case.id);
        vec![
            format!("<a href=\"{address}\">{}</a>", case.id),
            escape(&case.name),
            escape(&case.status),
            tags(&case.tags),
            escape(&date::readable(case.stamp.modified_ms)),
        ]
    });
    table(&["Id", "Name", "Status", "Tags", "Changed"], rows)
}
