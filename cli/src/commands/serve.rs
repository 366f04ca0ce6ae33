//! `tms-sync serve`: the service until Ctrl-C.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use tms_sync_server::{Keys, Options, Server};
use zeroize::Zeroizing;

use crate::interrupt::Interrupts;
use crate::log::{self, Level};
use crate::output::Output;
use crate::plugin;
use crate::render::diagnostic::{self, Diagnostic};

/// Holds the master keys where a file is not wanted.
const KEYS: &str = "TMS_SYNC_MASTER_KEYS";

/// Serves pages and an API for many teams, and runs syncs on a schedule
///
/// The first start prints a link that makes the administrator. Everything is kept in the state folder. The variable
/// TMS_SYNC_MASTER_KEYS may hold the master keys instead of a file.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Folder of databases and master key; it is made where there is none
    #[arg(long, value_name = "FOLDER", default_value = "tms-sync-state")]
    pub state: PathBuf,
    /// Where to listen; put a proxy with TLS in front of anything but loopback
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// How people reach it, for links and cookies: https://sync.example.com or with a path
    #[arg(long, value_name = "URL")]
    pub public_url: Option<String>,
    /// A component to offer, again for more; without it the bundled one
    #[arg(long, value_name = "FILE")]
    pub plugin: Vec<PathBuf>,
    /// File of the master keys; by default master.key in the state folder
    #[arg(long, value_name = "FILE")]
    pub keys: Option<PathBuf>,
    /// A private or plain server that teams may name, as host:port, again for more
    #[arg(long, value_name = "HOST:PORT")]
    pub allow: Vec<String>,
    /// Runs under way at once, all teams together
    #[arg(long, value_name = "NUMBER", default_value_t = 4)]
    pub runs_at_once: usize,
    #[cfg(feature = "sim")]
    /// Show it with simulated servers, two teams and some history, in a folder that is gone afterwards
    #[arg(long, conflicts_with_all = ["state", "plugin", "keys", "allow"])]
    pub demo: bool,
}

impl Args {
    pub async fn perform(self) -> u8 {
        #[cfg(feature = "sim")]
        if self.demo {
            return super::serve_demo::perform(&self, Interrupts::listen()).await;
        }
        perform(&self, Interrupts::listen()).await
    }
}

async fn perform(serve: &Args, mut interrupts: Interrupts) -> u8 {
    let server = match start(serve).await {
        Ok(server) => server,
        Err(diagnostic) => {
            diagnostic::log(&diagnostic);
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

async fn start(serve: &Args) -> Result<Server, Diagnostic> {
    let keys = match std::env::var(KEYS) {
        Ok(text) => Keys::Text(Zeroizing::new(text)),
        Err(_) => Keys::File(serve.keys.clone()),
    };
    let options = Options {
        listen: serve.listen,
        public_url: serve.public_url.clone(),
        plugins: plugins(serve).await?,
        keys,
        runs_at_once: serve.runs_at_once,
        allow: serve.allow.clone(),
        clock: Arc::new(tms_sync_host::SystemClock),
        ..Options::new(&serve.state)
    };
    Server::start(options)
        .await
        .map_err(|error| Diagnostic::new(error.to_string()))
}

/// The bundled plugin, or the ones that are named.
async fn plugins(serve: &Args) -> Result<Vec<tms_sync_host::LoadedPlugin>, Diagnostic> {
    if serve.plugin.is_empty() {
        return Ok(vec![plugin::load(None).await?]);
    }
    let mut plugins = Vec::new();
    for path in &serve.plugin {
        plugins.push(plugin::load(Some(path)).await?);
    }
    Ok(plugins)
}
