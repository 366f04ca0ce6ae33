//! A plan forecasts what the export takes, and the export takes that.

use tms_sync_host::model::ExportConfig;
use tms_sync_sim::generate::Plan;
use tms_sync_sim::testops::data::Project;

use crate::rig::{Done, Rig, Variant, config, mapped};

scenarios!(
    a_first_export_takes_what_its_plan_forecast,
    an_export_of_edits_takes_what_its_plan_forecast,
    preconditions_are_in_the_forecast,
);

/// Requests by connection, as a plan's note forecasts them.
fn forecast(plan: &Done) -> Vec<(String, f64)> {
    let note = plan
        .notes
        .iter()
        .find_map(|note| note.strip_prefix("the export takes "));
    let note = note.unwrap_or_else(|| panic!("no forecast in {plan}"));
    let each = note.split(", ").map(|part| {
        let words: Vec<&str> = part.split(' ').collect();
        let frame = (words[0], words[2], words[3], words[5]);
        assert_eq!(frame, ("about", "requests", "to", "in"), "{note}");
        // The note names products, the report connections.
        (words[4].to_lowercase(), words[1].parse().unwrap())
    });
    each.collect()
}

/// Within a quarter, or three requests where there are few.
pub async fn holds(rig: &Rig, config: ExportConfig) {
    let plan = rig.plan(config.clone()).await;
    let done = rig.export_with(config, |job| job).await;
    assert!(done.report.stopped.is_none(), "{done}");
    let forecast = forecast(&plan);
    assert_eq!(forecast.len(), done.facts.connections.len(), "{forecast:?}");
    let reported: Vec<(String, f64)> = plan
        .report
        .forecast
        .iter()
        .map(|of| (of.connection.clone(), of.requests as f64))
        .collect();
    assert_eq!(reported, forecast, "the report has what the note says");
    assert!(done.report.forecast.is_empty());
    for (connection, forecast) in forecast {
        let took = done.facts.connections[&connection].requests as f64;
        let off = (forecast - took).abs();
        let most = (took / 4.0).max(3.0);
        assert!(off <= most, "{connection}: {forecast} forecast, {took} taken");
    }
}

async fn a_first_export_takes_what_its_plan_forecast(variant: Variant) {
    let plan = Plan::new(230, 3).automated(20).launch(200).launch(90).settled();
    holds(&Rig::start(variant, plan.build()).await, config()).await;
}

async fn an_export_of_edits_takes_what_its_plan_forecast(variant: Variant) {
    let project: Project = Plan::new(120, 2).build();
    let rig = Rig::start(variant, project).await;
    rig.export().await;
    for id in 1..=40 {
        rig.edit_case(id, |case| case.name = format!("Renamed {id}"));
    }
    holds(&rig, config()).await;
}

async fn preconditions_are_in_the_forecast(variant: Variant) {
    let mut project: Project = Plan::new(120, 2).build();
    for (number, case) in project.cases.iter_mut().enumerate() {
        case.precondition = Some(format!("Account {} exists", number % 45));
    }
    let rig = Rig::start(variant, project).await;
    let config = mapped(&[("precondition", "issue")]);
    let plan = rig.plan(config.clone()).await;
    reports!(variant => plan);
    holds(&rig, config).await;
}
