//! What a run has at hand from its beginning to its end. Nothing in it changes but the estimate of how far it is.

use super::estimate::Estimate;
use super::{Job, Mode};
use crate::domain::{CaseId, Issue, LaunchId, LaunchRow, Outcome, TestCase, Unit, Verdict};
use crate::error::{Error, Result};
use crate::jira::Jira;
use crate::mapping::{self, Content, Context, Marker, Options};
use crate::ports::{Clock, Entity, Event, Events, Stage};
use crate::state::{Entry, Ledger};
use crate::target::{Capability, Destination, RemoteTest, Target};
use crate::testops::TestOps;

pub(super) struct Ctx<'a> {
    pub job: &'a Job,
    pub source: &'a TestOps<'a>,
    /// The platform below the destination, for what is plain Jira.
    pub jira: &'a Jira<'a>,
    pub target: &'a dyn Target,
    /// What the target can do.
    pub capability: Capability,
    pub destination: Destination,
    pub ledger: Ledger<'a>,
    pub clock: &'a dyn Clock,
    pub events: &'a dyn Events,
    /// Digest of what decides which items are in scope.
    pub scope: String,
    /// How far the run is as a whole.
    pub estimate: Estimate,
}

impl Ctx<'_> {
    /// Actions are applied; otherwise they are shown.
    pub fn applies(&self) -> bool {
        !self.job.mode.reads_only()
    }

    /// An issue that is gone is created again in this run.
    pub fn recreates(&self) -> bool {
        self.job.switches.recreate && self.job.mode != Mode::Verify
    }

    /// Markers of items that have an issue are looked up too, to find copies.
    pub fn looks_for_copies(&self) -> bool {
        self.job.switches.full || self.job.mode == Mode::Verify
    }

    /// Milliseconds since the epoch.
    pub fn now(&self) -> u64 {
        self.clock.now()
    }

    /// Shows how far a stage got.
    pub async fn progress(&self, stage: Stage, done: u64, total: Option<u64>) {
        self.events.emit(Event::Progress { stage, done, total }).await;
        if let (Stage::Publishing, Some(total)) = (stage, total) {
            self.estimate.publishing(self, done, total).await;
        }
    }

    /// The error of what was sent about one issue. A refusal for want of a permission that the account does hold is about
    /// that issue alone.
    pub async fn narrowed(&self, error: Error) -> Error {
        self.jira.narrowed(&self.destination.project.key, error).await
    }

    /// The marker that the issue of an entry carries, or is to carry.
    pub fn marker(&self, entry: &Entry) -> Marker {
        let (source, project) = (self.source.identity(), self.destination.project.id.as_str());
        self.marker_at(entry, source, project, entry.generation(self.job.switches.recreate))
    }

    /// The marker that the issue of an entry has where TestOps and the destination project are those.
    pub fn marker_at(&self, entry: &Entry, source: &str, project: &str, generation: u32) -> Marker {
        match entry.entity() {
            Entity::Launch => Marker::launch(source, project, LaunchId(entry.number()), generation),
            Entity::Precondition => Marker::precondition(source, project, entry.id(), generation),
            Entity::SharedStep => Marker::shared_step(source, project, entry.number(), generation),
            Entity::TestCase | Entity::Checkpoint => {
                Marker::test_case(source, project, CaseId(entry.number()), generation)
            }
        }
    }

    /// What the Test of a case, or of a shared step, should hold, and which of its files go with it. `name` is what a file
    /// with its full text begins with.
    pub fn content(&self, case: &mut TestCase, entry: &Entry, url: &str, name: &str, options: &Options) -> Content {
        let context = Context {
            url,
            testops: self.source.base(),
            dialect: self.capability.dialect,
            cucumber: self.destination.cucumber,
            options,
            plan: &self.destination.plan,
            step_fields: &self.destination.xray_fields.steps,
            site: &self.job.site,
        };
        mapping::choose_files(case, &options.files);
        let mut content = mapping::test(case, &context).restricted(&options.policies, entry.issue().is_some());
        mapping::with_full_text(&mut case.files, &mut content, name, &options.files);
        content
    }

    /// Records that the issue of a case, or of a shared step, is gone. It is not created again unless a person asks.
    pub async fn orphan(&self, id: u64, name: &str, mut entry: Entry) -> Result<Verdict> {
        let key = entry.issue_key().unwrap_or_default().to_owned();
        entry.orphan();
        self.ledger.put_one(&mut entry).await?;
        let verdict = |outcome| Verdict::new(Unit::TestCase, id, name, outcome);
        let why = format!("its issue {key} was deleted in Jira, or is hidden from the account");
        Ok(match self.job.mode {
            Mode::Verify => verdict(Outcome::Created).because(why),
            _ => verdict(Outcome::Skipped).because(format!("{why}; it is created again only with --recreate")),
        })
    }

    /// Records that the Test Execution of a launch is gone, as [`Ctx::orphan`] does for a Test.
    pub async fn lose_execution(&self, row: &LaunchRow, issue: &Issue, mut entry: Entry) -> Result<Verdict> {
        entry.orphan();
        self.ledger.put_one(&mut entry).await?;
        let verdict = |outcome| Verdict::new(Unit::Launch, row.id.0, &row.name, outcome);
        let key = &issue.key;
        Ok(match self.job.mode {
            Mode::Verify => verdict(Outcome::Created).because(format!("its Test Execution {key} was deleted in Jira")),
            _ => verdict(Outcome::Skipped).because(format!(
                "its Test Execution {key} was deleted in Jira, or is hidden from the account; it is created again only with \
                 --recreate"
            )),
        })
    }

    /// What a person should know of an issue that is in another project by now.
    pub fn moved_away(&self, remote: &RemoteTest) -> Option<String> {
        let elsewhere = !remote.project_id.is_empty() && remote.project_id != self.destination.project.id;
        elsewhere.then(|| format!("its issue was moved to another project and is {} now", remote.issue.key))
    }
}
