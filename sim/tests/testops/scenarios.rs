//! Manual scenarios and shared steps.

use std::time::Duration;

use serde_json::{Value, json};
use tms_sync_sim::Clock;
use tms_sync_sim::testops::data::Step;

use super::site::{NOW, builder, get, ids, testops};

fn step<'a>(scenario: &'a Value, id: &Value) -> &'a Value {
    &scenario["scenarioSteps"][id.to_string()]
}

#[tokio::test]
async fn a_scenario_is_six_maps_of_one_tree() {
    let testops = testops().await;
    let scenario = get(&testops, "/api/testcase/101/step").await;
    let top: Vec<&Value> = scenario["root"]["children"]
        .as_array()
        .unwrap()
        .iter()
        .map(|id| step(&scenario, id))
        .collect();
    assert_eq!(top.len(), 4);

    assert_eq!((&top[0]["body"], &top[0]["testCaseId"]), (&json!("Open"), &json!(101)));
    let attached = step(&scenario, &top[0]["children"][0]);
    let row = &scenario["attachments"][attached["attachmentId"].to_string()];
    assert_eq!(
        *row,
        json!({
            "id": attached["attachmentId"], "name": "a.png", "contentType": "image/png", "contentLength": 10,
            "entity": "test_case", "missed": false
        })
    );
    let wrapper = step(&scenario, &top[0]["expectedResultId"]);
    assert_eq!(wrapper["body"], "Expected Result");
    assert_eq!(step(&scenario, &wrapper["children"][0])["body"], "Page is open");
    assert!(
        !top[0]["children"]
            .as_array()
            .unwrap()
            .contains(&top[0]["expectedResultId"])
    );

    assert_eq!(
        (&top[1]["expectedResult"], top[1].get("expectedResultId")),
        (&json!("An error"), None)
    );
    assert_eq!(
        top[1]["bodyJson"],
        json!({"type": "doc", "content": [{"type": "paragraph", "content": [{"type": "text", "text": "Type 6/0"}]}]})
    );

    assert_eq!((&top[2]["sharedStepId"], top[2].get("body")), (&json!(5), None));
    let shared = &scenario["sharedSteps"]["5"];
    assert_eq!(shared["body"], "Log in");
    let inner = &scenario["sharedStepScenarioSteps"][shared["children"][1].to_string()];
    let file = &scenario["sharedStepAttachments"][inner["attachmentId"].to_string()];
    assert_eq!((&file["name"], file.get("entity")), (&json!("form.png"), None));

    assert_eq!(step(&scenario, &top[3]["children"][0])["body"], "Child");
}

#[tokio::test]
async fn an_automated_case_shows_the_steps_of_its_last_run() {
    let testops = testops().await;
    assert_eq!(
        get(&testops, "/api/testcase/102/step").await["root"]["children"],
        json!([])
    );
    assert_eq!(
        get(&testops, "/api/testcase/103/scenariofromrun").await,
        json!({"steps": []})
    );
    testops.edit(|site| site.edit_result(3, |result| result.case = Some(103)));
    let run = get(&testops, "/api/testcase/103/scenariofromrun").await;
    assert_eq!(
        (&run["steps"][0]["type"], &run["steps"][0]["body"]),
        (&json!("body"), &json!("Open"))
    );
    assert_eq!(run["steps"][0]["expectedResultSteps"][0]["type"], "expected_body");
    assert_eq!(run["steps"][0]["steps"][0]["type"], "attachment");
}

#[tokio::test]
async fn editing_a_shared_step_moves_its_date_and_not_the_cases() {
    let clock = Clock::manual(NOW);
    let testops = builder(&clock).start().await.unwrap();
    clock.advance(Duration::from_secs(9));
    testops.edit(|site| site.edit_shared_step(5, |shared| shared.steps.push(Step::new("Press enter"))));
    let shared = get(&testops, "/api/sharedstep/5").await;
    assert_eq!(
        (&shared["lastModifiedDate"], &shared["stepsCount"]),
        (&json!(NOW + 9_000), &json!(3))
    );
    assert_eq!(get(&testops, "/api/testcase/101").await["lastModifiedDate"], NOW);
    assert_eq!(shared["testCasesCount"], 1);
    let own = get(&testops, "/api/sharedstep/5/step").await;
    assert_eq!(own["root"]["children"].as_array().unwrap().len(), 3);
    assert_eq!(ids(&get(&testops, "/api/sharedstep?projectId=1").await), [5]);
    assert_eq!(ids(&get(&testops, "/api/sharedstep/5/usage").await), [101]);
}

#[tokio::test]
async fn shared_steps_that_call_each_other_end() {
    let testops = testops().await;
    testops.edit(|site| site.edit_shared_step(5, |shared| shared.steps.push(Step::shared(5))));
    let scenario = get(&testops, "/api/testcase/101/step").await;
    assert_eq!(scenario["sharedSteps"].as_object().unwrap().len(), 1);
    assert!(get(&testops, "/api/testcase/101/overview").await["scenario"]["steps"].is_array());
}
