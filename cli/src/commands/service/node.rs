//! What `serve` and `worker` have in common: rows, keys, plugins, secrets, the way to other servers, the fleet.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use tms_sync_host::EgressPolicy;
use tms_sync_host::vault::{AppRole, SecretId, Vault, VaultEngine};
use tms_sync_server::schedule;
use tms_sync_server::secrets::{SecretFiles, SecretPlace, SecretVariables, SecretVault};
use tms_sync_server::{LogFormat, Options, Traces, begin_log};
use zeroize::Zeroizing;

use super::rotate_key::KeyOptions;
use crate::log;
use crate::plugin::{self, Acceptance, Named};
use crate::render::diagnostic::Diagnostic;

// A process of the service.
#[derive(Debug, clap::Args)]
pub struct NodeOptions {
    #[command(flatten)]
    pub keys: KeyOptions,
    /// Where to serve OpenMetrics, for example 127.0.0.1:9090; without it nowhere
    #[arg(long, value_name = "ADDRESS")]
    pub metrics: Option<SocketAddr>,
    /// A component to offer, a file or registry/repository@sha256:…, again for more; without it the bundled one
    #[arg(long, value_name = "PLUGIN")]
    pub plugin: Vec<Named>,
    #[command(flatten)]
    pub acceptance: Acceptance,
    /// A private or plain server that teams may name, as host:port, again for more
    #[arg(long, value_name = "HOST:PORT")]
    pub allow: Vec<String>,
    /// Runs under way at once, all teams together
    #[arg(long, value_name = "NUMBER", default_value_t = 4)]
    pub runs_at_once: usize,
    #[command(flatten)]
    pub places: PlaceOptions,
    #[command(flatten)]
    pub log: ServiceLog,
}

// Several processes that share their runs.
#[derive(Debug, clap::Args)]
pub struct FleetOptions {
    /// NATS where consoles and workers meet: nats://nats.example.com:4222, several with commas; needs --postgres
    #[arg(long, value_name = "URL", requires = "postgres")]
    pub nats: Option<String>,
    /// File of credentials for it, as its tools write them
    #[arg(long, value_name = "FILE", requires = "nats")]
    pub nats_credentials: Option<PathBuf>,
    /// What distinguishes fleets on the same NATS
    #[arg(long, value_name = "NAME", default_value = "tms-sync")]
    pub fleet: String,
}

/// What a process does in a fleet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Serves,
    Works,
}

impl FleetOptions {
    /// The fleet, where one is named.
    pub fn named(&self, part: Part) -> Option<schedule::FleetOptions> {
        Some(schedule::FleetOptions {
            credentials: self.nats_credentials.clone(),
            name: self.fleet.clone(),
            works: part == Part::Works,
            serves: part == Part::Serves,
            ..schedule::FleetOptions::at(self.nats.clone()?)
        })
    }
}

impl NodeOptions {
    /// Options of the service with these.
    pub async fn options(&self) -> Result<Options, Vec<Diagnostic>> {
        let options = self.keys.options()?;
        let mut egress = options.egress.clone();
        for server in &self.allow {
            let wider = egress.allow(server);
            egress = wider.map_err(|error| vec![Diagnostic::new(format!("--allow: {error}"))])?;
        }
        Ok(Options {
            metrics: self.metrics,
            plugins: self.plugins().await.map_err(|problem| vec![problem])?,
            secret_places: self.places.places(&egress)?,
            runs_at_once: self.runs_at_once,
            traces: Traces::from_environment(&egress).map_err(|problem| vec![Diagnostic::new(problem)])?,
            egress,
            clock: Arc::new(tms_sync_host::SystemClock),
            ..options
        })
    }

    /// The bundled plugin, or the ones that are named.
    async fn plugins(&self) -> Result<Vec<tms_sync_host::LoadedPlugin>, Diagnostic> {
        if self.plugin.is_empty() {
            return Ok(vec![plugin::bundled().await?]);
        }
        let mut plugins = Vec::new();
        for named in &self.plugin {
            plugins.push(plugin::load(Some(named), &self.acceptance).await?);
        }
        Ok(plugins)
    }
}

