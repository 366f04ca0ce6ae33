//! `serverInfo`, and the plug-in manager's word on Xray.

use axum::extract::{OriginalUri, Path};
use axum::http::HeaderMap;
use axum::response::IntoResponse as _;
use axum::routing::get;
use serde_json::json;

use crate::jira::account::Permission;
use crate::jira::date;
use crate::jira::http::{Answer, Caller, Refusal, Routes, not_a_resource, ok};

pub(super) fn routes(routes: Routes, base: &str) -> Routes {
    let routes = routes.at(&format!("{base}/serverInfo"), get(server_info));
    if base.ends_with("latest") {
        routes.at("/rest/plugins/1.0/{key}", get(plugin))
    } else {
        routes
    }
}

/// Works for anonymous visitors.
async fn server_info(caller: Caller) -> Answer {
    let version = caller.dc.options().version.clone();
    let numbers: Vec<u32> = version.split('.').map(|part| part.parse().unwrap_or(0)).collect();
    let site = caller.site();
    let now = date::jira(site.now());
    ok(&json!({
        "baseUrl": site.base_url, "version": version, "versionNumbers": numbers, "deploymentType": "Server",
        "buildNumber": 10_030_006, "buildDate": "2025-04-15T00:00:00.000+0000", "databaseBuildNumber": 10_030_006,
        "serverTime": now, "scmInfo": "0000000000000000000000000000000000000000", "serverTitle": "Jira",
    }))
}

/// For administrators only; <https://developer.atlassian.com/platform/marketplace/upm-rest-api/>.
async fn plugin(caller: Caller, Path(key): Path<String>, OriginalUri(uri): OriginalUri, headers: HeaderMap) -> Answer {
    caller.logged_in()?;
    let site = caller.site();
    if !site.accounts.allows_globally(&caller.actor, Permission::Administer) {
        return Err(Refusal::status_object(403, "Forbidden"));
    }
    if key != "com.xpandit.plugins.xray-key" || !site.xray.installed {
        return Ok(not_a_resource(uri.path(), &headers).into_response());
    }
    ok(&json!({
        "key": "com.xpandit.plugins.xray", "name": "Xray Test Management for Jira", "version": "8.1.1-j9", "enabled": true,
        "userInstalled": true, "usesLicensing": true,
    }))
}
