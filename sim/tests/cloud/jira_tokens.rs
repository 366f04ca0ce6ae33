//! Service accounts: API tokens as Basic or Bearer, OAuth client credentials.

use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::json;
use tms_sync_sim::answers::{GatewayIdentity, ServiceToken};
use tms_sync_sim::cloud::{OAUTH_CLIENT_ID, OAUTH_CLIENT_SECRET, SERVICE_EMAIL, SERVICE_TOKEN, SERVICE_USER};
use tms_sync_sim::jira_cloud::CLOUD_ID;

use crate::bed::{Bed, EMAIL, TOKEN, parts};

fn through_gateway(bed: &Bed, path: &str) -> RequestBuilder {
    bed.jira_anonymous(Method::GET, &format!("/ex/jira/{CLOUD_ID}/rest/api/3{path}"))
}

async fn status(request: RequestBuilder) -> u16 {
    request.send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn the_token_of_a_service_account_is_taken_as_basic_or_as_bearer() {
    let bed = Bed::new().await;
    let mut seen = Vec::new();
    for form in [ServiceToken::Basic, ServiceToken::Bearer, ServiceToken::Either] {
        bed.site.lock().answers.choose(form);
        let basic = through_gateway(&bed, "/myself").basic_auth(SERVICE_EMAIL, Some(SERVICE_TOKEN));
        let bearer = through_gateway(&bed, "/myself").bearer_auth(SERVICE_TOKEN);
        seen.push((status(basic).await, status(bearer).await));
    }
    assert_eq!(seen, [(200, 401), (401, 200), (200, 200)]);
}

#[tokio::test]
async fn the_site_itself_takes_no_service_account() {
    let bed = Bed::new().await;
    let request = bed.jira_anonymous(Method::GET, "/rest/api/3/myself");
    assert_eq!(
        status(request.basic_auth(SERVICE_EMAIL, Some(SERVICE_TOKEN))).await,
        401
    );
}

#[tokio::test]
async fn client_credentials_become_an_access_token_of_an_hour() {
    let bed = Bed::new().await;
    let tokens = bed.sign_in_server().await;
    let exchange = |secret: &'static str| {
        let body = json!({ "grant_type": "client_credentials", "client_id": OAUTH_CLIENT_ID, "client_secret": secret });
        bed.http()
            .post(format!("{}/oauth/token", tokens.url()))
            .json(&body)
            .send()
    };
    let (status_code, answer) = parts(exchange(OAUTH_CLIENT_SECRET).await.unwrap()).await;
    assert_eq!((status_code, &answer["expires_in"]), (StatusCode::OK, &json!(3_600)));
    assert_eq!(answer["scope"], "read:jira-work write:jira-work read:jira-user");
    let token = answer["access_token"].as_str().unwrap();
    let (_, me) = parts(
        through_gateway(&bed, "/myself")
            .bearer_auth(token)
            .send()
            .await
            .unwrap(),
    )
    .await;
    assert_eq!(me["accountId"], SERVICE_USER);
    bed.clock.advance(std::time::Duration::from_secs(3_600));
    let (status_code, refused) = parts(
        through_gateway(&bed, "/myself")
            .bearer_auth(token)
            .send()
            .await
            .unwrap(),
    )
    .await;
    let expected = json!({ "code": 401, "message": "Unauthorized" });
    assert_eq!((status_code, refused), (StatusCode::UNAUTHORIZED, expected));
    let (status_code, refused) = parts(exchange("wrong").await.unwrap()).await;
    let expected = json!({ "error": "access_denied", "error_description": "Unauthorized" });
    assert_eq!((status_code, refused), (StatusCode::UNAUTHORIZED, expected));
}

#[tokio::test]
async fn the_gateway_names_the_account_or_does_not() {
    let bed = Bed::new().await;
    let call = || {
        through_gateway(&bed, "/serverInfo")
            .basic_auth(EMAIL, Some(TOKEN))
            .send()
    };
    assert!(call().await.unwrap().headers().contains_key("x-aaccountid"));
    bed.site.lock().answers.choose(GatewayIdentity::Unnamed);
    assert!(!call().await.unwrap().headers().contains_key("x-aaccountid"));
}
