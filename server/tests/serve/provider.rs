//! An OpenID provider on loopback: whoever asks is logged in as the person that the test chose.

use std::sync::{Arc, Mutex};

use axum::extract::{Form, State};
use axum::routing::{get, post};
use axum::{Json, Router};
use openidconnect::core::{
    CoreIdToken, CoreIdTokenClaims, CoreJsonWebKeySet, CoreJwsSigningAlgorithm, CoreRsaPrivateSigningKey,
};
use openidconnect::{
    Audience, EmptyAdditionalClaims, EndUserEmail, IssuerUrl, JsonWebKeyId, Nonce, PrivateSigningKey, StandardClaims,
    SubjectIdentifier,
};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::time::{Duration, UNIX_EPOCH};
use tokio::net::TcpListener;

pub const CLIENT: &str = "tms-sync";

/// A person at the provider.
#[derive(Clone)]
pub struct Person {
    pub subject: String,
    pub mail: String,
    pub is_verified: bool,
}

#[derive(Clone)]
pub struct Provider {
    pub issuer: String,
    now: u64,
    person: Arc<Mutex<Person>>,
    /// Of the log-in that is under way.
    nonce: Arc<Mutex<String>>,
}

impl Provider {
    pub async fn start(now: u64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let provider = Self {
            issuer: format!("http://{}", listener.local_addr().unwrap()),
            now,
            person: Arc::new(Mutex::new(Person {
                subject: "1".to_owned(),
                mail: "ada@example.com".to_owned(),
                is_verified: true,
            })),
            nonce: Arc::default(),
        };
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(configuration))
            .route("/keys", get(keys))
            .route("/token", post(token))
            .with_state(provider.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        provider
    }

    /// Who logs in next.
    pub fn chooses(&self, person: Person) {
        *self.person.lock().unwrap() = person;
    }

    /// Somebody logs in at the page that the service sent the browser to: the query of the way back.
    pub fn logs_in(&self, url: &str) -> String {
        let (_, query) = url.split_once('?').unwrap();
        let asked: HashMap<String, String> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        assert_eq!(
            (asked["client_id"].as_str(), asked["code_challenge_method"].as_str()),
            (CLIENT, "S256")
        );
        *self.nonce.lock().unwrap() = asked["nonce"].clone();
        format!("code=abc&state={}", asked["state"])
    }
}

async fn configuration(State(provider): State<Provider>) -> Json<Value> {
    let at = |path: &str| format!("{}{path}", provider.issuer);
    Json(json!({
        "issuer": provider.issuer,
        "authorization_endpoint": at("/authorize"),
        "token_endpoint": at("/token"),
        "jwks_uri": at("/keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
    }))
}

fn key() -> CoreRsaPrivateSigningKey {
    CoreRsaPrivateSigningKey::from_pem(include_str!("provider.pem"), Some(JsonWebKeyId::new("1".to_owned()))).unwrap()
}

async fn keys() -> Json<CoreJsonWebKeySet> {
    Json(CoreJsonWebKeySet::new(vec![key().as_verification_key()]))
}

async fn token(State(provider): State<Provider>, Form(form): Form<HashMap<String, String>>) -> Json<Value> {
    assert!(form.contains_key("code_verifier"), "without PKCE");
    let person = provider.person.lock().unwrap().clone();
    let at = |seconds: u64| (UNIX_EPOCH + Duration::from_millis(provider.now) + Duration::from_secs(seconds)).into();
    let standard = StandardClaims::new(SubjectIdentifier::new(person.subject))
        .set_email(Some(EndUserEmail::new(person.mail)))
        .set_email_verified(Some(person.is_verified));
    let claims = CoreIdTokenClaims::new(
        IssuerUrl::new(provider.issuer.clone()).unwrap(),
        vec![Audience::new(CLIENT.to_owned())],
        at(300),
        at(0),
        standard,
        EmptyAdditionalClaims {},
    );
    let claims = claims.set_nonce(Some(Nonce::new(provider.nonce.lock().unwrap().clone())));
    let algorithm = CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256;
    let id_token = CoreIdToken::new(claims, &key(), algorithm, None, None).unwrap();
    Json(json!({ "access_token": "unused", "token_type": "bearer", "id_token": id_token.to_string() }))
}
