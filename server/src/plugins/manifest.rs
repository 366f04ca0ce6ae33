//! Manifests.

use serde::Serialize;
use tms_sync_host::LoadedPlugin;
use tms_sync_host::model::{self, AuthRecipe, Connection, IntegrationKind, OptionName, TokenValue};
use utoipa::ToSchema;

/// What a plugin says it is and needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Manifest {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// SHA-256 of the component, in hexadecimal.
    pub digest: String,
    /// Size of the component, in bytes.
    pub size: usize,
    /// Interfaces that it imports.
    pub imports: Vec<String>,
    /// Integrations that it offers.
    pub kinds: Vec<Kind>,
    /// Whose matter something can be.
    pub sides: Vec<Term>,
    /// What is exported.
    pub entities: Vec<Term>,
    /// Phases of a run, in order.
    pub phases: Vec<Term>,
}

/// A word of the plugin's own, and how people call it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Term {
    /// In reports.
    pub name: String,
    /// For people.
    pub title: String,
    /// For people, of many.
    pub plural: String,
}

/// An integration that a plugin offers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Kind {
    /// For example `xray-cloud`.
    pub id: String,
    /// For people.
    pub title: String,
    /// The form, in order.
    pub fields: Vec<FormField>,
    /// Mapping options, in order.
    pub options: Vec<MappingOption>,
    /// Servers that it talks to.
    pub connections: Vec<ConnectionInfo>,
}

/// A field of a form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub struct FormField {
    /// In settings.
    pub name: String,
    /// For people.
    pub label: String,
    /// What to enter.
    pub help: String,
    /// Whether it has to be filled in.
    pub required: bool,
    /// Whether it is written once and never shown.
    pub secret: bool,
    /// Fields of different tabs exclude each other; absent: always shown.
    pub tab: Option<String>,
    /// Used where it is left empty.
    pub default: Option<String>,
    /// What can be entered.
    pub value: ValueType,
}

/// What can be entered in a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case", tag = "type")]
pub enum ValueType {
    /// A line.
    Text,
    /// Several lines.
    Lines,
    /// A number.
    Integer {
        /// The least.
        min: i64,
        /// The most.
        max: i64,
    },
    /// `true` or `false`.
    Boolean,
    /// One of these.
    Choice {
        /// In order.
        choices: Vec<Choice>,
    },
    /// Several texts.
    Items {
        /// What stands between them.
        separator: char,
    },
    /// A URL.
    Url,
    /// The name of something that the destination knows.
    Remote {
        /// What: a word of the plugin's own.
        of: String,
    },
}

/// What can be chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Choice {
    /// In settings.
    pub value: String,
    /// For people.
    pub title: String,
}

/// A mapping option.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub struct MappingOption {
    /// Its name, or what it begins with.
    pub name: String,
    /// Whether `name` is only the beginning: the rest is the person's to choose.
    pub is_prefix: bool,
    /// For people.
    pub title: String,
    /// What it does.
    pub help: String,
    /// What can be entered.
    pub value: ValueType,
    /// In force where it is not set.
    pub default: Option<String>,
    /// Options of a group are shown together.
    pub group: String,
}

/// A server that a kind talks to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub struct ConnectionInfo {
    /// In reports.
    pub name: String,
    /// For people.
    pub title: String,
    /// Form field that holds the base URL.
    pub base_field: String,
    /// Base URL where the field is empty.
    pub default_base: Option<String>,
    /// What else the vendor offers.
    pub alternatives: Vec<String>,
    /// Secret fields that are sent to it.
    pub secrets: Vec<String>,
}

/// Form fields of the source, by the contract's convention: a project has them, and gives them to every integration.
pub const SOURCE_FIELDS: [&str; 3] = ["testops-endpoint", "testops-project-id", "testops-token"];

/// Where a field of a kind's form is filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldPlace {
    /// Once for a TestOps project.
    Project,
    /// Once for all projects: the servers' addresses.
    Integration,
    /// For a project's use of an integration: who logs in.
    Credentials,
}

impl Manifest {
    pub(super) fn of(plugin: &LoadedPlugin) -> Self {
        let info = plugin.info();
        Self {
            name: info.name.clone(),
            version: info.version.clone(),
            digest: plugin.digest().to_owned(),
            size: plugin.size(),
            imports: plugin.imports().to_vec(),
            kinds: info.kinds.iter().map(Kind::of).collect(),
            sides: info.sides.iter().map(Term::of).chain(Term::of_every_plugin()).collect(),
            entities: info.entities.iter().map(Term::of).collect(),
            phases: info.phases.iter().map(Term::of).collect(),
        }
    }
}

