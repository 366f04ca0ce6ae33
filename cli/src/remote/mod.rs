//! A service that does the work: `tms-sync --server URL export main`.

mod report;
mod settings;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tms_sync_host::{EgressPolicy, HostRequest};
use zeroize::Zeroizing;

use crate::answer::{Answer, Json};
use crate::interrupt::Interrupts;
use crate::log::{self, Level};
use crate::options::{OutputOptions, ReadingOptions, ReportOptions};
use crate::render::diagnostic::Diagnostic;
use crate::render::summary;
use crate::report::{Report, SyncReport, Verb};
use crate::report_builder::{exit_code, milliseconds};

/// Holds an API token of the service.
const TOKEN: &str = "TMS_SYNC_TOKEN";
/// Between two looks at a run.
const PAUSE: Duration = Duration::from_millis(500);

// Which service does the work, for commands that run something.
#[derive(Debug, clap::Args)]
pub struct ServerOptions {
    /// Let the service at URL plan, export or verify, with an API token of your tenant in TMS_SYNC_TOKEN
    #[arg(long, value_name = "URL")]
    pub server: Option<String>,
    /// File of the API token instead
    #[arg(long, value_name = "FILE", requires = "server")]
    pub token_file: Option<PathBuf>,
}

/// A service, and one tenant of it.
pub struct Remote {
    api: String,
    token: Zeroizing<String>,
    policy: EgressPolicy,
}

/// What is asked of it.
pub struct Wanted {
    pub verb: Verb,
    pub reading: ReadingOptions,
    pub accept_changes: bool,
    pub shown: ReportOptions,
    /// Name or id of a sync; without it, all.
    pub sync: Option<String>,
}

impl ServerOptions {
    /// The service that is named.
    pub fn remote(&self) -> Result<Option<Remote>, Vec<Diagnostic>> {
        let Some(url) = &self.server else { return Ok(None) };
        let problem = |message: String| vec![Diagnostic::new(message)];
        let token = match &self.token_file {
            Some(file) => std::fs::read_to_string(file)
                .map_err(|error| problem(format!("the token file {}: {error}", file.display())))?,
            None => std::env::var(TOKEN).map_err(|_| {
                let unset = Diagnostic::new(format!("{TOKEN} is not set"));
                vec![unset.hint("make an API token on the pages of your tenant")]
            })?,
        };
        let policy = EgressPolicy::reaching(url);
        Ok(Some(Remote {
            api: format!("{}/api/v1", url.trim_end_matches('/')),
            token: Zeroizing::new(token.trim().to_owned()),
            policy: policy.map_err(|_| problem(format!("`{url}` is no URL of a service")))?,
        }))
    }
}

impl Remote {
    /// Runs what is wanted, gives the answer, and returns the exit code.
    pub async fn give(&self, (wanted, output): (Wanted, OutputOptions)) -> u8 {
        let answer = self.answer(&wanted).await;
        answer.unwrap_or_else(Answer::from).give(wanted.verb.name(), &output)
    }

    /// Runs what is wanted, sync after sync, and reports as if it had run here.
    async fn answer(&self, wanted: &Wanted) -> Result<Answer, Diagnostic> {
        let begun = Instant::now();
        let plugin = report::plugin(&self.get("/plugins").await?);
        let tenant = self.tenant().await?;
        let mut interrupts = Interrupts::listen();
        let mut reports = Vec::new();
        for sync in self.syncs(&tenant, wanted.sync.as_deref()).await? {
            if interrupts.any() {
                break;
            }
            reports.push(self.one(&tenant, wanted, &sync, &mut interrupts).await?);
        }
        let report = Report {
            command: wanted.verb,
            exit_code: exit_code(&reports),
            integration: tenant,
            plugin,
            syncs: reports,
            duration_ms: milliseconds(begun.elapsed()),
        };
        let json = serde_json::to_string_pretty(&report).map_err(|error| Diagnostic::new(error.to_string()))?;
        Ok(Answer {
            exit_code: report.exit_code,
            text: summary::syncs(&report, &wanted.shown.view(Path::new(""))),
            json: Json::Whole(json),
            problems: Vec::new(),
            reasons: Vec::new(),
        })
    }

