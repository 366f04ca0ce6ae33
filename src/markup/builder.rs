//! Builds a tree from a stream of openings, closings and text that may not match up.
//!
//! Markdown nests well; the HTML inside it does as it pleases. Every open block remembers where it came from, and an
//! HTML tag can close only what HTML opened since the innermost Markdown block.

mod line;

use super::inlines;
use super::loss::{Losses, What};
use super::tree::{Attachment, Block, Cell, Inline, Item, List, MAX_DEPTH, Marks, Row, Table, Tree};

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

#[derive(Debug)]
enum Node {
    Quote(Vec<Block>),
    List(List),
    Item(Item),
    Table(Table),
    Row(Row),
    Cell(Cell),
    Line { heading: Option<u8>, content: Vec<Inline> },
    Code { language: Option<String>, text: String },
}

#[derive(Debug)]
struct Frame {
    origin: Origin,
    node: Node,
}

/// Where a link leads, once looked at.
#[derive(Debug, Clone)]
enum Target {
    Live {
        address: String,
        shown: bool,
    },
    File(Attachment),
    /// An inner or refused link: its text is just text.
    None,
}

#[derive(Debug, Default)]
pub(super) struct Builder {
    blocks: Vec<Block>,
    frames: Vec<Frame>,
    /// Every Markdown block now open, and whether it has a frame.
    markdown: Vec<(Open, bool)>,
    /// Blocks that are open as lines of the current line.
    flat: Vec<Flat>,
    nesting: usize,
    marks: [u16; Marks::ALL.len()],
    html_marks: [u16; Marks::ALL.len()],
    links: Vec<Target>,
    html_link: Option<Target>,
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
        (Tree { blocks: self.blocks }, self.losses)
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
            while let Some(origin) = self.frames.last().map(|frame| frame.origin) {
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
        let above = self
            .frames
            .iter()
            .rev()
            .take_while(|frame| frame.origin == Origin::Html);
        let Some(count) = above.map(|frame| &frame.node).position(wanted) else {
            return false;
        };
        (0..count).for_each(|_| self.pop());
        true
    }

    /// Whether blocks can open here; if not, `open` was turned into a line break.
    fn open(&mut self, open: Open, origin: Origin) -> bool {
        self.close_loose_line();
        if self.inside_line() {
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
            Open::Quote | Open::List(_) if self.nesting >= MAX_DEPTH => {
                self.losses.note(What::Depth);
                return false;
            }
            Open::Quote => Node::Quote(Vec::new()),
            Open::List(start) => Node::List(List {
                start,
                items: Vec::new(),
            }),
            Open::Item => return self.open_item(origin),
            Open::Row => return self.open_row(origin),
            Open::Cell(shape) => return self.open_cell(shape, origin),
        };
        self.make_room();
        self.push(node, origin);
        true
    }

    fn open_item(&mut self, origin: Origin) -> bool {
        if !self.top(|node| matches!(node, Node::List(_))) {
            // An item without its list: a stray tag, or a list nested too deep.
            if origin == Origin::Markdown || self.nesting >= MAX_DEPTH {
                return false;
            }
            self.make_room();
            self.push(Node::List(List::default()), Origin::Html);
        }
        self.push(Node::Item(Item::default()), origin);
        true
    }

    fn open_row(&mut self, origin: Origin) -> bool {
        if !self.top(|node| matches!(node, Node::Table(_))) {
            self.make_room();
            self.push(Node::Table(Table::default()), Origin::Html);
        }
        self.push(Node::Row(Row::default()), origin);
        true
    }

    fn open_cell(&mut self, shape: CellShape, origin: Origin) -> bool {
        if !self.top(|node| matches!(node, Node::Row(_))) {
            self.open_row(Origin::Html);
        }
        let CellShape { header, columns, rows } = shape;
        let cell = Cell {
            header,
            columns,
            rows,
            content: Vec::new(),
        };
        self.push(Node::Cell(cell), origin);
        true
    }

    fn push(&mut self, node: Node, origin: Origin) {
        if matches!(node, Node::Quote(_) | Node::List(_)) {
            self.nesting += 1;
        }
        self.frames.push(Frame { origin, node });
    }

    fn top(&self, is: impl Fn(&Node) -> bool) -> bool {
        self.frames.last().is_some_and(|frame| is(&frame.node))
    }

    /// Ends a paragraph nobody opened in so many words, or that HTML left open.
    fn close_loose_line(&mut self) {
        if self
            .frames
            .last()
            .is_some_and(|f| f.origin == Origin::Html && matches!(f.node, Node::Line { .. } | Node::Code { .. }))
        {
            self.pop();
        }
    }

    fn inside_line(&self) -> bool {
        self.top(|node| matches!(node, Node::Line { .. } | Node::Cell(_) | Node::Code { .. }))
    }

    /// Makes the top a place where blocks and text may go.
    fn make_room(&mut self) {
        if self.top(|node| matches!(node, Node::List(_))) {
            self.push(Node::Item(Item::default()), Origin::Html);
        } else if self.top(|node| matches!(node, Node::Table(_) | Node::Row(_))) {
            self.open_cell(CellShape::one(false), Origin::Html);
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
        let Some(frame) = self.frames.pop() else { return };
        match frame.node {
            Node::Line { heading, content } => {
                self.end_line();
                let content = inlines::tidy(content);
                if !content.is_empty() {
                    self.add(match heading {
                        Some(level) => Block::Heading { level, content },
                        None => Block::Paragraph(content),
                    });
                }
            }
            Node::Code { language, mut text } => {
                text.truncate(text.trim_end_matches('\n').len());
                self.add(Block::Code { language, text });
            }
            Node::Quote(blocks) => {
                self.nesting -= 1;
                self.add(Block::Quote(blocks));
            }
            Node::List(list) => {
                self.nesting -= 1;
                if !list.items.is_empty() {
                    self.add(Block::List(list));
                }
            }
            Node::Table(table) => {
                if !table.rows.is_empty() {
                    self.add(Block::Table(table));
                }
            }
            Node::Item(item) => {
                if let Some(Frame {
                    node: Node::List(list), ..
                }) = self.frames.last_mut()
                {
                    list.items.push(item);
                }
            }
            Node::Row(row) => {
                if let Some(Frame {
                    node: Node::Table(table),
                    ..
                }) = self.frames.last_mut()
                    && !row.cells.is_empty()
                {
                    table.rows.push(row);
                }
            }
            Node::Cell(cell) => {
                self.end_line();
                if let Some(Frame {
                    node: Node::Row(row), ..
                }) = self.frames.last_mut()
                {
                    let content = inlines::tidy(cell.content);
                    row.cells.push(Cell { content, ..cell });
                }
            }
        }
    }

    fn add(&mut self, block: Block) {
        let place = self.frames.iter_mut().rev().find_map(|frame| match &mut frame.node {
            Node::Quote(blocks) => Some(blocks),
            Node::Item(item) => Some(&mut item.blocks),
            _ => None,
        });
        place.unwrap_or(&mut self.blocks).push(block);
    }

    /// HTML looks end with their line; a forgotten `</b>` must not make the rest bold.
    fn end_line(&mut self) {
        self.html_marks = Default::default();
        self.html_link = None;
        self.flat.clear();
    }
}
