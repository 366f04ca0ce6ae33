//! Probes: what a server shows about the list of assumptions, and what is left after them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use tms_sync_host::CallError;
use tms_sync_host::model::{ExportConfig, FaultKind, Observation, ObservationState};
use tms_sync_sim::answers::{ASSUMPTIONS, Answers};
use tms_sync_sim::fault::Fault;
use tms_sync_sim::generate::Plan;
use tms_sync_sim::jira::account::Permission;
use tms_sync_sim::jira::xray::CustomField;
use tms_sync_sim::server::Server;
use tms_sync_sim::testops::data::Project;
use tms_sync_sim::world;

use crate::rig::{Rig, Variant, expect_no_secret, mapped};

scenarios!(
    servers_that_answer_as_assumed_break_nothing,
    a_probe_that_only_reads_writes_nothing_and_sees_less,
    each_form_that_a_probe_can_see_breaks_its_own_assumption_alone,
    nothing_is_left_behind_whichever_request_goes_unanswered,
    what_cannot_be_deleted_is_named_and_the_next_probe_deletes_it,
    an_account_that_may_not_delete_writes_nothing,
    a_project_that_requires_no_field_of_runs_says_nothing_about_one,
    a_required_field_that_no_option_fills_is_named_and_nothing_is_written,
);

/// What the field of [`start`] is filled with.
const BUILD: [(&str, &str); 1] = [("run-defaults.Build", "4.2")];

/// The project that probes may write to.
const SCRATCH: &str = "SCRATCH";

/// Forms that a probe takes for the default one, and why.
const LOOK_ALIKE: [(&str, &str, &str); 2] = [
    (
        "xray-dc.import-answer",
        "long",
        "version 2.0, which alone is asked, answers the same",
    ),
    (
        "xray-dc.page-maximum",
        "250",
        "the Test Execution of a probe has fewer runs than the smaller of both maxima",
    ),
];

/// Assumptions that no probe sees, and why.
const UNSEEN: [(&str, &str); 4] = [
    ("all.retry-after", "only a server that is asked too much shows it"),
    ("jira-cloud.service-token", "the host chooses how a token is sent"),
    (
        "jira-cloud.gateway-identity",
        "these servers answer at their own addresses",
    ),
    ("xray-cloud.sign-in-limit", "the host signs in"),
];

/// A kind of server whose assumptions are named so.
fn concerns(variant: Variant, assumption: &str) -> bool {
    match variant {
        Variant::Cloud => !assumption.contains("-dc."),
        Variant::Dc => !assumption.contains("-cloud."),
    }
}

/// Servers whose projects require a field of Test Runs, beside the project that probes may write to.
async fn start(variant: Variant, project: Project, choose: impl FnOnce(&Answers)) -> Rig {
    let rig = Rig::start_as(variant, project, choose).await;
    let mut site = rig.world.site.lock();
    site.xray.settings.run_fields = vec![CustomField {
        id: match variant {
            Variant::Cloud => "5ddc0e585da96700a0000028",
            Variant::Dc => "40",
        }
        .to_owned(),
        name: "Build".to_owned(),
        kind: "Text".to_owned(),
        required: true,
        disabled: false,
        values: Vec::new(),
    }];
    // It belongs to the same kind of team.
    let team_managed = site.projects().any(|project| project.team_managed);
    let scratch = site.add_project(SCRATCH, "Scratch");
    site.project_mut(scratch).unwrap().team_managed = team_managed;
    drop(site);
    rig
}

async fn probe(rig: &Rig, write: bool) -> Result<Vec<Observation>, CallError> {
    probe_mapped(rig, write, &BUILD).await
}

async fn probe_mapped(rig: &Rig, write: bool, options: &[(&str, &str)]) -> Result<Vec<Observation>, CallError> {
    let export = ExportConfig {
        project: if write { SCRATCH } else { world::PROJECT }.to_owned(),
        ..mapped(options)
    };
    let seen = rig.tenant().await.probe(&export, write).await;
    expect_no_secret("a probe", &seen);
    seen
}

/// Names of the assumptions in a state.
fn named(seen: &[Observation], state: ObservationState) -> Vec<&str> {
    let of = seen.iter().filter(|one| one.state == state);
    of.map(|one| one.assumption.as_str()).collect()
}

fn shown(seen: &[Observation]) -> String {
    let mut text = String::new();
    for one in seen {
        let state = format!("{:?}", one.state);
        writeln!(
            text,
            "{state} {}\n    {}\n    {}",
            one.assumption, one.statement, one.seen
        )
        .unwrap();
    }
    text
}

