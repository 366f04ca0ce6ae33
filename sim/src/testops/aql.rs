//! Allure query language as the server reads it: text to a checked tree, and the tree against a row.
//!
//! Attributes and what may be done with them come from the vendor's AQL reference (test cases, launches, test
//! results); comparison with an empty value follows the vendor's own port, in which only `= null` holds.

mod attributes;
mod eval;
mod lex;
mod parse;

pub(crate) use attributes::{Attribute, Entity};
pub(crate) use eval::{Operand, Row};

use crate::clock::Clock;

/// A query that the server accepts for one kind of row.
#[derive(Debug)]
pub(crate) struct Query {
    root: parse::Node,
    functions: eval::Functions,
}

/// Why a query is refused; the text is what the server shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal(pub(crate) String);

impl Query {
    /// Reads `text` for rows of this kind. An empty text is a query for everything.
    ///
    /// # Errors
    /// Broken syntax, an attribute the rows do not have, or an operation the attribute does not take.
    pub(crate) fn read(text: &str, entity: Entity, clock: &Clock, user: &str) -> Result<Self, Refusal> {
        let root = parse::parse(lex::lex(text)?, entity)?;
        Ok(Self {
            root,
            functions: eval::Functions {
                now_ms: clock.now_ms(),
                user: user.to_owned(),
            },
        })
    }

    /// Whether the row is one of those asked for.
    pub(crate) fn matches(&self, row: &dyn Row) -> bool {
        eval::holds(&self.root, row, &self.functions)
    }
}

#[cfg(test)]
mod tests;
