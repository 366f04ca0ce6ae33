//! TestOps' endpoints, one function each. The REST API serves TestOps' own UI; shapes follow the vendor's OpenAPI document
//! of 26.1 and stay tolerant for 4.24 and later.

use super::attributes::ValueRow;
use super::body;
use super::launches;
use super::page::{Page, Place};
use super::wire::{self, Row};
use crate::domain::{CaseId, LaunchId};
use crate::error::{Error, Kind, Result, Side};
use crate::ports::{Fetched, Ports, Response};
use crate::web::{Allowance, Call, Client, Idempotency, describe};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::cell::Cell;

/// Largest answer about one item, in bytes: what is made of it takes a multiple of it, and several are read at a time.
const LARGEST_ITEM: usize = 4 * 1024 * 1024;

/// No limit is documented. The vendor's own tool keeps eight requests in flight.
const ALLOWANCE: Allowance = Allowance {
    requests: 0,
    window_ms: 0,
    in_flight: 8,
};

/// Path prefixes in the order they are tried. `/api/rs` is the report service of 4.x and still answered by 26.x.
const PREFIXES: [&str; 2] = ["/api/rs", "/api"];

/// How a list is ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// By ascending id: pages that do not drift while rows are added.
    Id,
    /// The last change first.
    Newest,
}

impl Order {
    /// Asks for the order. `date`: what the list calls the date of a row's last change.
    fn add_to(self, call: Call, date: &str) -> Call {
        match self {
            Order::Id => call.query("sort", "id,ASC"),
            Order::Newest => call.query("sort", format!("{date},DESC")).query("sort", "id,DESC"),
        }
    }
}

/// The endpoints of one TestOps project.
pub struct Api<'a> {
    client: Client<'a>,
    project: u64,
    prefix: Cell<&'static str>,
}

impl<'a> Api<'a> {
    pub fn new(ports: Ports<'a>, project: u64) -> Self {
        let client = Client::new(ports, "testops", Side::TestOps, ALLOWANCE, refused_access);
        Api {
            client,
            project,
            prefix: Cell::new("/api/rs"),
        }
    }

    /// `GET` of any path, whatever is answered.
    pub async fn look(&self, path: &str) -> Result<Response> {
        self.client.look(Call::get(path)).await
    }

    pub fn project_id(&self) -> u64 {
        self.project
    }

    /// Requests so far and so many more, and how long they take in milliseconds.
    pub fn forecast(&self, more: u64) -> (u64, u64) {
        self.client.forecast(more)
    }

    /// `GET project/{id}`; also finds out which path prefix this version answers.
    pub async fn project(&self) -> Result<wire::Project> {
        let mut first: Option<Error> = None;
        for prefix in PREFIXES {
            self.prefix.set(prefix);
            match self.json(self.call(&format!("project/{}", self.project))).await {
                Ok(project) => return Ok(project),
                // A page instead of data, or 404: this prefix may not exist on this version.
                Err(error) if matches!(error.kind, Kind::Unreachable | Kind::Unreadable | Kind::Missing) => {
                    first.get_or_insert(error);
                }
                Err(error) => return Err(error),
            }
        }
        let error = first.unwrap_or_else(|| Error::new(Kind::Internal, Side::TestOps, "no path prefix was tried"));
        Err(match error.kind {
            Kind::Missing => Error::new(
                Kind::Configuration,
                Side::TestOps,
                format!("TestOps has no project {} that the token's user may see", self.project),
            )
            .hint("check testops.project-id, and the rights of the token's user"),
            _ => error,
        })
    }

    /// `GET testcase/__search`: a page of cases, and whether it is the last.
    pub async fn cases(&self, aql: &str, order: Order, place: Place) -> Result<Page<wire::ListedCase>> {
        let call = self.search("testcase/__search", aql).query("deleted", false);
        let mut page = self.page(order.add_to(call, "lastModifiedDate"), place).await?;
        for row in page.unreadable.iter_mut().filter(|_| order == Order::Id) {
            if let Some(short) = self.short_row(aql, row.at).await {
                (row.id, row.name) = (Some(short.id), short.name);
            }
        }
        Ok(page)
    }

    /// `GET v2/project/{id}/test-case/flat`: which case it is whose row no answer can hold. Older versions do not say.
    async fn short_row(&self, aql: &str, at: Option<usize>) -> Option<wire::ShortRow> {
        let path = format!("v2/project/{}/test-case/flat", self.project);
        let call = self.call(&path).query("baseAql", aql).query("deleted", false);
        let call = Order::Id.add_to(call, "").query("page", at?).query("size", 1);
        match self.json(call).await.ok()? {
            wire::Page::Page(page) => page.content?.pop(),
            wire::Page::Bare(_) => None,
        }
    }

    /// `GET testcase/query/validate` or `launch/query/validate`.
    pub async fn validate(&self, entity: &str, aql: &str) -> Result<wire::Validation> {
        self.json(self.search(&format!("{entity}/query/validate"), aql)).await
    }

