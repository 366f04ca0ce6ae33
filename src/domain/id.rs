//! Ids, each kind a type of its own, so that none is taken for another.

use std::fmt;
use std::num::ParseIntError;
use std::str::FromStr;

macro_rules! numbers {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = ParseIntError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map($name)
            }
        }
    )+};
}

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// As text.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// True where nobody knows it.
            pub fn is_empty(&self) -> bool {
                self.0.is_empty()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                $name(text)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                $name(text.to_owned())
            }
        }
    )+};
}

numbers! {
    /// TestOps' id of a test case, which its UI calls Allure ID. Stable over renames.
    CaseId,
    /// TestOps' id of a launch.
    LaunchId,
}

texts! {
    /// Jira's numeric id of an issue, which never changes.
    IssueId,
    /// Key of an issue, for example `CALC-12`. A move or a rename of the project changes it.
    IssueKey,
}

impl IssueKey {
    /// True where a text looks like a key, so that it can be part of a path.
    pub fn is_shaped(text: &str) -> bool {
        text.split_once('-').is_some_and(|(project, number)| {
            let letters = |c: char| c.is_ascii_alphanumeric() || c == '_';
            project.starts_with(|c: char| c.is_ascii_alphabetic())
                && project.chars().all(letters)
                && !number.is_empty()
                && number.bytes().all(|b| b.is_ascii_digit())
        })
    }
}

/// An issue, by what never changes and by what people call it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Issue {
    /// Numeric id.
    pub id: IssueId,
    /// Key.
    pub key: IssueKey,
}

impl Issue {
    /// An issue by its id and key.
    pub fn new(id: impl Into<IssueId>, key: impl Into<IssueKey>) -> Self {
        Issue {
            id: id.into(),
            key: key.into(),
        }
    }

    /// An issue that a plan would create.
    pub fn to_be() -> Self {
        Issue::default()
    }
}
