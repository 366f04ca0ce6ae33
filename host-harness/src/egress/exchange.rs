//! Token exchange: secrets go to the connection's own server, a bearer token comes back and never leaves the host.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use tokio::sync::Mutex;
use zeroize::{Zeroize, Zeroizing};

use super::credential::{sensitive, wiped};
use super::transport::{Answer, Transport};
use crate::clock::Clock;
use crate::contract::imports::http::{Response, TokenFault};
use crate::credentials::scanner::{SecretScanner, contain_secret};
use crate::credentials::secret::{Secret, Secrets};
use crate::credentials::secret_watch::{SecretWatch, Watched};
use crate::model::{TokenEncoding, TokenExchange, TokenValue};

/// A refusal is remembered so long, so that a wrong secret costs one attempt and not one per waiting request: servers
/// lock accounts after a few.
const REFUSAL_MS: u64 = 5_000;
/// A token is renewed when a tenth of its life is left, and at least this early.
const MIN_MARGIN_MS: u64 = 5_000;
/// Longest message taken from an answer, in characters.
const MAX_MESSAGE: usize = 300;

/// A token in use. The number shows whether it was renewed since.
pub(crate) struct Token {
    pub(crate) header: HeaderValue,
    pub(crate) scan: SecretScanner,
    /// Looked for as long as it is in use.
    _watched: Option<Watched>,
    number: u64,
    renew_at: u64,
}

/// One connection's exchange, with the token it last brought.
pub(crate) struct Exchange {
    recipe: TokenExchange,
    body: Zeroizing<String>,
    scan: SecretScanner,
    watch: Option<Arc<SecretWatch>>,
    state: Mutex<TokenState>,
}

#[derive(Default)]
struct TokenState {
    token: Option<Arc<Token>>,
    exchanges: u64,
    refused: Option<(u64, TokenFault)>,
    rejected_until: u64,
}

impl Exchange {
    pub(crate) fn new(
        recipe: &TokenExchange,
        fields: &BTreeMap<String, String>,
        secrets: &Secrets,
        watch: Option<Arc<SecretWatch>>,
    ) -> Self {
        let pairs: Vec<(&str, &str)> = recipe
            .parameters
            .iter()
            .map(|parameter| {
                let value = match &parameter.value {
                    TokenValue::Literal(text) => text.as_str(),
                    TokenValue::Secret(name) => secrets.get(name).map(Secret::expose).unwrap_or_default(),
                    TokenValue::Field(name) => fields.get(name).map(String::as_str).unwrap_or_default(),
                };
                (parameter.name.as_str(), value)
            })
            .collect();
        Self {
            recipe: recipe.clone(),
            body: Zeroizing::new(body(recipe.encoding, &pairs)),
            scan: SecretScanner::new(secrets.values().map(Secret::expose)),
            watch,
            state: Mutex::default(),
        }
    }

    /// The connection that answers; absent: the one that the recipe belongs to.
    pub(crate) fn connection(&self) -> Option<&str> {
        self.recipe.connection.as_deref()
    }

    /// Whether a path below that connection's base is the exchange's.
    pub(crate) fn is_at(&self, path: &str) -> bool {
        let own = self.recipe.path.trim_end_matches('/');
        path.trim_end_matches('/').eq_ignore_ascii_case(own)
    }

