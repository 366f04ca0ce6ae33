//! A validator of the part of the Atlassian Document Format we allow ourselves, written from Atlassian's description
//! of the nodes, independent of the writer. Stricter than the published schema: no node, mark or attribute we do not
//! use.

use serde_json::{Map, Value};

/// Why a document is refused, with the path to the place.
pub type Refusal = String;

/// Checks a whole document.
pub fn validate(document: &Value) -> Result<(), Refusal> {
    let doc = node(document, "$", "doc", &["type", "version", "content"])?;
    if doc.get("version") != Some(&Value::from(1)) {
        return Err("$: version is not 1".into());
    }
    const TOP: &[&str] = &[
        "paragraph",
        "heading",
        "codeBlock",
        "blockquote",
        "bulletList",
        "orderedList",
        "table",
        "rule",
        "mediaSingle",
    ];
    children(doc, "$", TOP, 0)
}

/// The text of a document in reading order, hard breaks as line feeds, blocks separated by line feeds.
pub fn text(node: &Value) -> String {
    match node["type"].as_str() {
        Some("text") => node["text"].as_str().unwrap_or_default().to_owned(),
        Some("hardBreak") => "\n".to_owned(),
        kind => {
            let inner: String = node["content"].as_array().into_iter().flatten().map(text).collect();
            if matches!(kind, Some("paragraph" | "heading" | "codeBlock")) {
                inner + "\n"
            } else {
                inner
            }
        }
    }
}

/// Every address the document makes live: links and pictures.
pub fn addresses(node: &Value) -> Vec<String> {
    let mut found = Vec::new();
    for mark in node["marks"].as_array().into_iter().flatten() {
        found.extend(mark["attrs"]["href"].as_str().map(str::to_owned));
    }
    if node["type"] == "media" {
        found.extend(node["attrs"]["url"].as_str().map(str::to_owned));
    }
    found.extend(node["content"].as_array().into_iter().flatten().flat_map(addresses));
    found
}

fn node<'a>(value: &'a Value, at: &str, kind: &str, keys: &[&str]) -> Result<&'a Map<String, Value>, Refusal> {
    let object = value.as_object().ok_or_else(|| format!("{at}: not an object"))?;
    if object.get("type").and_then(Value::as_str) != Some(kind) {
        return Err(format!("{at}: not a {kind}"));
    }
    only(object, at, keys)?;
    Ok(object)
}

fn only(object: &Map<String, Value>, at: &str, keys: &[&str]) -> Result<(), Refusal> {
    match object.keys().find(|key| !keys.contains(&key.as_str())) {
        Some(key) => Err(format!("{at}: {key} does not belong here")),
        None => Ok(()),
    }
}

fn children(object: &Map<String, Value>, at: &str, allowed: &[&str], least: usize) -> Result<(), Refusal> {
    let content = object
        .get("content")
        .and_then(Value::as_array)
        .ok_or_else(|| format!("{at}: no content"))?;
    if content.len() < least {
        return Err(format!("{at}: empty"));
    }
    for (index, child) in content.iter().enumerate() {
        let kind = child["type"].as_str().unwrap_or("?");
        let at = format!("{at}/{kind}[{index}]");
        if !allowed.contains(&kind) {
            return Err(format!("{at}: not allowed here"));
        }
        check(child, kind, &at)?;
    }
    Ok(())
}

