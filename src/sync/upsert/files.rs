//! Files of test cases: each is attached to the case's issue once.
//!
//! What may have been sent is durable before it is sent, as with creates, and the issue's own list is looked at before
//! anything is sent again. A file is known by its id in TestOps, and at the destination by its id, or by name and size
//! where nobody returned its id.

use super::item::Item;
use crate::digest;
use crate::domain::{Change, File, FileOwner};
use crate::error::{Error, Kind, Result};
use crate::jira::{Attached, Upload};
use crate::mapping::{left_out, media_type, timestamp};
use crate::ports::{Blob, Piece};
use crate::state::{KnownFiles, SENDING};
use crate::sync::Mode;
use crate::sync::ctx::Ctx;
use crate::web::Neighbours;

/// Files of one upload: Jira Cloud takes 60.
const TOGETHER: usize = 20;
/// Bytes of one upload, unless a single file has more.
const TOGETHER_BYTES: u64 = 32 << 20;

/// Attaches files.
#[derive(Debug, Default)]
pub(super) struct Files {
    uploads: Uploads,
    /// Issues whose files were brought one after the other.
    neighbours: Neighbours,
    /// Uploads that were refused one after the other for want of a permission.
    refused: Neighbours,
}

/// A try to bring files.
#[derive(Default)]
struct Try {
    /// Some were attached.
    attached: bool,
    /// Those that are to be tried again, with why.
    left: Vec<String>,
}

/// Whether files can be attached.
#[derive(Clone, Debug, Default)]
enum Uploads {
    /// Nobody asked yet.
    #[default]
    Unasked,
    /// Files of so many bytes.
    UpTo(u64),
    /// No, and why.
    Off(String),
}

/// A file about to be sent.
struct Outgoing {
    key: String,
    /// Of name, size and content: what the ledger remembers.
    digest: String,
    upload: Upload,
}

impl Outgoing {
    fn new(file: &File, content: Content) -> Self {
        let text = format!("{}\u{1}{}\u{1}{}", file.name, content.size, content.digest);
        let digest = digest::short(text.as_bytes());
        Outgoing {
            key: key(file),
            digest: digest.get(..12).unwrap_or_default().to_owned(),
            upload: Upload {
                name: file.name.clone(),
                content_type: media_type(&file.content_type).to_owned(),
                content: content.piece,
            },
        }
    }
}

/// What a file holds, wherever it is kept.
struct Content {
    size: u64,
    digest: String,
    piece: Piece,
}

impl Content {
    fn kept(blob: Blob) -> Self {
        Self {
            size: blob.size,
            digest: blob.digest.clone(),
            piece: Piece::Blob(blob),
        }
    }

    fn written(text: &str) -> Self {
        Self {
            size: text.len() as u64,
            digest: digest::short(text.as_bytes()),
            piece: Piece::Bytes(text.as_bytes().to_vec()),
        }
    }
}

/// What a verdict calls files.
const ATTACHMENTS: &str = "attachments";
/// Files that are named in a verdict.
const NAMED: usize = 5;

/// Files that the issue should have, where some are not attached as far as is known. Those that a run leaves until later
/// count in a verification alone.
pub(super) fn change(ctx: &Ctx<'_>, item: &Item) -> Option<Change> {
    let (detail, stamp) = (&item.entry.detail, stamp(&item.files));
    let counts = ctx.job.mode == Mode::Verify || detail.files.owed.is_due_for(&stamp, ctx.now());
    let pending = counts && (detail.files.until > 0 || detail.files.stamp != stamp);
    let names = item.files.iter().map(|file| file.name.as_str());
    let mut after = names.take(NAMED).collect::<Vec<_>>().join(", ");
    let more = item.files.len().saturating_sub(NAMED);
    if more > 0 {
        after.push_str(&format!(" and {more} more"));
    }
    (pending && !item.files.is_empty()).then_some(Change {
        field: ATTACHMENTS,
        before: None,
        after: Some(after),
    })
}

/// Digest of what a case's files are, to see that none was added or replaced.
pub(super) fn stamp(files: &[File]) -> String {
    if files.is_empty() {
        return String::new();
    }
    let rows: Vec<String> = files
        .iter()
        .map(|file| format!("{}\u{1}{}\u{1}{:?}", key(file), file.name, file.size))
        .collect();
    digest::short(rows.join("\u{2}").as_bytes())
}

fn key(file: &File) -> String {
    let owner = match file.owner {
        _ if file.text.is_some() => 'x',
        FileOwner::TestCase => 'c',
        FileOwner::SharedStep => 's',
        FileOwner::TestResult => 'r',
    };
    format!("{owner}{}", file.id)
}