impl Term {
    fn of(term: &model::Term) -> Self {
        Self {
            name: term.name.clone(),
            title: term.title.clone(),
            plural: term.plural.clone(),
        }
    }

    /// The sides that no plugin declares.
    fn of_every_plugin() -> [Self; 2] {
        [(model::SETTINGS, "settings"), (model::HOST, "tms-sync")].map(|(name, title)| Self {
            name: name.to_owned(),
            title: title.to_owned(),
            plural: title.to_owned(),
        })
    }
}

impl ValueType {
    fn of(value_type: &model::ValueType) -> Self {
        let choice = |choice: &model::Choice| Choice {
            value: choice.value.clone(),
            title: choice.title.clone(),
        };
        match value_type {
            model::ValueType::Text => Self::Text,
            model::ValueType::Lines => Self::Lines,
            model::ValueType::Integer(range) => Self::Integer {
                min: range.min,
                max: range.max,
            },
            model::ValueType::Boolean => Self::Boolean,
            model::ValueType::Choice(choices) => Self::Choice {
                choices: choices.iter().map(choice).collect(),
            },
            model::ValueType::Items(separator) => Self::Items { separator: *separator },
            model::ValueType::Url => Self::Url,
            model::ValueType::Remote(of) => Self::Remote { of: of.clone() },
        }
    }
}

impl MappingOption {
    fn of(option: &model::MappingOption) -> Self {
        let (name, is_prefix) = match &option.name {
            OptionName::Exact(name) => (name, false),
            OptionName::Prefix(name) => (name, true),
        };
        Self {
            name: name.clone(),
            is_prefix,
            title: option.title.clone(),
            help: option.help.clone(),
            value: ValueType::of(&option.value_type),
            default: option.default.clone(),
            group: option.group.clone(),
        }
    }
}

impl Kind {
    fn of(kind: &IntegrationKind) -> Self {
        let field = |field: &tms_sync_host::model::FormField| FormField {
            name: field.name.clone(),
            label: field.label.clone(),
            help: field.help.clone(),
            required: field.required,
            secret: field.secret,
            tab: field.tab.clone(),
            default: field.default.clone(),
            value: ValueType::of(&field.value_type),
        };
        Self {
            id: kind.id.clone(),
            title: kind.title.clone(),
            fields: kind.fields.iter().map(field).collect(),
            options: kind.options.iter().map(MappingOption::of).collect(),
            connections: kind.connections.iter().map(ConnectionInfo::of).collect(),
        }
    }

    /// A field by its name.
    pub fn field(&self, name: &str) -> Option<&FormField> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// Where a field is filled in.
    pub fn place(&self, field: &str) -> FieldPlace {
        if SOURCE_FIELDS.contains(&field) {
            FieldPlace::Project
        } else if self.connections.iter().any(|connection| connection.base_field == field) {
            FieldPlace::Integration
        } else {
            FieldPlace::Credentials
        }
    }

    /// The fields that are filled in at a place.
    pub fn fields_at(&self, place: FieldPlace) -> impl Iterator<Item = &FormField> {
        self.fields.iter().filter(move |field| self.place(&field.name) == place)
    }

    /// How people call a connection.
    pub fn connection<'a>(&'a self, name: &'a str) -> &'a str {
        let known = self.connections.iter().find(|connection| connection.name == name);
        known.map_or(name, |connection| &connection.title)
    }

    /// The connections that a secret is sent to.
    pub fn users_of<'a>(&'a self, secret: &'a str) -> impl Iterator<Item = &'a ConnectionInfo> {
        let uses = move |connection: &&ConnectionInfo| connection.secrets.iter().any(|name| name == secret);
        self.connections.iter().filter(uses)
    }
}

impl ConnectionInfo {
    fn of(connection: &Connection) -> Self {
        Self {
            name: connection.name.clone(),
            title: connection.title.clone(),
            base_field: connection.base_field.clone(),
            default_base: connection.default_base.clone(),
            alternatives: connection.alternatives.clone(),
            secrets: connection.auth.iter().flat_map(secrets).collect(),
        }
    }
}

fn secrets(recipe: &AuthRecipe) -> Vec<String> {
    match recipe {
        AuthRecipe::Basic(basic) => vec![basic.secret.clone()],
        AuthRecipe::Bearer(secret) => vec![secret.clone()],
        AuthRecipe::Header(header) => vec![header.secret.clone()],
        AuthRecipe::Exchange(exchange) => {
            let secret = |value: &TokenValue| match value {
                TokenValue::Secret(name) => Some(name.clone()),
                TokenValue::Literal(_) | TokenValue::Field(_) => None,
            };
            exchange
                .parameters
                .iter()
                .filter_map(|part| secret(&part.value))
                .collect()
        }
    }
}
