//! Issues that a probe makes in a project that was named for it, and their way back.

use super::assumption::Findings;
use super::fields;
use crate::domain::{IssueKey, Status};
use crate::error::{Error, Kind, Result, Side};
use crate::jira::{Jira, Since, Upload};
use crate::mapping::fields::Values;
use crate::mapping::options::StatusNames;
use crate::mapping::{
    COMMON, Content, Dialect, Execution, Iteration, Marker, Procedure, RichText, Statuses, StepRun, StepText, TestRun,
    TestSets,
};
use crate::ports::Piece;
use crate::target::{Creation, Destination, Draft, Issue, RunFiles, Submission, Target};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// Label of every issue of a probe, for people to search by.
const LABEL: &str = "tms-sync-probe";
const SUMMARY: &str = "Made by a probe of tms-sync, which deletes it again";
/// The text of a step, and what becomes of it where Xray decodes entities.
const STEP: &str = "Look &lt;here&gt; &#123;";
const DECODED: &str = "Look <here> {";
/// A status that no project has.
const NO_STATUS: &str = "TMSSYNC_PROBE";
/// A number that no issue of a project has.
const NO_ISSUE: u32 = i32::MAX as u32;
/// Issues of a probe that are older, in minutes, are no running probe's.
const LEFT_BEHIND: u64 = 60;
/// How long a create that was not answered may take, in milliseconds. One that takes longer is left to the next probe.
const MOMENT: u64 = 30_000;
/// How long an index is waited for, in milliseconds.
const PATIENCE: u64 = 130_000;
/// Longest pause between two looks at the index, in milliseconds.
const LONGEST_PAUSE: u64 = 16_000;

/// A project that was named for a probe, with what the probe made in it.
pub(super) struct Scratch<'s> {
    pub jira: &'s Jira<'s>,
    pub target: &'s (dyn Target + 's),
    pub destination: Destination,
    /// Status of a step that passed, where the server has one.
    step_status: Option<String>,
    /// Link to the TestOps project, which markers begin with.
    source: String,
    /// When the probe began, in milliseconds since the epoch: no two probes share a marker.
    begun: u64,
    /// Highest key number of the project before the first create.
    since: u64,
    markers: Vec<Marker>,
    made: Vec<Issue>,
    /// A create was sent and its outcome is not known.
    unanswered: bool,
}

