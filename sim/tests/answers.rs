//! The list of assumptions: what it says, and that its files say the same.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tms_sync_sim::answers::{ASSUMPTIONS, Answers, Assumption, Form, RunList};

#[test]
fn a_form_is_chosen_by_name_and_all_servers_with_the_same_answers_use_it() {
    let answers = Answers::default();
    let shared = answers.clone();
    answers.set("xray-dc.run-list=with-steps").unwrap();
    assert_eq!(shared.of::<RunList>(), RunList::WithSteps);
    assert_eq!(format!("{shared:?}"), r#"{"xray-dc.run-list": "with-steps"}"#);
    shared.choose(RunList::Documented);
    assert_eq!(answers.deviations(), []);
}

#[test]
fn an_unknown_name_or_form_is_refused_with_those_there_are() {
    let refusal = |text: &str| Answers::default().set(text).unwrap_err().to_string();
    assert_eq!(refusal("run-list"), "\"run-list\" is not of the form NAME=VALUE");
    assert!(refusal("run-list=x").starts_with("no answer is named \"run-list\"; there are testops.version, "));
    assert_eq!(
        refusal("xray-dc.run-list=x"),
        "xray-dc.run-list has no form \"x\"; it has documented, with-steps"
    );
}

#[test]
fn names_are_unique_and_every_assumption_has_another_form() {
    let names: BTreeSet<_> = ASSUMPTIONS.iter().map(|assumption| assumption.name).collect();
    assert_eq!(names.len(), ASSUMPTIONS.len());
    for assumption in ASSUMPTIONS {
        let values: BTreeSet<_> = assumption.forms.iter().map(|form| form.value).collect();
        assert!(
            values.len() > 1 && values.len() == assumption.forms.len(),
            "{}",
            assumption.name
        );
    }
}

#[test]
fn the_list_for_programs_is_up_to_date() {
    let form = |form: &Form| json!({ "value": form.value, "meaning": form.meaning.trim() });
    let assumption = |assumption: &&Assumption| {
        json!({
            "name": assumption.name, "statement": assumption.statement.trim(), "source": assumption.source,
            "default": assumption.forms.first().map(|form| form.value),
            "forms": assumption.forms.iter().map(form).collect::<Vec<_>>(),
        })
    };
    let list: Value = ASSUMPTIONS.iter().map(assumption).collect();
    // The order of members is the writer's.
    let same = |found: &str| serde_json::from_str::<Value>(found).is_ok_and(|found| found == list);
    up_to_date("../assumptions/list.json", &format!("{list:#}\n"), same);
}

#[test]
fn the_list_for_people_is_up_to_date() {
    let mut text = String::from(
        "# What is assumed of the vendors' servers\n\n\
         Versions and installations of TestOps, Jira and Xray answer some questions differently, and some of the answers \
         are documented nowhere. Each question has a name here. The first form is the default: what the vendor documents, or \
         else what most clients saw. The simulators answer so; `tms-sync sim --answers NAME=VALUE` chooses another form.\n",
    );
    for assumption in ASSUMPTIONS {
        write!(
            text,
            "\n## `{}`\n\n{}\n\n",
            assumption.name,
            assumption.statement.trim()
        )
        .unwrap();
        text.push_str("| form | what the server does |\n| --- | --- |\n");
        for form in assumption.forms {
            writeln!(text, "| `{}` | {} |", form.value, form.meaning.trim()).unwrap();
        }
        write!(text, "\nSource: {}.\n", assumption.source.trim_end_matches('.')).unwrap();
    }
    up_to_date("../docs/assumptions.md", &text, |found| found == text);
}

/// Compares a file of the repository with what it should be; with `UPDATE_FILES=1` writes it.
fn up_to_date(path: &str, wanted: &str, same: impl Fn(&str) -> bool) {
    let file: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("UPDATE_FILES").is_some() {
        std::fs::write(&file, wanted).unwrap();
    }
    let found = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        same(&found),
        "{path} is old; UPDATE_FILES=1 cargo test -p tms-sync-sim --test answers writes it"
    );
}
