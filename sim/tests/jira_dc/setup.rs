//! What a client asks before its first write.

use reqwest::Method;
use serde_json::{Value, json};
use tms_sync_sim::jira::account::Permission;
use tms_sync_sim::jira::field::XrayField;
use tms_sync_sim::jira::project::Role;

use super::{read, rig};

#[tokio::test]
async fn projects_are_found_by_key_old_key_and_id() {
    let rig = rig().await;
    let (status, project) = rig.get("/rest/api/2/project/CALC").await;
    assert_eq!((status, project["key"].as_str()), (200, Some("CALC")));
    let test = project["issueTypes"]
        .as_array()
        .unwrap()
        .iter()
        .find(|t| t["name"] == "Test")
        .unwrap();
    assert!(test["description"].as_str().unwrap().starts_with("Represents a Test"));
    let icon = "/download/resources/com.xpandit.plugins.xray/images/test.png";
    assert!(test["iconUrl"].as_str().unwrap().ends_with(icon));
    let path = format!("/rest/api/2/project/{}", project["id"].as_str().unwrap());
    assert_eq!(rig.get(&path).await.0, 200);
    rig.dc.site().lock().rename_project(rig.project, "MATH");
    assert_eq!(rig.get("/rest/api/2/project/CALC").await.1["key"], "MATH");
    let (status, body) = rig.get("/rest/api/2/project/NOPE").await;
    assert_eq!(status, 404);
    assert_eq!(
        body,
        json!({ "errorMessages": ["No project could be found with key 'NOPE'."], "errors": {} })
    );
}

#[tokio::test]
async fn permissions_are_listed_by_name() {
    let rig = rig().await;
    rig.dc
        .site()
        .lock()
        .accounts
        .revoke(rig.project, "ann", Permission::Link);
    let (status, body) = rig.get("/rest/api/2/mypermissions?projectKey=CALC").await;
    assert_eq!(status, 200);
    let holds = |key: &str| body["permissions"][key]["havePermission"].as_bool().unwrap();
    assert!(holds("CREATE_ISSUES") && holds("BROWSE") && !holds("LINK_ISSUES") && !holds("ADMINISTER_PROJECTS"));
    assert_eq!(body["permissions"].get("ADD_ATTACHMENTS"), None);
    assert_eq!(rig.get("/rest/api/2/mypermissions?projectKey=NOPE").await.0, 404);
    let anonymous = rig
        .anonymous(Method::GET, "/rest/api/2/mypermissions")
        .send()
        .await
        .unwrap();
    assert_eq!(anonymous.status(), 401);
}

#[tokio::test]
async fn create_meta_is_the_new_one_paged() {
    let rig = rig().await;
    let (status, body) = rig
        .get("/rest/api/2/issue/createmeta?projectKeys=CALC&expand=projects.issuetypes.fields")
        .await;
    assert_eq!(
        (status, &body["errorMessages"][0]),
        (404, &json!("Issue Does Not Exist"))
    );
    let (_, first) = rig
        .get("/rest/api/2/issue/createmeta/CALC/issuetypes?maxResults=4")
        .await;
    assert_eq!(
        (first["total"].as_u64(), first["isLast"].as_bool()),
        (Some(10), Some(false))
    );
    let (_, last) = rig
        .get("/rest/api/2/issue/createmeta/CALC/issuetypes?startAt=8&maxResults=4")
        .await;
    assert_eq!(
        (last["values"].as_array().unwrap().len(), last["isLast"].as_bool()),
        (2, Some(true))
    );
    let id = first["values"][0]["id"].as_str().unwrap();
    let (_, fields) = rig
        .get(&format!(
            "/rest/api/2/issue/createmeta/CALC/issuetypes/{id}?maxResults=200"
        ))
        .await;
    let fields = fields["values"].as_array().unwrap().clone();
    let named = |id: &str| fields.iter().find(|field| field["fieldId"] == id).cloned().unwrap();
    assert_eq!(named("summary")["required"], true);
    let kinds = named(&rig.field(XrayField::TestType))["allowedValues"].clone();
    assert_eq!(
        kinds
            .as_array()
            .unwrap()
            .iter()
            .map(|v| v["value"].as_str().unwrap())
            .collect::<Vec<_>>(),
        ["Manual", "Cucumber", "Generic"]
    );
    assert_eq!(rig.get("/rest/api/2/issue/createmeta/NOPE/issuetypes").await.0, 400);
}

