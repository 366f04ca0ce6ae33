//! Whole cases and what becomes of them, as folders: `tests/fixtures/case/<case>/testops.json` is what TestOps answers;
//! `cloud.json` and `dc.json` are the bodies that create the Test, `verdict.txt` is what the verdict notes. The guest's own
//! readers and writers stand between them; only the servers are canned. `BLESS=1` writes the latter three.

use std::cell::RefCell;
use std::fs;
use std::path::{Path, PathBuf};

use futures_util::FutureExt as _;
use proptest::prelude::*;
use serde_json::{Value, json};
use tms_sync_xray::domain::{BaseUrl, CaseId};
use tms_sync_xray::mapping::{self, Context, Marker, options};
use tms_sync_xray::ports::{
    Clock, Entity, Event, Events, Fetched, Http, Identity, Key, LedgerError, Link, Links, Method, Pending, Piece,
    Ports, PutOutcome, Request, Response, Row, SendError,
};
use tms_sync_xray::setup::{CLOUD, DC};
use tms_sync_xray::target::{Draft, Setup};
use tms_sync_xray::testops::TestOps;
use tms_sync_xray::text::is_clean;
use tms_sync_xray::xray;

const CASE: CaseId = CaseId(7);

/// Answers what a fixture and the table below say, and keeps the bodies that create something.
struct Servers {
    case: Value,
    created: RefCell<Vec<Value>>,
}

impl Servers {
    fn answer(&self, request: &Request) -> Option<Value> {
        let path = request.path.as_str();
        if let Some(of_case) = path.strip_prefix("/api/rs/") {
            let name = of_case.strip_prefix(&format!("testcase/{CASE}/")).unwrap_or(of_case);
            return self.case.get(name).cloned();
        }
        let custom = |id: &str, name: &str, values: &[&str]| {
            let values: Vec<Value> = values.iter().map(|value| json!({"value": value})).collect();
            json!({"fieldId": id, "name": name, "required": false, "hasDefaultValue": false, "allowedValues": values,
                "schema": {"type": "any", "custom": format!("com.xpandit.plugins.xray:{name}")}})
        };
        let end = |end: &str| path.ends_with(end);
        let fields = || {
            json!([
                custom("cf-type", "test-type-custom-field", &["Manual", "Cucumber", "Generic"]),
                custom("cf-steps", "manual-test-steps-custom-field", &[]),
                custom("cf-scenario-type", "automated-test-type-custom-field", &[]),
                custom("cf-scenario", "steps-editor-custom-field", &[]),
                custom("cf-definition", "path-editor-custom-field", &[]),
            ])
        };
        let kinds = json!([{"id": "1", "name": "Manual", "kind": "Steps"}, {"id": "2", "name": "Cucumber", "kind": "Gherkin"},
            {"id": "3", "name": "Generic", "kind": "Unstructured"}]);
        Some(match path {
            _ if end("/serverInfo") && path.contains("/3/") => {
                json!({"version": "1001.0.0", "deploymentType": "Cloud"})
            }
            _ if end("/serverInfo") => json!({"version": "10.3.1", "deploymentType": "Server"}),
            _ if end("/myself") => json!({"name": "exporter", "displayName": "Exporter", "active": true}),
            _ if end("/project/CALC") => json!({"id": "10000", "key": "CALC", "name": "Calculator"}),
            _ if end("/mypermissions") => {
                let held = [
                    "BROWSE_PROJECTS",
                    "CREATE_ISSUES",
                    "EDIT_ISSUES",
                    "CREATE_ATTACHMENTS",
                    "LINK_ISSUES",
                ];
                let held = held.map(|name| (name.to_owned(), json!({"havePermission": true})));
                json!({"permissions": serde_json::Map::from_iter(held)})
            }
            _ if end("/issuetypes") => json!({"total": 2, "issueTypes": [{"id": "1", "name": "Test"},
                {"id": "2", "name": "Test Execution"}]}),
            _ if path.contains("/issuetypes/") => json!({"total": 5, "fields": fields()}),
            _ if end("/xraylicense") => json!({"active": true}),
            _ if end("/teststatuses") => json!([{"name": "PASS"}, {"name": "FAIL"}, {"name": "TODO"}]),
            _ if end("/graphql") => {
                json!({"data": {"settings": {"projectId": "10000", "testTypeSettings": {"testTypes": kinds}},
                "statuses": [{"name": "PASSED"}, {"name": "FAILED"}, {"name": "TO DO"}]}})
            }
            _ if end("/import/test/bulk") => json!({"jobId": "1"}),
            _ if end("/issue/bulk") => json!({"issues": [], "errors": []}),
            _ => return None,
        })
    }
}

