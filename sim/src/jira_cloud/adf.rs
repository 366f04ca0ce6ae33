//! Atlassian Document Format: what Jira accepts as rich text in version 3.

use serde_json::{Value, json};

const INLINE: &[&str] = &[
    "text",
    "hardBreak",
    "mention",
    "emoji",
    "date",
    "status",
    "inlineCard",
    "placeholder",
    "mediaInline",
];
const DOCUMENT: &[&str] = &[
    "paragraph",
    "heading",
    "bulletList",
    "orderedList",
    "codeBlock",
    "blockquote",
    "rule",
    "panel",
    "expand",
    "table",
    "mediaSingle",
    "mediaGroup",
    "taskList",
    "decisionList",
    "blockCard",
    "embedCard",
    "extension",
    "bodiedExtension",
    "layoutSection",
];
const CELL: &[&str] = &[
    "paragraph",
    "heading",
    "bulletList",
    "orderedList",
    "codeBlock",
    "blockquote",
    "rule",
    "panel",
    "nestedExpand",
    "mediaSingle",
    "mediaGroup",
    "taskList",
    "decisionList",
    "blockCard",
    "embedCard",
    "extension",
];
const EXPAND: &[&str] = &[
    "paragraph",
    "heading",
    "bulletList",
    "orderedList",
    "codeBlock",
    "blockquote",
    "rule",
    "panel",
    "nestedExpand",
    "table",
    "mediaSingle",
    "mediaGroup",
    "taskList",
    "decisionList",
    "blockCard",
    "embedCard",
    "extension",
];
const NESTED_EXPAND: &[&str] = &[
    "paragraph",
    "heading",
    "bulletList",
    "orderedList",
    "codeBlock",
    "blockquote",
    "rule",
    "panel",
    "mediaSingle",
    "mediaGroup",
    "taskList",
    "decisionList",
];
const PANEL: &[&str] = &[
    "paragraph",
    "heading",
    "bulletList",
    "orderedList",
    "codeBlock",
    "rule",
    "mediaSingle",
    "mediaGroup",
    "taskList",
    "decisionList",
    "blockCard",
];
const BLOCKQUOTE: &[&str] = &[
    "paragraph",
    "bulletList",
    "orderedList",
    "codeBlock",
    "mediaSingle",
    "mediaGroup",
];
const LIST_ITEM: &[&str] = &[
    "paragraph",
    "bulletList",
    "orderedList",
    "codeBlock",
    "mediaSingle",
    "taskList",
];

/// What a node may contain, and whether it must contain something; `None` for an unknown node.
fn content_of(kind: &str) -> Option<(&'static [&'static str], bool)> {
    Some(match kind {
        "doc" => (DOCUMENT, false),
        "paragraph" | "heading" | "taskItem" | "decisionItem" | "caption" => (INLINE, false),
        "bulletList" | "orderedList" => (&["listItem"], true),
        "listItem" => (LIST_ITEM, true),
        "codeBlock" => (&["text"], false),
        "blockquote" => (BLOCKQUOTE, true),
        "panel" => (PANEL, true),
        "expand" => (EXPAND, true),
        "nestedExpand" => (NESTED_EXPAND, true),
        "table" => (&["tableRow"], true),
        "tableRow" => (&["tableHeader", "tableCell"], false),
        "tableHeader" | "tableCell" => (CELL, true),
        "mediaSingle" => (&["media", "caption"], true),
        "mediaGroup" => (&["media"], true),
        "taskList" => (&["taskItem", "taskList"], true),
        "decisionList" => (&["decisionItem"], true),
        "bodiedExtension" | "layoutColumn" => (DOCUMENT, true),
        "layoutSection" => (&["layoutColumn"], true),
        "text" | "hardBreak" | "mention" | "emoji" | "date" | "status" | "inlineCard" | "placeholder"
        | "mediaInline" | "media" | "rule" | "blockCard" | "embedCard" | "extension" => (&[], false),
        _ => return None,
    })
}

/// Whether Jira takes the document. Which node is wrong Jira does not say either.
pub(crate) fn is_valid(document: &Value) -> bool {
    document.get("type") == Some(&json!("doc"))
        && document.get("version") == Some(&json!(1))
        && document.get("content").is_some_and(Value::is_array)
        && node(document)
}

fn node(value: &Value) -> bool {
    let Some(kind) = value.get("type").and_then(Value::as_str) else {
        return false;
    };
    let Some((allowed, needs_content)) = content_of(kind) else {
        return false;
    };
    let children = match value.get("content") {
        None => &[][..],
        Some(Value::Array(children)) => children.as_slice(),
        Some(_) => return false,
    };
    let fits = |child: &Value| {
        child
            .get("type")
            .and_then(Value::as_str)
            .is_some_and(|kind| allowed.contains(&kind))
    };
    !(needs_content && children.is_empty())
        && attributes(kind, value)
        && marks(value)
        && children.iter().all(|child| fits(child) && node(child))
        && (kind != "codeBlock" || children.iter().all(|child| child.get("marks").is_none()))
}

