//! Xray JSON: results as imports take them. Members that are empty are left out: Cloud refuses empty lists.

use crate::mapping::{Iteration, StepRun, TestRun, timestamp};
use serde_json::{Map, Value, json};

/// A member of Xray JSON's `tests`. Never with `testInfo`: it would overwrite the Test. `log`: iterations have one,
/// which only Cloud knows.
pub fn result(run: &TestRun, log: bool) -> Value {
    let mut test = Map::new();
    test.insert("testKey".to_owned(), json!(run.test.key));
    test.insert("status".to_owned(), json!(run.status));
    put(&mut test, "testVersion", run.version.as_deref().unwrap_or_default());
    put(&mut test, "comment", &run.comment);
    for (name, time) in [("start", run.start), ("finish", run.finish)] {
        if let Some(time) = time {
            test.insert(name.to_owned(), json!(timestamp(time)));
        }
    }
    for (name, account) in [("executedBy", &run.executed_by), ("assignee", &run.assignee)] {
        put(&mut test, name, account.as_deref().unwrap_or_default());
    }
    if !run.defects.is_empty() {
        test.insert("defects".to_owned(), json!(run.defects));
    }
    let fields = custom_fields(run);
    if !fields.is_empty() {
        test.insert("customFields".to_owned(), json!(fields));
    }
    // At most one of the two is taken.
    if !run.iterations.is_empty() {
        let all: Vec<Value> = run.iterations.iter().map(|pass| iteration(pass, log)).collect();
        test.insert("iterations".to_owned(), json!(all));
    } else if !run.steps.is_empty() {
        test.insert("steps".to_owned(), steps(&run.steps));
    }
    Value::Object(test)
}

fn iteration(pass: &Iteration, log: bool) -> Value {
    let mut value = Map::new();
    put(&mut value, "name", &pass.name);
    value.insert("status".to_owned(), json!(pass.status));
    if !pass.parameters.is_empty() {
        let parameters = pass.parameters.iter();
        let parameters: Vec<Value> = parameters.map(|p| json!({"name": p.name, "value": p.value})).collect();
        value.insert("parameters".to_owned(), json!(parameters));
    }
    if log {
        put(&mut value, "log", &pass.log);
    }
    if !pass.steps.is_empty() {
        value.insert("steps".to_owned(), steps(&pass.steps));
    }
    Value::Object(value)
}

fn steps(all: &[StepRun]) -> Value {
    let step = |step: &StepRun| {
        let mut value = Map::new();
        value.insert("status".to_owned(), json!(step.status));
        put(&mut value, "comment", &step.comment);
        put(&mut value, "actualResult", &step.actual);
        Value::Object(value)
    };
    all.iter().map(step).collect()
}

/// Xray's own fields of a run, as an import takes them.
pub fn custom_fields(run: &TestRun) -> Vec<Value> {
    let fields = run.fields.iter().filter(|(_, value)| !value.is_null());
    fields
        .map(|(id, value)| json!({"id": number(id), "value": value}))
        .collect()
}

/// Data Center's ids of fields are numbers.
fn number(id: &str) -> Value {
    id.parse::<u64>().map_or_else(|_| json!(id), |number| json!(number))
}

fn put(object: &mut Map<String, Value>, name: &str, text: &str) {
    if !text.is_empty() {
        object.insert(name.to_owned(), json!(text));
    }
}

#[cfg(test)]
mod tests {
    use super::result;
    use crate::domain::Issue;
    use crate::mapping::{Iteration, StepRun, TestRun};
    use serde_json::json;

    #[test]
    fn empty_members_are_left_out_and_steps_and_iterations_exclude_each_other() {
        let step = StepRun {
            status: "PASS".to_owned(),
            ..StepRun::default()
        };
        let mut run = TestRun {
            test: Issue::new("1", "C-1"),
            status: "PASS".to_owned(),
            steps: vec![step.clone()],
            ..TestRun::default()
        };
        assert_eq!(
            result(&run, true),
            json!({"testKey": "C-1", "status": "PASS", "steps": [{"status": "PASS"}]})
        );
        run.iterations = vec![Iteration {
            status: "FAIL".to_owned(),
            log: "no".to_owned(),
            steps: vec![step],
            ..Iteration::default()
        }];
        assert_eq!(
            result(&run, false),
            json!({"testKey": "C-1", "status": "PASS", "iterations": [{"status": "FAIL", "steps": [{"status": "PASS"}]}]})
        );
        assert_eq!(result(&run, true)["iterations"][0]["log"], "no");
        run.fields = vec![
            ("7".to_owned(), json!("4.2")),
            ("5ddc0e585da9670010e608dc".to_owned(), json!(["a"])),
            ("8".to_owned(), json!(null)),
        ];
        assert_eq!(
            result(&run, true)["customFields"],
            json!([{"id": 7, "value": "4.2"}, {"id": "5ddc0e585da9670010e608dc", "value": ["a"]}])
        );
    }
}
