//! Looks whether the servers do what is assumed of them: reads what settles an assumption and, where a person asks for it,
//! makes issues in a project that was named for it and deletes them again.
//!
//! | file | what |
//! | --- | --- |
//! | `assumption` | the list, and what was found of each |
//! | `testops`, `jira`, `dc`, `cloud` | one side each |
//! | `scratch` | issues that are made and taken back |
//! | `fields` | Xray's own fields of those issues |
//! | `shape` | an answer as names and types of its members |

mod assumption;
mod cloud;
mod dc;
mod fields;
mod jira;
mod scratch;
mod shape;
mod testops;

use self::assumption::Findings;
use self::scratch::Scratch;
use crate::error::{Error, Kind, Result, Side};
use crate::ports::Ports;
use crate::setup::{CLOUD, Integration};
use crate::target::Setup;
use crate::testops::TestOps;
use crate::xray;

pub use self::assumption::{Observation, State};

/// What is to be looked at.
#[derive(Clone, Copy, Debug)]
pub struct Question<'q> {
    /// The servers, with an export configuration whose project is looked at.
    pub integration: &'q Integration,
    /// The Jira account logs in with a password.
    pub password: bool,
    /// Issues are made in the project and deleted again.
    pub write: bool,
}

/// What the servers showed about each assumption that concerns this kind of integration, in the order of the list. About
/// 20 requests that read; with `write` up to 150, and waits of at most five minutes.
pub async fn look(question: Question<'_>, ports: Ports<'_>) -> Result<Vec<Observation>> {
    let integration = question.integration;
    let Some(export) = &integration.export else {
        let message = "there is no export configuration";
        return Err(Error::new(Kind::Configuration, Side::Settings, message));
    };
    let is_cloud = integration.kind.id == CLOUD;
    let mut findings = Findings::begin(is_cloud)?;
    let source = TestOps::new(ports, integration.testops.clone(), integration.project_id);
    testops::look(&source, integration.project_id, &mut findings).await?;
    let jira = xray::jira(integration.kind.id, ports);
    if !jira::log_in(&jira, is_cloud, question.password, &mut findings).await? {
        findings.miss_rest("Jira refuses the account");
        return Ok(findings.observations());
    }
    let project = jira::project(&jira, export, is_cloud, &mut findings).await?;
    if question.write {
        let setup = Setup {
            project: export.project.clone(),
            site: integration.site.to_string(),
            options: export.options.clone(),
            asks_for_fields: true,
        };
        let target = xray::target(integration.kind.id, &jira, ports, setup);
        let scratch = Scratch::open(&jira, &*target, source.project_url()).await?;
        write(scratch, is_cloud, &mut findings).await?;
    } else if !is_cloud {
        dc::read(&jira, &project, &mut findings).await?;
    }
    findings.miss_rest("only a probe that writes shows it");
    Ok(findings.observations())
}

/// Whatever fails in between, what was made is taken back.
async fn write(mut scratch: Scratch<'_>, is_cloud: bool, findings: &mut Findings) -> Result<()> {
    let tried = match is_cloud {
        true => cloud::write(&mut scratch, findings).await,
        false => dc::write(&mut scratch, findings).await,
    };
    let taken = scratch.take_back().await;
    if let Err(error) = tried {
        findings.miss_rest(&reason(&error));
    }
    taken
}

/// Why something could not be looked at, without words of a server: they may quote the project.
fn reason(error: &Error) -> String {
    let side = error.side;
    match (error.kind, error.status) {
        (Kind::Unknown, _) => format!("{side} did not answer a request that writes"),
        (Kind::Permission, _) => "the account lacks a permission for it".to_owned(),
        (_, Some(status)) => format!("{side} answered {status}"),
        (Kind::Rejected, None) => format!("{side} refused a request"),
        _ => format!("{side} gave no usable answer"),
    }
}
