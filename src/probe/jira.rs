//! What Jira shows to an account that only reads: how it takes the log-in, and how the project is set up.

use super::assumption::Findings;
use super::shape::shape;
use crate::error::Result;
use crate::jira::meta::IssueType;
use crate::jira::{self, Jira};
use crate::ports::{Identity, Response};
use crate::setup::Export;
use crate::web::{Call, Idempotency, basic_is_disabled};
use crate::xray::issue_type;
use serde_json::Value;

/// The project of the export, as far as the other looks need it.
pub(super) struct Found {
    /// Numeric id.
    pub id: String,
    /// Id of the issue type Test Execution.
    pub execution_type: Option<String>,
}

/// Sends the account once and looks at the answer. `false`: this Jira takes no passwords.
pub(super) async fn log_in(jira: &Jira<'_>, is_cloud: bool, password: bool, findings: &mut Findings) -> Result<bool> {
    let answer = jira.client().look(Call::get(jira.path("myself"))).await?;
    if password && let Some(form) = refused_password(&answer) {
        let seen = format!("GET myself with name and password is answered {}", answer.status);
        findings.see("jira-dc.basic-login", form, seen);
        return Ok(false);
    }
    if answer.status != 200 || answer.identity == Identity::Anonymous {
        return Err(jira::explain(&answer));
    }
    identity(&answer, findings);
    if password && !is_cloud {
        let seen = "GET myself with name and password is answered 200";
        findings.see("jira-dc.basic-login", "accepted", seen);
    } else {
        let why = "the account uses a token, and no password is tried";
        findings.miss("jira-dc.basic-login", why);
    }
    Ok(true)
}

/// The form in which a Jira that has basic authentication switched off refuses it.
fn refused_password(answer: &Response) -> Option<&'static str> {
    if !basic_is_disabled(answer) {
        return None;
    }
    let reason = answer.header("x-seraph-loginreason").unwrap_or_default();
    Some(match answer.identity {
        _ if reason.contains("AUTHENTICATION_DENIED") => "refused-denied",
        Identity::Unknown => "refused-bare",
        Identity::Anonymous | Identity::Authenticated => "refused",
    })
}

/// Whether the answer names the account, at the site's own address or through the gateway.
fn identity(answer: &Response, findings: &mut Findings) {
    let (own, gateway) = ("jira.identity", "jira-cloud.gateway-identity");
    let (name, other, why) = match answer.gateway {
        true => (gateway, own, "requests go through the gateway"),
        false => (own, gateway, "the site answers at its own address"),
    };
    findings.miss(other, why);
    match answer.identity {
        Identity::Authenticated => findings.see(name, "named", "GET myself names the account in a header"),
        Identity::Anonymous | Identity::Unknown => {
            findings.see(name, "unnamed", "GET myself names no account in a header")
        }
    }
}

/// The style of the project, and the names of its issue types.
pub(super) async fn project(
    jira: &Jira<'_>,
    export: &Export,
    is_cloud: bool,
    findings: &mut Findings,
) -> Result<Found> {
    let project = jira.projects().by_key(&export.project).await?;
    if is_cloud {
        let call = Call::get(jira.path(&format!("project/{}", project.id)));
        let whole: Value = jira.client().json(call, Idempotency::Safe).await?;
        match whole.get("style").and_then(Value::as_str) {
            Some(style) => {
                let form = match style {
                    "classic" => "company-managed",
                    "next-gen" => "team-managed",
                    _ => "another style",
                };
                let seen = format!("GET project is answered with {}", shape(&whole));
                findings.see("jira-cloud.project-style", form, seen);
            }
            None => findings.miss("jira-cloud.project-style", "GET project shows no style"),
        }
    }
    let types = jira.screens().issue_types(&project.key).await?;
    let options = &export.options.issues.types;
    names(&types, issue_type::test(options).among(&types), findings);
    let execution = issue_type::execution(options).among(&types);
    Ok(Found {
        id: project.id,
        execution_type: execution.map(|kind| kind.id.clone()),
    })
}

/// `test` is the type that an export takes for Test: by Xray's own name, by its icon, or by an option.
fn names(types: &[IssueType], test: Option<&IssueType>, findings: &mut Findings) {
    const NAME: &str = "jira.issue-types";
    let named = |name: &str| types.iter().any(|kind| kind.name.eq_ignore_ascii_case(name));
    if named("Test") && named("Test Execution") {
        let seen = "the project has issue types with Xray's own names";
        findings.see(NAME, "english", seen);
    } else if let Some(test) = test {
        let form = match test.name.as_str() {
            "Testfall" => "german",
            _ => "renamed",
        };
        let seen = "the project calls Xray's issue types otherwise";
        findings.see(NAME, form, seen);
    } else {
        findings.miss(NAME, "the project shows no issue type of Xray");
    }
}
