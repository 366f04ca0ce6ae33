//! Files of the source.

/// What a file belongs to. Ids count per kind: file 7 of a case and file 7 of a result are different files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileOwner {
    /// A test case.
    TestCase,
    /// A shared step.
    SharedStep,
    /// A test result.
    TestResult,
}

/// A file as TestOps lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// What it belongs to.
    pub owner: FileOwner,
    /// Id among the files of its kind of owner.
    pub id: u64,
    /// Name as somebody uploaded it: any text, not unique.
    pub name: String,
    /// Media type as somebody declared it.
    pub content_type: String,
    /// In bytes, where it is known.
    pub size: Option<u64>,
    /// TestOps says that its content was removed.
    pub missed: bool,
    /// A shared step that is called brings it.
    pub called: bool,
    /// Its content, where the export writes it itself.
    pub text: Option<String>,
}
