//! What a test case's attributes become.

use tms_sync_host::model::{ExportConfig, Field, Outcome};
use tms_sync_sim::testops::data::{Case, Integration, Issue, Project};

use crate::rig::{Rig, Variant, config};
use crate::seen;

scenarios!(attributes_arrive_in_the_description_and_stand_still);

/// Everything, with mapping options.
fn mapped(options: &[(&str, &str)]) -> ExportConfig {
    let field = |(name, value): &(&str, &str)| Field {
        name: (*name).to_owned(),
        value: (*value).to_owned(),
    };
    ExportConfig {
        mapping: options.iter().map(field).collect(),
        ..config()
    }
}

async fn attributes_arrive_in_the_description_and_stand_still(variant: Variant) {
    let case = Case::new("Log in")
        .id(7)
        .layer("API")
        .status("Review")
        .member("Tester", "eve")
        .member("Owner", "ann")
        .field("Feature", "Cart")
        .field("Epic", "Shop")
        .link("Manual", "https://docs.example.com/manual")
        .issue(Issue::new("OTHER-1", 5));
    let rig = Rig::start(variant, Project::new(1).case(case)).await;
    let tracker = Integration::new(5, "jira", "https://tracker.example.com");
    rig.world.testops.edit(|site| site.add_integration(tracker));
    let done = rig.export().await;
    assert_eq!(done.cases(Outcome::Created), ["7"], "{:?}", done.verdicts);
    let description = seen::named(&rig, "Log in").description;
    let mut rest = description.as_str();
    for text in [
        "Details", "Layer", "API", "Status", "Review", "Owner", "ann", "Tester", "eve", "Epic", "Shop", "Feature",
        "Cart", "OTHER-1", "Manual",
    ] {
        let at = rest
            .find(text)
            .unwrap_or_else(|| panic!("{text} in its place in {description}"));
        rest = &rest[at + text.len()..];
    }
    assert!(
        description.contains("https://tracker.example.com/browse/OTHER-1"),
        "{description}"
    );

    // The same rows in another order are no change.
    rig.world.testops.edit(|site| {
        site.edit_case(7, |case| {
            case.fields.reverse();
            case.members.reverse();
        });
    });
    let again = rig.export_with(config(), |job| job.full(true)).await;
    assert_eq!(
        (again.cases(Outcome::Unchanged).len(), again.writes),
        (1, 0),
        "{:?}",
        again.verdicts
    );

    let quiet = [
        ("layer", "label"),
        ("custom-fields", "label"),
        ("status", "none"),
        ("members", "none"),
        ("links", "none"),
    ];
    let moved = rig.export_with(mapped(&quiet), |job| job.full(true)).await;
    assert_eq!(moved.cases(Outcome::Updated), ["7"], "{:?}", moved.verdicts);
    let test = seen::named(&rig, "Log in");
    assert!(!test.description.contains("Details"), "{}", test.description);
    for label in ["layer:API", "Epic:Shop", "Feature:Cart"] {
        assert!(test.labels.iter().any(|l| l == label), "{label} in {:?}", test.labels);
    }
}
