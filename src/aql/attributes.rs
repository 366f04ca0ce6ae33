//! What can be asked of test cases and launches (docs.qameta.io, "Advanced → AQL", the pages of the entities).

use super::ast::Operator;

/// What a query selects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Entity {
    /// Test cases.
    TestCase,
    /// Launches.
    Launch,
}

impl Entity {
    pub(super) const fn plural(self) -> &'static str {
        match self {
            Self::TestCase => "test cases",
            Self::Launch => "launches",
        }
    }
}

/// Kind of value that an attribute is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Number,
    Text,
    /// The value's name or its number.
    NameOrId,
    Bool,
    /// Milliseconds since the Unix epoch.
    Date,
}

/// A documented attribute of some entity.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    pub name: &'static str,
    /// Needs a name in brackets; the name of what it is.
    pub key: Option<&'static str>,
    pub kind: Kind,
    /// Several values at once.
    pub many: bool,
    on: On,
    /// Operators in the documentation, where it lists them; `in` is always among them.
    pub operators: Option<&'static [Operator]>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum On {
    Both,
    TestCase,
    Launch,
    /// Only test results, which no filter of an export selects.
    Result,
}

impl Known {
    pub(super) fn is_of(self, entity: Entity) -> bool {
        match self.on {
            On::Both => true,
            On::TestCase => entity == Entity::TestCase,
            On::Launch => entity == Entity::Launch,
            On::Result => false,
        }
    }

    pub(super) const fn owner(self) -> &'static str {
        match self.on {
            On::Both => "test cases and launches",
            On::TestCase => "test cases",
            On::Launch => "launches",
            On::Result => "test results",
        }
    }

    const fn of(name: &'static str, on: On, kind: Kind) -> Self {
        Self {
            name,
            key: None,
            kind,
            many: false,
            on,
            operators: None,
        }
    }

    const fn many(mut self) -> Self {
        self.many = true;
        self
    }

    const fn keyed(mut self, key: &'static str) -> Self {
        self.key = Some(key);
        self
    }

    const fn operators(mut self, operators: &'static [Operator]) -> Self {
        self.operators = Some(operators);
        self
    }
}

const EQUALITY: &[Operator] = &[Operator::Equal, Operator::NotEqual];
const TEXT: &[Operator] = &[Operator::Equal, Operator::NotEqual, Operator::Contains];
const ORDER: &[Operator] = &[
    Operator::Equal,
    Operator::NotEqual,
    Operator::Greater,
    Operator::GreaterOrEqual,
    Operator::Less,
    Operator::LessOrEqual,
];

pub(super) const KNOWN: &[Known] = &[
    Known::of("id", On::Both, Kind::Number).operators(ORDER),
    Known::of("name", On::Both, Kind::Text).operators(TEXT),
    Known::of("tag", On::Both, Kind::NameOrId).many(),
    Known::of("issue", On::Both, Kind::Text).many(),
    Known::of("role", On::TestCase, Kind::Text).keyed("a role").many(),
    Known::of("member", On::TestCase, Kind::Text).many(),
    Known::of("cf", On::TestCase, Kind::NameOrId)
        .keyed("a custom field")
        .many(),
    Known::of("cfv", On::TestCase, Kind::NameOrId).many(),
    Known::of("ev", On::Launch, Kind::NameOrId)
        .keyed("an environment variable")
        .many(),
    Known::of("evv", On::Launch, Kind::NameOrId).many(),
    Known::of("layer", On::TestCase, Kind::NameOrId),
    Known::of("status", On::TestCase, Kind::NameOrId),
    Known::of("workflow", On::TestCase, Kind::NameOrId),
    Known::of("testPlan", On::TestCase, Kind::NameOrId).many(),
    Known::of("automation", On::TestCase, Kind::Bool).operators(EQUALITY),
    // An example of the page on the format; the page on test cases does not list it.
    Known::of("deleted", On::TestCase, Kind::Bool).operators(EQUALITY),
    Known::of("muted", On::TestCase, Kind::Bool).operators(EQUALITY),
    Known::of("mutedDate", On::TestCase, Kind::Date).operators(ORDER),
    Known::of("job", On::Launch, Kind::Text),
    Known::of("closed", On::Launch, Kind::Bool).operators(EQUALITY),
    Known::of("createdDate", On::Both, Kind::Date).operators(ORDER),
    Known::of("createdBy", On::Both, Kind::Text),
    Known::of("lastModifiedDate", On::Both, Kind::Date).operators(ORDER),
    Known::of("lastModifiedBy", On::Both, Kind::Text),
    Known::of("fullName", On::Result, Kind::Text),
    Known::of("testCase", On::Result, Kind::NameOrId),
    Known::of("category", On::Result, Kind::NameOrId),
    Known::of("hidden", On::Result, Kind::Bool).operators(EQUALITY),
    Known::of("launch", On::Result, Kind::NameOrId),
    Known::of("testedBy", On::Result, Kind::Text),
];

/// The attribute of this name; case matters.
pub(super) fn known(name: &str) -> Option<Known> {
    KNOWN.iter().copied().find(|known| known.name == name)
}

/// What to write for a word that people take for an attribute.
pub(super) fn advice(name: &str) -> Option<&'static str> {
    Some(match name.to_ascii_lowercase().as_str() {
        "title" | "summary" => "The title is called name.",
        "label" | "labels" => "Labels are called tag.",
        "suite" | "epic" | "feature" | "story" | "component" | "priority" | "severity" => {
            "It is a custom field: cf[\"Name of the field\"] = \"value\"."
        }
        "owner" | "lead" | "author" => "It is a role: role[\"Owner\"] = \"username\".",
        "assignee" | "user" => "Use member, or role[\"…\"] for one role.",
        "automated" | "manual" => "Use automation = true or automation = false.",
        "env" | "environment" | "branch" => "Environment variables are ev[\"NAME\"] = \"value\".",
        "jira" | "key" | "link" | "links" | "defect" => {
            "Issues are found by issue = \"KEY-1\"; links and test keys cannot be asked for."
        }
        "created" => "Use createdDate, or createdBy.",
        "updated" | "modified" => "Use lastModifiedDate, or lastModifiedBy.",
        "description" | "precondition" | "parameters" | "external" | "style" | "testkey" => {
            "TestOps cannot filter by it."
        }
        _ => return None,
    })
}

/// A documented function, and whether it stands for a moment.
pub(super) const FUNCTIONS: &[(&str, bool)] = &[
    ("now", true),
    ("dayStartUtc", true),
    ("weekAgo", true),
    ("currentUser", false),
];
