//! Jira Cloud's REST API, versions 3 and 2, over the site.

pub(crate) mod adf;
