//! Switching a sync off, and fixing and enabling it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Credentials, CredentialsDraft, Disabled, SecretText, Sync, assemble, sync_state, try_out};
use crate::app::App;
use crate::audit::did;
use crate::id::id;
use crate::notify::announce;
use crate::plugins::TestResult;
use crate::problem::Problem;
use crate::runs::{Mode, NewRun, Origin, RunOptions, switched_off};
use crate::schedule::{Enqueued, When};
use crate::users::{Entered, Role};

/// How a sync is enabled.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Enable {
    /// Secrets to store before, by form field of the credentials.
    #[serde(default)]
    pub(crate) secrets: BTreeMap<String, SecretText>,
    /// When the first of the secrets ends from now on, in milliseconds since the Unix epoch. Left out, a time to come stays.
    #[serde(default)]
    pub(crate) expires_at: Option<u64>,
    /// Whether the changes at the destination that paused it are agreed to.
    #[serde(default)]
    pub(crate) accept_changes: bool,
}

/// What enabling came to.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct EnabledSync {
    /// The connection test that was made.
    pub(crate) test: TestResult,
    /// How the sync stands.
    pub(crate) sync: Sync,
    /// Id of the full run that was started, where the test passed.
    pub(crate) run: Option<String>,
}

/// Stores new secrets, tests, and where every check passes, switches the sync on and runs it in full.
pub(crate) async fn enable(app: &App, entered: &Entered, sync: &Sync, asked: Enable) -> Result<EnabledSync, Problem> {
    entered.need(Role::Operator)?;
    let scope = &entered.scope;
    let credentials = Credentials::get(app, scope, &sync.draft.credentials).await?;
    let is_new_end = asked.expires_at.is_some() && asked.expires_at != credentials.expires_at;
    if is_new_end || asked.secrets.values().any(|secret| !secret.is_empty()) {
        let draft = CredentialsDraft {
            project: credentials.project.clone(),
            integration: credentials.integration.clone(),
            fields: credentials.fields.clone(),
            // A time that is over was of the secret that is replaced; one to come may be of another.
            expires_at: asked.expires_at.or(credentials.expires_at).filter(|at| *at > app.now()),
            secrets: asked.secrets,
        };
        credentials.change(app, entered, draft).await?;
    }
    let assembled = assemble(app, scope, &sync.draft.credentials).await?;
    let test = try_out(&assembled, Some(&sync.draft.export()), true).await?;
    assembled.credentials.tested(app, scope, &test).await?;
    let mut run = None;
    if test.passed {
        let what = did("enable sync", &sync.draft.name, "");
        entered
            .write(app.now(), vec![sync_state::switched_on(&sync.id)], what)
            .await?;
        run = Some(run_in_full(app, entered, &sync.id, asked.accept_changes).await?);
        let sync = Sync::get(scope, &sync.id).await?;
        app.dispatcher().plan(scope, &sync, When::AsScheduled).await?;
    }
    let sync = Sync::get(scope, &sync.id).await?;
    Ok(EnabledSync { test, sync, run })
}

async fn run_in_full(app: &App, entered: &Entered, sync: &str, accept_changes: bool) -> Result<String, Problem> {
    let run = NewRun {
        id: id(),
        sync: sync.to_owned(),
        mode: Mode::Export,
        origin: Origin::Enable,
        asked_by: entered.actor.clone(),
        options: RunOptions {
            full: true,
            accept_changes,
            ..RunOptions::default()
        },
        idempotency_key: None,
    };
    match app.dispatcher().enqueue(&entered.scope, &run).await? {
        Enqueued::Queued => Ok(run.id),
        Enqueued::Overlaps(open) => Ok(open),
    }
}

/// Switches a sync off. A run under way goes on.
pub(crate) async fn disable(app: &App, entered: &Entered, sync: &Sync) -> Result<Sync, Problem> {
    entered.need(Role::Operator)?;
    let why = Disabled::by(&entered.actor, app.now());
    let what = did("disable sync", &sync.draft.name, "");
    let mut rows = announce(app, &entered.scope, switched_off(sync, &why)).await?;
    rows.push(sync_state::switched_off(&sync.id, &why));
    entered.write(app.now(), rows, what).await?;
    Sync::get(&entered.scope, &sync.id).await
}
