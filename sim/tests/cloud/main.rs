//! Jira Cloud and Xray Cloud over real HTTP.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers fail as loudly as the tests they serve"
)]

mod bed;
mod xray_bulk;
mod xray_graphql;
mod xray_import;
mod xray_limits;
mod xray_schema;
mod xray_token;
