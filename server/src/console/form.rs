//! Forms from manifests: what a plugin declares is what a person fills in.

use std::collections::BTreeMap;

use maud::{Markup, html};

use crate::plugins::{Finding, FormField, ValueType};
use crate::settings::SecretText;

/// What a form was sent with.
#[derive(Debug, Default)]
pub(super) struct Sent(BTreeMap<String, String>);

impl From<Vec<(String, String)>> for Sent {
    fn from(pairs: Vec<(String, String)>) -> Self {
        Self(pairs.into_iter().collect())
    }
}

impl Sent {
    pub(super) fn text(&self, name: &str) -> String {
        self.0.get(name).cloned().unwrap_or_default()
    }

    pub(super) fn is_ticked(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Values whose names begin with `prefix`, without it and without what is empty.
    pub(super) fn below(&self, prefix: &str) -> BTreeMap<String, String> {
        let named = self
            .0
            .iter()
            .filter_map(|(name, value)| Some((name.strip_prefix(prefix)?, value)));
        named
            .filter(|(_, value)| !value.trim().is_empty())
            .map(|(name, value)| (name.to_owned(), value.clone()))
            .collect()
    }

    /// Secrets of the form.
    pub(super) fn secrets(&self) -> BTreeMap<String, SecretText> {
        let below = self.below("secret:");
        below
            .into_iter()
            .map(|(name, value)| (name, SecretText::new(value)))
            .collect()
    }
}

/// A field of a manifest, with what is stored and what is wrong with it.
pub(super) fn field(field: &FormField, value: Option<&str>, is_stored: bool, findings: &[Finding]) -> Markup {
    let kind = if field.secret { "secret" } else { "field" };
    let name = format!("{kind}:{}", field.name);
    let own: Vec<&Finding> = findings.iter().filter(|finding| finding.field == field.name).collect();
    html! {
        div.field {
            label for=(name) { (field.label) @if field.required && !is_stored { span.required { " (required)" } } }
            @if field.secret {
                input id=(name) name=(name) type="password" autocomplete="off"
                    placeholder=[is_stored.then_some("stored; enter another to replace it")];
            } @else {
                (input(&field.value, &name, value, field.default.as_deref()))
            }
            @if !field.help.is_empty() { p.help { (field.help) } }
            @for finding in own { (shown(finding)) }
        }
    }
}

/// What something can be entered in.
pub(super) fn input(kind: &ValueType, name: &str, value: Option<&str>, default: Option<&str>) -> Markup {
    let text = value.unwrap_or_default();
    let placeholder = default.unwrap_or_default();
    html! {
        @match kind {
            ValueType::Lines => textarea id=(name) name=(name) rows="4" placeholder=(placeholder) { (text) },
            ValueType::Integer { min, max } => {
                input id=(name) name=(name) type="number" min=(min) max=(max) value=(text) placeholder=(placeholder);
            }
            ValueType::Boolean => {
                (choices(name, text, default, [("true", "yes"), ("false", "no")].into_iter()))
            }
            ValueType::Choice { choices: all } => {
                (choices(name, text, default, all.iter().map(|choice| (&*choice.value, &*choice.title))))
            }
            ValueType::Url => input id=(name) name=(name) type="url" value=(text) placeholder=(placeholder);,
            ValueType::Text | ValueType::Items { .. } | ValueType::Remote { .. } => {
                input id=(name) name=(name) value=(text) placeholder=(placeholder);
            }
        }
    }
}

fn choices<'a>(
    name: &str,
    chosen: &str,
    default: Option<&str>,
    all: impl Iterator<Item = (&'a str, &'a str)>,
) -> Markup {
    html! {
        select id=(name) name=(name) {
            option value="" { "default" @if let Some(default) = default { ": " (default) } }
            @for (value, title) in all { option value=(value) selected[value == chosen] { (title) } }
        }
    }
}

/// A finding below its field.
pub(super) fn shown(finding: &Finding) -> Markup {
    html! {
        p class=(if finding.is_error { "problem" } else { "warning" }) role="alert" {
            (finding.message)
            @if let Some(hint) = &finding.hint { " " (hint) }
        }
        @if let Some(excerpt) = &finding.excerpt { pre { (excerpt) } }
    }
}

/// Findings that belong to no field of the form.
pub(super) fn others(findings: &[Finding], named: impl Fn(&str) -> bool) -> Markup {
    html! { @for finding in findings.iter().filter(|finding| !named(&finding.field)) { (shown(finding)) } }
}
