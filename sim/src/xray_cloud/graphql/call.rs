//! What a resolver gets and gives.

use std::sync::{Arc, MutexGuard};

use async_graphql::Value;
use async_graphql::dynamic::{FieldValue, ResolverContext};
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use super::super::state::Shared;
use super::shape::Shapes;
use crate::jira::account::Actor;
use crate::jira::id::IssueId;
use crate::jira::site::Site;

/// Why a field has no value: the `message` of its entry in `errors`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal(pub String);

impl Refusal {
    /// The answer to ids that are keys, unknown, of another type or not known to Xray yet.
    pub fn issue_id() -> Self {
        Self("issueId provided is not valid".to_owned())
    }
}

impl From<String> for Refusal {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Refusal {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

/// A field's value, null, or a refusal.
pub(super) type Answer = Result<Option<FieldValue<'static>>, Refusal>;

/// Something whose fields are computed when asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Entity {
    /// An issue; the GraphQL type says in which role.
    Issue(IssueId),
    /// A version of a test.
    Version(IssueId, u32),
    /// A test run by id.
    Run(String),
    /// An iteration of a run by rank.
    Iteration(String, usize),
}

/// A member of a [`Record`].
pub(super) enum Member {
    /// Plain data.
    Data(Json),
    /// One entity.
    One(Entity),
    /// A list of entities.
    Many(Vec<Entity>),
    /// A list of records.
    Records(Vec<Arc<Record>>),
}

/// An object made of data and entities.
#[derive(Default)]
pub(super) struct Record(Vec<(&'static str, Member)>);

impl Record {
    /// Adds a member.
    pub fn with(mut self, name: &'static str, member: Member) -> Self {
        self.0.push((name, member));
        self
    }

    /// Adds plain data.
    pub fn data(self, name: &'static str, value: impl Into<Json>) -> Self {
        self.with(name, Member::Data(value.into()))
    }

    /// A member as a field value; null when it is missing or null.
    pub fn member(&self, name: &str) -> Option<FieldValue<'static>> {
        let (_, member) = self.0.iter().find(|(own, _)| *own == name)?;
        match member {
            Member::Data(value) => data_value(value.clone()),
            Member::One(entity) => Some(entity.clone().into()),
            Member::Many(entities) => Some(FieldValue::list(entities.iter().cloned())),
            Member::Records(records) => Some(FieldValue::list(
                records
                    .iter()
                    .map(|record| FieldValue::owned_any(SharedRecord(record.clone()))),
            )),
        }
    }
}

/// A record inside a list.
pub(super) struct SharedRecord(pub Arc<Record>);

/// Gives a record.
pub(super) fn record(record: Record) -> Answer {
    Ok(Some(FieldValue::owned_any(record)))
}

/// Gives plain data; a JSON null is null.
pub(super) fn data(value: impl Into<Json>) -> Answer {
    Ok(data_value(value.into()))
}

/// Gives an entity.
pub(super) fn entity(entity: Entity) -> Answer {
    Ok(Some(entity.into()))
}

fn data_value(value: Json) -> Option<FieldValue<'static>> {
    match value {
        Json::Null => None,
        value => Value::from_json(value).ok().map(FieldValue::value),
    }
}

/// What every resolver of a request shares.
pub(in super::super) struct Session {
    pub shared: Arc<Shared>,
    pub actor: Actor,
    /// Address the client used, for download links.
    pub base: String,
}

/// One field being computed.
pub(super) struct Call<'a>(ResolverContext<'a>, &'a Shapes);

impl<'a> Call<'a> {
    pub fn new(context: ResolverContext<'a>, shapes: &'a Shapes) -> Self {
        Self(context, shapes)
    }

    /// The engine's view of the field.
    pub fn context(&self) -> &'a async_graphql::Context<'a> {
        self.0.ctx
    }

    fn session(&self) -> Result<&'a Session, Refusal> {
        self.0.ctx.data::<Session>().map_err(|error| Refusal(error.message))
    }

