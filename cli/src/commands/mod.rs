//! One file per command. A new one is its file and three lines here: `mod`, the case, and the arm that performs it.

mod adopt;
#[cfg(feature = "sim")]
mod demo;
mod enable;
mod export;
mod history;
mod inspect;
mod links;
mod plan;
mod projects;
mod replay;
mod serve;
#[cfg(feature = "sim")]
mod serve_demo;
#[cfg(feature = "sim")]
mod sim;
mod status;
mod test;
mod undo;
pub mod validate;
mod verify;

use crate::answer::Answer;
use crate::options::ConfigOptions;
use crate::output::to_stderr;
use crate::render::problems::{self, Told};
use crate::session::{LedgerUse, Session};

/// In the order of `--help`, which shows the description of each command's `Args`.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    #[cfg(feature = "sim")]
    Demo(demo::Args),
    Validate(validate::Args),
    Test(test::Args),
    Projects(projects::Args),
    Plan(plan::Args),
    Export(export::Args),
    Verify(verify::Args),
    Undo(undo::Args),
    Adopt(adopt::Args),
    Replay(replay::Args),
    History(history::Args),
    Status(status::Args),
    Enable(enable::Args),
    Links(links::Args),
    Inspect(inspect::Args),
    Serve(serve::Args),
    #[cfg(feature = "sim")]
    Sim(sim::Args),
}

impl Command {
    /// Does what the command line says, gives the answer, and returns the exit code.
    pub async fn perform(self) -> u8 {
        match self {
            #[cfg(feature = "sim")]
            Self::Demo(args) => args.perform().await,
            Self::Validate(args) => configured(args).await,
            Self::Test(args) => configured(args).await,
            Self::Projects(args) => configured(args).await,
            Self::Plan(args) => configured(args).await,
            Self::Export(args) => configured(args).await,
            Self::Verify(args) => configured(args).await,
            Self::Undo(args) => configured(args).await,
            Self::Adopt(args) => configured(args).await,
            Self::Replay(args) => args.perform().await,
            Self::History(args) => configured(args).await,
            Self::Status(args) => configured(args).await,
            Self::Enable(args) => configured(args).await,
            Self::Links(args) => configured(args).await,
            Self::Inspect(args) => args.perform().await,
            Self::Serve(args) => args.perform().await,
            #[cfg(feature = "sim")]
            Self::Sim(args) => args.perform().await,
        }
    }
}

/// A command that starts with a configuration file.
trait Configured {
    /// As it is typed.
    const NAME: &'static str;
    /// Whatever asks a server leaves a trace: runs in the history, refused credentials in their health.
    const LEDGER: LedgerUse;
    /// Whether the file's warnings are shown before the command begins.
    const SHOWS_WARNINGS: bool = true;

    fn config(&self) -> &ConfigOptions;

    async fn answer(self, session: &Session) -> Result<Answer, Vec<Told>>;
}

async fn configured<C: Configured>(command: C) -> u8 {
    let format = command.config().output.format();
    let answered = answer(command).await;
    answered.unwrap_or_else(Answer::refusal).give(C::NAME, format)
}

async fn answer<C: Configured>(command: C) -> Result<Answer, Vec<Told>> {
    let config = command.config();
    let session = Session::open(&config.config, C::LEDGER, config.new_servers).await?;
    if C::SHOWS_WARNINGS {
        for warning in &session.warnings {
            to_stderr(problems::text(warning).trim_end());
        }
    }
    command.answer(&session).await
}