fn check(value: &Value, kind: &str, at: &str) -> Result<(), Refusal> {
    const INLINE: &[&str] = &["text", "hardBreak"];
    const INSIDE: &[&str] = &["paragraph", "bulletList", "orderedList", "codeBlock", "mediaSingle"];
    match kind {
        "paragraph" => children(node(value, at, kind, &["type", "content"])?, at, INLINE, 0),
        "heading" => {
            let object = node(value, at, kind, &["type", "attrs", "content"])?;
            let level = attributes(object, at, &["level"])?.get("level").and_then(Value::as_u64);
            if !matches!(level, Some(1..=6)) {
                return Err(format!("{at}: level {level:?}"));
            }
            children(object, at, INLINE, 0)
        }
        "codeBlock" => code_block(value, at),
        "blockquote" | "listItem" => children(node(value, at, kind, &["type", "content"])?, at, INSIDE, 1),
        "bulletList" => children(node(value, at, kind, &["type", "content"])?, at, &["listItem"], 1),
        "orderedList" => {
            let object = node(value, at, kind, &["type", "attrs", "content"])?;
            let order = attributes(object, at, &["order"])?.get("order").and_then(Value::as_u64);
            order.ok_or_else(|| format!("{at}: order is no count"))?;
            children(object, at, &["listItem"], 1)
        }
        "table" => {
            spans_end_with_the_table(value, at)?;
            children(node(value, at, kind, &["type", "content"])?, at, &["tableRow"], 1)
        }
        "tableRow" => children(
            node(value, at, kind, &["type", "content"])?,
            at,
            &["tableCell", "tableHeader"],
            1,
        ),
        "tableCell" | "tableHeader" => {
            let object = node(value, at, kind, &["type", "attrs", "content"])?;
            let attributes = attributes(object, at, &["colspan", "rowspan"])?;
            if attributes
                .values()
                .any(|span| span.as_u64().is_none_or(|span| span < 2))
            {
                return Err(format!("{at}: a span of {attributes:?}"));
            }
            children(object, at, &["paragraph", "mediaSingle"], 1)
        }
        "rule" | "hardBreak" => node(value, at, kind, &["type"]).map(|_| ()),
        "mediaSingle" => {
            let object = node(value, at, kind, &["type", "attrs", "content"])?;
            if attributes(object, at, &["layout"])?.get("layout") != Some(&Value::from("center")) {
                return Err(format!("{at}: layout"));
            }
            match object.get("content").and_then(Value::as_array).map(Vec::len) {
                Some(1) => children(object, at, &["media"], 1),
                other => Err(format!("{at}: {other:?} media")),
            }
        }
        "media" => media(value, at),
        "text" => text_node(value, at),
        other => Err(format!("{at}: unknown node {other}")),
    }
}

fn spans_end_with_the_table(table: &Value, at: &str) -> Result<(), Refusal> {
    let rows = table["content"].as_array().map(Vec::as_slice).unwrap_or_default();
    for (index, row) in rows.iter().enumerate() {
        for cell in row["content"].as_array().into_iter().flatten() {
            let rows_of_cell = cell["attrs"]["rowspan"].as_u64().unwrap_or(1) as usize;
            if index + rows_of_cell > rows.len() {
                return Err(format!(
                    "{at}/row {index}: {rows_of_cell} rows, and the table has {}",
                    rows.len()
                ));
            }
        }
    }
    Ok(())
}

fn attributes<'a>(object: &'a Map<String, Value>, at: &str, keys: &[&str]) -> Result<&'a Map<String, Value>, Refusal> {
    let attributes = object
        .get("attrs")
        .and_then(Value::as_object)
        .ok_or_else(|| format!("{at}: no attrs"))?;
    only(attributes, at, keys)?;
    Ok(attributes)
}

fn code_block(value: &Value, at: &str) -> Result<(), Refusal> {
    let object = node(value, at, "codeBlock", &["type", "attrs", "content"])?;
    if object.contains_key("attrs") {
        let language = attributes(object, at, &["language"])?
            .get("language")
            .and_then(Value::as_str);
        if language.is_none_or(|name| name.is_empty() || name.contains(char::is_whitespace)) {
            return Err(format!("{at}: language"));
        }
    }
    for child in object.get("content").and_then(Value::as_array).into_iter().flatten() {
        let text = node(child, at, "text", &["type", "text"])?;
        some_text(text, at)?;
    }
    Ok(())
}

fn media(value: &Value, at: &str) -> Result<(), Refusal> {
    let object = node(value, at, "media", &["type", "attrs"])?;
    let attributes = attributes(object, at, &["type", "url", "alt"])?;
    let external = attributes.get("type") == Some(&Value::from("external"));
    let url = attributes.get("url").and_then(Value::as_str).unwrap_or_default();
    let web = url.starts_with("https://") || url.starts_with("http://");
    let alt = attributes.get("alt").is_none_or(Value::is_string);
    if external && web && alt {
        Ok(())
    } else {
        Err(format!("{at}: media {url}"))
    }
}

