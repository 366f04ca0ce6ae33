//! Jira Cloud and Xray Cloud over real HTTP.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers fail as loudly as the tests they serve"
)]

mod answers;
mod bed;
mod jira_access;
mod jira_attached;
mod jira_issue;
mod jira_limits;
mod jira_search;
mod jira_tokens;
mod world;
mod xray_bulk;
mod xray_call;
mod xray_graphql;
mod xray_import;
mod xray_limits;
mod xray_schema;
mod xray_token;
