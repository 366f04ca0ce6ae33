//! A run as a file: JSON as the API has it, or CSV for a spreadsheet. Items are read page by page while they are sent.

use axum::body::{Body, Bytes};
use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, Stream};

use super::super::view::TenantView;
use crate::plugins::Item;
use crate::problem::Problem;
use crate::runs::{ItemFilter, Items, Run};
use crate::store::{StoreError, TenantScope};

/// Items that are read at once.
const PAGE: u32 = 500;

const COLUMNS: [&str; 11] = [
    "kind", "id", "name", "outcome", "issue", "reason", "changes", "counts", "notes", "testops", "jira",
];

pub(super) async fn json(view: TenantView, Path((_, id)): Path<(String, String)>) -> Result<Response, Problem> {
    let run = Run::get(view.scope(), &id).await?;
    let head = format!(
        "{{\"run\":{},\"items\":[",
        serde_json::to_string(&run).unwrap_or_default()
    );
    let form = Form {
        head,
        separator: ",\n",
        tail: "]}\n",
        write: |item| serde_json::to_string(item).unwrap_or_default(),
    };
    Ok(file(view.scope(), &id, "json", "application/json", form))
}

pub(super) async fn csv(view: TenantView, Path((_, id)): Path<(String, String)>) -> Result<Response, Problem> {
    Run::get(view.scope(), &id).await?;
    let form = Form {
        head: format!("{}\r\n", COLUMNS.join(",")),
        separator: "\r\n",
        tail: "\r\n",
        write: line,
    };
    Ok(file(view.scope(), &id, "csv", "text/csv; charset=utf-8", form))
}

/// How a file is made of items.
struct Form {
    head: String,
    separator: &'static str,
    tail: &'static str,
    write: fn(&Item) -> String,
}

fn file(scope: &TenantScope, id: &str, extension: &str, kind: &str, form: Form) -> Response {
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"run-{id}.{extension}\""),
        ),
    ];
    (headers, Body::from_stream(chunks(scope.clone(), id.to_owned(), form))).into_response()
}

/// Where the next chunk begins.
enum At {
    Head,
    Items { after: u64, is_first: bool },
    End,
}

fn chunks(scope: TenantScope, run: String, form: Form) -> impl Stream<Item = Result<Bytes, StoreError>> {
    stream::try_unfold((At::Head, scope, run, form), async |(at, scope, run, form)| {
        let (text, next) = match at {
            At::Head => (
                form.head.clone(),
                At::Items {
                    after: 0,
                    is_first: true,
                },
            ),
            At::End => return Ok(None),
            At::Items { after, is_first } => {
                let filter = ItemFilter {
                    after: Some(after),
                    limit: PAGE,
                    ..ItemFilter::default()
                };
                let page = Items::page(&scope, &run, &filter).await?;
                let written: Vec<String> = page.items.iter().map(form.write).collect();
                let before = if is_first || written.is_empty() {
                    ""
                } else {
                    form.separator
                };
                let text = format!("{before}{}", written.join(form.separator));
                match page.next {
                    Some(after) => (text, At::Items { after, is_first: false }),
                    None => (text + form.tail, At::End),
                }
            }
        };
        Ok(Some((Bytes::from(text), (next, scope, run, form))))
    })
}

fn line(item: &Item) -> String {
    let change = |change: &crate::plugins::Change| {
        let value = |value: &Option<String>| value.clone().unwrap_or_default();
        format!("{}: {} → {}", change.field, value(&change.before), value(&change.after))
    };
    let changes: Vec<String> = item.changes.iter().map(change).collect();
    let counts: Vec<String> = item
        .counts
        .iter()
        .map(|count| format!("{} {}", count.number, count.what))
        .collect();
    let issue = item.issue.as_ref();
    let fields = [
        item.entity.clone(),
        item.id.clone(),
        item.name.clone(),
        item.outcome.name().to_owned(),
        issue.map(|issue| issue.key.clone()).unwrap_or_default(),
        item.reason.clone().unwrap_or_default(),
        changes.join("\n"),
        counts.join("\n"),
        item.notes.join("\n"),
        item.source_url.clone().unwrap_or_default(),
        issue.and_then(|issue| issue.url.clone()).unwrap_or_default(),
    ];
    fields.map(|field| quoted(&field)).join(",")
}

/// A field of CSV (RFC 4180). A leading apostrophe keeps a spreadsheet from running a name as a formula.
fn quoted(field: &str) -> String {
    let is_formula = field.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let guard = if is_formula { "'" } else { "" };
    if is_formula || field.contains(['"', ',', '\n', '\r']) {
        format!("\"{guard}{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn a_name_that_is_a_formula_stays_a_name() {
        let fields = ["plain", "a,b", "say \"hi\"", "=HYPERLINK(\"x\")", "two\nlines"].map(quoted);
        assert_eq!(
            fields,
            [
                "plain",
                "\"a,b\"",
                "\"say \"\"hi\"\"\"",
                "\"'=HYPERLINK(\"\"x\"\")\"",
                "\"two\nlines\""
            ]
        );
    }
}
