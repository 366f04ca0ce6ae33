//! From what a person entered to a [`Tenant`].

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::call::Sinks;
use crate::call::http::RequestSink;
use crate::call::log::LogSink;
use crate::clock::{Clock, SystemClock};
use crate::credentials::health;
use crate::credentials::secret::{Secret, Secrets, answering, secret_names};
use crate::egress::{BaseUrl, EgressPolicy, Gate, Grant, origin_of};
use crate::ledger::{Ledger, Scope};
use crate::limits::CallLimits;
use crate::model::{Connection, IntegrationKind};
use crate::plugin::LoadedPlugin;
use crate::tenant::{Tenant, TenantParts};

/// Collects a tenant's settings. Everything but [`kind`](Self::kind) and [`ledger`](Self::ledger) has a default.
#[must_use]
pub struct TenantBuilder<'p> {
    name: String,
    plugin: &'p LoadedPlugin,
    integration: Option<String>,
    kind: String,
    fields: BTreeMap<String, String>,
    secrets: Secrets,
    ledger: Option<Arc<dyn Ledger>>,
    policy: EgressPolicy,
    limits: CallLimits,
    clock: Arc<dyn Clock>,
    sinks: Sinks,
    #[cfg(feature = "test-kit")]
    mishap: Option<Arc<crate::call::http::mishap::Mishap>>,
}

/// Why a tenant cannot be built. Settings that are merely wrong are findings of [`Tenant::validate`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TenantError {
    /// The plugin has no such integration kind.
    #[error("the plugin has no integration kind `{0}`")]
    UnknownKind(String),
    /// No ledger was given.
    #[error("a tenant needs a ledger")]
    NoLedger,
    /// A secret was given that the form does not have.
    #[error("the form has no secret field `{0}`")]
    UnknownSecret(String),
    /// A secret was given as a plain field, which the plugin would see.
    #[error("`{0}` is a secret field and must be given as a secret")]
    SecretAsField(String),
    /// A secret holds control characters, which no header can carry.
    #[error("the secret `{0}` contains a line break or another control character")]
    UnusableSecret(String),
    /// A secret was entered for another server than the settings name now.
    #[error(
        "the secret `{secret}` was entered for {entered_for}, but `{connection}` goes to {goes_to}; enter it again"
    )]
    OriginChanged {
        /// The secret's form field.
        secret: String,
        /// The connection that would use it.
        connection: String,
        /// Origin it was entered for.
        entered_for: String,
        /// Origin of the connection's base URL.
        goes_to: String,
    },
}

impl<'p> TenantBuilder<'p> {
    pub(crate) fn new(name: &str, plugin: &'p LoadedPlugin) -> Self {
        Self {
            name: name.to_owned(),
            plugin,
            integration: None,
            kind: String::new(),
            fields: BTreeMap::new(),
            secrets: Secrets::new(),
            ledger: None,
            policy: EgressPolicy::public_only(),
            limits: CallLimits::default(),
            clock: Arc::new(SystemClock),
            sinks: Sinks::default(),
            #[cfg(feature = "test-kit")]
            mishap: None,
        }
    }

    /// Name of the integration within the tenant: it scopes the ledger. By default the kind.
    pub fn integration(mut self, name: &str) -> Self {
        self.integration = Some(name.to_owned());
        self
    }

    /// Integration kind, for example `xray-cloud`.
    pub fn kind(mut self, id: &str) -> Self {
        id.clone_into(&mut self.kind);
        self
    }

    /// A form field that is no secret.
    pub fn field(mut self, name: &str, value: impl Into<String>) -> Self {
        self.fields.insert(name.to_owned(), value.into());
        self
    }

    /// A secret form field. An empty value counts as not stored.
    pub fn secret(mut self, name: &str, secret: Secret) -> Self {
        self.secrets.insert(name.to_owned(), secret);
        self
    }

    /// Where links are kept. One ledger serves all tenants.
    pub fn ledger(mut self, ledger: Arc<dyn Ledger>) -> Self {
        self.ledger = Some(ledger);
        self
    }

    /// What the operator permits beside the public internet. By default nothing.
    pub fn egress(mut self, policy: EgressPolicy) -> Self {
        self.policy = policy;
        self
    }

    /// Limits of each call.
    pub fn limits(mut self, limits: CallLimits) -> Self {
        self.limits = limits;
        self
    }

    /// Another clock than the machine's.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// What gets the messages that the plugin logs. By default nobody; the last error of a call that breaks is in
    /// [`Ended`](crate::Ended) anyway.
    pub fn log(mut self, sink: LogSink) -> Self {
        self.sinks.log = Some(sink);
        self
    }

