//! `tms-sync serve`: the service until Ctrl-C.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use tms_sync_host::EgressPolicy;
use tms_sync_server::notify::Mail;
use tms_sync_server::secrets::{AppRole, SecretFiles, SecretPlace, SecretVariables, Vault, VaultPart};
use tms_sync_server::users::SingleSignOn;
use tms_sync_server::{LogFormat, Options, Server, begin_log};
use zeroize::Zeroizing;

use super::rotate_key::KeyOptions;
use crate::interrupt::Interrupts;
use crate::log::{self, Level};
use crate::output::Output;
use crate::plugin::{self, Acceptance, Named};
use crate::render::diagnostic::{self, Diagnostic};

/// Holds the address of the mail server, since it has a password.
const MAIL_SERVER: &str = "TMS_SYNC_SMTP_URL";
/// Holds this service's secret at the OpenID provider.
const OIDC_SECRET: &str = "TMS_SYNC_OIDC_SECRET";

/// Serves pages and an API for many teams, and runs syncs on a schedule
///
/// The first start prints a link that makes the administrator. Everything is kept in the state folder. Secrets of the
/// service itself come from variables: TMS_SYNC_MASTER_KEYS (instead of a file), TMS_SYNC_TRANSIT_TOKEN,
/// TMS_SYNC_SMTP_URL and TMS_SYNC_OIDC_SECRET.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    pub keys: KeyOptions,
    /// Where to listen; put a proxy with TLS in front of anything but loopback
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// Where to serve OpenMetrics, for example 127.0.0.1:9090; without it nowhere
    #[arg(long, value_name = "ADDRESS")]
    pub metrics: Option<SocketAddr>,
    /// How people reach it, for links and cookies: https://sync.example.com or with a path
    #[arg(long, value_name = "URL")]
    pub public_url: Option<String>,
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
    /// Sender of mails; the server is in TMS_SYNC_SMTP_URL: smtps://user:password@smtp.example.com
    #[arg(long, value_name = "ADDRESS")]
    pub mail_from: Option<String>,
    #[command(flatten)]
    pub places: PlaceOptions,
    #[command(flatten)]
    pub provider: ProviderOptions,
    #[command(flatten)]
    pub log: ServiceLog,
    #[cfg(feature = "sim")]
    /// Show it with simulated servers, two teams and some history, in a folder that is gone afterwards
    #[arg(long, conflicts_with_all = ["state", "plugin", "keys", "allow", "network"])]
    pub demo: bool,
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

