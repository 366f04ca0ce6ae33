//! Fields of test runs and iterations.

use serde_json::{Value, json};

use crate::jira::date;
use crate::jira::site::Site;
use crate::jira::xray::{Iteration, Kind, Relation, Run};

use super::super::call::{Answer, Call, Entity, Member, Record, Refusal, data, entity, record};
use super::super::render;

fn with<T>(call: &Call<'_>, show: impl FnOnce(&Site, &Run) -> T) -> Result<T, Refusal> {
    let site = call.site()?;
    let run = site
        .xray
        .run(call.run()?)
        .ok_or_else(|| Refusal::from("test run not found"))?;
    Ok(show(&site, run))
}

fn value(call: &Call<'_>, show: impl FnOnce(&Site, &Run) -> Value) -> Answer {
    data(with(call, show)?)
}

/// The runs of a test, or of one of its versions.
pub(super) fn of_test(call: &Call<'_>) -> Answer {
    let site = call.site()?;
    let version = call.version()?;
    let runs = site.xray.runs_of_test(call.issue()?);
    let runs: Vec<&Run> = runs.filter(|run| version.is_none_or(|id| run.version == id)).collect();
    record(call.page(runs.into_iter().map(|run| Entity::Run(run.id.clone())))?)
}

pub(super) fn of_execution(call: &Call<'_>) -> Answer {
    let site = call.site()?;
    let runs: Vec<&Run> = site.xray.runs_of_execution(call.issue()?).collect();
    record(call.page(runs.into_iter().map(|run| Entity::Run(run.id.clone())))?)
}

pub(super) fn id(call: &Call<'_>) -> Answer {
    data(call.run()?)
}

pub(super) fn status(call: &Call<'_>) -> Answer {
    value(call, |site, run| {
        render::run_status_named(&site.xray.settings, &run.status)
    })
}

pub(super) fn test(call: &Call<'_>) -> Answer {
    entity(Entity::Issue(with(call, |_, run| run.test)?))
}

/// The version of the test that was run.
pub(super) fn version(call: &Call<'_>) -> Answer {
    let (test, version) = with(call, |_, run| (run.test, run.version))?;
    entity(Entity::Version(test, version))
}

pub(super) fn execution(call: &Call<'_>) -> Answer {
    entity(Entity::Issue(with(call, |_, run| run.execution)?))
}

pub(super) fn test_type(call: &Call<'_>) -> Answer {
    value(call, |_, run| render::test_type(&run.definition.test_type))
}

fn of_kind(run: &Run, kind: Kind, text: &str) -> Value {
    if run.definition.test_type.kind == kind {
        json!(text)
    } else {
        Value::Null
    }
}

pub(super) fn unstructured(call: &Call<'_>) -> Answer {
    value(call, |_, run| {
        of_kind(run, Kind::Unstructured, &run.definition.unstructured)
    })
}

pub(super) fn gherkin(call: &Call<'_>) -> Answer {
    value(call, |_, run| of_kind(run, Kind::Gherkin, &run.definition.gherkin))
}

pub(super) fn scenario_type(call: &Call<'_>) -> Answer {
    value(call, |_, run| {
        of_kind(run, Kind::Gherkin, &run.definition.scenario_type)
    })
}

pub(super) fn comment(call: &Call<'_>) -> Answer {
    value(call, |_, run| json!(run.comment))
}

pub(super) fn started(call: &Call<'_>) -> Answer {
    value(call, |_, run| json!(run.started.map(date::iso)))
}

pub(super) fn finished(call: &Call<'_>) -> Answer {
    value(call, |_, run| json!(run.finished.map(date::iso)))
}

pub(super) fn assignee(call: &Call<'_>) -> Answer {
    value(call, |_, run| json!(run.assignee))
}

pub(super) fn executed_by(call: &Call<'_>) -> Answer {
    value(call, |_, run| json!(run.executed_by))
}

pub(super) fn last_modified(call: &Call<'_>) -> Answer {
    value(call, |_, run| json!(date::iso_millis(run.modified)))
}

/// Issue ids.
pub(super) fn defects(call: &Call<'_>) -> Answer {
    value(call, |_, run| run.defects.iter().map(ToString::to_string).collect())
}

pub(super) fn evidence(call: &Call<'_>) -> Answer {
    let base = call.base()?;
    value(call, |_, run| {
        run.evidence.iter().map(|file| render::evidence(base, file)).collect()
    })
}

