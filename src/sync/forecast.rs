//! What an export like a plan would take: shown with the plan, so that a person knows before it begins.

use super::ctx::Ctx;
use crate::report::Output;
use crate::target::{Forecast, Work};
use crate::testops::ROWS;

/// Adds requests and time of the export, by connection.
pub(super) fn add(ctx: &Ctx<'_>, work: &Work, output: &mut Output) {
    let preconditions = work.preconditions;
    let created = (preconditions > 0).then(|| format!("the export creates {preconditions} Preconditions"));
    let launches = work.executions + work.refreshed;
    // Texts of results are read in a second pass, which a plan spares.
    let (requests, milliseconds) = ctx.source.forecast(launches.max(work.runs.div_ceil(ROWS as u64)));
    let mut all = vec![Forecast {
        connection: "testops",
        requests,
        milliseconds,
    }];
    all.extend(ctx.target.forecast(work));
    let each: Vec<String> = all
        .iter()
        .map(|one| {
            let time = duration(one.milliseconds);
            format!(
                "about {} requests to {} in {time}",
                one.requests,
                product(one.connection)
            )
        })
        .collect();
    let takes = format!("the export takes {}", each.join(", "));
    output.notes.extend(created.into_iter().chain([takes]));
    output.forecast = all;
}

/// What people call the server behind a connection.
fn product(connection: &str) -> &str {
    match connection {
        "testops" => "TestOps",
        "jira" => "Jira",
        "xray" => "Xray",
        other => other,
    }
}

fn duration(milliseconds: u64) -> String {
    match milliseconds.div_ceil(1_000) {
        seconds @ 0..120 => format!("{} s", seconds.max(1)),
        seconds => format!("{} min", seconds.div_ceil(60)),
    }
}
