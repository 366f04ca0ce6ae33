//! Who is let in, and how those who are not find out.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tms_sync_sim::jira_cloud::{CLOUD_ID, Scope};

use crate::bed::{Bed, EMAIL, TOKEN, USER, parts};

#[tokio::test]
async fn the_site_says_what_it_is_to_everybody() {
    let bed = Bed::new().await;
    let (_, info) = parts(
        bed.jira_anonymous(Method::GET, "/rest/api/2/serverInfo")
            .send()
            .await
            .unwrap(),
    )
    .await;
    assert_eq!(
        (&info["deploymentType"], &info["baseUrl"]),
        (&json!("Cloud"), &json!(bed.servers.jira.url()))
    );
    let (_, tenant) = parts(
        bed.jira_anonymous(Method::GET, "/_edge/tenant_info")
            .send()
            .await
            .unwrap(),
    )
    .await;
    assert_eq!(tenant, json!({ "cloudId": CLOUD_ID }));
    let raven = bed
        .jira(Method::GET, "/rest/raven/1.0/api/settings")
        .send()
        .await
        .unwrap();
    assert_eq!(raven.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_good_login_shows_in_the_headers() {
    let bed = Bed::new().await;
    let response = bed.jira(Method::GET, "/rest/api/3/myself").send().await.unwrap();
    assert_eq!(response.headers()["x-aaccountid"], USER);
    let (status, me) = parts(response).await;
    assert_eq!(
        (status, &me["accountId"], &me["active"]),
        (StatusCode::OK, &json!(USER), &json!(true))
    );
}

#[tokio::test]
async fn a_revoked_token_runs_as_anonymous() {
    let bed = Bed::new().await;
    let (_, made) = bed
        .send(Method::POST, "/issue", json!({ "fields": Bed::fields("t") }))
        .await;
    bed.site.lock().accounts.revoke_token(TOKEN);
    let me = bed.jira(Method::GET, "/rest/api/3/myself").send().await.unwrap();
    assert_eq!(me.headers()["x-seraph-loginreason"], "AUTHENTICATED_FAILED");
    let (status, body) = parts(me).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    assert!(
        body["message"]
            .as_str()
            .unwrap()
            .starts_with("Client must be authenticated")
    );
    let path = format!("/rest/api/3/issue/{}", made["key"].as_str().unwrap());
    let hidden = bed.jira(Method::GET, &path).send().await.unwrap();
    assert_eq!(hidden.status(), StatusCode::NOT_FOUND);
    assert_eq!(hidden.headers()["x-seraph-loginreason"], "AUTHENTICATED_FAILED");
    assert!(!hidden.headers().contains_key("x-aaccountid"));
    let projects = bed.get("/project/search").await;
    assert_eq!((projects.0, &projects.1["total"]), (StatusCode::OK, &json!(0)));
    let empty = bed
        .send(Method::POST, "/search/jql", json!({ "jql": "labels = \"tx-1\"" }))
        .await;
    assert_eq!(empty, (StatusCode::OK, json!({ "issues": [], "isLast": true })));
    let misleading = bed
        .send(Method::POST, "/search/jql", json!({ "jql": "project = CALC" }))
        .await;
    assert_eq!(misleading.0, StatusCode::BAD_REQUEST);
    assert_eq!(
        misleading.1["errorMessages"][0],
        "The value 'CALC' does not exist for the field 'project'."
    );
    let create = bed
        .send(Method::POST, "/issue", json!({ "fields": Bed::fields("t") }))
        .await;
    assert_eq!(create.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_scoped_token_works_through_the_gateway_only() {
    let bed = Bed::new().await;
    bed.jira.configure(|options| {
        options
            .scoped_tokens
            .insert(TOKEN.to_owned(), [Scope::Read, Scope::User].into());
    });
    assert_eq!(bed.get("/myself").await.0, StatusCode::UNAUTHORIZED);
    let path = |rest: &str| format!("/ex/jira/{CLOUD_ID}/rest/api/3{rest}");
    let me = bed.jira(Method::GET, &path("/myself")).send().await.unwrap();
    assert_eq!(me.status(), StatusCode::OK);
    let write = bed
        .jira(Method::POST, &path("/issue"))
        .json(&json!({ "fields": Bed::fields("t") }))
        .send()
        .await
        .unwrap();
    let expected = json!({ "code": 401, "message": "Unauthorized; scope does not match" });
    assert_eq!(parts(write).await, (StatusCode::UNAUTHORIZED, expected));
    let wrong = bed
        .jira_anonymous(Method::GET, &path("/myself"))
        .basic_auth(EMAIL, Some("nope"))
        .send()
        .await
        .unwrap();
    assert_eq!(wrong.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn permissions_must_be_named() {
    let bed = Bed::new().await;
    assert_eq!(
        bed.get("/mypermissions?projectKey=CALC").await.0,
        StatusCode::BAD_REQUEST
    );
    assert_eq!(
        bed.get("/mypermissions?permissions=ADD_ATTACHMENTS").await.0,
        StatusCode::BAD_REQUEST
    );
    assert_eq!(
        bed.get("/mypermissions?permissions=CREATE_ISSUES&projectKey=NONE")
            .await
            .0,
        StatusCode::NOT_FOUND
    );
    let (status, body) = bed
        .get("/mypermissions?permissions=CREATE_ISSUES,ADMINISTER&projectKey=CALC")
        .await;
    assert_eq!(status, StatusCode::OK);
    let has = |key: &str| body["permissions"][key]["havePermission"].clone();
    assert_eq!((has("CREATE_ISSUES"), has("ADMINISTER")), (json!(true), json!(false)));
}

#[tokio::test]
async fn a_browser_must_prove_that_it_means_it() {
    let bed = Bed::new().await;
    let post = |agent: &'static str| {
        let request = bed.jira(Method::POST, "/rest/api/3/issue").header("user-agent", agent);
        request.json(&json!({ "fields": Bed::fields("t") }))
    };
    let refused = parts(post("Mozilla/5.0").send().await.unwrap()).await;
    assert_eq!(
        refused,
        (StatusCode::FORBIDDEN, Value::String("XSRF check failed".to_owned()))
    );
    assert_eq!(post("tms-sync/0.1").send().await.unwrap().status(), StatusCode::CREATED);
    let meant = post("Mozilla/5.0")
        .header("x-atlassian-token", "no-check")
        .send()
        .await
        .unwrap();
    assert_eq!(meant.status(), StatusCode::CREATED);
}

#[tokio::test]
async fn projects_and_screens_are_described() {
    let bed = Bed::new().await;
    let (_, project) = bed.get("/project/CALC").await;
    assert_eq!(project["simplified"], false);
    let missing = json!({ "errorMessages": ["No project could be found with key 'NONE'."], "errors": {} });
    assert_eq!(bed.get("/project/NONE").await, (StatusCode::NOT_FOUND, missing));
    let (_, types) = bed.get("/issue/createmeta/CALC/issuetypes").await;
    let test = types["issueTypes"]
        .as_array()
        .unwrap()
        .iter()
        .find(|ty| ty["name"] == "Test")
        .unwrap();
    let (_, fields) = bed
        .get(&format!(
            "/issue/createmeta/CALC/issuetypes/{}",
            test["id"].as_str().unwrap()
        ))
        .await;
    let summary = fields["fields"]
        .as_array()
        .unwrap()
        .iter()
        .find(|field| field["fieldId"] == "summary")
        .unwrap();
    assert_eq!(summary["required"], true);
    let (status, body) = bed.get("/issue/createmeta/CALC/issuetypes?maxResults=201").await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_eq!(
        body["errorMessages"][0],
        "Parameter 'maxResults' must not exceed the limit '200'"
    );
    let (_, links) = bed.get("/issueLinkType").await;
    assert!(
        links["issueLinkTypes"]
            .as_array()
            .unwrap()
            .iter()
            .any(|ty| ty["inward"] == "is tested by")
    );
}

#[tokio::test]
async fn people_can_look_at_an_issue() {
    let bed = Bed::new().await;
    bed.manual_test("Sum of two numbers", 2).await;
    let page = bed
        .jira_anonymous(Method::GET, "/browse/CALC-1")
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(page.contains("Sum of two numbers"));
}
