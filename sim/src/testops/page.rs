//! Query parameters and pages, as Spring reads and writes them.

use std::cmp::Ordering;

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use serde_json::{Value, json};

use super::error::ApiError;

/// The largest page; a larger `size` is lowered to it without a word.
const LARGEST: usize = 2000;

/// The query parameters of a request, repeated ones included.
#[derive(Debug)]
pub(crate) struct Params(Vec<(String, String)>);

impl<S: Send + Sync> FromRequestParts<S> for Params {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        Query::from_request_parts(parts, state)
            .await
            .map(|Query(pairs)| Self(pairs))
            .map_err(|error| ApiError::bad_request(error.body_text()))
    }
}

impl Params {
    /// The first value of this name.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    pub(crate) fn is_true(&self, name: &str) -> bool {
        self.get(name) == Some("true")
    }

    /// A text the endpoint cannot do without.
    pub(crate) fn text(&self, name: &str) -> Result<&str, ApiError> {
        self.get(name).ok_or_else(|| {
            ApiError::bad_request(format!(
                "Required request parameter '{name}' for method parameter type String is not present"
            ))
        })
    }

    /// An id the endpoint cannot do without.
    pub(crate) fn id(&self, name: &str) -> Result<i64, ApiError> {
        let text = self.get(name).ok_or_else(|| {
            ApiError::bad_request(format!(
                "Required request parameter '{name}' for method parameter type Long is not present"
            ))
        })?;
        text.parse()
            .map_err(|_| ApiError::bad_request(format!("Method parameter '{name}': For input string: \"{text}\"")))
    }
}

/// A row that can be put in order.
pub(crate) trait Sorted {
    /// Compares by a property, given in lower case without underscores; none when there is no such property.
    fn compare(&self, other: &Self, property: &str) -> Option<Ordering>;
}

/// Which page, how large, in which order.
#[derive(Debug)]
pub(crate) struct Paging {
    page: usize,
    size: usize,
    /// Property as sent, descending.
    sort: Vec<(String, bool)>,
    default_sort: (&'static str, bool),
}

impl Paging {
    /// Reads `page`, `size` and `sort`; what cannot be read gives the default.
    pub(crate) fn read(params: &Params, default_size: usize, default_sort: &'static str, descending: bool) -> Self {
        let size = params
            .get("size")
            .and_then(|text| text.parse().ok())
            .filter(|size| *size > 0)
            .unwrap_or(default_size);
        let sort = params.all("sort").filter_map(|text| {
            let (property, direction) = text.split_once(',').unwrap_or((text, "ASC"));
            (!property.is_empty()).then(|| (property.to_owned(), direction.eq_ignore_ascii_case("desc")))
        });
        Self {
            page: params.get("page").and_then(|text| text.parse().ok()).unwrap_or(0),
            size: size.min(LARGEST),
            sort: sort.collect(),
            default_sort: (default_sort, descending),
        }
    }

    /// Sorts the rows and shows the page; only its rows are turned into JSON.
    pub(crate) fn answer<T: Sorted>(&self, mut rows: Vec<T>, show: impl FnMut(&T) -> Value) -> Result<Value, ApiError> {
        let mut keys: Vec<(String, bool)> = self
            .sort
            .iter()
            .map(|(name, down)| (name.replace('_', "").to_lowercase(), *down))
            .collect();
        if keys.is_empty() {
            keys.push((self.default_sort.0.to_owned(), self.default_sort.1));
        }
        if let Some(row) = rows.first()
            && let Some((bad, _)) = keys.iter().find(|(property, _)| row.compare(row, property).is_none())
        {
            return Err(ApiError::bad_request(format!("No property '{bad}' found")));
        }
        rows.sort_by(|left, right| {
            keys.iter()
                .map(|(property, down)| {
                    let order = left.compare(right, property).unwrap_or(Ordering::Equal);
                    if *down { order.reverse() } else { order }
                })
                .find(|order| order.is_ne())
                .unwrap_or(Ordering::Equal)
        });
        Ok(self.show(&rows, show))
    }

    /// Shows the page of rows that are in order already.
    pub(crate) fn show<T>(&self, rows: &[T], show: impl FnMut(&T) -> Value) -> Value {
        let total = rows.len();
        let start = self.page.saturating_mul(self.size);
        let content: Vec<Value> = rows.iter().skip(start).take(self.size).map(show).collect();
        let pages = total.div_ceil(self.size);
        let sort = json!({
            "sorted": !self.sort.is_empty(), "unsorted": self.sort.is_empty(), "empty": self.sort.is_empty(),
        });
        json!({
            "empty": content.is_empty(),
            "first": self.page == 0,
            "last": self.page + 1 >= pages,
            "number": self.page,
            "numberOfElements": content.len(),
            "size": self.size,
            "totalElements": total,
            "totalPages": pages,
            "pageable": {
                "offset": start, "pageNumber": self.page, "pageSize": self.size,
                "paged": true, "unpaged": false, "sort": sort,
            },
            "sort": sort,
            "content": content,
        })
    }
}
