//! A Jira project that got another key: ids decide, and people read the keys of now.

use tms_sync_host::model::Outcome;
use tms_sync_sim::testops::data::{Case, Launch, Project, TestResult};
use tms_sync_sim::world;

use crate::rig::{Rig, Variant, config};
use crate::seen;

scenarios!(after_a_rename_of_the_project_verdicts_show_its_keys_now_and_nothing_is_created);

async fn after_a_rename_of_the_project_verdicts_show_its_keys_now_and_nothing_is_created(variant: Variant) {
    let case = |id: i64, name: &str| Case::new(name).id(id).step("Open", "It opens");
    let launch = Launch::new("nightly")
        .id(5)
        .closed()
        .result(TestResult::of("One").case(1).passed());
    let project = Project::new(1).case(case(1, "One")).case(case(2, "Two")).launch(launch);
    let rig = Rig::start(variant, project).await;
    rig.export().await;
    {
        let mut site = rig.world.site.lock();
        let id = site
            .projects()
            .find(|project| project.key == world::PROJECT)
            .unwrap()
            .id;
        site.rename_project(id, "SUMS");
    }
    rig.later();
    rig.edit_case(1, |case| case.name = "One, renamed".to_owned());
    // The configuration has the old key, to which Jira still answers.
    let done = rig.export_fully(&[]).await;
    let verified = rig.verify(config()).await;
    reports!(variant => done, verified);
    assert_eq!(
        (done.cases(Outcome::Updated), done.cases(Outcome::Unchanged)),
        (vec!["1"], vec!["2"])
    );
    for run in [&done, &verified] {
        let keys = run
            .verdicts
            .iter()
            .map(|verdict| verdict.issue.as_ref().unwrap().key.as_str());
        assert!(
            keys.clone().all(|key| key.starts_with("SUMS-")),
            "{:?}",
            keys.collect::<Vec<_>>()
        );
    }
    assert_eq!((seen::tests(&rig).len(), seen::executions(&rig).len()), (2, 1));
    assert_eq!(rig.export().await.writes, 0);
}
