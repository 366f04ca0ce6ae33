//! An instance with something to look at: what a demonstration begins with.

use std::collections::BTreeMap;

use zeroize::Zeroizing;

use crate::app::App;
use crate::id::id;
use crate::problem::Problem;
use crate::runs::{Mode, NewRun, Origin, Run, RunOptions};
use crate::schedule::{Timing, When};
use crate::settings::{
    Credentials, CredentialsDraft, Fields, Integration, IntegrationDraft, Project, ProjectDraft, SecretText, Sync,
    SyncDraft,
};
use crate::users::{Entered, NewAccount, Quotas, Role, Visitor};

/// Who furnishes, in the log.
const BY: &str = "demonstration";

/// A tenant to be, whole.
#[derive(Debug, Clone)]
pub struct Furniture {
    /// The tenant's name.
    pub tenant: String,
    /// How people call it.
    pub title: String,
    /// Its TestOps project.
    pub project: ProjectDraft,
    /// Its integration.
    pub integration: IntegrationDraft,
    /// What is filled in to log in there.
    pub fields: Fields,
    /// Secrets by form field.
    pub secrets: BTreeMap<String, SecretText>,
    /// Its sync; its credentials are the ones above.
    pub sync: SyncDraft,
}

/// A tenant that was furnished, for whoever plays its history.
pub struct Furnished {
    app: App,
    owner: Entered,
    credentials: String,
    sync: String,
    /// When the sync runs once its schedule begins.
    schedule: Timing,
}

/// Makes an administrator who logs in with `login` and `password`.
///
/// # Errors
///
/// There is one already, or the password is too short.
pub async fn administrator(app: &App, login: &str, password: &str) -> Result<(), Problem> {
    let new = NewAccount {
        login: login.to_owned(),
        name: "Administrator".to_owned(),
        is_administrator: true,
    };
    let proof: Zeroizing<String> = app.users().first_link().await?;
    app.users().follow_link(&proof, new, password.to_owned()).await?;
    Ok(())
}

/// Furnishes a tenant: settings, and an owner who logs in with `login` and `password`. Nothing runs yet.
///
/// # Errors
///
/// What the forms would refuse.
pub async fn furnish(app: &App, furniture: Furniture, login: &str, password: &str) -> Result<Furnished, Problem> {
    let users = app.users();
    users
        .add_tenant(&furniture.tenant, &furniture.title, Quotas::default(), BY)
        .await?;
    let new = NewAccount {
        login: login.to_owned(),
        name: String::new(),
        is_administrator: false,
    };
    let account = users.add(new.clone(), BY).await?;
    users.admit(&furniture.tenant, &account.id, Role::Owner, BY).await?;
    let proof = users.invite(&account.id, BY).await?;
    let account = users.follow_link(&proof, new, password.to_owned()).await?;
    let memberships = users.memberships(&account.id).await?;
    let owner = Visitor::account(account, memberships, String::new());
    let entered = owner.enter(users, &furniture.tenant).await?;

    let project = Project::add(app, &entered, furniture.project).await?;
    let integration = Integration::add(app, &entered, furniture.integration).await?;
    let draft = CredentialsDraft {
        project: project.id,
        integration: integration.id,
        fields: furniture.fields,
        expires_at: None,
        secrets: furniture.secrets,
    };
    let credentials = Credentials::add(app, &entered, draft).await?;
    let schedule = furniture.sync.schedule.clone();
    let draft = SyncDraft {
        credentials: credentials.id.clone(),
        schedule: Timing::Off,
        ..furniture.sync
    };
    let sync = Sync::add(app, &entered, draft).await?;
    Ok(Furnished {
        app: app.clone(),
        owner: entered,
        credentials: credentials.id,
        sync: sync.id,
        schedule,
    })
}

impl Furnished {
    /// Runs the sync and waits for the end, however that is.
    ///
    /// # Errors
    ///
    /// The store's.
    pub async fn export(&self) -> Result<(), Problem> {
        let (app, scope) = (&self.app, &self.owner.scope);
        let run = NewRun {
            id: id(),
            sync: self.sync.clone(),
            mode: Mode::Export,
            origin: Origin::Person,
            asked_by: self.owner.actor.clone(),
            options: RunOptions::default(),
            idempotency_key: None,
        };
        app.dispatcher().enqueue(scope, &run).await?;
        while !Run::get(scope, &run.id).await?.status.is_over() {
            app.clock().sleep(std::time::Duration::from_millis(100)).await;
        }
        Ok(())
    }

    /// Enters a secret anew.
    ///
    /// # Errors
    ///
    /// What the form would refuse.
    pub async fn enter(&self, field: &str, secret: SecretText) -> Result<(), Problem> {
        let known = Credentials::get(&self.app, &self.owner.scope, &self.credentials).await?;
        let draft = CredentialsDraft {
            project: known.project.clone(),
            integration: known.integration.clone(),
            fields: known.fields.clone(),
            expires_at: known.expires_at,
            secrets: BTreeMap::from([(field.to_owned(), secret)]),
        };
        known.change(&self.app, &self.owner, draft).await.map(drop)
    }

    /// Lets its schedule begin; until then nothing runs by itself, however much time passes.
    ///
    /// # Errors
    ///
    /// The store's.
    pub async fn begin(&self) -> Result<(), Problem> {
        let scope = &self.owner.scope;
        let sync = Sync::get(scope, &self.sync).await?;
        let draft = SyncDraft {
            schedule: self.schedule.clone(),
            ..sync.draft.clone()
        };
        let sync = sync.change(&self.app, &self.owner, draft).await?;
        self.app.dispatcher().plan(scope, &sync, When::AsScheduled).await
    }
}
