//! ADF documents as HTML; unknown nodes show their content.

use serde_json::Value;

use super::issue::anchor;
use crate::html::escape;

/// A document, or nothing for `null`.
pub(super) fn html(document: &Value) -> String {
    let mut out = String::new();
    node(document, &mut out);
    out
}

fn attribute<'a>(node: &'a Value, name: &str) -> &'a str {
    node.get("attrs")
        .and_then(|attrs| attrs.get(name))
        .and_then(Value::as_str)
        .unwrap_or_default()
}

fn node(value: &Value, out: &mut String) {
    let level = value
        .pointer("/attrs/level")
        .and_then(Value::as_u64)
        .unwrap_or(1)
        .clamp(1, 4)
        + 2;
    let (open, close) = match value.get("type").and_then(Value::as_str).unwrap_or_default() {
        "text" => return text(value, out),
        "hardBreak" => return out.push_str("<br>"),
        "rule" => return out.push_str("<hr>"),
        "mention" | "status" | "emoji" => return out.push_str(&escape(attribute(value, "text"))),
        "inlineCard" => return out.push_str(&anchor(attribute(value, "url"), attribute(value, "url"))),
        "paragraph" => ("<p>".to_owned(), "</p>".to_owned()),
        "heading" => (format!("<h{level}>"), format!("</h{level}>")),
        "bulletList" => ("<ul>".to_owned(), "</ul>".to_owned()),
        "orderedList" => ("<ol>".to_owned(), "</ol>".to_owned()),
        "listItem" => ("<li>".to_owned(), "</li>".to_owned()),
        "codeBlock" => ("<pre><code>".to_owned(), "</code></pre>".to_owned()),
        "blockquote" | "panel" => ("<blockquote>".to_owned(), "</blockquote>".to_owned()),
        "expand" | "nestedExpand" => {
            let title = escape(attribute(value, "title"));
            (
                format!("<details open><summary>{title}</summary>"),
                "</details>".to_owned(),
            )
        }
        "table" => ("<div class=\"scroll\"><table>".to_owned(), "</table></div>".to_owned()),
        "tableRow" => ("<tr>".to_owned(), "</tr>".to_owned()),
        "tableHeader" => ("<th>".to_owned(), "</th>".to_owned()),
        "tableCell" => ("<td>".to_owned(), "</td>".to_owned()),
        _ => (String::new(), String::new()),
    };
    out.push_str(&open);
    for child in value.get("content").and_then(Value::as_array).into_iter().flatten() {
        node(child, out);
    }
    out.push_str(&close);
}

fn text(value: &Value, out: &mut String) {
    let plain = value.get("text").and_then(Value::as_str).unwrap_or_default();
    let mut html = escape(plain);
    for mark in value.get("marks").and_then(Value::as_array).into_iter().flatten() {
        html = match mark.get("type").and_then(Value::as_str).unwrap_or_default() {
            "strong" => format!("<strong>{html}</strong>"),
            "em" => format!("<em>{html}</em>"),
            "underline" => format!("<u>{html}</u>"),
            "strike" => format!("<s>{html}</s>"),
            "code" => format!("<code>{html}</code>"),
            "link" => anchor(attribute(mark, "href"), plain),
            _ => html,
        };
    }
    out.push_str(&html);
}
