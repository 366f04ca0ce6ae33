//! Forms from manifests: what a plugin declares is what a person fills in.

use std::collections::BTreeMap;

use axum::extract::Form;
use maud::{Markup, html};

use super::parts::capitalised;
use crate::plugins::{Finding, FormField, ValueType};
use crate::problem::Problem;
use crate::settings::SecretText;

/// The field of the day on which a secret ends.
pub(super) const EXPIRY: &str = "expires-at";

/// The body of a form.
pub(super) type Pairs = Form<Vec<(String, String)>>;

/// What a form was sent with.
#[derive(Debug, Default, Clone)]
pub(super) struct Sent(BTreeMap<String, String>);

impl From<Pairs> for Sent {
    fn from(Form(pairs): Pairs) -> Self {
        // Browsers end lines of a text area with CR and LF.
        Self::of(
            pairs
                .into_iter()
                .map(|(name, value)| (name, value.replace("\r\n", "\n"))),
        )
    }
}

impl Sent {
    /// As if it had been sent: what is stored, for a form that is shown for the first time.
    pub(super) fn of(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(pairs.into_iter().collect())
    }

    pub(super) fn text(&self, name: &str) -> String {
        self.0.get(name).cloned().unwrap_or_default()
    }

    /// A number; nothing where the field holds none.
    pub(super) fn number<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        self.0.get(name)?.trim().parse().ok()
    }

    /// A number, 0 where the field is empty.
    ///
    /// # Errors
    ///
    /// It holds something else.
    pub(super) fn count(&self, name: &str) -> Result<u32, Finding> {
        let text = self.text(name);
        match text.trim() {
            "" => Ok(0),
            number => number
                .parse()
                .map_err(|_| Finding::error(name, format!("`{number}` is no whole number from 0 on."))),
        }
    }

    /// The end of the day in [`EXPIRY`], in milliseconds since the Unix epoch. A day that is still the one of `known`
    /// leaves that as it is.
    ///
    /// # Errors
    ///
    /// It holds no day.
    pub(super) fn expiry(&self, known: Option<u64>) -> Result<Option<u64>, Problem> {
        let text = self.text(EXPIRY);
        let text = text.trim();
        if text == day(known) {
            return Ok(known);
        }
        if text.is_empty() {
            return Ok(None);
        }
        let end = end_of(text).ok_or_else(|| {
            let message = format!("`{text}` is no day such as 2027-03-01.");
            Problem::findings(vec![Finding::error(EXPIRY, message)])
        })?;
        Ok(Some(end))
    }

    /// Whether the form was shown before somebody else saved.
    ///
    /// # Errors
    ///
    /// It was: what is stored now is not what this form began with.
    pub(super) fn expect(&self, revision: u64) -> Result<(), Problem> {
        match self.number::<u64>("revision") {
            Some(shown) if shown != revision => Err(Problem::conflict(
                "Somebody else saved this while you had the form open. Nothing of yours is stored yet.",
            )
            .hint("Open the page again to see what is stored. Saving the form below replaces it.")),
            _ => Ok(()),
        }
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

/// What is wrong with a form, by field; a refusal as a whole belongs to none.
pub(super) fn wrong(problem: &Problem) -> Vec<Finding> {
    if !problem.findings.is_empty() {
        return problem.findings.clone();
    }
    vec![Finding {
        hint: problem.hint.clone(),
        ..Finding::error("", &problem.message)
    }]
}

/// One line of a form: label, input, help, and what is wrong.
pub(super) struct Line<'a> {
    pub(super) name: &'a str,
    pub(super) label: &'a str,
    pub(super) help: &'a str,
    pub(super) required: bool,
    /// Findings about this field alone.
    pub(super) findings: Vec<&'a Finding>,
}

impl<'a> Line<'a> {
    pub(super) fn new(name: &'a str, label: &'a str) -> Self {
        Self {
            name,
            label,
            help: "",
            required: false,
            findings: Vec::new(),
        }
    }

    pub(super) fn help(self, help: &'a str) -> Self {
        Self { help, ..self }
    }

