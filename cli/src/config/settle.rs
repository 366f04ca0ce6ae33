//! The draft held against a plugin's manifest: which keys `[integration]` may have, and which of them are secrets.

use std::collections::BTreeMap;
use std::ops::Range;

use tms_sync_host::EgressPolicy;
use tms_sync_host::model::{ExportConfig, Field, IntegrationKind};

use super::fetch::FetchedSecret;
use super::nearest;
use super::network::NetworkSecret;
use super::places::{Places, sync_places};
use super::problem::{Problem, Source};
use super::read::{self, Draft, folder_of};
use super::section::{At, Entry, literal_secret};
use super::vault::VaultAccess;
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
    pub(super) places: Places,
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
pub(super) struct Found {
    pub name: String,
    pub span: Range<usize>,
    /// Absent for a secret.
    pub text: Option<String>,
}

pub(super) struct Settling<'a> {
    pub source: &'a Source,
    pub problems: Vec<Problem>,
    pub fields: Vec<Found>,
    pub secrets: Vec<FetchedSecret>,
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
pub(super) fn inherited_by<'m>(
    sync: &read::Sync,
    all: &'m [(At<String>, String)],
) -> impl Iterator<Item = &'m (At<String>, String)> {
    let own: Vec<String> = sync.mapping.iter().map(|(name, _)| name.value.clone()).collect();
    all.iter().filter(move |(name, _)| !own.contains(&name.value))
}
