//! Signing in, rights, refusals, and what is no API path.

use std::time::Duration;

use reqwest::multipart::Form;
use reqwest::{Client, Response};
use serde_json::{Value, json};
use tms_sync_sim::testops::{TOKEN, TestOps, User};
use tms_sync_sim::{Class, Clock};

use super::site::{NOW, builder, get, post, testops};

async fn exchange(testops: &TestOps, token: &str) -> Response {
    let form = [("grant_type", "apitoken"), ("scope", "openid"), ("token", token)];
    client()
        .post(format!("{}/api/uaa/oauth/token", testops.url()))
        .form(&form)
        .send()
        .await
        .unwrap()
}

async fn status(testops: &TestOps, authorization: &str, path: &str) -> u16 {
    let request = client().get(format!("{}{path}", testops.url()));
    request
        .header("authorization", authorization)
        .send()
        .await
        .unwrap()
        .status()
        .as_u16()
}

#[tokio::test]
async fn an_api_token_is_exchanged_for_a_bearer_token_that_ends() {
    let clock = Clock::manual(NOW);
    let testops = builder(&clock).start().await.unwrap();
    let response = exchange(&testops, TOKEN).await;
    assert!(
        response.headers()["set-cookie"]
            .to_str()
            .unwrap()
            .starts_with("XSRF-TOKEN=")
    );
    let body: Value = response.json().await.unwrap();
    assert_eq!(
        (&body["token_type"], &body["expires_in"]),
        (&json!("bearer"), &json!(3600))
    );
    let bearer = format!("Bearer {}", body["access_token"].as_str().unwrap());
    assert_eq!(bearer.split('.').count(), 3);
    assert_eq!(status(&testops, &bearer, "/api/project/1").await, 200);
    clock.advance(Duration::from_secs(3600));
    assert_eq!(status(&testops, &bearer, "/api/project/1").await, 401);
    let entries = testops.server().journal().entries();
    assert_eq!((entries[0].class, &entries[0].body), (Class::Auth, &None));
    assert!(!format!("{entries:?}").contains(TOKEN));
}

#[tokio::test]
async fn the_exchange_takes_multipart_and_refuses_with_oauth_errors() {
    let testops = testops().await;
    let form = Form::new().text("grant_type", "apitoken").text("token", TOKEN);
    let url = format!("{}/api/uaa/oauth/token", testops.url());
    assert_eq!(client().post(&url).multipart(form).send().await.unwrap().status(), 200);
    let refused = exchange(&testops, "wrong").await;
    assert_eq!(refused.status(), 400);
    let body: Value = refused.json().await.unwrap();
    assert_eq!(
        body,
        json!({"error": "invalid_grant", "error_description": "Bad credentials"})
    );
    let other = client()
        .post(&url)
        .form(&[("grant_type", "password")])
        .send()
        .await
        .unwrap();
    assert_eq!(other.json::<Value>().await.unwrap()["error"], "unsupported_grant_type");
}

#[tokio::test]
async fn the_api_token_works_directly_in_any_case_until_it_is_revoked() {
    let testops = testops().await;
    let bearer = exchange(&testops, TOKEN).await.json::<Value>().await.unwrap();
    let bearer = format!("bearer {}", bearer["access_token"].as_str().unwrap());
    for scheme in ["Api-Token", "api-token", "API-TOKEN"] {
        assert_eq!(
            status(&testops, &format!("{scheme} {TOKEN}"), "/api/rs/project/1").await,
            200
        );
    }
    assert_eq!(status(&testops, &format!("Basic {TOKEN}"), "/api/project/1").await, 401);
    testops.revoke(TOKEN);
    assert_eq!(
        status(&testops, &format!("Api-Token {TOKEN}"), "/api/project/1").await,
        401
    );
    assert_eq!(status(&testops, &bearer, "/api/project/1").await, 401);
}

#[tokio::test]
async fn refusals_have_the_vendors_body() {
    let testops = testops().await;
    testops.grant("stranger", User::new("eve").projects(&[2]));
    let url = format!("{}/api/testcase/101", testops.url());
    let anonymous = client().get(&url).send().await.unwrap();
    assert_eq!(anonymous.status(), 401);
    let body: Value = anonymous.json().await.unwrap();
    assert_eq!((&body["status"], &body["timestamp"]), (&json!(401), &json!(NOW)));
    assert!(body["message"].is_string());
    assert_eq!(status(&testops, "Api-Token stranger", "/api/testcase/101").await, 403);
    let token = format!("Api-Token {TOKEN}");
    for (path, code) in [
        ("/api/testcase/999", 404),
        ("/api/testcase/abc", 400),
        ("/api/project/999", 404),
        ("/api/testcase/__search?projectId=1", 400),
        ("/api/testcase/__search?rql=true", 400),
        ("/api/testcase/__search?projectId=1&rql=nope%20%3D%201", 400),
        ("/api/testcase/__search?projectId=999&rql=true", 404),
    ] {
        assert_eq!(status(&testops, &token, path).await, code, "{path}");
    }
}

#[tokio::test]
async fn a_reader_may_not_write() {
    let testops = testops().await;
    testops.revoke(TOKEN);
    testops.grant(TOKEN, User::new("reader").read_only());
    assert_eq!(
        post(&testops, "/api/testcase/101/testkey", &json!([])).await.status(),
        403
    );
    assert_eq!(
        get(&testops, "/api/permission?projectId=1").await,
        json!(["project:read"])
    );
}

#[tokio::test]
async fn an_unknown_path_gives_the_single_page_application() {
    let testops = testops().await;
    for path in ["/", "/api/testcases", "/project/1/launches", "/api/rs/field"] {
        let response = client().get(format!("{}{path}", testops.url())).send().await.unwrap();
        assert_eq!(response.status(), 200, "{path}");
        assert!(
            response.headers()["content-type"]
                .to_str()
                .unwrap()
                .starts_with("text/html"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn an_unknown_path_may_answer_404() {
    let answers = tms_sync_sim::Answers::default();
    answers.choose(tms_sync_sim::answers::UnknownPath::NotFound);
    let testops = builder(&Clock::manual(NOW)).answers(answers).start().await.unwrap();
    let response = client()
        .get(format!("{}/api/rs/field", testops.url()))
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 404);
    let body: serde_json::Value = response.json().await.unwrap();
    assert_eq!(
        body,
        json!({ "message": "No endpoint GET /api/rs/field.", "status": 404, "timestamp": NOW })
    );
}

#[tokio::test]
async fn the_callers_account_is_under_both_paths() {
    let testops = testops().await;
    for path in ["/api/account/me", "/api/rs/account/me", "/api/uaa/account/me"] {
        assert_eq!(get(&testops, path).await["username"], "exporter");
    }
}

/// A client. The workspace's reqwest has no TLS provider of its own; another test may have set it already.
fn client() -> Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::new()
}
