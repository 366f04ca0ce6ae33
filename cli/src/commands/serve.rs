//! `tms-sync serve`: the service until Ctrl-C.

use std::sync::Arc;

use tms_sync_server::{Keys, Options, Server};
use zeroize::Zeroizing;

use crate::args::Serve;
use crate::interrupt::Interrupts;
use crate::output::{Output, say};
use crate::plugin;
use crate::render::problems::{self, Told};

/// Holds the master keys where a file is not wanted.
const KEYS: &str = "TMS_SYNC_MASTER_KEYS";

pub async fn perform(serve: &Serve, mut interrupts: Interrupts) -> u8 {
    let server = match start(serve).await {
        Ok(server) => server,
        Err(told) => {
            say(problems::text(&told).trim_end());
            return 2;
        }
    };
    match server.first_link().await {
        Ok(Some(link)) => Output::default().text(&format!(
            "Nobody keeps this instance yet. Open this link once:\n  {link}\n"
        )),
        Ok(None) => {}
        Err(error) => say(&format!("error: {error}")),
    }
    say(&format!("Serving http://{} until Ctrl-C", server.address()));
    interrupts.reached(1).await;
    say("Runs under way end at the next safe place; Ctrl-C again ends at once");
    tokio::select! {
        () = server.stop() => 0,
        () = interrupts.reached(2) => 1,
    }
}

async fn start(serve: &Serve) -> Result<Server, Told> {
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
        .map_err(|error| Told::new(error.to_string()))
}

/// The bundled plugin, or the ones that are named.
async fn plugins(serve: &Serve) -> Result<Vec<tms_sync_host::LoadedPlugin>, Told> {
    if serve.plugin.is_empty() {
        return Ok(vec![plugin::load(None).await?]);
    }
    let mut plugins = Vec::new();
    for path in &serve.plugin {
        plugins.push(plugin::load(Some(path)).await?);
    }
    Ok(plugins)
}