    async fn tenant(&self) -> Result<String, Diagnostic> {
        let tenants = self.get("/tenants").await?;
        let name = tenants.pointer("/0/name").and_then(Value::as_str);
        name.map(str::to_owned)
            .ok_or_else(|| Diagnostic::new("the token belongs to no tenant"))
    }

    async fn syncs(&self, tenant: &str, wanted: Option<&str>) -> Result<Vec<Value>, Diagnostic> {
        let all = self.get(&format!("/tenants/{tenant}/syncs")).await?;
        let all = all.as_array().cloned().unwrap_or_default();
        let Some(wanted) = wanted else { return Ok(all) };
        let is_meant = |sync: &Value| text(sync, "name") == wanted || text(sync, "id") == wanted;
        let found: Vec<Value> = all.into_iter().filter(is_meant).collect();
        match found.len() {
            0 => Err(Diagnostic::new(format!("the service has no sync named `{wanted}`"))),
            1 => Ok(found),
            _ => {
                let ids: Vec<&str> = found.iter().map(|sync| text(sync, "id")).collect();
                let problem = Diagnostic::new(format!("the service has {} syncs named `{wanted}`", found.len()));
                Err(problem.hint(format!("name one by its id: {}", ids.join(", "))))
            }
        }
    }

    async fn one(
        &self,
        tenant: &str,
        wanted: &Wanted,
        sync: &Value,
        interrupts: &mut Interrupts,
    ) -> Result<SyncReport, Diagnostic> {
        if let Some(disabled) = sync.pointer("/disabled/message").and_then(Value::as_str)
            && wanted.verb == Verb::Export
        {
            return Ok(report::disabled(wanted.verb, sync, disabled));
        }
        let options = json!({
            "recreate": wanted.reading.recreate, "full": wanted.reading.full, "accept-changes": wanted.accept_changes,
        });
        let body = json!({ "mode": wanted.verb.name(), "options": options });
        let path = format!("/tenants/{tenant}/syncs/{}/runs", text(sync, "id"));
        let started = self.post(&path, &body).await?;
        let run = format!("/tenants/{tenant}/runs/{}", text(&started, "id"));
        log::write(
            Level::Info,
            &format!("{}: run {} at the service", text(sync, "name"), text(&started, "id")),
        );
        let mut asked = 0;
        let ended = loop {
            let now = self.get(&run).await?;
            if !matches!(text(&now, "status"), "queued" | "running") {
                break now;
            }
            tokio::select! {
                () = tokio::time::sleep(PAUSE) => {}
                () = interrupts.reached(asked + 1) => {
                    asked += 1;
                    self.post(&format!("{run}/cancel"), &json!({})).await?;
                }
            }
        };
        let mut items = Vec::new();
        let mut after = 0;
        loop {
            let page = self.get(&format!("{run}/items?limit=1000&after={after}")).await?;
            items.extend(page.get("items").and_then(Value::as_array).cloned().unwrap_or_default());
            match page.get("next").and_then(Value::as_u64) {
                Some(next) => after = next,
                None => break,
            }
        }
        report::sync(wanted.verb, sync, &ended, items)
            .map_err(|error| Diagnostic::new(format!("the service's report is not understood: {error}")))
    }

    async fn get(&self, path: &str) -> Result<Value, Diagnostic> {
        self.send(HostRequest::get(&format!("{}{path}", self.api))).await
    }

    async fn post(&self, path: &str, body: &Value) -> Result<Value, Diagnostic> {
        let request = HostRequest::post(&format!("{}{path}", self.api), body.to_string().into_bytes());
        self.send(request.header("content-type", "application/json")).await
    }

    async fn send(&self, request: HostRequest) -> Result<Value, Diagnostic> {
        let request = request.header("authorization", &format!("Bearer {}", *self.token));
        let answer = request.send(&self.policy).await;
        let answer = answer.map_err(|error| Diagnostic::new(format!("the service did not answer: {error}")))?;
        let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        if (200..300).contains(&answer.status) {
            return Ok(body);
        }
        let message = match text(&body, "message") {
            "" => format!("the service answered {}", answer.status),
            message => message.to_owned(),
        };
        let problem = Diagnostic::new(message);
        Err(match text(&body, "hint") {
            "" => problem,
            hint => problem.hint(hint),
        })
    }
}

fn text<'a>(value: &'a Value, member: &str) -> &'a str {
    value.get(member).and_then(Value::as_str).unwrap_or_default()
}
