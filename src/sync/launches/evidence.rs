//! Files of results as evidence of their runs.
//!
//! Statuses are published first and alone, so that no file can cost one. Then the runs that have files are imported once
//! more with them, in bodies of a bounded size. Whether an import adds evidence or replaces it is not documented: what a run
//! has is looked at before, and after it got more.

use crate::domain::{File, Status};
use crate::error::{Kind, Result};
use crate::jira::Upload;
use crate::mapping::options::Evidence;
use crate::mapping::{self, left_out, media_type, numbered};
use crate::ports::Piece;
use crate::sync::ctx::Ctx;
use crate::target::{Issue, RunFiles};
use crate::web::Neighbours;
use futures_util::stream::{self, StreamExt};
use std::collections::BTreeSet;

/// Results whose files are listed at a time.
const AT_ONCE: usize = 8;
/// Bytes of files in one import: Base64 makes a third more of them, and a public client meets 413 near 100 MB
/// (playwright-xray).
const TOGETHER_BYTES: u64 = 30_000_000;
/// Files in one import, which the host keeps until it is done.
const TOGETHER: usize = 60;
/// Losses that are named in a verdict.
const NAMED: usize = 20;
/// Files of one run.
const FILES: usize = 60;

/// A published run, and the results that it was made of.
pub(super) struct Witness<'a> {
    pub run: &'a mapping::TestRun,
    pub results: Vec<(u64, Status)>,
}

/// The files of a run.
struct Listed<'a> {
    run: &'a mapping::TestRun,
    /// To be shown.
    files: Vec<File>,
    /// Evidence of it already.
    present: Vec<File>,
}

/// What became of the files of results.
#[derive(Default)]
pub struct Shown {
    /// Files that are evidence now.
    pub files: u64,
    /// Highest id of the files that were looked at.
    pub newest: u64,
    /// What is left out, for people.
    pub losses: Vec<String>,
    /// What is left out now and tried again, for people.
    pub left: Vec<String>,
}

impl Shown {
    /// What is left out, for the verdict.
    pub fn notes(&self) -> Vec<String> {
        let all = || self.left.iter().chain(&self.losses);
        let mut notes: Vec<String> = all().take(NAMED).cloned().collect();
        let more = all().count().saturating_sub(NAMED);
        if more > 0 {
            notes.push(format!("{more} more files are left out"));
        }
        notes
    }
}

/// What an earlier export left in the runs.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Before {
    /// There may be some.
    pub any: bool,
    /// Files with higher ids were added to TestOps since; 0: unknown.
    pub newest: u64,
}

/// Brings the evidence of runs in step.
pub(super) async fn show(
    ctx: &Ctx<'_>,
    execution: &Issue,
    before: Before,
    runs: Vec<Witness<'_>>,
    shown: &mut Shown,
) -> Result<()> {
    let mut listed = listed(ctx, runs, shown).await?;
    if before.any {
        leave_out_present(ctx, execution, before.newest, &mut listed).await?;
    }
    shown.files += send_all(ctx, execution, &listed, shown).await?;
    let whole = replaced(ctx, execution, listed, shown).await?;
    shown.files += send_all(ctx, execution, &whole, shown).await?;
    Ok(())
}

/// Sends files in bodies of a bounded size. Gives how many arrived.
async fn send_all(ctx: &Ctx<'_>, execution: &Issue, listed: &[Listed<'_>], shown: &mut Shown) -> Result<u64> {
    let (mut group, mut bytes, mut count, mut arrived) = (Vec::new(), 0, 0, 0);
    for Listed { run, files, present } in listed {
        let (uploads, size) = contents(ctx, run, files, present, shown).await?;
        if uploads.is_empty() {
            continue;
        }
        if !group.is_empty() && (bytes + size > TOGETHER_BYTES || count + uploads.len() > TOGETHER) {
            arrived += send(ctx, execution, std::mem::take(&mut group), shown).await?;
            (bytes, count) = (0, 0);
        }
        bytes += size;
        count += uploads.len();
        group.push(RunFiles { run, files: uploads });
    }
    Ok(arrived + send(ctx, execution, group, shown).await?)
}

