//! Bulk import of tests: `POST /api/v2/import/test/bulk` and the status of its jobs ("Importing Tests - REST v2").

mod element;
mod run;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::answers::JobEnd;
use crate::jira::account::Actor;
use crate::jira::date;
use crate::jira::id::Millis;

use super::reply::Refused;
use super::state::{JobPace, Shared};

/// Tests a request may carry.
const MAX_TESTS: usize = 1_000;
/// After this long a job is over however often it was looked at, in milliseconds.
const LONGEST: Millis = 30_000;
/// How long a job's status is kept after its end.
const KEPT: Duration = Duration::from_secs(24 * 60 * 60);

/// What a finished job made of its elements.
#[derive(Clone, Debug, Default)]
struct Outcome {
    issues: Vec<Value>,
    errors: Vec<Value>,
}

impl Outcome {
    fn status(&self) -> &'static str {
        match (self.issues.is_empty(), self.errors.is_empty()) {
            (_, true) => "successful",
            (false, false) => "partially_successful",
            (true, false) => "unsuccessful",
        }
    }
}

#[derive(Clone, Debug)]
struct Job {
    user: String,
    count: usize,
    began: Millis,
    polls: u32,
    /// None while a job that takes its time has not done its work.
    outcome: Option<Outcome>,
    ended: Option<Millis>,
}

impl Job {
    /// Moves the job on by one look at it.
    fn advance(&mut self, pace: JobPace, jobs: JobEnd, now: Millis) {
        self.polls = self.polls.saturating_add(1);
        if jobs != JobEnd::Finish {
            return;
        }
        let over = match pace {
            JobPace::Polls(polls) => self.polls > polls || now - self.began >= LONGEST,
            JobPace::Takes(_) => true,
        };
        if matches!(pace, JobPace::Polls(_)) && now - self.began >= LONGEST {
            // One that got stuck comes to an end too, with nothing done.
            self.outcome.get_or_insert_default();
        }
        if over && self.outcome.is_some() && self.ended.is_none() {
            self.ended = Some(now);
        }
    }

    fn json(&self) -> Value {
        let mut progress = vec![format!("[{}] Preprocessing data.", date::readable(self.began))];
        if self.ended.is_none() && self.polls <= 1 {
            return json!({ "status": "pending", "progress": progress });
        }
        progress.push(format!(
            "[{}] Creating {} issue(s) in JIRA.",
            date::readable(self.began),
            self.count
        ));
        match (&self.outcome, self.ended) {
            (Some(outcome), Some(ended)) => {
                progress.push(format!("[{}] Finished.", date::readable(ended)));
                json!({ "status": outcome.status(), "progress": progress,
                        "result": { "errors": outcome.errors, "issues": outcome.issues, "warnings": [] } })
            }
            _ => json!({ "status": "working", "progress": progress }),
        }
    }
}

/// All jobs by id.
#[derive(Debug, Default)]
pub(super) struct Jobs {
    jobs: HashMap<String, Job>,
    last: u64,
}

impl Jobs {
    fn forget_old(&mut self, now: Millis) {
        let kept = Millis::try_from(KEPT.as_millis()).unwrap_or(Millis::MAX);
        self.jobs
            .retain(|_, job| job.ended.is_none_or(|ended| now < ended.saturating_add(kept)));
    }
}

/// Takes a job. Its issues are created at once, unless [`JobPace::Takes`] lets them wait; its status lags behind.
///
/// # Errors
/// 400 for a body that is no list of 1 to 1,000 elements, and while another job of the user runs.
pub(super) fn start(
    shared: &Arc<Shared>,
    actor: &Actor,
    body: &[u8],
    project: Option<String>,
) -> Result<Value, Refused> {
    let refused = |text: &str| Refused::new(StatusCode::BAD_REQUEST, text);
    let Ok(Value::Array(elements)) = serde_json::from_slice::<Value>(body) else {
        return Err(refused("The body must be a JSON array of tests."));
    };
    if elements.is_empty() {
        return Err(refused("There are no tests to import."));
    }
    if elements.len() > MAX_TESTS {
        return Err(refused(&format!(
            "The maximum number of tests to import is {MAX_TESTS}."
        )));
    }
    let user = actor.user().unwrap_or_default().to_owned();
    let now = shared.now();
    let jobs = shared.site().answers.of::<JobEnd>();
    let (id, pace) = {
        let mut state = shared.state();
        let pace = state.options.job_pace;
        for job in state
            .jobs
            .jobs
            .values_mut()
            .filter(|job| job.user == user && job.ended.is_none())
        {
            job.advance(pace, jobs, now);
            if job.ended.is_none() {
                return Err(refused("A job to import tests is already in progress for this user."));
            }
        }
        state.jobs.forget_old(now);
        state.jobs.last += 1;
        let id = format!(
            "{:08x}{:024x}",
            now.unsigned_abs() / 1_000 % 0xffff_ffff,
            state.jobs.last
        );
        let job = Job {
            user,
            count: elements.len(),
            began: now,
            polls: 0,
            outcome: None,
            ended: None,
        };
        state.jobs.jobs.insert(id.clone(), job);
        (id, pace)
    };
    match pace {
        _ if jobs == JobEnd::StuckEmpty => {}
        JobPace::Polls(_) => perform(shared, actor, &id, elements, project.as_deref()),
        JobPace::Takes(duration) => {
            let (shared, actor, id) = (Arc::clone(shared), actor.clone(), id.clone());
            tokio::spawn(async move {
                shared.sleep(duration).await;
                perform(&shared, &actor, &id, elements, project.as_deref());
                if let Some(job) = shared.state().jobs.jobs.get_mut(&id).filter(|_| jobs == JobEnd::Finish) {
                    job.ended = Some(shared.now());
                }
            });
        }
    }
    Ok(json!({ "jobId": id }))
}

fn perform(shared: &Shared, actor: &Actor, id: &str, elements: Vec<Value>, project: Option<&str>) {
    let outcome = run::run(shared, actor, elements, project);
    if let Some(job) = shared.state().jobs.jobs.get_mut(id) {
        job.outcome = Some(outcome);
    }
}

/// The status of a job.
///
/// # Errors
/// 404 for unknown jobs and those that ended more than a day ago.
pub(super) fn status(shared: &Shared, id: &str) -> Result<Value, Refused> {
    let now = shared.now();
    let jobs = shared.site().answers.of::<JobEnd>();
    let mut state = shared.state();
    state.jobs.forget_old(now);
    let pace = state.options.job_pace;
    let job = state
        .jobs
        .jobs
        .get_mut(id)
        .ok_or_else(|| Refused::new(StatusCode::NOT_FOUND, "job not found."))?;
    job.advance(pace, jobs, now);
    Ok(job.json())
}
