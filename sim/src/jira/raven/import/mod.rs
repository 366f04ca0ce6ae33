//! Importing execution results: Xray JSON, plain and multipart.
//!
//! Source: "Import Execution Results" and "Import Execution Results - REST" of Xray Server + DC. The whole import is
//! refused (400) when its execution, a status or a test key is wrong; what goes wrong with one test only is reported
//! in `testIssues.error` of the new answer, and not at all in the old one.

mod execution;
mod result;
mod test_info;

use axum::body::Bytes;
use axum::extract::Multipart;
use axum::extract::multipart::MultipartRejection;
use axum::http::HeaderMap;
use axum::routing::post;
use serde_json::{Value, json};

use super::Version;
use crate::answers::ImportAnswer;
use crate::jira::http::{Answer, Caller, Refusal, Routes, is_json, ok};
use crate::jira::id::IssueId;
use crate::jira::site::Site;
use result::Outcome;

pub(super) fn routes(routes: Routes, base: &str) -> Routes {
    routes
        .at(&format!("{base}/import/execution"), post(plain))
        .at(&format!("{base}/import/execution/multipart"), post(multipart))
}

fn parse(bytes: &[u8]) -> Result<Value, Refusal> {
    let parsed: Result<Value, _> = serde_json::from_slice(bytes);
    match parsed {
        Ok(value @ Value::Object(_)) => Ok(value),
        Ok(_) => Err(Refusal::error(
            400,
            "Error parsing the results: a JSON object is expected",
        )),
        Err(error) => Err(Refusal::error(400, format!("Error parsing the results: {error}"))),
    }
}

async fn plain(caller: Caller, version: Version, headers: HeaderMap, body: Bytes) -> Answer {
    if !is_json(&headers) {
        return Err(Refusal::unsupported_media_type());
    }
    let results = parse(&body)?;
    let mut site = caller.site();
    result::check(&site, &caller, &results)?;
    let execution = execution::find_or_create(&mut site, &caller, &results)?;
    let outcome = result::apply(&mut site, &caller, execution, &results);
    ok(&answer_json(&site, version, execution, outcome))
}

/// Parts `result` (Xray JSON) and `info` (a Jira create body); always makes a new execution.
async fn multipart(caller: Caller, version: Version, form: Result<Multipart, MultipartRejection>) -> Answer {
    let mut form = form.map_err(|_| Refusal::unsupported_media_type())?;
    let (mut results, mut info) = (None, None);
    let broken = |_| Refusal::error(400, "Error parsing the multipart body");
    while let Some(part) = form.next_field().await.map_err(broken)? {
        let is_json = part
            .content_type()
            .is_some_and(|declared| declared.starts_with("application/json"));
        let target = match part.name() {
            Some("result") => &mut results,
            Some("info") => &mut info,
            _ => continue,
        };
        if !is_json {
            return Err(Refusal::unsupported_media_type());
        }
        *target = Some(parse(&part.bytes().await.map_err(broken)?)?);
    }
    let results = results.ok_or_else(|| Refusal::error(400, "The part 'result' is missing"))?;
    let info = info.ok_or_else(|| Refusal::error(400, "The part 'info' is missing"))?;
    let mut site = caller.site();
    result::check(&site, &caller, &results)?;
    let execution = execution::create_from_issue(&mut site, &caller, &info)?;
    let outcome = result::apply(&mut site, &caller, execution, &results);
    ok(&answer_json(&site, version, execution, outcome))
}

fn answer_json(site: &Site, version: Version, execution: IssueId, outcome: Outcome) -> Value {
    let reference = |id: IssueId| site.issue(id).map(|issue| site.issue_ref(issue)).unwrap_or_default();
    let is_short = match site.answers.of() {
        ImportAnswer::Short => true,
        ImportAnswer::Long => false,
        ImportAnswer::ByVersion => version == Version::V1,
    };
    if is_short {
        return json!({ "testExecIssue": reference(execution) });
    }
    let success = outcome.applied.iter().map(|&test| {
        let mut entry = reference(test);
        if let Value::Object(members) = &mut entry {
            members.insert("testVersionId".to_owned(), json!(test.0));
        }
        entry
    });
    let success: Vec<Value> = success.collect();
    json!({
        "testExecIssue": reference(execution), "testIssues": { "success": success, "error": outcome.errors },
        "infoMessages": outcome.messages,
    })
}