/// Runs that had evidence, got more, and have lost the former by it: some servers replace what others add to. Everything is
/// to be sent to them again, together. Counts what the other runs had.
async fn replaced<'a>(
    ctx: &Ctx<'_>,
    execution: &Issue,
    listed: Vec<Listed<'a>>,
    shown: &mut Shown,
) -> Result<Vec<Listed<'a>>> {
    let (mixed, others): (Vec<Listed<'_>>, Vec<Listed<'_>>) = listed
        .into_iter()
        .partition(|listed| !listed.present.is_empty() && !listed.files.is_empty());
    shown.files += others.iter().map(|listed| listed.present.len() as u64).sum::<u64>();
    let tests: Vec<Issue> = mixed.iter().map(|listed| listed.run.test.clone()).collect();
    let there = match tests.is_empty() {
        true => Vec::new(),
        false => ctx.target.executions().evidence(execution, &tests).await?,
    };
    let mut whole = Vec::new();
    for (mut listed, there) in mixed.into_iter().zip(there) {
        let stayed = |file: &File| there.iter().any(|(name, _)| *name == file.name);
        if listed.present.iter().all(stayed) {
            shown.files += listed.present.len() as u64;
        } else {
            shown.files = shown.files.saturating_sub(listed.files.len() as u64);
            listed.files.splice(..0, std::mem::take(&mut listed.present));
            whole.push(listed);
        }
    }
    Ok(whole)
}

/// The files of each run, those of the worst results first, as far as options let them.
async fn listed<'a>(ctx: &Ctx<'_>, runs: Vec<Witness<'a>>, shown: &mut Shown) -> Result<Vec<Listed<'a>>> {
    let of_interest = |status: Status| match ctx.job.options.files.evidence {
        Evidence::All => true,
        Evidence::Failed => matches!(status, Status::Failed | Status::Broken),
        Evidence::None => false,
    };
    let witnesses = runs.into_iter().filter_map(|mut witness| {
        witness.results.retain(|(_, status)| of_interest(*status));
        let worst_first = BTreeSet::from_iter(witness.results.into_iter().map(|(id, status)| (status, id)));
        witness.results = worst_first.into_iter().map(|(status, id)| (id, status)).collect();
        (!witness.results.is_empty()).then_some(witness)
    });
    let reading = witnesses.map(|witness| async move {
        let mut files = Vec::new();
        for (result, _) in &witness.results {
            match ctx.source.result_files(*result).await {
                Ok(found) => files.extend(found),
                // Gone meanwhile.
                Err(error) if error.kind == Kind::Missing => {}
                Err(error) => return (witness.run, files, Some(error)),
            }
        }
        (witness.run, files, None)
    });
    let (mut listed, neighbours) = (Vec::new(), Neighbours::default());
    let mut reading = stream::iter(reading).buffered(AT_ONCE);
    while let Some((run, files, failed)) = reading.next().await {
        match failed {
            None => neighbours.passed(),
            Some(error) => {
                let error = neighbours.failed(error)?;
                let key = &run.test.key;
                shown
                    .left
                    .push(format!("{key}: the files of its results are left out: {error}"));
            }
        }
        shown.newest = files.iter().map(|file| file.id).fold(shown.newest, u64::max);
        let files = chosen(ctx, run, files, shown);
        if !files.is_empty() {
            let present = Vec::new();
            listed.push(Listed { run, files, present });
        }
    }
    Ok(listed)
}

