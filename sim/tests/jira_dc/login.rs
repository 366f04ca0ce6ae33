//! Credentials, the CAPTCHA lock, XSRF, the limiter.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use tms_sync_sim::answers::BasicLogin;
use tms_sync_sim::jira::account::Permission;
use tms_sync_sim::jira::dc::RateLimit;

use super::{read, rig, rig_at};

#[tokio::test]
async fn server_info_needs_no_login_and_says_server() {
    let rig = rig_at("/jira").await;
    let response = rig
        .anonymous(Method::GET, "/rest/api/2/serverInfo")
        .send()
        .await
        .unwrap();
    assert_eq!(response.headers()["x-ausername"], "anonymous");
    assert!(response.headers().contains_key("set-cookie"));
    let (status, info) = read(response).await;
    assert_eq!((status, info["deploymentType"].as_str()), (200, Some("Server")));
    assert!(info["baseUrl"].as_str().unwrap().ends_with("/jira"));
    assert_eq!(rig.get("/rest/api/latest/serverInfo/").await.0, 200);
}

#[tokio::test]
async fn good_logins_are_named_in_headers() {
    let rig = rig().await;
    let basic = rig
        .anonymous(Method::GET, "/rest/api/2/myself")
        .basic_auth("ann", Some("secret"))
        .send()
        .await
        .unwrap();
    assert_eq!(basic.headers()["x-seraph-loginreason"], "OK");
    assert_eq!(basic.headers()["x-ausername"], "ann");
    assert_eq!(read(basic).await.1["name"], "ann");
    assert_eq!(rig.get("/rest/api/2/myself").await.1["displayName"], "ANN");
}

#[tokio::test]
async fn myself_refuses_anonymous_visitors_and_bad_tokens() {
    let rig = rig().await;
    let (status, body) = read(rig.anonymous(Method::GET, "/rest/api/2/myself").send().await.unwrap()).await;
    assert_eq!((status, body["status-code"].as_u64()), (401, Some(401)));
    let bad = rig
        .anonymous(Method::GET, "/rest/api/2/serverInfo")
        .bearer_auth("nope")
        .send()
        .await
        .unwrap();
    assert_eq!(bad.status(), 401);
    assert_eq!(bad.headers()["x-seraph-loginreason"], "AUTHENTICATED_FAILED");
    // A token is not a password.
    let mixed = rig
        .anonymous(Method::GET, "/rest/api/2/myself")
        .basic_auth("ann", Some("pat-ann"))
        .send()
        .await
        .unwrap();
    assert_eq!(mixed.status(), 401);
}

#[tokio::test]
async fn tokens_expire_and_are_revoked() {
    let rig = rig().await;
    let now = rig.clock.now_ms();
    rig.dc.site().lock().accounts.get_mut("ann").unwrap().tokens[0].expires = Some(now + 1_000);
    assert_eq!(rig.get("/rest/api/2/myself").await.0, 200);
    rig.clock.advance(Duration::from_secs(1));
    assert_eq!(rig.get("/rest/api/2/myself").await.0, 401);
    rig.dc.site().lock().accounts.get_mut("ann").unwrap().tokens[0].expires = None;
    rig.dc.site().lock().accounts.revoke_token("pat-ann");
    assert_eq!(rig.get("/rest/api/2/myself").await.0, 401);
}

#[tokio::test]
async fn three_wrong_passwords_lock_the_account_but_not_its_token() {
    let rig = rig().await;
    let attempt = |password: &'static str| {
        rig.anonymous(Method::GET, "/rest/api/2/myself")
            .basic_auth("ann", Some(password))
            .send()
    };
    for _ in 0..3 {
        let refused = attempt("wrong").await.unwrap();
        assert_eq!(refused.status(), 401);
        assert!(
            refused.headers()["content-type"]
                .to_str()
                .unwrap()
                .starts_with("text/html")
        );
    }
    let locked = attempt("secret").await.unwrap();
    assert_eq!(locked.status(), 403);
    assert_eq!(locked.headers()["x-seraph-loginreason"], "AUTHENTICATION_DENIED");
    let reason = locked.headers()["x-authentication-denied-reason"]
        .to_str()
        .unwrap()
        .to_owned();
    assert_eq!(
        reason,
        format!("CAPTCHA_CHALLENGE; login-url={}/login.jsp", rig.server.url())
    );
    assert_eq!(rig.get("/rest/api/2/myself").await.0, 200);
}

