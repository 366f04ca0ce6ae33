//! A plan that was kept with `plan --out`, for an export that applies exactly it.
//!
//! The file names decisions by digest: an export applies those that it would make again, and leaves what moved since.

use std::path::Path;

use serde::{Deserialize, Serialize};
use tms_sync_host::model::{Approval, ExportConfig, Outcome, SETTINGS};

use crate::options::ReadingOptions;
use crate::render::diagnostic::Diagnostic;
use crate::report::{Item, Report, SyncReport};
use crate::session::Session;

/// Grows when an older command can no longer read the file.
const VERSION: u32 = 1;

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct PlanFile {
    tms_sync_plan: u32,
    /// What the ledger knows the integration by.
    integration: String,
    /// SHA-256 of the component that decided.
    plugin: String,
    recreate: bool,
    full: bool,
    syncs: Vec<PlannedSync>,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct PlannedSync {
    config: SyncConfig,
    /// Requests that its export takes, as the plan expects.
    #[serde(default)]
    requests: u64,
    decisions: Vec<Decision>,
}

/// The sync as it was when the plan was made.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct SyncConfig {
    name: String,
    project: String,
    test_case_aql: String,
    launches_aql: String,
    disable_test_case_create: bool,
    disable_launches_sync: bool,
    mapping: Vec<(String, String)>,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Decision {
    entity: String,
    id: String,
    decision: String,
}

impl From<&ExportConfig> for SyncConfig {
    fn from(sync: &ExportConfig) -> Self {
        let mapping = sync.mapping.iter();
        Self {
            name: sync.name.clone(),
            project: sync.project.clone(),
            test_case_aql: sync.test_case_aql.clone(),
            launches_aql: sync.launches_aql.clone(),
            disable_test_case_create: sync.disable_test_case_create,
            disable_launches_sync: sync.disable_launches_sync,
            mapping: mapping.map(|field| (field.name.clone(), field.value.clone())).collect(),
        }
    }
}

impl Decision {
    fn of(item: &Item) -> Option<Self> {
        let is_done = matches!(item.outcome.1, Outcome::Created | Outcome::Updated | Outcome::Adopted);
        (is_done && !item.decision.is_empty()).then(|| Self {
            entity: item.entity.clone(),
            id: item.id.clone(),
            decision: item.decision.clone(),
        })
    }
}

impl PlanFile {
    /// Keeps what a plan showed. The error is for a plan that did not come to its end.
    pub fn of(session: &Session, reading: ReadingOptions, report: &Report) -> Result<Self, Vec<Diagnostic>> {
        let mut syncs = Vec::new();
        for sync in report.syncs.iter().filter(|sync| sync.disabled.is_none()) {
            syncs.push(planned(session, sync)?);
        }
        Ok(Self {
            tms_sync_plan: VERSION,
            integration: session.config.id.clone(),
            plugin: session.plugin.digest().to_owned(),
            recreate: reading.recreate,
            full: reading.full,
            syncs,
        })
    }

    pub fn write(&self, file: &Path) -> Result<(), Vec<Diagnostic>> {
        let written = serde_json::to_vec_pretty(self).map_err(std::io::Error::from);
        let written = written.and_then(|json| std::fs::write(file, json));
        written.map_err(|error| {
            vec![Diagnostic::new(format!(
                "cannot write the plan {}: {error}",
                file.display()
            ))]
        })
    }

    pub fn read(file: &Path) -> Result<Self, Vec<Diagnostic>> {
        let text = std::fs::read_to_string(file).map_err(|error| {
            vec![Diagnostic::new(format!(
                "cannot read the plan {}: {error}",
                file.display()
            ))]
        })?;
        let read: Result<Self, _> = serde_json::from_str(&text);
        read.ok().filter(|plan| plan.tms_sync_plan == VERSION).ok_or_else(|| {
            let other = Diagnostic::new(format!("{} is no plan of this version of tms-sync", file.display()));
            vec![other.of(SETTINGS).hint("`tms-sync plan --out FILE` makes one")]
        })
    }

    pub fn reading(&self) -> ReadingOptions {
        ReadingOptions {
            recreate: self.recreate,
            full: self.full,
        }
    }

    /// The decisions about a sync; absent where the plan has nothing about it.
    pub fn approvals(&self, sync: &str) -> Option<Vec<Approval>> {
        let of = self.syncs.iter().find(|planned| planned.config.name == sync)?;
        let approval = |decision: &Decision| Approval {
            entity: decision.entity.clone(),
            id: decision.id.clone(),
            decision: decision.decision.clone(),
        };
        Some(of.decisions.iter().map(approval).collect())
    }

    /// Requests that the export of a sync is expected to take.
    pub fn requests(&self, sync: &str) -> Option<u64> {
        let of = self.syncs.iter().find(|planned| planned.config.name == sync)?;
        Some(of.requests)
    }

    /// The syncs that it is about, of those that are selected. The error names what differs from when it was made.
    pub fn syncs(&self, session: &Session, selected: &[ExportConfig]) -> Result<Vec<ExportConfig>, Vec<Diagnostic>> {
        let moved = |what: String| Diagnostic::new(what).of(SETTINGS).hint("make the plan again");
        if self.integration != session.config.id {
            let other = self.integration.escape_debug();
            return Err(vec![moved(format!("the plan is of another integration, `{other}`"))]);
        }
        if self.plugin != session.plugin.digest() {
            return Err(vec![moved(
                "the plan was made by another version of the plugin".to_owned(),
            )]);
        }
        let (mut syncs, mut problems) = (Vec::new(), Vec::new());
        for sync in selected {
            match self.syncs.iter().find(|planned| planned.config.name == sync.name) {
                Some(planned) if planned.config == SyncConfig::from(sync) => syncs.push(sync.clone()),
                Some(_) => problems.push(moved(format!(
                    "the sync `{}` was edited since the plan was made",
                    sync.name.escape_debug()
                ))),
                None => {}
            }
        }
        match (problems.is_empty(), syncs.is_empty()) {
            (true, false) => Ok(syncs),
            (true, true) => Err(vec![moved(
                "the plan has nothing about the syncs of this command".to_owned(),
            )]),
            (false, _) => Err(problems),
        }
    }
}

fn planned(session: &Session, sync: &SyncReport) -> Result<PlannedSync, Vec<Diagnostic>> {
    if let Some(stop) = &sync.stopped {
        let why = format!(
            "the plan of `{}` is not whole and was not kept: {}",
            sync.name, stop.message
        );
        return Err(vec![Diagnostic::new(why).of(&stop.side)]);
    }
    let config = session.config.syncs.iter().find(|config| config.name == sync.name);
    let config = config.ok_or_else(|| vec![Diagnostic::new(format!("there is no sync named `{}`", sync.name))])?;
    Ok(PlannedSync {
        config: SyncConfig::from(config),
        requests: sync.expected_requests,
        decisions: sync.items.iter().filter_map(Decision::of).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_file_reads_back_as_it_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("plan.json");
        let plan = PlanFile {
            tms_sync_plan: VERSION,
            integration: "xray".to_owned(),
            plugin: "5e".repeat(32),
            recreate: false,
            full: true,
            syncs: Vec::new(),
        };
        plan.write(&file).unwrap();
        assert_eq!(PlanFile::read(&file).unwrap(), plan);
        std::fs::write(&file, "{\"tms-sync-plan\": 9}").unwrap();
        let refused = PlanFile::read(&file).unwrap_err();
        assert!(
            refused[0].message.ends_with("is no plan of this version of tms-sync"),
            "{refused:?}"
        );
    }
}
