use crate::text::Span;

/// A parsed query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// What must hold; absent: everything is selected.
    pub filter: Option<Expr>,
}

impl Query {
    /// Selects everything by what is written: nothing, or `true`.
    pub fn selects_everything(&self) -> bool {
        matches!(self.filter, None | Some(Expr::Constant { value: true, .. }))
    }
}

/// A condition or a combination of conditions. Parentheses are kept only where the nesting needs them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expr {
    /// One of at least two holds.
    Or(Vec<Expr>),
    /// All of at least two hold.
    And(Vec<Expr>),
    /// It does not hold.
    Not(Box<Expr>),
    /// `true` or `false`.
    Constant {
        /// Which.
        value: bool,
        /// Where it stands.
        at: Span,
    },
    /// An attribute compared with something.
    Condition(Condition),
}

/// An attribute compared with something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// Left side.
    pub attribute: Attribute,
    /// Operator and right side.
    pub test: Test,
}

/// An attribute, for example `tag` or `cf["Suite"]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// `[A-Za-z_]+`; case matters.
    pub name: String,
    /// What stands in brackets.
    pub key: Option<Key>,
    /// The name, without the brackets.
    pub at: Span,
}

/// What stands in an attribute's brackets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    /// A text.
    Text(String),
    /// A number as written.
    Number(String),
}

/// Operator and right side of a condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Test {
    /// Compared with one value.
    Compare {
        /// How.
        operator: Operator,
        /// Where the operator stands.
        at: Span,
        /// With what.
        value: Value,
    },
    /// Equal to one of some values; to none of them if there are none.
    In {
        /// Where `in` stands.
        at: Span,
        /// The list.
        values: Vec<Value>,
    },
}

/// An operator between an attribute and one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `=` or `is`
    Equal,
    /// `!=`
    NotEqual,
    /// `~=`
    Contains,
}

impl Operator {
    /// As it is written; `is` is another way to write `=`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Contains => "~=",
        }
    }

    /// One of `>`, `>=`, `<`, `<=`.
    pub const fn is_ordering(self) -> bool {
        matches!(
            self,
            Self::Greater | Self::GreaterOrEqual | Self::Less | Self::LessOrEqual
        )
    }
}

/// A value and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value {
    /// What it is.
    pub literal: Literal,
    /// Where it stands.
    pub at: Span,
}

/// What a value is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Literal {
    /// `null` or `empty`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// `-?[0-9]+(\.[0-9]*)?`, as written.
    Number(String),
    /// A text, without quotes and escapes.
    Text(String),
    /// Name of a function without arguments, for example `now`.
    Function(String),
}
