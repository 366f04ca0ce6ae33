//! The connection test: named checks in order, each with its side, and what to do where one fails.

use crate::error::{Error, Kind, Result, Side, Told};
use crate::jira::{self, Jira, Project};
use crate::ports::Ports;
use crate::setup::Integration;
use crate::target::Setup;
use crate::testops::TestOps;
use crate::text::folded;
use crate::xray::{self, cloud::Cloud, dc::DataCenter};
use futures_util::future::LocalBoxFuture;
use std::collections::BTreeMap;

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Good.
    Passed,
    /// Bad.
    Failed,
    /// Works, and a person should know.
    Warning,
    /// Not tried: it needs an earlier check to pass.
    Skipped,
}

/// One check.
#[derive(Clone, Debug)]
pub struct Check {
    /// Name.
    pub name: &'static str,
    /// Side.
    pub side: Side,
    /// How it ended.
    pub status: Status,
    /// What was found.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
    /// What a failure means.
    pub kind: Option<Kind>,
}

/// All checks.
#[derive(Clone, Debug, Default)]
pub struct Checks {
    /// In the order they were made.
    pub list: Vec<Check>,
}

impl Checks {
    /// `Connection established`, or which side fails.
    pub fn summary(&self) -> String {
        let mut sides: Vec<String> = Vec::new();
        for check in self.list.iter().filter(|check| check.status == Status::Failed) {
            let side = check.side.to_string();
            if !sides.contains(&side) {
                sides.push(side);
            }
        }
        if sides.is_empty() {
            "Connection established".to_owned()
        } else {
            format!("Connection failed: {}", sides.join(", "))
        }
    }

    /// Makes a check. Gives its finding where it passed.
    async fn make<T>(
        &mut self,
        name: &'static str,
        side: Side,
        check: impl Future<Output = Result<T>>,
        say: impl FnOnce(&T) -> String,
    ) -> Option<T> {
        match check.await {
            Ok(found) => {
                let message = say(&found);
                self.list.push(Check {
                    name,
                    side,
                    status: Status::Passed,
                    message,
                    hint: None,
                    kind: None,
                });
                Some(found)
            }
            Err(error) => {
                self.fail(name, error);
                None
            }
        }
    }

    fn fail(&mut self, name: &'static str, error: Error) {
        let Told {
            kind,
            side,
            message,
            hint,
            ..
        } = error.told();
        self.list.push(Check {
            name,
            side,
            status: Status::Failed,
            message,
            hint,
            kind: Some(kind),
        });
    }

    fn skip(&mut self, name: &'static str, side: Side) {
        let message = "not tried, because an earlier check failed".to_owned();
        self.list.push(Check {
            name,
            side,
            status: Status::Skipped,
            message,
            hint: None,
            kind: None,
        });
    }

    /// Makes a check, or skips it where what it needs is not there.
    async fn make_if<T>(
        &mut self,
        needed: bool,
        name: &'static str,
        side: Side,
        check: impl Future<Output = Result<T>>,
        say: impl FnOnce(&T) -> String,
    ) -> Option<T> {
        if needed {
            return self.make(name, side, check, say).await;
        }
        self.skip(name, side);
        None
    }
}

/// Makes all checks of an integration, and of its export configuration where the settings carry one.
pub async fn test(integration: &Integration, ports: Ports<'_>) -> Checks {
    let mut checks = Checks::default();
    testops(&mut checks, integration, ports).await;
    let export = integration.export.as_ref();
    let project = export.map(|export| export.project.as_str());
    let setup = Setup {
        project: project.unwrap_or_default().to_owned(),
        site: integration.site.to_string(),
        options: export.map(|export| export.options.clone()).unwrap_or_default(),
    };
    let jira = xray::jira(integration.kind.id, ports);
    match jira.variant() {
        jira::Variant::Cloud => cloud(&mut checks, &jira, &Cloud::new(&jira, ports, setup), project).await,
        jira::Variant::DataCenter => dc(&mut checks, &jira, &DataCenter::new(&jira, setup), project).await,
    }
    checks
}

async fn testops(checks: &mut Checks, integration: &Integration, ports: Ports<'_>) {
    let source = TestOps::new(ports, integration.testops.clone(), integration.project_id);
    let name = "TestOps token and project";
    let open = checks
        .make(name, Side::TestOps, source.open(), |name| {
            format!("project “{name}” is readable")
        })
        .await;
    let Some(export) = &integration.export else { return };
    let named = export.options.custom_fields();
    if !named.is_empty() {
        let check = source.check_custom_fields(&named);
        let all = |(): &()| format!("all {} of the mapping are there", named.len());
        checks
            .make_if(open.is_some(), "TestOps custom fields", Side::TestOps, check, all)
            .await;
    }
    let filters = [
        ("Test Case AQL", "testcase", &export.test_case_aql),
        ("Launches AQL", "launch", &export.launches_aql),
    ];
    for (name, entity, aql) in filters {
        let say = |count: &u64| match (aql.trim().is_empty(), *count) {
            (true, count) => format!("empty: all {count} match"),
            (false, 0) => "accepted, and matches nothing".to_owned(),
            (false, count) => format!("accepted, {count} match"),
        };
        let count = checks
            .make_if(open.is_some(), name, Side::TestOps, source.count(entity, aql), say)
            .await;
        // A filter that names what does not exist can match everything on some servers.
        if let (Some(count), false) = (count, aql.trim().is_empty())
            && source.count(entity, "").await.is_ok_and(|all| all == count && all > 0)
            && let Some(check) = checks.list.last_mut()
        {
            check.status = Status::Warning;
            check.message = format!("accepted, and matches all {count}");
            check.hint = Some("check that every field and value in the filter exists in this project".to_owned());
        }
    }
}

