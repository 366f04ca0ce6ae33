//! The connection test: named checks in order, each with its side, and what to do where one fails.

use crate::aql;
use crate::error::{Error, Kind, Parts, Result, Side};
use crate::jira::Project;
use crate::ports::Ports;
use crate::setup::Integration;
use crate::target::{self, Setup};
use crate::testops::TestOps;
use crate::text::folded;
use crate::xray;
use std::collections::BTreeMap;

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckStatus {
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
    pub status: CheckStatus,
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
        for check in self.list.iter().filter(|check| check.status == CheckStatus::Failed) {
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
        describe: impl FnOnce(&T) -> String,
    ) -> Option<T> {
        match check.await {
            Ok(found) => {
                let message = describe(&found);
                self.list.push(Check {
                    name,
                    side,
                    status: CheckStatus::Passed,
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

    fn passed(&self, name: &str) -> bool {
        let of_name = |check: &Check| check.name == name && check.status == CheckStatus::Passed;
        self.list.iter().any(of_name)
    }

    fn fail(&mut self, name: &'static str, error: Error) {
        let Parts {
            kind,
            side,
            message,
            hint,
            ..
        } = error.into_parts();
        self.list.push(Check {
            name,
            side,
            status: CheckStatus::Failed,
            message,
            hint,
            kind: Some(kind),
        });
    }

    /// A server that refuses a credential was reached: the refusal is the finding of the check of the credential.
    fn attribute_refusal(&mut self, credential: &'static str) {
        let is_refusal = |check: &Check| matches!(check.kind, Some(Kind::Credential | Kind::Locked));
        let Some(refused) = self.list.pop_if(|check| is_refusal(check)) else {
            return;
        };
        self.list.push(Check {
            status: CheckStatus::Passed,
            message: "it answers".to_owned(),
            hint: None,
            kind: None,
            ..refused.clone()
        });
        self.list.push(Check {
            name: credential,
            ..refused
        });
    }

    /// Makes a warning of the latest check.
    fn warn(&mut self, hint: &str) {
        if let Some(check) = self.list.last_mut() {
            check.status = CheckStatus::Warning;
            check.hint = Some(hint.to_owned());
        }
    }

    fn is_made(&self, name: &str) -> bool {
        self.list.iter().any(|check| check.name == name)
    }

    fn skip(&mut self, name: &'static str, side: Side) {
        let message = "not tried, because an earlier check failed".to_owned();
        self.list.push(Check {
            name,
            side,
            status: CheckStatus::Skipped,
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
        describe: impl FnOnce(&T) -> String,
    ) -> Option<T> {
        if needed {
            return self.make(name, side, check, describe).await;
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
    let setup = Setup {
        project: export.map(|export| export.project.clone()).unwrap_or_default(),
        site: integration.site.to_string(),
        options: export.map(|export| export.options.clone()).unwrap_or_default(),
        asks_for_fields: false,
    };
    let jira = xray::jira(integration.kind.id, ports);
    let target = xray::target(integration.kind.id, &jira, ports, setup);
    for target::Check {
        name,
        side,
        needs,
        credential,
        look,
        ..
    } in target.checks()
    {
        if checks.is_made(name) {
            continue;
        }
        let needed = needs.iter().all(|need| checks.passed(need));
        checks.make_if(needed, name, side, look, String::clone).await;
        if let Some(credential) = credential {
            checks.attribute_refusal(credential);
        }
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
        ("Test Case AQL", "testcase", "test case", &export.test_case_aql),
        ("Launches AQL", "launch", "launch", &export.launches_aql),
    ];
    for (name, entity, noun, aql) in filters {
        let count = source.count(entity, aql);
        let count = checks
            .make_if(open.is_some(), name, Side::TestOps, count, |count| scope(aql, *count))
            .await;
        let Some(count) = count.filter(|_| !is_everything(aql)) else {
            continue;
        };
        if count == 0 {
            let missing = missing(&source, entity, aql).await;
            checks.warn(&nothing_to_do(noun, &missing));
        } else if source.count(entity, "").await.is_ok_and(|all| all == count) {
            // A filter that names what does not exist can match everything on some servers.
            checks.warn("the filter leaves nothing out: check that every field and value in it exists in this project");
        }
    }
}

/// Conditions that are asked about alone, at most.
const CONDITIONS: usize = 8;

/// Conditions of a filter that match nothing even alone, as far as TestOps says.
async fn missing(source: &TestOps<'_>, entity: &str, aql: &str) -> Vec<String> {
    let Ok(query) = aql::parse(aql) else { return Vec::new() };
    let mut missing = Vec::new();
    for condition in query.conditions().iter().take(CONDITIONS) {
        let condition = condition.to_string();
        if matches!(source.size(entity, &condition).await, Ok(Some(0))) {
            missing.push(condition);
        }
    }
    missing
}

fn nothing_to_do(noun: &str, missing: &[String]) -> String {
    if missing.is_empty() {
        return "the filter is accepted, and an export with it has nothing to do: check its fields and values"
            .to_owned();
    }
    format!(
        "an export with it has nothing to do. No {noun} matches {}: check whether that value exists in this project",
        missing.join(", and none matches ")
    )
}

/// Whether a filter is meant to leave nothing out.
fn is_everything(aql: &str) -> bool {
    let aql = aql.trim();
    aql.is_empty() || aql.eq_ignore_ascii_case("true")
}

fn scope(aql: &str, count: u64) -> String {
    match (is_everything(aql), count) {
        (_, 0) => "accepted, and matches nothing".to_owned(),
        (true, count) => format!("all {count}"),
        (false, count) => format!("accepted, {count} match"),
    }
}

/// How much an export configuration covers; absent where TestOps gives no number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ScopeSize {
    /// Test cases that the filter matches.
    pub test_cases: Option<u64>,
    /// Launches that the filter matches, where launches are exported.
    pub launches: Option<u64>,
}

/// Asks TestOps how many test cases and launches the filters of the export configuration match.
pub async fn count(integration: &Integration, ports: Ports<'_>) -> Result<ScopeSize> {
    let Some(export) = &integration.export else {
        let message = "there is no export configuration";
        return Err(Error::new(Kind::Configuration, Side::Settings, message));
    };
    let source = TestOps::new(ports, integration.testops.clone(), integration.project_id);
    source.open().await?;
    let launches = match export.no_launches {
        true => None,
        false => source.size("launch", &export.launches_aql).await?,
    };
    Ok(ScopeSize {
        test_cases: source.size("testcase", &export.test_case_aql).await?,
        launches,
    })
}

/// Projects that the credentials see, whose key or name contains the query.
pub async fn projects(integration: &Integration, query: &str, ports: Ports<'_>) -> Result<Vec<Project>> {
    const MOST: usize = 200;
    let jira = xray::jira(integration.kind.id, ports);
    // Project lists answer anonymously; only `myself` proves the credential.
    jira.myself().await?;
    let mut projects = jira.projects().visible(query).await?;
    let wanted = folded(query);
    projects.retain(|p| folded(&p.key).contains(&wanted) || folded(&p.name).contains(&wanted));
    let by_key = BTreeMap::from_iter(projects.into_iter().map(|project| (project.key.clone(), project)));
    Ok(by_key.into_values().take(MOST).collect())
}
