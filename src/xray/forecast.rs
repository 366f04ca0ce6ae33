//! How many requests an export's writes take, beside the reads that its plan has made already. Measured against exports in
//! `host-harness/tests/export/forecast.rs`.

use super::{cloud, dc, import};
use crate::target::Work;

/// Looks at an import job until it is done, as far as is known.
const LOOKS: u64 = 3;
/// Restructured Tests whose mutations share a request, as far as is known: 20 resolvers, four per Test.
const UPDATES: u64 = 5;
/// Runs per page that a Data Center allows at least, as far as is known: the vendor's own scripts use it.
const RUNS_READ: u64 = 100;

/// Requests to Jira and to Xray Cloud.
pub(super) fn on_cloud(work: &Work) -> (u64, u64) {
    let read = |tests: u64| tests.div_ceil(cloud::READ as u64);
    let submissions = work.created.div_ceil(cloud::MOST as u64);
    let created = submissions * (1 + LOOKS) + read(work.created);
    let updated = work.restructured.div_ceil(UPDATES) + read(work.updated);
    // The markers of what was created are looked up once more; those of Tests when they are read back.
    let again = work.preconditions.div_ceil(cloud::AT_ONCE as u64) + work.executions;
    let jira = work.updated + work.refreshed + 2 * work.advanced + again;
    // A request creates some, another links the Tests to as many.
    let preconditions = 2 * work.preconditions.div_ceil(cloud::AT_ONCE as u64);
    let singly = work.singly.div_ceil(cloud::AT_ONCE as u64) + read(work.singly);
    (
        jira,
        created + singly + updated + preconditions + work.executions + results(work, cloud::RUNS_READ as u64),
    )
}

/// Requests to Jira Data Center, where Xray lives too.
pub(super) fn on_dc(work: &Work) -> u64 {
    // The create, and the look that finds whose issue is whose, copies, and what was written.
    let created = 2 * work.created.div_ceil(dc::MOST as u64);
    let updated = work.updated + work.updated.div_ceil(dc::READ as u64);
    let preconditions = 3 * work.preconditions.div_ceil(dc::MOST as u64);
    let executions = 2 * work.executions + work.refreshed;
    created + updated + preconditions + executions + 2 * work.advanced + results(work, RUNS_READ)
}

/// Imports, and the look at what was recorded, so many runs per request.
fn results(work: &Work, read: u64) -> u64 {
    let launches = work.executions + work.refreshed;
    let parts = |size: u64| launches.max(work.runs.div_ceil(size));
    // Steps of the Tests whose results have some, too.
    let imports = import::MOST as u64;
    parts(imports) + parts(read) + work.runs.div_ceil(imports)
}
