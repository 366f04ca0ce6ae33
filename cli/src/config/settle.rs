//! The draft held against a plugin's manifest: which keys `[integration]` may have, and which of them are secrets.

use std::collections::BTreeMap;
use std::ops::Range;

use tms_sync_host::EgressPolicy;
use tms_sync_host::model::{AuthRecipe, Connection, ExportConfig, Field, IntegrationKind, TokenValue};
use zeroize::Zeroizing;

use super::nearest;
use super::network::NetworkSecret;
use super::problem::{Problem, Source};
use super::read::{self, Draft, folder_of};
use super::secret::SecretSource;
use super::section::{At, Entry, literal_secret};
use super::vault::{Kept, Reference, UNREAD, VaultAccess};
use crate::state::State;

/// Form fields that `[testops]` fills in, and the key that does.
const TESTOPS_FIELDS: [(&str, &str); 3] = [
    ("testops-endpoint", "endpoint"),
    ("testops-project-id", "project-id"),
    ("testops-token", "token"),
];

/// A configuration with its secrets fetched. Deliberately without `Debug`.
pub struct Config {
    pub source: Source,
    /// Warnings, and keys that nothing reads: with those nothing may run.
    pub remarks: Vec<Problem>,
    /// The integration's own name.
    pub name: String,
    /// What the ledger knows it by.
    pub id: String,
    pub kind: String,
    pub fields: Vec<Field>,
    pub secrets: Vec<FetchedSecret>,
    /// Secrets of the proxy and of access gateways.
    pub network: Vec<NetworkSecret>,
    /// Where secrets that are kept in a vault are read.
    pub vault: Option<VaultAccess>,
    pub syncs: Vec<ExportConfig>,
    /// Projects of TestOps by sync, where they are not the one of `[testops]`.
    pub projects: BTreeMap<String, u64>,
    pub state: State,
    /// Which private or loopback servers may be reached.
    pub policy: EgressPolicy,
    places: Places,
}

pub struct FetchedSecret {
    /// Form field.
    pub field: String,
    /// Wiped when it is dropped.
    pub value: Zeroizing<String>,
    /// Where it is in the vault; until it is read, the value is a placeholder.
    pub kept: Option<Kept>,
    /// Base URL of the server it is for.
    pub origin: String,
    /// When it ends, in milliseconds since the Unix epoch.
    pub expires: Option<u64>,
}

impl Config {
    /// The same, unless it has keys that nothing reads.
    pub fn whole(self) -> Result<Self, Vec<Problem>> {
        if self.remarks.iter().any(|problem| problem.is_unknown_key) {
            Err(self.remarks)
        } else {
            Ok(self)
        }
    }
}

/// Where the fields of the settings stand in the file.
#[derive(Debug, Default)]
struct Places {
    fields: Vec<(String, Range<usize>)>,
    syncs: Vec<SyncPlaces>,
}

#[derive(Debug)]
struct SyncPlaces {
    header: Range<usize>,
    members: Vec<(String, Range<usize>)>,
    /// Mapping options that the sync sets.
    own: Vec<String>,
    /// Mapping options that it takes from `[mapping]`.
    inherited: Vec<String>,
}

impl Config {
    /// A problem at the place of a form field, a member of the export configuration or a mapping option.
    pub fn problem(&self, field: &str, sync: Option<&str>, message: impl Into<String>) -> Problem {
        match self.span(field, sync) {
            Some(span) => self.source.problem(span, message),
            None => Problem::with_file(&self.source.file, message),
        }
    }

