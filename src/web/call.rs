//! A request before it is addressed.

use crate::ports::{Method, Piece};
use serde_json::Value;
use std::borrow::Cow;

/// A request before it is addressed.
#[derive(Clone, Debug)]
pub struct Call {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) query: Vec<(String, String)>,
    pub(super) body: Option<Vec<Piece>>,
    pub(super) content_type: Cow<'static, str>,
    pub(super) timeout_ms: u32,
    /// The body of a success becomes a file of at most so many bytes.
    pub(super) file: Option<u64>,
}

impl Call {
    /// A GET.
    pub fn get(path: impl Into<String>) -> Self {
        Call {
            method: Method::Get,
            path: path.into(),
            query: Vec::new(),
            body: None,
            content_type: Cow::Borrowed("application/json"),
            timeout_ms: 60_000,
            file: None,
        }
    }

    /// A DELETE.
    pub fn delete(path: impl Into<String>) -> Self {
        Call {
            method: Method::Delete,
            ..Call::get(path)
        }
    }

    /// A POST with a JSON body.
    pub fn post(path: impl Into<String>, body: &Value) -> Self {
        Call::post_bytes(path, body.to_string().into_bytes())
    }

    /// A POST with a body that is JSON already.
    pub fn post_bytes(path: impl Into<String>, body: Vec<u8>) -> Self {
        Call {
            method: Method::Post,
            body: Some(vec![Piece::Bytes(body)]),
            ..Call::get(path)
        }
    }

    /// A POST whose body is composed of bytes and files.
    pub fn post_pieces(path: impl Into<String>, content_type: String, body: Vec<Piece>) -> Self {
        Call {
            method: Method::Post,
            body: Some(body),
            content_type: Cow::Owned(content_type),
            ..Call::get(path)
        }
    }

    /// A PUT with a JSON body.
    pub fn put(path: impl Into<String>, body: &Value) -> Self {
        Call {
            method: Method::Put,
            body: Some(vec![Piece::Bytes(body.to_string().into_bytes())]),
            ..Call::get(path)
        }
    }

    /// Adds a query pair.
    #[must_use]
    pub fn query(mut self, name: &str, value: impl ToString) -> Self {
        self.query.push((name.to_owned(), value.to_string()));
        self
    }

    /// Allows more time than a minute. Imports are worked on while we wait, and a time-out below the server's own makes
    /// orphans.
    #[must_use]
    pub fn patient(mut self) -> Self {
        self.timeout_ms = 600_000;
        self
    }

    /// In the words of an error message: method and path.
    pub fn describe(&self) -> String {
        let method = match self.method {
            Method::Get => "GET",
            Method::Head => "HEAD",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Delete => "DELETE",
        };
        format!("{method} {}", self.path)
    }
}
