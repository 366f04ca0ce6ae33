//! The Jira platform, both variants: what they share, and knows nothing of Xray.

mod access;
mod attachment;
mod edit;
mod flavour;
mod keys;
mod links;
mod lookup;
pub mod meta;
mod newest;
mod plan;
mod projects;
mod search;
mod traces;
mod updates;
mod wire;
mod workflow;

pub use access::explain;
pub use attachment::Attachments;
pub use attachment::{Attached, Upload};
pub use edit::{body, missing_labels};
pub use flavour::Flavour;
pub use keys::{Keys, Newer, Since};
pub use links::Links;
pub use lookup::{People, cover, covered};
pub use meta::Screens;
pub use newest::{Newest, updated_at};
pub use plan::plan;
pub use projects::{PERMISSIONS, Projects};
pub use search::{by_marker, with_markers};
pub use traces::Traces;
pub use updates::{Updated, Updates};
pub use wire::{BulkCreated, CreatedIssue, Found, FoundIssue, Me, Permissions, Project, ProjectPage, ServerInfo};
pub use workflow::status_name;

use crate::domain::{Issue, IssueId};
use crate::error::{Kind, Result, Side};
use crate::ports::{Identity, Ports, Response};
use crate::web::{Allowance, Call, Client, Idempotency};
use serde_json::Value;

/// Jira Cloud: bursts of 100 a second per endpoint for token traffic (Atlassian, rate limiting page). Data Center: its
/// optional limiter names its numbers only in answers.
const ALLOWANCE: Allowance = Allowance {
    requests: 0,
    window_ms: 0,
    in_flight: 4,
};

/// Which every Jira answers.
const ANY_SERVER_INFO: &str = "/rest/api/2/serverInfo";

/// A Jira site over the connection `jira`.
pub struct Jira<'a> {
    client: Client<'a>,
    flavour: Flavour,
}

impl<'a> Jira<'a> {
    /// The site behind the connection.
    pub fn new(ports: Ports<'a>, flavour: Flavour) -> Self {
        Jira {
            client: Client::new(ports, "jira", Side::Jira, ALLOWANCE, explain),
            flavour,
        }
    }

    /// The connection itself, for endpoints of apps.
    pub fn client(&self) -> &Client<'a> {
        &self.client
    }

    /// Path below the REST root.
    pub fn path(&self, rest: &str) -> String {
        format!("{}/{rest}", self.flavour.api)
    }

    /// Its projects, and what the account may do in them.
    pub fn projects(&self) -> Projects<'_> {
        Projects(self)
    }

    /// What can be created in a project.
    pub fn screens(&self) -> Screens<'_> {
        Screens(self)
    }

    /// Issues by their keys.
    pub fn keys(&self) -> Keys<'_> {
        Keys(self)
    }

    /// Files of issues.
    pub fn attachments(&self) -> Attachments<'_> {
        Attachments(self)
    }

    /// Links between issues.
    pub fn links(&self) -> Links<'_> {
        Links(self)
    }

    /// Accounts.
    pub fn people(&self) -> People<'_> {
        People(self)
    }

    /// `GET serverInfo`; answers anonymously, so it proves the address and nothing of the credential.
    pub async fn server_info(&self) -> Result<ServerInfo> {
        let mut response = self.client.answer_anonymous(Call::get(self.path("serverInfo"))).await?;
        if response.status == 404 {
            // A Data Center that was taken for a Cloud knows the older version alone.
            response = self.client.answer_anonymous(Call::get(ANY_SERVER_INFO)).await?;
        }
        if response.status != 200 {
            return Err(self.client.refusal(&response, "GET serverInfo"));
        }
        self.client.decode(&response, "GET serverInfo", Idempotency::Safe)
    }

    /// `GET myself`: the only read that no Jira answers anonymously.
    pub async fn myself(&self) -> Result<Me> {
        self.client
            .json(Call::get(self.path("myself")), Idempotency::Safe)
            .await
    }

    /// A finding, unless the credential no longer holds: what anonymous visitors lack or do not see is no finding about
    /// the account. Where something was found wrong, `myself` is asked before it is returned.
    pub async fn unless_anonymous<T>(&self, found: Result<T>) -> Result<T> {
        if let Err(error) = &found
            && matches!(
                error.kind,
                Kind::Permission | Kind::Product | Kind::Configuration | Kind::Missing | Kind::Rejected
            )
        {
            self.myself().await?;
        }
        found
    }

    /// `POST issue`: one issue.
    pub async fn create(&self, body: &Value) -> Result<Issue> {
        let call = Call::post(self.path("issue"), body);
        let created: CreatedIssue = self.client.json(call, Idempotency::NotIdempotent).await?;
        Ok(created.into())
    }

    /// `PUT issue/{id}`: sets fields and adds labels.
    pub async fn edit(&self, id: &IssueId, body: &Value) -> Result<()> {
        self.client
            .success(
                Call::put(self.path(&format!("issue/{id}")), body),
                Idempotency::Idempotent,
            )
            .await
            .map(drop)
    }

    /// `GET issue/{id}`, which reads the database where a search reads an index; absent: gone or invisible, from an answer
    /// proven authenticated.
    pub async fn issue(&self, id: &str, fields: &[&str]) -> Result<Option<FoundIssue>> {
        let call = Call::get(self.path(&format!("issue/{id}"))).query("fields", fields.join(","));
        let response = self.client.answer(call, Idempotency::Safe).await?;
        match response.status {
            200 => self.client.decode(&response, "GET issue", Idempotency::Safe).map(Some),
            404 if is_own(&response) => {
                if response.identity != Identity::Authenticated {
                    self.myself().await?;
                }
                Ok(None)
            }
            404 => Err(self.client.not_from_product(&response, "GET issue")),
            _ => Err(self.client.refusal(&response, "GET issue")),
        }
    }

    /// An issue's id and its key as it is now.
    pub async fn current(&self, id: &IssueId) -> Result<Option<Issue>> {
        let found = self.issue(id.as_str(), &["labels"]).await?;
        Ok(found.map(|found| found.issue()))
    }
}

/// True where a refusal is Jira's own word: something in between may answer 404 with nothing or with its own JSON.
fn is_own(response: &Response) -> bool {
    let body = serde_json::from_slice::<Value>(&response.body);
    body.is_ok_and(|body| body.get("errorMessages").is_some())
}
