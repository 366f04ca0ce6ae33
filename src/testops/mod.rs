//! The source: an Allure TestOps project, read only.

mod api;
mod attributes;
mod body;
mod file;
mod last_run;
mod launches;
mod page;
mod parameters;
mod scenario;
mod wire;

pub use file::Lack;
pub use page::{Page, Place, ROWS};
pub use wire::Unreadable;

use crate::digest;
use crate::domain::{
    Automation, BaseUrl, CaseId, CaseRow, CaseScenario, CaseTexts, Defect, Environment, FileOwner, LaunchId, LaunchRow,
    ResultStep, Step, TestCase, TestResult,
};
use crate::error::{Error, Kind, Result, Side};
use crate::ports::{Ports, Response};
use crate::text::{nearest, same};
use crate::web::Neighbours;
use api::{Api, Order};
use attributes::ValueRow;
use scenario::Reader;
use std::cell::RefCell;
use std::collections::BTreeMap;

/// An Allure TestOps project.
pub struct TestOps<'a> {
    api: Api<'a>,
    base: BaseUrl,
    /// Shared steps that a case's own scenario did not carry, read once.
    shared: RefCell<BTreeMap<u64, scenario::Shared>>,
    /// Those that cannot be read, asked for once too.
    unread: RefCell<BTreeMap<u64, Error>>,
    /// Files whose contents were read one after the other.
    files_read: Neighbours,
    /// Why contents are read no more in this run.
    broken_store: RefCell<Option<String>>,
}

impl<'a> TestOps<'a> {
    /// A project behind the connection `testops`; `base` is for links.
    pub fn new(ports: Ports<'a>, base: BaseUrl, project: u64) -> Self {
        TestOps {
            api: Api::new(ports, project),
            base,
            shared: RefCell::default(),
            unread: RefCell::default(),
            files_read: Neighbours::default(),
            broken_store: RefCell::default(),
        }
    }

    /// Makes the first request: token, project and version. Gives the project's name.
    pub async fn open(&self) -> Result<String> {
        let project = self.api.project().await?;
        Ok(project.name.unwrap_or_else(|| format!("project {}", project.id)))
    }

    /// `GET` of any path, whatever is answered: for a probe of how this version answers.
    pub async fn look(&self, path: &str) -> Result<Response> {
        self.api.look(path).await
    }

    /// What identifies the instance in markers: the endpoint without scheme, so that a move to https changes nothing.
    pub fn identity(&self) -> &str {
        self.base.without_scheme()
    }

    /// Its address as a person typed it, without a slash at the end.
    pub fn base(&self) -> &str {
        self.base.as_str()
    }

    /// Link to a test case, for people.
    pub fn case_url(&self, id: CaseId) -> String {
        format!("{}/project/{}/test-cases/{id}", self.base, self.api.project_id())
    }

    /// Link to the project, for people.
    pub fn project_url(&self) -> String {
        format!("{}/project/{}", self.base, self.api.project_id())
    }

    /// Link to a launch, for people.
    pub fn launch_url(&self, id: LaunchId) -> String {
        format!("{}/launch/{id}", self.base)
    }

    /// Asks the server whether it accepts a filter for `testcase` or `launch`, and how many rows it matches.
    pub async fn count(&self, entity: &str, aql: &str) -> Result<u64> {
        Ok(self.size(entity, aql).await?.unwrap_or(0))
    }

    /// The same; absent where the server accepts the filter and does not say how many rows it matches.
    pub async fn size(&self, entity: &str, aql: &str) -> Result<Option<u64>> {
        let rejected = |message: &str| {
            Error::new(
                Kind::Configuration,
                Side::TestOps,
                format!("TestOps does not accept the {entity} AQL{message}"),
            )
            .hint("try the filter in the TestOps UI, in the AQL mode of the search field")
        };
        match self.api.validate(entity, aql).await {
            Ok(validation) if validation.valid == Some(false) => Err(rejected("")),
            Ok(validation) => Ok(validation.count),
            Err(error) if error.kind == Kind::Rejected => Err(rejected(&format!(": {}", error.message))),
            Err(error) => Err(error),
        }
    }

    /// Refuses custom fields that the project does not have, each given with the option that names it. Costs nothing
    /// where none is named.
    pub async fn check_custom_fields(&self, wanted: &[(String, &str)]) -> Result<()> {
        if wanted.is_empty() {
            return Ok(());
        }
        let mut known: Vec<String> = Vec::new();
        let mut place = Some(Place::default());
        while let Some(page) = place {
            let listed = match self.api.custom_fields(page).await {
                // A version that does not list them.
                Err(error) if api::is_no_path(&error) => return Ok(()),
                other => other?,
            };
            known.extend(listed.rows.into_iter().filter_map(ValueRow::into_field));
            place = listed.next;
        }
        let unknown = wanted
            .iter()
            .filter(|(_, name)| !known.iter().any(|known| same(known, name)));
        let message = unknown.map(|(option, name)| match nearest(name, known.iter().map(String::as_str)) {
            Some(near) => format!("`{name}` (option {option}); did you mean {near}?"),
            None => format!("`{name}` (option {option})"),
        });
        let message: Vec<String> = message.collect();
        if message.is_empty() {
            return Ok(());
        }
        let message = format!("the TestOps project has no custom field {}", message.join("; "));
        let hint = "mend the options; the project's custom fields stand in its settings in TestOps";
        Err(Error::new(Kind::Configuration, Side::TestOps, message).hint(hint))
    }