/// Options that name issue types which nothing else gives away.
fn issue_types(switch: &str) -> &'static [(&'static str, &'static str)] {
    match switch {
        "jira.issue-types=german" => &[
            ("issue-type.test", "Testfall"),
            ("issue-type.test-execution", "Testausführung"),
        ],
        "jira.issue-types=renamed" => &[
            ("issue-type.test", "Test Case"),
            ("issue-type.test-execution", "Test Cycle"),
        ],
        _ => &[],
    }
}

/// Issues of the scratch project.
fn left(rig: &Rig) -> Vec<String> {
    let site = rig.world.site.lock();
    let issues = site.issues().map(|issue| issue.key.clone());
    issues.filter(|key| key.starts_with(SCRATCH)).collect()
}

async fn servers_that_answer_as_assumed_break_nothing(variant: Variant) {
    let rig = start(variant, Plan::new(3, 1).build(), |_| ()).await;
    let seen = probe(&rig, true).await.unwrap();
    let all: Vec<&str> = ASSUMPTIONS.iter().map(|one| one.name).collect();
    let concerned: Vec<&str> = all.into_iter().filter(|name| concerns(variant, name)).collect();
    let names: Vec<&str> = seen.iter().map(|one| one.assumption.as_str()).collect();
    assert_eq!(names, concerned);
    assert_eq!(
        named(&seen, ObservationState::Broken),
        Vec::<&str>::new(),
        "{}",
        shown(&seen)
    );
    let unseen = named(&seen, ObservationState::NotSeen);
    let expected = UNSEEN
        .iter()
        .map(|(name, _)| *name)
        .filter(|name| concerns(variant, name));
    // These servers are asked with a token.
    let password = (variant == Variant::Dc).then_some("jira-dc.basic-login");
    let mut expected: Vec<&str> = expected.chain(password).collect();
    expected.sort_by_key(|name| concerned.iter().position(|one| one == name));
    assert_eq!(unseen, expected, "{}", shown(&seen));
    assert!(left(&rig).is_empty());
    assert!(rig.world.tracker.requests() < 150, "{}", rig.world.tracker.requests());
}

async fn a_probe_that_only_reads_writes_nothing_and_sees_less(variant: Variant) {
    let rig = start(variant, Plan::new(3, 1).launch(3).build(), |_| ()).await;
    rig.export_mapped(&BUILD).await;
    let (requests, writes) = (rig.world.tracker.requests(), rig.world.tracker.writes());
    let seen = probe(&rig, false).await.unwrap();
    let held = named(&seen, ObservationState::Held);
    for name in ["testops.version", "testops.unknown-path", "jira.issue-types"] {
        assert!(held.contains(&name), "{}", shown(&seen));
    }
    let of_runs = held.contains(&"xray-dc.run-lookup");
    assert_eq!(of_runs, variant == Variant::Dc, "{}", shown(&seen));
    assert!(!held.contains(&"jira.index-lag"), "{}", shown(&seen));
    assert_eq!(rig.world.tracker.writes(), writes);
    assert!(rig.world.tracker.requests() - requests < 30);
    assert!(named(&seen, ObservationState::Broken).is_empty());
}

async fn each_form_that_a_probe_can_see_breaks_its_own_assumption_alone(variant: Variant) {
    let (mut found, mut wanted) = (BTreeMap::new(), BTreeMap::new());
    for assumption in ASSUMPTIONS.iter().filter(|one| concerns(variant, one.name)) {
        for form in assumption.forms.iter().skip(1) {
            let switch = format!("{}={}", assumption.name, form.value);
            let alike = LOOK_ALIKE
                .iter()
                .any(|(name, value, _)| (*name, *value) == (assumption.name, form.value));
            let unseen = UNSEEN.iter().any(|(name, _)| *name == assumption.name);
            let broken = (!alike && !unseen).then(|| assumption.name.to_owned());
            wanted.insert(switch.clone(), broken.into_iter().collect::<Vec<_>>());
            let choose = |answers: &Answers| answers.set(&switch).unwrap();
            let mut rig = start(variant, Plan::new(1, 1).build(), choose).await;
            if assumption.name == "jira-dc.basic-login" {
                rig.basic = true;
                rig.jira_secret = world::PASSWORD.to_owned();
            }
            let options = [issue_types(&switch), &BUILD].concat();
            let seen = probe_mapped(&rig, true, &options).await;
            let seen = seen.unwrap_or_else(|error| panic!("{switch}: {error}"));
            let broken = named(&seen, ObservationState::Broken);
            // The form is named too.
            let named = seen.iter().filter(|one| one.state == ObservationState::Broken);
            for one in named {
                assert!(
                    one.seen.ends_with(&format!("(form: {})", form.value)),
                    "{switch}: {}",
                    one.seen
                );
            }
            found.insert(
                switch.clone(),
                broken.into_iter().map(str::to_owned).collect::<Vec<_>>(),
            );
            assert!(left(&rig).is_empty(), "{switch}");
        }
    }
    assert_eq!(found, wanted);
}

