//! Files of results as evidence of their runs.
//!
//! Statuses are published first and alone, so that no file can cost one. Then the runs that have files are imported once
//! more with them, in bodies of a bounded size. What a run has already is looked at before, because Xray Cloud adds
//! evidence where Data Center replaces it.

use crate::domain::{File, Status};
use crate::error::Result;
use crate::jira::Upload;
use crate::mapping::options::Evidence;
use crate::mapping::{self, left_out, media_type, numbered};
use crate::ports::Piece;
use crate::sync::ctx::Ctx;
use crate::target::{Issue, RunFiles};
use futures_util::stream::{self, StreamExt, TryStreamExt};
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
    /// What is left out, in words.
    pub losses: Vec<String>,
}

impl Shown {
    /// What is left out, for the verdict.
    pub fn notes(&self) -> Vec<String> {
        let mut notes: Vec<String> = self.losses.iter().take(NAMED).cloned().collect();
        let more = self.losses.len().saturating_sub(NAMED);
        if more > 0 {
            notes.push(format!("{more} more files are left out"));
        }
        notes
    }
}

/// Brings the evidence of runs in step.
pub(super) async fn show(
    ctx: &Ctx<'_>,
    execution: &Issue,
    earlier: bool,
    runs: Vec<Witness<'_>>,
    shown: &mut Shown,
) -> Result<()> {
    let mut listed = listed(ctx, runs, shown).await?;
    if earlier {
        leave_out_present(ctx, execution, &mut listed).await?;
    }
    let (mut group, mut bytes, mut count) = (Vec::new(), 0, 0);
    for Listed { run, files, present } in listed {
        let (uploads, size) = contents(ctx, run, files, &present, shown).await?;
        if uploads.is_empty() {
            continue;
        }
        if !group.is_empty() && (bytes + size > TOGETHER_BYTES || count + uploads.len() > TOGETHER) {
            send(ctx, execution, std::mem::take(&mut group), shown).await?;
            (bytes, count) = (0, 0);
        }
        bytes += size;
        count += uploads.len();
        group.push(RunFiles { run, files: uploads });
    }
    send(ctx, execution, group, shown).await
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
                Err(error) if error.concerns_one_item() => {}
                Err(error) => return Err(error),
            }
        }
        Ok((witness.run, files))
    });
    let mut listed = Vec::new();
    let mut reading = stream::iter(reading).buffered(AT_ONCE);
    while let Some((run, files)) = reading.try_next().await? {
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

/// Takes out what the runs have already.
async fn leave_out_present(ctx: &Ctx<'_>, execution: &Issue, listed: &mut [Listed<'_>]) -> Result<()> {
    let tests: Vec<Issue> = listed.iter().map(|listed| listed.run.test.clone()).collect();
    if tests.is_empty() {
        return Ok(());
    }
    let present = ctx.target.evidence(execution, &tests).await?;
    for (listed, present) in listed.iter_mut().zip(present) {
        let is_there = |file: &File| {
            let same = |(name, size): &(String, u64)| *name == file.name && file.size.is_none_or(|s| s == *size);
            present.iter().any(same)
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
    files: Vec<File>,
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
        match ctx.source.content(&file, rest).await? {
            Ok(blob) if blob.size == 0 || !seen.insert(blob.digest.clone()) => {}
            Ok(blob) => {
                bytes += blob.size;
                uploads.push(Upload {
                    content_type: media_type(&file.content_type).to_owned(),
                    name: file.name,
                    content: Piece::Base64(blob),
                });
            }
            Err(lack) => {
                let why = left_out(&file.name, &lack.words);
                shown.losses.push(format!("{}: {why}", run.test.key));
            }
        }
    }
    Ok((uploads, bytes))
}

/// Sends a group. Where it is refused, each half is tried, so that one bad file costs no other run its own.
async fn send(ctx: &Ctx<'_>, execution: &Issue, group: Vec<RunFiles<'_>>, shown: &mut Shown) -> Result<()> {
    let mut open = vec![group];
    while let Some(mut group) = open.pop() {
        if group.is_empty() {
            continue;
        }
        match ctx.target.publish_evidence(execution, &group).await? {
            None => shown.files += group.iter().map(|run| run.files.len() as u64).sum::<u64>(),
            Some(_) if group.len() > 1 => {
                let rest = group.split_off(group.len() / 2);
                open.push(rest);
                open.push(group);
            }
            Some(words) => {
                let refused = |run: &RunFiles<'_>| format!("{}: its files are left out: {words}", run.run.test.key);
                shown.losses.extend(group.iter().map(refused));
            }
        }
    }
    Ok(())
}