    /// The token, exchanged for if there is none, it is about to end, or it is the one that the server no longer takes.
    /// Concurrent callers share one exchange.
    pub(crate) async fn token(
        &self,
        transport: &Transport,
        clock: &dyn Clock,
        rejected: Option<&Token>,
        exchanged: impl FnOnce(),
    ) -> Result<Arc<Token>, TokenFault> {
        let mut state = self.state.lock().await;
        let now = clock.now();
        let usable =
            |token: &&Arc<Token>| now < token.renew_at && rejected.is_none_or(|old| old.number != token.number);
        if let Some(token) = state.token.as_ref().filter(usable) {
            return Ok(Arc::clone(token));
        }
        // A server may answer 401 for its own reasons. Renewing again and again would not help, so the caller gets the
        // same token back and leaves it at that.
        if let Some(token) = state
            .token
            .as_ref()
            .filter(|token| now < token.renew_at.min(state.rejected_until))
        {
            return Ok(Arc::clone(token));
        }
        if let Some((_, fault)) = state.refused.as_ref().filter(|(until, _)| now < *until) {
            return Err(fault.clone());
        }
        if rejected.is_some() {
            state.rejected_until = now + REFUSAL_MS;
        }
        exchanged();
        state.token = None;
        match self.exchange(transport, clock, state.exchanges + 1).await {
            Ok(token) => {
                state.exchanges += 1;
                state.refused = None;
                Ok(Arc::clone(state.token.insert(Arc::new(token))))
            }
            Err(fault) => {
                let asked = fault.retry_after_ms.unwrap_or_default();
                state.refused = Some((clock.now() + asked.max(REFUSAL_MS), fault.clone()));
                Err(fault)
            }
        }
    }

    async fn exchange(&self, transport: &Transport, clock: &dyn Clock, number: u64) -> Result<Token, TokenFault> {
        let media = match self.recipe.encoding {
            TokenEncoding::Form => "application/x-www-form-urlencoded",
            TokenEncoding::Json => "application/json",
        };
        let mut answer = transport
            .exchange(&self.recipe.path, media, wiped(self.body.clone()))
            .await
            .map_err(|message| TokenFault {
                status: None,
                from_product: false,
                retry_after_ms: None,
                message,
            })?;
        let json = Wiped(serde_json::from_slice(&answer.body).ok());
        let token = self.token_of(&answer, json.0.as_ref(), clock, number);
        answer.body.zeroize();
        token
    }

    fn token_of(
        &self,
        answer: &Answer,
        json: Option<&serde_json::Value>,
        clock: &dyn Clock,
        number: u64,
    ) -> Result<Token, TokenFault> {
        let fault = |message: &str| TokenFault {
            status: Some(answer.status),
            from_product: is_json(answer) && json.is_some_and(names_an_error),
            retry_after_ms: retry_after(&answer.headers, clock.now()),
            message: self.presentable(message),
        };
        if !(200..300).contains(&answer.status) {
            return Err(fault(&String::from_utf8_lossy(&answer.body)));
        }
        let Some(value) = json else {
            return Err(fault("the answer is not JSON"));
        };
        let token = value
            .pointer(&self.recipe.token_pointer)
            .and_then(serde_json::Value::as_str)
            .filter(|token| !token.is_empty())
            .ok_or_else(|| fault("the answer has no token where one was expected"))?;
        let token = Zeroizing::new(token.to_owned());
        let watched = self.watch.as_ref().map(|watch| watch.learn("token", &token));
        let header = sensitive("Bearer ", &token).ok_or_else(|| fault("the token cannot stand in a header"))?;
        let lifetime = self.lifetime_ms(value);
        let margin = (lifetime / 10).max(MIN_MARGIN_MS.min(lifetime / 2));
        Ok(Token {
            header,
            scan: SecretScanner::new([token.as_str()]),
            _watched: watched,
            number,
            renew_at: clock.now() + lifetime - margin,
        })
    }

    /// Between one second and a day, whatever the server answers.
    fn lifetime_ms(&self, answer: &serde_json::Value) -> u64 {
        let asked = self
            .recipe
            .lifetime_pointer
            .as_ref()
            .and_then(|pointer| answer.pointer(pointer))
            .and_then(|value| {
                value
                    .as_u64()
                    .or_else(|| value.as_f64().map(|seconds| seconds as u64))
                    .or_else(|| value.as_str()?.parse().ok())
            });
        asked
            .unwrap_or(u64::from(self.recipe.lifetime_seconds))
            .clamp(1, 86_400)
            * 1_000
    }

