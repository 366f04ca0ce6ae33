//! Tenants, their quotas and their members.

use axum::extract::Path;
use axum::response::Response;
use maud::{Markup, html};

use super::super::form::{Line, Pairs, Sent, others, wrong};
use super::super::parts::{crumbs, empty, time};
use super::super::people::role_select;
use super::{AdminView, Section};
use crate::plugins::Finding;
use crate::portable;
use crate::problem::Problem;
use crate::users::{Account, Member, Quotas, Role, TenantRow};

pub(super) async fn list(view: AdminView) -> Result<Markup, Problem> {
    let body = page_of_all(&view, &Sent::default(), &[]).await?;
    Ok(view.page(Section::Tenants, "Tenants", body))
}

async fn page_of_all(view: &AdminView, sent: &Sent, findings: &[Finding]) -> Result<Markup, Problem> {
    let tenants = view.app.users().tenants().await?;
    Ok(html! {
        h1 { "Tenants" }
        @if tenants.is_empty() { (empty("There is no tenant yet", html! { p { "A tenant is a team with its own projects, integrations, members and history. Add the first one below." } })) }
        @else {
            table.stack {
                thead { tr { th { "Name" } th { "Title" } th { "Syncs" } th { "Runs at once" } th { "Since" } } }
                tbody {
                    @for tenant in &tenants {
                        tr {
                            td data-label="Name" { a href=(view.path(&format!("tenants/{}", tenant.name))) { (tenant.name) } }
                            td data-label="Title" { (tenant.title) }
                            td data-label="Syncs" { "up to " (tenant.quotas.syncs) }
                            td data-label="Runs at once" { "up to " (tenant.quotas.runs_at_once) }
                            td data-label="Since" { (time(tenant.created_at)) }
                        }
                    }
                }
            }
        }
        section #add {
            h2 { "Add tenant" }
            form method="post" action=(view.path("tenants")) {
                (view.csrf())
                (others(findings, |_| false))
                (Line::new("name", "Name").help("For addresses: lower-case letters, digits and hyphens. It stays.").required(true).input("text", &sent.text("name")))
                (Line::new("title", "Title").help("How people call it.").input("text", &sent.text("title")))
                button.primary type="submit" { "Add tenant" }
            }
        }
    })
}

pub(super) async fn add(view: AdminView, pairs: Pairs) -> Result<Response, Problem> {
    let sent = Sent::from(pairs);
    let (name, title) = (sent.text("name"), sent.text("title"));
    let added = view
        .users()
        .add_tenant(name.trim(), &title, Quotas::default(), &view.actor())
        .await;
    match added {
        Ok(tenant) => Ok(view.redirect(&format!("tenants/{}", tenant.name))),
        Err(problem) => {
            let body = page_of_all(&view, &sent, &wrong(&problem)).await?;
            Ok(view.again(&problem, Section::Tenants, "Tenants", body))
        }
    }
}

pub(super) async fn show(view: AdminView, Path(name): Path<String>) -> Result<Markup, Problem> {
    let tenant = view.app.users().tenant(&name).await?.ok_or_else(Problem::not_found)?;
    let members = view.app.users().members(&name).await?;
    let accounts = view.app.users().all().await?;
    let body = html! {
        (crumbs(&[(view.path("tenants"), "Tenants")]))
        div.title { h1 { (tenant.title) } a.button href=(view.app.href(&format!("/t/{name}"))) { "Enter" } }
        (quotas(&view, &tenant))
        (members_of(&view, &tenant, &members, &accounts))
        (leaving(&view, &tenant))
    };
    Ok(view.page(Section::Tenants, &tenant.title, body))
}

