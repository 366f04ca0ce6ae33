//! A configuration file brought to life: plugin loaded, secrets fetched, tenant ready.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use tms_sync_host::model::{self, ExportConfig};
use tms_sync_host::{Ledger, LedgerError, LoadedPlugin, Scope, Secret, SqliteLedger, Tenant, origin_of};

use super::plugin;
use super::render::problems::Told;
use crate::config::{Config, Draft, FetchedSecret, Severity, nearest_hint};

/// The command serves one operator, so its ledger has one tenant.
const TENANT: &str = "local";

/// What a question does with the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LedgerUse {
    /// Looks, and does not make one.
    Look,
    /// Makes one where there is none.
    Write,
}

pub struct Session {
    pub config: Config,
    pub plugin: LoadedPlugin,
    pub tenant: Tenant,
    pub ledger: Arc<dyn Ledger>,
    /// What a person should know although it can run.
    pub warnings: Vec<Told>,
}

impl Session {
    /// Reads the file, loads its plugin, fetches the secrets. The error has all problems that were found.
    ///
    /// A secret that went to one server does not follow the file to another, unless `new_servers` says so.
    pub async fn open(file: &Path, ledger_use: LedgerUse, new_servers: bool) -> Result<Self, Vec<Told>> {
        let draft = Draft::read(file).map_err(|problem| vec![problem.into()])?;
        let path = draft.host.plugin.as_ref();
        let plugin = match plugin::load(path.map(|path| path.value.as_path())).await {
            Ok(plugin) => plugin,
            Err(told) => {
                let told = match path {
                    Some(path) => Told {
                        hint: told.hint,
                        ..draft.source.problem(path.span.clone(), told.message).into()
                    },
                    None => told,
                };
                return Err(draft.problems.into_iter().map(Told::from).chain([told]).collect());
            }
        };
        let variable = |name: &str| std::env::var(name).ok();
        let told = |problems: Vec<_>| problems.into_iter().map(Told::from).collect::<Vec<Told>>();
        let mut config = draft.settle(&plugin.info().kinds, &variable).map_err(told)?;
        let mut warnings: Vec<Told> = std::mem::take(&mut config.warnings)
            .into_iter()
            .map(Told::from)
            .collect();
        let ledger = ledger(&config.state, ledger_use)?;
        warnings.extend(open_to_others(&config.state));
        let scope = Scope {
            tenant: TENANT.to_owned(),
            integration: config.id.clone(),
        };
        let origins = origins(&config);
        if !new_servers {
            check_origins(&config, &ledger.origins(&scope).await.map_err(unreadable)?, &origins)?;
        }
        if ledger_use == LedgerUse::Write {
            ledger.bind_origins(&scope, origins).await.map_err(unreadable)?;
        }
        let tenant = tenant(&mut config, &plugin, Arc::clone(&ledger) as Arc<dyn Ledger>)?;
        Ok(Self {
            config,
            plugin,
            tenant,
            ledger,
            warnings,
        })
    }

    /// The syncs that are meant: the named one, or all.
    pub fn selected(&self, name: Option<&str>) -> Result<Vec<ExportConfig>, Vec<Told>> {
        let all = &self.config.syncs;
        let Some(name) = name else {
            if all.is_empty() {
                let told: Told = self
                    .config
                    .problem("[[sync]]", None, "there is no [[sync]] to run")
                    .into();
                let hint = "add [[sync]] with name = \"main\" and the project = \"KEY\" of the destination";
                return Err(vec![told.hint(hint)]);
            }
            return Ok(all.clone());
        };
        let found: Vec<ExportConfig> = all.iter().filter(|sync| sync.name == name).cloned().collect();
        if found.is_empty() {
            let told = Told::new(format!("there is no sync named `{name}`")).of(model::SETTINGS);
            let hint = nearest_hint(name, all.iter().map(|sync| sync.name.as_str()));
            return Err(vec![Told { hint, ..told }]);
        }
        Ok(found)
    }
}

/// Where each secret of the file goes now.
fn origins(config: &Config) -> BTreeMap<String, String> {
    let goes_to = |secret: &FetchedSecret| Some((secret.field.clone(), origin_of(&secret.origin)?));
    config.secrets.iter().filter_map(goes_to).collect()
}

/// Whoever may edit the file could otherwise have the secrets sent to a server of his own.
fn check_origins(
    config: &Config,
    before: &BTreeMap<String, String>,
    now: &BTreeMap<String, String>,
) -> Result<(), Vec<Told>> {
    let moved = now.iter().filter_map(|(field, now)| {
        let before = before.get(field).filter(|before| *before != now)?;
        let message = format!("`{field}` was used for {before} and would now be sent to {now}");
        let told: Told = config.problem(field, None, message).into();
        Some(told.hint("if the endpoint was changed on purpose, say so once with --new-servers"))
    });
    let moved: Vec<Told> = moved.collect();
    if moved.is_empty() { Ok(()) } else { Err(moved) }
}

fn unreadable(error: LedgerError) -> Vec<Told> {
    vec![Told::new(error.to_string())]
}

fn ledger(state: &Path, ledger_use: LedgerUse) -> Result<Arc<SqliteLedger>, Vec<Told>> {
    let opened = match ledger_use {
        LedgerUse::Look if !state.exists() => SqliteLedger::in_memory(),
        // Whoever may read it may look.
        LedgerUse::Look => SqliteLedger::open(state).or_else(|_| SqliteLedger::open_read_only(state)),
        LedgerUse::Write => SqliteLedger::open(state),
    };
    let ledger = opened.map_err(|error| {
        let told = Told::new(format!("cannot open the ledger {}: {error}", state.display()));
        vec![told.hint("`state` under [host] names it; its folder must exist and be writable")]
    })?;
    Ok(Arc::new(ledger))
}

/// Whoever reads the ledger can try guesses of a password against it.
fn open_to_others(state: &Path) -> Option<Told> {
    let mode = SqliteLedger::open_to_others(state)?;
    let state = state.display();
    let message =
        format!("the ledger {state} is open to other accounts (mode {mode:03o}), who could guess a password with it");
    let warning = Told {
        severity: Severity::Warning,
        ..Told::new(message)
    };
    Some(warning.hint(format!("chmod 600 {state}")))
}

fn tenant(config: &mut Config, plugin: &LoadedPlugin, ledger: Arc<dyn Ledger>) -> Result<Tenant, Vec<Told>> {
    let mut builder = Tenant::builder(TENANT, plugin)
        .integration(&config.id)
        .kind(&config.kind)
        .egress(config.policy.clone())
        .ledger(ledger);
    for field in &config.fields {
        builder = builder.field(&field.name, field.value.as_str());
    }
    for mut secret in config.secrets.drain(..) {
        let value = std::mem::take(&mut *secret.value);
        let stored = Secret::new(value, secret.origin);
        let stored = match secret.expires {
            Some(at) => stored.expires(at),
            None => stored,
        };
        builder = builder.secret(&secret.field, stored);
    }
    builder
        .build()
        .map_err(|error| vec![Told::new(error.to_string()).of(model::SETTINGS)])
}
