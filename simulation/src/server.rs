//! A simulated server behind a connection of the manifest: called in memory, with the credential that a host would add.

use std::cell::RefCell;

use axum::Router;
use axum::body::Body;
use axum::http::{Request as HttpRequest, Response as HttpResponse, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use form_urlencoded::Serializer;
use http_body_util::BodyExt as _;
use serde_json::Value;
use tms_sync_xray::ports::{Identity, Method, Request, Response, SendError};
use tms_sync_xray::setup::{AuthRecipe, Connection, TokenEncoding, TokenExchange, TokenValue};
use tower::ServiceExt as _;

use crate::executor::Executor;
use crate::file;

/// Values of the fields and secrets that a host has stored, by name.
pub type Stored = fn(&str) -> &'static str;

/// A server.
pub struct Server {
    router: Router,
    connection: &'static Connection,
    recipe: AuthRecipe,
    stored: Stored,
    executor: Executor,
    token: RefCell<Option<Token>>,
}

struct Token {
    header: String,
    renew_at: u64,
}

/// Which credential a request carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credential {
    /// The stored one.
    Good,
    /// One that was good once.
    Revoked,
    /// None: something on the way took it off.
    Absent,
}

impl Server {
    /// Puts a router behind a connection. The recipe is the first one of the manifest whose secrets are stored.
    ///
    /// # Panics
    /// When no recipe fits.
    pub fn new(router: Router, connection: &'static Connection, stored: Stored, executor: Executor) -> Self {
        let fits = |recipe: &&AuthRecipe| secrets(recipe).iter().all(|name| !stored(name).is_empty());
        let recipe = *connection.auth.iter().find(fits).expect("a recipe with stored secrets");
        Server {
            router,
            connection,
            recipe,
            stored,
            executor,
            token: RefCell::default(),
        }
    }

    /// Whether the manifest lets the plugin send this; a host refuses everything else.
    pub fn is_declared(&self, request: &Request) -> bool {
        let method = format!("{:?}", request.method);
        self.connection.routes.iter().any(|route| {
            let below = request.path.strip_prefix(route.prefix);
            below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
                && route.methods.iter().any(|allowed| format!("{allowed:?}") == method)
        })
    }

    /// Makes sure that there is a token where the recipe exchanges one.
    pub async fn sign_in(&self) -> Result<(), SendError> {
        let AuthRecipe::Exchange(exchange) = self.recipe else {
            return Ok(());
        };
        let now = self.executor.now();
        if self.token.borrow().as_ref().is_some_and(|token| now < token.renew_at) {
            return Ok(());
        }
        let (content_type, body) = token_request(&exchange, self.stored);
        let request = HttpRequest::post(exchange.path).header(header::CONTENT_TYPE, content_type);
        let response = self.call(request.body(Body::from(body)).unwrap()).await;
        let json: Option<Value> = serde_json::from_slice(&response.body).ok();
        let text = json
            .as_ref()
            .and_then(|json| json.pointer(exchange.token_pointer)?.as_str());
        match text {
            Some(text) if response.status == 200 => {
                let lifetime = u64::from(exchange.lifetime_seconds) * 900;
                *self.token.borrow_mut() = Some(Token {
                    header: format!("Bearer {text}"),
                    renew_at: now + lifetime,
                });
                Ok(())
            }
            _ => Err(SendError::NoToken {
                status: Some(response.status),
                from_product: json.is_some(),
                message: String::from_utf8_lossy(&response.body).into_owned(),
                retry_after: None,
            }),
        }
    }

