//! What the lists of results leave out: messages, traces, steps, defects.

use crate::domain::{Failure, Status, TestResult};
use crate::error::{Error, Kind, Result};
use crate::mapping::options::{Defects, StepResults};
use crate::mapping::shortened;
use crate::sync::ctx::Ctx;
use crate::web::Neighbours;
use futures_util::stream::{self, StreamExt};

/// Results that are looked at ahead: most passed and need no request, and those between them keep as many requests in flight as
/// TestOps answers well.
const AHEAD: usize = 64;
/// Characters of a message or trace that are kept.
pub(super) const TEXT: usize = 8_000;
/// The same while a row waits whose message will be read again.
const WAITING: usize = 500;

/// Reads what lists leave out, as far as it is wanted; with why that failed of a result.
pub(super) async fn with_details(ctx: &Ctx<'_>, results: Vec<TestResult>) -> Result<Vec<(TestResult, Option<Error>)>> {
    let reading = results.into_iter().map(|mut result| async move {
        let read = read(ctx, &mut result).await;
        (result, read)
    });
    let neighbours = Neighbours::default();
    let mut reading = stream::iter(reading).buffered(AHEAD);
    let mut whole = Vec::new();
    while let Some((result, read)) = reading.next().await {
        let failed = match read {
            Ok(()) => {
                neighbours.passed();
                None
            }
            Err(error) => Some(neighbours.failed(error)?),
        };
        whole.push((result, failed));
    }
    Ok(whole)
}

/// Cuts what a row keeps while it waits for others of its case: a message that comes with the details once more needs little.
pub(super) fn shorten(result: &mut TestResult) {
    let again = is_bad(result.status) && result.failure.trace.is_none();
    cut(&mut result.failure, if again { WAITING } else { TEXT });
}

async fn read(ctx: &Ctx<'_>, result: &mut TestResult) -> Result<()> {
    let options = &ctx.job.options.launches;
    let bad = is_bad(result.status);
    if bad
        && result.failure.trace.is_none()
        && let Some(mut found) = there(ctx.source.result(result.id).await)?
    {
        cut(&mut found.failure, TEXT);
        let waited = result.failure.message.take();
        result.failure = found.failure;
        result.failure.message = result.failure.message.take().or(waited);
    }
    let steps = match options.steps {
        StepResults::All => true,
        StepResults::Failed => bad,
        StepResults::None => false,
    };
    if steps {
        result.steps = there(ctx.source.result_steps(result.id).await)?.unwrap_or_default();
    }
    if result.flags.known && options.defects == Defects::Link {
        result.defects = there(ctx.source.result_defects(result.id).await)?.unwrap_or_default();
    }
    Ok(())
}

fn cut(failure: &mut Failure, most: usize) {
    for text in [&mut failure.message, &mut failure.trace].into_iter().flatten() {
        *text = shortened(text, most);
    }
}

/// True where a result failed, so that its trace and steps are read.
pub(super) fn is_bad(status: Option<Status>) -> bool {
    matches!(status, Some(Status::Failed | Status::Broken))
}

/// A result's part, or nothing where it is gone meanwhile.
fn there<T>(found: Result<T>) -> Result<Option<T>> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind == Kind::Missing => Ok(None),
        Err(error) => Err(error),
    }
}
