//! Documents as clients send them.

use reqwest::StatusCode;
use serde_json::{Value, json};
use tms_sync_sim::jira::account::Actor;
use tms_sync_sim::jira::input::IssueInput;
use tms_sync_sim::jira::project::Role;

use crate::bed::Bed;

#[tokio::test]
async fn tests_are_created_and_read_back_in_batches() {
    let bed = Bed::new().await;
    let create = "mutation($j0:JSON!,$s0:[CreateStepInput],$j1:JSON!,$d1:String){
        t0:createTest(testType:{name:\"Manual\"},steps:$s0,jira:$j0){test{issueId jira(fields:[\"key\"])} warnings}
        t1:createTest(testType:{name:\"Generic\"},unstructured:$d1,jira:$j1){test{issueId jira(fields:[\"key\"])} warnings}}";
    let jira = |summary: &str| json!({ "fields": { "project": { "key": "CALC" }, "summary": summary, "labels": ["x"], "description": "plain" } });
    let steps = json!([{ "action": "a", "data": "d", "result": "r" }, { "action": "b" }]);
    let variables = json!({ "j0": jira("manual"), "s0": steps, "j1": jira("generic"), "d1": "com.acme.T" });
    let made = bed.graphql(create, variables).await;
    assert_eq!(made["t0"]["warnings"], json!([]));
    assert_eq!(made["t0"]["test"]["jira"], json!({ "key": "CALC-1" }));
    let read = "query($ids:[String]){getTests(issueIds:$ids,limit:100){total results{issueId
        jira(fields:[\"key\",\"summary\",\"labels\"]) testType{name kind} unstructured gherkin
        steps{id action data result} folder{path}} warnings}}";
    let ids = json!([made["t0"]["test"]["issueId"], made["t1"]["test"]["issueId"]]);
    let found = bed.graphql(read, json!({ "ids": ids })).await;
    assert_eq!(found["getTests"]["total"], 2);
    let manual = found["getTests"]["results"]
        .as_array()
        .unwrap()
        .iter()
        .find(|t| t["jira"]["key"] == "CALC-1")
        .unwrap();
    assert_eq!(manual["steps"].as_array().unwrap().len(), 2);
    assert_eq!(manual["steps"][0]["result"], "r");
    assert_eq!(
        manual["jira"],
        json!({ "key": "CALC-1", "summary": "manual", "labels": ["x"] })
    );
    let by_key = bed
        .graphql(
            "{getTests(jql:\"key in (CALC-2)\",limit:10){results{unstructured}}}",
            json!({}),
        )
        .await;
    assert_eq!(by_key["getTests"]["results"], json!([{ "unstructured": "com.acme.T" }]));
}

#[tokio::test]
async fn a_failing_alias_leaves_the_others_their_data() {
    let bed = Bed::new().await;
    let test = bed.manual_test("t", 1).await;
    let document = "mutation($i:String!){
        good:addTestStep(issueId:$i,step:{action:\"x\"}){id}
        bad:addTestStep(issueId:\"CALC-1\",step:{action:\"x\"}){id}
        also:updateTestType(issueId:$i,testType:{name:\"Generic\"}){issueId}}";
    let (status, body) = bed.graphql_raw(document, json!({ "i": test })).await;
    assert_eq!(status, StatusCode::OK);
    assert!(body["data"]["good"]["id"].is_string());
    assert_eq!(body["data"]["bad"], Value::Null);
    assert!(body["data"].as_object().unwrap().contains_key("bad"));
    assert_eq!(body["data"]["also"]["issueId"], json!(test));
    assert_eq!(body["errors"].as_array().unwrap().len(), 1);
    assert_eq!(body["errors"][0]["message"], "issueId provided is not valid");
    assert_eq!(body["errors"][0]["path"], json!(["bad"]));
}

#[tokio::test]
async fn documents_that_do_not_fit_the_schema_are_refused_whole() {
    let bed = Bed::new().await;
    let refusals = [
        (
            "{ getTest(issueId: \"1\") { colour } }",
            "Cannot query field \"colour\" on type \"Test\"",
        ),
        (
            "{ getTests { total } }",
            "Field \"getTests\" argument \"limit\" of type \"Int!\" is required",
        ),
        (
            "{ getTest(issueId: \"1\") { jira { key } } }",
            "Field \"jira\" must not have a selection since type \"JSON\" has no subfields",
        ),
    ];
    for (document, words) in refusals {
        let (status, body) = bed.graphql_raw(document, json!({})).await;
        assert_eq!(status, StatusCode::BAD_REQUEST);
        assert!(body["errors"][0]["message"].as_str().unwrap().contains(words), "{body}");
    }
}

#[tokio::test]
async fn keys_and_unknown_ids_give_null_and_bad_jql_an_error() {
    let bed = Bed::new().await;
    bed.manual_test("t", 1).await;
    let data = bed
        .graphql(
            "{a:getTest(issueId:\"CALC-1\"){issueId} b:getTest(issueId:\"1\"){issueId}}",
            json!({}),
        )
        .await;
    assert_eq!(data, json!({ "a": null, "b": null }));
    let (status, body) = bed
        .graphql_raw("{getTests(jql:\"nonsense ==\",limit:1){total}}", json!({}))
        .await;
    assert_eq!((status, &body["data"]["getTests"]), (StatusCode::OK, &Value::Null));
    assert!(body["errors"][0]["message"].is_string());
}

#[tokio::test]
async fn an_issue_made_in_jira_is_unknown_to_xray_for_a_while() {
    let bed = Bed::new().await;
    let id = {
        let mut site = bed.site.lock();
        site.xray_delay = 8_000;
        let ty = site.type_of_role(bed.project, Role::Test).unwrap().id.to_string();
        let fields = [
            ("project".to_owned(), json!({ "key": "CALC" })),
            ("issuetype".to_owned(), json!({ "id": ty })),
            ("summary".to_owned(), json!("through Jira")),
        ];
        site.create_issue(&Actor::System, &IssueInput::of(fields))
            .unwrap()
            .to_string()
    };
    let document = "mutation($i:String!){addTestStep(issueId:$i,step:{action:\"x\"}){id}}";
    let (_, body) = bed.graphql_raw(document, json!({ "i": id })).await;
    assert_eq!(body["errors"][0]["message"], "issueId provided is not valid");
    bed.pass(8);
    assert!(bed.graphql(document, json!({ "i": id })).await["addTestStep"]["id"].is_string());
}

#[tokio::test]
async fn runs_are_filled_in_with_the_vendors_words() {
    let bed = Bed::new().await;
    let test = bed.manual_test("t", 2).await;
    let bug = bed.seed(Role::Plain, "bug");
    let create = "mutation($t:[String],$j:JSON!){createTestExecution(testIssueIds:$t,testEnvironments:[\"chrome\"],jira:$j)
        {testExecution{issueId testRuns(limit:10){results{id status{name} steps{id}}}} createdTestEnvironments warnings}}";
    let jira = json!({ "fields": { "project": { "key": "CALC" }, "summary": "exec" } });
    let made = bed.graphql(create, json!({ "t": [test], "j": jira })).await["createTestExecution"].take();
    assert_eq!(made["createdTestEnvironments"], json!(["chrome"]));
    let run = made["testExecution"]["testRuns"]["results"][0].clone();
    assert_eq!(run["status"]["name"], "TO DO");
    let change =
        "mutation($r:String!,$step:String!,$bug:String!,$d:UpdateTestRunStepInput!,$ev:[AttachmentDataInput]!){
        s:updateTestRunStatus(id:$r,status:\"PASSED\") c:updateTestRunComment(id:$r,comment:\"fine\")
        u:updateTestRun(id:$r,startedOn:\"2020-03-09T10:35:09Z\"){warnings}
        p:updateTestRunStep(testRunId:$r,stepId:$step,updateData:$d){addedDefects addedEvidence warnings}
        e:addEvidenceToTestRun(id:$r,evidence:$ev){addedEvidence warnings}
        d:addDefectsToTestRun(id:$r,issues:[$bug]){addedDefects warnings}
        n:addDefectsToTestRun(id:$r,issues:[\"NONE-1\"]){addedDefects warnings}}";
    let variables = json!({
        "r": run["id"], "step": run["steps"][0]["id"], "bug": bed.key(&bug),
        "d": { "status": "FAILED", "actualResult": "boom", "defects": { "add": [bug] },
               "evidence": { "add": [{ "filename": "a.txt", "mimeType": "text/plain", "data": "YQ==" }] } },
        "ev": [{ "filename": "b.txt", "mimeType": "text/plain", "data": "YmI=" }],
    });
    let done = bed.graphql(change, variables).await;
    assert_eq!((&done["s"], &done["c"]), (&json!("Success"), &json!("Success")));
    assert_eq!(
        done["p"],
        json!({ "addedDefects": [bug], "addedEvidence": ["a.txt"], "warnings": [] })
    );
    assert_eq!(done["e"]["addedEvidence"], json!(["b.txt"]));
    assert_eq!(
        done["n"],
        json!({ "addedDefects": [], "warnings": ["No valid issues to add as defects"] })
    );
    let read = "query($e:[String]){getTestRuns(testExecIssueIds:$e,limit:100){total results{status{name final} comment
        startedOn defects evidence{filename size} steps{status{name} actualResult}}}}";
    let read = bed
        .graphql(read, json!({ "e": [made["testExecution"]["issueId"]] }))
        .await["getTestRuns"]
        .take();
    assert_eq!(read["total"], 1);
    let expected = json!({ "status": { "name": "PASSED", "final": true }, "comment": "fine",
        "startedOn": "2020-03-09T10:35:09Z", "defects": [bug], "evidence": [{ "filename": "b.txt", "size": 2 }],
        "steps": [{ "status": { "name": "FAILED" }, "actualResult": "boom" },
                  { "status": { "name": "TODO" }, "actualResult": "" }] });
    assert_eq!(read["results"][0], expected);
}

#[tokio::test]
async fn steps_are_changed_and_removed_one_by_one() {
    let bed = Bed::new().await;
    let test = bed.manual_test("t", 2).await;
    let read = "query($i:String){getTest(issueId:$i){steps{id action result}}}";
    let steps = bed.graphql(read, json!({ "i": test })).await["getTest"]["steps"].take();
    let change = "mutation($a:String!,$b:String!){u:updateTestStep(stepId:$a,step:{action:\"new\"}){warnings}
        d:removeTestStep(stepId:$b)}";
    let done = bed
        .graphql(change, json!({ "a": steps[0]["id"], "b": steps[1]["id"] }))
        .await;
    assert!(done["d"].as_str().unwrap().contains("deleted successfully"));
    let left = bed.graphql(read, json!({ "i": test })).await["getTest"]["steps"].take();
    assert_eq!(left, json!([{ "id": steps[0]["id"], "action": "new", "result": "r" }]));
}

#[tokio::test]
async fn folders_exist_once_and_tests_move_between_them() {
    let bed = Bed::new().await;
    let test = bed.manual_test("t", 1).await;
    let project = bed.project.to_string();
    let create = "mutation($p:String){createFolder(projectId:$p,path:\"/A/B\"){folder{name path testsCount} warnings}}";
    let made = bed.graphql(create, json!({ "p": project })).await;
    assert_eq!(
        made["createFolder"]["folder"],
        json!({ "name": "B", "path": "/A/B", "testsCount": 0 })
    );
    let (_, again) = bed.graphql_raw(create, json!({ "p": project })).await;
    assert!(
        again["errors"][0]["message"]
            .as_str()
            .unwrap()
            .ends_with("already exists")
    );
    let fill = "mutation($p:String,$t:[String]!){addTestsToFolder(projectId:$p,path:\"/A\",testIssueIds:$t){folder{testsCount}}}";
    let filled = bed.graphql(fill, json!({ "p": project, "t": [test] })).await;
    assert_eq!(filled["addTestsToFolder"]["folder"]["testsCount"], 1);
    let move_test = "mutation($i:String!){updateTestFolder(issueId:$i,folderPath:\"/A/B\")}";
    let moved = bed.graphql(move_test, json!({ "i": test })).await;
    assert!(moved["updateTestFolder"].as_str().unwrap().contains("Test moved"));
    let tree = bed.graphql(
        "query($p:String){getFolder(projectId:$p,path:\"/\"){folders testsCount}}",
        json!({ "p": project }),
    );
    let tree = tree.await;
    assert_eq!(tree["getFolder"]["folders"][0]["folders"][0]["testsCount"], 1);
    let (_, wrong) = bed.graphql_raw(create, json!({ "p": "1" })).await;
    assert_eq!(
        wrong["errors"][0]["message"],
        "User doesn't have permissions to view test repository"
    );
}

#[tokio::test]
async fn settings_are_read_in_one_request() {
    let bed = Bed::new().await;
    let document = "query($p:String,$pid:String){getProjectSettings(projectIdOrKey:$p){projectId testEnvironments
        testTypeSettings{defaultTestTypeId testTypes{id name kind}} testStepSettings{fields{id name type required}}
        testRunCustomFieldSettings{fields{id name type required}}}
        getStatuses(projectId:$pid){name final coverageStatus} getStepStatuses(projectId:$pid){name}
        getIssueLinkTypes{id name}}";
    let data = bed.graphql(document, json!({ "p": "CALC" })).await;
    assert_eq!(data["getProjectSettings"]["projectId"], json!(bed.project.to_string()));
    let kinds: Vec<_> = data["getProjectSettings"]["testTypeSettings"]["testTypes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|ty| ty["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["Steps", "Gherkin", "Unstructured"]);
    assert!(data["getStatuses"].as_array().unwrap().len() >= 4);
    assert!(data["getStepStatuses"].as_array().unwrap().len() >= 4);
}

#[tokio::test]
async fn a_single_value_stands_for_a_list_of_one() {
    let bed = Bed::new().await;
    let test = bed.manual_test("t", 1).await;
    let steps = bed
        .graphql("query($i:String){getTest(issueId:$i){steps{id}}}", json!({ "i": test }))
        .await;
    let change = "mutation($s:String!){updateTestStep(stepId:$s,step:{attachments:{add:{filename:\"a.txt\",
        mimeType:\"text/plain\",data:\"YQ==\"}}}){addedAttachments warnings}}";
    let done = bed
        .graphql(change, json!({ "s": steps["getTest"]["steps"][0]["id"] }))
        .await;
    assert_eq!(
        done["updateTestStep"],
        json!({ "addedAttachments": ["a.txt"], "warnings": [] })
    );
    let read = "query($i:[String]){getTests(issueIds:$i,limit:1){total}}";
    assert_eq!(bed.graphql(read, json!({ "i": test })).await["getTests"]["total"], 1);
}

#[tokio::test]
async fn an_outline_has_a_result_per_example() {
    let bed = Bed::new().await;
    let gherkin = "Given <a>\n\n  Examples:\n    | a |\n    | 1 |\n    | 2 |";
    let create = "mutation($g:String,$j:JSON!){createTest(testType:{name:\"Cucumber\"},gherkin:$g,jira:$j){test{issueId scenarioType}}}";
    let jira = json!({ "fields": { "project": { "key": "CALC" }, "summary": "outline" } });
    let made = bed.graphql(create, json!({ "g": gherkin, "j": jira })).await["createTest"]["test"].take();
    assert_eq!(made["scenarioType"], "scenario_outline");
    let create = "mutation($t:[String],$j:JSON!){createTestExecution(testIssueIds:$t,jira:$j)
        {testExecution{testRuns(limit:1){results{examples{id status{name}}}}}}}";
    let made = bed.graphql(create, json!({ "t": [made["issueId"]], "j": jira })).await;
    let examples = made["createTestExecution"]["testExecution"]["testRuns"]["results"][0]["examples"].clone();
    assert_eq!(
        (examples.as_array().unwrap().len(), &examples[0]["status"]["name"]),
        (2, &json!("TODO"))
    );
    let change = "mutation($e:String!){updateTestRunExampleStatus(exampleId:$e,status:\"FAILED\"){warnings}}";
    bed.graphql(change, json!({ "e": examples[1]["id"] })).await;
}
