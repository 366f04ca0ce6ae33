//! Which attributes each kind of row has, and what each may be compared with.

use super::lex::Op;

/// The kinds of rows that can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Entity {
    Case,
    Launch,
    Result,
}

/// An attribute with its bracket, if it takes one.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Attribute {
    pub(crate) name: &'static str,
    pub(crate) key: Option<Key>,
    pub(crate) kind: Kind,
}

/// What stands in an attribute's bracket: a name or an id.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Key {
    Name(String),
    Id(i64),
}

impl Key {
    /// Whether this key means the dictionary row with this id and name.
    pub(crate) fn means(&self, id: Option<i64>, name: &str) -> bool {
        match self {
            Self::Name(wanted) => wanted.to_lowercase() == name.to_lowercase(),
            Self::Id(wanted) => id == Some(*wanted),
        }
    }
}

/// What an attribute holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A number or a date in milliseconds.
    Number,
    /// A text.
    Text,
    /// True or false.
    Bool,
    /// Rows of a dictionary, by id or by name.
    Named,
    /// Custom field values: as [`Kind::Named`], without `~=`.
    Value,
}

impl Kind {
    pub(super) fn takes(self, op: Op) -> bool {
        match op {
            Op::Equal | Op::NotEqual => true,
            Op::Contains => matches!(self, Self::Text | Self::Named),
            Op::Less | Op::LessOrEqual | Op::Greater | Op::GreaterOrEqual => self == Self::Number,
        }
    }
}

const CASE: u8 = 1;
const LAUNCH: u8 = 2;
const RESULT: u8 = 4;
const ALL: u8 = CASE | LAUNCH | RESULT;

/// Name, rows that have it, content, whether it takes a bracket.
const TABLE: &[(&str, u8, Kind, bool)] = &[
    ("id", ALL, Kind::Number, false),
    ("name", ALL, Kind::Text, false),
    ("fullName", RESULT, Kind::Text, false),
    ("testCase", RESULT, Kind::Named, false),
    ("tag", ALL, Kind::Named, false),
    ("issue", ALL, Kind::Named, false),
    ("role", CASE | RESULT, Kind::Named, true),
    ("member", CASE | RESULT, Kind::Named, false),
    ("cf", CASE | RESULT, Kind::Value, true),
    ("cfv", CASE | RESULT, Kind::Value, false),
    ("ev", LAUNCH | RESULT, Kind::Named, true),
    ("evv", LAUNCH | RESULT, Kind::Named, false),
    ("layer", CASE | RESULT, Kind::Named, false),
    ("status", CASE | RESULT, Kind::Named, false),
    ("workflow", CASE, Kind::Named, false),
    ("category", RESULT, Kind::Named, false),
    ("testPlan", CASE, Kind::Named, false),
    ("automation", CASE, Kind::Bool, false),
    ("muted", CASE | RESULT, Kind::Bool, false),
    ("mutedDate", CASE, Kind::Number, false),
    ("hidden", RESULT, Kind::Bool, false),
    ("job", LAUNCH, Kind::Named, false),
    ("closed", LAUNCH, Kind::Bool, false),
    ("launch", RESULT, Kind::Named, false),
    ("testedBy", RESULT, Kind::Text, false),
    ("createdDate", ALL, Kind::Number, false),
    ("createdBy", ALL, Kind::Text, false),
    ("lastModifiedDate", ALL, Kind::Number, false),
    ("lastModifiedBy", ALL, Kind::Text, false),
];

/// The attribute of this name, if rows of this kind have it, and whether it takes a bracket.
pub(super) fn find(name: &str, entity: Entity) -> Option<(&'static str, Kind, bool)> {
    let rows = match entity {
        Entity::Case => CASE,
        Entity::Launch => LAUNCH,
        Entity::Result => RESULT,
    };
    TABLE
        .iter()
        .find(|(known, of, ..)| *known == name && of & rows != 0)
        .map(|(name, _, kind, bracket)| (*name, *kind, *bracket))
}
