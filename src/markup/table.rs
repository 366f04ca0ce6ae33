//! Tables, whose cells may reach over several rows and columns.

use super::tree::{Inline, Span};

/// Most columns that one cell reaches over, and most columns of a row that others reach into. HTML takes 1,000; ours
/// bounds what a hostile table costs where empty cells are written for it.
const COLUMNS: usize = 50;

/// A table. Rows may differ in length.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    /// The rows.
    pub rows: Vec<Row>,
}

/// A row of a table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    /// The cells that begin in it. What reaches into it from rows above is not repeated.
    pub cells: Vec<Cell>,
}

/// A cell of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// Whether it is a heading.
    pub header: bool,
    /// Columns that it reaches over, at least 1.
    pub columns: usize,
    /// Rows that it reaches over, at least 1; more than there are means all that follow.
    pub rows: usize,
    /// What it shows.
    pub content: Vec<Inline>,
}

/// What stands in one place of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place<'t> {
    /// A cell begins here; its numbers of columns and rows fit the table.
    Begins {
        /// The cell.
        cell: &'t Cell,
        /// Columns that it reaches over.
        columns: usize,
        /// Rows that it reaches over.
        rows: usize,
    },
    /// A cell reaches here from the left or from above, or nothing stands here.
    Empty {
        /// Whether that cell is a heading.
        header: bool,
    },
}

impl Place<'_> {
    /// Whether a heading stands here.
    #[must_use]
    pub fn is_header(self) -> bool {
        match self {
            Place::Begins { cell, .. } => cell.header,
            Place::Empty { header } => header,
        }
    }
}

impl Cell {
    /// A cell of one column and one row.
    #[must_use]
    pub fn new(content: Vec<Inline>) -> Cell {
        Cell {
            header: false,
            columns: 1,
            rows: 1,
            content,
        }
    }

    /// A heading of one column and one row.
    #[must_use]
    pub fn heading(content: Vec<Inline>) -> Cell {
        Cell {
            header: true,
            ..Cell::new(content)
        }
    }
}

impl Table {
    /// Every place of every row in which a cell begins, from left to right.
    #[must_use]
    pub fn grid(&self) -> Vec<Vec<Place<'_>>> {
        let rows: Vec<&Row> = self.rows.iter().filter(|row| !row.cells.is_empty()).collect();
        let mut grid = Grid::default();
        let count = rows.len();
        let rows = rows.into_iter().enumerate();
        rows.map(|(at, row)| grid.row(row, count - at)).collect()
    }

    /// The rows as lines of text, for places without tables.
    pub(super) fn lines(&self) -> Vec<Vec<Inline>> {
        let separator = Inline::Span(Span::plain(" | "));
        let shown = |place: &Place<'_>| match place {
            Place::Begins { cell, .. } => cell.content.clone(),
            Place::Empty { .. } => Vec::new(),
        };
        let line = |places: Vec<Place<'_>>| places.iter().map(shown).collect::<Vec<_>>().join(&separator);
        self.grid().into_iter().map(line).collect()
    }
}

/// Which columns cells of earlier rows still reach into: for how many rows, and whether they are headings.
#[derive(Default)]
struct Grid {
    below: Vec<(usize, bool)>,
}

impl Grid {
    /// The places of a row that is one of `left` rows to the end of the table.
    fn row<'t>(&mut self, row: &'t Row, left: usize) -> Vec<Place<'t>> {
        let mut places = Vec::new();
        for cell in &row.cells {
            while let Some(empty) = self.reached(places.len()) {
                places.push(empty);
            }
            let inside = places.len() < COLUMNS;
            let columns = if inside { cell.columns.clamp(1, COLUMNS) } else { 1 };
            let rows = if inside { cell.rows.clamp(1, left) } else { 1 };
            let first = places.len();
            places.push(Place::Begins { cell, columns, rows });
            places.resize(first + columns, Place::Empty { header: cell.header });
            if rows > 1 {
                let most = self.below.len().max(places.len());
                self.below.resize(most, (0, false));
                let columns = self.below.iter_mut().take(places.len()).skip(first);
                columns.for_each(|column| *column = (rows - 1, cell.header));
            }
        }
        // Cells that are missing in between are empty, so that those from above stand where they belong.
        let reach = self
            .below
            .iter()
            .rposition(|(rows, _)| *rows > 0)
            .map_or(0, |at| at + 1);
        while places.len() < reach {
            let empty = self.reached(places.len());
            places.push(empty.unwrap_or(Place::Empty { header: false }));
        }
        places
    }

    /// Takes a row off what reaches into a column from above.
    fn reached(&mut self, column: usize) -> Option<Place<'static>> {
        let (rows, header) = self.below.get_mut(column).filter(|(rows, _)| *rows > 0)?;
        *rows -= 1;
        Some(Place::Empty { header: *header })
    }
}

#[cfg(test)]
mod tests {
    use super::{Cell, Inline, Place, Row, Span, Table};

    fn cell(text: &str, columns: usize, rows: usize) -> Cell {
        Cell {
            columns,
            rows,
            ..Cell::new(vec![Inline::Span(Span::plain(text))])
        }
    }

    /// Each row as a line: the text of a cell where it begins, with the size it got, and `.` for empty places.
    fn drawn(rows: Vec<Vec<Cell>>) -> String {
        let table = Table {
            rows: rows.into_iter().map(|cells| Row { cells }).collect(),
        };
        let place = |place: &Place<'_>| match place {
            Place::Begins { cell, columns, rows } => match cell.content.as_slice() {
                [Inline::Span(span)] => format!("{}{columns}x{rows}", span.text),
                other => format!("{other:?}"),
            },
            Place::Empty { .. } => ".".to_owned(),
        };
        let line = |places: &Vec<Place<'_>>| places.iter().map(place).collect::<Vec<_>>().join(" ");
        table.grid().iter().map(line).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn cells_of_later_rows_stand_beside_those_that_reach_down() {
        let rows = vec![
            vec![cell("a", 1, 2), cell("b", 2, 1)],
            vec![cell("c", 1, 1)],
            vec![cell("d", 1, 1), cell("e", 1, 9)],
        ];
        assert_eq!(drawn(rows), "a1x2 b2x1 .\n. c1x1\nd1x1 e1x1");
        let right = vec![vec![cell("a", 1, 1), cell("b", 1, 3)], vec![], vec![cell("c", 1, 1)]];
        assert_eq!(drawn(right), "a1x1 b1x2\nc1x1 .");
    }

    #[test]
    fn a_hostile_table_stays_small() {
        let row = || vec![cell("x", usize::MAX, usize::MAX)];
        let table = Table {
            rows: (0..500).map(|_| Row { cells: row() }).collect(),
        };
        let places: usize = table.grid().iter().map(Vec::len).sum();
        assert!(places <= 500 * 101, "{places}");
    }
}
