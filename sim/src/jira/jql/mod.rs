//! JQL: the subset clients use, parsed and run over the search index, refused in Jira's words.
//!
//! Fields: `project`, `key`/`issue`/`id`, `issuetype`, `status`, `statusCategory`, `labels`, `summary`, `description`,
//! `comment`, `text`, `created`, `updated`, `reporter`, `creator`, `assignee`, `priority`, `component`, `fixVersion`,
//! `parent`, `resolution` and custom fields by name or `cf[N]`. Operators: `= != < <= > >= ~ !~ IN NOT IN IS IS NOT`,
//! `AND OR NOT`, parentheses, `ORDER BY` with several fields. Functions: `currentUser()`, `now()`, `startOfDay()` and on
//! Data Center Xray's `testExecutionTests()`, `testPlanTests()`, `testSetTests()`, `testRepositoryFolderTests()`.

mod compile;
mod evaluate;
mod lexer;
mod parser;
mod text;

pub use compile::Compiled;
pub use parser::{Expr, Operand, Operator, Query, parse};

use super::account::Actor;
use super::id::IssueId;
use super::site::Site;

impl Site {
    /// Parses and checks JQL for `actor`. With `strict` (Jira's `validateQuery`) unknown fields, projects, keys and
    /// values are errors; without, such clauses match nothing and the messages end up in [`Compiled::warnings`].
    ///
    /// # Errors
    /// Jira's messages; they travel as `errorMessages` with status 400.
    pub fn jql(&self, actor: &Actor, text: &str, strict: bool) -> Result<Compiled, Vec<String>> {
        let query = parse(text).map_err(|message| vec![message])?;
        compile::compile(self, actor, &query, strict)
    }

    /// Ids of the issues that match and that `actor` may browse, in order, as the index knows them. Issues in `fresh`
    /// (Cloud's `reconcileIssues`) are judged as they are in the database.
    pub fn search(&mut self, actor: &Actor, query: &Compiled, fresh: &[IssueId]) -> Vec<IssueId> {
        let now = self.now();
        self.index.advance(now);
        evaluate::run(self, actor, query, fresh)
    }
}
