//! Adding and removing members: what all containers share.

use serde_json::{Value, json};

use crate::jira::id::IssueId;
use crate::jira::project::Role;
use crate::jira::site::Site;
use crate::jira::xray::Relation;

use super::super::call::{Answer, Call, Refusal, data};
use super::super::lookup;

/// Joins a warning about wrong ids with one about members that were there already.
pub(super) fn warning(wrong: Option<String>, already: &[String]) -> Value {
    let already = (!already.is_empty()).then(|| format!("Issues with ids {} were already added.", already.join(", ")));
    let all: Vec<String> = wrong.into_iter().chain(already).collect();
    if all.is_empty() {
        Value::Null
    } else {
        json!(all.join(" "))
    }
}

/// Adds `members` to the container and answers with the ids that are new under `key`.
pub(super) fn add(
    call: &Call<'_>,
    (relation, container): (Relation, &[Role]),
    (members, roles, what): (&[String], &[Role], &str),
    key: &str,
) -> Answer {
    let mut site = call.site()?;
    let container = lookup::required(call, &site, "issueId", container)?;
    let (found, wrong) = lookup::sift(&site, call.actor()?, members, roles, what);
    let (mut added, mut already) = (Vec::new(), Vec::new());
    for member in found {
        let list = if site.xray.add_member(relation, container, member) {
            &mut added
        } else {
            &mut already
        };
        list.push(member.to_string());
    }
    data(json!({ key: added, "warning": warning(wrong, &already) }))
}

/// Adds one member to several containers and answers with the containers that are new to it under `key`.
pub(super) fn add_to_each(
    call: &Call<'_>,
    (relation, member): (Relation, &[Role]),
    (containers, roles, what): (&[String], &[Role], &str),
    key: &str,
) -> Answer {
    let mut site = call.site()?;
    let member = lookup::required(call, &site, "issueId", member)?;
    let (found, wrong) = lookup::sift(&site, call.actor()?, containers, roles, what);
    let (mut added, mut already) = (Vec::new(), Vec::new());
    for container in found {
        let list = if site.xray.add_member(relation, container, member) {
            &mut added
        } else {
            &mut already
        };
        list.push(container.to_string());
    }
    data(json!({ key: added, "warning": warning(wrong, &already) }))
}

/// Removes members from the container named by `issueId`.
pub(super) fn remove(
    call: &Call<'_>,
    (relation, container): (Relation, &[Role]),
    members: &[String],
    done: &str,
) -> Answer {
    let mut site = call.site()?;
    let container = lookup::required(call, &site, "issueId", container)?;
    for member in ids(members) {
        site.xray.remove_member(relation, container, member);
    }
    data(done)
}

/// Removes the member named by `issueId` from containers.
pub(super) fn remove_from_each(
    call: &Call<'_>,
    (relation, member): (Relation, &[Role]),
    containers: &[String],
    done: &str,
) -> Answer {
    let mut site = call.site()?;
    let member = lookup::required(call, &site, "issueId", member)?;
    for container in ids(containers) {
        site.xray.remove_member(relation, container, member);
    }
    data(done)
}

fn ids(texts: &[String]) -> impl Iterator<Item = IssueId> {
    texts.iter().filter_map(|id| IssueId::parse(id))
}

/// Creates an issue of a role from the argument `jira`.
///
/// # Errors
/// What Jira said, quoted.
pub(super) fn create(call: &Call<'_>, site: &mut Site, role: Role, what: &str) -> Result<IssueId, Refusal> {
    use super::super::super::create;
    let jira: Value = call.get("jira").unwrap_or_default();
    create::issue(site, call.actor()?, &jira, role)
        .map_err(|rejection| Refusal(format!("Error creating {what} - {}", create::failure(&rejection))))
}
