//! `tms-sync rotate-key`: another master key for a stopped service.

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::json;
use tms_sync_host::EgressPolicy;
use tms_sync_server::secrets::{Transit, TransitToken};
use tms_sync_server::{Keys, Options, rotate_keys};

use super::node::secret;
use crate::answer::Answer;
use crate::config;
use crate::options::OutputOptions;
use crate::render::diagnostic::Diagnostic;
use crate::render::text::counted;

/// Holds the master keys where a file is not wanted.
const KEYS: &str = "TMS_SYNC_MASTER_KEYS";
/// Holds the token for the transit engine.
const TRANSIT_TOKEN: &str = "TMS_SYNC_TRANSIT_TOKEN";

// Where the service keeps its data, and what seals secrets in it.
#[derive(Debug, clap::Args)]
pub struct KeyOptions {
    /// Folder of databases and master key; it is made where there is none
    #[arg(long, value_name = "FOLDER", default_value = "tms-sync-state")]
    pub state: PathBuf,
    /// PostgreSQL database for store and ledger, instead of files: postgres://USER@HOST/DATABASE, the password in PGPASSWORD
    #[arg(long, value_name = "URL")]
    pub postgres: Option<String>,
    /// File of the master keys; by default master.key in the state folder
    #[arg(long, value_name = "FILE")]
    pub keys: Option<PathBuf>,
    /// Transit engine of OpenBao or Vault that holds the master key: https://bao.example.com:8200/v1/transit
    #[arg(long, value_name = "URL", conflicts_with = "keys")]
    pub transit: Option<String>,
    /// Name of the key there
    #[arg(long, value_name = "NAME", default_value = "tms-sync")]
    pub transit_key: String,
    /// File of the token for it, which an agent may renew; without it TMS_SYNC_TRANSIT_TOKEN
    #[arg(long, value_name = "FILE", requires = "transit")]
    pub transit_token: Option<PathBuf>,
    /// File with the way to other servers: [host] with authority, allow, proxy and server, as in a configuration file
    #[arg(long, value_name = "FILE")]
    pub network: Option<PathBuf>,
}

impl KeyOptions {
    /// Options of the service with these keys.
    pub fn options(&self) -> Result<Options, Vec<Diagnostic>> {
        let egress = self.egress()?;
        Ok(Options {
            keys: self.chosen(&egress)?,
            egress,
            postgres: self.postgres.clone(),
            ..Options::new(&self.state)
        })
    }

    fn egress(&self) -> Result<EgressPolicy, Vec<Diagnostic>> {
        let variable = |name: &str| std::env::var(name).ok();
        match &self.network {
            Some(file) => config::network(file, &variable)
                .map_err(|problems| problems.into_iter().map(Diagnostic::from).collect()),
            None => Ok(EgressPolicy::public_only()),
        }
    }

    fn chosen(&self, egress: &EgressPolicy) -> Result<Keys, Vec<Diagnostic>> {
        if let Some(url) = &self.transit {
            let token = match (&self.transit_token, secret(TRANSIT_TOKEN)) {
                (Some(file), _) => TransitToken::File(file.clone()),
                (None, Some(token)) => TransitToken::Text(token),
                (None, None) => {
                    let problem = Diagnostic::new("there is no token for the transit engine");
                    let hint = format!("set {TRANSIT_TOKEN}, or name a file with --transit-token");
                    return Err(vec![problem.hint(hint)]);
                }
            };
            let transit = Transit::new(url, &self.transit_key, token, egress.clone());
            let transit = transit.map_err(|error| vec![Diagnostic::new(error)])?;
            return Ok(Keys::Source(Arc::new(transit)));
        }
        Ok(match (&self.keys, secret(KEYS)) {
            (None, Some(text)) => Keys::Text(text),
            (file, _) => Keys::File(file.clone()),
        })
    }
}

/// Changes the master key of a service that is stopped
///
/// A file gets a new key and forgets the old one. With TMS_SYNC_MASTER_KEYS the first key takes over from the others;
/// with a transit engine its newest version does, after you rotated the key there. Secrets stay as they are.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    pub keys: KeyOptions,
    #[command(flatten)]
    pub output: OutputOptions,
}

impl Args {
    pub async fn perform(self) -> u8 {
        let answer = match self.rotate().await {
            Ok(rotated) => {
                let text = format!("{} sealed anew\n", counted(rotated, "tenant's key", "tenants' keys"));
                Answer::new(0, text, "rotated", json!(rotated))
            }
            Err(problem) => problem.into(),
        };
        answer.give("rotate-key", &self.output)
    }

    async fn rotate(&self) -> Result<u64, Vec<Diagnostic>> {
        let options = self.keys.options()?;
        if options.postgres.is_none() && !options.state.join("server.db").exists() {
            let message = format!("there is no service in {}", options.state.display());
            return Err(vec![Diagnostic::new(message)]);
        }
        rotate_keys(&options)
            .await
            .map_err(|error| vec![Diagnostic::new(error.to_string())])
    }
}
