//! Another base of the same server, for credentials that the base URL refuses.

use std::sync::{Arc, Mutex, PoisonError};

use reqwest::header::ACCEPT;

use super::base::BaseUrl;
use super::policy::{EgressPolicy, HostPort};
use super::transport::{Answer, Transport};
use crate::limits::CallLimits;
use crate::model;

/// What stands in a template for the name of the site.
pub(crate) const PLACE: &str = "{}";
/// Largest answer to the discovery, in bytes.
const MAX_ANSWER: usize = 64 * 1024;

/// A connection's gateway, and what is known of it in this process.
pub(super) struct Gateway {
    manifest: model::Gateway,
    policy: EgressPolicy,
    limits: CallLimits,
    state: tokio::sync::Mutex<Found>,
    /// Requests go there from now on.
    chosen: Mutex<Option<Arc<Transport>>>,
}

enum Found {
    NotYet,
    There(Arc<Transport>),
    /// The server names no site, or the gateway's base must not be called: asked once.
    Nothing,
}

impl Gateway {
    pub(super) fn new(manifest: &model::Gateway, policy: &EgressPolicy, limits: &CallLimits) -> Self {
        Self {
            manifest: manifest.clone(),
            policy: policy.clone(),
            limits: limits.clone(),
            state: tokio::sync::Mutex::new(Found::NotYet),
            chosen: Mutex::default(),
        }
    }

    /// Where requests go, if it is the gateway.
    pub(super) fn chosen(&self) -> Option<Arc<Transport>> {
        self.chosen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn choose(&self, transport: &Arc<Transport>) {
        *self.chosen.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(transport));
    }

    /// The gateway's transport; the first caller asks the base for the name of the site, without a credential.
    pub(super) async fn find(&self, base: &Transport) -> Option<Arc<Transport>> {
        let mut state = self.state.lock().await;
        if let Found::NotYet = *state {
            *state = match self.discover(base).await {
                Some(transport) => Found::There(Arc::new(transport)),
                None => Found::Nothing,
            };
        }
        match &*state {
            Found::There(transport) => Some(Arc::clone(transport)),
            Found::NotYet | Found::Nothing => None,
        }
    }

    async fn discover(&self, base: &Transport) -> Option<Transport> {
        if !self.may_follow(base.server()) {
            return None;
        }
        let request = base
            .request(reqwest::Method::GET, &self.manifest.discovery_path, &[])
            .header(ACCEPT, "application/json")
            .timeout(self.limits.exchange);
        let answer: Answer = base.send(request, MAX_ANSWER, |_| true, None).await.ok()?;
        let answer: serde_json::Value = serde_json::from_slice(&answer.body).ok()?;
        let site = answer.pointer(&self.manifest.pointer)?.as_str()?;
        let base = BaseUrl::parse(&filled(&self.manifest.base_template, site)?, &self.policy).ok()?;
        Transport::new(base, &self.policy, &self.limits).ok()
    }
}

impl Gateway {
    /// A server that the operator opened by name is the company's own, and must not send its credential to a gateway on
    /// the internet.
    fn may_follow(&self, server: &HostPort) -> bool {
        let gateway = filled(&self.manifest.base_template, "site").map(|base| BaseUrl::parse(&base, &self.policy));
        let is_opened = gateway.is_some_and(|base| base.is_ok_and(|base| self.policy.allows(base.server())));
        is_opened || !self.policy.allows(server)
    }
}

/// Whether a base URL is a gateway's for some site, by its path: a company's proxy may stand before the gateway.
pub(super) fn names_site(gateway: &model::Gateway, base: &BaseUrl) -> bool {
    let path = gateway.base_template.splitn(4, '/').nth(3).unwrap_or_default();
    let Some((before, after)) = path.split_once(PLACE) else {
        return false;
    };
    let rest = base.path().split_once(before).map(|(_, rest)| rest);
    rest.and_then(|rest| rest.strip_suffix(after))
        .is_some_and(is_plain_name)
}

fn is_plain_name(site: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    !site.is_empty() && site.len() <= 128 && site.chars().all(is_plain)
}

