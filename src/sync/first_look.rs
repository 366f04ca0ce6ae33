//! What a ledger that knows nothing finds at the destination, before the first create: the issues that carry our label, in
//! the search index and, where it lags, by their keys. Where many of them belong to no test case that we know, the run asks:
//! most likely TestOps or Jira moved, and every Test would be created a second time beside its first one.

use super::ctx::Ctx;
use super::lookup::Lookups;
use crate::domain::CaseId;
use crate::error::{Error, Kind, Result, Side};
use crate::jira::{Since, by_marker};
use crate::mapping::{COMMON, Marker};
use crate::report::Output;
use crate::testops::Place;
use std::collections::BTreeSet;

/// Generations of a marker that are recognised: how often a deleted Test was created again.
const GENERATIONS: u32 = 4;
/// How the markers of test cases begin.
const OF_CASES: &str = "tms-tc-";

/// What the labelled issues of the project come to.
struct Stock {
    /// Cases whose Tests are there.
    recognised: usize,
    /// Cases without a Test.
    missing: usize,
    /// Tests of cases that we do not know.
    unknown: usize,
}

/// Reads the labelled issues of the project, and asks where they are another export's. Costs a request per hundred of them,
/// and a few to see whether the index lags; where there are none, no marker needs to be looked up before a create.
pub(super) async fn take(ctx: &Ctx<'_>, lookups: &mut Lookups, output: &mut Output) -> Result<()> {
    let project = &ctx.destination.project;
    let by_key = &mut lookups.by_key;
    let lags = ctx.jira.keys().index_lags(project).await?;
    if lags {
        let age = ctx.capability.quiescence.sent;
        let newer = ctx.jira.keys().newer(project, Since { key: 0, age }).await?;
        by_key.extend(newer.found);
    }
    let jql = format!("project = {} AND labels = \"{COMMON}\" ORDER BY id ASC", project.id);
    let labelled = by_marker(ctx.jira.search(&jql, &["labels"]).await?);
    let mut markers: BTreeSet<Marker> = labelled.into_keys().chain(by_key.markers()).collect();
    lookups.nothing_there = markers.is_empty() && !lags;
    markers.retain(|marker| marker.0.starts_with(OF_CASES));
    if markers.is_empty() {
        return Ok(());
    }
    match count(ctx, markers).await?.question(&project.key) {
        Some(error) if ctx.job.mode.reads_only() || ctx.job.switches.accept_changes => output.note(error.to_string()),
        Some(error) => return Err(error),
        None => {}
    }
    Ok(())
}

async fn count(ctx: &Ctx<'_>, mut markers: BTreeSet<Marker>) -> Result<Stock> {
    let (mut recognised, mut missing) = (0, 0);
    let mut place = Some(Place::default());
    while let Some(page) = place {
        let rows = ctx.source.cases(&ctx.job.test_case_aql, page).await?;
        for row in &rows.rows {
            let of_case = |generation| of_case(ctx, row.id, generation);
            let found = (0..GENERATIONS)
                .filter(|generation| markers.remove(&of_case(*generation)))
                .count();
            recognised += usize::from(found > 0);
            missing += usize::from(found == 0);
        }
        place = rows.next;
    }
    Ok(Stock {
        recognised,
        missing,
        unknown: markers.len(),
    })
}

fn of_case(ctx: &Ctx<'_>, id: CaseId, generation: u32) -> Marker {
    Marker::test_case(ctx.source.identity(), &ctx.destination.project.id, id, generation)
}

impl Stock {
    /// More Tests would be created than are recognised, and the unknown ones could be half of them or more.
    fn question(&self, project: &str) -> Option<Error> {
        let Stock {
            recognised,
            missing,
            unknown,
        } = self;
        if missing <= recognised || unknown * 2 < *missing {
            return None;
        }
        let message = format!(
            "{unknown} Tests in project {project} carry labels of an export from another address or into another project, \
             and this export would create {missing} Tests beside them"
        );
        let hint = "if TestOps or Jira moved, `tms-sync adopt` takes them over; if they are another export's, export with \
                    --accept-changes";
        Some(Error::new(Kind::MassChange, Side::Jira, message).hint(hint))
    }
}

#[cfg(test)]
mod tests {
    use super::Stock;

    #[test]
    fn a_run_asks_where_most_tests_would_stand_beside_unknown_ones() {
        let asks = |recognised, missing, unknown| {
            let stock = Stock {
                recognised,
                missing,
                unknown,
            };
            stock.question("Q").is_some()
        };
        // Everything moved; half of it was exported before; a few were tried out elsewhere.
        assert!(asks(0, 6, 6) && asks(0, 6, 3) && !asks(0, 6, 2));
        // A runner without a state whose cases were partly deleted, or whose filter is narrower.
        assert!(!asks(100, 3, 40) && !asks(10, 1, 990) && !asks(6, 0, 0));
    }
}
