//! Parameters of a case and their values, as a section of the description. Xray's own datasets cannot be written over its
//! API (Cloud's GraphQL only reads them, Data Center has no resource for them).

use crate::domain::TestCase;
use crate::markup::tree::{Block, Cell, Inline, Item, List, Row, Table};
use crate::markup::{Document, Tree};

/// Adds the section: a table with a row for each set of values, or a list of names where there are no values.
pub(super) fn append(tree: &mut Tree, case: &TestCase) {
    if case.examples.parameters.is_empty() {
        return;
    }
    tree.push_heading(3, "Parameters");
    tree.blocks.push(if case.examples.rows.is_empty() {
        Block::List(List {
            start: None,
            items: case.examples.parameters.iter().map(|name| item(name)).collect(),
        })
    } else {
        Block::Table(table(case))
    });
}

fn item(name: &str) -> Item {
    Item {
        done: None,
        blocks: vec![Block::Paragraph(line(name))],
    }
}

fn table(case: &TestCase) -> Table {
    let heading = |name: &String| Cell::heading(line(name));
    let head = Row {
        cells: case.examples.parameters.iter().map(heading).collect(),
    };
    let rows = case.examples.rows.iter().map(|example| {
        let value = |name: &String| example.iter().find(|(of, _)| of == name).map_or("", |(_, value)| value);
        let cells = case.examples.parameters.iter().map(|name| Cell::new(line(value(name))));
        Row { cells: cells.collect() }
    });
    Table {
        rows: std::iter::once(head).chain(rows).collect(),
    }
}

/// Plain text; a value with several lines keeps them.
fn line(text: &str) -> Vec<Inline> {
    let mut content = Vec::new();
    for block in Document::from_plain(text).tree.blocks {
        if let Block::Paragraph(line) = block {
            if !content.is_empty() {
                content.push(Inline::Break);
            }
            content.extend(line);
        }
    }
    content
}