/// The template with the name of a site, which is one path segment without anything that is read in several ways.
fn filled(template: &str, site: &str) -> Option<String> {
    is_plain_name(site).then(|| template.replace(PLACE, site))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use axum::extract::{Request, State};
    use axum::http::StatusCode;
    use axum::response::{IntoResponse, Response};

    use super::super::gate::{Gate, Grant, Wanted};
    use super::*;
    use crate::clock::SystemClock;
    use crate::contract::imports::http;
    use crate::credentials::secret::Secret;
    use crate::metering::Meter;
    use crate::model::{AuthRecipe, Connection, Method, Route};

    #[test]
    fn only_a_plain_name_becomes_part_of_a_base_url() {
        let template = "https://api.example/ex/jira/{}";
        let found = filled(template, "0b3e-4f");
        assert_eq!(found.as_deref(), Some("https://api.example/ex/jira/0b3e-4f"));
        for site in ["", "..", "a/b", "a%2fb", "@evil.example", "a?b", "a#b"] {
            assert_eq!(filled(template, site), None, "{site}");
        }
    }

    type Seen = Arc<Mutex<Vec<(String, bool)>>>;

    /// Takes a credential below `/ex/jira/site` alone, and names the site to anybody.
    async fn answer(State(seen): State<Seen>, request: Request) -> Response {
        let path = request.uri().path().to_owned();
        let is_known = request.headers().contains_key("authorization");
        seen.lock()
            .unwrap()
            .push((format!("{} {path}", request.method()), is_known));
        let json = [("content-type", "application/json")];
        match path.as_str() {
            "/site" => (StatusCode::OK, json, r#"{"id":"site"}"#).into_response(),
            "/rest/open" => (StatusCode::OK, json, "{}").into_response(),
            path if path.starts_with("/ex/jira/site/") => (StatusCode::OK, json, "{}").into_response(),
            _ => (StatusCode::UNAUTHORIZED, json, "{}").into_response(),
        }
    }

    async fn gate(seen: &Seen) -> Gate {
        gate_to(seen, None).await
    }

    /// With the gateway somewhere else than at the server itself.
    async fn gate_to(seen: &Seen, gateway: Option<&str>) -> Gate {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let app = axum::Router::new().fallback(answer).with_state(Arc::clone(seen));
        tokio::spawn(async move { axum::serve(listener, app).await });
        let policy = EgressPolicy::public_only().allow(&address).unwrap();
        let policy = policy.allow("127.0.0.1:1").unwrap();
        let base = format!("http://{address}");
        let connection = Connection {
            name: "jira".into(),
            title: String::new(),
            sides: vec![],
            base_field: "url".into(),
            default_base: None,
            alternatives: vec![],
            routes: vec![Route {
                methods: vec![Method::Get, Method::Post],
                prefix: "/rest".into(),
            }],
            open_paths: vec!["/rest/open".into()],
            auth: vec![AuthRecipe::Bearer("token".into())],
            identity: vec![],
            rate_windows: vec![],
            gateway: Some(model::Gateway {
                discovery_path: "/site".into(),
                pointer: "/id".into(),
                base_template: format!("{}/ex/jira/{{}}", gateway.unwrap_or(&base)),
            }),
        };
        Gate::new(Grant {
            connections: &[connection],
            bases: BTreeMap::from([("jira".to_owned(), BaseUrl::parse(&base, &policy))]),
            fields: &BTreeMap::new(),
            secrets: &BTreeMap::from([("token".to_owned(), Secret::new("a-scoped-token", &base))]),
            policy: &policy,
            limits: &CallLimits::default(),
            clock: Arc::new(SystemClock),
            watch: None,
        })
    }

    async fn send(gate: &Gate, method: Method, by_gateway: bool) -> (u16, bool) {
        let answer = ask(gate, method, "/rest/a", by_gateway).await;
        (answer.status, answer.gateway)
    }

    async fn ask(gate: &Gate, method: Method, path: &str, by_gateway: bool) -> http::Response {
        let request = http::Request {
            connection: "jira".into(),
            method,
            path: path.into(),
            query: vec![],
            headers: vec![],
            body: None,
            timeout_ms: None,
        };
        let wanted = Wanted {
            request,
            body: None,
            file: None,
        };
        let (answer, _) = gate.send(&Arc::new(Meter::new()), &wanted, by_gateway).await.unwrap();
        answer
    }

    fn taken(seen: &Seen) -> Vec<(String, bool)> {
        std::mem::take(&mut *seen.lock().unwrap())
    }

    fn requests(list: &[(&str, bool)]) -> Vec<(String, bool)> {
        list.iter()
            .map(|(request, is_known)| ((*request).to_owned(), *is_known))
            .collect()
    }

    #[tokio::test]
    async fn a_read_that_the_base_refuses_goes_to_the_gateway_and_the_rest_follows() {
        let seen = Seen::default();
        let gate = gate(&seen).await;
        assert_eq!(send(&gate, Method::Get, false).await, (200, true));
        assert_eq!(
            taken(&seen),
            requests(&[
                ("GET /rest/a", true),
                ("GET /site", false),
                ("GET /ex/jira/site/rest/a", true)
            ])
        );
        assert_eq!(send(&gate, Method::Post, false).await, (200, true));
        assert_eq!(taken(&seen), requests(&[("POST /ex/jira/site/rest/a", true)]));
    }

    #[tokio::test]
    async fn a_write_that_the_base_refuses_is_not_sent_again() {
        let seen = Seen::default();
        let gate = gate(&seen).await;
        assert_eq!(send(&gate, Method::Post, false).await, (401, false));
        assert_eq!(taken(&seen), requests(&[("POST /rest/a", true)]));
    }

    #[tokio::test]
    async fn a_credential_that_is_known_to_need_the_gateway_is_not_shown_to_the_base() {
        let seen = Seen::default();
        let gate = gate(&seen).await;
        assert_eq!(send(&gate, Method::Get, true).await, (200, true));
        assert_eq!(
            taken(&seen),
            requests(&[("GET /site", false), ("GET /ex/jira/site/rest/a", true)])
        );
    }

    #[tokio::test]
    async fn what_everybody_may_read_is_asked_for_without_the_credential() {
        let seen = Seen::default();
        let gate = gate(&seen).await;
        let answer = ask(&gate, Method::Get, "/rest/open", false).await;
        assert_eq!((answer.status, answer.identity), (200, http::Identity::Anonymous));
        assert_eq!(taken(&seen), requests(&[("GET /rest/open", false)]));
    }

    #[tokio::test]
    async fn a_gateway_that_cannot_be_reached_leaves_the_bases_answer() {
        let seen = Seen::default();
        let gate = gate_to(&seen, Some("https://127.0.0.1:1")).await;
        assert_eq!(send(&gate, Method::Get, false).await, (401, false));
        assert_eq!(taken(&seen), requests(&[("GET /rest/a", true), ("GET /site", false)]));
    }

    #[tokio::test]
    async fn a_server_that_the_operator_opened_leads_to_no_gateway_that_he_did_not() {
        let seen = Seen::default();
        let gate = gate_to(&seen, Some("https://api.example")).await;
        assert_eq!(send(&gate, Method::Get, false).await, (401, false));
        assert_eq!(taken(&seen), requests(&[("GET /rest/a", true)]));
    }

    #[test]
    fn a_base_url_is_the_gateways_by_its_path() {
        let gateway = model::Gateway {
            discovery_path: "/site".into(),
            pointer: "/id".into(),
            base_template: "https://api.example/ex/jira/{}".into(),
        };
        let names = |url: &str| names_site(&gateway, &BaseUrl::parse(url, &EgressPolicy::public_only()).unwrap());
        assert!(names("https://api.example/ex/jira/0b3e-4f") && names("https://proxy.example/atlassian/ex/jira/0b3e/"));
        assert!(!names("https://jira.example") && !names("https://api.example/ex/jira/0b3e/rest"));
    }
}
