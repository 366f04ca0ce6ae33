//! A configuration file brought to life: plugin loaded, secrets fetched, tenant ready.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use tms_sync_host::model::{self, ExportConfig};
use tms_sync_host::{Ledger, LedgerError, LoadedPlugin, LogMessage, Scope, Secret, SqliteLedger, Tenant, origin_of};

use super::log::{self, Level};
use super::plugin;
use super::render::diagnostic::Diagnostic;
use super::render::text::harmless;
use super::state::{LedgerUse, State};
use crate::config::{Config, Draft, FetchedSecret, PROXY_PASSWORD, Severity, VAULT_SECRET, nearest_hint};

/// The command serves one operator, so its ledger has one tenant.
const TENANT: &str = "local";
/// The form field that a sync with its own project of TestOps fills in otherwise.
const PROJECT_FIELD: &str = "testops-project-id";
/// Between the origins that a header goes to.
const SEPARATOR: &str = ", ";

pub struct Session {
    pub config: Config,
    pub plugin: LoadedPlugin,
    pub tenant: Tenant,
    /// By project of TestOps, where a sync has its own.
    of_projects: BTreeMap<u64, Tenant>,
    pub ledger: Arc<dyn Ledger>,
    /// Where each secret goes, by form field.
    pub origins: BTreeMap<String, String>,
    /// Where secrets of the proxy and of access gateways go, by their keys in the file: origins with a comma between them.
    network: BTreeMap<String, String>,
    /// What a person should know although it can run; where the file is only judged, also keys that nothing reads.
    pub remarks: Vec<Diagnostic>,
}

impl Session {
    /// Reads the file, loads its plugin, fetches the secrets. The error has all problems that were found.
    ///
    /// A secret that went to one server does not follow the file to another, unless `new_servers` allows it.
    pub async fn open(file: &Path, ledger_use: LedgerUse, new_servers: bool) -> Result<Self, Vec<Diagnostic>> {
        Self::opened(file, ledger_use, new_servers, false).await
    }

    /// The same for a command that only judges the file: with keys that nothing reads it goes on to the rest, and it asks no vault.
    pub async fn judge(file: &Path, new_servers: bool) -> Result<Self, Vec<Diagnostic>> {
        Self::opened(file, LedgerUse::Look, new_servers, true).await
    }

    async fn opened(
        file: &Path,
        ledger_use: LedgerUse,
        new_servers: bool,
        judges: bool,
    ) -> Result<Self, Vec<Diagnostic>> {
        let draft = Draft::read(file).map_err(|problem| vec![problem.into()])?;
        let named = draft.host.plugin.as_ref();
        let plugin = match plugin::load(named.map(|named| &named.value), &draft.host.acceptance).await {
            Ok(plugin) => plugin,
            Err(diagnostic) => {
                let diagnostic = match named {
                    Some(named) => Diagnostic {
                        hint: diagnostic.hint,
                        ..draft.source.problem(named.span.clone(), diagnostic.message).into()
                    },
                    None => diagnostic,
                };
                return Err(draft
                    .problems
                    .into_iter()
                    .map(Diagnostic::from)
                    .chain([diagnostic])
                    .collect());
            }
        };
        let variable = |name: &str| std::env::var(name).ok();
        let diagnostic = |problems: Vec<_>| problems.into_iter().map(Diagnostic::from).collect::<Vec<Diagnostic>>();
        let mut config = draft.settle(&plugin.info().kinds, &variable).map_err(diagnostic)?;
        if !judges {
            config = config.whole().map_err(diagnostic)?;
        }
        let mut remarks = diagnostic(std::mem::take(&mut config.remarks));
        let ledger = ledger(&config.state, ledger_use).await?;
        if let Some(file) = config.state.file() {
            remarks.extend(open_to_others(file));
            remarks.extend(missing_folder(file));
        }
        let scope = scope(&config.id);
        let (origins, network) = (origins(&config), of_network(&config));
        if !new_servers {
            check_origins(&config, &ledger.origins(&scope).await.map_err(unreadable)?, &origins)?;
        }
        if !judges {
            config.read_vault().await.map_err(diagnostic)?;
        }
        let secrets: Vec<FetchedSecret> = config.secrets.drain(..).collect();
        let build = |project: Option<u64>| tenant(&config, &secrets, &plugin, Arc::clone(&ledger), project);
        let tenant = build(None)?;
        let projects: BTreeSet<u64> = config.projects.values().copied().collect();
        let of_projects = projects.into_iter().map(|project| Ok((project, build(Some(project))?)));
        let of_projects = of_projects.collect::<Result<_, Vec<Diagnostic>>>()?;
        drop(secrets);
        Ok(Self {
            config,
            plugin,
            tenant,
            of_projects,
            ledger,
            origins,
            network,
            remarks,
        })
    }

