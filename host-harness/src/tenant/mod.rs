//! A tenant's integration: settings, secrets, ledger and limits, bound to a plugin.

pub(crate) mod builder;
pub(crate) mod history;
pub(crate) mod job;
pub(crate) mod native;
pub(crate) mod replay;
pub(crate) mod run;

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::io::Write;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::budget;
use crate::call::cancel::StopSignal;
use crate::call::http::Way;
use crate::call::log::CallLog;
use crate::call::outcome::CallError;
use crate::call::store::HostSide;
use crate::call::{Sinks, Work, call};
use crate::clock::Clock;
use crate::contract::exports::exporter::Job as GuestJob;
use crate::credentials::health::{Admission, CredentialGuard, CredentialInUse, CredentialReport, Purpose, checked};
use crate::credentials::secret_watch::Place;
use crate::egress::Gate;
use crate::id::hex;
use crate::id::random_name;
use crate::ledger::{Ledger, LedgerAccess, LedgerError, LedgerSession, RateLimit, RunRecord, Scope, holder};
use crate::limits::CallLimits;
use crate::model::{
    ExportConfig, Fault, Field, Finding, Observation, Project, ScopeSize, Settings, Severity, TestResult,
};
use crate::plugin::LoadedPlugin;
use crate::recording::Recording;
use crate::tenant::builder::TenantBuilder;
use crate::tenant::history::History;
use crate::tenant::job::{Adoption, Job, Undo};
use crate::tenant::run::{Run, RunParts, RunRequest};

/// One integration of one tenant, ready to be called. Cheap to clone; calls may overlap.
#[derive(Clone)]
pub struct Tenant {
    pub(crate) inner: Arc<TenantParts>,
}

pub(crate) struct TenantParts {
    pub(crate) plugin: LoadedPlugin,
    pub(crate) scope: Scope,
    pub(crate) kind: String,
    pub(crate) fields: BTreeMap<String, String>,
    pub(crate) stored: Vec<String>,
    /// What the host itself found wrong with base URLs, by form field.
    pub(crate) problems: Vec<(String, String)>,
    pub(crate) gate: Arc<Gate>,
    /// The credentials that the gate sends.
    pub(crate) used: Vec<CredentialInUse>,
    pub(crate) ledger: Arc<dyn Ledger>,
    pub(crate) limits: CallLimits,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) sinks: Sinks,
    #[cfg(feature = "test-kit")]
    pub(crate) mishap: Option<Arc<crate::call::http::mishap::Mishap>>,
}

