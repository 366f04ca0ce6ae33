//! Numeric identities of what a Jira site holds.

use std::fmt;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl $name {
            /// Reads the decimal form the REST APIs use.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                text.parse().ok().map(Self)
            }
        }
    };
}

id! {
    /// An issue; ascending in the order of creation and never reused.
    IssueId
}
id! {
    /// A project; survives renaming its key.
    ProjectId
}
id! {
    /// An issue type.
    TypeId
}
id! {
    /// A link between two issues.
    LinkId
}
id! {
    /// A folder of a project's test repository. `FolderId(0)` is the root, shown as `-1` by Xray Data Center.
    FolderId
}

/// Milliseconds since 1970-01-01T00:00:00Z.
pub type Millis = i64;
