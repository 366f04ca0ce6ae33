//! Mapping options as forms in groups.

use maud::{Markup, html};

use super::super::form::{self, Line, Sent};
use crate::plugins::{Finding, Kind, MappingOption};
use crate::settings::{Fields, SyncDraft};

/// Empty rows for options whose names a person completes.
const FREE_ROWS: usize = 2;

/// Whether a setting of this name is of that option.
pub(super) fn is_of(option: &MappingOption, name: &str) -> bool {
    if option.is_prefix {
        name.starts_with(&option.name)
    } else {
        option.name == name
    }
}

fn of<'k>(kind: &'k Kind, group: &'k str) -> impl Iterator<Item = &'k MappingOption> {
    kind.options.iter().filter(move |option| option.group == group)
}

/// The groups, folded where nothing in them is set.
pub(super) fn groups(kind: &Kind, draft: &SyncDraft, findings: &[Finding]) -> Markup {
    let mut groups: Vec<&str> = Vec::new();
    for option in &kind.options {
        if !groups.contains(&&*option.group) {
            groups.push(&option.group);
        }
    }
    let set = |group: &str| {
        let is_set = |name: &&String| of(kind, group).any(|option| is_of(option, name));
        draft.mapping.keys().filter(is_set).count()
    };
    let is_wrong = |group: &str| {
        let about = |finding: &Finding| of(kind, group).any(|option| is_of(option, &finding.field));
        findings.iter().any(about)
    };
    html! {
        section.mapping {
            h2 { "Mapping" }
            p.help { "What becomes what. Every option has a default that needs no thought." }
            @for group in groups {
                details open[is_wrong(group)] {
                    summary { (group) @if set(group) > 0 { span.badge.news { (set(group)) " set" } } }
                    @for option in of(kind, group) {
                        @if option.is_prefix { (rows(option, draft, findings)) } @else { (line(option, draft, findings)) }
                    }
                }
            }
        }
    }
}

fn line(option: &MappingOption, draft: &SyncDraft, findings: &[Finding]) -> Markup {
    let name = format!("option:{}", option.name);
    let value = draft.mapping.get(&option.name).map(String::as_str);
    let line = Line::new(&name, &option.title)
        .help(&option.help)
        .wrong(findings, &option.name);
    line.around(form::input(
        &option.value,
        &name,
        value,
        option.default.as_deref(),
        line.described(),
    ))
}

/// Options whose names a person completes: a row for each, and some empty ones.
fn rows(option: &MappingOption, draft: &SyncDraft, findings: &[Finding]) -> Markup {
    let known = draft.mapping.iter().filter(|(name, _)| name.starts_with(&option.name));
    let known = known.map(|(name, value)| (name.strip_prefix(&option.name).unwrap_or_default(), value.as_str()));
    let rows: Vec<(&str, &str)> = known.chain([("", ""); FREE_ROWS]).collect();
    html! {
        fieldset.rows {
            legend { (option.title) }
            @if !option.help.is_empty() { p.help { (option.help) } }
            @for (index, (name, value)) in rows.iter().enumerate() {
                @let stem = format!("{}:{index}", option.name);
                div.row {
                    input name={ "row-name:" (stem) } value=(name) aria-label={ (option.title) ", name " (index + 1) } placeholder="name";
                    input name={ "row-value:" (stem) } value=(value) aria-label={ (option.title) ", value " (index + 1) } placeholder="value";
                }
            }
            @for finding in findings.iter().filter(|finding| is_of(option, &finding.field)) { (form::shown(finding)) }
        }
    }
}

/// What the form holds.
pub(super) fn drafted(sent: &Sent, kind: &Kind) -> Fields {
    let mut options = sent.below("option:");
    let values = sent.below("row-value:");
    for (stem, name) in sent.below("row-name:") {
        let prefix = stem.rsplit_once(':').map_or("", |(prefix, _)| prefix);
        let is_known = kind
            .options
            .iter()
            .any(|option| option.is_prefix && option.name == prefix);
        if let Some(value) = values.get(&stem).filter(|_| is_known) {
            options.insert(format!("{prefix}{}", name.trim()), value.clone());
        }
    }
    options
}
