//! What is exported where: integrations, projects, credentials, syncs.
//!
//! ```text
//! integration  a kind and its servers' addresses           ┐
//! project      a TestOps project and its token             ├─ credentials: who a project logs in as
//!                                                          ┘      └─ syncs: filters, destination, mapping, schedule
//! ```

mod assembled;
mod credentials;
mod integration;
mod project;
pub(crate) mod servers;
pub(crate) mod switching;
mod sync;
pub(crate) mod sync_state;

use std::collections::BTreeMap;

use serde::Deserialize;
use utoipa::ToSchema;
use zeroize::Zeroizing;

pub use credentials::{Credentials, CredentialsDraft, SecretState};
pub use integration::{Integration, IntegrationDraft};
pub use project::{Project, ProjectDraft};
pub use sync::{Sync, SyncDraft};
pub use sync_state::Disabled;

pub(crate) use assembled::{Assembled, assemble, assemble_watched, try_out};

use crate::app::App;
use crate::audit::Did;
use crate::problem::Problem;
use crate::store::Statement;
use crate::users::{Entered, Role};

/// Values of form fields, by name.
pub type Fields = BTreeMap<String, String>;

/// A secret on its way in. It is neither shown nor logged.
#[derive(Clone, Deserialize, ToSchema)]
#[schema(value_type = String)]
#[serde(transparent)]
pub struct SecretText(String);

impl std::fmt::Debug for SecretText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretText")
    }
}

impl SecretText {
    /// A secret that was entered.
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.trim().is_empty()
    }

    pub(crate) fn value(&self) -> Zeroizing<String> {
        Zeroizing::new(self.0.clone())
    }
}

impl Drop for SecretText {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.0);
    }
}

/// A name that people gave something.
pub(crate) fn named(name: &str) -> Result<String, Problem> {
    let name = name.trim();
    if (1..=100).contains(&name.chars().count()) && !name.chars().any(char::is_control) {
        Ok(name.to_owned())
    } else {
        Err(Problem::findings(vec![crate::plugins::Finding::error(
            "name",
            "A name has 1 to 100 characters.",
        )]))
    }
}

/// Removes rows, as an owner may. What is at the destination stays.
pub(crate) async fn remove(app: &App, entered: &Entered, rows: Vec<Statement>, what: Did<'_>) -> Result<(), Problem> {
    entered.need(Role::Owner)?;
    entered.write(app.now(), rows, what).await.map_err(Problem::missing)
}

/// Without surrounding space, and without what is empty.
fn filled(fields: Fields) -> Fields {
    let trimmed = fields.into_iter().map(|(name, value)| (name, value.trim().to_owned()));
    trimmed.filter(|(_, value)| !value.is_empty()).collect()
}

pub(crate) fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
