//! A Cloud site's two servers: Jira Cloud (with the pages for people) on one port, Xray Cloud on another, each with a
//! journal of its own.
//!
//! ```no_run
//! # use tms_sync_sim::World;
//! # async fn example() -> std::io::Result<()> {
//! let (world, cloud) = World::cloud().start_cloud().await?;
//! cloud.xray.configure(|options| options.rate = Some(1_000));
//! println!("{} {:?}", world.tracker.jira.url(), world.tracker.xray.as_ref().map(|xray| xray.url()));
//! # Ok(())
//! # }
//! ```

use std::io;
use std::sync::Arc;

use async_graphql::parser::parse_query;
use async_graphql::parser::types::OperationType;
use serde_json::Value;

use crate::clock::Clock;
use crate::jira::account::{Token, User};
use crate::jira::page;
use crate::jira::site::SharedSite;
use crate::jira_cloud::{self, JiraCloud, Scope};
use crate::journal::{Call, Class};
use crate::server::Server;
use crate::world::{Builder, Tracker, USER, World};
use crate::xray_cloud::XrayCloud;

/// Client id of the world's Xray API key, which acts as the world's Jira user.
pub const XRAY_CLIENT_ID: &str = "CANARY7XRAY2CLIENT4ID9E5A1B2C3D4E5F60718";
/// An API token of the world's user with all scopes an export needs; it works through the gateway only.
pub const SCOPED_TOKEN: &str = "canary-scoped-token-Nd8VuB3kRy6QwE1sMx5TzA";
/// An API token of the world's user that may read only.
pub const READ_TOKEN: &str = "canary-read-token-Lf4GpC9jHa2YbX7vUe3KoD";
/// The account id of the world's service account.
pub const SERVICE_USER: &str = "robot-7";
/// Its e-mail address.
pub const SERVICE_EMAIL: &str = "robot-7@serviceaccount.atlassian.com";
/// Its API token, with all scopes an export needs.
pub const SERVICE_TOKEN: &str = "canary-service-token-Wq5ZrT8mJn1SdK6fBh9PcV";
/// Client id of its OAuth credential.
pub const OAUTH_CLIENT_ID: &str = "CanaryOauthClient3Xy7Kp2Lm9Qr4Ts";
/// Client secret of its OAuth credential.
pub const OAUTH_CLIENT_SECRET: &str = "canary-oauth-secret-ATOAk3Jx8Vb2Nc7Mz5Lq1Wp6Re4Ty9U";
/// Client secret of that key.
pub const XRAY_CLIENT_SECRET: &str = "canary-xray-secret-Pb6RyS9dNv2LqF8jXt5Zk";

/// The switches of both servers; clones turn the same ones.
#[derive(Clone, Debug)]
pub struct Cloud {
    /// Jira Cloud.
    pub jira: JiraCloud,
    /// Xray Cloud.
    pub xray: XrayCloud,
    site: SharedSite,
    clock: Clock,
}

impl Cloud {
    /// Both products in front of a site, with the API key of the constants above.
    #[must_use]
    pub fn new(site: SharedSite, clock: Clock) -> Self {
        let (jira, xray) = (
            JiraCloud::new(site.clone(), clock.clone()),
            XrayCloud::new(site.clone(), clock.clone()),
        );
        xray.add_api_key(XRAY_CLIENT_ID, XRAY_CLIENT_SECRET, USER);
        add_credentials(&site, &jira);
        Self {
            jira,
            xray,
            site,
            clock,
        }
    }

    /// Starts Atlassian's authorization server (`auth.atlassian.com`) on a port; 0 picks a free one.
    ///
    /// # Errors
    /// When the port cannot be bound.
    pub async fn start_sign_in(&self, port: u16) -> io::Result<Server> {
        let server = Server::builder(self.jira.oauth_router())
            .port(port)
            .clock(self.clock.clone());
        server.classify(Arc::new(|_| Class::Auth)).start().await
    }