    /// Where the value of a sync's mapping option comes from.
    pub fn origin_of(&self, option: &str, sync: &str) -> &'static str {
        let index = self.syncs.iter().position(|other| other.name == sync);
        let places = index.and_then(|index| self.places.syncs.get(index));
        let has = |names: &[String]| names.iter().any(|name| name == option);
        match places {
            Some(places) if has(&places.own) => "[sync.mapping]",
            Some(places) if has(&places.inherited) => "[mapping]",
            _ => "default",
        }
    }

    fn span(&self, field: &str, sync: Option<&str>) -> Option<Range<usize>> {
        let find = |members: &[(String, Range<usize>)]| {
            members
                .iter()
                .find(|(name, _)| name == field)
                .map(|(_, span)| span.clone())
        };
        let index = sync.and_then(|name| self.syncs.iter().position(|sync| sync.name == name));
        let places = index.and_then(|index| self.places.syncs.get(index));
        places
            .and_then(|places| find(&places.members))
            .or_else(|| find(&self.places.fields))
            .or_else(|| places.map(|places| places.header.clone()))
    }
}

impl Draft {
    /// Checks the draft against the plugin's `kinds` and fetches the secrets. The error has every problem of the file.
    pub fn settle(
        mut self,
        kinds: &[IntegrationKind],
        variable: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Config, Vec<Problem>> {
        let mut settling = Settling {
            source: &self.source,
            problems: Vec::new(),
            fields: Vec::new(),
            secrets: Vec::new(),
        };
        if let Some(kind) = settling.kind(self.integration.kind.as_ref(), kinds) {
            settling.testops(&self, kind);
            settling.integration(&self, kind, kinds);
            settling.fetch(&self, kind, variable);
        }
        let (policy, network) = self.host.network.apply(
            self.host.policy.clone(),
            &self.source,
            folder_of(&self.source),
            variable,
        );
        settling.problems.extend(network);
        let (vault, unfit) = match &self.host.vault {
            Some(vault) => vault.settle(&self.source, self.folder(), variable),
            None => (None, Vec::new()),
        };
        settling.problems.extend(unfit);
        let Settling {
            problems,
            fields,
            secrets,
            ..
        } = settling;
        self.host.policy = policy;
        self.problems.extend(problems);
        self.sort();
        let names = (self.integration.name.as_ref(), self.integration.kind.as_ref());
        match names {
            (Some(name), Some(kind)) if !self.is_blocked() => {
                let (name, kind) = (name.value.clone(), kind.value.clone());
                let vault = vault.filter(|_| secrets.iter().any(|secret| secret.kept.is_some()));
                Ok(self.settled((name, kind), fields, secrets, vault))
            }
            _ => Err(self.problems),
        }
    }

    fn settled(
        self,
        (name, kind): (String, String),
        fields: Vec<Found>,
        secrets: Vec<FetchedSecret>,
        vault: Option<VaultAccess>,
    ) -> Config {
        let mut places = Places::default();
        places.fields.push(("kind".to_owned(), self.integration.span.clone()));
        places
            .fields
            .extend(fields.iter().map(|field| (field.name.clone(), field.span.clone())));
        places.syncs = self.syncs.iter().map(|sync| sync_places(sync, &self.mapping)).collect();
        let id = self.integration.id.map(|id| id.value).filter(|id| !id.is_empty());
        Config {
            id: id.unwrap_or_else(|| name.clone()),
            source: self.source,
            remarks: self.problems,
            name,
            kind,
            fields: fields
                .into_iter()
                .filter_map(|field| {
                    field.text.map(|value| Field {
                        name: field.name,
                        value,
                    })
                })
                .collect(),
            secrets,
            network: {
                let mut network = self.host.network.secrets();
                network.extend(vault.as_ref().and_then(VaultAccess::secret));
                network
            },
            vault,
            projects: self.syncs.iter().filter_map(own_project).collect(),
            syncs: self
                .syncs
                .into_iter()
                .map(|sync| export_config(sync, &self.mapping))
                .collect(),
            state: self.host.state,
            policy: self.host.policy,
            places,
        }
    }
}

/// A form field that the file fills in.
struct Found {
    name: String,
    span: Range<usize>,
    /// Absent for a secret.
    text: Option<String>,
}

struct Settling<'a> {
    source: &'a Source,
    problems: Vec<Problem>,
    fields: Vec<Found>,
    secrets: Vec<FetchedSecret>,
}