    /// The answer's words, short, on one line and without secrets.
    fn presentable(&self, text: &str) -> String {
        if contain_secret(&[&self.scan], text.as_bytes()) {
            return "(the answer repeats a credential and is not shown)".into();
        }
        text.chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .take(MAX_MESSAGE)
            .collect::<String>()
            .trim()
            .to_owned()
    }
}

/// The wait that an answer asks for, in milliseconds: `Retry-After` in seconds or as a date (RFC 9110 §10.2.3), of an hour
/// at the most.
fn retry_after(headers: &HeaderMap, now: u64) -> Option<u64> {
    pause(headers.get(RETRY_AFTER)?.to_str().ok()?, now)
}

/// The same for an answer that the guest sees, where it is about load.
pub(crate) fn pause_asked_for(response: &Response, now: u64) -> Option<u64> {
    let mut headers = response.headers.iter().filter(|_| matches!(response.status, 429 | 503));
    let header = headers.find(|header| header.name.eq_ignore_ascii_case(RETRY_AFTER.as_str()))?;
    pause(&header.value, now)
}

fn pause(value: &str, now: u64) -> Option<u64> {
    const MOST: u64 = 60 * 60 * 1_000;
    let value = value.trim();
    let wait = match value.parse::<u64>() {
        Ok(seconds) => seconds.saturating_mul(1_000),
        Err(_) => {
            let at = httpdate::parse_http_date(value).ok()?.duration_since(UNIX_EPOCH).ok()?;
            u64::try_from(at.as_millis()).ok()?.saturating_sub(now)
        }
    };
    Some(wait.min(MOST))
}

/// Whether a JSON body is an error of a token endpoint: `error` by RFC 6749 §5.2, or words about credentials. Gateways in
/// between answer with JSON too.
fn names_an_error(body: &serde_json::Value) -> bool {
    let words = |name: &str| body.get(name).and_then(serde_json::Value::as_str).unwrap_or_default();
    body.get("error").is_some() || words("message").to_lowercase().contains("credential")
}

/// A parsed answer whose texts are wiped when it is dropped.
struct Wiped(Option<serde_json::Value>);

impl Drop for Wiped {
    fn drop(&mut self) {
        let mut rest: Vec<serde_json::Value> = self.0.take().into_iter().collect();
        while let Some(value) = rest.pop() {
            match value {
                serde_json::Value::String(mut text) => text.zeroize(),
                serde_json::Value::Array(values) => rest.extend(values),
                serde_json::Value::Object(members) => rest.extend(members.into_iter().map(|(_, value)| value)),
                _ => {}
            }
        }
    }
}

fn is_json(answer: &Answer) -> bool {
    answer
        .headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|media| media.contains("json"))
}

fn body(encoding: TokenEncoding, pairs: &[(&str, &str)]) -> String {
    match encoding {
        TokenEncoding::Form => {
            let mut url = form_urlencoded::Serializer::new(String::new());
            url.extend_pairs(pairs);
            url.finish()
        }
        TokenEncoding::Json => {
            let object: serde_json::Map<String, serde_json::Value> = pairs
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).into()))
                .collect();
            serde_json::Value::from(object).to_string()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_of_a_refusal_is_seconds_or_a_date() {
        // 1994-11-06 08:49:37Z, the example of RFC 9110 §5.6.7.
        let (date, at) = ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777_000);
        let asked = |value: &'static str, now| {
            let headers = HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_static(value))]);
            retry_after(&headers, now)
        };
        assert_eq!(asked("120", 0), Some(120_000));
        assert_eq!(asked(date, at - 90_000), Some(90_000));
        assert_eq!(asked(date, at + 5), Some(0));
        assert_eq!(asked("99999999999", 0), Some(3_600_000), "an hour at the most");
        assert_eq!(asked("soon", 0), None);
        assert_eq!(retry_after(&HeaderMap::new(), 0), None);
    }
}
