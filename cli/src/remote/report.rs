//! The service's JSON as the command's own report.

use serde_json::Value;
use tms_sync_host::Named;
use tms_sync_host::model::{FaultKind, Outcome, Term};
use tms_sync_server::plugins;

use super::text;
use crate::report::{Change, Count, Issue, Item, Plugin, Requests, Stop, SyncReport, Tally, Totals, Verb, Waited};
use crate::words;

/// The plugin that runs there; its words are shown by their titles from here on.
pub fn plugin(plugins: &Value) -> Plugin {
    let first = plugins.get(0).cloned().unwrap_or_default();
    let terms = |member: &str| {
        let terms = first.get(member).and_then(Value::as_array).into_iter().flatten();
        let term = |term: &Value| Term {
            name: text(term, "name").to_owned(),
            title: text(term, "title").to_owned(),
            plural: text(term, "plural").to_owned(),
        };
        terms.map(term).collect()
    };
    words::learn_terms(terms("sides"), terms("entities"), terms("phases"));
    Plugin {
        name: text(&first, "name").to_owned(),
        version: text(&first, "version").to_owned(),
        digest: text(&first, "digest").to_owned(),
    }
}

/// Of a sync that is switched off.
pub fn disabled(verb: Verb, sync: &Value, why: &str) -> SyncReport {
    SyncReport {
        name: text(sync, "name").to_owned(),
        project: text(sync, "destination").to_owned(),
        run: None,
        disabled: Some(why.to_owned()),
        stopped: None,
        totals: totals(verb, &[]),
        resumed: 0,
        left_of_plan: 0,
        expected_requests: 0,
        items: Vec::new(),
        notes: Vec::new(),
        requests: Vec::new(),
        waits: Vec::new(),
        duration_ms: 0,
    }
}

/// Of a run that ended.
pub fn sync(verb: Verb, sync: &Value, run: &Value, items: Vec<Value>) -> serde_json::Result<SyncReport> {
    let read = |item| serde_json::from_value(item).map(|item| self::item(verb, item));
    let items = items.into_iter().map(read).collect::<Result<Vec<Item>, _>>()?;
    let summary = run.get("summary").cloned().unwrap_or_default();
    let number = |member: &str| summary.get(member).and_then(Value::as_u64).unwrap_or_default();
    let listed = |member: &str| {
        summary
            .get(member)
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default()
    };
    let note = |note: &Value| note.as_str().map(str::to_owned);
    let requests = |made: &Value| Requests {
        connection: text(made, "connection").to_owned(),
        requests: made.get("requests").and_then(Value::as_u64).unwrap_or_default(),
    };
    let waited = |made: &Value| {
        let milliseconds = made
            .get("waited_ms")
            .and_then(Value::as_u64)
            .filter(|waited| *waited > 0)?;
        Some(Waited {
            connection: text(made, "connection").to_owned(),
            milliseconds,
        })
    };
    Ok(SyncReport {
        run: Some(text(run, "id").to_owned()),
        disabled: None,
        stopped: run.get("stopped").filter(|stopped| stopped.is_object()).map(stop),
        totals: totals(verb, &items),
        resumed: number("resumed"),
        items,
        notes: listed("notes").iter().filter_map(note).collect(),
        waits: listed("requests").iter().filter_map(waited).collect(),
        requests: listed("requests").iter().map(requests).collect(),
        duration_ms: number("duration-ms"),
        ..disabled(verb, sync, "")
    })
}

fn totals(verb: Verb, items: &[Item]) -> Totals {
    let mut totals: Vec<(String, Tally)> = Vec::new();
    for item in items {
        let known = totals.iter().position(|(entity, _)| *entity == item.entity);
        let place = known.unwrap_or(totals.len());
        if known.is_none() {
            totals.push((item.entity.clone(), Tally::none(verb)));
        }
        if let Some((_, tally)) = totals.get_mut(place) {
            tally.add(item.outcome.1);
        }
    }
    Totals(totals)
}

fn item(verb: Verb, item: plugins::Item) -> Item {
    let issue = |issue: plugins::Issue| Issue {
        id: issue.id,
        key: issue.key,
        url: issue.url,
    };
    let change = |change: plugins::Change| Change {
        field: change.field,
        before: change.before,
        after: change.after,
    };
    let count = |count: plugins::Count| Count {
        what: count.what,
        number: count.number,
    };
    Item {
        entity: item.entity,
        id: item.id,
        name: item.name,
        source_url: item.source_url,
        outcome: (verb, outcome(item.outcome)),
        issue: item.issue.map(issue),
        fields: item.changes.iter().map(|change| change.field.clone()).collect(),
        changes: item.changes.into_iter().map(change).collect(),
        decision: item.decision,
        is_approved: false,
        reason: item.reason,
        notes: item.notes,
        counts: item.counts.into_iter().map(count).collect(),
    }
}

fn outcome(outcome: plugins::Outcome) -> Outcome {
    Outcome::of_name(outcome.name()).unwrap_or(Outcome::Failed)
}

fn stop(stopped: &Value) -> Stop {
    let optional = |member: &str| stopped.get(member).and_then(Value::as_str).map(str::to_owned);
    Stop {
        kind: FaultKind::of_name(text(stopped, "kind")).unwrap_or(FaultKind::Internal),
        side: text(stopped, "side").to_owned(),
        message: text(stopped, "message").to_owned(),
        hint: optional("hint"),
        retry_at: stopped.get("retry-at").and_then(Value::as_u64),
    }
}
