use super::{Decision, fields};
use crate::domain::{CaseId, Issue, TestCase};
use crate::mapping::options::{self, Policies};
use crate::mapping::{self, Content, Context, Dialect, Field, Marker, Options, Procedure, StepText, TestKind};
use crate::ports::Entity;
use crate::state::Entry;
use crate::target::{Associations, RemoteStep, RemoteTest};

fn content(name: &str) -> Content {
    let case = TestCase {
        id: CaseId(1),
        name: name.to_owned(),
        tags: vec!["smoke".to_owned()],
        ..TestCase::default()
    };
    let context = Context {
        url: "https://t.example/1",
        testops: "https://t.example",
        dialect: Dialect::Wiki,
        cucumber: true,
        options: &Options::default(),
        plan: &[],
        step_fields: &[],
        site: "",
    };
    mapping::test(&case, &context)
}

fn marker() -> Marker {
    Marker::test_case("t.example", "10", CaseId(1), 0)
}

fn step(text: &StepText) -> RemoteStep {
    RemoteStep {
        id: String::new(),
        text: text.clone(),
        further: serde_json::Map::new(),
        kept: false,
    }
}

fn text(action: &str) -> StepText {
    StepText {
        action: action.to_owned(),
        ..StepText::default()
    }
}

/// The content as a server returns it that stores what it gets.
fn remote(content: &Content) -> RemoteTest {
    RemoteTest {
        issue: Issue::new("1", "A-1"),
        project_id: "10".to_owned(),
        labels: vec!["smoke".to_owned(), "tms-sync".to_owned(), marker().0],
        kind: Some(content.procedure.kind),
        associations: Associations::default(),
        digests: content.digests(),
        shown: content.shown(),
        steps: content.procedure.steps.iter().map(step).collect(),
        status: None,
        updated: 0,
        version: None,
    }
}

fn entry(exported: Option<&Content>) -> Entry {
    let mut entry = Entry::fresh(Entity::TestCase, "10", "1");
    if let Some(content) = exported {
        entry.detail.fields = super::recorded(content, &entry, &remote(content), &Field::ALL);
    }
    entry
}

fn decided(content: &Content, entry: &Entry, remote: &RemoteTest) -> Decision {
    fields(content, entry, remote, &marker(), &Policies::default())
}

#[test]
fn every_combination_of_changes_has_its_decision() {
    let (old, new, theirs) = (content("Log in"), content("Sign in"), content("Edited by hand"));
    let exported = entry(Some(&old));
    for (source, there, write, edited) in [
        (&old, &old, vec![], vec![]),
        (&new, &old, vec![Field::Summary], vec![]),
        (&old, &theirs, vec![], vec![Field::Summary]),
        (&new, &theirs, vec![Field::Summary], vec![Field::Summary]),
    ] {
        let decision = decided(source, &exported, &remote(there));
        assert_eq!((decision.write, decision.edited), (write, edited));
    }
}

#[test]
fn an_adopted_issue_that_holds_everything_is_left_alone() {
    let same = content("Log in");
    assert!(decided(&same, &entry(None), &remote(&same)).write.is_empty());
    assert_eq!(
        decided(&content("New"), &entry(None), &remote(&same)).write,
        [Field::Summary]
    );
}

#[test]
fn a_missing_marker_is_put_back_and_a_label_that_a_person_took_off_stays_off() {
    let same = content("Log in");
    let mut bare = remote(&same);
    bare.labels = vec!["smoke".to_owned(), "tms-sync".to_owned()];
    assert_eq!(decided(&same, &entry(Some(&same)), &bare).write, [Field::Labels]);
    bare.labels = vec!["TMS-SYNC".to_owned(), marker().0];
    assert!(decided(&same, &entry(Some(&same)), &bare).write.is_empty());
}

#[test]
fn a_change_of_type_is_noted_and_a_test_that_is_found_keeps_its_own() {
    let manual = Content {
        procedure: Procedure::manual(vec![text("Open")]),
        ..content("Log in")
    };
    let generic = Content {
        procedure: Procedure {
            kind: TestKind::Generic,
            definition: "com.acme.T.m".to_owned(),
            ..Procedure::manual(Vec::new())
        },
        ..manual.clone()
    };
    let changed = decided(&generic, &entry(Some(&manual)), &remote(&manual));
    assert!(changed.write.contains(&Field::Kind) && changed.write.contains(&Field::Definition));
    assert_eq!(changed.remarks, ["type changes from Manual to Generic"]);
    let found = decided(&generic, &entry(None), &remote(&manual));
    assert_eq!(found.write, []);
    assert!(
        found.remarks[0].contains("it is kept; its steps"),
        "{:?}",
        found.remarks
    );
}

#[test]
fn steps_are_not_replaced_by_none_unless_that_is_asked_for() {
    let (none, some) = (
        content("Log in"),
        Content {
            procedure: Procedure::manual(vec![text("Open")]),
            ..content("Log in")
        },
    );
    let decision = decided(&none, &entry(Some(&some)), &remote(&some));
    assert_eq!(decision.write, []);
    assert!(decision.remarks[0].contains("those in Xray are kept"));
    let policies = options::read([("policy.steps", "replace")]).options.policies;
    let asked = fields(&none, &entry(Some(&some)), &remote(&some), &marker(), &policies);
    assert_eq!((asked.write, asked.remarks), (vec![Field::Steps], vec![]));
}

#[test]
fn steps_that_somebody_added_stay_unless_that_is_not_wanted() {
    let written = Content {
        procedure: Procedure::manual(vec![text("Open"), text("Send")]),
        ..content("Log in")
    };
    let mut known = entry(Some(&written));
    known.detail.steps = super::our_steps(&remote(&written), None);
    for (policy, fate) in [("own", "stay"), ("replace", "are removed")] {
        let policies = options::read([("policy.steps", policy)]).options.policies;
        let mut there = remote(&written);
        there.steps.insert(1, step(&text("Wait")));
        let note = super::added_steps(&mut there, &known, &policies).unwrap();
        assert_eq!(note, format!("steps: 1 added in Jira {fate}: “Wait”"));
        assert_eq!(there.steps[1].kept, policy == "own");
        assert_eq!(
            super::our_steps(&there, Some(&there)).len(),
            if policy == "own" { 2 } else { 3 }
        );
    }
}

#[test]
fn a_field_that_is_left_to_people_is_neither_written_nor_reported() {
    let (old, new, theirs) = (content("Log in"), content("Sign in"), content("Edited by hand"));
    for policy in ["seed-once", "never"] {
        let names = ["policy.description", "policy.labels", "policy.steps"].map(|name| (name, policy));
        let policies = options::read(names.into_iter().chain([("policy.summary", "seed-once")]))
            .options
            .policies;
        let decision = fields(&new, &entry(Some(&old)), &remote(&theirs), &marker(), &policies);
        assert_eq!(decision, Decision::default());
        let mut bare = remote(&old);
        bare.labels.clear();
        let decision = fields(&old, &entry(Some(&old)), &bare, &marker(), &policies);
        assert_eq!(
            decision.write,
            [Field::Labels],
            "the marker is ours whatever the policy"
        );
    }
}
