//! A plan tells what the export takes, and the export takes that.

use tms_sync_host::model::ExportConfig;
use tms_sync_sim::generate::Plan;
use tms_sync_sim::testops::data::Project;

use crate::rig::{Done, Rig, Variant, config, mapped};

scenarios!(
    a_first_export_takes_what_its_plan_told,
    an_export_of_edits_takes_what_its_plan_told,
    preconditions_are_in_what_a_plan_tells,
);

/// Requests by connection, as a plan's note tells them.
fn told(plan: &Done) -> Vec<(String, f64)> {
    let note = plan
        .notes
        .iter()
        .find_map(|note| note.strip_prefix("the export takes "));
    let note = note.unwrap_or_else(|| panic!("no forecast in {:?}", plan.notes));
    let each = note.split(", ").map(|part| {
        let words: Vec<&str> = part.split(' ').collect();
        assert_eq!(
            (words[0], words[2], words[3], words[5]),
            ("about", "requests", "to", "in"),
            "{note}"
        );
        (words[4].to_owned(), words[1].parse().unwrap())
    });
    each.collect()
}

/// Within a quarter, or three requests where there are few.
pub async fn foretells(rig: &Rig, config: ExportConfig) {
    let plan = rig.plan(config.clone()).await;
    let done = rig.export_with(config, |job| job).await;
    assert!(done.report.stopped.is_none(), "{:?}", done.report);
    let told = told(&plan);
    assert_eq!(told.len(), done.facts.connections.len(), "{told:?}");
    for (connection, told) in told {
        let took = done.facts.connections[&connection].requests as f64;
        let off = (told - took).abs();
        assert!(off <= (took / 4.0).max(3.0), "{connection}: {told} told, {took} taken");
    }
}

async fn a_first_export_takes_what_its_plan_told(variant: Variant) {
    let plan = Plan::new(230, 3).automated(20).launch(200).launch(90).settled();
    foretells(&Rig::start(variant, plan.build()).await, config()).await;
}

async fn an_export_of_edits_takes_what_its_plan_told(variant: Variant) {
    let project: Project = Plan::new(120, 2).build();
    let rig = Rig::start(variant, project).await;
    rig.export().await;
    rig.world.testops.edit(|site| {
        for id in 1..=40 {
            site.edit_case(id, |case| case.name = format!("Renamed {id}"));
        }
    });
    foretells(&rig, config()).await;
}

async fn preconditions_are_in_what_a_plan_tells(variant: Variant) {
    let mut project: Project = Plan::new(120, 2).build();
    for (number, case) in project.cases.iter_mut().enumerate() {
        case.precondition = Some(format!("Account {} exists", number % 45));
    }
    let rig = Rig::start(variant, project).await;
    let plan = rig.plan(mapped(&[("precondition", "issue")])).await;
    let told = "the export creates 45 Preconditions";
    assert!(plan.notes.iter().any(|note| note == told), "{:?}", plan.notes);
    foretells(&rig, mapped(&[("precondition", "issue")])).await;
}