impl Tenant {
    /// Starts to describe an integration of the tenant `name`.
    pub fn builder<'p>(name: &str, plugin: &'p LoadedPlugin) -> TenantBuilder<'p> {
        TenantBuilder::new(name, plugin)
    }

    /// Where this integration's rows are in the ledger.
    pub fn scope(&self) -> &Scope {
        &self.inner.scope
    }

    /// Everything that can be found in the settings without asking a server, the host's own objections included.
    ///
    /// # Errors
    ///
    /// The plugin broke.
    pub async fn validate(&self, export: Option<&ExportConfig>) -> Result<Vec<Finding>, CallError> {
        let settings = self.settings(export);
        let work: Work<Vec<Finding>> = Box::new(move |accessor, instance| {
            Box::pin(instance.testops_tms_sync_setup().call_validate(accessor, settings))
        });
        let mut findings = self.call(self.offline(), work).await?;
        for (field, message) in &self.inner.problems {
            if !findings
                .iter()
                .any(|finding| finding.field == *field && finding.severity == Severity::Error)
            {
                findings.push(finding(field, message));
            }
        }
        Ok(findings)
    }

    /// The mapping rules in force, as name and value.
    ///
    /// # Errors
    ///
    /// The plugin broke.
    pub async fn mapping(&self, export: Option<&ExportConfig>) -> Result<Vec<(String, String)>, CallError> {
        let settings = self.settings(export);
        let work: Work<Vec<(String, String)>> = Box::new(move |accessor, instance| {
            Box::pin(instance.testops_tms_sync_setup().call_mapping(accessor, settings))
        });
        self.call(self.offline(), work).await
    }

    /// Checks connection, credentials and permissions; with an export configuration, its project and filters too.
    ///
    /// # Errors
    ///
    /// The plugin could not check, or broke. A failed check is no error.
    pub async fn test(&self, export: Option<&ExportConfig>) -> Result<TestResult, CallError> {
        self.test_for(Purpose::Look, export).await
    }

    /// Switches on what was switched off for an export, or for the integration alone: makes the connection test, also
    /// with credentials that are off, and believes it where every check passes. Credentials that were refused as often
    /// as they may be are not tried.
    ///
    /// # Errors
    ///
    /// As [`Tenant::test`].
    pub async fn enable(&self, export: Option<&ExportConfig>) -> Result<TestResult, CallError> {
        self.test_for(Purpose::Enable, export).await
    }

    /// How the credentials stand that an export uses, or the integration alone. Asks no server.
    ///
    /// # Errors
    ///
    /// The ledger failed.
    pub async fn credential_reports(
        &self,
        export: Option<&ExportConfig>,
    ) -> Result<Vec<CredentialReport>, LedgerError> {
        self.guard(Purpose::Run, export, self.inner.clock.now())
            .await?
            .credential_reports()
            .await
    }

    async fn test_for(&self, purpose: Purpose, export: Option<&ExportConfig>) -> Result<TestResult, CallError> {
        let guard = self
            .guard(purpose, export, self.inner.clock.now())
            .await
            .map_err(CallError::ledger)?;
        let barred = guard.barred().await.map_err(CallError::ledger)?;
        if !barred.is_empty() {
            return Ok(checked::not_tried(&barred));
        }
        let settings = self.settings(export);
        let work: Work<Result<TestResult, _>> = Box::new(move |accessor, instance| {
            Box::pin(instance.testops_tms_sync_connection().call_test(accessor, settings))
        });
        let called = self.call(self.guarded(&guard), work).await?;
        let mut result = called.map_err(CallError::Fault)?;
        checked::explain(&mut result, guard.withheld().as_ref());
        let (faults, passed) = checked::judged(&result);
        guard.end(&faults, passed).await.map_err(CallError::ledger)?;
        Ok(result)
    }

    /// Destination projects whose key or name contains `query`, at most 200.
    ///
    /// # Errors
    ///
    /// The plugin could not list them, or broke.
    pub async fn projects(&self, query: &str) -> Result<Vec<Project>, CallError> {
        let (settings, query) = (self.settings(None), query.to_owned());
        let work: Work<Result<Vec<Project>, _>> = Box::new(move |accessor, instance| {
            Box::pin(
                instance
                    .testops_tms_sync_connection()
                    .call_projects(accessor, settings, query),
            )
        });
        self.look(work).await
    }

    /// How many test cases and launches an export configuration covers.
    ///
    /// # Errors
    ///
    /// The plugin could not ask, or broke.
    pub async fn count(&self, export: &ExportConfig) -> Result<ScopeSize, CallError> {
        let settings = self.settings(Some(export));
        let work: Work<Result<ScopeSize, _>> = Box::new(move |accessor, instance| {
            Box::pin(instance.testops_tms_sync_connection().call_count(accessor, settings))
        });
        self.look(work).await
    }

    /// Looks whether the servers do what the plugin assumes of them. With `write` issues are made at the destination and
    /// deleted again: only a person may ask for it.
    ///
    /// # Errors
    ///
    /// The plugin could not look, or broke.
    pub async fn probe(&self, export: &ExportConfig, write: bool) -> Result<Vec<Observation>, CallError> {
        let settings = self.settings(Some(export));
        let work: Work<Result<Vec<Observation>, _>> = Box::new(move |accessor, instance| {
            Box::pin(
                instance
                    .testops_tms_sync_connection()
                    .call_probe(accessor, settings, write),
            )
        });
        self.look(work).await
    }

    /// A call that asks servers and changes nothing.
    async fn look<R: Debug + Send + 'static>(&self, work: Work<Result<R, Fault>>) -> Result<R, CallError> {
        let guard = self
            .guard(Purpose::Look, None, self.inner.clock.now())
            .await
            .map_err(CallError::ledger)?;
        guard.admit().await.map_err(CallError::Fault)?;
        let result = self.call(self.guarded(&guard), work).await?;
        if let Err(fault) = &result {
            let faults = std::slice::from_ref(fault);
            guard.end(faults, false).await.map_err(CallError::ledger)?;
        }
        result.map_err(|fault| CallError::Fault(guard.reason_for(fault)))
    }

    /// Starts to compute what [`Tenant::run`] would do. Writes nothing, and may overlap with a run.
    pub fn plan(&self, job: Job) -> Run {
        self.start(LedgerAccess::Read, RunRequest::Plan(self.job(job)))
    }

    /// Starts to compare both sides. Writes nothing.
    pub fn verify(&self, job: Job) -> Run {
        self.start(LedgerAccess::Read, RunRequest::Verify(self.job(job)))
    }

    /// Starts an export on the current tokio runtime.
    pub fn run(&self, job: Job) -> Run {
        self.start(LedgerAccess::Write, RunRequest::Run(self.job(job)))
    }

    /// Starts an export as [`Tenant::run`] does, and writes everything that the plugin asks and gets to `recording`, for
    /// [`replay`](crate::replay). One that cannot be written to is left without its last line; the export goes on.
    pub fn record(&self, job: Job, recording: impl Write + Send + 'static) -> Run {
        self.start_with(
            LedgerAccess::Write,
            RunRequest::Run(self.job(job)),
            Some(Box::new(recording)),
        )
    }

    /// Starts to take back what a run created, or to report what would be deleted.
    pub fn undo(&self, undo: Undo) -> Run {
        let settings = self.settings(Some(&undo.export));
        let access = if undo.apply {
            LedgerAccess::Write
        } else {
            LedgerAccess::Read
        };
        self.start(
            access,
            RunRequest::Undo {
                name: random_name(),
                job: undo.request(settings),
            },
        )
    }

    /// Starts to make issues that are there already the plugin's own, or to report which.
    pub fn adopt(&self, adoption: Adoption) -> Run {
        let settings = self.settings(Some(&adoption.export));
        let access = if adoption.apply {
            LedgerAccess::Write
        } else {
            LedgerAccess::Read
        };
        self.start(access, RunRequest::Adopt(adoption.request(settings)))
    }

    fn job(&self, job: Job) -> GuestJob {
        let settings = self.settings(Some(&job.export));
        job.request(settings)
    }

    fn start(&self, access: LedgerAccess, request: RunRequest) -> Run {
        self.start_with(access, request, None)
    }

    fn start_with(&self, access: LedgerAccess, request: RunRequest, recording: Option<Box<dyn Write + Send>>) -> Run {
        let session = self.session(access);
        let history = self.history(&request);
        let recording = recording.map(|to| Arc::new(Recording::to(to)));
        let host = self.online(&session);
        let way = self.way(&session, &host, request.settings().export.as_ref());
        run::start(RunParts {
            plugin: self.inner.plugin.clone(),
            limits: self.inner.limits.clone(),
            host: HostSide { recording, ..host },
            online: Some((self.admission(), way)),
            session,
            history,
            request,
        })
    }

    fn history(&self, request: &RunRequest) -> History {
        let inner = &*self.inner;
        let settings = request.settings();
        let export = settings.export.as_ref().map(|export| export.name.clone());
        History {
            ledger: Arc::clone(&inner.ledger),
            clock: Arc::clone(&inner.clock),
            scope: inner.scope.clone(),
            record: RunRecord {
                run_id: request.run_id().to_owned(),
                mode: request.mode(),
                export: export.unwrap_or_default(),
                undoes: request.undoes().map(str::to_owned),
                settings_digest: hex(&Sha256::digest(format!("{settings:?}"))),
                started_at: inner.clock.now(),
                finished_at: None,
                ending: None,
                totals: String::new(),
            },
        }
    }

    async fn call<R: Debug + Send + 'static>(&self, host: HostSide, work: Work<R>) -> Result<R, CallError> {
        let inner = &*self.inner;
        let stop = StopSignal::new(false);
        Ok(call(
            inner.plugin.engine(),
            inner.plugin.pre(),
            &inner.limits,
            host,
            &stop,
            work,
        )
        .await?)
    }

    fn offline(&self) -> HostSide {
        let offline = HostSide::offline(
            Arc::clone(&self.inner.clock),
            self.inner.stored.clone(),
            &self.inner.limits,
        );
        HostSide {
            log: CallLog::new(self.inner.sinks.log.clone(), Some(Arc::clone(&self.inner.gate))),
            ..offline
        }
    }

    fn guarded(&self, guard: &Arc<CredentialGuard>) -> HostSide {
        let session = self.session(LedgerAccess::Read);
        let host = self.online(&session);
        HostSide {
            http: self.way(&session, &host, None).guarded(guard),
            ..host
        }
    }

    /// With the ledger; requests have no way yet.
    fn online(&self, session: &Arc<LedgerSession>) -> HostSide {
        HostSide {
            ledger: Some(Arc::clone(session)),
            ..self.offline()
        }
    }

    /// Rate windows that hold for an export. What asks without one sends a few requests, which the windows' reserve is for.
    fn limits_of(&self, export: Option<&ExportConfig>) -> BTreeMap<String, Vec<RateLimit>> {
        let Some(export) = export else {
            return BTreeMap::new();
        };
        let kinds = self.inner.plugin.info().kinds.iter();
        let connections = kinds
            .filter(|kind| kind.id == self.inner.kind)
            .flat_map(|kind| &kind.connections);
        let limits = |windows| budget::limits(windows, &export.mapping);
        connections
            .map(|connection| (connection.name.clone(), limits(&connection.rate_windows)))
            .collect()
    }

    fn way(&self, session: &Arc<LedgerSession>, host: &HostSide, export: Option<&ExportConfig>) -> Way {
        Way {
            gate: Arc::clone(&self.inner.gate),
            session: Arc::clone(session),
            meter: Arc::clone(&host.meter),
            ledger: Arc::clone(&self.inner.ledger),
            clock: Arc::clone(&self.inner.clock),
            limits: self.limits_of(export),
            requests: self.inner.sinks.requests.clone(),
            #[cfg(feature = "test-kit")]
            mishap: self.inner.mishap.clone(),
        }
    }

    async fn guard(
        &self,
        purpose: Purpose,
        export: Option<&ExportConfig>,
        began: u64,
    ) -> Result<Arc<CredentialGuard>, LedgerError> {
        let destination = export.map(|export| export.project.clone()).unwrap_or_default();
        self.admission().guard(purpose, destination, began).await
    }

    fn admission(&self) -> Admission {
        let inner = &*self.inner;
        Admission {
            ledger: Arc::clone(&inner.ledger),
            clock: Arc::clone(&inner.clock),
            scope: inner.scope.clone(),
            used: inner.used.clone(),
        }
    }

    pub(crate) fn session(&self, access: LedgerAccess) -> Arc<LedgerSession> {
        let inner = &*self.inner;
        let session = LedgerSession::new(
            Arc::clone(&inner.ledger),
            Arc::clone(&inner.clock),
            inner.scope.clone(),
            &inner.limits,
            access,
            holder::name(&random_name()),
            inner.limits.exchange,
        );
        let declared = inner.plugin.info().entities.iter().map(|term| &term.name);
        Arc::new(session.of_entities(declared))
    }

    pub(crate) fn settings(&self, export: Option<&ExportConfig>) -> Settings {
        let field = |(name, value): (&String, &String)| Field {
            name: name.clone(),
            value: value.clone(),
        };
        let settings = Settings {
            kind: self.inner.kind.clone(),
            fields: self.inner.fields.iter().map(field).collect(),
            export: export.cloned(),
        };
        if let Some(watch) = self.inner.plugin.engine().watch() {
            watch.value(Place::IntoPlugin, &settings);
        }
        settings
    }
}

fn finding(field: &str, message: &str) -> Finding {
    Finding {
        severity: Severity::Error,
        field: field.to_owned(),
        message: message.to_owned(),
        hint: None,
        at: None,
        excerpt: None,
    }
}
