//! AQL, the query language of Allure TestOps: its grammar, and which attributes test cases and launches have.
//!
//! Sources: docs.qameta.io, "Advanced → AQL" and its pages on test cases, launches and test results; the behaviour of
//! the vendor's port in Allure 3. The server has the last word: the connection test asks it to validate each filter.
//!
//! ```text
//! query   := [ or ]                                  nothing selects everything
//! or      := and { "or" and }
//! and     := not { "and" not }
//! not     := "not" not | primary
//! primary := "(" or ")" | "true" | "false" | access "in" "[" [ value { "," value } ] "]" | access op value
//! access  := NAME [ "[" ( TEXT | NUMBER ) "]" ]
//! op      := ">" | ">=" | "<" | "<=" | "=" | "is" | "!=" | "~="
//! value   := "null" | "empty" | "true" | "false" | NUMBER | TEXT | NAME "()"
//! ```

mod alone;
mod ast;
mod attributes;
mod check;
mod diagnostic;
mod lexer;
mod parser;
mod printer;

pub use ast::{Attribute, Condition, Expr, Key, Literal, Operator, Query, Test, Value};
pub use attributes::Entity;
pub use check::check;
pub use diagnostic::{Code, Diagnostic};
pub use parser::{MAX_BYTES, MAX_DEPTH, parse};

/// Everything to say about a filter of these entities: the syntax error, or what [`check()`] finds.
pub fn review(text: &str, entity: Entity) -> Vec<Diagnostic> {
    match parse(text) {
        Ok(query) => {
            let mut remarks = check(&query, entity);
            remarks.extend(check::length(text));
            remarks
        }
        Err(error) => vec![error],
    }
}

#[cfg(test)]
mod tests;
