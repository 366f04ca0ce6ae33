//! One Jira Data Center instance: the site it shows, how it is configured, what its limiter counted.
//!
//! The resources of [`super::dc`] and `super::raven` take it as their state; it knows none of them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::site::SharedSite;
use crate::bucket::Bucket;

/// Jira's optional limiter: the rule for every user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// Size of the bucket; a user starts with a full one.
    pub capacity: u32,
    /// Tokens that come back every interval.
    pub fill_rate: u32,
    /// Length of the interval in seconds.
    pub interval_seconds: u32,
}

/// How the instance is configured; tests flip these while clients are at work.
#[derive(Clone, Debug)]
pub struct Options {
    /// `version` of `serverInfo`.
    pub version: String,
    /// So many wrong passwords lock the account until someone solves a CAPTCHA in the browser.
    pub captcha_threshold: u32,
    /// Jira's optional limiter.
    pub rate_limit: Option<RateLimit>,
    /// Requests with a larger body are answered 413 by the reverse proxy; bytes.
    pub proxy_body_limit: Option<usize>,
    /// The search backend refuses to page beyond this many hits (OpenSearch: 10,000), with a 500.
    pub search_window: Option<usize>,
    /// Whether issue linking is switched on.
    pub linking_enabled: bool,
    /// Xray locks the runs of executions whose workflow status is final.
    pub lock_done_executions: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            version: "10.3.6".to_owned(),
            captcha_threshold: 3,
            rate_limit: None,
            proxy_body_limit: None,
            search_window: None,
            linking_enabled: true,
            lock_done_executions: false,
        }
    }
}

/// A Jira Data Center instance in front of a site; clones are the same instance.
#[derive(Clone, Debug)]
pub struct DataCenter {
    site: SharedSite,
    options: Arc<Mutex<Options>>,
    buckets: Arc<Mutex<HashMap<String, Bucket>>>,
    context_path: String,
}

impl DataCenter {
    /// An instance at the root of its host.
    #[must_use]
    pub fn new(site: SharedSite) -> Self {
        Self {
            site,
            options: Arc::default(),
            buckets: Arc::default(),
            context_path: String::new(),
        }
    }

    /// Puts the instance below a path such as `/jira`.
    #[must_use]
    pub fn context_path(mut self, path: &str) -> Self {
        path.trim_end_matches('/').clone_into(&mut self.context_path);
        self
    }

    /// The site behind it.
    #[must_use]
    pub fn site(&self) -> &SharedSite {
        &self.site
    }

    /// The configuration, to read or change.
    pub fn options(&self) -> MutexGuard<'_, Options> {
        self.options.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The path below which the instance answers; empty at the root.
    pub(super) fn context(&self) -> &str {
        &self.context_path
    }

    /// The limiter's bucket per user.
    pub(super) fn buckets(&self) -> MutexGuard<'_, HashMap<String, Bucket>> {
        self.buckets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