    /// What gets the requests of its calls that leave the host, as they end. By default nobody.
    pub fn requests(mut self, sink: RequestSink) -> Self {
        self.sinks.requests = Some(sink);
        self
    }

    /// What goes wrong with the requests of its calls.
    #[cfg(feature = "test-kit")]
    pub(crate) fn mishap(mut self, mishap: Option<Arc<crate::call::http::mishap::Mishap>>) -> Self {
        self.mishap = mishap;
        self
    }

    /// Checks what concerns the host, and makes the tenant's connections. Nothing is sent.
    ///
    /// # Errors
    ///
    /// See [`TenantError`].
    pub fn build(mut self) -> Result<Tenant, TenantError> {
        let kind = self
            .plugin
            .kind(&self.kind)
            .ok_or_else(|| TenantError::UnknownKind(self.kind.clone()))?;
        let ledger = self.ledger.take().ok_or(TenantError::NoLedger)?;
        self.secrets.retain(|_, secret| !secret.is_empty());
        self.check_fields(kind)?;
        let mut bases = BTreeMap::new();
        let mut origins = BTreeMap::new();
        let mut problems = Vec::new();
        for connection in &kind.connections {
            let base = self.base(connection);
            match &base {
                Ok(base) => {
                    origins.insert(connection.name.clone(), base.origin());
                }
                Err(what) => problems.push((connection.base_field.clone(), format!("The URL {what}"))),
            }
            bases.insert(connection.name.clone(), base);
        }
        for connection in &kind.connections {
            self.check_origins(connection, &origins)?;
        }
        let grant = Grant {
            connections: &kind.connections,
            bases,
            fields: &self.fields,
            secrets: &self.secrets,
            policy: &self.policy,
            limits: &self.limits,
            clock: Arc::clone(&self.clock),
            watch: self.plugin.engine().watch().cloned(),
        };
        let gate = Arc::new(Gate::new(grant));
        let used = health::used(&kind.connections, &origins, &self.fields, &self.secrets);
        Ok(Tenant {
            inner: Arc::new(TenantParts {
                plugin: self.plugin.clone(),
                scope: Scope {
                    tenant: self.name,
                    integration: self.integration.unwrap_or_else(|| self.kind.clone()),
                },
                kind: self.kind,
                fields: self.fields,
                stored: self.secrets.into_keys().collect(),
                problems,
                gate,
                used,
                ledger,
                limits: self.limits,
                clock: self.clock,
                sinks: self.sinks,
                #[cfg(feature = "test-kit")]
                mishap: self.mishap,
            }),
        })
    }

    fn check_fields(&self, kind: &IntegrationKind) -> Result<(), TenantError> {
        let is_secret = |name: &String| kind.fields.iter().any(|field| field.name == *name && field.secret);
        if let Some(name) = self.fields.keys().find(|name| is_secret(name)) {
            return Err(TenantError::SecretAsField(name.clone()));
        }
        if let Some(name) = self.secrets.keys().find(|name| !is_secret(name)) {
            return Err(TenantError::UnknownSecret(name.clone()));
        }
        let unusable = self.secrets.iter().find(|(_, secret)| !secret.is_sendable());
        unusable.map_or(Ok(()), |(name, _)| Err(TenantError::UnusableSecret(name.clone())))
    }

    fn base(&self, connection: &Connection) -> Result<BaseUrl, String> {
        let entered = self
            .fields
            .get(&connection.base_field)
            .filter(|url| !url.trim().is_empty());
        let url = entered.or(connection.default_base.as_ref()).ok_or("is missing")?;
        BaseUrl::parse(url, &self.policy)
    }

    /// A secret goes to the server that it was entered for. Where the base URL is not usable, nothing is sent.
    fn check_origins(&self, connection: &Connection, origins: &BTreeMap<String, String>) -> Result<(), TenantError> {
        let uses = |recipe| {
            secret_names(recipe)
                .into_iter()
                .map(move |name| (answering(connection, recipe), name))
        };
        for (answering, name) in connection.auth.iter().flat_map(uses) {
            let (Some(secret), Some(origin)) = (self.secrets.get(name), origins.get(answering)) else {
                continue;
            };
            if origin_of(secret.origin()).as_ref() != Some(origin) {
                return Err(TenantError::OriginChanged {
                    secret: name.to_owned(),
                    connection: answering.to_owned(),
                    entered_for: origin_of(secret.origin()).unwrap_or_else(|| "no URL".into()),
                    goes_to: origin.clone(),
                });
            }
        }
        Ok(())
    }
}