    /// Remembers where secrets were sent, so that they do not follow the file to other servers. An address at which no
    /// server answered about a credential, such as one with a typing error, is not remembered.
    pub async fn remember_origins(&self) -> Result<(), LedgerError> {
        let mut reached = BTreeSet::new();
        let syncs = self.config.syncs.iter().map(Some).chain([None]);
        for sync in syncs {
            let reports = self.tenant_of(sync).credential_reports(sync).await?;
            let answered = reports.iter().filter(|report| {
                let health = &report.health;
                health.proved_at.is_some() || !health.refused.is_empty() || health.reason().is_some()
            });
            reached.extend(answered.filter_map(|report| origin_of(&report.health.key.origin)));
        }
        let mut sent = self.origins.clone();
        sent.retain(|_, origin| reached.contains(origin));
        let reached = |origins: &String| each(origins).any(|origin| reached.contains(origin));
        let network = self.network.iter().filter(|(key, origins)| {
            // Nothing was sent before the vault had answered. Whatever was reached was reached through the proxy, or nothing says
            // otherwise.
            key.as_str() == VAULT_SECRET || (key.as_str() == PROXY_PASSWORD && !sent.is_empty()) || reached(origins)
        });
        let network: Vec<_> = network.map(|(key, origins)| (key.clone(), origins.clone())).collect();
        sent.extend(network);
        self.ledger.bind_origins(self.tenant.scope(), sent).await
    }

    /// The tenant that runs a sync; the file's own without one.
    pub fn tenant_of<'s>(&self, sync: impl Into<Option<&'s ExportConfig>>) -> &Tenant {
        let project = sync.into().and_then(|sync| self.config.projects.get(&sync.name));
        project
            .and_then(|project| self.of_projects.get(project))
            .unwrap_or(&self.tenant)
    }

    /// The servers, as people read them, in the order of the fields that go there.
    pub fn asked(&self) -> String {
        let mut asked: Vec<&str> = Vec::new();
        for origin in self.origins.values() {
            if !asked.contains(&origin.as_str()) {
                asked.push(origin);
            }
        }
        asked.join(", ")
    }

    /// The syncs that are meant: the named one, or all.
    pub fn selected(&self, name: Option<&str>) -> Result<Vec<ExportConfig>, Vec<Diagnostic>> {
        let all = &self.config.syncs;
        let Some(name) = name else {
            if all.is_empty() {
                let diagnostic: Diagnostic = self
                    .config
                    .problem("[[sync]]", None, "there is no [[sync]] to run")
                    .into();
                let hint = "add [[sync]] with name = \"main\" and the project = \"KEY\" of the destination";
                return Err(vec![diagnostic.hint(hint)]);
            }
            return Ok(all.clone());
        };
        let found: Vec<ExportConfig> = all.iter().filter(|sync| sync.name == name).cloned().collect();
        if found.is_empty() {
            let diagnostic = Diagnostic::new(format!("there is no sync named `{name}`")).of(model::SETTINGS);
            let hint = nearest_hint(name, all.iter().map(|sync| sync.name.as_str()));
            return Err(vec![Diagnostic { hint, ..diagnostic }]);
        }
        Ok(found)
    }
}

/// Where the ledger keeps what belongs to an integration, by its id in the configuration.
pub fn scope(integration: &str) -> Scope {
    Scope {
        tenant: TENANT.to_owned(),
        integration: integration.to_owned(),
    }
}

/// Where each secret of the file goes now.
fn origins(config: &Config) -> BTreeMap<String, String> {
    let goes_to = |secret: &FetchedSecret| Some((secret.field.clone(), origin_of(&secret.origin)?));
    config.secrets.iter().filter_map(goes_to).collect()
}

/// Where each secret of the proxy and of access gateways goes now. The same header may go to several servers.
fn of_network(config: &Config) -> BTreeMap<String, String> {
    let mut all: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for secret in &config.network {
        all.entry(secret.key.clone()).or_default().insert(&secret.origin);
    }
    let joined =
        |(key, origins): (String, BTreeSet<&str>)| (key, origins.into_iter().collect::<Vec<_>>().join(SEPARATOR));
    all.into_iter().map(joined).collect()
}

