//! The pages for people.

use reqwest::Method;
use serde_json::json;

use super::rig_at;

#[tokio::test]
async fn pages_show_issues_and_escape_everything() {
    let rig = rig_at("/jira").await;
    let test = rig.manual("<script>alert(1)</script>", 2).await;
    let execution = rig
        .create("Test Execution", "night", json!({ "description": "h2. Hi\n*bold*" }))
        .await;
    let body =
        json!({ "testExecutionKey": execution, "tests": [{ "testKey": test, "status": "PASS", "comment": "fine" }] });
    rig.post("/rest/raven/2.0/import/execution", body).await;
    let page = |path: String| {
        let rig = &rig;
        async move {
            rig.anonymous(Method::GET, &path)
                .send()
                .await
                .unwrap()
                .text()
                .await
                .unwrap()
        }
    };
    let shown = page(format!("/browse/{test}")).await;
    assert!(shown.contains("&lt;script&gt;") && !shown.contains("<script>"));
    assert!(shown.contains("<th scope=\"col\">Action</th>") && shown.contains("do 2"));
    let shown = page(format!("/browse/{execution}")).await;
    assert!(shown.contains("<h4>Hi</h4>") && shown.contains("<strong>bold</strong>") && shown.contains("PASS"));
    assert!(page("/".to_owned()).await.contains(&format!("/jira/browse/{test}")));
    assert!(page("/projects/CALC".to_owned()).await.contains("night"));
    assert_eq!(
        rig.anonymous(Method::GET, "/browse/NO-1")
            .send()
            .await
            .unwrap()
            .status(),
        404
    );
    assert!(rig.arrived().contains("GET /jira/browse/NO-1 Some(404)"));
}