    /// Starts both servers on free ports.
    ///
    /// # Errors
    /// When a port cannot be bound.
    pub async fn start(&self) -> io::Result<Tracker> {
        self.start_on(0, 0).await
    }

    /// Starts both servers on given ports; 0 picks a free one.
    ///
    /// # Errors
    /// When a port cannot be bound.
    pub async fn start_on(&self, jira: u16, xray: u16) -> io::Result<Tracker> {
        let routes = page::router(&self.site).merge(self.jira.router());
        let jira = Server::builder(routes).port(jira).clock(self.clock.clone());
        let jira = jira.classify(Arc::new(|call| jira_class(&call))).start().await?;
        self.site.lock().base_url = jira.url();
        let xray = Server::builder(self.xray.router()).port(xray).clock(self.clock.clone());
        let xray = xray.classify(Arc::new(|call| xray_class(&call))).start().await?;
        Ok(Tracker { jira, xray: Some(xray) })
    }
}

/// The tokens with scopes, and the service account with its token and its OAuth client.
fn add_credentials(site: &SharedSite, jira: &JiraCloud) {
    let token = |secret: &str| Token {
        secret: secret.to_owned(),
        expires: None,
        revoked: false,
    };
    {
        let mut site = site.lock();
        if let Some(user) = site.accounts.get_mut(USER) {
            user.tokens.extend([token(SCOPED_TOKEN), token(READ_TOKEN)]);
        }
        site.accounts.add(User {
            id: SERVICE_USER.to_owned(),
            email: SERVICE_EMAIL.to_owned(),
            display_name: "Robot 7".to_owned(),
            password: String::new(),
            tokens: vec![token(SERVICE_TOKEN)],
            active: true,
            admin: false,
            failed_logins: 0,
        });
    }
    jira.configure(|options| {
        let scopes = [
            (SCOPED_TOKEN, Scope::EXPORT.as_slice()),
            (READ_TOKEN, &[Scope::Read, Scope::User]),
            (SERVICE_TOKEN, &Scope::EXPORT),
        ];
        let scoped = scopes.map(|(token, scopes)| (token.to_owned(), scopes.iter().copied().collect()));
        options.scoped_tokens.extend(scoped);
    });
    jira.add_oauth_client(OAUTH_CLIENT_ID, OAUTH_CLIENT_SECRET, SERVICE_USER, &Scope::EXPORT);
}

impl Builder {
    /// Starts TestOps and a Cloud site, with the switches of the latter.
    ///
    /// # Errors
    /// When a port cannot be bound.
    pub async fn start_cloud(self) -> io::Result<(World, Cloud)> {
        let mut made = None;
        let world = self
            .start_with(|site, clock| {
                let cloud = Cloud::new(site, clock);
                made = Some(cloud.clone());
                async move { cloud.start().await }
            })
            .await?;
        made.map(|cloud| (world, cloud))
            .ok_or_else(|| io::Error::other("the site was not started"))
    }
}

/// Searches and bulk reads are sent with POST, but change nothing.
fn jira_class(call: &Call<'_>) -> Class {
    if jira_cloud::is_read(call.method, call.path) {
        Class::Read
    } else {
        Class::Write
    }
}

/// A GraphQL document without a mutation changes nothing.
fn xray_class(call: &Call<'_>) -> Class {
    if call.path.ends_with("/authenticate") {
        return Class::Auth;
    }
    if !call.path.ends_with("/graphql") {
        return Class::of_method(call.method);
    }
    let document = call.body.and_then(|body| body.get("query")).and_then(Value::as_str);
    let reads = document
        .and_then(|document| parse_query(document).ok())
        .is_some_and(|document| {
            document
                .operations
                .iter()
                .all(|(_, operation)| operation.node.ty == OperationType::Query)
        });
    if reads { Class::Read } else { Class::Write }
}
