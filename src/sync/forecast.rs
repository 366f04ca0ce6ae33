//! What an export like a plan would take: told with the plan, so that a person knows before it begins.

use super::Run;
use crate::target::{Forecast, Work};

/// Results a page at the source.
const PAGE: u64 = 200;

impl Run<'_> {
    /// Tells requests and time of the export, by connection.
    pub(super) async fn tell_forecast(&self) {
        let (report, runs) = self.recorder.so_far();
        let called = self.called_work.get();
        let work = Work {
            created: report.test_cases.created.saturating_sub(called.calling),
            updated: report.test_cases.updated + called.updated,
            restructured: self.restructured.get(),
            advanced: self.advanced.get(),
            singly: called.created + called.calling,
            preconditions: self.new_preconditions.borrow().len() as u64,
            executions: report.launches.created,
            refreshed: report.launches.updated,
            runs,
        };
        if work.preconditions > 0 {
            let note = format!("the export creates {} Preconditions", work.preconditions);
            self.recorder.note(note).await;
        }
        let launches = work.executions + work.refreshed;
        // Texts of results are read in a second pass, which a plan spares.
        let (requests, milliseconds) = self.source.forecast(launches.max(runs.div_ceil(PAGE)));
        let mut all = vec![Forecast {
            connection: "testops",
            requests,
            milliseconds,
        }];
        all.extend(self.target.forecast(&work));
        let each: Vec<String> = all
            .iter()
            .map(|one| {
                let time = duration(one.milliseconds);
                format!("about {} requests to {} in {time}", one.requests, one.connection)
            })
            .collect();
        self.recorder
            .note(format!("the export takes {}", each.join(", ")))
            .await;
    }
}

fn duration(milliseconds: u64) -> String {
    match milliseconds.div_ceil(1_000) {
        seconds @ 0..120 => format!("{} s", seconds.max(1)),
        seconds => format!("{} min", seconds.div_ceil(60)),
    }
}
