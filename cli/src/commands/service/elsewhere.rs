//! Commands that a service carries out: `tms-sync --server URL export main`.

use super::super::{self as commands, export, plan, verify};
use super::Command;
use crate::answer::Answer;
use crate::options::{OutputOptions, ReadingOptions};
use crate::remote::{Remote, Wanted};
use crate::render::diagnostic::Diagnostic;
use crate::report::Verb;

/// What [`commands::Command::perform`] does, at a service.
pub async fn perform(remote: &Remote, command: commands::Command) -> u8 {
    match command {
        commands::Command::Plan(args) => remote.give(planned(args)).await,
        commands::Command::Export(args) => remote.give(exported(args)).await,
        commands::Command::Verify(args) => remote.give(verified(args)).await,
        commands::Command::Service(Command::Import(args)) => {
            let output = args.output.clone();
            let answer = args.answer(remote).await;
            answer.unwrap_or_else(Answer::refusal).give("import", &output)
        }
        commands::Command::Service(Command::Settings(args)) => {
            let output = args.output.clone();
            let answer = args.answer(remote).await;
            answer.unwrap_or_else(Answer::refusal).give("settings", &output)
        }
        _ => {
            let problem = Diagnostic::new("only plan, export, verify, import and settings work with --server");
            let problem = problem.hint("everything else is on the service's pages");
            Answer::from(problem).give("--server", &OutputOptions::default())
        }
    }
}

fn planned(args: plan::Args) -> (Wanted, OutputOptions) {
    let wanted = Wanted {
        verb: Verb::Plan,
        reading: args.reading,
        accept_changes: false,
        shown: args.shown,
        sync: args.selected.sync,
    };
    (wanted, args.selected.configured.output)
}

fn exported(args: export::Args) -> (Wanted, OutputOptions) {
    let wanted = Wanted {
        verb: if args.dry_run { Verb::Plan } else { Verb::Export },
        reading: args.reading,
        accept_changes: args.accept_changes,
        shown: args.shown,
        sync: args.selected.sync,
    };
    (wanted, args.selected.configured.output)
}

fn verified(args: verify::Args) -> (Wanted, OutputOptions) {
    let wanted = Wanted {
        verb: Verb::Verify,
        reading: ReadingOptions::default(),
        accept_changes: false,
        shown: args.shown,
        sync: args.selected.sync,
    };
    (wanted, args.selected.configured.output)
}