impl Http for Servers {
    fn send(&self, request: Request) -> Pending<'_, Result<Response, SendError>> {
        let body = request.body.iter().flatten().fold(Vec::new(), |mut all, piece| {
            match piece {
                Piece::Bytes(bytes) => all.extend(bytes),
                other => panic!("no file is sent here: {other:?}"),
            }
            all
        });
        if request.method == Method::Post && request.path.ends_with("/bulk") {
            self.created.borrow_mut().push(serde_json::from_slice(&body).unwrap());
        }
        let answer = self.answer(&request);
        let response = Response {
            status: if answer.is_some() { 200 } else { 404 },
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body: answer.map_or_else(|| b"{}".to_vec(), |answer| answer.to_string().into_bytes()),
            identity: Identity::Authenticated,
            gateway: false,
        };
        Box::pin(async { Ok(response) })
    }

    fn fetch(&self, _: Request, _: u64) -> Pending<'_, Result<Fetched, SendError>> {
        Box::pin(async { Err(SendError::NotSent("there are no files here".to_owned())) })
    }
}

/// Time stands still, nothing is remembered, nobody listens.
struct Still;

impl Clock for Still {
    fn now(&self) -> u64 {
        1_795_000_000_000
    }

    fn sleep(&self, _milliseconds: u64) -> Pending<'_, ()> {
        Box::pin(async {})
    }
}

impl Links for Still {
    fn get_many(&self, keys: Vec<Key>) -> Pending<'_, Result<Vec<Option<Row>>, LedgerError>> {
        Box::pin(async move { Ok(keys.iter().map(|_| None).collect()) })
    }

    fn put_many(&self, writes: Vec<(Link, u64)>) -> Pending<'_, Result<Vec<PutOutcome>, LedgerError>> {
        Box::pin(async move { Ok(writes.iter().map(|_| PutOutcome::Stored(1)).collect()) })
    }

    fn scan(&self, _: Entity, _: String, _: Option<String>, _: u32) -> Pending<'_, Result<Vec<Row>, LedgerError>> {
        Box::pin(async { Ok(Vec::new()) })
    }
}

impl Events for Still {
    fn emit(&self, _: Event) -> Pending<'_, ()> {
        Box::pin(async {})
    }
}

/// The body that creates the Test, and what the verdict notes.
async fn created(servers: &Servers, is_cloud: bool) -> (Value, Vec<String>) {
    let ports = Ports {
        http: servers,
        clock: &Still,
        links: &Still,
        events: &Still,
    };
    let source = TestOps::new(ports, BaseUrl::new("https://testops.example"), 1);
    let given = servers
        .case
        .get("options")
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default();
    let read = options::read(
        given
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str().unwrap())),
    );
    assert_eq!(read.problems, []);
    let setup = Setup {
        project: "CALC".to_owned(),
        site: "https://jira.example".to_owned(),
        options: read.options.clone(),
        asks_for_fields: false,
    };
    let kind = if is_cloud { CLOUD } else { DC };
    let jira = xray::jira(kind, ports);
    let target = xray::target(kind, &jira, ports, setup);
    let destination = target.open().await.unwrap();
    let mut case = source.case(CASE).await.unwrap();
    if read.options.scenario.automated_steps {
        case.scenario.last_run = source.last_run(CASE).await.unwrap();
    }
    let url = source.case_url(CASE);
    let context = Context {
        url: &url,
        testops: "https://testops.example",
        dialect: target.capability().dialect,
        cucumber: destination.cucumber,
        options: &read.options,
        plan: &destination.plan,
        step_fields: &destination.xray_fields.steps,
        site: "https://jira.example",
    };
    let content = mapping::test(&case, &context);
    let marker = Marker::test_case(source.identity(), &destination.project.id, CASE, 0);
    let draft = Draft {
        marker: &marker,
        content: &content,
        source: url.clone(),
        precondition: None,
        singly: false,
    };
    target.tests().submit(&[draft]).await.unwrap();
    let body = servers.created.borrow_mut().pop().unwrap();
    let element = body.pointer("/issueUpdates/0").or(body.pointer("/0")).unwrap().clone();
    (element, content.losses)
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/case")
}

