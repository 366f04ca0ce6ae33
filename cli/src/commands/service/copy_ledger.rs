//! `tms-sync copy-ledger`

use std::path::Path;

use serde_json::json;
use tms_sync_host::ledger::{Copied, copy};

use tms_sync_server::{Moved, Options, copy_service};

use crate::answer::Answer;
use crate::options::OutputOptions;
use crate::render::diagnostic::Diagnostic;
use crate::state::{LedgerUse, State};

/// Copies a ledger into an empty one: a file into PostgreSQL, or back
///
/// Links, the history, the health of credentials and where secrets go. No export runs meanwhile. Name the new one as `state`
/// under [host] afterwards, everywhere, and keep the old one away: two ledgers do not know of each other.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The ledger: a file, or postgres://USER@HOST/DATABASE with the password in PGPASSWORD
    #[arg(value_name = "FROM")]
    pub from: String,
    /// Where it goes: a file that does not exist, or a database without a ledger
    #[arg(value_name = "TO")]
    pub to: String,
    /// Copy a whole service that is stopped: FROM and TO are a state folder and a database, or the reverse
    #[arg(long)]
    pub service: bool,
    #[command(flatten)]
    pub output: OutputOptions,
}

impl Args {
    pub async fn perform(self) -> u8 {
        let (from, to) = (place(&self.from), place(&self.to));
        let answer = match self.service {
            true => service(&from, &to).await,
            false => ledger(&from, &to).await,
        };
        answer.give("copy-ledger", &self.output)
    }
}

async fn ledger(from: &State, to: &State) -> Answer {
    match copied(from, to).await {
        Ok(Copied {
            rows,
            runs,
            credentials,
        }) => {
            let text = format!(
                "Copied {rows} links, {runs} runs and what is known of {credentials} credentials to {to}.\n\
                 Name it as state under [host] now, and keep {from} away.\n"
            );
            let numbers = json!({ "links": rows, "runs": runs, "credentials": credentials });
            Answer::new(0, text, "copied", numbers)
        }
        Err(problem) => problem.into(),
    }
}

async fn service(from: &State, to: &State) -> Answer {
    if let Some(folder) = from.file()
        && !folder.join("server.db").exists()
    {
        return Diagnostic::new(format!("there is no service in {from}")).into();
    }
    match copy_service(&options(from), &options(to)).await {
        Ok(Moved { rows, ledger }) => {
            let links = ledger.rows;
            let text = format!(
                "Copied {rows} rows and {links} links to {to}.\n\
                 Start the service with it and with the same master key, and keep {from} away.\n"
            );
            Answer::new(0, text, "copied", json!({ "rows": rows, "links": links }))
        }
        Err(error) => Diagnostic::new(format!("{from} was not copied to {to}: {error}")).into(),
    }
}

fn options(state: &State) -> Options {
    match state {
        State::File(folder) => Options::new(folder),
        State::Database(address) => Options {
            postgres: Some(address.clone()),
            ..Options::new("")
        },
    }
}

fn place(text: &str) -> State {
    State::of(text, Path::new(""))
}

async fn copied(from: &State, to: &State) -> Result<Copied, Diagnostic> {
    if let Some(path) = from.file()
        && !path.exists()
    {
        return Err(Diagnostic::new(format!("there is no ledger {from}")));
    }
    let open = async |state: &State| {
        let opened = state.open(LedgerUse::Write).await;
        opened.map_err(|error| Diagnostic::new(format!("cannot open the ledger {state}: {error}")))
    };
    let (source, target) = (open(from).await?, open(to).await?);
    let copied = copy(source.as_ref(), target.as_ref()).await;
    copied.map_err(|error| Diagnostic::new(format!("{from} was not copied to {to}: {error}")))
}
