//! `tms-sync replay`

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tms_sync_host::{Difference, ReplayError, Replayed, replay};

use crate::answer::Answer;
use crate::files;
use crate::options::OutputOptions;
use crate::plugin::{self, Acceptance, Named};
use crate::render::diagnostic::Diagnostic;

/// Runs a plugin against a recorded export, offline, and shows the first difference
///
/// `tms-sync export --record FILE` makes a recording. The replay needs no configuration, no server and no secret: the
/// plugin's calls must be the recorded ones, in the recorded order and byte for byte, and so must its report.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A recording
    #[arg(value_name = "FILE")]
    pub recording: PathBuf,
    /// A component file, or an artifact as registry/repository@sha256:…; without it, the bundled xray component
    #[arg(long, value_name = "PLUGIN")]
    pub plugin: Option<Named>,
    #[command(flatten)]
    pub acceptance: Acceptance,
    #[command(flatten)]
    pub output: OutputOptions,
}

impl Args {
    pub async fn perform(self) -> u8 {
        let answered = answer(&self).await;
        answered.unwrap_or_else(Answer::from).give("replay", &self.output)
    }
}

async fn answer(args: &Args) -> Result<Answer, Diagnostic> {
    let recording = args.recording.as_path();
    let text = files::read_text(recording, files::RECORDING)
        .map_err(|error| Diagnostic::new(format!("cannot read the recording {}: {error}", recording.display())))?;
    let plugin = plugin::load(args.plugin.as_ref(), &args.acceptance).await?;
    match replay(&plugin, &text).await {
        Ok(replayed) => Ok(same(&replayed, plugin.digest())),
        Err(ReplayError::Differs(difference)) => Ok(differs(recording, &difference)),
        Err(error) => Err(Diagnostic::new(format!("{}: {error}", recording.display()))),
    }
}

fn same(replayed: &Replayed, digest: &str) -> Answer {
    let component = if replayed.recorded_digest == digest {
        "the recorded component"
    } else {
        "another component than the recorded one"
    };
    let text = format!(
        "The same run, by {component}: {} host calls ({} requests), {} events, and the report\n",
        replayed.calls, replayed.requests, replayed.events
    );
    let json = json!({
        "same": true,
        "calls": replayed.calls,
        "requests": replayed.requests,
        "events": replayed.events,
        "recorded-digest": replayed.recorded_digest,
    });
    Answer::new(0, text, "replay", json)
}

fn differs(recording: &Path, difference: &Difference) -> Answer {
    let Difference {
        line,
        recorded,
        replayed,
    } = difference;
    let recorded_shown = if recorded.is_empty() { "the end" } else { recorded };
    let text = format!(
        "Not the same run\n  {}:{line}\n  recorded  {recorded_shown}\n  replayed  {replayed}\n",
        recording.display()
    );
    let json: Value = json!({"same": false, "line": line, "recorded": recorded, "replayed": replayed});
    Answer::new(1, text, "replay", json)
}