fn check(name: &str) {
    let folder = folder().join(name);
    let case = serde_json::from_str(&fs::read_to_string(folder.join("testops.json")).unwrap()).unwrap();
    let servers = Servers {
        case,
        created: RefCell::default(),
    };
    let made = |is_cloud| created(&servers, is_cloud).now_or_never().expect("nothing here waits");
    let ((cloud, on_cloud), (dc, on_dc)) = (made(true), made(false));
    if let Some(description) = cloud.pointer("/fields/description") {
        assert_eq!(crate::adf_schema::validate(description), Ok(()), "{name}");
    }
    let notes = |of: &str, notes: &[String]| notes.iter().map(|note| format!("{of}: {note}\n")).collect::<String>();
    let pretty = |value: &Value| serde_json::to_string_pretty(value).unwrap() + "\n";
    let verdict = notes("cloud", &on_cloud) + &notes("dc", &on_dc);
    for (file, made) in [
        ("cloud.json", pretty(&cloud)),
        ("dc.json", pretty(&dc)),
        ("verdict.txt", verdict),
    ] {
        let path = folder.join(file);
        if std::env::var_os("BLESS").is_some() {
            fs::write(&path, made).unwrap();
        } else {
            let expected = fs::read_to_string(&path).unwrap_or_default();
            assert!(made == expected, "{name}/{file} differs; BLESS=1 accepts it");
        }
    }
}

macro_rules! cases {
    ($($name:ident)*) => {
        $(#[test] fn $name() { check(stringify!($name)); })*

        #[test]
        fn every_folder_is_claimed() {
            let mut names: Vec<String> = fs::read_dir(folder())
                .unwrap()
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect();
            names.sort();
            assert_eq!(names, [$(stringify!($name)),*]);
        }
    };
}

cases! {
    attachments_of_steps
    automated
    automated_with_steps_of_its_last_run
    checklist
    empty
    expected_inline
    expected_lines
    files_of_others
    folders_with_odd_names
    gherkin
    gherkin_by_keywords
    gherkin_feature
    gherkin_in_chinese
    gherkin_outline
    gherkin_prose
    gherkin_with_files
    hostile
    manual
    marker_as_tag
    nested_steps
    over_long
    parameters
    parameters_without_values
    shared_step_that_is_gone
    shared_steps
    steps_with_looks
    terminal_sequences
    type_by_option
}

/// Words with what terminals and other programs leave between them.
fn noisy() -> impl Strategy<Value = String> {
    let noise = prop_oneof![
        Just("\u{1b}[31m".to_owned()),
        Just("\u{1b}]0;title\u{7}".to_owned()),
        Just("\r\n".to_owned()),
        Just("\u{fffe}\u{202e}".to_owned()),
        any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(("[a-z]{1,5}", noise), 1..4)
        .prop_map(|parts| parts.into_iter().map(|(word, noise)| word + &noise).collect())
}

fn unclean<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
    match value {
        Value::String(text) if !is_clean(text) => found.push(text),
        Value::Array(values) => values.iter().for_each(|value| unclean(value, found)),
        Value::Object(members) => members.values().for_each(|value| unclean(value, found)),
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_that_leaves_holds_what_no_field_takes(texts in prop::collection::vec(noisy(), 16)) {
        let mut texts = texts.into_iter();
        let mut text = || texts.next().unwrap();
        let overview = json!({"id": CASE.0, "name": text(), "fullName": text(), "description": text(), "precondition": text(),
            "expectedResult": text(), "hasManualScenario": true, "tags": [{"name": text()}], "layer": {"name": text()},
            "members": [{"name": text(), "role": {"name": text()}}], "links": [{"name": text(), "url": "https://a.example"}],
            "customFields": [{"name": text(), "customField": {"name": "Epic"}}], "parameters": [{"name": text()}],
            "examples": [{"parameters": [{"name": text(), "value": text()}]}]});
        let step = json!({"root": {"children": [1]}, "scenarioSteps": {"1": {"body": text(), "children": [2]}, "2": {"attachmentId": 3}},
            "attachments": {"3": {"name": text()}}});
        let servers = Servers {
            case: json!({"overview": overview, "step": step, "options": {"folder": "Epic", "layer": "label"}}),
            created: RefCell::default(),
        };
        for is_cloud in [true, false] {
            let (body, _) = created(&servers, is_cloud).now_or_never().expect("nothing here waits");
            let mut found = Vec::new();
            unclean(&body, &mut found);
            prop_assert!(found.is_empty(), "{found:?}");
        }
    }
}