impl Settling<'_> {
    fn kind<'k>(&mut self, typed: Option<&At<String>>, kinds: &'k [IntegrationKind]) -> Option<&'k IntegrationKind> {
        let typed = typed?;
        let kind = kinds.iter().find(|kind| kind.id == typed.value);
        if kind.is_none() {
            let message = format!("the plugin knows no integration type `{}`", typed.value.escape_debug());
            let ids = || kinds.iter().map(|kind| kind.id.as_str());
            let begun: Vec<String> = ids()
                .filter(|id| !typed.value.is_empty() && id.starts_with(&typed.value))
                .map(|id| format!("\"{id}\""))
                .collect();
            // Where several could be meant, the nearest one is no better than the others.
            let hint = match begun.as_slice() {
                [] | [_] => nearest::hint(&typed.value, ids()),
                several => Some(format!("write type = {}", several.join(" or "))),
            };
            self.problems.push(Problem {
                hint,
                ..self.source.problem(typed.span.clone(), message)
            });
        }
        kind
    }

    fn testops(&mut self, draft: &Draft, kind: &IntegrationKind) {
        let declared = |name: &str| kind.fields.iter().any(|field| field.name == name);
        let endpoint = draft
            .testops
            .endpoint
            .as_ref()
            .map(|at| (at.span.clone(), Some(at.value.clone())));
        let project = draft
            .testops
            .project_id
            .as_ref()
            .map(|at| (at.span.clone(), Some(at.value.to_string())));
        let token = draft.testops.token.as_ref().map(|at| (at.span.clone(), None));
        for ((name, _), found) in TESTOPS_FIELDS.into_iter().zip([endpoint, project, token]) {
            if let Some((span, text)) = found.filter(|_| declared(name)) {
                self.fields.push(Found {
                    name: name.to_owned(),
                    span,
                    text,
                });
            }
        }
    }

    fn integration(&mut self, draft: &Draft, kind: &IntegrationKind, kinds: &[IntegrationKind]) {
        for (key, entry) in &draft.integration.entries {
            let name = key.value.as_str();
            let elsewhere = TESTOPS_FIELDS.iter().any(|(field, _)| *field == name);
            match kind.fields.iter().find(|field| field.name == name && !elsewhere) {
                None => self.unknown(key, kind, kinds),
                Some(field) => match (&entry.value, field.secret) {
                    (Entry::Text(_), true) => {
                        self.problems
                            .push(literal_secret(self.source, name, entry.span.clone()));
                    }
                    (Entry::Secret(_), false) => {
                        let message = format!("`{name}` is no secret: {}", field.label);
                        let problem = self.source.problem(entry.span.clone(), message);
                        self.problems
                            .push(problem.hint(format!("write it as text: {name} = \"…\"")));
                    }
                    (Entry::Text(text), false) => self.found(name, &entry.span, Some(text.clone())),
                    (Entry::Secret(_), true) => self.found(name, &entry.span, None),
                },
            }
        }
    }

    fn found(&mut self, name: &str, span: &Range<usize>, text: Option<String>) {
        self.fields.push(Found {
            name: name.to_owned(),
            span: span.clone(),
            text,
        });
    }

    fn unknown(&mut self, key: &At<String>, kind: &IntegrationKind, kinds: &[IntegrationKind]) {
        let name = key.value.as_str();
        let of_testops = TESTOPS_FIELDS
            .iter()
            .find(|(field, _)| *field == name)
            .map(|(_, key)| key);
        let other = kinds
            .iter()
            .find(|other| other.fields.iter().any(|field| field.name == name));
        let hint = match (of_testops, other) {
            (Some(key), _) => Some(format!("write it as `{key}` under [testops]")),
            (None, Some(other)) => Some(format!("it is a key of type \"{}\"", other.id)),
            (None, None) => {
                let fields = kind.fields.iter().map(|field| field.name.as_str());
                let fields: Vec<&str> = fields
                    .filter(|name| TESTOPS_FIELDS.iter().all(|(field, _)| field != name))
                    .collect();
                nearest::hint(name, read::INTEGRATION.into_iter().chain(fields))
            }
        };
        let message = format!(
            "unknown key `{}` in [integration] of type \"{}\"",
            name.escape_debug(),
            kind.id
        );
        self.problems.push(Problem {
            hint,
            is_unknown_key: true,
            ..self.source.problem(key.span.clone(), message)
        });
    }

    fn fetch(&mut self, draft: &Draft, kind: &IntegrationKind, variable: &dyn Fn(&str) -> Option<String>) {
        let token = draft
            .testops
            .token
            .as_ref()
            .map(|token| ("testops-token", &token.value, &token.span));
        let others = draft
            .integration
            .entries
            .iter()
            .filter_map(|(key, entry)| match &entry.value {
                Entry::Secret(secret) => Some((key.value.as_str(), secret, &entry.span)),
                Entry::Text(_) => None,
            });
        for (name, secret, span) in token.into_iter().chain(others) {
            let is_secret_field = kind.fields.iter().any(|field| field.name == name && field.secret);
            if is_secret_field {
                self.fetch_one(draft, kind, name, secret, span, variable);
            }
        }
    }

    fn fetch_one(
        &mut self,
        draft: &Draft,
        kind: &IntegrationKind,
        name: &str,
        secret: &SecretSource,
        span: &Range<usize>,
        variable: &dyn Fn(&str) -> Option<String>,
    ) {
        if let Some(reference) = secret.reference() {
            return self.kept(draft, kind, name, (secret, reference), span);
        }
        match secret.fetch(draft.folder(), variable) {
            Ok(fetched) => {
                if let Some((message, hint)) = fetched.warning {
                    self.problems
                        .push(self.source.warning(span.clone(), message).hint(hint));
                }
                let origin = self.origin(kind, name);
                self.secrets.push(FetchedSecret {
                    field: name.to_owned(),
                    value: fetched.value,
                    kept: None,
                    origin,
                    expires: secret.expires,
                });
            }
            Err(error) => {
                let message = format!("`{}`: {}", name.strip_prefix("testops-").unwrap_or(name), error.message);
                self.problems
                    .push(self.source.problem(span.clone(), message).hint(error.hint));
            }
        }
    }

    /// A secret that is in the vault.
    fn kept(
        &mut self,
        draft: &Draft,
        kind: &IntegrationKind,
        name: &str,
        (secret, reference): (&SecretSource, &Reference),
        span: &Range<usize>,
    ) {
        if draft.host.vault.is_none() {
            let key = name.strip_prefix("testops-").unwrap_or(name);
            let message = format!("`{key}` is in a vault, and there is no [host.vault]");
            let hint = "add [host.vault] with `address`, `role-id` and `secret-id`";
            self.problems
                .push(self.source.problem(span.clone(), message).hint(hint));
        }
        let origin = self.origin(kind, name);
        self.secrets.push(FetchedSecret {
            field: name.to_owned(),
            value: Zeroizing::new(UNREAD.to_owned()),
            kept: Some(Kept {
                reference: reference.clone(),
                span: span.clone(),
            }),
            origin,
            expires: secret.expires,
        });
    }

    /// Base URL of the connection whose server gets a secret. Empty where the file names none, which the plugin refuses itself.
    fn origin(&self, kind: &IntegrationKind, secret: &str) -> String {
        let answering = kind
            .connections
            .iter()
            .find_map(|connection| answering(connection, secret));
        let Some(connection) = kind.connections.iter().find(|it| Some(&it.name) == answering) else {
            return String::new();
        };
        let field = self.fields.iter().find(|field| field.name == connection.base_field);
        let written = field
            .and_then(|field| field.text.clone())
            .filter(|text| !text.trim().is_empty());
        written.or_else(|| connection.default_base.clone()).unwrap_or_default()
    }
}

