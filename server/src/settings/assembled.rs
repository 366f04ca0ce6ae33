//! From stored settings to a tenant of the host library.

use tms_sync_host::model::ExportConfig;
use tms_sync_host::{RequestSink, Secret, Tenant, TenantError};

use super::{Credentials, Integration, Project, servers};
use crate::app::App;
use crate::plugins::{Finding, SOURCE_FIELDS, TestResult};
use crate::problem::Problem;
use crate::store::TenantScope;

/// Everything that an integration's calls need.
pub(crate) struct Assembled {
    pub(crate) tenant: Tenant,
    pub(crate) credentials: Credentials,
}

/// [`assemble_watched`], where nobody watches.
pub(crate) async fn assemble(app: &App, scope: &TenantScope, credentials: &str) -> Result<Assembled, Problem> {
    assemble_watched(app, scope, credentials, None).await
}

/// Fetches settings and secrets, and builds the host's tenant. Its links are scoped by the credentials' id.
/// `requests` gets what leaves the host.
pub(crate) async fn assemble_watched(
    app: &App,
    scope: &TenantScope,
    credentials: &str,
    requests: Option<RequestSink>,
) -> Result<Assembled, Problem> {
    let credentials = Credentials::get(app, scope, credentials).await?;
    let project = Project::get(app, scope, &credentials.project).await?;
    let integration = Integration::get(scope, &credentials.integration).await?;
    let plugin = app.plugins().plugin(&integration.kind).ok_or_else(|| {
        Problem::conflict(format!(
            "No loaded plugin offers integrations of the kind `{}`.",
            integration.kind
        ))
        .hint("An administrator can load the plugin that does.")
    })?;
    let [endpoint, number, _] = SOURCE_FIELDS;
    let mut builder = Tenant::builder(scope.tenant(), plugin)
        .integration(&credentials.id)
        .kind(&integration.kind)
        .field(endpoint, &project.endpoint)
        .field(number, &project.number)
        .ledger(app.ledger())
        .clock(app.clock())
        .egress(servers::egress(app).await?);
    if let Some(sink) = requests {
        builder = builder.requests(sink);
    }
    for (name, value) in integration.fields.iter().chain(&credentials.fields) {
        builder = builder.field(name, value);
    }
    for owner in [&project.id, &credentials.id] {
        for secret in app.secrets().open(scope, owner).await? {
            builder = builder.secret(&secret.field, Secret::new(secret.value.as_str(), secret.origin));
        }
    }
    let tenant = builder.build().map_err(refused)?;
    Ok(Assembled { tenant, credentials })
}

fn refused(error: TenantError) -> Problem {
    match &error {
        TenantError::OriginChanged { secret, .. } => {
            let finding = Finding {
                hint: Some("Enter it again, or set the address back.".to_owned()),
                ..Finding::error(secret, error.to_string())
            };
            Problem::findings(vec![finding])
        }
        TenantError::UnusableSecret(field) => Problem::findings(vec![Finding::error(field, error.to_string())]),
        _ => Problem::invalid(error.to_string()),
    }
}

/// A connection test; with an export, its project and filters too. `enable` also tries credentials that are off.
pub(crate) async fn try_out(
    assembled: &Assembled,
    export: Option<&ExportConfig>,
    enable: bool,
) -> Result<TestResult, Problem> {
    let tested = if enable {
        assembled.tenant.enable(export).await
    } else {
        assembled.tenant.test(export).await
    };
    tested.map(TestResult::from).map_err(|error| {
        let stop = crate::plugins::Stop::from(&error);
        Problem {
            hint: stop.hint,
            ..Problem::conflict(stop.message)
        }
    })
}