    /// Requests so far and so many more, and how long they take in milliseconds.
    pub fn forecast(&self, more: u64) -> (u64, u64) {
        self.api.forecast(more)
    }

    /// A page of the test cases in scope, by ascending id.
    pub async fn cases(&self, aql: &str, place: Place) -> Result<Page<CaseRow>> {
        let listed = self.api.cases(aql, Order::Id, place).await;
        Ok(listed.map_err(|e| wrong_filter(e, "test case"))?.map(listed_case))
    }

    /// A page of the test cases in scope, the last change first; absent where this TestOps does not list them so.
    pub async fn newest_cases(&self, aql: &str, place: Place) -> Result<Option<Page<CaseRow>>> {
        let listed = unless_refused(self.api.cases(aql, Order::Newest, place).await)?;
        Ok(listed.map(|page| page.map(listed_case)))
    }

    /// A test case with its steps: two requests.
    pub async fn case(&self, id: CaseId) -> Result<TestCase> {
        let (overview, mut losses) = self.api.overview(id).await?;
        let (scenario, of_steps) = self.api.steps(id).await?;
        let mut case = self.with_steps(&scenario, FileOwner::TestCase).await?;
        losses.extend(of_steps);
        losses.dedup();
        case.losses.extend(losses.into_iter().map(str::to_owned));
        let has_steps = !case.scenario.steps.is_empty();
        case.scenario.gherkin = scenario::gherkin(overview.scenario.as_ref());
        Ok(TestCase {
            examples: parameters::read(overview.examples, &mut case.losses),
            attributes: attributes::read(overview.attributes),
            id: CaseId(overview.id),
            name: overview.name.unwrap_or_default(),
            texts: texts(overview.texts),
            automation: automation(overview.automation, has_steps),
            tags: names(overview.tags),
            ..case
        })
    }

    /// A shared step as if it were a case: its name, its steps and its files. `None`: it was deleted. Two requests.
    pub async fn shared_step(&self, id: u64) -> Result<Option<TestCase>> {
        let scenario = match self.api.shared_scenario(id).await {
            Err(error) if error.kind == Kind::Missing => return Ok(None),
            scenario => scenario?,
        };
        let name = self.api.shared_step(id).await?.name;
        let case = self.with_steps(&scenario, FileOwner::SharedStep).await?;
        Ok(Some(TestCase {
            id: CaseId(id),
            name: filled(name).unwrap_or_else(|| format!("Shared step {id}")),
            automation: Automation {
                has_manual_scenario: true,
                ..Automation::default()
            },
            ..case
        }))
    }

    /// What a scenario says, shared steps included.
    async fn with_steps(&self, scenario: &wire::Scenario, own: FileOwner) -> Result<TestCase> {
        let mut reader = Reader::new(scenario);
        let called = reader.missing_shared_steps();
        for shared in &called {
            self.read_shared_step(*shared).await?;
        }
        let shared = self.shared.borrow();
        let steps = reader.read(&shared);
        let (uses_shared_steps, losses) = reader.finish();
        let read = called.iter().filter_map(|id| shared.get(id)?.scenario.as_ref());
        Ok(TestCase {
            files: file::of_scenario(scenario, read, own),
            scenario: CaseScenario {
                steps,
                uses_shared_steps,
                ..CaseScenario::default()
            },
            losses,
            ..TestCase::default()
        })
    }

    /// Steps of a case's last run: one request.
    pub async fn last_run(&self, id: CaseId) -> Result<Vec<Step>> {
        Ok(last_run::read(&self.api.scenario_from_run(id).await?))
    }

    /// Adds a key of a case in another test management system; the keys that are there stay.
    pub async fn add_test_key(&self, id: CaseId, integration: i64, key: &str) -> Result<()> {
        let mut keys = self.api.test_keys(id).await?;
        let same = |row: &serde_json::Value| {
            let of = row.get("integrationId").and_then(serde_json::Value::as_i64);
            of == Some(integration) && row.get("name").and_then(serde_json::Value::as_str) == Some(key)
        };
        if keys.iter().any(same) {
            return Ok(());
        }
        keys.push(serde_json::json!({"name": key, "integrationId": integration}));
        self.api.set_test_keys(id, &keys).await
    }

