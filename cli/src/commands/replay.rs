//! `tms-sync replay`, and the file that `tms-sync export --record` writes.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;
use std::time::Instant;

use serde_json::{Value, json};
use tms_sync_host::model::Side;
use tms_sync_host::{Difference, ReplayError, Replayed, replay};

use super::export::{Asked, Watch, collected, one, shown};
use super::validate;
use crate::answer::Answer;
use crate::plugin;
use crate::render::problems::Told;
use crate::report::Verb;
use crate::session::Session;

/// Exports one sync and writes its recording.
pub async fn record(
    session: &Session,
    asked: Asked,
    sync: Option<&str>,
    file: &Path,
    watch: &mut Watch,
) -> Result<Answer, Vec<Told>> {
    let syncs = session.selected(sync)?;
    let [sync] = syncs.as_slice() else {
        let told = Told::new("a recording holds one sync, and the configuration has several").of(Side::Settings);
        return Err(vec![told.hint("name the one: tms-sync export NAME --record FILE")]);
    };
    validate::passes(session, &syncs).await?;
    let cannot = |error| {
        vec![Told::new(format!(
            "cannot write the recording {}: {error}",
            file.display()
        ))]
    };
    let tape = created(file).map(BufWriter::new).map_err(cannot)?;
    let begun = Instant::now();
    let start = || session.tenant.record(asked.job(sync), tape);
    let report = one(Verb::Export, sync, watch, start).await;
    shown(session, &collected(session, Verb::Export, vec![report], begun))
}

/// It holds what servers answered to one account, so others may not read it.
fn created(file: &Path) -> std::io::Result<File> {
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file)
}

pub async fn answer(tape: &Path, path: Option<&Path>) -> Result<Answer, Told> {
    let text = std::fs::read_to_string(tape)
        .map_err(|error| Told::new(format!("cannot read the recording {}: {error}", tape.display())))?;
    let plugin = plugin::load(path).await?;
    match replay(&plugin, &text).await {
        Ok(replayed) => Ok(same(&replayed, plugin.digest())),
        Err(ReplayError::Differs(difference)) => Ok(differs(tape, &difference)),
        Err(error) => Err(Told::new(format!("{}: {error}", tape.display()))),
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

fn differs(tape: &Path, difference: &Difference) -> Answer {
    let Difference {
        line,
        recorded,
        replayed,
    } = difference;
    let recorded_shown = if recorded.is_empty() { "the end" } else { recorded };
    let text = format!(
        "Not the same run\n  {}:{line}\n  recorded  {recorded_shown}\n  replayed  {replayed}\n",
        tape.display()
    );
    let json: Value = json!({"same": false, "line": line, "recorded": recorded, "replayed": replayed});
    Answer::new(1, text, "replay", json)
}
