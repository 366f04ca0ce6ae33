//! What people, TestOps and Jira do in a story, and the runs in between.

use std::sync::Arc;
use std::time::Duration;

use tms_sync_host::model::ExportConfig;
use tms_sync_host::{Job, SqliteLedger, Undo};
use tms_sync_sim::jira::account::Actor;
use tms_sync_sim::jira::id::IssueId;
use tms_sync_sim::jira::input::IssueInput;
use tms_sync_sim::jira::issue::Issue;
use tms_sync_sim::testops::data::{Case, Launch};
use tms_sync_sim::world;

use crate::rig::{Done, Rig, mapped};
use crate::seen;

impl Rig {
    /// Exports with mapping options.
    pub async fn export_mapped(&self, options: &[(&str, &str)]) -> Done {
        self.export_with(mapped(options), |job| job).await
    }

    /// Exports with mapping options, and compares everything anew.
    pub async fn export_fully(&self, options: &[(&str, &str)]) -> Done {
        self.export_with(mapped(options), |job| job.full(true)).await
    }

    /// Verifies.
    pub async fn verify(&self, config: ExportConfig) -> Done {
        let tenant = self.tenant().await;
        self.follow(|| tenant.verify(Job::new(config))).await
    }

    /// Undoes a run.
    pub async fn undo(&self, config: ExportConfig, run: &str, apply: bool) -> Done {
        let tenant = self.tenant().await;
        self.follow(|| tenant.undo(Undo::new(config, run).apply(apply))).await
    }

    /// Lets a minute pass: TestOps' dates have milliseconds, and nobody edits within the one of an export.
    pub fn later(&self) {
        self.world.clock.advance(Duration::from_secs(60));
    }

    /// Lets hours pass, until what was under way can be judged.
    pub fn hours_later(&self, hours: u64) {
        self.world.clock.advance(Duration::from_secs(3_600 * hours));
    }

    /// The tenant's ledger is gone.
    pub fn lose_ledger(&mut self) {
        self.ledger = Arc::new(SqliteLedger::in_memory().unwrap().with_clock(self.clock()));
    }

    /// Edits a case in TestOps.
    pub fn edit_case(&self, id: i64, change: impl FnOnce(&mut Case)) {
        self.world.testops.edit(|site| site.edit_case(id, change)).unwrap();
    }

    /// Adds a case in TestOps.
    pub fn add_case(&self, case: Case) {
        self.world.testops.edit(|site| site.add_case(1, case));
    }

    /// Opens a launch again, edits it, and closes it.
    pub fn reopen_launch(&self, id: i64, change: impl FnOnce(&mut Launch)) {
        self.later();
        self.world.testops.edit(|site| {
            site.reopen_launch(id);
            site.edit_launch(id, change).unwrap();
            site.close_launch(id);
        });
    }

    /// The issue of the Test with a summary.
    pub fn test(&self, summary: &str) -> IssueId {
        IssueId(seen::named(self, summary).id)
    }

    /// A person edits summary or labels of an issue.
    pub fn edit_issue(&self, id: IssueId, change: impl FnOnce(&mut Issue)) {
        let person = Actor::User("person".to_owned());
        let mut site = self.world.site.lock();
        site.touch(&person, id, &["summary", "labels"], change);
    }

    /// A person deletes an issue.
    pub fn delete_issue(&self, id: IssueId) {
        self.world.site.lock().delete_issue(&Actor::System, id);
    }

    /// A person adds an issue of a type to the destination project: its id and key.
    pub fn add_issue(&self, issue_type: &str, summary: &str) -> (IssueId, String) {
        let mut site = self.world.site.lock();
        let fields = serde_json::json!({
            "project": {"key": world::PROJECT}, "issuetype": {"name": issue_type}, "summary": summary
        });
        let input = IssueInput::from_json(&serde_json::json!({ "fields": fields })).unwrap();
        let id = site.create_issue(&Actor::System, &input).unwrap();
        site.xray.learn(id);
        (id, site.issue(id).unwrap().key.clone())
    }
}
