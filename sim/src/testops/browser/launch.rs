//! The page of a launch, which can be closed and reopened there.

use super::super::dto::View;
use super::{PRODUCT, details, tags};
use crate::html::{document, escape, table};

pub(super) fn page(view: View<'_>, id: i64) -> Option<String> {
    let launch = view.site.launch(id)?;
    let environment = launch
        .environment
        .iter()
        .map(|(name, value)| format!("{name}: {value}"));
    let facts = details(&[
        ("State", if launch.closed { "closed" } else { "open" }.to_owned()),
        ("Tags", tags(&launch.tags)),
        ("Environment", tags(&environment.collect::<Vec<_>>())),
    ]);
    let (action, label) = if launch.closed {
        ("reopen", "Reopen the launch")
    } else {
        ("close", "Close the launch")
    };
    let results = view.site.result_ids(id).iter().filter_map(|id| view.site.result(*id));
    let rows = results.filter(|result| !result.hidden).map(|result| {
        let name = escape(&result.name);
        let name = match result.case {
            Some(case) => format!("<a href=\"/project/{}/test-cases/{case}\">{name}</a>", result.project),
            None => name,
        };
        vec![
            name,
            result.status.map_or("in progress", |status| status.name()).to_owned(),
            escape(result.message.as_deref().unwrap_or_default()),
        ]
    });
    let body = format!(
        "<p class=\"quiet\"><a href=\"/project/{}\">Project {0}</a> · launch {id}</p><h1>{}</h1>{facts}\
         <form method=\"post\"><button name=\"do\" value=\"{action}\">{label}</button></form><h2>Results</h2>{}",
        launch.project,
        escape(&launch.name),
        table(&["Test case", "Status", "Message"], rows)
    );
    Some(document("", PRODUCT, &launch.name, &body))
}
