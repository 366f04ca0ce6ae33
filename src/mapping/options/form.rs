//! What a form shows of an option, written down where the option is read.

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueType {
    /// One line of text.
    Text,
    /// A whole number within these bounds, both included.
    Integer(i64, i64),
    /// One of a few values.
    Choice,
    /// Several texts with this character between them.
    Items(char),
    /// An http or https address.
    Url,
    /// A name that the destination knows, and what it names there: `field`, `status`, `user`, `version`, `link-type`, `issue`.
    Remote(&'static str),
}

/// A value that may be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// As it is written.
    pub value: &'static str,
    /// As people read it.
    pub title: &'static str,
}

/// An option, or all options whose names begin alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MappingOption {
    /// Name; one that ends with a dot is the beginning of names whose rest a person chooses.
    pub name: String,
    /// Heading.
    pub title: String,
    /// What it does.
    pub help: &'static str,
    /// What a value is.
    pub value_type: ValueType,
    /// The values of a [`ValueType::Choice`], the default first.
    pub choices: Vec<Choice>,
    /// Value where it is not set.
    pub default: Option<String>,
    /// Options of one group stand together.
    pub group: &'static str,
}
