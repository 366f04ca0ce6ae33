//! Who gets in, and who does not.

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::rig::{Client, PASSWORD, Rig};

#[tokio::test]
async fn the_first_link_makes_the_administrator_and_works_once() {
    let rig = Rig::bare().await;
    assert_eq!(rig.admin.get("/me").await["is-administrator"], true);
    assert_eq!(rig.server.first_link().await.unwrap(), None);
}

#[tokio::test]
async fn a_wrong_password_is_refused_and_after_five_the_right_one_has_to_wait() {
    let rig = Rig::bare().await;
    let nobody = Client::nobody(&rig.server);
    let log_in = |password: &'static str| {
        let form = [("login", "admin@example.com"), ("password", password)];
        nobody.request(Method::POST, "/login").form(&form).send()
    };
    for _ in 0..6 {
        assert_eq!(log_in("wrong").await.unwrap().status(), StatusCode::UNAUTHORIZED);
    }
    assert_eq!(log_in(PASSWORD).await.unwrap().status(), StatusCode::TOO_MANY_REQUESTS);
    rig.clock.advance(std::time::Duration::from_secs(3));
    assert_eq!(log_in(PASSWORD).await.unwrap().status(), StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_session_without_its_csrf_token_changes_nothing() {
    let rig = Rig::bare().await;
    let careless = rig.admin.clone().without_csrf();
    let (status, _) = careless
        .send(Method::POST, "/admin/tenants", Some(json!({ "name": "x" })))
        .await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    assert_eq!(rig.admin.get("/admin/tenants").await, json!([]));
}

#[tokio::test]
async fn a_page_of_another_site_cannot_log_anybody_in() {
    let rig = Rig::bare().await;
    let request = Client::nobody(&rig.server).request(Method::POST, "/login");
    let form = [("login", "admin@example.com"), ("password", PASSWORD)];
    let answer = request
        .header("sec-fetch-site", "cross-site")
        .form(&form)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_session_ends_with_its_log_out_and_after_a_week_unused() {
    let rig = Rig::start().await;
    let viewer = rig.person("acme", "viewer").await;
    viewer.request(Method::POST, "/logout").send().await.unwrap();
    assert_eq!(viewer.send(Method::GET, "/me", None).await.0, StatusCode::UNAUTHORIZED);
    rig.clock.advance(std::time::Duration::from_secs(8 * 24 * 3600));
    assert_eq!(
        rig.admin.send(Method::GET, "/me", None).await.0,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn roles_and_tokens_may_what_they_are_for() {
    let rig = Rig::start().await;
    let integration = json!({ "name": "Xray", "kind": "xray-dc", "fields": { "endpoint": "https://jira.example" } });
    for (who, expected) in [
        (rig.person("acme", "viewer").await, StatusCode::FORBIDDEN),
        (rig.person("acme", "operator").await, StatusCode::FORBIDDEN),
        (rig.token("acme", "read").await, StatusCode::FORBIDDEN),
        (rig.token("acme", "run").await, StatusCode::FORBIDDEN),
        (rig.token("acme", "manage").await, StatusCode::CREATED),
    ] {
        let (status, body) = who
            .send(Method::POST, &who.own("/integrations"), Some(integration.clone()))
            .await;
        assert_eq!(status, expected, "{body}");
    }
    let manage = rig.token("acme", "manage").await;
    let more = json!({ "name": "more", "reach": "manage", "days": 1 });
    assert_eq!(
        manage.send(Method::POST, &manage.own("/tokens"), Some(more)).await.0,
        StatusCode::FORBIDDEN
    );
}

#[tokio::test]
async fn an_expired_token_is_refused() {
    let rig = Rig::start().await;
    let token = rig.token("acme", "read").await;
    assert_eq!(token.send(Method::GET, "/tenants", None).await.0, StatusCode::OK);
    rig.clock.advance(std::time::Duration::from_secs(31 * 24 * 3600));
    assert_eq!(
        token.send(Method::GET, "/tenants", None).await.0,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn one_administrator_has_to_be_left() {
    let rig = Rig::bare().await;
    let accounts = rig.admin.get("/admin/accounts").await;
    let path = format!("/admin/accounts/{}", accounts[0]["id"].as_str().unwrap());
    let off = json!({ "is-administrator": false, "is-off": false });
    assert_eq!(
        rig.admin.send(Method::PUT, &path, Some(off)).await.0,
        StatusCode::CONFLICT
    );
}