    /// Lets the server do its work.
    pub async fn serve(&self, request: &Request, credential: Credential) -> Response {
        let mut http = HttpRequest::builder()
            .method(format!("{:?}", request.method).to_uppercase().as_str())
            .uri(uri(request));
        for (name, value) in &request.headers {
            http = http.header(*name, value);
        }
        if let Some(value) = self.authorization(credential) {
            http = http.header(header::AUTHORIZATION, value);
        }
        let body = file::flat(request);
        if request.method != Method::Get {
            http = http.header(header::CONTENT_LENGTH, body.len());
        }
        let mut response = self.call(http.body(Body::from(body)).unwrap()).await;
        response.identity = self.identity(&response);
        response
    }

    /// The first sign of the manifest that matches decides.
    fn identity(&self, response: &Response) -> Identity {
        let sign = self.connection.identity.iter().find(|sign| {
            let values = response.headers.iter().filter(|(name, _)| name == sign.header);
            values
                .map(|(_, value)| value)
                .any(|value| sign.value.is_none_or(|wanted| wanted.eq_ignore_ascii_case(value)))
        });
        match sign {
            Some(sign) if sign.authenticated => Identity::Authenticated,
            Some(_) => Identity::Anonymous,
            None => Identity::Unknown,
        }
    }

    fn authorization(&self, credential: Credential) -> Option<String> {
        let secret = |name: &str| match credential {
            Credential::Good => (self.stored)(name),
            Credential::Revoked | Credential::Absent => "revoked",
        };
        match self.recipe {
            _ if credential == Credential::Absent => None,
            AuthRecipe::Basic(basic) => {
                let pair = format!("{}:{}", (self.stored)(basic.username), secret(basic.secret));
                Some(format!("Basic {}", STANDARD.encode(pair)))
            }
            AuthRecipe::Bearer(name) => Some(format!("Bearer {}", secret(name))),
            AuthRecipe::Exchange(_) => self.token.borrow().as_ref().map(|token| token.header.clone()),
        }
    }

    async fn call(&self, request: HttpRequest<Body>) -> Response {
        let response: HttpResponse<Body> = match self.router.clone().oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        };
        let status = response.status().as_u16();
        let text = |value: &axum::http::HeaderValue| value.to_str().unwrap_or_default().to_owned();
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| (name.to_string(), text(value)))
            .collect();
        let body = response
            .into_body()
            .collect()
            .await
            .expect("a body in memory")
            .to_bytes()
            .to_vec();
        Response {
            status,
            headers,
            body,
            identity: Identity::Unknown,
            gateway: false,
        }
    }
}

fn secrets(recipe: &AuthRecipe) -> Vec<&'static str> {
    match recipe {
        AuthRecipe::Basic(basic) => vec![basic.secret],
        AuthRecipe::Bearer(name) => vec![name],
        AuthRecipe::Exchange(exchange) => {
            let secret = |value: &TokenValue| match value {
                TokenValue::Secret(name) => Some(*name),
                TokenValue::Literal(_) | TokenValue::Field(_) => None,
            };
            exchange
                .parameters
                .iter()
                .filter_map(|parameter| secret(&parameter.value))
                .collect()
        }
    }
}

fn token_request(exchange: &TokenExchange, stored: Stored) -> (&'static str, String) {
    let value = |value: &TokenValue| match value {
        TokenValue::Literal(text) => *text,
        TokenValue::Secret(name) | TokenValue::Field(name) => stored(name),
    };
    let pairs = exchange
        .parameters
        .iter()
        .map(|parameter| (parameter.name, value(&parameter.value)));
    match exchange.encoding {
        TokenEncoding::Form => {
            let body = Serializer::new(String::new()).extend_pairs(pairs).finish();
            ("application/x-www-form-urlencoded", body)
        }
        TokenEncoding::Json => {
            let members = pairs.map(|(name, value)| (name.to_owned(), Value::from(value)));
            ("application/json", Value::Object(members.collect()).to_string())
        }
    }
}

fn uri(request: &Request) -> String {
    if request.query.is_empty() {
        return request.path.clone();
    }
    let query = Serializer::new(String::new()).extend_pairs(&request.query).finish();
    format!("{}?{query}", request.path)
}
