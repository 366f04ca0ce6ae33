//! One file per command; each turns a question into an [`Answer`](super::answer::Answer).

#[cfg(feature = "sim")]
mod demo;
mod enable;
mod export;
mod history;
mod inspect;
mod links;
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
mod validate;

use std::path::Path;

use super::answer::Answer;
use super::interrupt::Interrupts;
use super::order::{JobOptions, Order, ProgressStyle, Question, Task};
use super::output::say;
use super::render::problems::{self, Told};
use super::report::Verb;
use super::session::{LedgerUse, Session};
use export::{Asked, Watch};

/// Does what was ordered, gives the answer, and returns the exit code.
pub async fn perform(order: Order) -> u8 {
    match order.task {
        #[cfg(feature = "sim")]
        Task::Serve(serve) if serve.demo => serve_demo::perform(&serve, Interrupts::listen()).await,
        Task::Serve(serve) => serve::perform(&serve, Interrupts::listen()).await,
        Task::Inspect { plugin } => {
            let answer = inspect::answer(plugin.as_deref()).await.unwrap_or_else(Answer::from);
            answer.give("inspect", order.format)
        }
        Task::Replay { tape, plugin } => {
            let answer = replay::answer(&tape, plugin.as_deref())
                .await
                .unwrap_or_else(Answer::from);
            answer.give("replay", order.format)
        }
        Task::Configured {
            file,
            new_servers,
            question,
        } => {
            let command = question.command();
            let answered = configured(&file, new_servers, question, order.progress).await;
            answered.unwrap_or_else(Answer::refusal).give(command, order.format)
        }
        #[cfg(feature = "sim")]
        Task::Demo {
            variant,
            cases,
            keep_running,
        } => {
            let demo = demo::Demo {
                variant,
                cases,
                keep_running,
                progress: order.progress,
            };
            demo::perform(&demo, Interrupts::listen()).await
        }
        #[cfg(feature = "sim")]
        Task::Sim {
            variants,
            port,
            cases,
            answers,
        } => sim::perform(&variants, port, cases, &answers, Interrupts::listen()).await,
    }
}

async fn configured(
    file: &Path,
    new_servers: bool,
    question: Question,
    progress: ProgressStyle,
) -> Result<Answer, Vec<Told>> {
    let ledger = match question {
        // Whatever asks a server leaves a trace: runs in the history, refused credentials in their health.
        Question::Plan { .. }
        | Question::Export { .. }
        | Question::Verify { .. }
        | Question::Undo { .. }
        | Question::Test
        | Question::Projects { .. }
        | Question::Enable { .. } => LedgerUse::Write,
        Question::Validate { .. } | Question::History { .. } | Question::Status | Question::Links { .. } => {
            LedgerUse::Look
        }
    };
    let session = Session::open(file, ledger, new_servers).await?;
    if !matches!(question, Question::Validate { .. }) {
        for warning in &session.warnings {
            say(problems::text(warning).trim_end());
        }
    }
    match question {
        Question::Validate { show_mapping } => validate::answer(&session, show_mapping).await,
        Question::Test => test::answer(&session).await,
        Question::Projects { query } => projects::answer(&session, &query).await,
        Question::Links { sync } => links::answer(&session, sync.as_deref()).await,
        // Only what runs for long is asked to end; the others Ctrl-C ends as usual.
        Question::Plan { sync, options } => {
            let asked = Asked::new(Verb::Plan, options);
            export::answer(&session, asked, sync.as_deref(), &mut Watch::listen(progress)).await
        }
        Question::Export { sync, options, record } => {
            let asked = Asked::new(Verb::Export, options);
            let watch = &mut Watch::listen(progress);
            match record {
                None => export::answer(&session, asked, sync.as_deref(), watch).await,
                Some(file) => replay::record(&session, asked, sync.as_deref(), &file, watch).await,
            }
        }
        Question::Verify { sync } => {
            let asked = Asked::new(Verb::Verify, JobOptions::default());
            export::answer(&session, asked, sync.as_deref(), &mut Watch::listen(progress)).await
        }
        Question::Undo { run, apply } => undo::answer(&session, &run, apply, &mut Watch::listen(progress)).await,
        Question::Status => status::answer(&session).await,
        Question::Enable { name } => enable::answer(&session, &name).await,
        Question::History { limit } => history::answer(&session, limit).await,
    }
}