    /// What the server holds.
    pub fn shared(&self) -> Result<&'a Arc<Shared>, Refusal> {
        Ok(&self.session()?.shared)
    }

    /// The site, locked.
    pub fn site(&self) -> Result<MutexGuard<'a, Site>, Refusal> {
        Ok(self.session()?.shared.site())
    }

    /// On whose behalf.
    pub fn actor(&self) -> Result<&'a Actor, Refusal> {
        Ok(&self.session()?.actor)
    }

    /// Address the client used, for download links.
    pub fn base(&self) -> Result<&'a str, Refusal> {
        Ok(&self.session()?.base)
    }

    /// The entity whose field this is.
    pub fn entity(&self) -> Result<&'a Entity, Refusal> {
        self.0
            .parent_value
            .downcast_ref()
            .ok_or_else(|| Refusal::from("internal: no entity"))
    }

    /// The issue whose field this is.
    pub fn issue(&self) -> Result<IssueId, Refusal> {
        match self.entity()? {
            Entity::Issue(id) | Entity::Version(id, _) => Ok(*id),
            Entity::Run(_) | Entity::Iteration(..) => Err(Refusal::from("internal: no issue")),
        }
    }

    /// The version whose field this is; none of a test is its default.
    pub fn version(&self) -> Result<Option<u32>, Refusal> {
        match self.entity()? {
            Entity::Version(_, version) => Ok(Some(*version)),
            _ => Ok(None),
        }
    }

    /// The run whose field this is.
    pub fn run(&self) -> Result<&'a str, Refusal> {
        match self.entity()? {
            Entity::Run(id) | Entity::Iteration(id, _) => Ok(id),
            Entity::Issue(_) | Entity::Version(..) => Err(Refusal::from("internal: no run")),
        }
    }

    /// An argument in the shape wanted; `None` when it is missing, null or of another shape.
    pub fn get<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        let value = self.0.args.get(name).filter(|value| !value.is_null())?;
        let value = self.1.coerce(name, value.as_value().clone().into_json().ok()?);
        serde_json::from_value(value).ok()
    }

    /// A string argument.
    pub fn text(&self, name: &str) -> Option<String> {
        self.get(name)
    }

    /// A required string argument; the engine has seen to it that it is there.
    pub fn required(&self, name: &str) -> String {
        self.text(name).unwrap_or_default()
    }

    /// A list of strings; members that are null are left out.
    pub fn list(&self, name: &str) -> Option<Vec<String>> {
        Some(self.get::<Vec<Option<String>>>(name)?.into_iter().flatten().collect())
    }

    /// `start` and `limit` of a list field.
    ///
    /// # Errors
    /// When `limit` is not within 1 to 100.
    pub fn window(&self) -> Result<(usize, usize), Refusal> {
        let limit = self.get::<i64>("limit").unwrap_or(100);
        let start = self.get::<i64>("start").unwrap_or(0).max(0);
        match usize::try_from(limit) {
            Ok(limit @ 1..=100) => Ok((usize::try_from(start).unwrap_or(usize::MAX), limit)),
            _ => Err(Refusal::from("limit must be a value between 1 and 100")),
        }
    }

    /// One page of entities as `{total, start, limit, results}`.
    ///
    /// # Errors
    /// When `limit` is not within 1 to 100.
    pub fn page(&self, all: impl ExactSizeIterator<Item = Entity>) -> Result<Record, Refusal> {
        let (start, limit) = self.window()?;
        let total = all.len();
        let results = all.skip(start).take(limit).collect();
        Ok(Record::default()
            .data("total", total)
            .data("start", start)
            .data("limit", limit)
            .with("results", Member::Many(results)))
    }

    /// One page of plain data.
    ///
    /// # Errors
    /// When `limit` is not within 1 to 100.
    pub fn data_page(&self, all: &[Json]) -> Answer {
        let (start, limit) = self.window()?;
        let results: Vec<Json> = all.iter().skip(start).take(limit).cloned().collect();
        data(serde_json::json!({ "total": all.len(), "start": start, "limit": limit, "results": results }))
    }
}
