//! Attachments.

use axum::body::Bytes;

/// One attachment: of a case, a shared step, a result or a fixture. Ids are given out per kind of owner.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct File {
    /// 0 until stored.
    pub id: i64,
    /// The file name: not unique, any Unicode, an extension is not promised.
    pub name: String,
    /// The declared type, which may be wrong.
    pub content_type: String,
    /// The content.
    pub content: Bytes,
    /// Removed by a cleanup rule: the row stays, the content answers 404.
    pub missed: bool,
    /// On a result: copied from its test case.
    pub from_test_case: bool,
}

impl File {
    /// A file with this name, type and content.
    #[must_use]
    pub fn new(name: &str, content_type: &str, content: impl Into<Bytes>) -> Self {
        Self {
            name: name.into(),
            content_type: content_type.into(),
            content: content.into(),
            ..Self::default()
        }
    }

    /// The same file after a cleanup rule removed its content.
    #[must_use]
    pub fn missed(mut self) -> Self {
        self.missed = true;
        self
    }
}
