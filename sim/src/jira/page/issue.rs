//! The page of one issue.

use super::list::link;
use super::{adf, wiki};
use crate::html::{document, escape, pager, table};
use crate::jira::date;
use crate::jira::id::IssueId;
use crate::jira::issue::{Issue, StoredFile};
use crate::jira::project::{Role, WORKFLOW};
use crate::jira::site::Site;
use crate::jira::xray::{Kind, Relation, Run};
use serde_json::Value;

const WINDOW: usize = 500;

/// Everything the store knows about an issue; of an execution's runs a window.
pub(super) fn page(site: &Site, issue: &Issue, start: usize) -> String {
    let title = format!("{} {}", issue.key, issue.summary);
    let kind = site.issue_type(issue.issue_type).map_or("", |t| t.name.as_str());
    let mut body = format!(
        "<p class=\"quiet\">{} · {}</p><h1>{}</h1>",
        escape(kind),
        escape(&issue.key),
        escape(&issue.summary)
    );
    body.push_str(&details(site, issue));
    section(&mut body, "Description", &rich(&issue.description));
    section(&mut body, "Test definition", &definition(site, issue));
    section(&mut body, "Links", &links(site, issue));
    section(&mut body, "Members", &members(site, issue));
    section(&mut body, "Test runs", &runs(site, issue, start));
    section(&mut body, "Attachments", &files(&issue.attachments));
    section(&mut body, "Comments", &comments(site, issue));
    document(&site.base_url, super::PRODUCT, &title, &body)
}

fn section(body: &mut String, title: &str, content: &str) {
    if !content.is_empty() {
        body.push_str(&format!("<section><h2>{title}</h2>{content}</section>"));
    }
}

fn rich(value: &Value) -> String {
    match value {
        Value::String(markup) => wiki::html(markup),
        document => adf::html(document),
    }
}

fn user(site: &Site, id: Option<&str>) -> String {
    let name = id
        .and_then(|id| site.accounts.get(id))
        .map_or("nobody", |user| user.display_name.as_str());
    escape(name)
}

fn details(site: &Site, issue: &Issue) -> String {
    let status = WORKFLOW
        .iter()
        .find(|status| status.id == issue.status)
        .map_or("", |status| status.name);
    let labels: Vec<String> = issue
        .labels
        .iter()
        .map(|label| format!("<span class=\"tag\">{}</span>", escape(label)))
        .collect();
    let mut rows = vec![
        ("Status", escape(status)),
        ("Labels", labels.join(" ")),
        ("Reporter", user(site, issue.reporter.as_deref())),
        ("Assignee", user(site, issue.assignee.as_deref())),
        ("Created", escape(&date::readable(issue.created))),
        ("Updated", escape(&date::readable(issue.updated))),
    ];
    if site.xray.test(issue.id).is_some() {
        rows.push(("Folder", escape(&site.folder_path(issue))));
    }
    if let Some(execution) = site.xray.execution(issue.id) {
        rows.push(("Environments", escape(&execution.environments.join(", "))));
        rows.push(("Revision", escape(&execution.revision)));
    }
    let rows = rows.into_iter().filter(|(_, value)| !value.is_empty());
    let rows: String = rows
        .map(|(name, value)| format!("<dt>{name}</dt><dd>{value}</dd>"))
        .collect();
    format!("<dl>{rows}</dl>")
}

fn definition(site: &Site, issue: &Issue) -> String {
    if let Some(precondition) = site.xray.precondition(issue.id) {
        return wiki::html(&precondition.definition);
    }
    let Some(test) = site.xray.test(issue.id) else {
        return String::new();
    };
    let definition = &test.definition;
    let heading = format!("<p>Type: {}</p>", escape(&definition.test_type.name));
    let shown = match definition.test_type.kind {
        Kind::Gherkin => format!("<pre><code>{}</code></pre>", escape(&definition.gherkin)),
        Kind::Unstructured => format!("<pre><code>{}</code></pre>", escape(&definition.unstructured)),
        Kind::Steps => {
            let rows = definition.steps.iter().zip(1..).map(|(step, number)| {
                let called = step.call_test.and_then(|id| site.issue(id));
                let action = match called {
                    Some(called) => format!("calls {}", link(&site.base_url, called)),
                    None => wiki::html(&step.action),
                };
                let files: Vec<&str> = step.attachments.iter().map(|file| file.filename.as_str()).collect();
                vec![
                    number.to_string(),
                    action,
                    wiki::html(&step.data),
                    wiki::html(&step.result),
                    escape(&files.join(", ")),
                ]
            });
            table(&["#", "Action", "Data", "Expected result", "Files"], rows)
        }
    };
    heading + &shown
}

