//! A tenant as a whole: everything that is stored of it, and its end.

use std::collections::VecDeque;

use futures_util::stream::{self, Stream};
use serde::Serialize;
use serde_json::{Value, json};

use crate::app::App;
use crate::audit::AuditEntry;
use crate::notify::Channel;
use crate::problem::Problem;
use crate::runs::{ItemFilter, Items, Run, RunFilter};
use crate::settings::{Credentials, Integration, Project, Sync};
use crate::store::{Before, StoreError, TenantScope};

/// Rows that are read at once.
const PAGE: u32 = 500;

/// Removes a tenant: settings, secrets, history and links. What is at destinations stays.
pub(crate) async fn remove(app: &App, tenant: &str, by: &str) -> Result<(), Problem> {
    app.users().remove_tenant(tenant, by).await?;
    // Links without a tenant are in nobody's way; a tenant without links would create everything again.
    let forgotten = app.ledger().forget(tenant.to_owned()).await;
    forgotten.map_err(|error| StoreError::Unavailable(error.to_string()).into())
}

/// Everything that is stored of a tenant but secrets, a JSON object per line, read as it is sent: at most a page is in
/// memory. Runs that were asked for and entries that were written since it began are left out; the last line counts the others,
/// so that a file that was cut off is known as one.
pub(crate) fn lines(app: App, scope: TenantScope) -> impl Stream<Item = Result<String, Problem>> {
    let begun = app.now();
    let until = Before::time(begun.saturating_add(1));
    let writing = Writing {
        app,
        scope,
        begun,
        counts: Counts::default(),
        waiting: VecDeque::from([
            Part::Settings,
            Part::Runs { before: until.clone() },
            Part::Log { before: until },
            Part::End,
        ]),
    };
    stream::try_unfold(writing, async |mut writing| match writing.waiting.pop_front() {
        Some(part) => Ok(Some((writing.part(part).await?, writing))),
        None => Ok(None),
    })
}

/// What is still to be written.
enum Part {
    Settings,
    /// Runs from a place on, newest first.
    Runs {
        before: Before,
    },
    /// Verdicts of a run after one.
    Verdicts {
        run: String,
        after: u64,
    },
    Log {
        before: Before,
    },
    End,
}

/// What was written so far.
#[derive(Default, Serialize)]
struct Counts {
    runs: usize,
    verdicts: usize,
    log: usize,
}

struct Writing {
    app: App,
    scope: TenantScope,
    begun: u64,
    counts: Counts,
    waiting: VecDeque<Part>,
}

impl Writing {
    async fn part(&mut self, part: Part) -> Result<String, Problem> {
        match part {
            Part::Settings => self.settings().await,
            Part::Runs { before } => self.runs(before).await,
            Part::Verdicts { run, after } => self.verdicts(run, after).await,
            Part::Log { before } => self.log(before).await,
            Part::End => Ok(self.end()),
        }
    }

    async fn settings(&self) -> Result<String, Problem> {
        let (app, scope) = (&self.app, &self.scope);
        let tenant = app.users().tenant(scope.tenant()).await?;
        let mut text = written("tenant", tenant.as_slice());
        text += &written("member", &app.users().members(scope.tenant()).await?);
        text += &written("integration", &Integration::all(scope).await?);
        text += &written("project", &Project::all(app, scope).await?);
        text += &written("credentials", &Credentials::all(app, scope).await?);
        text += &written("sync", &Sync::all(scope).await?);
        text += &written("channel", &Channel::all(scope).await?);
        text += &written("token", &app.users().tokens(scope).await?);
        Ok(text)
    }

    async fn runs(&mut self, before: Before) -> Result<String, Problem> {
        let filter = RunFilter {
            before,
            limit: PAGE,
            ..RunFilter::default()
        };
        let runs = Run::list(&self.scope, &filter).await?;
        if let Some(last) = runs.last() {
            let before = Before::entry(last.asked_at, &last.id);
            self.waiting.push_front(Part::Runs { before });
        }
        let with_verdicts = runs.iter().filter(|run| run.verdicts > 0);
        for run in with_verdicts.rev() {
            let run = run.id.clone();
            self.waiting.push_front(Part::Verdicts { run, after: 0 });
        }
        self.counts.runs += runs.len();
        Ok(written("run", &runs))
    }

    async fn verdicts(&mut self, run: String, after: u64) -> Result<String, Problem> {
        let filter = ItemFilter {
            after: Some(after),
            limit: PAGE,
            ..ItemFilter::default()
        };
        let page = Items::page(&self.scope, &run, &filter).await?;
        self.counts.verdicts += page.items.len();
        let lines = page.items.iter().map(|item| json!({ "run": run, "item": item }));
        let text = written("verdict", &lines.collect::<Vec<Value>>());
        if let Some(after) = page.next {
            self.waiting.push_front(Part::Verdicts { run, after });
        }
        Ok(text)
    }

    async fn log(&mut self, before: Before) -> Result<String, Problem> {
        let entries = AuditEntry::list(&self.scope, &before, PAGE).await?;
        if let Some(last) = entries.last() {
            let before = Before::entry(last.at, &last.id);
            self.waiting.push_front(Part::Log { before });
        }
        self.counts.log += entries.len();
        Ok(written("log", &entries))
    }

    fn end(&self) -> String {
        written("end", &[json!({ "begun": self.begun, "lines": self.counts })])
    }
}

fn written<T: Serialize>(kind: &str, values: &[T]) -> String {
    let line = |value: &T| {
        let mut value = serde_json::to_value(value).unwrap_or_default();
        if let Some(object) = value.as_object_mut() {
            object.insert("type".to_owned(), kind.into());
        }
        format!("{value}\n")
    };
    values.iter().map(line).collect()
}