    pub(super) fn required(self, required: bool) -> Self {
        Self { required, ..self }
    }

    /// With the findings about a field of this name.
    pub(super) fn wrong(self, findings: &'a [Finding], field: &str) -> Self {
        let findings = findings.iter().filter(|finding| finding.field == field).collect();
        Self { findings, ..self }
    }

    /// Around an input; `#name` is its id.
    pub(super) fn around(&self, input: Markup) -> Markup {
        html! {
            div class={ "field" @if !self.findings.is_empty() { " wrong" } } {
                label for=(self.name) { (self.label) @if !self.required { span.optional { "optional" } } }
                (input)
                @if !self.help.is_empty() { p.help id={ (self.name) "-help" } { (self.help) } }
                @for finding in &self.findings { (shown(finding)) }
            }
        }
    }

    /// A line of text of an input type.
    pub(super) fn input(&self, kind: &str, value: &str) -> Markup {
        self.around(html! {
            input id=(self.name) name=(self.name) type=(kind) value=(value) required[self.required]
                aria-describedby=[self.described()] aria-invalid=[self.invalid()];
        })
    }

    /// The id of its help.
    pub(super) fn described(&self) -> Option<String> {
        (!self.help.is_empty()).then(|| format!("{}-help", self.name))
    }

    fn invalid(&self) -> Option<&'static str> {
        (!self.findings.is_empty()).then_some("true")
    }
}

/// A field of a manifest, with what is stored and what is wrong with it.
pub(super) fn field(field: &FormField, value: Option<&str>, is_stored: bool, findings: &[Finding]) -> Markup {
    let kind = if field.secret { "secret" } else { "field" };
    let name = format!("{kind}:{}", field.name);
    let line = Line::new(&name, &field.label)
        .help(&field.help)
        .required(field.required)
        .wrong(findings, &field.name);
    let input = if field.secret {
        html! {
            input id=(name) name=(name) type="password" autocomplete="off" aria-describedby=[line.described()]
                placeholder=[is_stored.then_some("stored; enter another to replace it")];
        }
    } else {
        input(&field.value, &name, value, field.default.as_deref(), line.described())
    };
    line.around(input)
}

/// Fields of a kind's form: those without a tab, then the tabs, which exclude each other.
pub(super) fn tabbed(fields: &[&FormField], chosen: Option<&str>, one: impl Fn(&FormField) -> Markup) -> Markup {
    let mut tabs: Vec<&str> = Vec::new();
    for tab in fields.iter().filter_map(|field| field.tab.as_deref()) {
        if !tabs.contains(&tab) {
            tabs.push(tab);
        }
    }
    let chosen = chosen.or(tabs.first().copied());
    html! {
        @for field in fields.iter().filter(|field| field.tab.is_none()) { (one(field)) }
        @if !tabs.is_empty() {
            fieldset.tabbed {
                legend { "Log in with" }
                @for tab in &tabs {
                    input type="radio" id={ "tab-" (tab) } name="tab" value=(tab) checked[chosen == Some(tab)];
                    label for={ "tab-" (tab) } { (capitalised(tab)) }
                }
                @for tab in &tabs {
                    div.panel { @for field in fields.iter().filter(|field| field.tab.as_deref() == Some(tab)) { (one(field)) } }
                }
            }
        }
    }
}

/// What something can be entered in.
pub(super) fn input(
    kind: &ValueType,
    name: &str,
    value: Option<&str>,
    default: Option<&str>,
    described: Option<String>,
) -> Markup {
    let text = value.unwrap_or_default();
    let placeholder = default.unwrap_or_default();
    html! {
        @match kind {
            ValueType::Lines => textarea id=(name) name=(name) rows="4" placeholder=(placeholder) aria-describedby=[described] { (text) },
            ValueType::Integer { min, max } => {
                input id=(name) name=(name) type="number" min=(min) max=(max) value=(text) placeholder=(placeholder) aria-describedby=[described];
            }
            ValueType::Boolean => {
                (choices(name, text, default, described, &[("true", "yes"), ("false", "no")]))
            }
            ValueType::Choice { choices: all } => {
                @let all: Vec<(&str, &str)> = all.iter().map(|choice| (&*choice.value, &*choice.title)).collect();
                (choices(name, text, default, described, &all))
            }
            ValueType::Url => input id=(name) name=(name) type="url" value=(text) placeholder=(placeholder) aria-describedby=[described];,
            ValueType::Text | ValueType::Items { .. } | ValueType::Remote { .. } => {
                input id=(name) name=(name) value=(text) placeholder=(placeholder) aria-describedby=[described];
            }
        }
    }
}

