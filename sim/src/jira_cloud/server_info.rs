//! About the site.

use serde_json::json;

use crate::jira::date;

use super::CLOUD_ID;
use super::call::Call;
use super::reply::{Answer, ok};

pub(super) async fn server_info(call: Call) -> Answer {
    let site = call.site();
    ok(&json!({
        "baseUrl": site.base_url, "displayUrl": site.base_url, "version": "1001.0.0-SNAPSHOT",
        "versionNumbers": [1001, 0, 0], "deploymentType": "Cloud", "buildNumber": 100_287,
        "buildDate": "2025-11-03T12:00:00.000+0000", "serverTime": date::jira(site.now()),
        "scmInfo": "0000000000000000000000000000000000000000", "serverTitle": "Jira",
        "defaultLocale": { "locale": "en_US" }, "serverTimeZone": { "timeZone": "Etc/UTC" },
    }))
}

pub(super) async fn tenant(_: Call) -> Answer {
    ok(&json!({ "cloudId": CLOUD_ID }))
}
