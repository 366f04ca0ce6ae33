//! Signing in, and every 401.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::bed::{Bed, parts};

async fn refusal(bed: &Bed, token: Option<&str>) -> (StatusCode, Value) {
    let request = bed
        .anonymous(Method::POST, "/api/v2/graphql")
        .json(&json!({ "query": "{ getStatuses { name } }" }));
    let request = match token {
        Some(token) => request.bearer_auth(token),
        None => request,
    };
    parts(request.send().await.unwrap()).await
}

#[tokio::test]
async fn a_token_is_a_json_string_and_lives_a_day() {
    let bed = Bed::new().await;
    let body = json!({ "client_id": "ID", "client_secret": "SECRET" });
    let response = bed
        .anonymous(Method::POST, "/api/v1/authenticate")
        .json(&body)
        .send()
        .await
        .unwrap();
    assert!(
        response.headers()["content-type"]
            .to_str()
            .unwrap()
            .starts_with("application/json")
    );
    let text = response.text().await.unwrap();
    assert!(text.starts_with("\"ey") && text.ends_with('"'), "{text}");
    let form = [("client_id", "ID"), ("client_secret", "SECRET")];
    let form = bed
        .anonymous(Method::POST, "/api/v2/authenticate")
        .form(&form)
        .send()
        .await
        .unwrap();
    assert_eq!(form.status(), StatusCode::OK);
    bed.pass(86_399);
    assert_eq!(refusal(&bed, Some(&bed.jwt)).await.0, StatusCode::OK);
    bed.pass(1);
    let expired = json!({ "error": "Invalid JWT: TokenExpiredError: jwt expired" });
    assert_eq!(refusal(&bed, Some(&bed.jwt)).await, (StatusCode::UNAUTHORIZED, expired));
}

#[tokio::test]
async fn wrong_credentials_and_broken_requests_are_distinguished() {
    let bed = Bed::new().await;
    let send = async |body: Value| {
        parts(
            bed.anonymous(Method::POST, "/api/v2/authenticate")
                .json(&body)
                .send()
                .await
                .unwrap(),
        )
        .await
    };
    let wrong = json!({ "error": "Authentication failed. Invalid client credentials!" });
    let sent = json!({ "client_id": "ID", "client_secret": "nope" });
    assert_eq!(send(sent).await, (StatusCode::UNAUTHORIZED, wrong));
    assert_eq!(send(json!({ "client_id": "ID" })).await.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn each_bad_token_has_its_own_words() {
    let bed = Bed::new().await;
    let missing = json!({ "error": "Could not find authentication data on request" });
    assert_eq!(refusal(&bed, None).await, (StatusCode::UNAUTHORIZED, missing));
    let malformed = json!({ "error": "Invalid JWT: JsonWebTokenError: jwt malformed" });
    let quoted = format!("\"{}\"", "token");
    assert_eq!(
        refusal(&bed, Some(&quoted)).await,
        (StatusCode::UNAUTHORIZED, malformed)
    );
    bed.xray.add_api_key("ID", "REGENERATED", crate::bed::USER);
    let void = json!({ "error": "The API token is invalid" });
    assert_eq!(refusal(&bed, Some(&bed.jwt)).await, (StatusCode::UNAUTHORIZED, void));
}

#[tokio::test]
async fn without_a_licence_nobody_gets_in() {
    let bed = Bed::new().await;
    bed.site.lock().xray.licensed = false;
    let (status, body) = refusal(&bed, Some(&bed.jwt)).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    assert!(body["error"].as_str().unwrap().contains("license"));
}