impl<'s> Scratch<'s> {
    /// Makes the checks of an export, makes sure that the account may delete what it makes, and deletes what an
    /// interrupted probe left behind. Nothing is written where this fails.
    pub async fn open(jira: &'s Jira<'s>, target: &'s (dyn Target + 's), source: String) -> Result<Self> {
        let destination = target.open().await?;
        let project = destination.project.clone();
        if !jira.projects().holds(&project.key, "DELETE_ISSUES").await? {
            let message = format!("the account lacks DELETE_ISSUES in project {}", project.key);
            return Err(Error::new(Kind::Permission, Side::Jira, message)
                .hint("give the account this permission there: a probe deletes the issues that it makes"));
        }
        let steps = Statuses::of_steps(&target.executions().step_statuses().await?, &StatusNames::default());
        let newest = jira
            .first(&format!("project = {} ORDER BY key DESC", project.id))
            .await?;
        let scratch = Scratch {
            jira,
            target,
            since: newest.and_then(|issue| project.number(&issue.key)).unwrap_or(0),
            destination,
            step_status: steps.of(Status::Passed).map(str::to_owned),
            source,
            begun: jira.client().ports().clock.now(),
            markers: Vec::new(),
            made: Vec::new(),
            unanswered: false,
        };
        scratch.delete_left_behind().await?;
        Ok(scratch)
    }

    async fn delete_left_behind(&self) -> Result<()> {
        let project = &self.destination.project.id;
        let jql =
            format!("project = {project} AND labels = \"{LABEL}\" AND created <= \"-{LEFT_BEHIND}m\" ORDER BY id DESC");
        for issue in self.jira.search(&jql, &["labels"]).await? {
            if issue.labels().iter().any(|label| Marker::is_probe(label)) {
                self.jira.delete(&issue.id).await?;
            }
        }
        Ok(())
    }

    fn marker(&mut self) -> Marker {
        let name = format!("{}-{}", self.begun, self.markers.len());
        let marker = Marker::probe(&self.source, &self.destination.project.id, &name);
        self.markers.push(marker.clone());
        marker
    }

    /// Sends the creates of so many Manual Tests with a step.
    pub async fn submit(&mut self, count: usize, singly: bool) -> Result<Submission> {
        let markers: Vec<Marker> = (0..count).map(|_| self.marker()).collect();
        let content = content(fields::of_steps(&self.destination.xray_fields.steps));
        let draft = |marker| Draft {
            marker,
            content: &content,
            source: self.source.clone(),
            precondition: None,
            singly,
        };
        let drafts: Vec<Draft<'_>> = markers.iter().map(draft).collect();
        let sent = self.target.tests().submit(&drafts).await;
        self.unanswered |= matches!(sent, Ok(Submission::Unread(_)) | Err(_));
        sent
    }

    /// Keeps issues that were created, to be taken back.
    pub fn keep(&mut self, outcomes: impl IntoIterator<Item = Creation>) -> Result<Vec<Issue>> {
        let (mut created, mut failed) = (Vec::new(), None);
        for outcome in outcomes {
            match outcome {
                Creation::Created(issue) => created.push(issue),
                Creation::Refused(message) => failed = Some(Error::new(Kind::Rejected, Side::Xray, message)),
                Creation::Unknown(message) => {
                    self.unanswered = true;
                    failed = Some(Error::new(Kind::Unknown, Side::Xray, message));
                }
            }
        }
        self.made.extend(created.iter().cloned());
        failed.map_or(Ok(created), Err)
    }

    /// Issues with markers of this probe that no answer named, from the database.
    pub async fn unnamed(&mut self) -> Result<Vec<Issue>> {
        self.unanswered = true;
        let since = Since {
            key: self.since,
            age: LEFT_BEHIND * 60_000,
        };
        let newer = self.jira.keys().newer(&self.destination.project, since).await?;
        let ours = newer
            .found
            .into_iter()
            .filter(|(marker, _)| self.markers.contains(marker));
        let issues: Vec<Issue> = ours.flat_map(|(_, issues)| issues).collect();
        self.made.extend(issues.iter().cloned());
        Ok(issues)
    }

    /// Creates a Test Execution and looks when searches see it.
    pub async fn execution(&mut self, findings: &mut Findings) -> Result<Issue> {
        let marker = self.marker();
        let draft = execution(self.target.capability().dialect);
        let created = self.target.executions().create_execution(&marker, &draft).await;
        self.unanswered |= created.is_err();
        let issue = created?;
        self.made.push(issue.clone());
        self.await_index(&marker, findings).await?;
        Ok(issue)
    }

    async fn await_index(&self, marker: &Marker, findings: &mut Findings) -> Result<()> {
        const NAME: &str = "jira.index-lag";
        let clock = self.jira.client().ports().clock;
        let (begun, mut pause) = (clock.now(), 2_000);
        loop {
            let found = self
                .jira
                .find(&self.destination.project.id, std::slice::from_ref(marker))
                .await?;
            let waited = clock.now().saturating_sub(begun);
            let seconds = waited / 1_000;
            if found.contains_key(marker) {
                let form = match waited {
                    0..2_000 => "none",
                    2_000..20_000 => "8s",
                    _ => "2m",
                };
                findings.see(
                    NAME,
                    form,
                    format!("a search found a new issue after about {seconds} s"),
                );
                return Ok(());
            }
            if waited >= PATIENCE {
                findings.see(
                    NAME,
                    "longer",
                    format!("no search found a new issue within {seconds} s"),
                );
                return Ok(());
            }
            clock.sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// A run that passed, without results of steps.
    pub fn run(&self, test: &Issue) -> TestRun {
        let status = self.destination.statuses.of(Status::Passed).unwrap_or_default();
        TestRun {
            test: test.clone(),
            status: status.to_owned(),
            fields: fields::of_runs(&self.destination.xray_fields.runs),
            ..TestRun::default()
        }
    }

    /// The result of the step that every Test of a probe has.
    pub fn steps(&self) -> Vec<StepRun> {
        let step = |status: &String| StepRun {
            status: status.clone(),
            ..StepRun::default()
        };
        self.step_status.iter().map(step).collect()
    }

    /// Two passes, each with the result of the step.
    pub fn iterations(&self) -> Vec<Iteration> {
        let pass = |name: &str| Iteration {
            name: name.to_owned(),
            status: self.step_status.clone().unwrap_or_default(),
            steps: self.steps(),
            ..Iteration::default()
        };
        match self.step_status {
            Some(_) => ["first", "second"].map(pass).to_vec(),
            None => Vec::new(),
        }
    }

    /// Publishes runs; what is refused of them is an error.
    pub async fn publish(&self, execution: &Issue, runs: &[TestRun]) -> Result<()> {
        let refused = self.target.executions().publish(execution, runs).await?;
        accepted(refused.into_values().next())
    }

    /// Publishes a run again with a small file, and then once more with another one.
    pub async fn publish_files(&self, execution: &Issue, run: &TestRun) -> Result<()> {
        for (name, base64) in [("first.txt", "Zmlyc3Q="), ("second.txt", "c2Vjb25k")] {
            let file = Upload {
                name: name.to_owned(),
                content_type: "text/plain".to_owned(),
                content: Piece::Bytes(base64.as_bytes().to_vec()),
            };
            let files = vec![file];
            accepted(
                self.target
                    .executions()
                    .publish_evidence(execution, &[RunFiles { run, files }])
                    .await?,
            )?;
        }
        Ok(())
    }

    /// What the server calls runs and steps that passed, and what it made of the text of a step.
    pub async fn words(&self, test: &Issue, is_cloud: bool, findings: &mut Findings) -> Result<()> {
        let [own, other] = match is_cloud {
            true => ["PASSED", "PASS"],
            false => ["PASS", "PASSED"],
        };
        let names = [
            ("xray.run-statuses", self.destination.statuses.of(Status::Passed)),
            ("xray.step-statuses", self.step_status.as_deref()),
        ];
        for (name, status) in names {
            let form = match status {
                Some(status) if status == own => "own",
                Some(status) if status == other => "other",
                _ => "other names",
            };
            findings.see(name, form, "the list of statuses has a name for what passed");
        }
        let read = self.target.tests().read(std::slice::from_ref(&test.id)).await?;
        let step = read
            .into_iter()
            .flatten()
            .next()
            .and_then(|test| test.steps.into_iter().next());
        let form = match step.as_ref().map(|step| step.text.action.as_str()) {
            Some(STEP) => "kept",
            Some(DECODED) => "decoded",
            Some(_) => "another text",
            None => {
                findings.miss("xray.step-entities", "a new Test shows no step");
                return Ok(());
            }
        };
        findings.see("xray.step-entities", form, "a step with three entities was read back");
        Ok(())
    }

    /// Imports of a status and of a Test that do not exist, each beside a run that stands there already. Returns whether
    /// the first was refused, and of the second whether anything was, and the run that does exist as well.
    pub async fn refusals(&self, execution: &Issue, run: &TestRun) -> Result<(bool, (bool, bool))> {
        let executions = self.target.executions();
        let odd = TestRun {
            status: NO_STATUS.to_owned(),
            ..run.clone()
        };
        let status = executions.publish(execution, &[odd]).await?;
        let nobody = Issue {
            key: IssueKey::from(format!("{}-{NO_ISSUE}", self.destination.project.key)),
            ..run.test.clone()
        };
        let runs = [run.clone(), self.run(&nobody)];
        let refused = executions.publish(execution, &runs).await?;
        let whole = refused.contains_key(&run.test.key);
        Ok((!status.is_empty(), (!refused.is_empty(), whole)))
    }

    /// What was created without an answer may take a moment to appear.
    async fn unanswered_issues(&mut self) -> Result<Vec<Issue>> {
        self.jira.client().ports().clock.sleep(MOMENT).await;
        self.unnamed().await
    }

    /// Deletes everything that was made, the newest first: Test Executions before their Tests. An error names what stays.
    pub async fn take_back(mut self) -> Result<()> {
        let mut failed = match self.unanswered {
            true => self.unanswered_issues().await.err(),
            false => None,
        };
        let (mut seen, mut stay) = (BTreeSet::new(), BTreeSet::new());
        for issue in self.made.iter().rev().filter(|issue| seen.insert(&issue.id)) {
            if let Err(error) = self.jira.delete(&issue.id).await {
                stay.insert(issue.key.as_str());
                failed.get_or_insert(error);
            }
        }
        let Some(error) = failed else { return Ok(()) };
        let keys: Vec<&str> = stay.into_iter().collect();
        let message = match keys.is_empty() {
            true => format!("issues of the probe may be left: {}", error.message),
            false => format!("issues of the probe are left: {} ({})", keys.join(", "), error.message),
        };
        let project = &self.destination.project.key;
        Err(Error::new(error.kind, error.side, message).hint(format!(
            "delete them: project = {project} AND labels = {LABEL}; the next probe that writes there does it after {LEFT_BEHIND} minutes"
        )))
    }
}

fn accepted(refusal: Option<String>) -> Result<()> {
    refusal.map_or(Ok(()), |message| Err(Error::new(Kind::Rejected, Side::Xray, message)))
}

fn content(fields: BTreeMap<String, Vec<String>>) -> Content {
    let step = StepText {
        action: STEP.to_owned(),
        fields,
        ..StepText::default()
    };
    Content {
        summary: SUMMARY.to_owned(),
        description: RichText::default(),
        labels: vec![LABEL.to_owned()],
        procedure: Procedure::manual(vec![step]),
        fields: Values::default(),
        coverage: Vec::new(),
        folder: None,
        test_sets: TestSets::default(),
        full_text: None,
        precondition: None,
        losses: Vec::new(),
    }
}

fn execution(dialect: Dialect) -> Execution {
    let text = json!([{"type": "text", "text": SUMMARY}]);
    let description = match dialect {
        Dialect::Wiki => json!(SUMMARY),
        Dialect::Adf => json!({"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": text}]}),
    };
    Execution {
        summary: SUMMARY.to_owned(),
        description,
        labels: vec![COMMON.to_owned(), LABEL.to_owned()],
        environments: Vec::new(),
        fix_version: None,
        plan: None,
        existing: None,
        begin: None,
        end: None,
        issues: Vec::new(),
        losses: Vec::new(),
    }
}
