//! Builds a tree from a stream of openings, closings and text that may not match up.
//!
//! Markdown nests well; the HTML inside it does as it pleases. Every open block remembers where it came from, and an
//! HTML tag can close only what HTML opened since the innermost Markdown block.

mod frames;
mod line;
mod looks;

use super::loss::{Losses, What};
use super::tree::{List, Table, Tree};
use frames::{Frames, Node};
use looks::{Links, Looks};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    Markdown,
    Html,
}

/// What can be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Open {
    Paragraph,
    Heading(u8),
    Code(Option<String>),
    Quote,
    List(Option<u64>),
    Item,
    Table,
    Row,
    Cell(CellShape),
}

/// How a cell is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct CellShape {
    pub(super) header: bool,
    pub(super) columns: usize,
    pub(super) rows: usize,
}

impl CellShape {
    pub(super) fn one(header: bool) -> CellShape {
        CellShape {
            header,
            columns: 1,
            rows: 1,
        }
    }
}

/// A block that is lines in a line, because nothing else fits there.
#[derive(Debug)]
enum Flat {
    /// A list, with the next number of a numbered one.
    List(Option<u64>),
    /// Preformatted text.
    Code,
}

#[derive(Debug, Default)]
pub(super) struct Builder {
    frames: Frames,
    /// Every Markdown block now open, and whether it has a frame.
    markdown: Vec<(Open, bool)>,
    /// Blocks that are open as lines of the current line.
    flat: Vec<Flat>,
    looks: Looks,
    links: Links,
    picture: Option<Picture>,
    pub(super) losses: Losses,
}

#[derive(Debug)]
struct Picture {
    address: String,
    alt: String,
    inner: usize,
}

impl Builder {
    pub(super) fn finish(mut self) -> (Tree, Losses) {
        while !self.frames.is_empty() {
            self.pop();
        }
        (
            Tree {
                blocks: self.frames.blocks,
            },
            self.losses,
        )
    }

    // Blocks

    pub(super) fn open_markdown(&mut self, open: Open) {
        let framed = self.open(open.clone(), Origin::Markdown);
        self.markdown.push((open, framed));
    }

    pub(super) fn close_markdown(&mut self) {
        let Some((open, framed)) = self.markdown.pop() else {
            return;
        };
        if !framed {
            self.close_flat(&open);
        } else {
            while let Some(origin) = self.frames.origin() {
                self.pop();
                if origin == Origin::Markdown {
                    break;
                }
            }
        }
    }

    pub(super) fn open_html(&mut self, open: Open) {
        match open {
            Open::Item => self.close_html_until(|node| matches!(node, Node::List(_))),
            Open::Row => self.close_html_until(|node| matches!(node, Node::Table(_))),
            Open::Cell(_) => self.close_html_until(|node| matches!(node, Node::Row(_))),
            _ => false,
        };
        self.open(open, Origin::Html);
    }

    /// Closes the innermost such block HTML opened, and what is open inside it; does nothing if there is none.
    pub(super) fn close_html(&mut self, kind: &Open) {
        let matches = |node: &Node| match kind {
            Open::Paragraph => matches!(node, Node::Line { heading: None, .. }),
            Open::Heading(_) => matches!(node, Node::Line { heading: Some(_), .. }),
            Open::Code(_) => matches!(node, Node::Code { .. }),
            Open::Quote => matches!(node, Node::Quote(_)),
            Open::List(_) => matches!(node, Node::List(_)),
            Open::Item => matches!(node, Node::Item(_)),
            Open::Table => matches!(node, Node::Table(_)),
            Open::Row => matches!(node, Node::Row(_)),
            Open::Cell(_) => matches!(node, Node::Cell(_)),
        };
        if self.close_html_until(matches) {
            self.pop();
        } else {
            self.close_flat(kind);
        }
    }

    /// Pops HTML blocks above the innermost HTML block that `wanted` accepts; false, and nothing popped, if none.
    fn close_html_until(&mut self, wanted: impl Fn(&Node) -> bool) -> bool {
        let Some(count) = self.frames.html_above(wanted) else {
            return false;
        };
        (0..count).for_each(|_| self.pop());
        true
    }

    /// Whether blocks can open here; if not, `open` was turned into a line break.
    fn open(&mut self, open: Open, origin: Origin) -> bool {
        self.close_loose_line();
        if self.frames.inside_line() {
            self.flatten(&open);
            return false;
        }
        let node = match open {
            Open::Paragraph => Node::Line {
                heading: None,
                content: Vec::new(),
            },
            Open::Heading(level) => Node::Line {
                heading: Some(level.clamp(1, 6)),
                content: Vec::new(),
            },
            Open::Code(language) => Node::Code {
                language,
                text: String::new(),
            },
            Open::Table => Node::Table(Table::default()),
            Open::Quote | Open::List(_) if self.frames.are_deep() => {
                self.losses.note(What::Depth);
                return false;
            }
            Open::Quote => Node::Quote(Vec::new()),
            Open::List(start) => Node::List(List {
                start,
                items: Vec::new(),
            }),
            Open::Item => return self.frames.open_item(origin),
            Open::Row => return self.frames.open_row(origin),
            Open::Cell(shape) => return self.frames.open_cell(shape, origin),
        };
        self.frames.make_room();
        self.frames.push(node, origin);
        true
    }

    /// Ends a paragraph nobody opened in so many words, or that HTML left open.
    fn close_loose_line(&mut self) {
        if self.frames.is_loose_line() {
            self.pop();
        }
    }

    /// A block opens where only a line can be: it starts a new line instead.
    fn flatten(&mut self, open: &Open) {
        if self.in_code() {
            return;
        }
        match open {
            Open::Cell(_) if self.mid_line() => self.text(" | "),
            _ => self.new_line(),
        }
        match open {
            Open::Item => {
                let sign = self.next_item();
                self.text(&sign);
            }
            Open::List(start) => {
                self.flat.push(Flat::List(*start));
                self.losses.note(What::BlocksInLine);
            }
            Open::Code(_) => {
                self.flat.push(Flat::Code);
                self.losses.note(What::BlocksInLine);
            }
            Open::Paragraph | Open::Cell(_) | Open::Row => {}
            Open::Heading(_) | Open::Quote | Open::Table => self.losses.note(What::BlocksInLine),
        }
    }

    /// The sign or number of the next item of the list that is open as lines.
    fn next_item(&mut self) -> String {
        let lists = self.flat.iter_mut().rev();
        let number = lists.filter_map(|flat| match flat {
            Flat::List(number) => Some(number),
            Flat::Code => None,
        });
        match number.into_iter().next() {
            Some(Some(number)) => {
                let sign = format!("{number}. ");
                *number = number.saturating_add(1);
                sign
            }
            _ => "• ".to_owned(),
        }
    }

    /// Ends a block that is open as lines: what follows is no part of it.
    fn close_flat(&mut self, kind: &Open) {
        let is_kind = |flat: &Flat| match kind {
            Open::List(_) => matches!(flat, Flat::List(_)),
            Open::Code(_) => matches!(flat, Flat::Code),
            _ => false,
        };
        if let Some(at) = self.flat.iter().rposition(is_kind) {
            self.flat.truncate(at);
            self.new_line();
        }
    }

    fn new_line(&mut self) {
        if self.mid_line() {
            self.line_break();
        }
    }

    fn pop(&mut self) {
        if self.frames.pop() {
            self.end_line();
        }
    }

    /// HTML looks end with their line; a forgotten `</b>` must not make the rest bold.
    fn end_line(&mut self) {
        self.looks.end_line();
        self.links.html = None;
        self.flat.clear();
    }
}