fn attributes(kind: &str, value: &Value) -> bool {
    let attr = |name: &str| value.get("attrs").and_then(|attrs| attrs.get(name));
    let text = |name: &str| attr(name).and_then(Value::as_str);
    match kind {
        "text" => value
            .get("text")
            .and_then(Value::as_str)
            .is_some_and(|text| !text.is_empty()),
        "heading" => attr("level")
            .and_then(Value::as_u64)
            .is_some_and(|level| (1..=6).contains(&level)),
        "orderedList" => attr("order").is_none_or(|order| order.as_u64().is_some()),
        "panel" => text("panelType")
            .is_some_and(|kind| ["info", "note", "tip", "warning", "error", "success", "custom"].contains(&kind)),
        "status" => {
            let colors = ["neutral", "purple", "blue", "red", "yellow", "green"];
            text("text").is_some() && text("color").is_some_and(|color| colors.contains(&color))
        }
        "mention" => text("id").is_some(),
        "emoji" => text("shortName").is_some(),
        "date" => text("timestamp").is_some(),
        "inlineCard" | "blockCard" | "embedCard" => attr("url").is_some() || attr("data").is_some(),
        "media" => match text("type") {
            Some("external") => text("url").is_some(),
            Some("file" | "link") => text("id").is_some() && text("collection").is_some(),
            _ => false,
        },
        _ => true,
    }
}

const MARKS: [&str; 10] = [
    "strong",
    "em",
    "underline",
    "strike",
    "code",
    "link",
    "subsup",
    "textColor",
    "backgroundColor",
    "annotation",
];

fn marks(value: &Value) -> bool {
    let marks = match value.get("marks") {
        None => return true,
        Some(Value::Array(marks)) => marks,
        Some(_) => return false,
    };
    let kinds: Option<Vec<&str>> = marks
        .iter()
        .map(|mark| mark.get("type").and_then(Value::as_str))
        .collect();
    let Some(kinds) = kinds else { return false };
    // Block nodes carry marks of layout, which say nothing about text.
    if value.get("type") != Some(&json!("text")) {
        return true;
    }
    let code_alone = !kinds.contains(&"code") || kinds.iter().all(|kind| ["code", "link", "annotation"].contains(kind));
    code_alone && kinds.iter().all(|kind| MARKS.contains(kind)) && marks.iter().all(mark_attributes)
}

fn mark_attributes(mark: &Value) -> bool {
    let attr = |name: &str| mark.pointer(&format!("/attrs/{name}")).and_then(Value::as_str);
    match mark.get("type").and_then(Value::as_str) {
        Some("link") => attr("href").is_some(),
        Some("subsup") => matches!(attr("type"), Some("sub" | "sup")),
        Some("textColor" | "backgroundColor") => attr("color").is_some_and(|color| {
            color
                .strip_prefix('#')
                .is_some_and(|hex| hex.len() == 6 && hex.chars().all(|c| c.is_ascii_hexdigit()))
        }),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn doc(content: &Value) -> Value {
        json!({ "type": "doc", "version": 1, "content": content })
    }

    #[test]
    fn what_the_editor_can_make_is_valid() {
        let list = json!([
            { "type": "heading", "attrs": { "level": 2 }, "content": [{ "type": "text", "text": "Steps" }] },
            { "type": "bulletList", "content": [{ "type": "listItem", "content": [
                { "type": "paragraph", "content": [{ "type": "text", "text": "a", "marks": [{ "type": "strong" }] }] }
            ]}]},
            { "type": "codeBlock", "attrs": { "language": "java" }, "content": [{ "type": "text", "text": "x" }] },
            { "type": "table", "content": [{ "type": "tableRow", "content": [
                { "type": "tableCell", "content": [{ "type": "paragraph" }] }
            ]}]}
        ]);
        assert!(is_valid(&doc(&list)));
        assert!(is_valid(&doc(&json!([]))));
    }

    #[test]
    fn what_the_editor_cannot_make_is_not() {
        let text = |marks: Value| json!([{ "type": "paragraph", "content": [{ "type": "text", "text": "a", "marks": marks }] }]);
        let refused = [
            json!([{ "type": "text", "text": "bare" }]),
            json!([{ "type": "paragraph", "content": [{ "type": "text", "text": "" }] }]),
            json!([{ "type": "bulletList", "content": [] }]),
            json!([{ "type": "blockquote", "content": [{ "type": "heading", "attrs": { "level": 1 } }] }]),
            json!([{ "type": "heading", "attrs": { "level": 7 } }]),
            json!([{ "type": "marquee" }]),
            json!([{ "type": "codeBlock", "content": [{ "type": "text", "text": "a", "marks": [{ "type": "em" }] }] }]),
            json!([{ "type": "table", "content": [{ "type": "tableRow", "content": [{ "type": "tableCell", "content": [] }] }] }]),
            text(json!([{ "type": "code" }, { "type": "strong" }])),
            text(json!([{ "type": "link" }])),
        ];
        for content in refused {
            assert!(!is_valid(&doc(&content)), "{content}");
        }
        assert!(!is_valid(&json!({ "type": "doc", "content": [] })));
    }
}
