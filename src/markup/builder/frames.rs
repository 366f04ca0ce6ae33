//! Blocks that are open, one inside the other, and where each goes when it closes.

use super::{CellShape, Origin};
use crate::markup::inlines;
use crate::markup::tree::{Block, Cell, Inline, Item, List, MAX_DEPTH, Row, Table};

/// A block that is open, with what it has so far.
#[derive(Debug)]
pub(super) enum Node {
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

/// The blocks of a text, and those of them that are open.
#[derive(Debug, Default)]
pub(super) struct Frames {
    pub(super) blocks: Vec<Block>,
    open: Vec<Frame>,
    nesting: usize,
}

impl Frames {
    pub(super) fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// Whether nothing may be nested deeper.
    pub(super) fn are_deep(&self) -> bool {
        self.nesting >= MAX_DEPTH
    }

    /// Where the innermost block comes from.
    pub(super) fn origin(&self) -> Option<Origin> {
        self.open.last().map(|frame| frame.origin)
    }

    /// Number of HTML blocks above the innermost HTML block that `wanted` accepts.
    pub(super) fn html_above(&self, wanted: impl Fn(&Node) -> bool) -> Option<usize> {
        let of_html = self.open.iter().rev().take_while(|frame| frame.origin == Origin::Html);
        of_html.map(|frame| &frame.node).position(wanted)
    }

    /// Whether the innermost block is a line or code that HTML opened.
    pub(super) fn is_loose_line(&self) -> bool {
        let is_line = |node: &Node| matches!(node, Node::Line { .. } | Node::Code { .. });
        self.origin() == Some(Origin::Html) && self.top(is_line)
    }

    /// The text of the code block that is open.
    pub(super) fn code(&mut self) -> Option<&mut String> {
        match &mut self.open.last_mut()?.node {
            Node::Code { text, .. } => Some(text),
            _ => None,
        }
    }

    /// The innermost item.
    pub(super) fn item(&mut self) -> Option<&mut Item> {
        self.open.iter_mut().rev().find_map(|frame| match &mut frame.node {
            Node::Item(item) => Some(item),
            _ => None,
        })
    }

    /// The content of the line that is open.
    pub(super) fn line(&mut self) -> Option<&mut Vec<Inline>> {
        match &mut self.open.last_mut()?.node {
            Node::Line { content, .. } => Some(content),
            Node::Cell(cell) => Some(&mut cell.content),
            _ => None,
        }
    }

    pub(super) fn open_item(&mut self, origin: Origin) -> bool {
        if !self.top(|node| matches!(node, Node::List(_))) {
            // An item without its list: a stray tag, or a list nested too deep.
            if origin == Origin::Markdown || self.are_deep() {
                return false;
            }
            self.make_room();
            self.push(Node::List(List::default()), Origin::Html);
        }
        self.push(Node::Item(Item::default()), origin);
        true
    }

    pub(super) fn open_row(&mut self, origin: Origin) -> bool {
        if !self.top(|node| matches!(node, Node::Table(_))) {
            self.make_room();
            self.push(Node::Table(Table::default()), Origin::Html);
        }
        self.push(Node::Row(Row::default()), origin);
        true
    }

    pub(super) fn open_cell(&mut self, shape: CellShape, origin: Origin) -> bool {
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

    pub(super) fn push(&mut self, node: Node, origin: Origin) {
        if matches!(node, Node::Quote(_) | Node::List(_)) {
            self.nesting += 1;
        }
        self.open.push(Frame { origin, node });
    }

    pub(super) fn top(&self, is: impl Fn(&Node) -> bool) -> bool {
        self.open.last().is_some_and(|frame| is(&frame.node))
    }

    pub(super) fn inside_line(&self) -> bool {
        self.top(|node| matches!(node, Node::Line { .. } | Node::Cell(_) | Node::Code { .. }))
    }

    /// Makes the top a place where blocks and text may go.
    pub(super) fn make_room(&mut self) {
        if self.top(|node| matches!(node, Node::List(_))) {
            self.push(Node::Item(Item::default()), Origin::Html);
        } else if self.top(|node| matches!(node, Node::Table(_) | Node::Row(_))) {
            self.open_cell(CellShape::one(false), Origin::Html);
        }
    }

    /// Closes the innermost block and puts it where it belongs; whether a line ended.
    pub(super) fn pop(&mut self) -> bool {
        let Some(frame) = self.open.pop() else { return false };
        let ends_line = matches!(frame.node, Node::Line { .. } | Node::Cell(_));
        match frame.node {
            Node::Line { heading, content } => {
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
                }) = self.open.last_mut()
                {
                    list.items.push(item);
                }
            }
            Node::Row(row) => {
                if let Some(Frame {
                    node: Node::Table(table),
                    ..
                }) = self.open.last_mut()
                    && !row.cells.is_empty()
                {
                    table.rows.push(row);
                }
            }
            Node::Cell(cell) => {
                if let Some(Frame {
                    node: Node::Row(row), ..
                }) = self.open.last_mut()
                {
                    let content = inlines::tidy(cell.content);
                    row.cells.push(Cell { content, ..cell });
                }
            }
        }
        ends_line
    }

    pub(super) fn add(&mut self, block: Block) {
        let place = self.open.iter_mut().rev().find_map(|frame| match &mut frame.node {
            Node::Quote(blocks) => Some(blocks),
            Node::Item(item) => Some(&mut item.blocks),
            _ => None,
        });
        place.unwrap_or(&mut self.blocks).push(block);
    }
}
