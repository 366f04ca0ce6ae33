//! The `search` parameter of list endpoints: base64 of a JSON array of filters.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::Value;

use super::data::Stamp;
use super::error::ApiError;
use super::page::Params;

#[derive(Debug, Deserialize)]
struct Filter {
    id: String,
    value: Value,
}

/// All filters of a request; a row must pass each.
#[derive(Debug)]
pub(crate) struct Filters(Vec<Filter>);

impl Filters {
    /// Reads `search`: `name` (a part of it), `close`, `createdAfter` and `createdBefore` (milliseconds).
    ///
    /// # Errors
    /// What is no such array, and filters the simulator does not know: silence would show too many rows.
    pub(crate) fn read(params: &Params) -> Result<Self, ApiError> {
        let Some(text) = params.get("search").filter(|text| !text.is_empty()) else {
            return Ok(Self(Vec::new()));
        };
        let decoded = STANDARD
            .decode(text)
            .ok()
            .and_then(|json| serde_json::from_slice::<Vec<Filter>>(&json).ok());
        let filters = decoded.ok_or_else(|| ApiError::bad_request("Could not read the search filter"))?;
        match filters
            .iter()
            .find(|filter| !matches!(&*filter.id, "name" | "close" | "createdAfter" | "createdBefore"))
        {
            Some(unknown) => Err(ApiError::bad_request(format!("Unknown filter '{}'", unknown.id))),
            None => Ok(Self(filters)),
        }
    }

    pub(crate) fn keep(&self, name: &str, stamp: &Stamp, closed: Option<bool>) -> bool {
        self.0.iter().all(|filter| match filter.id.as_str() {
            "name" => filter
                .value
                .as_str()
                .is_some_and(|part| name.to_lowercase().contains(&part.to_lowercase())),
            "close" => filter.value.as_bool() == closed,
            "createdAfter" => filter.value.as_i64().is_some_and(|at| stamp.created_ms >= at),
            _ => filter.value.as_i64().is_some_and(|at| stamp.created_ms <= at),
        })
    }
}

/// The simulator keeps no saved filters, so every `filterId` is unknown.
pub(crate) fn no_saved_filter(params: &Params) -> Result<(), ApiError> {
    match params.get("filterId") {
        None => Ok(()),
        Some(_) => Err(ApiError::not_found("Filter", params.id("filterId")?)),
    }
}
