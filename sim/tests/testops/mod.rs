//! The site the tests share, and a client that is signed in.

use reqwest::{Client, Response};
use serde_json::Value;
use tms_sync_sim::Clock;
use tms_sync_sim::testops::data::{
    Case, Defect, Field, File, Integration, Issue, Launch, Parameter, Project, RunStep, SharedStep, Status, Step,
    TestKey, TestResult,
};
use tms_sync_sim::testops::{Builder, TOKEN, TestOps};

/// Where the manual clock of the tests stands: 2025-01-01.
pub const NOW: i64 = 1_735_689_600_000;

pub fn builder(clock: &Clock) -> Builder {
    TestOps::builder()
        .clock(clock.clone())
        .integration(Integration::new(3, "jira", "https://jira.example.com"))
        .integration(Integration::new(4, "xray", "https://jira.example.com/"))
        .project(project())
}

pub async fn testops() -> TestOps {
    builder(&Clock::manual(NOW)).start().await.unwrap()
}

pub fn project() -> Project {
    Project::new(1)
        .name("Calculator")
        .field(Field {
            name: "Priority".into(),
            single_select: true,
            required: false,
        })
        .shared_step(
            SharedStep::new(5, "Log in")
                .step(Step::new("Type the name"))
                .step(Step::file(File::new("form.png", "image/png", "png"))),
        )
        .defect(Defect {
            id: 9,
            name: "Division".into(),
            issue: Some(Issue::new("AS-9", 3)),
            ..Defect::default()
        })
        .case(rich_case())
        .case(
            Case::new("Add")
                .id(102)
                .automated("calc.AddTest.add")
                .layer("API Tests")
                .status("Active")
                .tag("smoke"),
        )
        .case(Case::new("Old one").id(103).tag("legacy"))
        .launch(launch())
}

pub fn rich_case() -> Case {
    let image = File::new("a.png", "image/png", "0123456789");
    let mut case = Case::new("Divide")
        .id(101)
        .description("**Divides** two <numbers>")
        .precondition("Calculator is on")
        .expected_result("A quotient")
        .tag("smoke")
        .tag("math")
        .field("Suite", "Arithmetic")
        .field("Priority", "High")
        .field("Suite", "Division")
        .issue(Issue::new("AS-2", 3))
        .member("Owner", "ann")
        .member("Lead", "bob")
        .link("Spec", "https://example.com/spec")
        .test_key(TestKey::new("CALC-7", 4))
        .file(File::new("notes.txt", "text/plain", "hello").missed())
        .example(&[("a", "6"), ("b", "3")])
        .add_step(
            Step::new("Open")
                .child(Step::file(image))
                .expect_lines([Step::new("Page is open")]),
        )
        .step("Type 6/0", "An error")
        .add_step(Step::shared(5))
        .add_step(Step::new("Parent").child(Step::new("Child")));
    case.comments.push(("ann".into(), "Looks good".into()));
    case
}

fn launch() -> Launch {
    let failed = TestResult::of("Divide")
        .failed("expected 2", "at Calc.java:7")
        .ran(NOW, NOW + 1_500)
        .parameter(Parameter {
            hidden: true,
            ..Parameter::new("password", "x")
        })
        .environment("Browser", "Firefox")
        .step(
            RunStep::new("Open", Status::Passed)
                .expect("Page is open")
                .child(RunStep::file(File::new("shot.png", "image/png", "shot"))),
        )
        .file(File::new("log.txt", "text/plain", "a log"))
        .defect(9);
    Launch::new("nightly")
        .id(77)
        .tag("ci")
        .environment("Branch", "main")
        .environment("Branch", "dev")
        .issue(Issue::new("AS-5", 3))
        .job("build")
        .attempts([
            TestResult::of("Add").failed("flaky", "trace"),
            TestResult::of("Add").passed(),
        ])
        .result(failed)
        .result(TestResult::new("Not linked").passed())
        .result(TestResult::of("Divide").manual("ann"))
}

/// Asks with the API token and gives the JSON of a 200 answer.
pub async fn get(testops: &TestOps, path: &str) -> Value {
    let response = ask(testops, path).await;
    assert_eq!(response.status(), 200, "{path}");
    response.json().await.unwrap()
}

/// Asks with the API token.
pub async fn ask(testops: &TestOps, path: &str) -> Response {
    let request = client().get(format!("{}{path}", testops.url()));
    request
        .header("authorization", format!("Api-Token {TOKEN}"))
        .send()
        .await
        .unwrap()
}

/// Posts JSON with the API token.
pub async fn post(testops: &TestOps, path: &str, body: &Value) -> Response {
    let request = client().post(format!("{}{path}", testops.url())).json(body);
    request
        .header("authorization", format!("Api-Token {TOKEN}"))
        .send()
        .await
        .unwrap()
}

/// The ids of a page's rows.
pub fn ids(page: &Value) -> Vec<i64> {
    page["content"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["id"].as_i64().unwrap())
        .collect()
}

/// The names of an object's members.
pub fn members(row: &Value) -> Vec<&str> {
    row.as_object().unwrap().keys().map(String::as_str).collect()
}

/// Percent-encodes a query.
pub fn encode(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// A client. The workspace's reqwest has no TLS provider of its own; another test may have set it already.
pub fn client() -> Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::new()
}