impl Files {
    /// Brings an issue's files in step. True where some were attached.
    pub async fn attach(&mut self, ctx: &Ctx<'_>, item: &mut Item) -> Result<bool> {
        if !item.entry.detail.files.pending || !item.entry.is_synced() {
            return Ok(false);
        }
        let files = std::mem::take(&mut item.files);
        let (now, stamp) = (ctx.now(), stamp(&files));
        if !item.entry.detail.files.owed.is_due_for(&stamp, now) {
            item.content.losses.extend(item.entry.detail.files.owed.notes());
            return Ok(false);
        }
        let until = item.entry.detail.files.until;
        if now < until {
            let when = timestamp(until);
            item.content.losses.push(format!(
                "an upload of files was sent whose answer never came; they are looked for after {when}"
            ));
            return Ok(false);
        }
        let tried = match self.try_all(ctx, item, &files).await {
            Ok(tried) => {
                self.neighbours.passed();
                tried
            }
            Err(error) => {
                let error = self.neighbours.failed(ctx.narrowed(error).await)?;
                Try {
                    attached: false,
                    left: vec![format!("its files are left out: {error}")],
                }
            }
        };
        let detail = &mut item.entry.detail;
        detail.files.owed.tried(&tried.left, &stamp, now);
        detail.files.pending = detail.files.until > 0 || detail.files.owed.is_some();
        if !detail.files.pending {
            detail.files.stamp = stamp;
        }
        item.content.losses.extend(tried.left);
        ctx.ledger.put_one(&mut item.entry).await?;
        Ok(tried.attached)
    }

    async fn try_all(&mut self, ctx: &Ctx<'_>, item: &mut Item, files: &[File]) -> Result<Try> {
        let limit = match self.uploads(ctx, !files.is_empty()).await? {
            Uploads::Off(why) => {
                let left = vec![why];
                return Ok(Try { attached: false, left });
            }
            Uploads::UpTo(limit) => limit,
            Uploads::Unasked => 0,
        };
        let present = self.present(ctx, item, files).await?;
        let (mut known, missing) = compare(item, files, &present);
        item.entry.detail.files.keep(&known);
        item.entry.detail.files.until = 0;
        self.bring(ctx, item, &mut known, missing, limit).await
    }

    /// What Jira allows of attachments, asked when the first file is at hand.
    async fn uploads(&mut self, ctx: &Ctx<'_>, wanted: bool) -> Result<Uploads> {
        let asked = self.uploads.clone();
        if !matches!(asked, Uploads::Unasked) || !wanted {
            return Ok(asked);
        }
        let found = match ctx.jira.attachments().upload_limit().await {
            Ok(Some(limit)) => Uploads::UpTo(limit),
            Ok(None) => Uploads::Off("its files are left out: attachments are switched off in Jira".to_owned()),
            // Who may not ask for the limit learns it from a refusal.
            Err(error) if is_refusal(&error) => Uploads::UpTo(u64::MAX),
            Err(error) => return Err(error),
        };
        self.uploads = found.clone();
        Ok(found)
    }

    /// The issue's files. One that this run created, and for which nothing was sent, has none.
    async fn present(&self, ctx: &Ctx<'_>, item: &Item, files: &[File]) -> Result<Vec<Attached>> {
        let ours = &item.entry.detail.files;
        let is_new = item.entry.created_by() == Some(ctx.job.run_id.as_str());
        let untouched = is_new && ours.stamp.is_empty() && ours.until == 0 && ours.known.is_empty();
        match item.entry.issue() {
            Some(issue) if !untouched && !files.is_empty() => ctx.jira.attachments().attached(&issue.id).await,
            _ => Ok(Vec::new()),
        }
    }

    /// Attaches what is missing, several files at a time.
    async fn bring(
        &mut self,
        ctx: &Ctx<'_>,
        item: &mut Item,
        known: &mut KnownFiles,
        missing: Vec<&File>,
        limit: u64,
    ) -> Result<Try> {
        let limit = limit.min(ctx.job.options.files.attachment_bytes);
        let (mut group, mut bytes, mut tried) = (Vec::new(), 0, Try::default());
        for file in missing {
            let content = match &file.text {
                Some(text) => Ok(Content::written(text)),
                None => ctx.source.content(file, limit).await?.map(Content::kept),
            };
            let content = match content {
                Ok(content) => content,
                Err(lack) => {
                    let list = match lack.passing {
                        true => &mut tried.left,
                        false => &mut item.content.losses,
                    };
                    list.push(left_out(&file.name, &lack.message));
                    continue;
                }
            };
            if !group.is_empty() && (group.len() >= TOGETHER || bytes + content.size > TOGETHER_BYTES) {
                self.upload(ctx, item, known, std::mem::take(&mut group), &mut tried)
                    .await?;
                bytes = 0;
            }
            if item.entry.detail.files.until > 0 {
                return Ok(tried);
            }
            bytes += content.size;
            group.push(Outgoing::new(file, content));
        }
        if !group.is_empty() {
            self.upload(ctx, item, known, group, &mut tried).await?;
        }
        Ok(tried)
    }

