//! Loaded plugins, as `tms-sync inspect` shows them.

use maud::{Markup, html};

use super::super::parts::empty;
use super::{AdminView, Section};
use crate::plugins::{Kind, Manifest};
use crate::problem::Problem;

pub(super) async fn list(view: AdminView) -> Result<Markup, Problem> {
    let body = html! {
        h1 { "Plugins" }
        p.subtitle { "A plugin is a WebAssembly component. It runs in a sandbox and reaches nothing but the servers that it declares here." }
        @for manifest in view.app.plugins().manifests() { (plugin(manifest)) }
        @if view.app.plugins().manifests().next().is_none() { (empty("No plugin is loaded", html! { p { "Start the service with --plugin." } })) }
    };
    Ok(view.page(Section::Plugins, "Plugins", body))
}

fn plugin(manifest: &Manifest) -> Markup {
    html! {
        section.card {
            h2 { (manifest.name) " " (manifest.version) }
            dl.facts {
                dt { "SHA-256" } dd { code.long { (manifest.digest) } }
                dt { "Size" } dd { (manifest.size / 1024) " KiB" }
                dt { "Imports" } dd { ul.plain { @for import in &manifest.imports { li { code { (import) } } } } }
            }
            @for kind in &manifest.kinds { (kind_of(kind)) }
        }
    }
}

fn kind_of(kind: &Kind) -> Markup {
    html! {
        details {
            summary { strong { (kind.title) } " " code { (kind.id) } }
            h3 { "Servers" }
            ul {
                @for connection in &kind.connections {
                    li {
                        (connection.title) ": from the field " code { (connection.base_field) }
                        @if let Some(base) = &connection.default_base { ", by default " code { (base) } }
                    }
                }
            }
            h3 { "Fields" }
            ul { @for field in &kind.fields { li { code { (field.name) } ": " (field.label) @if field.secret { " (secret)" } } } }
            h3 { "Mapping options" }
            ul { @for option in &kind.options { li { code { (option.name) @if option.is_prefix { "…" } } ": " (option.title) } } }
        }
    }
}