/// Name of the connection whose server gets the secret, if this one uses it.
fn answering<'c>(connection: &'c Connection, secret: &str) -> Option<&'c String> {
    let recipe = connection.auth.iter().find(|recipe| uses(recipe, secret))?;
    Some(match recipe {
        AuthRecipe::Exchange(exchange) => exchange.connection.as_ref().unwrap_or(&connection.name),
        AuthRecipe::Basic(_) | AuthRecipe::Bearer(_) | AuthRecipe::Header(_) => &connection.name,
    })
}

fn uses(recipe: &AuthRecipe, secret: &str) -> bool {
    match recipe {
        AuthRecipe::Basic(basic) => basic.secret == secret,
        AuthRecipe::Bearer(name) => name == secret,
        AuthRecipe::Header(header) => header.secret == secret,
        AuthRecipe::Exchange(exchange) => exchange
            .parameters
            .iter()
            .any(|part| matches!(&part.value, TokenValue::Secret(name) if name == secret)),
    }
}

/// A sync with its own project of TestOps.
fn own_project(sync: &read::Sync) -> Option<(String, u64)> {
    Some((sync.name.as_ref()?.value.clone(), sync.testops_project.as_ref()?.value))
}

fn export_config(sync: read::Sync, inherited: &[(At<String>, String)]) -> ExportConfig {
    let inherited: Vec<Field> = inherited_by(&sync, inherited)
        .map(|(name, value)| Field {
            name: name.value.clone(),
            value: value.clone(),
        })
        .collect();
    let text = |at: Option<At<String>>| at.map(|at| at.value).unwrap_or_default();
    ExportConfig {
        name: text(sync.name),
        project: text(sync.project),
        test_case_aql: text(sync.test_case_aql),
        launches_aql: text(sync.launches_aql),
        disable_test_case_create: sync.disable_test_case_create,
        disable_launches_sync: sync.disable_launches_sync,
        disable_export: sync.disable_export,
        mapping: sync
            .mapping
            .into_iter()
            .map(|(name, value)| Field {
                name: name.value,
                value,
            })
            .chain(inherited)
            .collect(),
    }
}