    /// Sends a group. Where several are refused together, each is tried alone, so that one bad file costs no other.
    async fn upload(
        &mut self,
        ctx: &Ctx<'_>,
        item: &mut Item,
        known: &mut KnownFiles,
        group: Vec<Outgoing>,
        tried: &mut Try,
    ) -> Result<()> {
        let Some(issue) = item.entry.issue() else {
            return Ok(());
        };
        let mut open = vec![group];
        while let Some(mut group) = open.pop() {
            self.about_to_upload(ctx, item).await?;
            let uploads: Vec<Upload> = group.iter().map(|one| one.upload.clone()).collect();
            let sent = ctx.jira.attachments().attach(&issue.id, &uploads).await;
            item.entry.detail.files.until = 0;
            match sent {
                Ok(there) => {
                    tried.attached = true;
                    self.refused.passed();
                    let new = group.iter().enumerate();
                    known.extend(new.filter_map(|(place, one)| attached_as(place, one, &there)));
                    item.entry.detail.files.keep(known);
                }
                Err(error) if matches!(error.kind, Kind::Unknown | Kind::Cancelled) => {
                    item.entry.detail.files.until = ctx.now() + ctx.capability.quiescence.sent;
                    let why = format!("its files may be attached or not: {error}");
                    item.content.losses.push(why);
                    return ctx.ledger.put_one(&mut item.entry).await;
                }
                Err(error) if is_refusal(&error) && group.len() > 1 => {
                    let rest = group.split_off(group.len() / 2);
                    open.push(rest);
                    open.push(group);
                    continue;
                }
                Err(error) if is_refusal(&error) => {
                    let names = group.iter().map(|one| left_out(&one.upload.name, &error.message));
                    tried.left.extend(names);
                    if let Err(error) = self.refused.failed(error) {
                        let why = format!("its files are left out: {}", error.message);
                        self.uploads = Uploads::Off(why);
                    }
                }
                Err(error) => {
                    ctx.ledger.put_one(&mut item.entry).await?;
                    return Err(error);
                }
            }
            ctx.ledger.put_one(&mut item.entry).await?;
        }
        Ok(())
    }

    /// Makes durable that an upload is about to be sent, and until when it could appear.
    async fn about_to_upload(&self, ctx: &Ctx<'_>, item: &mut Item) -> Result<()> {
        item.entry.detail.files.until = ctx.now() + SENDING + ctx.capability.quiescence.sent;
        ctx.ledger.put_one(&mut item.entry).await
    }
}

fn is_refusal(error: &Error) -> bool {
    matches!(error.kind, Kind::Rejected | Kind::Missing | Kind::Permission)
}

/// What the answer has of a file: by its name, which is the only one of its issue, or where the server changed names by
/// its place among as many.
fn attached_as(place: usize, one: &Outgoing, there: &[Attached]) -> Option<(String, (String, String))> {
    let named = there.iter().find(|file| file.name == one.upload.name);
    let file = named.or_else(|| there.get(place))?;
    Some((one.key.clone(), (one.digest.clone(), file.id.clone())))
}

/// What is attached already. A file that we attached and a person deleted stays deleted; one that we no longer have in
/// TestOps stays attached, and ours.
fn compare<'a>(item: &mut Item, files: &'a [File], present: &[Attached]) -> (KnownFiles, Vec<&'a File>) {
    let mut known = item.entry.detail.files.listed();
    let mut missing = Vec::new();
    for file in files {
        let key = key(file);
        if known.contains_key(&key) {
            continue;
        }
        let same = |there: &&Attached| {
            there.name == file.name
                && file.size.is_none_or(|size| size == there.size)
                && !known.values().any(|(_, id)| *id == there.id)
        };
        match present.iter().find(same) {
            Some(there) => drop(known.insert(key, (String::new(), there.id.clone()))),
            None => missing.push(file),
        }
    }
    // An older full text is no file of TestOps.
    let is_wanted = |known: &&String| known.starts_with('x') || files.iter().any(|file| key(file) == **known);
    match known.len() - known.keys().filter(is_wanted).count() {
        0 => {}
        number => item.content.losses.push(format!(
            "files that were removed in TestOps and stay attached: {number}"
        )),
    }
    (known, missing)
}
