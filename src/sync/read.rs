//! Reads of Tests: as many per request as the host accepts the answer of.

use super::ctx::Ctx;
use crate::domain::IssueId;
use crate::error::{Error, Kind, Result};
use crate::target::RemoteTest;

/// Tests by id, in order, at most 100 per call. Inner errors concern one Test: it alone has more bytes than the host accepts.
/// Absent: proven to be gone or invisible.
pub async fn tests(ctx: &Ctx<'_>, ids: &[IssueId]) -> Result<Vec<Result<Option<RemoteTest>>>> {
    let read = async |ids: &[IssueId]| Ok(ctx.target.read(ids).await?.into_iter().map(Ok).collect());
    parts(ids, read, |error| vec![Err(error)]).await
}

/// Reads a list, and halves of it where an answer would be larger than the host accepts.
pub async fn parts<T, L: Extend<T> + IntoIterator<Item = T> + Default>(
    ids: &[IssueId],
    read: impl AsyncFn(&[IssueId]) -> Result<L>,
    lost: impl Fn(Error) -> L,
) -> Result<L> {
    let (mut all, mut open) = (L::default(), vec![ids]);
    while let Some(part) = open.pop() {
        match read(part).await {
            Ok(found) => all.extend(found),
            Err(error) if error.kind == Kind::TooLarge && part.len() > 1 => {
                let (first, second) = part.split_at(part.len() / 2);
                open.extend([second, first]);
            }
            Err(error) if error.kind == Kind::TooLarge => all.extend(lost(error)),
            Err(error) => return Err(error),
        }
    }
    Ok(all)
}