#[tokio::test]
async fn a_good_password_forgets_the_wrong_ones() {
    let rig = rig().await;
    for password in ["wrong", "wrong", "secret", "wrong", "wrong"] {
        rig.anonymous(Method::GET, "/rest/api/2/myself")
            .basic_auth("ann", Some(password))
            .send()
            .await
            .unwrap();
    }
    let good = rig
        .anonymous(Method::GET, "/rest/api/2/myself")
        .basic_auth("ann", Some("secret"))
        .send()
        .await
        .unwrap();
    assert_eq!(good.status(), 200);
}

#[tokio::test]
async fn basic_can_be_switched_off() {
    let rig = rig().await;
    rig.answers().choose(BasicLogin::Refused);
    let basic = rig
        .anonymous(Method::GET, "/rest/api/2/myself")
        .basic_auth("ann", Some("secret"))
        .send()
        .await
        .unwrap();
    let (status, body) = read(basic).await;
    assert_eq!(status, 403);
    assert_eq!(
        body,
        json!({ "message": "Basic Authentication has been disabled on this instance." })
    );
    assert_eq!(rig.get("/rest/api/2/myself").await.0, 200);
}

#[tokio::test]
async fn anonymous_visitors_see_what_is_public() {
    let rig = rig().await;
    rig.manual("one", 1).await;
    let get = |path: &'static str| async { read(rig.anonymous(Method::GET, path).send().await.unwrap()).await };
    let (status, body) = get("/rest/api/2/issue/CALC-1").await;
    assert_eq!(
        (status, body["errorMessages"][1].as_str()),
        (401, Some("Login Required"))
    );
    assert_eq!(get("/rest/api/2/search?jql=project=CALC").await.0, 400);
    assert_eq!(get("/rest/api/2/project").await.1, json!([]));
    rig.dc
        .site()
        .lock()
        .accounts
        .grant_public(rig.project, Permission::Browse);
    assert_eq!(get("/rest/api/2/issue/CALC-1").await.0, 200);
    let body = json!({ "fields": { "project": { "key": "CALC" }, "issuetype": { "name": "Test" }, "summary": "s" } });
    let create = rig
        .anonymous(Method::POST, "/rest/api/2/issue")
        .json(&body)
        .send()
        .await
        .unwrap();
    let (status, body) = read(create).await;
    assert_eq!(status, 400);
    assert!(
        body["errors"]["project"]
            .as_str()
            .unwrap()
            .starts_with("Anonymous users do not have permission")
    );
}

#[tokio::test]
async fn browsers_need_the_xsrf_waiver_for_changes() {
    let rig = rig().await;
    let browser = "Mozilla/5.0 (X11; Linux x86_64)";
    let body = json!({ "jql": "project = CALC" });
    let search = || {
        rig.request(Method::POST, "/rest/api/2/search")
            .header("user-agent", browser)
            .json(&body)
    };
    assert_eq!(search().send().await.unwrap().status(), 403);
    assert_eq!(
        search()
            .header("x-atlassian-token", "no-check")
            .send()
            .await
            .unwrap()
            .status(),
        200
    );
    let get = rig
        .request(Method::GET, "/rest/api/2/myself")
        .header("user-agent", browser)
        .send()
        .await
        .unwrap();
    assert_eq!(get.status(), 200);
}

#[tokio::test]
async fn the_limiter_counts_tokens_per_user_and_says_when_to_come_back() {
    let rig = rig().await;
    rig.dc.options().rate_limit = Some(RateLimit {
        capacity: 2,
        fill_rate: 1,
        interval_seconds: 10,
    });
    let call = || rig.request(Method::GET, "/rest/api/2/myself").send();
    let first = call().await.unwrap();
    assert_eq!(first.headers()["x-ratelimit-limit"], "2");
    assert_eq!(first.headers()["x-ratelimit-remaining"], "1");
    assert_eq!(first.headers()["x-ratelimit-fillrate"], "1");
    assert_eq!(first.headers()["x-ratelimit-interval-seconds"], "10");
    assert_eq!(first.headers()["retry-after"], "0");
    call().await.unwrap();
    let refused = call().await.unwrap();
    assert_eq!(
        (
            refused.status().as_u16(),
            refused.headers()["retry-after"].to_str().unwrap()
        ),
        (429, "10")
    );
    assert_eq!(rig.get("/rest/api/2/serverInfo").await.0, 200);
    rig.clock.advance(Duration::from_secs(10));
    assert_eq!(call().await.unwrap().status(), 200);
}

#[tokio::test]
async fn large_bodies_end_at_the_proxy_when_it_has_a_limit() {
    let rig = rig().await;
    rig.dc.options().proxy_body_limit = Some(1_000);
    let (status, page) = rig
        .post("/rest/api/2/search", json!({ "jql": "x".repeat(2_000) }))
        .await;
    assert_eq!(status, 413);
    assert!(page.as_str().unwrap().contains("413 Request Entity Too Large"));
}
