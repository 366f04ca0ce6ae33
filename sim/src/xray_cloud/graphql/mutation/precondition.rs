//! Mutations of preconditions and their tests.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::jira::id::IssueId;
use crate::jira::project::Role;
use crate::jira::site::Site;
use crate::jira::xray::{Owner, Relation};

use super::super::call::{Answer, Call, Entity, Member, Record, Refusal, data, entity, record};
use super::super::lookup::TypeArgument;
use super::super::{folder, lookup};
use super::member;

const ROLES: &[Role] = &[Role::Precondition];
const TEST: &[Role] = &[Role::Test];

pub(super) fn create(call: &Call<'_>) -> Answer {
    use super::super::super::create;
    let mut site = call.site()?;
    let ty = lookup::test_type(call, &site, "preconditionType")?;
    let jira: Value = call.get("jira").unwrap_or_default();
    let path = call.text("folderPath").filter(|path| path != "/");
    let place = match (&path, create::project_of(&site, call.actor()?, &jira)) {
        (Some(path), Some(project)) => Some((project, folder::at(&site, Owner::Project(project), path)?)),
        _ => None,
    };
    let (tests, wrong) = lookup::sift(&site, call.actor()?, &lookup::test_ids(call), TEST, "Tests");
    let id = member::create(call, &mut site, Role::Precondition, "Precondition")?;
    let now = site.now();
    let definition = call.text("definition");
    site.xray.define_precondition(id, now, |precondition| {
        if let Some(ty) = ty {
            precondition.test_type = ty;
        }
        precondition.definition = definition.unwrap_or_default();
    });
    if let Some((project, folder)) = place {
        // The folder was looked up under the same lock.
        let _ = site
            .xray
            .repository_mut(Owner::Project(project))
            .place(id, folder, None);
    }
    let (_, other_type) = join(&mut site, tests.into_iter().map(|test| (id, test)), |(_, test)| test);
    let warnings: Vec<String> = wrong.into_iter().chain(other_type).collect();
    record(
        Record::default()
            .with("precondition", Member::One(Entity::Issue(id)))
            .data("warnings", json!(warnings)),
    )
}

/// Joins preconditions with tests of the same type. Gives the ids, picked from each pair, of the new ones.
fn join(
    site: &mut Site,
    pairs: impl Iterator<Item = (IssueId, IssueId)>,
    pick: impl Fn((IssueId, IssueId)) -> IssueId,
) -> (Vec<String>, Option<String>) {
    let (mut added, mut refused) = (Vec::new(), Vec::new());
    for (precondition, test) in pairs {
        let of_precondition = site
            .xray
            .precondition(precondition)
            .map(|data| data.test_type.id.clone());
        let of_test = site.xray.test(test).map(|test| test.definition.test_type.id.clone());
        if of_precondition != of_test {
            refused.push(pick((precondition, test)).to_string());
        } else if site.xray.add_member(Relation::PreconditionTests, precondition, test) {
            added.push(pick((precondition, test)).to_string());
        }
    }
    let warning =
        (!refused.is_empty()).then(|| format!("Issues with ids {} are of another test type.", refused.join(", ")));
    (added, warning)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Change {
    precondition_type: Option<TypeArgument>,
    definition: Option<String>,
    folder_path: Option<String>,
}

pub(super) fn update(call: &Call<'_>) -> Answer {
    let mut site = call.site()?;
    let id = lookup::required(call, &site, "issueId", ROLES)?;
    let Some(change) = call.get::<Change>("data") else {
        return entity(Entity::Issue(id));
    };
    let named = change.precondition_type.and_then(|ty| ty.id.or(ty.name));
    let ty = match &named {
        Some(named) => Some(
            site.xray
                .settings
                .test_type(named)
                .cloned()
                .ok_or_else(|| Refusal(format!("Precondition type {named} is not valid")))?,
        ),
        None => None,
    };
    if let Some(path) = &change.folder_path {
        super::folder::place(&mut site, id, path)?;
    }
    let now = site.now();
    site.xray.define_precondition(id, now, |precondition| {
        if let Some(ty) = ty {
            precondition.test_type = ty;
        }
        if let Some(definition) = change.definition {
            precondition.definition = definition;
        }
    });
    entity(Entity::Issue(id))
}

pub(super) fn add_to_test(call: &Call<'_>) -> Answer {
    let mut site = call.site()?;
    let test = lookup::required(call, &site, "issueId", TEST)?;
    let wanted = call.list("preconditionIssueIds").unwrap_or_default();
    let (found, wrong) = lookup::sift(&site, call.actor()?, &wanted, ROLES, "Preconditions");
    let (added, other_type) = join(&mut site, found.into_iter().map(|id| (id, test)), |(id, _)| id);
    let warning: Vec<String> = wrong.into_iter().chain(other_type).collect();
    data(json!({ "addedPreconditions": added, "warning": (!warning.is_empty()).then(|| warning.join(" ")) }))
}

pub(super) fn remove_from_test(call: &Call<'_>) -> Answer {
    let wanted = call.list("preconditionIssueIds").unwrap_or_default();
    let done = "Preconditions successfully removed from Test";
    member::remove_from_each(call, (Relation::PreconditionTests, TEST), &wanted, done)
}

pub(super) fn add_tests(call: &Call<'_>) -> Answer {
    let mut site = call.site()?;
    let id = lookup::required(call, &site, "issueId", ROLES)?;
    let (found, wrong) = lookup::sift(&site, call.actor()?, &lookup::test_ids(call), TEST, "Tests");
    let (added, other_type) = join(&mut site, found.into_iter().map(|test| (id, test)), |(_, test)| test);
    let warning: Vec<String> = wrong.into_iter().chain(other_type).collect();
    data(json!({ "addedTests": added, "warning": (!warning.is_empty()).then(|| warning.join(" ")) }))
}

pub(super) fn remove_tests(call: &Call<'_>) -> Answer {
    let done = "Tests successfully removed from Precondition";
    member::remove(
        call,
        (Relation::PreconditionTests, ROLES),
        &lookup::test_ids(call),
        done,
    )
}
