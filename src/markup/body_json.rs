//! Reads `bodyJson`, the formatted form of a step's text: a `doc` of `paragraph` and `code_block` nodes.
//!
//! Shape as in the OpenAPI description of TestOps 26.1 (`DefaultTextMarkupDocument`); absent in 4.x.

use serde_json::Value;

use super::builder::{Builder, Open, Origin};
use super::loss::What;
use super::markdown::clean_language;
use super::tree::{MAX_DEPTH, Marks};

pub(super) fn read(document: &Value, builder: &mut Builder) {
    if kind(document) == "doc" {
        children(document).for_each(|node| block(node, MAX_DEPTH, builder));
    }
}

fn block(node: &Value, depth: usize, builder: &mut Builder) {
    match kind(node) {
        "paragraph" => {
            builder.open_markdown(Open::Paragraph);
            children(node).for_each(|child| inline(child, depth, builder));
            builder.close_markdown();
        }
        "code_block" => {
            let language = node
                .pointer("/attrs/language")
                .and_then(Value::as_str)
                .and_then(clean_language);
            builder.open_markdown(Open::Code(language));
            children(node).for_each(|child| inline(child, depth, builder));
            builder.close_markdown();
        }
        "text" | "lineBreak" => inline(node, depth, builder),
        _ => unknown(node, depth, builder, block),
    }
}

fn inline(node: &Value, depth: usize, builder: &mut Builder) {
    match kind(node) {
        "text" => text(node, builder),
        "lineBreak" => builder.line_break(),
        // The discriminator is optional in the description: a node with text is text.
        "" if node.get("text").is_some() => text(node, builder),
        _ => unknown(node, depth, builder, inline),
    }
}

fn unknown(node: &Value, depth: usize, builder: &mut Builder, read: fn(&Value, usize, &mut Builder)) {
    builder.losses.note_at(What::UnknownNode, kind(node));
    if let Some(text) = node.get("text").and_then(Value::as_str) {
        builder.text(text);
    }
    if let Some(depth) = depth.checked_sub(1) {
        children(node).for_each(|child| read(child, depth, builder));
    }
}

fn text(node: &Value, builder: &mut Builder) {
    let Some(text) = node.get("text").and_then(Value::as_str) else {
        return;
    };
    let marks = node
        .get("marks")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    let looks: Vec<Marks> = marks.iter().filter_map(|mark| look(kind(mark))).collect();
    for mark in marks {
        match kind(mark) {
            "text_color" | "text_fill" => builder.losses.note(What::Colour),
            "link" => {}
            other if look(other).is_none() => builder.losses.note_at(What::UnknownNode, other),
            _ => {}
        }
    }
    let link = marks.iter().find(|mark| kind(mark) == "link");
    let address = link
        .and_then(|mark| mark.pointer("/attrs/href"))
        .and_then(Value::as_str);
    looks
        .iter()
        .for_each(|mark| builder.mark(*mark, true, Origin::Markdown));
    if let Some(address) = address {
        builder.open_link(address, Origin::Markdown);
    }
    builder.text(text);
    if address.is_some() {
        builder.close_markdown_link();
    }
    looks
        .iter()
        .for_each(|mark| builder.mark(*mark, false, Origin::Markdown));
}

fn look(kind: &str) -> Option<Marks> {
    Some(match kind {
        "code" => Marks::CODE,
        "bold" => Marks::STRONG,
        "italic" => Marks::EM,
        "underline" => Marks::UNDERLINE,
        "strike" => Marks::STRIKE,
        _ => return None,
    })
}

fn kind(node: &Value) -> &str {
    node.get("type").and_then(Value::as_str).unwrap_or_default()
}

fn children(node: &Value) -> impl Iterator<Item = &Value> {
    node.get("content").and_then(Value::as_array).into_iter().flatten()
}
