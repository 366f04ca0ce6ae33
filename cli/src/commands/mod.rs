//! One file per command. A new one is its file and three lines here: `mod`, the case, and the arm that performs it. Those of
//! the service are in `service/`, which a build without the feature `service` leaves out.

mod adopt;
mod completions;
#[cfg(feature = "sim")]
mod demo;
mod enable;
mod export;
mod history;
mod init;
mod inspect;
mod links;
mod plan;
mod plugin;
mod probe;
mod projects;
mod replay;
#[cfg(feature = "service")]
pub mod service;
#[cfg(feature = "sim")]
mod sim;
mod status;
mod test;
mod undo;
pub mod validate;
mod verify;

use crate::afterwards::{self, RunCommand};
use crate::answer::Answer;
use crate::log;
use crate::options::ConfigOptions;
use crate::render::diagnostic::{self, Diagnostic};
use crate::session::Session;
use crate::state::LedgerUse;

/// In the order of `--help`, which shows the description of each command's `Args`.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    #[cfg(feature = "sim")]
    Demo(demo::Args),
    Init(init::Args),
    Validate(validate::Args),
    Test(test::Args),
    Projects(projects::Args),
    Probe(probe::Args),
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
    Plugin(plugin::Args),
    #[cfg(feature = "service")]
    #[command(flatten)]
    Service(service::Command),
    #[cfg(feature = "sim")]
    Sim(sim::Args),
    Completions(completions::Completions),
    Man(completions::Man),
}

impl Command {
    /// Runs the command, gives the answer, and returns the exit code.
    pub async fn perform(self) -> u8 {
        match self {
            #[cfg(feature = "sim")]
            Self::Demo(args) => args.perform().await,
            Self::Init(args) => args.perform().await,
            Self::Validate(args) => configured(args).await,
            Self::Test(args) => configured(args).await,
            Self::Projects(args) => configured(args).await,
            Self::Probe(args) => configured(args).await,
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
            Self::Plugin(args) => args.perform().await,
            #[cfg(feature = "service")]
            Self::Service(command) => command.perform().await,
            #[cfg(feature = "sim")]
            Self::Sim(args) => args.perform().await,
            Self::Completions(args) => args.perform(),
            Self::Man(args) => args.perform(),
        }
    }
}

/// A command that starts with a configuration file.
trait Configured {
    /// As it is typed.
    const NAME: &'static str;
    /// Whatever asks a server leaves a trace: runs in the history, refused credentials in their health.
    const LEDGER: LedgerUse;
    /// Whether it judges the file, so that what is remarked on it belongs to its answer, unknown keys too.
    const JUDGES: bool = false;

    fn config(&self) -> &ConfigOptions;

    /// What it runs, for the commands that do: such a run has its line in the history, even if it could not start.
    fn run(&self) -> Option<RunCommand> {
        None
    }

    async fn answer(self, session: &Session) -> Result<Answer, Vec<Diagnostic>>;
}

async fn configured<C: Configured>(command: C) -> u8 {
    let (file, output) = (command.config().config.clone(), command.config().output.clone());
    let run = command.run();
    let answered = match log::open(&output.log) {
        Ok(()) => answer(command).await,
        Err(problem) => Err(vec![Diagnostic::new(problem)]),
    };
    if let Some(run) = run {
        afterwards::run_ended(&file, &run, answered.as_ref().err().map(Vec::as_slice)).await;
    }
    answered.unwrap_or_else(Answer::refusal).give(C::NAME, &output)
}

async fn answer<C: Configured>(command: C) -> Result<Answer, Vec<Diagnostic>> {
    let config = command.config();
    let session = if C::JUDGES {
        Session::judge(&config.config, config.new_servers).await?
    } else {
        let session = Session::open(&config.config, C::LEDGER, config.new_servers).await?;
        session.remarks.iter().for_each(diagnostic::log);
        session
    };
    let answered = command.answer(&session).await;
    if C::LEDGER == LedgerUse::Write
        && let Err(error) = session.remember_origins().await
    {
        diagnostic::log(&Diagnostic::new(error.to_string()).warning());
    }
    answered
}
