//! The one shape between every reader and every writer.
//!
//! Inline content is flat: a [`Span`] carries its marks and its link, so there is no nesting to overflow and no
//! order of marks to get wrong. Blocks nest only through [`Block::Quote`] and [`List`], and readers stop nesting at
//! [`MAX_DEPTH`].

use std::borrow::Cow;

use super::address::{Address, AttachmentRef, classify};
pub use super::table::{Cell, Place, Row, Table};
use crate::text::numbered;

/// How deep quotes and lists may nest in a tree a reader made. Deeper content is kept, its nesting is not.
pub const MAX_DEPTH: usize = 12;

/// A rich text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tree {
    /// Top-level blocks in reading order.
    pub blocks: Vec<Block>,
}

/// One block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// A paragraph.
    Paragraph(Vec<Inline>),
    /// A heading.
    Heading {
        /// 1 (largest) to 6.
        level: u8,
        /// What it says.
        content: Vec<Inline>,
    },
    /// Preformatted text.
    Code {
        /// The language named in the source, lower case, letters, digits, `+`, `#`, `-`, `_` and `.` only.
        language: Option<String>,
        /// The text, lines separated by `\n`, none at the end.
        text: String,
    },
    /// A quotation.
    Quote(Vec<Block>),
    /// A bulleted, numbered or task list.
    List(List),
    /// A table.
    Table(Table),
    /// A horizontal line.
    Rule,
}

/// A list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct List {
    /// The first number of a numbered list; `None` for bullets.
    pub start: Option<u64>,
    /// The items.
    pub items: Vec<Item>,
}

/// An item of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Item {
    /// Whether a task is done; `None` when the item is no task.
    pub done: Option<bool>,
    /// What the item holds.
    pub blocks: Vec<Block>,
}

/// A piece of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inline {
    /// Text.
    Span(Span),
    /// A line break.
    Break,
    /// A picture on the web.
    Image(Image),
    /// A file kept by TestOps.
    Attachment(Attachment),
}

/// Text of one look.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Span {
    /// The text, without line breaks.
    pub text: String,
    /// How it looks.
    pub marks: Marks,
    /// Where it leads: an address from [`super::address::classify`], http, https or mailto.
    pub link: Option<String>,
}

/// A picture on the web.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// An http or https address.
    pub url: String,
    /// What to show instead; may be empty.
    pub alt: String,
}

/// A reference to a file kept by TestOps, which nobody can open without a TestOps login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Which file.
    pub source: AttachmentRef,
    /// The text of the link or picture; may be empty.
    pub name: String,
    /// Whether it was shown as a picture.
    pub image: bool,
    /// The name under which the file is attached to the destination issue, once that is known
    /// ([`Tree::resolve_attachments`]).
    pub uploaded_as: Option<String>,
}

/// Where a file that a text refers to is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FilePlace {
    /// Attached to the destination issue, under this name.
    Attached(String),
    /// In a TestOps, at this address: the reference becomes a link.
    Elsewhere(String),
    /// On another server, at this address: no file of ours, and a picture there is a picture on the web.
    Foreign(String),
}

impl Attachment {
    fn placed(mut self, place: FilePlace) -> Inline {
        // A bare address is no name.
        if matches!(classify(&self.name), Address::Attachment(source) if source == self.source) {
            self.name.clear();
        }
        let name = self.name.trim();
        match place {
            FilePlace::Attached(name) => Inline::Attachment(Attachment {
                uploaded_as: Some(name),
                ..self
            }),
            FilePlace::Foreign(url) if self.image => Inline::Image(Image { url, alt: self.name }),
            FilePlace::Elsewhere(url) | FilePlace::Foreign(url) => Inline::Span(Span {
                text: if name.is_empty() { url.clone() } else { name.to_owned() },
                marks: Marks::NONE,
                link: Some(url),
            }),
        }
    }
}

/// A set of looks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Marks(u8);

impl Marks {
    /// Plain text.
    pub const NONE: Marks = Marks(0);
    /// Bold.
    pub const STRONG: Marks = Marks(1);
    /// Italic.
    pub const EM: Marks = Marks(2);
    /// Struck through.
    pub const STRIKE: Marks = Marks(4);
    /// Underlined.
    pub const UNDERLINE: Marks = Marks(8);
    /// Monospaced.
    pub const CODE: Marks = Marks(16);
    /// Lowered.
    pub const SUB: Marks = Marks(32);
    /// Raised.
    pub const SUP: Marks = Marks(64);

    /// Every single mark, in the order writers nest them (outermost first).
    pub const ALL: [Marks; 7] = [
        Marks::STRONG,
        Marks::EM,
        Marks::STRIKE,
        Marks::UNDERLINE,
        Marks::SUB,
        Marks::SUP,
        Marks::CODE,
    ];

    /// Whether all of `other` is in here.
    #[must_use]
    pub fn has(self, other: Marks) -> bool {
        self.0 & other.0 == other.0
    }

    /// Both together.
    #[must_use]
    pub fn with(self, other: Marks) -> Marks {
        Marks(self.0 | other.0)
    }

    /// This without `other`.
    #[must_use]
    pub fn without(self, other: Marks) -> Marks {
        Marks(self.0 & !other.0)
    }
}