fn some_text<'a>(object: &'a Map<String, Value>, at: &str) -> Result<&'a str, Refusal> {
    match object.get("text").and_then(Value::as_str) {
        None | Some("") => Err(format!("{at}: empty text")),
        Some(text) if text.chars().any(|c| c.is_control() && !matches!(c, '\t' | '\n')) => {
            Err(format!("{at}: control character"))
        }
        Some(text) => Ok(text),
    }
}

fn text_node(value: &Value, at: &str) -> Result<(), Refusal> {
    let object = node(value, at, "text", &["type", "text", "marks"])?;
    if some_text(object, at)?.contains('\n') {
        return Err(format!("{at}: a line end in a text"));
    }
    let Some(marks) = object.get("marks") else {
        return Ok(());
    };
    let marks = marks.as_array().ok_or_else(|| format!("{at}: marks"))?;
    let mut seen: Vec<&str> = Vec::new();
    for mark in marks {
        let kind = mark["type"].as_str().unwrap_or("?");
        if seen.contains(&kind) {
            return Err(format!("{at}: {kind} twice"));
        }
        seen.push(kind);
        match kind {
            "strong" | "em" | "strike" | "underline" | "code" => node(mark, at, kind, &["type"]).map(|_| ())?,
            "subsup" => {
                let attributes = attributes(node(mark, at, kind, &["type", "attrs"])?, at, &["type"])?;
                if !matches!(attributes.get("type").and_then(Value::as_str), Some("sub" | "sup")) {
                    return Err(format!("{at}: subsup"));
                }
            }
            "link" => {
                let attributes = attributes(node(mark, at, kind, &["type", "attrs"])?, at, &["href"])?;
                let href = attributes.get("href").and_then(Value::as_str).unwrap_or_default();
                if !["http://", "https://", "mailto:"]
                    .iter()
                    .any(|scheme| href.starts_with(scheme))
                {
                    return Err(format!("{at}: link to {href}"));
                }
            }
            other => return Err(format!("{at}: unknown mark {other}")),
        }
    }
    if seen.contains(&"code") && seen.iter().any(|kind| !matches!(*kind, "code" | "link")) {
        return Err(format!("{at}: code with {seen:?}"));
    }
    Ok(())
}

#[cfg(test)]
mod rejects {
    use serde_json::json;

    use super::validate;

    fn doc(content: serde_json::Value) -> serde_json::Value {
        json!({"type": "doc", "version": 1, "content": content})
    }

    #[test]
    fn what_jira_is_known_to_refuse() {
        let paragraph = json!({"type": "paragraph", "content": []});
        let code_and_strong = json!([{"type": "code"}, {"type": "strong"}]);
        let row = json!({"type": "tableRow", "content": [{"type": "tableCell", "attrs": {}, "content": [paragraph]}]});
        let table = json!({"type": "table", "content": [row]});
        let refused = [
            json!([{"type": "text", "text": "directly under doc"}]),
            json!([{"type": "paragraph", "content": [{"type": "text", "text": ""}]}]),
            json!([{"type": "paragraph", "content": [{"type": "text", "text": "x", "marks": code_and_strong}]}]),
            json!([{"type": "codeBlock", "content": [{"type": "text", "text": "x", "marks": [{"type": "em"}]}]}]),
            json!([{"type": "bulletList", "content": []}]),
            json!([{"type": "bulletList", "content": [{"type": "listItem", "content": [table]}]}]),
            json!([{"type": "blockquote", "content": [{"type": "heading", "attrs": {"level": 1}, "content": []}]}]),
            json!([{"type": "table", "content": [{"type": "tableRow", "content": [
                {"type": "tableCell", "attrs": {}, "content": []}]}]}]),
            json!([{"type": "mention", "attrs": {"id": "1"}}]),
            json!([{"type": "paragraph", "content": [{"type": "text", "text": "x", "marks": [
                {"type": "link", "attrs": {"href": "javascript:alert(1)"}}]}]}]),
        ];
        for content in refused {
            assert!(validate(&doc(content.clone())).is_err(), "{content}");
        }
        assert_eq!(validate(&doc(json!([paragraph, table, {"type": "rule"}]))), Ok(()));
    }
}
