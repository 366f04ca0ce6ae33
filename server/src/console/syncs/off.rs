//! A sync that is switched off: why, whose matter it is, and how it is fixed and enabled in one place.

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};

use super::super::form::{self, Pairs, Sent, wrong};
use super::super::parts::{Tone, crumbs, notice, test_result, time};
use super::super::view::{Section, TenantView};
use crate::plugins::{Finding, FormField};
use crate::problem::Problem;
use crate::settings::switching::{self, Enable, EnabledSync};
use crate::settings::{Credentials, Disabled, Sync};
use crate::users::Role;

/// Why a sync is off, and the form that fixes and enables it.
pub(super) async fn panel(view: &TenantView, sync: &Sync, findings: &[Finding]) -> Result<Markup, Problem> {
    let Some(disabled) = &sync.disabled else {
        return Ok(html! {});
    };
    let body = html! {
        dl.facts {
            dt { "Concerns" } dd { (view.side(&disabled.side)) }
            dt { "Since" } dd { (time(disabled.since)) }
            dt { "Last all right" } dd { @match sync.succeeded_at { Some(at) => (time(at)), None => "never" } }
            @if let Some(hint) = &disabled.hint { dt { "What to do" } dd { (hint) } }
        }
        @if view.may(Role::Operator) { (fix(view, sync, disabled, findings).await?) }
        @else { p { "An operator of this tenant can enable it." } }
    };
    Ok(notice(Tone::Bad, format!("Switched off: {}", disabled.message), body))
}

async fn fix(view: &TenantView, sync: &Sync, disabled: &Disabled, findings: &[Finding]) -> Result<Markup, Problem> {
    let (secrets, expires_at) = secrets(view, sync, disabled).await?;
    let sent = Sent::of([(form::EXPIRY.to_owned(), form::day(expires_at))]);
    Ok(html! {
        form.fix method="post" action=(view.path(&format!("syncs/{}/enable", sync.id))) {
            (view.csrf())
            h3 { "Fix and enable" }
            (form::others(findings, |name| name == form::EXPIRY || secrets.iter().any(|field| field.name == name)))
            @if !secrets.is_empty() {
                p.help { "Enter what has changed. What you leave empty stays as it is." }
                @for field in &secrets { (form::field(field, None, true, findings)) }
                (form::expiry(&sent, findings, "The last day of the secret that ends first, in UTC. Channels hear of it before."))
            }
            @if disabled.kind == "configuration" && view.may(Role::Owner) {
                p { a.button href=(view.path(&format!("syncs/{}/edit", sync.id))) { "Edit the sync" } " Saving it switches it on again." }
            }
            @if disabled.kind == "mass-change" {
                (form::tick("accept-changes", "I have looked at the changes at the destination; go on", "", false))
            }
            p.help { "This tests the connection. Where every check passes, the sync is switched on and runs in full." }
            div.actions { button.primary type="submit" { "Test and enable" } }
        }
    })
}

/// The secrets that may be what is wrong, and when the first of them ends. An owner alone changes them.
async fn secrets<'v>(
    view: &'v TenantView,
    sync: &Sync,
    disabled: &Disabled,
) -> Result<(Vec<&'v FormField>, Option<u64>), Problem> {
    let is_about_secrets = matches!(&*disabled.kind, "credential" | "locked" | "permission");
    if !is_about_secrets || !view.may(Role::Owner) {
        return Ok((Vec::new(), None));
    }
    let credentials = Credentials::get(&view.app, view.scope(), &sync.draft.credentials).await?;
    let (_, kind) = view.kind_of(&sync.draft.credentials).await?;
    let is_stored = |field: &&FormField| {
        credentials
            .secrets
            .iter()
            .any(|one| one.field == field.name && one.is_stored)
    };
    let fields = kind.fields.iter().filter(is_stored).collect();
    Ok((fields, credentials.expires_at))
}

pub(super) async fn disable(view: TenantView, Path((_, id)): Path<(String, String)>) -> Result<Response, Problem> {
    let sync = Sync::get(view.scope(), &id).await?;
    switching::disable(&view.app, &view.entered, &sync).await?;
    Ok(view.redirect(&format!("syncs/{id}")))
}

pub(super) async fn enable(
    view: TenantView,
    Path((_, id)): Path<(String, String)>,
    pairs: Pairs,
) -> Result<Response, Problem> {
    let sent = Sent::from(pairs);
    let sync = Sync::get(view.scope(), &id).await?;
    let credentials = Credentials::get(&view.app, view.scope(), &sync.draft.credentials).await?;
    let enabled = match sent.expiry(credentials.expires_at) {
        Ok(expires_at) => {
            let asked = Enable {
                secrets: sent.secrets(),
                expires_at,
                accept_changes: sent.is_ticked("accept-changes"),
            };
            switching::enable(&view.app, &view.entered, &sync, asked).await
        }
        Err(problem) => Err(problem),
    };
    let enabled = match enabled {
        Ok(enabled) => enabled,
        Err(problem) => {
            let body = still_off(&view, &sync, html! {}, &wrong(&problem)).await?;
            return Ok(view.again(&problem, Section::Overview, &sync.draft.name, body));
        }
    };
    let EnabledSync { test, run, .. } = enabled;
    if let Some(run) = run {
        return Ok(view.redirect(&format!("runs/{run}")));
    }
    let found = test_result(&test, None, |side| view.side(side));
    let body = still_off(&view, &sync, found, &[]).await?;
    Ok(view.page(Section::Overview, &sync.draft.name, body).into_response())
}

async fn still_off(view: &TenantView, sync: &Sync, found: Markup, findings: &[Finding]) -> Result<Markup, Problem> {
    Ok(html! {
        (crumbs(&[(view.path(&format!("syncs/{}", sync.id)), &sync.draft.name)]))
        h1 { (sync.draft.name) " stays off" }
        (found)
        (panel(view, sync, findings).await?)
    })
}