fn choices(name: &str, chosen: &str, default: Option<&str>, described: Option<String>, all: &[(&str, &str)]) -> Markup {
    let title = |value: &str| {
        all.iter()
            .find(|(known, _)| *known == value)
            .map_or(value.to_owned(), |(_, title)| (*title).to_owned())
    };
    html! {
        select id=(name) name=(name) aria-describedby=[described] {
            option value="" { "Default" @if let Some(default) = default { ": " (title(default)) } }
            // What is stored stays, also where the plugin offers it no more.
            @if !chosen.is_empty() && all.iter().all(|(value, _)| *value != chosen) { option value=(chosen) selected { (chosen) } }
            @for (value, title) in all { option value=(value) selected[*value == chosen] { (title) } }
        }
    }
}

/// The day on which a secret ends.
pub(super) fn expiry(sent: &Sent, findings: &[Finding], help: &str) -> Markup {
    let line = Line::new(EXPIRY, "Expires on").help(help).wrong(findings, EXPIRY);
    line.input("date", &sent.text(EXPIRY))
}

/// A number from 0 on.
pub(super) fn count(line: &Line<'_>, value: u32) -> Markup {
    line.around(html! {
        input id=(line.name) name=(line.name) type="number" min="0" value=(value) required[line.required]
            aria-describedby=[line.described()] aria-invalid=[line.invalid()];
    })
}

/// What [`Sent::expect`] compares.
pub(super) fn revision(revision: u64) -> Markup {
    html! { input type="hidden" name="revision" value=(revision); }
}

/// The last second of a day in UTC.
fn end_of(day: &str) -> Option<u64> {
    let day: jiff::civil::Date = day.parse().ok()?;
    let end = day.at(23, 59, 59, 0).to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    u64::try_from(end.timestamp().as_millisecond()).ok()
}

/// The day of a time, as a date field holds it.
pub(super) fn day(at: Option<u64>) -> String {
    let stamp = at.and_then(|at| jiff::Timestamp::from_millisecond(i64::try_from(at).ok()?).ok());
    stamp
        .map(|stamp| stamp.strftime("%Y-%m-%d").to_string())
        .unwrap_or_default()
}

/// A box to tick, with a sentence below it.
pub(super) fn tick(name: &str, label: &str, help: &str, is_on: bool) -> Markup {
    html! {
        div.tick {
            input type="checkbox" id=(name) name=(name) checked[is_on];
            div { label for=(name) { (label) } @if !help.is_empty() { p.help { (help) } } }
        }
    }
}

/// A finding below its field.
pub(super) fn shown(finding: &Finding) -> Markup {
    html! {
        div class={ "finding " (if finding.is_error { "bad" } else { "warn" }) } {
            p { (finding.message) @if let Some(hint) = &finding.hint { " " (hint) } }
            @if let Some(excerpt) = &finding.excerpt { pre { (excerpt) } }
        }
    }
}

/// Findings that belong to no field of the form.
pub(super) fn others(findings: &[Finding], named: impl Fn(&str) -> bool) -> Markup {
    let others: Vec<&Finding> = findings.iter().filter(|finding| !named(&finding.field)).collect();
    html! {
        @if !others.is_empty() { div.summary role="alert" { @for finding in others { (shown(finding)) } } }
        @else if !findings.is_empty() { div.summary role="alert" { p { "Something below needs another look." } } }
    }
}
