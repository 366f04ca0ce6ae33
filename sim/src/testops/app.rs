//! What every handler works with: the shared state, the caller, the id in the path, the answer.

use std::sync::{Arc, Mutex, PoisonError, RwLock};

use axum::Json;
use axum::extract::{FromRequestParts, Path, State};
use axum::http::Method;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::access::{Access, User};
use super::aql::{Entity, Query, Refusal};
use super::dto::View;
use super::error::ApiError;
use super::page::Params;
use super::site::Site;
use crate::answers::Answers;
use crate::clock::Clock;

/// The state behind the routes; clones share it.
#[derive(Clone, Debug)]
pub(crate) struct App {
    pub(super) site: Arc<RwLock<Site>>,
    pub(super) access: Arc<Mutex<Access>>,
    pub(super) clock: Clock,
    pub(super) answers: Answers,
}

/// What a handler gives back.
pub(crate) type Answer = Result<Json<Value>, ApiError>;

impl App {
    /// Reads the site. A panic of another handler leaves rows whole, so a poisoned lock is still good.
    pub(crate) fn view<T>(&self, read: impl FnOnce(View<'_>) -> T) -> T {
        let site = self.site.read().unwrap_or_else(PoisonError::into_inner);
        read(View {
            site: &site,
            version: self.answers.of(),
        })
    }

    /// Changes the site.
    pub(crate) fn edit<T>(&self, change: impl FnOnce(&mut Site) -> T) -> T {
        change(&mut self.site.write().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn access<T>(&self, change: impl FnOnce(&mut Access) -> T) -> T {
        change(&mut self.access.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The query in `text` as this caller asks it.
    pub(crate) fn query(&self, caller: &Caller, text: &str, entity: Entity) -> Result<Query, Refusal> {
        Query::read(text, entity, &self.clock, &caller.0.name)
    }
}

/// The user who asks. As an argument of a handler it refuses strangers, and writes by those who may only read.
#[derive(Debug)]
pub(crate) struct Caller(pub(crate) User);

impl Caller {
    /// Refuses projects that the caller may not see.
    pub(crate) fn sees(&self, project: i64) -> Result<(), ApiError> {
        if self.0.may_see(project) {
            Ok(())
        } else {
            Err(ApiError::forbidden())
        }
    }

    /// The project in the parameter `projectId`, if it exists and the caller may see it.
    pub(crate) fn project(&self, app: &App, params: &Params) -> Result<i64, ApiError> {
        self.existing(app, params.id("projectId")?)
    }

    /// The same project, if it exists and the caller may see it.
    pub(crate) fn existing(&self, app: &App, project: i64) -> Result<i64, ApiError> {
        self.sees(project)?;
        if app.view(|view| view.site.projects.contains_key(&project)) {
            Ok(project)
        } else {
            Err(ApiError::not_found("Project", project))
        }
    }
}

impl FromRequestParts<App> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let now = app.clock.now_ms();
        let user = app
            .access(|access| access.user(&parts.headers, now).cloned())
            .ok_or_else(ApiError::unauthorized)?;
        if parts.method != Method::GET && !user.may_write {
            return Err(ApiError::forbidden());
        }
        Ok(Self(user))
    }
}

/// The number in the path.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Id(pub(crate) i64);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Path(text): Path<String> = Path::from_request_parts(parts, state)
            .await
            .map_err(|error| ApiError::bad_request(error.body_text()))?;
        let id = text.parse();
        id.map(Self)
            .map_err(|_| ApiError::bad_request(format!("Method parameter 'id': For input string: \"{text}\"")))
    }
}

/// Writes the body of a refusal, which shows the time of the server's clock.
pub(super) async fn dress_refusals(State(app): State<App>, response: Response) -> Response {
    match response.extensions().get::<ApiError>() {
        Some(error) => error.clone().at(app.clock.now_ms()).dressed().into_response(),
        None => response,
    }
}