impl Span {
    /// Text without a look.
    #[must_use]
    pub fn plain(text: impl Into<String>) -> Span {
        Span {
            text: text.into(),
            ..Span::default()
        }
    }
}

impl Tree {
    /// Adds another tree at the end, for a text put together from several fields.
    pub fn append(&mut self, other: Tree) {
        self.blocks.extend(other.blocks);
    }

    /// Adds a heading with plain text at the end.
    pub fn push_heading(&mut self, level: u8, text: &str) {
        self.blocks.push(Block::Heading {
            level,
            content: vec![Inline::Span(Span::plain(text))],
        });
    }

    /// Adds another tree at the end, its first line on a line of its own and not as a paragraph of its own.
    pub fn append_line(&mut self, other: Tree) {
        let mut blocks = other.blocks.into_iter();
        match (self.blocks.last_mut(), blocks.next()) {
            (Some(Block::Paragraph(above)), Some(Block::Paragraph(line))) => {
                above.push(Inline::Break);
                above.extend(line);
            }
            (_, first) => self.blocks.extend(first),
        }
        self.blocks.extend(blocks);
    }

    /// Puts plain text in front, on the first line where that is a paragraph's.
    pub fn prefix(&mut self, text: &str) {
        prefix(&mut self.blocks, text);
    }

    /// Whether it begins with this number, such as `1` or `2.3`, where a list shows it too.
    #[must_use]
    pub fn has_number(&self, number: &str) -> bool {
        self.clone().take_number(number)
    }

    /// Takes this number off the start; false where it does not begin with it.
    pub fn take_number(&mut self, number: &str) -> bool {
        match self.blocks.as_mut_slice() {
            [Block::Paragraph(content), ..] => match content.first_mut() {
                Some(Inline::Span(span)) => match numbered(&span.text) {
                    Some((own, rest)) if own == number => {
                        span.text = rest.to_owned();
                        true
                    }
                    _ => false,
                },
                _ => false,
            },
            [Block::List(list)] if list.items.len() == 1 && list.start.is_some_and(|own| own.to_string() == number) => {
                self.blocks = list.items.remove(0).blocks;
                true
            }
            _ => false,
        }
    }

    /// Whether there is nothing to show.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }

    /// Every TestOps file the text refers to, in reading order, repeated as often as it is referred to.
    #[must_use]
    pub fn attachments(&self) -> Vec<AttachmentRef> {
        let mut found = Vec::new();
        each_line(&self.blocks, &mut |line| {
            found.extend(line.iter().filter_map(|inline| match inline {
                Inline::Attachment(file) => Some(file.source.clone()),
                _ => None,
            }));
        });
        found
    }

    /// Gives every reference to a TestOps file what `place_of` says of the file.
    pub fn resolve_attachments(&mut self, mut place_of: impl FnMut(&AttachmentRef) -> FilePlace) {
        each_line_mut(&mut self.blocks, &mut |line| {
            for inline in line {
                if let Inline::Attachment(file) = inline {
                    let place = place_of(&file.source);
                    *inline = file.clone().placed(place);
                }
            }
        });
    }
}

fn each_line<'t>(blocks: &'t [Block], visit: &mut dyn FnMut(&'t [Inline])) {
    for block in blocks {
        match block {
            Block::Paragraph(content) | Block::Heading { content, .. } => visit(content),
            Block::Quote(inner) => each_line(inner, visit),
            Block::List(list) => list.items.iter().for_each(|item| each_line(&item.blocks, visit)),
            Block::Table(table) => {
                let cells = table.rows.iter().flat_map(|row| &row.cells);
                cells.for_each(|cell| visit(&cell.content));
            }
            Block::Code { .. } | Block::Rule => {}
        }
    }
}

fn each_line_mut(blocks: &mut [Block], visit: &mut dyn FnMut(&mut [Inline])) {
    for block in blocks {
        match block {
            Block::Paragraph(content) | Block::Heading { content, .. } => visit(content),
            Block::Quote(inner) => each_line_mut(inner, visit),
            Block::List(list) => {
                let items = list.items.iter_mut();
                items.for_each(|item| each_line_mut(&mut item.blocks, visit));
            }
            Block::Table(table) => {
                let cells = table.rows.iter_mut().flat_map(|row| &mut row.cells);
                cells.for_each(|cell| visit(&mut cell.content));
            }
            Block::Code { .. } | Block::Rule => {}
        }
    }
}

fn prefix(blocks: &mut Vec<Block>, text: &str) {
    let sign = Inline::Span(Span::plain(text));
    match blocks.first_mut() {
        Some(Block::Paragraph(content)) => content.insert(0, sign),
        _ => blocks.insert(0, Block::Paragraph(vec![sign])),
    }
}

impl Item {
    /// The blocks, a task's box before its text. Neither ADF's task lists (which need ids and have no sub-blocks) nor
    /// wiki markup can say it better.
    pub(super) fn labelled(&self) -> Cow<'_, [Block]> {
        let Some(done) = self.done else {
            return Cow::Borrowed(&self.blocks);
        };
        let mut blocks = self.blocks.clone();
        prefix(&mut blocks, if done { "☑ " } else { "☐ " });
        Cow::Owned(blocks)
    }
}