    /// `GET testcase/{id}/overview`: all of a case but its steps, and what cannot be read of it.
    pub async fn overview(&self, id: CaseId) -> Result<(wire::Overview, Vec<&'static str>)> {
        self.cleaned(self.call(&format!("testcase/{id}/overview"))).await
    }

    /// `GET testcase/{id}/testkey`: keys in other systems, as they are.
    pub async fn test_keys(&self, id: CaseId) -> Result<Vec<Value>> {
        self.json(self.call(&format!("testcase/{id}/testkey"))).await
    }

    /// `POST testcase/{id}/testkey`: replaces the whole list.
    pub async fn set_test_keys(&self, id: CaseId, keys: &[Value]) -> Result<()> {
        let path = format!("{}/testcase/{id}/testkey", self.prefix.get());
        let call = Call::post(path, &Value::from(keys));
        self.client.success(call, Idempotency::Idempotent).await.map(drop)
    }

    /// `GET testcase/{id}/step`: the steps, shared ones resolved, and what cannot be read of them.
    pub async fn steps(&self, id: CaseId) -> Result<(wire::Scenario, Vec<&'static str>)> {
        self.cleaned(self.call(&format!("testcase/{id}/step"))).await
    }

    /// `GET testcase/{id}/scenariofromrun`: the steps of the last run.
    pub async fn scenario_from_run(&self, id: CaseId) -> Result<Value> {
        self.json(self.call(&format!("testcase/{id}/scenariofromrun"))).await
    }

    /// `GET sharedstep`: a page of the project's shared steps.
    pub async fn shared_steps(&self, place: Place) -> Result<Page<wire::SharedStep>> {
        let call = self.call("sharedstep").query("projectId", self.project);
        self.page(Order::Id.add_to(call, ""), place).await
    }

    /// `GET sharedstep/{id}`.
    pub async fn shared_step(&self, id: u64) -> Result<wire::SharedStep> {
        self.json(self.call(&format!("sharedstep/{id}"))).await
    }

    /// `GET sharedstep/{id}/step`, where the case's own scenario does not carry the shared step.
    pub async fn shared_scenario(&self, id: u64) -> Result<wire::Scenario> {
        self.json(self.call(&format!("sharedstep/{id}/step"))).await
    }

    /// `GET launch/__search`: a page of launches.
    pub async fn launches(&self, aql: &str, order: Order, place: Place) -> Result<Page<launches::Launch>> {
        let call = self.search("launch/__search", aql);
        self.page(order.add_to(call, "last_modified_date"), place).await
    }

    /// `GET testresult?launchId`: a page of a launch's results.
    pub async fn results(&self, launch: LaunchId, place: Place) -> Result<Page<launches::Row>> {
        let call = self.call("testresult").query("launchId", launch);
        self.page(Order::Id.add_to(call, ""), place).await
    }

    /// `GET testresult/{id}`: one result with its trace, which lists often leave out.
    pub async fn result(&self, id: u64) -> Result<launches::Row> {
        self.json(self.call(&format!("testresult/{id}"))).await
    }

    /// `GET testresult/attachment`: a page of the files of a result and of its steps.
    pub async fn result_files(&self, result: u64, place: Place) -> Result<Page<wire::Attachment>> {
        let call = self.call("testresult/attachment").query("testResultId", result);
        self.page(call, place).await
    }

    /// `GET {owner}/attachment/{id}/content`.
    pub async fn content(&self, owner: &str, id: u64, limit: u64) -> Result<Fetched> {
        let call = self
            .call(&format!("{owner}/attachment/{id}/content"))
            .query("inline", false);
        self.client.fetch(call.patient(), limit).await
    }

    /// `GET testresult/{id}/execution`: the executed steps. Without `v2` some versions answer manual results with nothing;
    /// a result without any execution is answered with an empty body.
    pub async fn execution(&self, id: u64) -> Result<Option<Value>> {
        let call = self.call(&format!("testresult/{id}/execution")).query("v2", true);
        let mut response = self.client.success(call, Idempotency::Safe).await?;
        if response.body.iter().all(u8::is_ascii_whitespace) {
            return Ok(None);
        }
        response.body = body::clean(response.body).body;
        self.client
            .decode(&response, "the execution", Idempotency::Safe)
            .map(Some)
    }

    /// `GET testresult/{id}/defect`: the first page of the defects linked to a result.
    pub async fn defects(&self, id: u64) -> Result<Vec<Value>> {
        Ok(self
            .page(self.call(&format!("testresult/{id}/defect")), Place::default())
            .await?
            .rows)
    }

    /// `GET launch/{id}/env`: values of the launch's environment variables.
    pub async fn environment(&self, launch: LaunchId) -> Result<Vec<Value>> {
        self.json(self.call(&format!("launch/{launch}/env"))).await
    }

