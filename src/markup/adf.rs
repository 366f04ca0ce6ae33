//! Writes the Atlassian Document Format, version 1: descriptions and comments on Jira Cloud (REST v3).
//!
//! Jira answers a document it does not like with 400 and no position, so this writes only what is known to be
//! accepted: `paragraph`, `heading`, `codeBlock`, `blockquote`, `bulletList`, `orderedList`, `listItem`, `table`,
//! `tableRow`, `tableHeader`, `tableCell`, `rule`, `mediaSingle` with one external `media`, `hardBreak` and `text`
//! with `strong`, `em`, `strike`, `underline`, `subsup`, `code` and `link`. Sources: "Atlassian Document Format" and
//! the JSON schema published with `@atlaskit/adf-schema`.

use serde_json::{Value, json};

use super::loss::{Loss, Losses, What};
use super::tree::{Attachment, Block, Cell, Image, Inline, Item, List, Marks, Place, Span, Table, Tree};
use super::{Document, characters, shorten, wiki};

/// Writes a document whose text is at most `limit` characters long, and says what it could not hold.
///
/// Jira counts the characters of the text it converts the document to, not of the JSON, and does not say how. We
/// count what our own wiki markup of the same text takes, which has all the text and comparable markup.
#[must_use]
pub fn write(tree: &Tree, limit: usize) -> (Value, Vec<Loss>) {
    let mut writer = Writer::default();
    let shortened = shorten::fit(tree, limit, wiki::length);
    if shortened.is_some() {
        writer.losses.note(What::Shortened);
    }
    let content = writer.blocks(&shortened.as_ref().unwrap_or(tree).blocks, Depth::Top);
    (
        json!({"type": "doc", "version": 1_u32, "content": content}),
        writer.losses.into_vec(),
    )
}

