//! Log-in at an OpenID provider.

use reqwest::{Method, Response, StatusCode};
use serde_json::json;
use tms_sync_host::EgressPolicy;
use tms_sync_server::Options;
use tms_sync_server::users::SingleSignOn;

use crate::provider::{CLIENT, Person, Provider};
use crate::rig::{Client, Rig, START};

async fn rig() -> (Rig, Provider) {
    let provider = Provider::start(START).await;
    let issuer = provider.issuer.clone();
    let rig = Rig::start_with(move |options| Options {
        single_sign_on: Some(SingleSignOn {
            title: "the company".to_owned(),
            issuer: issuer.clone(),
            client_id: CLIENT.to_owned(),
            client_secret: "secret".to_owned().into(),
            egress: EgressPolicy::public_only(),
        }),
        ..options
    });
    (rig.await, provider)
}

/// Goes to the provider and comes back.
async fn log_in(rig: &Rig, provider: &Provider) -> Response {
    let (query, cookie) = departed(rig, provider).await;
    arrive(rig, &query, Some(&cookie)).await
}

async fn departed(rig: &Rig, provider: &Provider) -> (String, String) {
    let away = Client::nobody(&rig.server)
        .request(Method::GET, "/login/sso?next=/t/acme")
        .send()
        .await
        .unwrap();
    assert_eq!(away.status(), StatusCode::SEE_OTHER);
    let cookie = away.headers()["set-cookie"]
        .to_str()
        .unwrap()
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    (provider.logs_in(away.headers()["location"].to_str().unwrap()), cookie)
}

async fn arrive(rig: &Rig, query: &str, cookie: Option<&str>) -> Response {
    let back = Client::nobody(&rig.server).request(Method::GET, &format!("/login/sso/callback?{query}"));
    let back = match cookie {
        Some(cookie) => back.header("cookie", cookie),
        None => back,
    };
    back.send().await.unwrap()
}

fn ada(subject: &str, is_verified: bool) -> Person {
    Person {
        subject: subject.to_owned(),
        mail: "Ada@example.com".to_owned(),
        is_verified,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_newcomer_has_an_account_and_sees_no_tenant_before_somebody_admits_them() {
    let (rig, provider) = rig().await;
    let answer = log_in(&rig, &provider).await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    assert_eq!(answer.headers()["location"], "/t/acme");
    let ada = Client::nobody(&rig.server).with_session(&answer).await;
    assert_eq!(ada.get("/me").await["name"], "ada@example.com");
    assert_eq!(ada.get("/tenants").await, json!([]));
    assert_eq!(
        ada.send(Method::GET, "/admin/accounts", None).await.0,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_verified_address_leads_to_the_account_that_is_there_and_a_claimed_one_does_not() {
    let (rig, provider) = rig().await;
    rig.admin
        .post("/admin/accounts", json!({ "login": "ada@example.com" }))
        .await;
    provider.chooses(ada("1", false));
    assert_eq!(log_in(&rig, &provider).await.status(), StatusCode::FORBIDDEN);
    provider.chooses(ada("1", true));
    assert_eq!(log_in(&rig, &provider).await.status(), StatusCode::SEE_OTHER);
    assert_eq!(rig.admin.get("/admin/accounts").await.as_array().unwrap().len(), 2);
    // Known by its identity from now on, whatever its address.
    provider.chooses(ada("1", false));
    assert_eq!(log_in(&rig, &provider).await.status(), StatusCode::SEE_OTHER);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_way_back_works_once_in_the_browser_it_began_in() {
    let (rig, provider) = rig().await;
    let (query, cookie) = departed(&rig, &provider).await;
    assert_eq!(arrive(&rig, &query, None).await.status(), StatusCode::FORBIDDEN);
    assert_eq!(
        arrive(&rig, &query, Some(&cookie)).await.status(),
        StatusCode::SEE_OTHER
    );
    assert_eq!(
        arrive(&rig, &query, Some(&cookie)).await.status(),
        StatusCode::UNAUTHORIZED
    );
    let (query, cookie) = departed(&rig, &provider).await;
    rig.clock.advance(std::time::Duration::from_secs(11 * 60));
    assert_eq!(
        arrive(&rig, &query, Some(&cookie)).await.status(),
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_that_is_switched_off_stays_out() {
    let (rig, provider) = rig().await;
    assert_eq!(log_in(&rig, &provider).await.status(), StatusCode::SEE_OTHER);
    let accounts = rig.admin.get("/admin/accounts").await;
    let ada = accounts
        .as_array()
        .unwrap()
        .iter()
        .find(|account| account["login"] == "ada@example.com")
        .unwrap();
    let path = format!("/admin/accounts/{}", ada["id"].as_str().unwrap());
    let off = json!({ "is-administrator": false, "is-off": true });
    rig.admin.send(Method::PUT, &path, Some(off)).await;
    assert_eq!(log_in(&rig, &provider).await.status(), StatusCode::FORBIDDEN);
}
