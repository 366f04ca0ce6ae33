//! Importing execution results: Xray JSON and, simply, the reports of test runners.

mod apply;
mod cucumber;
mod feature;
mod format;
mod info;
mod target;
mod test;
mod xml;

pub(super) use feature::import as import_feature;
pub(super) use info::Parts;

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::jira::account::Actor;

use super::reply::Refused;
use super::state::{AutomatedResult, Shared};
use format::{Entry, Report};
use target::Target;

/// What tests say, whatever report they come from.
struct Results {
    entries: Vec<(Entry, Option<AutomatedResult>)>,
}

/// `POST /api/v2/import/execution`, and with parts `…/multipart`.
///
/// # Errors
/// 400 in the product's words; nothing was written then.
pub(super) fn xray_json(
    shared: &Shared,
    actor: &Actor,
    results: &[u8],
    parts: Option<&Parts>,
) -> Result<Value, Refused> {
    let value = serde_json::from_slice::<Value>(results).map_err(|_| Refused::bad(format::NOT_VALID))?;
    let report = Report::read(value).map_err(Refused::bad)?;
    let target = match parts {
        Some(parts) => Target::from_info_part(&parts.info, report.test_execution_key.clone())?,
        None => Target::from_report(&report),
    };
    let entries = report.tests.into_iter().map(|entry| (entry, None)).collect();
    finish(shared, actor, target, Results { entries })
}

/// The other formats by the last part of their path.
///
/// # Errors
/// 400 for reports that cannot be read, formats this server does not know among them.
pub(super) fn report(
    shared: &Shared,
    actor: &Actor,
    kind: &str,
    results: &[u8],
    query: &HashMap<String, String>,
    parts: Option<&Parts>,
) -> Result<Value, Refused> {
    let mut target = match parts {
        Some(parts) => Target::from_info_part(&parts.info, query.get("testExecKey").cloned())?,
        None => Target::from_query(query),
    };
    let project = target.project.clone();
    let entries = match kind {
        "cucumber" => {
            let (entries, execution) = cucumber::read(shared, actor, results, project.as_deref())?;
            target.execution = target.execution.or(execution);
            entries
        }
        _ => xml::read(kind, results, project.as_deref())?,
    };
    finish(shared, actor, target, Results { entries })
}

fn finish(shared: &Shared, actor: &Actor, target: Target, results: Results) -> Result<Value, Refused> {
    let mut site = shared.site();
    let unknown = site.answers.of();
    let (id, automated, files) = apply::apply(&mut site, actor, target, results, unknown)?;
    let issue = site.issue(id).map(|issue| issue.key.clone()).unwrap_or_default();
    let link = format!("{}/rest/api/2/issue/{id}", site.base_url);
    drop(site);
    let mut state = shared.state();
    state.results.extend(automated);
    state
        .files
        .extend(files.into_iter().map(|file| (file.id.clone(), file)));
    Ok(json!({ "id": id.to_string(), "key": issue, "self": link }))
}
