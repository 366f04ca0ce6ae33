//! What TestOps shows: its generation, and how it answers at a path that it does not know.

use super::assumption::Findings;
use super::shape::shape;
use crate::error::Result;
use crate::ports::Response;
use crate::testops::TestOps;
use serde_json::Value;

pub(super) async fn look(source: &TestOps<'_>, project: u64, findings: &mut Findings) -> Result<()> {
    source.open().await?;
    let answer = source.look(&format!("/api/project/{project}")).await?;
    match body(&answer).filter(|body| answer.status == 200 && body.get("id").is_some()) {
        Some(body) => {
            let seen = format!("GET /api/project/ID is answered with {}", shape(&body));
            findings.see("testops.version", "26", seen);
        }
        None => {
            let seen = format!("GET /api/project/ID is answered {}", described(&answer));
            findings.see("testops.version", "4", seen);
        }
    }
    let answer = source.look("/api/tms-sync/no-such-path").await?;
    let form = match (answer.status, body(&answer)) {
        (200, None) => "page",
        (404, Some(_)) => "not-found",
        _ => "another answer",
    };
    findings.see("testops.unknown-path", form, described(&answer));
    Ok(())
}

fn body(answer: &Response) -> Option<Value> {
    serde_json::from_slice(&answer.body).ok()
}

fn described(answer: &Response) -> String {
    match body(answer) {
        Some(body) => format!("{} with {}", answer.status, shape(&body)),
        None if answer.body.is_empty() => format!("{} with nothing", answer.status),
        None => format!("{} with a page or text", answer.status),
    }
}