/// A document of plain text, within [`shorten::DESCRIPTION`].
#[must_use]
pub fn from_plain(text: &str) -> Value {
    write(&Document::from_plain(text).tree, shorten::DESCRIPTION).0
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Depth {
    Top,
    /// In a `blockquote` or `listItem`, which take neither headings nor tables, rules or quotes.
    Inside,
}

#[derive(Debug, Default)]
struct Writer {
    losses: Losses,
}

impl Writer {
    fn blocks(&mut self, blocks: &[Block], place: Depth) -> Vec<Value> {
        blocks.iter().flat_map(|block| self.block(block, place)).collect()
    }

    fn block(&mut self, block: &Block, place: Depth) -> Vec<Value> {
        match (block, place) {
            (Block::Paragraph(content), _) => self.paragraphs(content, Marks::NONE),
            (Block::Heading { level, content }, Depth::Top) => {
                let mut heading = node("heading", self.line(content, Marks::NONE));
                set(&mut heading, "attrs", json!({"level": u32::from((*level).clamp(1, 6))}));
                vec![heading]
            }
            (Block::Heading { content, .. }, Depth::Inside) => {
                self.losses.note(What::NestedHeading);
                self.paragraphs(content, Marks::STRONG)
            }
            (Block::Code { language, text }, _) => vec![code(language.as_deref(), text)],
            (Block::Quote(blocks), Depth::Top) => {
                let content = self.blocks(blocks, Depth::Inside);
                if content.is_empty() {
                    Vec::new()
                } else {
                    vec![node("blockquote", content)]
                }
            }
            (Block::Quote(blocks), Depth::Inside) => {
                self.losses.note(What::NestedQuote);
                self.blocks(blocks, Depth::Inside)
            }
            (Block::List(list), _) => self.list(list),
            (Block::Table(table), Depth::Top) => self.table(table),
            (Block::Table(table), Depth::Inside) => {
                self.losses.note(What::NestedTable);
                let lines = table.lines();
                lines
                    .iter()
                    .flat_map(|line| self.paragraphs(line, Marks::NONE))
                    .collect()
            }
            (Block::Rule, Depth::Top) => vec![json!({"type": "rule"})],
            (Block::Rule, Depth::Inside) => {
                self.losses.note(What::NestedRule);
                Vec::new()
            }
        }
    }

    fn list(&mut self, list: &List) -> Vec<Value> {
        let items: Vec<Value> = list.items.iter().map(|item| self.item(item)).collect();
        match list.start {
            _ if items.is_empty() => Vec::new(),
            None => vec![node("bulletList", items)],
            Some(start) => {
                // JSON numbers beyond 2^53 change on the way; no list is that long.
                let order = start.min(u64::from(u32::MAX));
                let mut list = node("orderedList", items);
                set(&mut list, "attrs", json!({"order": order}));
                vec![list]
            }
        }
    }

    fn item(&mut self, item: &Item) -> Value {
        let mut content = self.blocks(&item.labelled(), Depth::Inside);
        // Editors want a line before a nested list.
        let starts_with_line = content.first().is_some_and(|first| {
            matches!(
                first.get("type").and_then(Value::as_str),
                Some("paragraph" | "codeBlock" | "mediaSingle")
            )
        });
        if !starts_with_line {
            content.insert(0, node("paragraph", Vec::new()));
        }
        node("listItem", content)
    }

    fn table(&mut self, table: &Table) -> Vec<Value> {
        let rows = table.grid().into_iter().map(|places| self.row(&places));
        let rows: Vec<Value> = rows.flatten().collect();
        if rows.is_empty() {
            Vec::new()
        } else {
            vec![node("table", rows)]
        }
    }

    /// A row, of which only the cells that begin in it are written.
    fn row(&mut self, places: &[Place<'_>]) -> Option<Value> {
        let cells = places.iter().filter_map(|place| match place {
            Place::Begins { cell, columns, rows } => Some(self.cell(cell, *columns, *rows)),
            Place::Empty { .. } => None,
        });
        let cells: Vec<Value> = cells.collect();
        (!cells.is_empty()).then(|| node("tableRow", cells))
    }

    fn cell(&mut self, cell: &Cell, columns: usize, rows: usize) -> Value {
        let mut content = self.paragraphs(&cell.content, Marks::NONE);
        if content.is_empty() {
            content.push(node("paragraph", Vec::new()));
        }
        let mut attributes = json!({});
        for (name, number) in [("colspan", columns), ("rowspan", rows)] {
            if number > 1 {
                set(&mut attributes, name, Value::from(number));
            }
        }
        let mut cell = node(if cell.header { "tableHeader" } else { "tableCell" }, content);
        set(&mut cell, "attrs", attributes);
        cell
    }

    /// A line that may hold pictures, which are blocks here.
    fn paragraphs(&mut self, content: &[Inline], extra: Marks) -> Vec<Value> {
        let mut out = Vec::new();
        let mut from = 0;
        let pictures = content.iter().enumerate().filter_map(|(at, inline)| match inline {
            Inline::Image(image) => Some((at, image)),
            _ => None,
        });
        for (at, image) in pictures {
            out.extend(self.paragraph(content.get(from..at).unwrap_or_default(), extra));
            out.push(picture(image));
            from = at + 1;
        }
        out.extend(self.paragraph(content.get(from..).unwrap_or_default(), extra));
        out
    }

    fn paragraph(&mut self, content: &[Inline], extra: Marks) -> Option<Value> {
        let content = self.line(content, extra);
        let shows = content
            .iter()
            .any(|inline| match inline.get("text").and_then(Value::as_str) {
                Some(text) => !text.trim().is_empty(),
                None => false,
            });
        shows.then(|| node("paragraph", content))
    }

    fn line(&mut self, content: &[Inline], extra: Marks) -> Vec<Value> {
        content.iter().filter_map(|inline| self.inline(inline, extra)).collect()
    }

    fn inline(&mut self, inline: &Inline, extra: Marks) -> Option<Value> {
        match inline {
            Inline::Span(span) => self.span(span, extra),
            Inline::Break => Some(json!({"type": "hardBreak"})),
            Inline::Image(image) => {
                self.losses.note(What::PictureInLine);
                let text = if image.alt.is_empty() { &image.url } else { &image.alt };
                self.span(
                    &Span {
                        text: text.clone(),
                        marks: Marks::NONE,
                        link: Some(image.url.clone()),
                    },
                    extra,
                )
            }
            Inline::Attachment(file) => {
                if file.uploaded_as.is_none() {
                    self.losses.note_at(What::FileByName, &file.label());
                }
                self.span(&Span::plain(file.label()), extra)
            }
        }
    }

    fn span(&mut self, span: &Span, extra: Marks) -> Option<Value> {
        // Whoever built the tree by hand may have left line ends or control characters in.
        let text = characters::clean(&span.text, &mut self.losses).replace('\n', " ");
        let mut marks = Vec::new();
        if let Some(link) = &span.link {
            marks.push(json!({"type": "link", "attrs": {"href": link}}));
        }
        if span.marks.has(Marks::CODE) {
            if span.marks != Marks::CODE {
                self.losses.note_at(What::Look, &text);
            }
            marks.push(json!({"type": "code"}));
        } else {
            marks.extend(looks(span.marks.with(extra)));
        }
        if text.is_empty() {
            return None;
        }
        let mut node = json!({"type": "text", "text": text});
        if !marks.is_empty() {
            set(&mut node, "marks", Value::Array(marks));
        }
        Some(node)
    }
}

fn looks(marks: Marks) -> impl Iterator<Item = Value> {
    let names = [
        (Marks::STRONG, json!({"type": "strong"})),
        (Marks::EM, json!({"type": "em"})),
        (Marks::STRIKE, json!({"type": "strike"})),
        (Marks::UNDERLINE, json!({"type": "underline"})),
        (Marks::SUB, json!({"type": "subsup", "attrs": {"type": "sub"}})),
        (Marks::SUP, json!({"type": "subsup", "attrs": {"type": "sup"}})),
    ];
    // One mark of a kind: text cannot be raised and lowered.
    let marks = if marks.has(Marks::SUB) {
        marks.without(Marks::SUP)
    } else {
        marks
    };
    names
        .into_iter()
        .filter(move |(mark, _)| marks.has(*mark))
        .map(|(_, name)| name)
}

// `json!` copies the values put into it, which for content would mean copying every level again.
fn node(kind: &str, content: Vec<Value>) -> Value {
    let mut node = json!({"type": kind});
    set(&mut node, "content", Value::Array(content));
    node
}

fn set(node: &mut Value, key: &str, value: Value) {
    if let Some(node) = node.as_object_mut() {
        node.insert(key.to_owned(), value);
    }
}

fn code(language: Option<&str>, text: &str) -> Value {
    let text = characters::clean(text, &mut Losses::default());
    let mut block = json!({"type": "codeBlock"});
    if let Some(language) = language {
        set(&mut block, "attrs", json!({"language": language}));
    }
    if !text.is_empty() {
        set(&mut block, "content", json!([{"type": "text", "text": &*text}]));
    }
    block
}

fn picture(image: &Image) -> Value {
    let mut attributes = json!({"type": "external", "url": image.url});
    if !image.alt.is_empty() {
        set(&mut attributes, "alt", json!(image.alt));
    }
    let mut single = node("mediaSingle", vec![json!({"type": "media", "attrs": attributes})]);
    set(&mut single, "attrs", json!({"layout": "center"}));
    single
}

impl Attachment {
    /// How a file is named where it cannot be shown.
    pub(super) fn label(&self) -> String {
        match (self.name.trim(), self.uploaded_as.as_deref()) {
            ("", Some(file)) => file.to_owned(),
            ("", None) => format!("attachment {}", self.source.id),
            (name, Some(file)) if name != file => format!("{name} ({file})"),
            (name, _) => name.to_owned(),
        }
    }
}