fn each(origins: &str) -> impl Iterator<Item = &str> {
    origins.split(SEPARATOR)
}

/// Whoever may edit the file could otherwise have the secrets sent to a server of his own.
fn check_origins(
    config: &Config,
    before: &BTreeMap<String, String>,
    now: &BTreeMap<String, String>,
) -> Result<(), Vec<Diagnostic>> {
    let moved = now.iter().filter_map(|(field, now)| {
        let before = before.get(field).filter(|before| *before != now)?;
        let message = format!("`{field}` was used for {before} and would now be sent to {now}");
        let diagnostic: Diagnostic = config.problem(field, None, message).into();
        Some(diagnostic.hint("if the endpoint was changed on purpose, add --new-servers once"))
    });
    let of_network = config.network.iter().filter_map(|secret| {
        let before = before.get(&secret.key)?;
        if each(before).any(|origin| origin == secret.origin) {
            return None;
        }
        let message = format!(
            "`{}` was used for {before} and would now be sent to {}",
            secret.key, secret.origin
        );
        Some(config.source.problem(secret.span.clone(), message).into())
    });
    let hint = |diagnostic: Diagnostic| diagnostic.hint("if it was changed on purpose, add --new-servers once");
    let moved: Vec<Diagnostic> = moved.chain(of_network.map(hint)).collect();
    if moved.is_empty() { Ok(()) } else { Err(moved) }
}

fn unreadable(error: LedgerError) -> Vec<Diagnostic> {
    vec![Diagnostic::new(error.to_string())]
}

async fn ledger(state: &State, ledger_use: LedgerUse) -> Result<Arc<dyn Ledger>, Vec<Diagnostic>> {
    let hint = match state {
        State::File(_) => "`state` under [host] names it; its folder must exist and be writable",
        State::Database(_) => {
            "`state` under [host] names it; the password can be in the environment variable PGPASSWORD"
        }
    };
    let opened = state.open(ledger_use).await;
    opened.map_err(|error| vec![Diagnostic::new(format!("cannot open the ledger {state}: {error}")).hint(hint)])
}

/// A command that only looks needs no ledger; the first export does.
fn missing_folder(state: &Path) -> Option<Diagnostic> {
    let folder = state.parent().filter(|folder| !folder.as_os_str().is_empty())?;
    if folder.is_dir() {
        return None;
    }
    let missing = Diagnostic::new(format!("the ledger's folder {} does not exist", folder.display()));
    Some(
        missing
            .warning()
            .of(model::SETTINGS)
            .hint("make it, or change `state` under [host]"),
    )
}

/// Whoever reads the ledger can try guesses of a password against it.
fn open_to_others(state: &Path) -> Option<Diagnostic> {
    let mode = SqliteLedger::open_to_others(state)?;
    let state = state.display();
    let message =
        format!("the ledger {state} is open to other accounts (mode {mode:03o}), who could guess a password with it");
    let warning = Diagnostic {
        severity: Severity::Warning,
        ..Diagnostic::new(message)
    };
    Some(warning.hint(format!("chmod 600 {state}")))
}

/// The tenant of the file, or of a sync with its own project of TestOps.
fn tenant(
    config: &Config,
    secrets: &[FetchedSecret],
    plugin: &LoadedPlugin,
    ledger: Arc<dyn Ledger>,
    project: Option<u64>,
) -> Result<Tenant, Vec<Diagnostic>> {
    let mut builder = Tenant::builder(TENANT, plugin)
        .integration(&config.id)
        .kind(&config.kind)
        .egress(config.policy.clone())
        .ledger(ledger);
    if log::is_verbose() {
        builder = builder.log(Arc::new(|logged: &LogMessage| {
            log::write(Level::Debug, &format!("plugin: {}", harmless(&logged.message)));
        }));
    }
    for field in &config.fields {
        let own = project
            .filter(|_| field.name == PROJECT_FIELD)
            .map(|project| project.to_string());
        builder = builder.field(&field.name, own.unwrap_or_else(|| field.value.clone()));
    }
    for secret in secrets {
        let stored = Secret::new(secret.value.as_str(), secret.origin.as_str());
        let stored = match secret.expires {
            Some(at) => stored.expires(at),
            None => stored,
        };
        builder = builder.secret(&secret.field, stored);
    }
    builder
        .build()
        .map_err(|error| vec![Diagnostic::new(error.to_string()).of(model::SETTINGS)])
}
