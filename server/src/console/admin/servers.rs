//! Private or plain servers that tenants may name.

use axum::response::Response;
use maud::{Markup, html};

use super::super::form::{Line, Pairs, Sent, wrong};
use super::super::parts::empty;
use super::{AdminView, Section};
use crate::plugins::Finding;
use crate::problem::Problem;
use crate::settings::servers;

pub(super) async fn list(view: AdminView) -> Result<Markup, Problem> {
    let body = page_of_all(&view, "", &[]).await?;
    Ok(view.page(Section::Servers, "Private servers", body))
}

async fn page_of_all(view: &AdminView, entered: &str, findings: &[Finding]) -> Result<Markup, Problem> {
    let allowed = servers::allowed(&view.app).await?;
    let by_options = view.app.egress().allowed();
    Ok(html! {
        h1 { "Private servers" }
        p.subtitle { "Tenants reach servers on the public internet over HTTPS. A server with a private address, or without TLS, has to be allowed here first." }
        @if !by_options.is_empty() { p { "The service's own options allow: " code { (by_options.join(", ")) } "." } }
        @if allowed.is_empty() && by_options.is_empty() { (empty("No private server is allowed", html! { p { "Allow a server below if Jira or TestOps has a private address." } })) }
        @else if !allowed.is_empty() {
            table.stack {
                thead { tr { th { "Server" } th { span.hidden { "Forbid" } } } }
                tbody {
                    @for server in &allowed {
                        tr {
                            td data-label="Server" { code { (server) } }
                            td { (view.button("servers/forbid", "Forbid", "quiet", &[("server", server)])) }
                        }
                    }
                }
            }
        }
        h2 { "Allow a server" }
        form method="post" action=(view.path("servers")) {
            (view.csrf())
            (Line::new("server", "Host and port").help("For example jira.internal:443.").required(true).wrong(findings, "").input("text", entered))
            button.primary type="submit" { "Allow" }
        }
    })
}

pub(super) async fn allow(view: AdminView, pairs: Pairs) -> Result<Response, Problem> {
    let server = Sent::from(pairs).text("server");
    match servers::allow(&view.app, &server, &view.actor()).await {
        Ok(()) => Ok(view.redirect("servers")),
        Err(problem) => {
            let body = page_of_all(&view, &server, &wrong(&problem)).await?;
            Ok(view.again(&problem, Section::Servers, "Private servers", body))
        }
    }
}

pub(super) async fn forbid(view: AdminView, pairs: Pairs) -> Result<Response, Problem> {
    servers::forbid(&view.app, &Sent::from(pairs).text("server"), &view.actor()).await?;
    Ok(view.redirect("servers"))
}