    /// True where a case exists and is not in the trash.
    pub async fn is_there(&self, id: CaseId) -> Result<bool> {
        match self.api.overview(id).await {
            Ok((overview, _)) => Ok(overview.deleted != Some(true)),
            Err(error) if error.kind == Kind::Missing => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Digest of all shared steps' dates: an edit of a shared step does not show on the cases that call it.
    pub async fn shared_steps_stamp(&self) -> Result<String> {
        let mut text = String::new();
        let mut place = Some(Place::default());
        while let Some(page) = place {
            let listed = match self.api.shared_steps(page).await {
                // A version that does not list them: the pass over everything finds what changed.
                Err(error) if text.is_empty() && api::is_no_path(&error) => break,
                listed => listed?,
            };
            for row in listed.rows {
                text.push_str(&format!("{}:{};", row.id, row.last_modified_date.unwrap_or(0)));
            }
            place = listed.next;
        }
        Ok(digest::short(text.as_bytes()))
    }

    /// A page of the launches in scope, by ascending id.
    pub async fn launches(&self, aql: &str, place: Place) -> Result<Page<LaunchRow>> {
        let listed = self.api.launches(aql, Order::Id, place).await;
        Ok(listed.map_err(|e| wrong_filter(e, "launch"))?.map(launches::launch))
    }

    /// A page of the launches in scope, the last change first; absent where this TestOps does not list them so.
    pub async fn newest_launches(&self, aql: &str, place: Place) -> Result<Option<Page<LaunchRow>>> {
        let listed = unless_refused(self.api.launches(aql, Order::Newest, place).await)?;
        Ok(listed.map(|page| page.map(launches::launch)))
    }

    /// A page of a launch's results, by ascending id.
    pub async fn results(&self, launch: LaunchId, place: Place) -> Result<Page<TestResult>> {
        let listed = self.api.results(launch, place).await?;
        Ok(listed.map(launches::result))
    }

    /// One result with everything, for the trace of a failure.
    pub async fn result(&self, id: u64) -> Result<TestResult> {
        Ok(launches::result(self.api.result(id).await?))
    }

    /// The executed steps of a result; empty where TestOps keeps none (any more).
    pub async fn result_steps(&self, id: u64) -> Result<Vec<ResultStep>> {
        Ok(self
            .api
            .execution(id)
            .await?
            .as_ref()
            .map(launches::steps)
            .unwrap_or_default())
    }

    /// The defects linked to a result.
    pub async fn result_defects(&self, id: u64) -> Result<Vec<Defect>> {
        Ok(self.api.defects(id).await?.iter().map(launches::defect).collect())
    }

    /// Values of a launch's environment variables, sorted.
    pub async fn environment(&self, launch: LaunchId) -> Result<Vec<Environment>> {
        Ok(launches::environment(&self.api.environment(launch).await?))
    }

    async fn read_shared_step(&self, id: u64) -> Result<()> {
        if let Some(error) = self.unread.borrow().get(&id) {
            return Err(error.clone());
        }
        if self.shared.borrow().contains_key(&id) {
            return Ok(());
        }
        let read = match self.api.shared_scenario(id).await {
            Ok(scenario) => {
                let name = self.api.shared_step(id).await.ok().and_then(|step| step.name);
                scenario::Shared {
                    name,
                    scenario: Some(scenario),
                }
            }
            Err(error) if error.kind == Kind::Missing => scenario::Shared::default(),
            Err(error) => {
                self.unread.borrow_mut().insert(id, error.clone());
                return Err(error);
            }
        };
        self.shared.borrow_mut().insert(id, read);
        Ok(())
    }
}

/// A row of the test case list.
fn listed_case(wire::ListedCase { row, stamp }: wire::ListedCase) -> CaseRow {
    CaseRow {
        id: CaseId(row.id),
        name: row.name.unwrap_or_default(),
        stamp,
        modified: row.last_modified_date,
    }
}

fn texts(of: wire::CaseTexts) -> CaseTexts {
    CaseTexts {
        description: filled(of.description),
        precondition: filled(of.precondition),
        expected_result: filled(of.expected_result),
    }
}

fn automation(of: wire::Automation, has_steps: bool) -> Automation {
    Automation {
        automated: of.automated.unwrap_or(false),
        full_name: filled(of.full_name),
        has_manual_scenario: of.has_manual_scenario.unwrap_or(has_steps),
    }
}

/// An answer; absent where the server refuses the request, or fails over it.
fn unless_refused<T>(answer: Result<T>) -> Result<Option<T>> {
    match answer {
        Err(error) if error.kind == Kind::Rejected || error.status == Some(500) => Ok(None),
        answer => answer.map(Some),
    }
}

fn wrong_filter(mut error: Error, entity: &str) -> Error {
    if error.kind != Kind::Rejected {
        return error;
    }
    error.kind = Kind::Configuration;
    error.hint(format!(
        "TestOps refuses the {entity} AQL; `tms-sync validate` shows where"
    ))
}

fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty())
}

fn names(list: Option<Vec<wire::Named>>) -> Vec<String> {
    list.unwrap_or_default()
        .into_iter()
        .filter_map(|named| filled(named.name))
        .collect()
}