// An OpenID provider beside local accounts.
#[derive(Debug, clap::Args)]
pub struct ProviderOptions {
    /// An OpenID provider where people log in as well, for example https://login.example.com/realms/main
    #[arg(long, value_name = "URL", requires = "oidc_client")]
    pub oidc_issuer: Option<String>,
    /// Id of this service there; its secret is in TMS_SYNC_OIDC_SECRET
    #[arg(long, value_name = "ID", requires = "oidc_issuer")]
    pub oidc_client: Option<String>,
    /// How people call the provider
    #[arg(long, value_name = "NAME", default_value = "single sign-on")]
    pub oidc_title: String,
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

impl Args {
    pub async fn perform(self) -> u8 {
        self.log.begin();
        #[cfg(feature = "sim")]
        if self.demo {
            return super::serve_demo::perform(&self, Interrupts::listen()).await;
        }
        perform(&self, Interrupts::listen()).await
    }
}

impl ServiceLog {
    fn begin(&self) {
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

async fn perform(serve: &Args, mut interrupts: Interrupts) -> u8 {
    let server = match start(serve).await {
        Ok(server) => server,
        Err(problem) => {
            for problem in &problem {
                diagnostic::log(problem);
            }
            return 2;
        }
    };
    match server.first_link().await {
        Ok(Some(link)) => Output::default().text(&format!(
            "Nobody keeps this instance yet. Open this link once:\n  {link}\n"
        )),
        Ok(None) => {}
        Err(error) => log::write(Level::Error, &format!("error: {error}")),
    }
    log::write(
        Level::Info,
        &format!("Serving http://{} until Ctrl-C", server.address()),
    );
    interrupts.reached(1).await;
    log::write(
        Level::Info,
        "Runs under way end at the next safe place; Ctrl-C again ends at once",
    );
    tokio::select! {
        () = server.stop() => 0,
        () = interrupts.reached(2) => 1,
    }
}

async fn start(serve: &Args) -> Result<Server, Vec<Diagnostic>> {
    let options = serve.keys.options()?;
    let mut egress = options.egress.clone();
    for server in &serve.allow {
        let wider = egress.allow(server);
        egress = wider.map_err(|error| vec![Diagnostic::new(format!("--allow: {error}"))])?;
    }
    let options = Options {
        listen: serve.listen,
        metrics: serve.metrics,
        public_url: serve.public_url.clone(),
        plugins: plugins(serve).await.map_err(|problem| vec![problem])?,
        secret_places: serve.places.places(&egress)?,
        runs_at_once: serve.runs_at_once,
        mail: mail(serve.mail_from.as_deref())?,
        single_sign_on: serve.provider.provider(&egress)?,
        egress,
        clock: Arc::new(tms_sync_host::SystemClock),
        ..options
    };
    Server::start(options)
        .await
        .map_err(|error| vec![Diagnostic::new(error.to_string())])
}

fn mail(from: Option<&str>) -> Result<Option<Mail>, Vec<Diagnostic>> {
    let problem = match (from, secret(MAIL_SERVER)) {
        (None, None) => return Ok(None),
        (Some(from), Some(server)) => match Mail::new(&server, from) {
            Ok(mail) => return Ok(Some(mail)),
            Err(error) => Diagnostic::new(error.to_string()),
        },
        (Some(_), None) => Diagnostic::new(format!("{MAIL_SERVER} is not set, and --mail-from needs a mail server"))
            .hint("set it to smtps://user:password@smtp.example.com"),
        (None, Some(_)) => Diagnostic::new(format!("{MAIL_SERVER} is set, and mails have no sender"))
            .hint("add --mail-from 'tms-sync <sync@example.com>'"),
    };
    Err(vec![problem])
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
                role: role.clone(),
                secret: secret.clone(),
            };
            let part = VaultPart {
                server: url.clone(),
                mount: self.vault_mount.clone(),
                path: self.vault_path.clone(),
            };
            let clock = Arc::new(tms_sync_host::SystemClock);
            let vault = Vault::new(part, role, egress.clone(), clock);
            places.push(Arc::new(vault.map_err(|error| vec![Diagnostic::new(error)])?));
        }
        Ok(places)
    }
}

impl ProviderOptions {
    fn provider(&self, egress: &EgressPolicy) -> Result<Option<SingleSignOn>, Vec<Diagnostic>> {
        let (Some(issuer), Some(client_id)) = (&self.oidc_issuer, &self.oidc_client) else {
            return Ok(None);
        };
        let unset = || vec![Diagnostic::new(format!("{OIDC_SECRET} is not set"))];
        Ok(Some(SingleSignOn {
            title: self.oidc_title.clone(),
            issuer: issuer.clone(),
            client_id: client_id.clone(),
            client_secret: secret(OIDC_SECRET).ok_or_else(unset)?,
            egress: egress.clone(),
        }))
    }
}

pub fn secret(variable: &str) -> Option<Zeroizing<String>> {
    std::env::var(variable).ok().map(Zeroizing::new)
}

/// The bundled plugin, or the ones that are named.
async fn plugins(serve: &Args) -> Result<Vec<tms_sync_host::LoadedPlugin>, Diagnostic> {
    if serve.plugin.is_empty() {
        return Ok(vec![plugin::bundled().await?]);
    }
    let mut plugins = Vec::new();
    for named in &serve.plugin {
        plugins.push(plugin::load(Some(named), &serve.acceptance).await?);
    }
    Ok(plugins)
}
