//! Writes plain text: for full texts attached as a file, and for fields without formatting.

use super::tree::{Block, Inline, Tree};

/// The text with its structure drawn in characters, lines separated by `\n`, none at the end.
#[must_use]
pub fn write(tree: &Tree) -> String {
    let mut lines = Vec::new();
    blocks(&tree.blocks, "", true, &mut lines);
    lines.join("\n")
}

fn blocks(all: &[Block], indent: &str, spaced: bool, lines: &mut Vec<String>) {
    for (at, block) in all.iter().enumerate() {
        if at > 0 && spaced {
            lines.push(String::new());
        }
        match block {
            Block::Paragraph(content) | Block::Heading { content, .. } => text(&line(content), indent, lines),
            Block::Code { text: code, .. } => text(code, indent, lines),
            Block::Quote(inner) => blocks(inner, &format!("{indent}> "), spaced, lines),
            Block::List(list) => {
                for (number, item) in (list.start.unwrap_or(1)..).zip(&list.items) {
                    let bullet = if list.start.is_some() {
                        format!("{number}. ")
                    } else {
                        "- ".to_owned()
                    };
                    let first = lines.len();
                    let inner = format!("{indent}{}", " ".repeat(bullet.len()));
                    blocks(&item.labelled(), &inner, false, lines);
                    match lines.get_mut(first) {
                        Some(line) => line.replace_range(indent.len()..inner.len(), &bullet),
                        None => lines.push(format!("{indent}{}", bullet.trim_end())),
                    }
                }
            }
            Block::Table(table) => {
                for row in table.lines() {
                    text(&line(&row).replace('\n', " "), indent, lines);
                }
            }
            Block::Rule => lines.push(format!("{indent}---")),
        }
    }
}

fn text(content: &str, indent: &str, lines: &mut Vec<String>) {
    lines.extend(content.split('\n').map(|line| format!("{indent}{line}")));
}

fn line(content: &[Inline]) -> String {
    let mut out = String::new();
    for inline in content {
        match inline {
            Inline::Span(span) => {
                out.push_str(&span.text);
                // A link whose text is not its address would be lost otherwise.
                if let Some(link) = span.link.as_deref().filter(|link| *link != span.text) {
                    out.push_str(&format!(" ({link})"));
                }
            }
            Inline::Break => out.push('\n'),
            Inline::Image(image) if image.alt.is_empty() => out.push_str(&image.url),
            Inline::Image(image) => out.push_str(&format!("{} ({})", image.alt, image.url)),
            Inline::Attachment(file) => out.push_str(&file.label()),
        }
    }
    out
}
