//! What can be wrong with a Jira that has Xray: one list for the preflight of an export and for the connection test.

use crate::error::{Error, Kind, Result, Side};
use crate::jira::{self, Jira, Project};
use crate::target::Check;

const REACHABLE: &str = "Jira reachable";
const CREDENTIAL: &str = "Jira credential";
const PROJECT: &str = "Destination project";
const PERMISSIONS: &str = "Jira permissions";
/// Xray knows the project.
const SET_UP: &str = "Xray set up for the project";
/// The app and its licence on Data Center.
const LICENCE: &str = "Xray app and licence";
/// The credential of Xray's own API on Cloud.
const CLIENT: &str = "Xray client credential";

fn check<'c>(
    name: &'static str,
    side: Side,
    needs: &'static [&'static str],
    look: impl Future<Output = Result<String>> + 'c,
) -> Check<'c> {
    Check {
        name,
        side,
        needs,
        credential: None,
        preflight: true,
        look: Box::pin(look),
    }
}

/// The address leads to a Jira; returns its version.
pub(super) fn reachable<'c>(product: &'static str, site: impl Future<Output = Result<String>> + 'c) -> Check<'c> {
    let look = async move { site.await.map(|version| format!("{product} {version}")) };
    Check {
        credential: Some(CREDENTIAL),
        ..check(REACHABLE, Side::Jira, &[], look)
    }
}

/// The credential is an account's.
pub(super) fn credential<'c>(jira: &'c Jira<'c>) -> Check<'c> {
    let look = async move {
        let me = jira.myself().await?;
        let name = me.display_name.or(me.name);
        Ok(format!(
            "accepted, acts as {}",
            name.as_deref().unwrap_or("the account")
        ))
    };
    check(CREDENTIAL, Side::Jira, &[REACHABLE], look)
}

/// The account sees the project.
pub(super) fn project<'c>(project: impl Future<Output = Result<Project>> + 'c) -> Check<'c> {
    let look = async move {
        let found = project.await?;
        Ok(format!("{} “{}”", found.key, found.name))
    };
    check(PROJECT, Side::Jira, &[CREDENTIAL], look)
}

/// Xray's API accepts its own credential. Judged apart from Jira's: one may be good while the other is not. An export finds
/// out when it reads the project's settings.
pub(super) fn client<'c>(accepted: impl Future<Output = Result<()>> + 'c) -> Check<'c> {
    let look = async move { accepted.await.map(|()| "accepted".to_owned()) };
    Check {
        preflight: false,
        ..check(CLIENT, Side::Xray, &[], look)
    }
}

/// The app is installed and licensed.
pub(super) fn licence<'c>(licence: impl Future<Output = Result<()>> + 'c) -> Check<'c> {
    let look = async move { licence.await.map(|()| "installed and licensed".to_owned()) };
    check(LICENCE, Side::Xray, &[CREDENTIAL], look)
}

/// The account holds what an export needs in the project.
pub(super) fn permissions<'c>(jira: &'c Jira<'c>, project: impl FnOnce() -> Result<Project> + 'c) -> Check<'c> {
    let look = async move {
        let project = project()?;
        let missing = jira.projects().missing_permissions(&project.key).await?;
        match missing.is_empty() {
            true => Ok(jira::PERMISSIONS.join(", ")),
            false => Err(super::missing_permissions(&missing, &project.key)),
        }
    };
    check(PERMISSIONS, Side::Jira, &[PROJECT], look)
}

/// Issue types are there and require nothing that nobody fills in. Jira shows no issue type to who may not create issues,
/// as if the app were not set up.
pub(super) fn screens<'c>(complete: impl Future<Output = Result<()>> + 'c) -> Check<'c> {
    let found = "Test and Test Execution, no unfilled required fields";
    let look = async move { complete.await.map(|()| found.to_owned()) };
    check("Issue types and required fields", Side::Jira, &[PERMISSIONS], look)
}

/// Xray knows the project, its test types and statuses.
pub(super) fn set_up<'c>(needs: &'static [&'static str], known: impl Future<Output = Result<()>> + 'c) -> Check<'c> {
    let found = "test types and run statuses are there";
    let look = async move { known.await.map(|()| found.to_owned()) };
    check(SET_UP, Side::Xray, needs, look)
}

/// Xray's own fields of steps and Test Runs are what options name, and nobody lacks a required one. An export looks where
/// options name some (`asked`); elsewhere it spares the requests, and Xray refuses what lacks one.
pub(super) fn fields<'c>(asked: bool, fit: impl Future<Output = Result<String>> + 'c) -> Check<'c> {
    Check {
        preflight: asked,
        ..check("Fields of steps and Test Runs", Side::Xray, &[SET_UP], fit)
    }
}

/// What [`set_up`] needs on Cloud, and on Data Center.
pub(super) const SET_UP_ON_CLOUD: &[&str] = &[PROJECT, CLIENT];
pub(super) const SET_UP_ON_DC: &[&str] = &[PROJECT, LICENCE];

/// Makes the checks that an export begins with, up to the first that fails. What anonymous visitors lack or do not see is
/// no finding about the account.
pub(super) async fn preflight(jira: &Jira<'_>, checks: Vec<Check<'_>>) -> Result<()> {
    for check in checks.into_iter().filter(|check| check.preflight) {
        let found = check.look.await.map(drop);
        match check.name {
            REACHABLE | CREDENTIAL => found?,
            _ => jira.unless_anonymous(found).await?,
        }
    }
    Ok(())
}

/// The project that an earlier check found.
pub(super) fn found(project: &Project) -> Result<Project> {
    match project.id.is_empty() {
        true => Err(Error::new(
            Kind::Internal,
            Side::Jira,
            "the destination project was not looked up",
        )),
        false => Ok(project.clone()),
    }
}
