//! What a test case becomes.

use tms_sync_host::model::Outcome;
use tms_sync_sim::testops::data::{Case, Project, SharedStep, Step};

use crate::rig::{Rig, Variant};
use crate::seen;

scenarios!(
    a_case_arrives_with_everything_it_says,
    an_automated_case_becomes_a_generic_test,
    nested_and_shared_steps_arrive_in_order,
    looks_of_steps_arrive_as_markup,
    hostile_text_arrives_as_text,
    long_texts_are_shortened_and_the_verdict_says_so,
    equal_names_become_separate_tests,
);

async fn a_case_arrives_with_everything_it_says(variant: Variant) {
    let case = Case::new("Log in")
        .description("Checks **the** form")
        .precondition("An account")
        .expected_result("The user is in")
        .step("Open the page", "The form is shown")
        .step("Send it", "Welcome")
        .tag("smoke")
        .tag("two words");
    let rig = Rig::start(variant, Project::new(1).case(case)).await;
    let done = rig.export().await;
    let test = seen::named(&rig, "Log in");
    let issue = done.verdicts[0].issue.as_ref();
    assert_eq!(issue.map(|issue| issue.key.as_str()), Some(test.key.as_str()));
    let test = rig.shown(test);
    reports!(variant => done, test);
}

async fn an_automated_case_becomes_a_generic_test(variant: Variant) {
    let project = Project::new(1).case(Case::new("logsIn()").automated("com.acme.LoginTest.logsIn"));
    let rig = Rig::start(variant, project).await;
    rig.export().await;
    let test = seen::named(&rig, "logsIn()");
    assert_eq!(
        (test.kind.as_str(), test.definition.as_str()),
        ("Generic", "com.acme.LoginTest.logsIn")
    );
}

async fn nested_and_shared_steps_arrive_in_order(variant: Variant) {
    let shared = SharedStep::new(1, "Log in")
        .step(Step::new("Type the name"))
        .step(Step::new("Press Enter"));
    let case = Case::new("Order")
        .add_step(Step::shared(1))
        .add_step(Step::new("Fill the cart").child(Step::new("Add a book").expect("One item")));
    let rig = Rig::start(variant, Project::new(1).shared_step(shared).case(case)).await;
    rig.export().await;
    let test = seen::named(&rig, "Order");
    let steps: Vec<_> = test
        .steps
        .iter()
        .map(|(action, _, result)| [action.as_str(), result])
        .collect();
    let expected = [
        ["1. Log in", ""],
        ["1.1. Type the name", ""],
        ["1.2. Press Enter", ""],
        ["2. Fill the cart", ""],
        ["2.1. Add a book", "One item"],
    ];
    assert_eq!(steps, expected);
}

async fn looks_of_steps_arrive_as_markup(variant: Variant) {
    let bold = serde_json::json!({"type": "doc", "content": [{"type": "paragraph", "content": [
        {"type": "text", "text": "Press "}, {"type": "text", "text": "Save", "marks": [{"type": "bold"}]}]}]});
    let query = serde_json::json!({"type": "doc", "content": [{"type": "code_block", "attrs": {"language": "sql"},
        "content": [{"type": "text", "text": "select 1"}]}]});
    let step = Step::rich("Press Save", bold).expect_lines([Step::new("One row:"), Step::rich("select 1", query)]);
    let rig = Rig::start(variant, Project::new(1).case(Case::new("Looks").add_step(step))).await;
    rig.export().await;
    let test = seen::named(&rig, "Looks");
    assert_eq!(test.steps[0].0, "Press *Save*");
    assert_eq!(test.steps[0].2, "One row:\n\n{code:sql}\nselect 1\n{code}");
}

async fn hostile_text_arrives_as_text(variant: Variant) {
    let hostile = "{html}<script>alert(1)</script>{html} [~admin] {code}x";
    let case = Case::new("<b>{noformat}").description(hostile).step(hostile, hostile);
    let rig = Rig::start(variant, Project::new(1).case(case)).await;
    let done = rig.export().await;
    let test = seen::named(&rig, "<b>{noformat}");
    for text in [&test.steps[0].0, &test.steps[0].2] {
        assert!(!text.replace("\\{", "").contains('{'), "a live macro in {text}");
        assert!(!text.contains("[~"), "a live mention in {text}");
    }
    let test = rig.shown(test);
    reports!(variant => done, test);
}

async fn long_texts_are_shortened_and_the_verdict_says_so(variant: Variant) {
    let case = Case::new(&"n".repeat(300))
        .description(&"d ".repeat(30_000))
        .step(&"s".repeat(9_000), "");
    let rig = Rig::start(variant, Project::new(1).case(case)).await;
    let done = rig.export().await;
    let test = &seen::tests(&rig)[0];
    assert!(test.summary.chars().count() <= 255 && test.steps[0].0.chars().count() <= 8_192);
    reports!(done);
}

async fn equal_names_become_separate_tests(variant: Variant) {
    let project = (0..12).fold(Project::new(1), |project, _| {
        project.case(Case::new("Same name").step("Same", ""))
    });
    let rig = Rig::start(variant, project).await;
    rig.export().await;
    let second = rig.export().await;
    assert_eq!(seen::tests(&rig).len(), 12);
    assert_eq!((second.cases(Outcome::Unchanged).len(), second.writes), (12, 0));
}