/// Options of `[mapping]` that a sync does not set itself.
fn inherited_by<'m>(
    sync: &read::Sync,
    all: &'m [(At<String>, String)],
) -> impl Iterator<Item = &'m (At<String>, String)> {
    let own: Vec<String> = sync.mapping.iter().map(|(name, _)| name.value.clone()).collect();
    all.iter().filter(move |(name, _)| !own.contains(&name.value))
}

fn sync_places(sync: &read::Sync, inherited: &[(At<String>, String)]) -> SyncPlaces {
    let named = [
        ("name", &sync.name),
        ("project", &sync.project),
        ("test-case-aql", &sync.test_case_aql),
        ("launches-aql", &sync.launches_aql),
    ];
    let members = named
        .into_iter()
        .filter_map(|(name, at)| at.as_ref().map(|at| (name.to_owned(), at.span.clone())));
    let mapping = sync
        .mapping
        .iter()
        .map(|(name, _)| (name.value.clone(), name.span.clone()));
    let above: Vec<(String, Range<usize>)> = inherited_by(sync, inherited)
        .map(|(name, _)| (name.value.clone(), name.span.clone()))
        .collect();
    SyncPlaces {
        header: sync.span.clone(),
        members: members.chain(mapping).chain(above.clone()).collect(),
        own: sync.mapping.iter().map(|(name, _)| name.value.clone()).collect(),
        inherited: above.into_iter().map(|(name, _)| name).collect(),
    }
}
