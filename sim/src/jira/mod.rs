//! A simulated Jira with Xray: the store both products share, and Data Center's REST API on top of it.
//!
//! | module | what |
//! |---|---|
//! | [`site`] | the site: projects, issue types, look-ups, visibility; [`site::SharedSite`] is what servers hold |
//! | [`account`] | users, credentials, permissions per project |
//! | [`field`] | fields and screens |
//! | [`issue`] | issues and what hangs on them |
//! | [`input`], `edit`, `action` | creating and changing issues as Jira's API does |
//! | [`index`], [`jql`] | the search index with its lag, and JQL over it |
//! | [`xray`], `xray_field` | Xray's data; Data Center's custom fields showing it |
//! | [`render`] | issues as Jira's JSON, for both products |
//! | [`dc`], `raven` | Jira Data Center's and Xray Data Center's REST APIs |
//! | [`page`] | pages for people |
//! | [`rejection`] | Jira's error collection |
//! | [`date`], [`id`] | dates in Jira's forms, identities |

pub mod account;
mod action;
pub mod date;
pub mod dc;
mod edit;
pub mod field;
mod http;
pub mod id;
pub mod index;
pub mod input;
mod instance;
pub mod issue;
pub mod jql;
mod naming;
pub mod page;
pub mod project;
mod raven;
pub mod rejection;
pub mod render;
pub(crate) mod retry_after;
pub mod site;
pub mod variant;
pub mod xray;
mod xray_field;

#[cfg(test)]
mod tests;