/// The files of a run that fit its budget, under names that stay the same when results are added.
fn chosen(ctx: &Ctx<'_>, run: &mapping::TestRun, files: Vec<File>, shown: &mut Shown) -> Vec<File> {
    let budget = ctx.job.options.files.evidence_bytes;
    let (mut bytes, mut chosen) = (0_u64, Vec::new());
    for file in files {
        let size = file.size.unwrap_or(0);
        let why = if file.missed {
            "TestOps says that its content was removed".to_owned()
        } else if file.size == Some(0) {
            "it is empty".to_owned()
        } else if bytes.saturating_add(size) > budget {
            format!("the evidence of the run has more than {budget} bytes")
        } else if chosen.len() >= FILES {
            format!("the run has more than {FILES} files")
        } else {
            bytes += size;
            chosen.push(file);
            continue;
        };
        shown
            .losses
            .push(format!("{}: {}", run.test.key, left_out(&file.name, &why)));
    }
    numbered(&mut chosen);
    chosen
}

/// Takes out what the runs have already: by name and, where the server returns it, by size. A file that was added to TestOps
/// since is another one all the same.
async fn leave_out_present(ctx: &Ctx<'_>, execution: &Issue, newest: u64, listed: &mut [Listed<'_>]) -> Result<()> {
    let tests: Vec<Issue> = listed.iter().map(|listed| listed.run.test.clone()).collect();
    if tests.is_empty() {
        return Ok(());
    }
    let present = ctx.target.executions().evidence(execution, &tests).await?;
    for (listed, present) in listed.iter_mut().zip(present) {
        let same_size =
            |file: &File, there: &Option<u64>| there.is_none_or(|there| file.size.is_none_or(|size| size == there));
        let is_there = |file: &File| {
            let is_older = newest == 0 || file.id <= newest;
            is_older
                && present
                    .iter()
                    .any(|(name, size)| *name == file.name && same_size(file, size))
        };
        let files = std::mem::take(&mut listed.files);
        (listed.present, listed.files) = files.into_iter().partition(is_there);
    }
    Ok(())
}

/// The contents of a run's files, each once, and their bytes.
async fn contents(
    ctx: &Ctx<'_>,
    run: &mapping::TestRun,
    files: &[File],
    present: &[File],
    shown: &mut Shown,
) -> Result<(Vec<Upload>, u64)> {
    let (mut uploads, mut bytes, mut seen) = (Vec::new(), 0, BTreeSet::new());
    // What is there already may have the content of a file of another name.
    for twin in present
        .iter()
        .filter(|twin| files.iter().any(|file| file.size == twin.size))
    {
        if let Ok(blob) = ctx.source.content(twin, ctx.job.options.files.evidence_bytes).await? {
            seen.insert(blob.digest.clone());
        }
    }
    for file in files {
        let rest = ctx.job.options.files.evidence_bytes - bytes;
        match ctx.source.content(file, rest).await? {
            Ok(blob) if blob.size == 0 || !seen.insert(blob.digest.clone()) => {}
            Ok(blob) => {
                bytes += blob.size;
                uploads.push(Upload {
                    content_type: media_type(&file.content_type).to_owned(),
                    name: file.name.clone(),
                    content: Piece::Base64(blob),
                });
            }
            Err(lack) => {
                let why = format!("{}: {}", run.test.key, left_out(&file.name, &lack.message));
                match lack.passing {
                    true => shown.left.push(why),
                    false => shown.losses.push(why),
                }
            }
        }
    }
    Ok((uploads, bytes))
}

/// Sends a group. Where it is refused, each half is tried, so that one bad file costs no other run its own. Gives how many
/// files arrived.
async fn send(ctx: &Ctx<'_>, execution: &Issue, group: Vec<RunFiles<'_>>, shown: &mut Shown) -> Result<u64> {
    let (mut open, mut arrived) = (vec![group], 0);
    while let Some(mut group) = open.pop() {
        if group.is_empty() {
            continue;
        }
        match ctx.target.executions().publish_evidence(execution, &group).await? {
            None => arrived += group.iter().map(|run| run.files.len() as u64).sum::<u64>(),
            Some(_) if group.len() > 1 => {
                let rest = group.split_off(group.len() / 2);
                open.push(rest);
                open.push(group);
            }
            Some(message) => {
                let refused = |run: &RunFiles<'_>| format!("{}: its files are left out: {message}", run.run.test.key);
                shown.left.extend(group.iter().map(refused));
            }
        }
    }
    Ok(arrived)
}