pub(super) fn steps(call: &Call<'_>) -> Answer {
    let base = call.base()?;
    value(call, |site, run| {
        let steps = run.steps.iter().enumerate();
        steps
            .map(|(n, result)| render::run_step(&site.xray.settings, base, result, run.definition.steps.get(n)))
            .collect()
    })
}

pub(super) fn examples(call: &Call<'_>) -> Answer {
    value(call, |site, run| {
        let examples = run.examples.iter();
        let shown = examples.map(|example| {
            let status = render::step_status(&site.xray.settings, &example.status);
            json!({ "id": example.id, "status": status, "duration": null })
        });
        shown.collect()
    })
}

/// Detailed results of automated tests, as their report said.
pub(super) fn results(call: &Call<'_>) -> Answer {
    let shared = call.shared()?;
    let results = shared.state().results.get(call.run()?).cloned();
    let site = call.site()?;
    let settings = &site.xray.settings;
    let shown = results.into_iter().flatten().map(|result| {
        json!({ "name": result.name, "status": render::step_status(settings, &result.status),
                "duration": result.duration_ms, "log": result.log, "wasImported": "true",
                "backgrounds": [], "hooks": [], "steps": [], "examples": [] })
    });
    data(shown.collect::<Vec<_>>())
}

/// Only tests with a dataset have parameters of their own; iterations carry theirs.
pub(super) fn parameters(_: &Call<'_>) -> Answer {
    data(json!([]))
}

pub(super) fn custom_fields(call: &Call<'_>) -> Answer {
    value(call, |site, run| {
        let fields = site.xray.settings.run_fields.iter();
        let shown =
            fields.map(|field| json!({ "id": field.id, "name": field.name, "values": run.custom.get(&field.id) }));
        shown.collect()
    })
}

pub(super) fn iterations(call: &Call<'_>) -> Answer {
    let id = call.run()?;
    let count = with(call, |_, run| run.iterations.len())?;
    record(call.page((0..count).map(|rank| Entity::Iteration(id.to_owned(), rank)))?)
}

pub(super) fn preconditions(call: &Call<'_>) -> Answer {
    let (start, limit) = call.window()?;
    let site = call.site()?;
    let test = with_site(&site, call)?.test;
    let all = site.xray.containers(Relation::PreconditionTests, test);
    let shown = all.iter().skip(start).take(limit).map(|id| {
        let definition = site.xray.precondition(*id).map(|data| data.definition.clone());
        let shown = Record::default().data("definition", definition);
        std::sync::Arc::new(shown.with("preconditionRef", Member::One(Entity::Issue(*id))))
    });
    record(
        Record::default()
            .data("total", all.len())
            .data("start", start)
            .data("limit", limit)
            .with("results", Member::Records(shown.collect())),
    )
}

fn with_site<'a>(site: &'a Site, call: &Call<'_>) -> Result<&'a Run, Refusal> {
    site.xray
        .run(call.run()?)
        .ok_or_else(|| Refusal::from("test run not found"))
}

fn with_iteration(call: &Call<'_>, show: impl FnOnce(&Site, &Run, &Iteration) -> Value) -> Result<Value, Refusal> {
    let Entity::Iteration(_, rank) = call.entity()? else {
        return Err("internal: no iteration".into());
    };
    let site = call.site()?;
    let run = with_site(&site, call)?;
    Ok(run
        .iterations
        .get(*rank)
        .map_or(Value::Null, |iteration| show(&site, run, iteration)))
}

pub(super) fn rank(call: &Call<'_>) -> Answer {
    match call.entity()? {
        Entity::Iteration(_, rank) => data(rank.to_string()),
        Entity::Issue(_) | Entity::Version(..) | Entity::Run(_) => Ok(None),
    }
}

pub(super) fn iteration_status(call: &Call<'_>) -> Answer {
    data(with_iteration(call, |site, _, pass| {
        render::step_status(&site.xray.settings, &pass.status)
    })?)
}

pub(super) fn iteration_parameters(call: &Call<'_>) -> Answer {
    data(with_iteration(call, |_, _, pass| {
        pass.parameters
            .iter()
            .map(|(name, value)| json!({ "name": name, "value": value }))
            .collect()
    })?)
}

pub(super) fn iteration_steps(call: &Call<'_>) -> Answer {
    let base = call.base()?;
    let steps = with_iteration(call, |site, run, pass| {
        let steps = pass.steps.iter().enumerate();
        steps
            .map(|(n, result)| render::run_step(&site.xray.settings, base, result, run.definition.steps.get(n)))
            .collect()
    })?;
    call.data_page(steps.as_array().map(Vec::as_slice).unwrap_or_default())
}
