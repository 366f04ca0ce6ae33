//! The first rollout, step by step: narrow, plan, run, look, verify, widen. What is done is read from the sync itself.

use maud::{Markup, html};

use super::super::view::TenantView;
use super::page::LATEST;
use crate::runs::{Mode, Run, Status};
use crate::settings::Sync;
use crate::users::Role;

/// A step of the path.
struct Step {
    title: &'static str,
    help: &'static str,
    is_done: bool,
    /// What takes it, where it is the next one.
    next: Markup,
}

/// The path, until it has been walked.
pub(super) fn guide(view: &TenantView, sync: &Sync, runs: &[Run]) -> Markup {
    let steps = steps(view, sync, runs);
    let done = steps.iter().filter(|step| step.is_done).count();
    // Who has run it for a while has found another way.
    let is_over = done == steps.len() || runs.len() >= LATEST as usize;
    let next = steps.iter().position(|step| !step.is_done);
    html! {
        @if !is_over && view.may(Role::Operator) {
            details.guide open {
                summary { strong { "First rollout" } " " span.help { (done) " of " (steps.len()) " steps done" } }
                ol.steps {
                    @for (index, step) in steps.iter().enumerate() {
                        li class=[step.is_done.then_some("done")] aria-current=[(next == Some(index)).then_some("step")] {
                            (step.title) @if step.is_done { span.hidden { " (done)" } }
                            p.help { (step.help) }
                            @if next == Some(index) { (step.next) }
                        }
                    }
                }
            }
        }
    }
}

fn steps(view: &TenantView, sync: &Sync, runs: &[Run]) -> [Step; 6] {
    let did = |mode: Mode| runs.iter().any(|run| run.mode == mode && run.status == Status::Done);
    let exported = runs
        .iter()
        .find(|run| run.mode == Mode::Export && run.status == Status::Done);
    let asks =
        |mode: &str, label: &str| view.button(&format!("syncs/{}/runs", sync.id), label, "primary", &[("mode", mode)]);
    let link = |rest: String, label: &str| html! { a.button.primary href=(view.path(&rest)) { (label) } };
    let edit = |label: &str| html! { @if view.may(Role::Owner) { (link(format!("syncs/{}/edit", sync.id), label)) } };
    let step = |title, help, is_done, next| Step {
        title,
        help,
        is_done,
        next,
    };
    [
        step(
            "Start narrow",
            "A filter that finds a few test cases.",
            !matches!(sync.draft.test_case_aql.trim(), "" | "true") || exported.is_some(),
            edit("Narrow the filter"),
        ),
        step(
            "Plan",
            "It shows what a run would create and change, and writes nothing.",
            did(Mode::Plan) || exported.is_some(),
            asks("plan", "Plan"),
        ),
        step(
            "Run",
            "It exports what the plan showed.",
            exported.is_some(),
            asks("export", "Run now"),
        ),
        step(
            "Look",
            "Open the issues in Jira and compare them with TestOps.",
            did(Mode::Verify),
            html! { @if let Some(run) = exported { (link(format!("runs/{}", run.id), "Open the result")) " " } (asks("verify", "They look right: verify")) },
        ),
        step(
            "Verify",
            "Every field is compared on both sides.",
            did(Mode::Verify),
            asks("verify", "Verify"),
        ),
        step(
            "Widen",
            "Let the filter find the rest, switch launches on, and choose a schedule.",
            did(Mode::Verify) && !sync.draft.disable_launches_sync,
            edit("Widen the sync"),
        ),
    ]
}