fn links(site: &Site, issue: &Issue) -> String {
    let inner = issue.links.iter().filter_map(|&id| {
        let link_of = site.link(id)?;
        let kind = site.link_types.iter().find(|t| t.id == link_of.link_type)?;
        let (phrase, other) = if link_of.inward == issue.id {
            (&kind.outward, link_of.outward)
        } else {
            (&kind.inward, link_of.inward)
        };
        let other = site.issue(other)?;
        Some(vec![
            escape(phrase),
            format!("{} {}", link(&site.base_url, other), escape(&other.summary)),
        ])
    });
    let remote = issue.remote_links.iter().map(|remote| {
        let text = |name: &str| {
            remote
                .body
                .get("object")
                .and_then(|object| object.get(name))
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        let relation = remote
            .body
            .get("relationship")
            .and_then(Value::as_str)
            .unwrap_or("links to");
        vec![escape(relation), anchor(text("url"), text("title"))]
    });
    let rows: Vec<Vec<String>> = inner.chain(remote).collect();
    if rows.is_empty() {
        String::new()
    } else {
        table(&["Relation", "To"], rows.into_iter())
    }
}

/// A link to a page elsewhere; anything but http(s) stays text.
pub(super) fn anchor(url: &str, text: &str) -> String {
    if url.starts_with("http://") || url.starts_with("https://") {
        format!("<a rel=\"noreferrer\" href=\"{}\">{}</a>", escape(url), escape(text))
    } else {
        escape(text)
    }
}

fn members(site: &Site, issue: &Issue) -> String {
    let list = |name: &str, ids: &[IssueId]| -> Option<Vec<String>> {
        let issues: Vec<&Issue> = ids.iter().take(WINDOW).filter_map(|&id| site.issue(id)).collect();
        let shown = issues
            .iter()
            .map(|issue| link(&site.base_url, issue))
            .collect::<Vec<_>>()
            .join(", ");
        let more = if ids.len() > WINDOW {
            format!(" and {} more", ids.len() - WINDOW)
        } else {
            String::new()
        };
        (!ids.is_empty()).then(|| vec![name.to_owned(), shown + &more])
    };
    let xray = &site.xray;
    let rows = [
        list("Tests of this set", xray.members(Relation::SetTests, issue.id)),
        list("Tests of this plan", xray.members(Relation::PlanTests, issue.id)),
        list(
            "Executions of this plan",
            xray.members(Relation::PlanExecutions, issue.id),
        ),
        list(
            "Tests with this precondition",
            xray.members(Relation::PreconditionTests, issue.id),
        ),
        list("In sets", &xray.containers(Relation::SetTests, issue.id)),
        list("In plans", &xray.containers(Relation::PlanTests, issue.id)),
        list("In plans", &xray.containers(Relation::PlanExecutions, issue.id)),
        list("Preconditions", &xray.containers(Relation::PreconditionTests, issue.id)),
    ];
    let rows: Vec<Vec<String>> = rows.into_iter().flatten().collect();
    if rows.is_empty() {
        String::new()
    } else {
        table(&["", "Issues"], rows.into_iter())
    }
}

fn runs(site: &Site, issue: &Issue, start: usize) -> String {
    let is_execution = site.role(issue).is_execution();
    let is_test = site.role(issue) == Role::Test;
    let all: Vec<&Run> = if is_execution {
        site.xray.runs_of_execution(issue.id).collect()
    } else if is_test {
        site.xray.runs_of_test(issue.id).collect()
    } else {
        return String::new();
    };
    let shown: Vec<&Run> = all.iter().skip(start).take(WINDOW).copied().collect();
    let rows = shown
        .iter()
        .map(|run| run_row(site, run, if is_execution { run.test } else { run.execution }));
    let other = if is_execution { "Test" } else { "Execution" };
    let headings = [
        other, "Summary", "Status", "Started", "Finished", "By", "Comment", "Steps", "Evidence",
    ];
    if all.is_empty() {
        return "<p class=\"quiet\">None.</p>".to_owned();
    }
    summary(site, &all) + &table(&headings, rows) + &pager(start, shown.len(), WINDOW, all.len())
}

fn badge(site: &Site, status: &str) -> String {
    let settings = &site.xray.settings;
    let color = settings.run_status(status).map(|s| s.color.as_str());
    let color = color
        .or(settings.step_status(status).map(|s| s.color.as_str()))
        .unwrap_or("#888888");
    format!(
        "<span class=\"status\" style=\"--c:{}\">{}</span>",
        escape(color),
        escape(status)
    )
}

fn summary(site: &Site, runs: &[&Run]) -> String {
    let counts = site.xray.settings.run_statuses.iter().filter_map(|status| {
        let count = runs.iter().filter(|run| run.status == status.name).count();
        (count > 0).then(|| format!("{} {count}", badge(site, &status.name)))
    });
    format!("<p>{}</p>", counts.collect::<Vec<_>>().join(" "))
}

fn run_row(site: &Site, run: &Run, other: IssueId) -> Vec<String> {
    let other = site.issue(other);
    let at = |moment: Option<i64>| moment.map(|moment| escape(&date::readable(moment))).unwrap_or_default();
    let steps: Vec<String> = run.steps.iter().map(|step| badge(site, &step.status)).collect();
    let evidence: Vec<&str> = run.evidence.iter().map(|file| file.filename.as_str()).collect();
    vec![
        other.map(|issue| link(&site.base_url, issue)).unwrap_or_default(),
        other.map(|issue| escape(&issue.summary)).unwrap_or_default(),
        badge(site, &run.status),
        at(run.started),
        at(run.finished),
        run.executed_by
            .as_deref()
            .map(|id| user(site, Some(id)))
            .unwrap_or_default(),
        wiki::html(&run.comment),
        steps.join(" "),
        escape(&evidence.join(", ")),
    ]
}

fn files(files: &[StoredFile]) -> String {
    if files.is_empty() {
        return String::new();
    }
    let rows = files.iter().map(|file| {
        vec![
            escape(&file.filename),
            escape(&file.mime_type),
            format!("{} bytes", file.bytes.len()),
            file.sha256(),
        ]
    });
    table(&["Name", "Type", "Size", "SHA-256"], rows)
}

fn comments(site: &Site, issue: &Issue) -> String {
    let comments = issue.comments.iter().map(|comment| {
        let who = user(site, comment.author.as_deref());
        format!(
            "<article><p class=\"quiet\">{who}, {}</p>{}</article>",
            date::readable(comment.created),
            rich(&comment.body)
        )
    });
    comments.collect()
}
