//! A tenant's first page: what needs somebody, its projects with their syncs, its latest runs.

use maud::{Markup, html};

use super::attention::Attention;
use super::parts::{empty, state, time};
use super::runs::table;
use super::view::{Section, TenantView};
use crate::problem::Problem;
use crate::runs::{Run, RunFilter};
use crate::settings::{Credentials, Integration, Project, Sync};
use crate::users::Role;

/// Runs that the overview shows.
const LATEST: u32 = 8;

pub(super) async fn overview(view: TenantView) -> Result<Markup, Problem> {
    let scope = view.scope();
    let syncs = Sync::all(scope).await?;
    let projects = Project::all(&view.app, scope).await?;
    let credentials = Credentials::all(&view.app, scope).await?;
    let latest = RunFilter {
        limit: LATEST,
        ..RunFilter::default()
    };
    let runs = Run::list(scope, &latest).await?;
    let attention = Attention::gather(&view.app, scope).await?;
    let body = html! {
        div.title {
            h1 { (view.entered.title) }
            @if view.may(Role::Owner) && !projects.is_empty() { a.button href=(view.path("projects/new")) { "Add project" } }
        }
        (Attention::list(&attention, &view))
        @if projects.is_empty() { (begin(&view).await?) }
        @for project in &projects {
            @let own: Vec<&Sync> = syncs.iter().filter(|sync| of_project(sync, project, &credentials)).collect();
            section.card {
                div.title {
                    h2 { a href=(view.path(&format!("projects/{}", project.id))) { (project.name) } }
                    span.help { "TestOps project " (project.number) " at " (project.endpoint) }
                }
                @if own.is_empty() { p { "Nothing is exported yet. " a href=(view.path(&format!("projects/{}", project.id))) { "Go on with the set-up" } } }
                @else { (sync_table(&view, &own)) }
            }
        }
        @if !runs.is_empty() {
            section {
                div.title { h2 { "Latest runs" } a href=(view.path("runs")) { "All runs" } }
                (table(&view, &runs, &syncs, false))
            }
        }
    };
    let title = view.entered.title.clone();
    Ok(view.page(Section::Overview, &title, body))
}

fn of_project(sync: &Sync, project: &Project, credentials: &[Credentials]) -> bool {
    let own = credentials.iter().find(|one| one.id == sync.draft.credentials);
    own.is_some_and(|own| own.project == project.id)
}

/// What there is to do before anything can be exported.
async fn begin(view: &TenantView) -> Result<Markup, Problem> {
    if !view.may(Role::Owner) {
        return Ok(empty(
            "Nothing is set up yet",
            html! { p { "An owner of this tenant can add a project." } },
        ));
    }
    let has_integration = !Integration::all(view.scope()).await?.is_empty();
    let next = html! {
        ol.steps {
            li class=[has_integration.then_some("done")] {
                a href=(view.path("integrations")) { "Add an integration" }
                p.help { "Where Jira and Xray are. An administrator may have done this for you." }
            }
            li {
                a href=(view.path("projects/new")) { "Add a project" }
                p.help { "A TestOps project: its address, its id and an API token." }
            }
            li { "Connect the project" p.help { "Enter the credentials for Jira and Xray, and test the connection." } }
            li { "Create a sync" p.help { "Choose what is exported where. A plan shows what a run would do before anything is written." } }
        }
    };
    Ok(empty("Four steps to the first export", next))
}

/// Syncs with how they stand.
pub(super) fn sync_table(view: &TenantView, syncs: &[&Sync]) -> Markup {
    html! {
        table.stack {
            thead { tr { th { "Sync" } th { "Destination" } th { "State" } th { "Last all right" } th { "Next run" } } }
            tbody {
                @for sync in syncs {
                    tr {
                        td data-label="Sync" { a href=(view.path(&format!("syncs/{}", sync.id))) { (sync.draft.name) } }
                        td data-label="Destination" { (sync.draft.destination) }
                        td data-label="State" { (state(sync)) }
                        td data-label="Last all right" { @match sync.succeeded_at { Some(at) => (time(at)), None => "never" } }
                        td data-label="Next run" { @match sync.due_at { Some(at) => (time(at)), None => "by hand" } }
                    }
                }
            }
        }
    }
}
