//! Creating, changing and removing a sync.

use axum::extract::{Path, Query};
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;

use super::super::form::{Pairs, Sent, wrong};
use super::super::parts::{Tone, crumbs, notice};
use super::super::view::{Section, TenantView};
use super::form::{Shown, drafted, misread};
use crate::problem::Problem;
use crate::schedule::When;
use crate::settings::{Credentials, Project, Sync, SyncDraft};
use crate::users::Role;

#[derive(Deserialize)]
pub(super) struct Of {
    credentials: String,
}

/// A narrow start, as a first rollout goes: nothing but what a person chooses, launches later.
fn narrow(credentials: &str) -> SyncDraft {
    SyncDraft {
        credentials: credentials.to_owned(),
        name: "main".to_owned(),
        disable_launches_sync: true,
        ..SyncDraft::default()
    }
}

pub(super) async fn new(view: TenantView, Query(of): Query<Of>) -> Result<Markup, Problem> {
    view.entered.need(Role::Owner)?;
    let (_, kind) = view.kind_of(&of.credentials).await?;
    let draft = narrow(&of.credentials);
    let shown = Shown::of(&view, kind, &draft, &[]).await?;
    let body = page_of_new(&shown).await?;
    Ok(view.page(Section::Overview, "Create a sync", body))
}

async fn page_of_new(shown: &Shown<'_>) -> Result<Markup, Problem> {
    let view = shown.view;
    let credentials = Credentials::get(&view.app, view.scope(), &shown.draft.credentials).await?;
    let project = Project::get(&view.app, view.scope(), &credentials.project).await?;
    let advice = html! {
        p { "Choose a filter that finds a few test cases, and leave launches off. Then plan, run, look at the issues in Jira, verify, and widen the filter." }
    };
    Ok(html! {
        (crumbs(&[(view.path(&format!("projects/{}", project.id)), &project.name)]))
        h1 { "Create a sync" }
        (notice(Tone::News, "Start narrow", advice))
        (shown.form(&format!("syncs/new?credentials={}", credentials.id), None, "Submit"))
    })
}

/// Refuses a form with numbers that are none.
fn whole(sent: &Sent) -> Result<(), Problem> {
    let misread = misread(sent);
    if misread.is_empty() {
        Ok(())
    } else {
        Err(Problem::findings(misread))
    }
}

pub(super) async fn add(view: TenantView, Query(of): Query<Of>, pairs: Pairs) -> Result<Response, Problem> {
    let (_, kind) = view.kind_of(&of.credentials).await?;
    let sent = Sent::from(pairs);
    let draft = drafted(&sent, &of.credentials, kind);
    let added = match whole(&sent) {
        Ok(()) => Sync::add(&view.app, &view.entered, draft.clone()).await,
        Err(problem) => Err(problem),
    };
    match added {
        Ok(sync) => {
            view.app
                .dispatcher()
                .plan(view.scope(), &sync, When::AsScheduled)
                .await?;
            Ok(view.redirect(&format!("syncs/{}", sync.id)))
        }
        Err(problem) => {
            let findings = wrong(&problem);
            let shown = Shown::of(&view, kind, &draft, &findings).await?;
            let body = page_of_new(&shown).await?;
            Ok(view.again(&problem, Section::Overview, "Create a sync", body))
        }
    }
}

pub(super) async fn edit(view: TenantView, Path((_, id)): Path<(String, String)>) -> Result<Markup, Problem> {
    view.entered.need(Role::Owner)?;
    let sync = Sync::get(view.scope(), &id).await?;
    let (_, kind) = view.kind_of(&sync.draft.credentials).await?;
    let shown = Shown::of(&view, kind, &sync.draft, &[]).await?;
    Ok(view.page(Section::Overview, &sync.draft.name, page_of(&shown, &sync)))
}

fn page_of(shown: &Shown<'_>, sync: &Sync) -> Markup {
    let here = format!("syncs/{}", sync.id);
    html! {
        (crumbs(&[(shown.view.path(&here), &sync.draft.name)]))
        h1 { "Edit " (sync.draft.name) }
        (shown.form(&format!("{here}/edit"), Some(sync.revision), "Submit"))
        (shown.view.removal(&format!("{here}/remove"), "Remove this sync", "Its history goes as well. Issues at the destination stay, and so do the links to them: another sync of this connection finds them."))
    }
}

pub(super) async fn change(
    view: TenantView,
    Path((_, id)): Path<(String, String)>,
    pairs: Pairs,
) -> Result<Response, Problem> {
    let sync = Sync::get(view.scope(), &id).await?;
    let (_, kind) = view.kind_of(&sync.draft.credentials).await?;
    let sent = Sent::from(pairs);
    let draft = drafted(&sent, &sync.draft.credentials, kind);
    let changed = match sent.expect(sync.revision).and_then(|()| whole(&sent)) {
        Ok(()) => sync.clone().change(&view.app, &view.entered, draft.clone()).await,
        Err(problem) => Err(problem),
    };
    match changed {
        Ok(changed) => {
            view.app
                .dispatcher()
                .plan(view.scope(), &changed, When::AsScheduled)
                .await?;
            Ok(view.redirect(&format!("syncs/{id}")))
        }
        Err(problem) => {
            let findings = wrong(&problem);
            let shown = Shown::of(&view, kind, &draft, &findings).await?;
            let body = page_of(&shown, &sync);
            Ok(view.again(&problem, Section::Overview, &sync.draft.name, body))
        }
    }
}

pub(super) async fn remove(view: TenantView, Path((_, id)): Path<(String, String)>) -> Result<Response, Problem> {
    let sync = Sync::get(view.scope(), &id).await?;
    sync.remove(&view.app, &view.entered).await?;
    Ok(view.redirect(""))
}
