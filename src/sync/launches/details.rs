//! What the lists of results leave out: messages, traces, steps, defects.

use crate::domain::{Status, TestResult};
use crate::error::Result;
use crate::mapping::options::{Defects, StepResults};
use crate::mapping::shortened;
use crate::sync::ctx::Ctx;
use futures_util::stream::{self, StreamExt, TryStreamExt};

/// Results whose details are read at a time.
const AT_ONCE: usize = 8;
/// Characters of a message or trace that are kept.
const TEXT: usize = 8_000;

/// Reads what lists leave out, as far as it is wanted.
pub(super) async fn with_details(ctx: &Ctx<'_>, results: Vec<TestResult>) -> Result<Vec<TestResult>> {
    let whole = results.into_iter().map(|result| with_detail(ctx, result));
    stream::iter(whole).buffered(AT_ONCE).try_collect().await
}

async fn with_detail(ctx: &Ctx<'_>, mut result: TestResult) -> Result<TestResult> {
    let options = &ctx.job.options.launches;
    let bad = matches!(result.status, Some(Status::Failed | Status::Broken));
    if bad
        && result.trace.is_none()
        && let Some(found) = there(ctx.source.result(result.id).await)?
    {
        result.message = result.message.or(found.message);
        result.trace = found.trace;
    }
    let steps = match options.steps {
        StepResults::All => true,
        StepResults::Failed => bad,
        StepResults::None => false,
    };
    if steps {
        result.steps = there(ctx.source.result_steps(result.id).await)?.unwrap_or_default();
    }
    if result.known && options.defects == Defects::Link {
        result.defects = there(ctx.source.result_defects(result.id).await)?.unwrap_or_default();
    }
    result.message = result.message.map(|text| shortened(&text, TEXT));
    result.trace = result.trace.map(|text| shortened(&text, TEXT));
    Ok(result)
}

/// A result's part, or nothing where it is gone meanwhile.
fn there<T>(found: Result<T>) -> Result<Option<T>> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.concerns_one_item() => Ok(None),
        Err(error) => Err(error),
    }
}