#[tokio::test]
async fn xrays_fields_are_recognised_by_their_schema() {
    let rig = rig().await;
    let (_, fields) = rig.get("/rest/api/2/field").await;
    let customs: Vec<&str> = fields
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|f| f["schema"]["custom"].as_str())
        .collect();
    for custom in [
        "test-type",
        "manual-test-steps",
        "test-repository-path",
        "test-plan",
        "testexec-tests",
        "test-environments",
    ] {
        let key = format!("com.xpandit.plugins.xray:{custom}-custom-field");
        assert!(customs.contains(&key.as_str()), "{key}");
    }
}

#[tokio::test]
async fn the_app_shows_whether_it_is_there_and_licensed() {
    let rig = rig().await;
    for version in ["1.0", "2.0", "latest"] {
        let (status, body) = rig.get(&format!("/rest/raven/{version}/api/xraylicense")).await;
        assert_eq!((status, body["active"].as_bool()), (200, Some(true)));
    }
    rig.dc.site().lock().xray.licensed = false;
    let (status, body) = rig.get("/rest/raven/2.0/api/settings/teststatuses").await;
    assert_eq!(
        (status, body["error"].as_str()),
        (401, Some("The Xray license is not valid"))
    );
    assert_eq!(rig.get("/rest/api/2/myself").await.0, 200);
    rig.dc.site().lock().xray.installed = false;
    let (status, body) = rig.get("/rest/raven/2.0/api/xraylicense").await;
    assert_eq!((status, body["status-code"].as_u64()), (404, Some(404)));
    assert!(
        body["message"]
            .as_str()
            .unwrap()
            .starts_with("null for uri: http://127.0.0.1")
    );
    let xml = rig
        .request(Method::GET, "/rest/raven/2.0/api/xraylicense")
        .header("accept", "*/*");
    // Two Accept lines are one list; JSON is in it.
    let xml = xml.send().await.unwrap();
    assert_eq!(xml.status(), 404);
}

#[tokio::test]
async fn wrong_paths_and_verbs_are_distinguished() {
    let rig = rig().await;
    assert_eq!(rig.get("//rest/api/2/myself").await.0, 404);
    let (status, body) = rig.get("/rest/api/2/nothing").await;
    assert_eq!((status, body["status-code"].as_u64()), (404, Some(404)));
    assert_eq!(rig.put("/rest/raven/2.0/api/testrun", json!({})).await.0, 405);
    let form = rig
        .request(Method::POST, "/rest/api/2/issue")
        .body("x=1")
        .header("content-type", "text/plain");
    assert_eq!(form.send().await.unwrap().status(), 415);
    let broken = rig
        .request(Method::POST, "/rest/api/2/issue")
        .body("{")
        .header("content-type", "application/json");
    assert_eq!(broken.send().await.unwrap().status(), 400);
}

#[tokio::test]
async fn the_plugin_manager_answers_administrators() {
    let rig = rig().await;
    let path = "/rest/plugins/1.0/com.xpandit.plugins.xray-key";
    assert_eq!(rig.get(path).await.0, 403);
    let admin = rig
        .anonymous(Method::GET, path)
        .bearer_auth("pat-root")
        .send()
        .await
        .unwrap();
    assert_eq!(read(admin).await.1["enabled"], true);
}

#[tokio::test]
async fn users_are_searched_by_name() {
    let rig = rig().await;
    let (_, found) = rig.get("/rest/api/2/user/search?username=AN").await;
    assert_eq!(
        found
            .as_array()
            .unwrap()
            .iter()
            .map(|u| u["name"].as_str().unwrap())
            .collect::<Vec<_>>(),
        ["ann"]
    );
    assert_eq!(rig.get("/rest/api/2/user/search").await.0, 400);
    assert_eq!(
        rig.get("/rest/api/2/user/assignable/search?project=CALC")
            .await
            .1
            .as_array()
            .unwrap()
            .len(),
        2
    );
}

#[tokio::test]
async fn issue_types_may_be_renamed() {
    let rig = rig().await;
    {
        let mut site = rig.dc.site().lock();
        let id = site.type_of_role(rig.project, Role::Test).unwrap().id;
        site.rename_type(id, "Testfall");
    }
    let (_, types) = rig.get("/rest/api/2/issuetype").await;
    let renamed: Vec<&Value> = types
        .as_array()
        .unwrap()
        .iter()
        .filter(|t| t["name"] == "Testfall")
        .collect();
    assert_eq!(renamed.len(), 1);
    let body = json!({ "fields": { "project": { "key": "CALC" }, "issuetype": { "name": "Test" }, "summary": "s" } });
    let (status, body) = rig.post("/rest/api/2/issue", body).await;
    assert_eq!(
        (status, body["errors"]["issuetype"].as_str()),
        (400, Some("The issue type selected is invalid."))
    );
}
