//! `xraylicense`.

use axum::routing::get;
use serde_json::json;

use crate::jira::http::{Answer, Caller, Routes, ok};

pub(super) fn routes(routes: Routes, api: &str) -> Routes {
    routes.at(&format!("{api}/xraylicense"), get(license))
}

async fn license(caller: Caller) -> Answer {
    let active = caller.site().xray.licensed;
    ok(&json!({ "active": active, "licenseType": "Commercial (Atlassian Marketplace)" }))
}
