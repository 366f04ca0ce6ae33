//! The page of a test case, and the form that changes it.

use super::super::data::{Case, Content, Expected, Step};
use super::super::dto::View;
use super::{PRODUCT, details, tags};
use crate::html::{document, escape};
use crate::jira::date;

pub(super) fn page(view: View<'_>, id: i64) -> Option<String> {
    let case = view.site.case(id)?;
    let fields = case.fields.iter().map(|(field, value)| format!("{field}: {value}"));
    let facts = details(&[
        ("Status", escape(&case.status)),
        ("Kind", if case.automated { "automated" } else { "manual" }.to_owned()),
        ("Tags", tags(&case.tags)),
        ("Fields", tags(&fields.collect::<Vec<_>>())),
        ("Files", tags(case.files.iter().map(|file| &file.name))),
        ("Changed", escape(&date::readable(case.stamp.modified_ms))),
    ]);
    let trash = if case.deleted { "<p>In the trash.</p>" } else { "" };
    let body = format!(
        "<p class=\"quiet\"><a href=\"/project/{}\">Project {0}</a> · test case {}</p><h1>{}</h1>{trash}{facts}{}",
        case.project,
        case.id,
        escape(&case.name),
        form(view, case)
    );
    Some(document("", PRODUCT, &case.name, &body))
}

fn form(view: View<'_>, case: &Case) -> String {
    let text = |value: &Option<String>| escape(value.as_deref().unwrap_or_default());
    let mut html = format!(
        "<form method=\"post\"><label for=\"name\">Name</label>\
         <input type=\"text\" id=\"name\" name=\"name\" value=\"{}\">",
        escape(&case.name)
    );
    for (name, label, value) in [
        ("description", "Description", text(&case.description)),
        ("precondition", "Precondition", text(&case.precondition)),
        ("expectedResult", "Expected result", text(&case.expected_result)),
    ] {
        html.push_str(&area(name, label, &value));
    }
    html.push_str("<h2>Scenario</h2>");
    for (number, step) in (1..).zip(&case.steps) {
        html.push_str(&step_form(view, &number.to_string(), step));
    }
    html.push_str("<button>Save</button></form>");
    html
}

fn area(name: &str, label: &str, value: &str) -> String {
    // A browser drops the first line end of a text area.
    format!(
        "<label for=\"{name}\">{label}</label><textarea id=\"{name}\" name=\"{name}\" rows=\"2\">\n{value}</textarea>"
    )
}

/// The texts of a step and of those below it; what is no text is shown only.
fn step_form(view: View<'_>, number: &str, step: &Step) -> String {
    let mut html = match &step.content {
        Content::Text(body, _) => area(&format!("step-{}", step.id), &format!("Step {number}"), &escape(body)),
        Content::File(file) => format!("<p>Step {number}: file {}</p>", escape(&file.name)),
        Content::Shared(id) => {
            let name = view.site.shared_steps.get(id).map_or("", |shared| shared.name.as_str());
            format!("<p>Step {number}: shared step {}</p>", escape(name))
        }
        Content::Empty => format!("<p>Step {number}: empty</p>"),
    };
    match &step.expected {
        Expected::Inline(text) => {
            html.push_str(&area(
                &format!("expected-{}", step.id),
                "Expected result",
                &escape(text),
            ));
        }
        Expected::Lines { lines, .. } => {
            for (line, at) in lines.iter().zip(1..) {
                html.push_str(&step_form(view, &format!("{number}, expected {at}"), line));
            }
        }
        Expected::None => {}
    }
    for (child, at) in step.children.iter().zip(1..) {
        html.push_str(&step_form(view, &format!("{number}.{at}"), child));
    }
    html
}

/// Takes over what a form sent.
pub(super) fn change(case: &mut Case, sent: &[(String, String)]) {
    for (name, value) in sent {
        let value = value.replace("\r\n", "\n");
        match name.as_str() {
            "name" if !value.trim().is_empty() => value.trim().clone_into(&mut case.name),
            "description" => case.description = kept(value),
            "precondition" => case.precondition = kept(value),
            "expectedResult" => case.expected_result = kept(value),
            name => change_step(case, name, &value),
        }
    }
}

fn kept(value: String) -> Option<String> {
    (!value.is_empty()).then_some(value)
}

fn change_step(case: &mut Case, name: &str, value: &str) {
    let Some((part, id)) = name.split_once('-') else { return };
    let Ok(id) = id.parse::<i64>() else { return };
    let mut change = |step: &mut Step| {
        if step.id == id {
            match part {
                "step" => step.set_body(value),
                _ => step.expected = Expected::Inline(value.to_owned()),
            }
        }
    };
    case.steps.iter_mut().for_each(|step| step.visit_mut(&mut change));
}
