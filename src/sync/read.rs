//! Reads of Tests: as many per request as the host accepts the answer of.

use super::ctx::Ctx;
use crate::domain::IssueId;
use crate::error::{Error, Kind, Result};
use crate::mapping::Marker;
use crate::target::RemoteTest;

/// Tests by id, in order, at most as many per call as the target reads at a time. Inner errors concern one Test: it alone has
/// more bytes than the host accepts. Absent: proven to be gone or invisible.
pub async fn tests(ctx: &Ctx<'_>, ids: &[IssueId]) -> Result<Vec<Result<Option<RemoteTest>>>> {
    let read = async |ids: &[IssueId]| Ok(ctx.target.tests().read(ids).await?.into_iter().map(Ok).collect());
    parts(ids, read, |_, error| vec![Err(error)]).await
}

/// Tests that carry one of these markers, as far as the search index shows them, at most as many per call as the target reads
/// at a time. Inner errors are markers whose Tests alone have more bytes than the host accepts.
pub async fn find(ctx: &Ctx<'_>, markers: &[Marker]) -> Result<Vec<std::result::Result<RemoteTest, Marker>>> {
    let find = async |markers: &[Marker]| Ok(ctx.target.tests().find(markers).await?.into_iter().map(Ok).collect());
    parts(markers, find, |marker, _| vec![Err(marker.clone())]).await
}

/// Reads a list, and halves of it where an answer would be larger than the host accepts.
pub async fn parts<I, T, L: Extend<T> + IntoIterator<Item = T> + Default>(
    items: &[I],
    read: impl AsyncFn(&[I]) -> Result<L>,
    lost: impl Fn(&I, Error) -> L,
) -> Result<L> {
    let (mut all, mut open) = (L::default(), vec![items]);
    while let Some(part) = open.pop() {
        match (read(part).await, part) {
            (Ok(found), _) => all.extend(found),
            (Err(error), [one]) if error.kind == Kind::TooLarge => all.extend(lost(one, error)),
            (Err(error), [_, _, ..]) if error.kind == Kind::TooLarge => {
                let (first, second) = part.split_at(part.len() / 2);
                open.extend([second, first]);
            }
            (Err(error), _) => return Err(error),
        }
    }
    Ok(all)
}