    /// `GET project/{id}/cf`: a page of the project's custom fields. 4.x has them at `cf` alone.
    pub async fn custom_fields(&self, place: Place) -> Result<Page<ValueRow>> {
        match self
            .page(self.call(&format!("project/{}/cf", self.project)), place)
            .await
        {
            Err(error) if is_no_path(&error) => {
                self.page(self.call("cf").query("projectId", self.project), place).await
            }
            other => other,
        }
    }

    fn call(&self, path: &str) -> Call {
        Call::get(format!("{}/{path}", self.prefix.get()))
    }

    /// A search call. The filter goes as it is, and `true` for an empty one: `rql` is required.
    fn search(&self, path: &str, aql: &str) -> Call {
        let rql = if aql.trim().is_empty() { "true" } else { aql };
        self.call(path).query("projectId", self.project).query("rql", rql)
    }

    async fn json<T: DeserializeOwned>(&self, call: Call) -> Result<T> {
        Ok(self.cleaned(call).await?.0)
    }

    /// What TestOps has of one item, and what cannot be read of it, for people.
    async fn cleaned<T: DeserializeOwned>(&self, call: Call) -> Result<(T, Vec<&'static str>)> {
        self.bounded(call, LARGEST_ITEM).await
    }

    /// The same of an answer of at most so many bytes.
    async fn bounded<T: DeserializeOwned>(&self, call: Call, most: usize) -> Result<(T, Vec<&'static str>)> {
        let what = call.describe();
        let mut response = self.client.success(call, Idempotency::Safe).await?;
        let size = response.body.len();
        if size > most {
            let size = size.div_ceil(1024 * 1024);
            let message = format!("the answer to {what} has {size} MiB, which needs more memory than a plugin may use");
            let hint = "make the item smaller in TestOps, or leave it out by the filter";
            return Err(Error::new(Kind::Rejected, Side::TestOps, message).hint(hint));
        }
        let body::Cleaned { body, losses } = body::clean(response.body);
        response.body = body;
        Ok((self.client.decode(&response, &what, Idempotency::Safe)?, losses))
    }

    /// A page of a list; a smaller one where its answer is larger than the host accepts. A row that no answer can hold is one
    /// that cannot be read.
    async fn page<T: DeserializeOwned>(&self, call: Call, mut place: Place) -> Result<Page<T>> {
        loop {
            place.check()?;
            match self.rows(&call, place).await {
                Err(error) if error.kind == Kind::TooLarge => match place.smaller() {
                    Some(smaller) => place = smaller,
                    None => return lost(place, error),
                },
                page => return page,
            }
        }
    }

    async fn rows<T: DeserializeOwned>(&self, call: &Call, place: Place) -> Result<Page<T>> {
        let query = place.query().into_iter();
        let call = query.fold(call.clone(), |call, (name, value)| call.query(name, value));
        let (listed, next, total) = match self.bounded::<wire::Page<Row<T>>>(call, usize::MAX).await?.0 {
            wire::Page::Bare(rows) => {
                let total = rows.len() as u64;
                (rows, None, Some(total))
            }
            wire::Page::Page(page) => {
                let rows = page.content.unwrap_or_default();
                // A server may lower the size silently, so a page is short only against its own size.
                let short = page.size.is_some_and(|size| rows.len() < size);
                let end = rows.is_empty() || page.last == Some(true) || (page.last.is_none() && short);
                (rows, (!end).then(|| place.after(page.size)), page.total_elements)
            }
        };
        let (mut rows, mut unreadable) = (Vec::with_capacity(listed.len()), Vec::new());
        for row in listed {
            match row {
                Row::Read(row) => rows.push(row),
                Row::Unreadable(row) => unreadable.push(row),
            }
        }
        Ok(Page {
            rows,
            unreadable,
            next,
            total,
        })
    }
}

/// The page of a row that no answer can hold.
fn lost<T>(place: Place, error: Error) -> Result<Page<T>> {
    let row = place.lost_row(&error);
    Ok(Page {
        rows: Vec::new(),
        unreadable: vec![row],
        next: Some(place.behind_lost(error)?),
        total: None,
    })
}

/// True where this version may not have a path: it answers 404, or 200 with the page of the product.
pub fn is_no_path(error: &Error) -> bool {
    let is_page = error.kind == Kind::Unreachable && error.status == Some(200);
    is_page || error.kind == Kind::Missing
}

fn refused_access(response: &Response) -> Error {
    let message = describe(response);
    if response.status == 403 {
        return Error::new(
            Kind::Permission,
            Side::TestOps,
            format!("TestOps does not allow this: {message}"),
        )
        .hint("give the token's user read access to the project")
        .status(403);
    }
    Error::new(
        Kind::Credential,
        Side::TestOps,
        format!("TestOps does not accept the token: {message}"),
    )
    .hint("make a new API token in the TestOps profile and store it")
    .status(response.status)
}