// Where secrets of teams may stay, beside what they enter.
#[derive(Debug, clap::Args)]
pub struct PlaceOptions {
    /// A folder of secrets: teams enter secret://file/NAME for FOLDER/TEAM/NAME
    #[arg(long, value_name = "FOLDER")]
    pub secret_files: Option<PathBuf>,
    /// Secrets from variables: teams enter secret://env/NAME for TMS_SYNC_SECRET__TEAM__NAME
    #[arg(long)]
    pub secret_env: bool,
    /// An OpenBao or Vault with secrets: https://bao.example.com:8200/v1; teams enter secret://vault/NAME
    #[arg(long, value_name = "URL", requires_all = ["vault_role", "vault_secret"])]
    pub vault: Option<String>,
    /// Namespace of its engine and role, where it has any
    #[arg(long, value_name = "NAME", requires = "vault")]
    pub vault_namespace: Option<String>,
    /// Mount of its KV engine, version 2
    #[arg(long, value_name = "MOUNT", default_value = "secret")]
    pub vault_mount: String,
    /// Folder in it that has a folder for each team
    #[arg(long, value_name = "PATH", default_value = "tms-sync")]
    pub vault_path: String,
    /// role_id of the AppRole that reads there
    #[arg(long, value_name = "ID", requires = "vault")]
    pub vault_role: Option<String>,
    /// File of its secret_id, read for each log-in
    #[arg(long, value_name = "FILE", requires = "vault")]
    pub vault_secret: Option<PathBuf>,
}

// What is written to standard error while it serves.
#[derive(Debug, clap::Args)]
pub struct ServiceLog {
    /// What is logged: error, warn, info or debug
    #[arg(long, value_name = "LEVEL", default_value = "info", value_parser = ["error", "warn", "info", "debug"])]
    pub log_level: String,
    /// Form of the log on standard error
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = log::LogFormat::Text)]
    pub log_format: log::LogFormat,
}

impl ServiceLog {
    pub fn begin(&self) {
        let format = match self.log_format {
            log::LogFormat::Json => LogFormat::Json,
            log::LogFormat::Text => LogFormat::Text,
        };
        let own = log::LogOptions {
            log_format: self.log_format,
            ..log::LogOptions::default()
        };
        // The parser takes levels alone, and there is no file that could fail.
        let _ = begin_log(&self.log_level, format);
        let _ = log::open(&own);
    }
}

impl PlaceOptions {
    fn places(&self, egress: &EgressPolicy) -> Result<Vec<Arc<dyn SecretPlace>>, Vec<Diagnostic>> {
        let mut places: Vec<Arc<dyn SecretPlace>> = Vec::new();
        if let Some(folder) = &self.secret_files {
            places.push(Arc::new(SecretFiles::below(folder)));
        }
        if self.secret_env {
            places.push(Arc::new(SecretVariables::of_process()));
        }
        if let (Some(url), Some(role), Some(secret)) = (&self.vault, &self.vault_role, &self.vault_secret) {
            let role = AppRole {
                role: role.clone().into(),
                secret: SecretId::File(secret.clone()),
            };
            let engine = VaultEngine {
                server: url.clone(),
                namespace: self.vault_namespace.clone(),
                mount: self.vault_mount.clone(),
            };
            let clock = Arc::new(tms_sync_host::SystemClock);
            let vault = Vault::new(engine, role, egress.clone(), clock);
            let vault = vault.map_err(|error| vec![Diagnostic::new(error)])?;
            places.push(Arc::new(SecretVault::below(vault, &self.vault_path)));
        }
        Ok(places)
    }
}

pub fn secret(variable: &str) -> Option<Zeroizing<String>> {
    std::env::var(variable).ok().map(Zeroizing::new)
}