/// The servers that a probe writes to.
fn servers(rig: &Rig) -> Vec<&Server> {
    let tracker = &rig.world.tracker;
    [Some(&tracker.jira), tracker.xray.as_ref()]
        .into_iter()
        .flatten()
        .collect()
}

async fn nothing_is_left_behind_whichever_request_goes_unanswered(variant: Variant) {
    let rig = start(variant, Plan::new(1, 1).build(), |_| ()).await;
    probe(&rig, true).await.unwrap();
    let count = |server: &Server| {
        server
            .journal()
            .entries()
            .iter()
            .filter(|entry| entry.method == "POST")
            .count()
    };
    let posts: Vec<usize> = servers(&rig).into_iter().map(count).collect();
    for (server, posts) in posts.into_iter().enumerate() {
        let strikes = (1..=posts).map(|number| ("POST", number)).chain([("DELETE", 1)]);
        for (method, number) in strikes {
            let rig = start(variant, Plan::new(1, 1).build(), |_| ()).await;
            let fault = Fault::drop_response().on(method, "*").nth(number);
            servers(&rig)[server].faults().add(fault);
            let seen = probe(&rig, true).await;
            assert!(left(&rig).is_empty(), "{method} {number} of server {server}: {seen:?}");
            let seen = seen.unwrap_or_default();
            let broken = named(&seen, ObservationState::Broken);
            assert!(
                broken.is_empty(),
                "{method} {number} of server {server}: {}",
                shown(&seen)
            );
        }
    }
}

async fn what_cannot_be_deleted_is_named_and_the_next_probe_deletes_it(variant: Variant) {
    let rig = start(variant, Plan::new(1, 1).build(), |_| ()).await;
    let faults = rig.world.tracker.jira.faults();
    faults.add(Fault::status(500).on("DELETE", "*/issue/*").always());
    let Err(CallError::Fault(fault)) = probe(&rig, true).await else {
        panic!("nothing was deleted, and nobody was informed")
    };
    let stay = left(&rig);
    assert!(!stay.is_empty());
    assert!(stay.iter().all(|key| fault.message.contains(key)), "{fault:?}");
    assert!(fault.hint.is_some_and(|hint| hint.contains("labels = tms-sync-probe")));
    faults.clear();
    rig.world.clock.advance(Duration::from_secs(61 * 60));
    probe(&rig, true).await.unwrap();
    assert!(left(&rig).is_empty());
}

async fn an_account_that_may_not_delete_writes_nothing(variant: Variant) {
    let rig = start(variant, Plan::new(1, 1).build(), |_| ()).await;
    {
        let mut site = rig.world.site.lock();
        let scratch = site.projects().find(|project| project.key == SCRATCH).unwrap().id;
        site.accounts.revoke(scratch, world::USER, Permission::Delete);
    }
    let Err(CallError::Fault(fault)) = probe(&rig, true).await else {
        panic!("the account may not delete what it would make")
    };
    assert_eq!((fault.kind, rig.world.tracker.writes()), (FaultKind::Permission, 0));
    assert!(fault.message.contains("DELETE_ISSUES"), "{fault:?}");
}

async fn a_project_that_requires_no_field_of_runs_says_nothing_about_one(variant: Variant) {
    let rig = start(variant, Plan::new(1, 1).build(), |_| ()).await;
    rig.world.site.lock().xray.settings.run_fields.clear();
    let seen = probe_mapped(&rig, true, &[]).await.unwrap();
    let not_seen = named(&seen, ObservationState::NotSeen);
    assert!(not_seen.contains(&"xray.required-run-field"), "{}", shown(&seen));
}

async fn a_required_field_that_no_option_fills_is_named_and_nothing_is_written(variant: Variant) {
    let rig = start(variant, Plan::new(1, 1).build(), |_| ()).await;
    let Err(CallError::Fault(fault)) = probe_mapped(&rig, true, &[]).await else {
        panic!("no run of the probe would have been taken")
    };
    assert_eq!((fault.kind, rig.world.tracker.writes()), (FaultKind::Configuration, 0));
    assert!(fault.message.ends_with("does not fill in: Build"), "{fault:?}");
}