fn quotas(view: &AdminView, tenant: &TenantRow) -> Markup {
    let quotas = &tenant.quotas;
    let number = |name: &str, label: &str, value: u64| {
        Line::new(name, label)
            .required(true)
            .input("number", &value.to_string())
    };
    html! {
        section {
            h2 { "Title and quotas" }
            form method="post" action=(view.path(&format!("tenants/{}", tenant.name))) {
                (view.csrf())
                (Line::new("title", "Title").required(true).input("text", &tenant.title))
                (number("syncs", "Syncs", quotas.syncs))
                (number("runs-at-once", "Runs at once", quotas.runs_at_once))
                (number("stored-verdicts", "Stored verdicts", quotas.stored_verdicts))
                (number("verdict-days", "Days for which verdicts are kept", quotas.verdict_days))
                (number("history-days", "Days for which runs and the log are kept", quotas.history_days))
                (number("requests-per-hour", "Requests per hour", quotas.requests_per_hour))
                button.primary type="submit" { "Save" }
            }
        }
    }
}

fn members_of(view: &AdminView, tenant: &TenantRow, members: &[Member], accounts: &[Account]) -> Markup {
    let free: Vec<&Account> = accounts
        .iter()
        .filter(|account| !account.is_off && members.iter().all(|member| member.account != account.id))
        .collect();
    html! {
        section {
            h2 { "Members" }
            @if members.is_empty() { p.help { "Nobody is a member yet. Administrators may enter all the same." } }
            @else { ul { @for member in members { li { (member.login) ", " (member.role.name()) } } } }
            @if free.is_empty() { p { a href=(view.path("users")) { "Add a user" } " first to make somebody a member." } }
            @else {
                form.filter method="post" action=(view.path(&format!("tenants/{}/members", tenant.name))) {
                    (view.csrf())
                    label for="account" { "Add member" }
                    select #account name="account" { @for account in free { option value=(account.id) { (account.login) } } }
                    (role_select("Role", Role::Owner))
                    button type="submit" { "Add" }
                }
            }
        }
    }
}

/// Everything as a file, and the end of the tenant.
fn leaving(view: &AdminView, tenant: &TenantRow) -> Markup {
    let name = &tenant.name;
    html! {
        section {
            h2 { "Data" }
            p { a.button href=(view.app.href(&format!("/api/v1/tenants/{name}/export"))) download=(format!("{name}.jsonl")) { "Download everything but secrets" } }
            details.removal {
                summary { "Remove this tenant…" }
                p { "Its settings, secrets, history and links go. Issues at destinations stay." }
                (view.button(&format!("tenants/{name}/remove"), "Remove this tenant", "danger", &[]))
            }
        }
    }
}

pub(super) async fn remove(view: AdminView, Path(name): Path<String>) -> Result<Response, Problem> {
    portable::remove(&view.app, &name, &view.actor()).await?;
    Ok(view.redirect("tenants"))
}

pub(super) async fn change(view: AdminView, Path(name): Path<String>, pairs: Pairs) -> Result<Response, Problem> {
    let sent = Sent::from(pairs);
    let number = |name: &str| {
        sent.number(name)
            .ok_or_else(|| Problem::invalid("A quota is a number."))
    };
    let quotas = Quotas {
        syncs: number("syncs")?,
        runs_at_once: number("runs-at-once")?,
        stored_verdicts: number("stored-verdicts")?,
        verdict_days: number("verdict-days")?,
        history_days: number("history-days")?,
        requests_per_hour: number("requests-per-hour")?,
    };
    let title = sent.text("title");
    view.users().change_tenant(&name, &title, quotas, &view.actor()).await?;
    Ok(view.redirect(&format!("tenants/{name}")))
}

pub(super) async fn admit(view: AdminView, Path(name): Path<String>, pairs: Pairs) -> Result<Response, Problem> {
    let sent = Sent::from(pairs);
    let role = Role::named(&sent.text("role")).ok_or_else(|| Problem::invalid("There is no such role."))?;
    let account = sent.text("account");
    view.users().admit(&name, &account, role, &view.actor()).await?;
    Ok(view.redirect(&format!("tenants/{name}")))
}