/// Checks of the Jira side that both variants share. Gives the project where everything up to it passed.
async fn jira(
    checks: &mut Checks,
    jira: &Jira<'_>,
    site: impl Future<Output = Result<String>>,
    project: Option<&str>,
) -> (bool, Option<Project>) {
    let product = match jira.variant() {
        jira::Variant::Cloud => "Jira Cloud",
        jira::Variant::DataCenter => "Jira Data Center",
    };
    let site = checks
        .make("Jira reachable", Side::Jira, site, |version| {
            format!("{product} {version}")
        })
        .await;
    let me = checks
        .make_if(site.is_some(), "Jira credential", Side::Jira, jira.myself(), |me| {
            let name = me
                .display_name
                .as_deref()
                .or(me.name.as_deref())
                .unwrap_or("the account");
            format!("accepted, acts as {name}")
        })
        .await;
    let Some(key) = project else {
        return (me.is_some(), None);
    };
    let found = checks
        .make_if(
            me.is_some(),
            "Destination project",
            Side::Jira,
            jira.project(key),
            |project| format!("{} “{}”", project.key, project.name),
        )
        .await;
    (me.is_some(), found)
}

type Pending<'f> = LocalBoxFuture<'f, Result<()>>;

async fn cloud(checks: &mut Checks, site: &Jira<'_>, cloud: &Cloud<'_>, project: Option<&str>) {
    let (_, found) = jira(checks, site, cloud.check_site(), project).await;
    // The two credential pairs are judged separately: one may be good while the other is not.
    let credential = checks
        .make("Xray client credential", Side::Xray, cloud.check_client(), |()| {
            "accepted".to_owned()
        })
        .await;
    if project.is_none() {
        return;
    }
    let (rights, screens, app): (Pending<'_>, Pending<'_>, Pending<'_>) = match &found {
        Some(project) => (
            Box::pin(cloud.check_permissions(project)),
            Box::pin(cloud.check_screens(project)),
            Box::pin(async move { cloud.check_xray(project).await.map(drop) }),
        ),
        None => (none(), none(), none()),
    };
    let there = found.is_some();
    last_checks(checks, there, there && credential.is_some(), rights, screens, app).await;
}

async fn dc(checks: &mut Checks, site: &Jira<'_>, dc: &DataCenter<'_>, project: Option<&str>) {
    let (authenticated, found) = jira(checks, site, dc.check_site(), project).await;
    let app = checks
        .make_if(
            authenticated,
            "Xray app and licence",
            Side::Xray,
            dc.check_licence(),
            |()| "installed and licensed".to_owned(),
        )
        .await;
    if project.is_none() {
        return;
    }
    let (rights, screens): (Pending<'_>, Pending<'_>) = match &found {
        Some(project) => (
            Box::pin(dc.check_permissions(project)),
            Box::pin(dc.check_screens(project)),
        ),
        None => (none(), none()),
    };
    let there = found.is_some();
    let statuses: Pending<'_> = Box::pin(async move { dc.check_statuses().await.map(drop) });
    last_checks(checks, there, there && app.is_some(), rights, screens, statuses).await;
}

fn none<'f>() -> Pending<'f> {
    Box::pin(async { Ok(()) })
}

async fn last_checks(
    checks: &mut Checks,
    project: bool,
    product: bool,
    rights: Pending<'_>,
    screens: Pending<'_>,
    app: Pending<'_>,
) {
    let held = |(): &()| jira::PERMISSIONS.join(", ");
    let rights = checks
        .make_if(project, "Jira permissions", Side::Jira, rights, held)
        .await;
    let complete = |(): &()| "Test and Test Execution, no unfilled required fields".to_owned();
    // Jira shows no issue type to who may not create issues, as if the app were not set up.
    checks
        .make_if(
            rights.is_some(),
            "Issue types and required fields",
            Side::Jira,
            screens,
            complete,
        )
        .await;
    let known = |(): &()| "test types and run statuses are there".to_owned();
    checks
        .make_if(product, "Xray set up for the project", Side::Xray, app, known)
        .await;
}

/// Projects that the credentials see, whose key or name contains the query.
pub async fn projects(integration: &Integration, query: &str, ports: Ports<'_>) -> Result<Vec<Project>> {
    const MOST: usize = 200;
    let jira = xray::jira(integration.kind.id, ports);
    // Project lists answer anonymously; only `myself` proves the credential.
    jira.myself().await?;
    let mut projects = jira.projects(query).await?;
    let wanted = folded(query);
    projects.retain(|p| folded(&p.key).contains(&wanted) || folded(&p.name).contains(&wanted));
    let by_key = BTreeMap::from_iter(projects.into_iter().map(|project| (project.key.clone(), project)));
    Ok(by_key.into_values().take(MOST).collect())
}
