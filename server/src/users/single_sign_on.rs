//! Log-in by OpenID Connect: authorization code with PKCE, at one provider that the operator names.
//!
//! | who comes back | becomes |
//! |---|---|
//! | an identity that was here before | its account |
//! | a verified mail address that is the login of an account | that account, from now on also by this identity |
//! | anybody else with a verified mail address | a new account, which is a member of nothing |

use axum::http::{Response, StatusCode};
use futures_util::future::BoxFuture;
use openidconnect::core::{CoreAuthenticationFlow, CoreClient, CoreIdTokenClaims, CoreProviderMetadata};
use openidconnect::{
    AsyncHttpClient, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointMaybeSet, EndpointNotSet,
    EndpointSet, HttpRequest, HttpResponse, IssuerUrl, Nonce, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope,
    TokenResponse,
};
use tms_sync_host::{EgressPolicy, HostRequest};
use zeroize::Zeroizing;

use super::{Account, NewAccount, Users};
use crate::audit::did;
use crate::id::digest;
use crate::problem::Problem;
use crate::store::sql;

/// How long somebody may stay at the provider, in milliseconds.
const STAY_MS: u64 = 10 * 60 * 1000;

/// The provider.
#[derive(Clone)]
pub struct SingleSignOn {
    /// How people call it: "Log in with …".
    pub title: String,
    /// Its address, below which `/.well-known/openid-configuration` is.
    pub issuer: String,
    /// Id of this service there.
    pub client_id: String,
    /// Its secret there.
    pub client_secret: Zeroizing<String>,
    /// How it is reached. It may be private itself; whatever else its configuration names has to be allowed.
    pub egress: EgressPolicy,
}

/// Where somebody is sent, and what proves that it is the same browser that comes back.
pub(crate) struct Departure {
    pub(crate) url: String,
    pub(crate) state: String,
}

/// What somebody comes back with.
pub(crate) struct Arrival<'a> {
    pub(crate) state: &'a str,
    pub(crate) code: String,
}

type Client =
    CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet>;

impl SingleSignOn {
    async fn client(&self, back: &str) -> Result<Client, Problem> {
        let issuer = IssuerUrl::new(self.issuer.clone()).map_err(|error| refused(&error))?;
        let http = self.http()?;
        let metadata = CoreProviderMetadata::discover_async(issuer, &http).await;
        let metadata = metadata.map_err(|error| refused(&error))?;
        let secret = ClientSecret::new(self.client_secret.to_string());
        let client = CoreClient::from_provider_metadata(metadata, ClientId::new(self.client_id.clone()), Some(secret));
        let back = RedirectUrl::new(back.to_owned()).map_err(|error| refused(&error))?;
        Ok(client.set_redirect_uri(back))
    }

    fn http(&self) -> Result<Http, Problem> {
        let policy = self.egress.clone().reach(&self.issuer);
        policy.map(Http).map_err(|error| refused(&error))
    }
}

impl Users {
    /// Sends somebody to the provider; `back` is the URL to come back to, `next` the path to go to then.
    pub(crate) async fn depart(&self, at: &SingleSignOn, back: &str, next: &str) -> Result<Departure, Problem> {
        let client = at.client(back).await?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let flow = CoreAuthenticationFlow::AuthorizationCode;
        let request = client.authorize_url(flow, CsrfToken::new_random, Nonce::new_random);
        let request = request.add_scope(Scope::new("email".to_owned()));
        let request = request.add_scope(Scope::new("profile".to_owned()));
        let (url, state, nonce) = request.set_pkce_challenge(challenge).url();
        let row =
            sql("INSERT INTO single_sign_on (state, nonce, verifier, next, expires_at) VALUES (?1, ?2, ?3, ?4, ?5)");
        let row = row
            .bind(digest(state.secret()))
            .bind(nonce.secret())
            .bind(verifier.secret())
            .bind(next)
            .bind(self.clock.now() + STAY_MS);
        self.store.write(vec![row]).await?;
        Ok(Departure {
            url: url.into(),
            state: state.into_secret(),
        })
    }

    /// Whoever comes back, and the path to go to.
    pub(crate) async fn arrive(
        &self,
        at: &SingleSignOn,
        back: &str,
        arrival: Arrival<'_>,
    ) -> Result<(Account, String), Problem> {
        let state = digest(arrival.state);
        let query = sql("SELECT nonce, verifier, next FROM single_sign_on WHERE state = ?1 AND expires_at > ?2");
        let found = self
            .store
            .read(query.bind(state.clone()).bind(self.clock.now()))
            .await?;
        let row = found.first().ok_or_else(too_late)?;
        let (nonce, pkce): (String, String) = (row.get("nonce")?, row.get("verifier")?);
        let next: String = row.get("next")?;
        let used = sql("DELETE FROM single_sign_on WHERE state = ?1")
            .bind(state)
            .must_change(1);
        self.store.write(vec![used]).await.map_err(|_| too_late())?;
        let client = at.client(back).await?;
        let code = client.exchange_code(AuthorizationCode::new(arrival.code));
        let code = code.map_err(|error| refused(&error))?;
        let code = code.set_pkce_verifier(PkceCodeVerifier::new(pkce));
        let http = at.http()?;
        let tokens = code.request_async(&http).await.map_err(|error| refused(&error))?;
        let id_token = tokens.id_token().ok_or_else(|| refused(&"no id token"))?;
        let now = std::time::UNIX_EPOCH + std::time::Duration::from_millis(self.clock.now());
        let verifier = client.id_token_verifier().set_time_fn(move || now.into());
        let claims = id_token.claims(&verifier, &Nonce::new(nonce));
        let account = self.identified(at, claims.map_err(|error| refused(&error))?).await?;
        Ok((account, next))
    }

    async fn identified(&self, at: &SingleSignOn, claims: &CoreIdTokenClaims) -> Result<Account, Problem> {
        let subject = claims.subject().as_str();
        let query = sql("SELECT account FROM identity WHERE issuer = ?1 AND subject = ?2");
        let found = self.store.read(query.bind(&at.issuer).bind(subject)).await?;
        let known = match found.first() {
            Some(row) => self.account(&row.get::<String>("account")?).await?,
            None => None,
        };
        let account = match known {
            Some(account) => account,
            None => self.introduced(at, claims).await?,
        };
        if account.is_off {
            return Err(Problem::new(StatusCode::FORBIDDEN, "This account is switched off."));
        }
        Ok(account)
    }

    /// Somebody comes for the first time.
    async fn introduced(&self, at: &SingleSignOn, claims: &CoreIdTokenClaims) -> Result<Account, Problem> {
        let mail = claims.email().filter(|_| claims.email_verified() == Some(true));
        let mail = mail.ok_or_else(|| {
            Problem::new(
                StatusCode::FORBIDDEN,
                "The provider does not vouch for a mail address of yours.",
            )
        })?;
        let login = mail.as_str().trim().to_lowercase();
        let known = self.all().await?.into_iter().find(|account| account.login == login);
        let account = match known {
            Some(account) => account,
            None => {
                let name = claims.name().and_then(|name| name.get(None));
                let new = NewAccount {
                    login,
                    name: name.map(|name| name.as_str().to_owned()).unwrap_or_default(),
                    is_administrator: false,
                };
                self.add(new, &at.title).await?
            }
        };
        let row = sql("INSERT INTO identity (issuer, subject, account) VALUES (?1, ?2, ?3)");
        let row = row.bind(&at.issuer).bind(claims.subject().as_str()).bind(&account.id);
        let what = did("know by single sign-on", &account.login, &at.issuer);
        self.write(&account.login, None, vec![row], what).await?;
        Ok(account)
    }
}

#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct NotSent(String);

/// The provider's own server may be private; whatever else its configuration names may not.
struct Http(EgressPolicy);

impl<'c> AsyncHttpClient<'c> for Http {
    type Error = NotSent;
    type Future = BoxFuture<'c, Result<HttpResponse, NotSent>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(send(&self.0, request))
    }
}

async fn send(policy: &EgressPolicy, request: HttpRequest) -> Result<HttpResponse, NotSent> {
    let (parts, body) = request.into_parts();
    let url = parts.uri.to_string();
    let mut sent = match parts.method.as_str() {
        "GET" => HostRequest::get(&url),
        _ => HostRequest::post(&url, body),
    };
    for (name, value) in &parts.headers {
        sent = sent.header(name.as_str(), value.to_str().unwrap_or_default());
    }
    let answer = sent.send(policy).await.map_err(NotSent)?;
    let mut response = Response::builder().status(answer.status);
    for (name, value) in &answer.headers {
        response = response.header(name, value);
    }
    response.body(answer.body).map_err(|error| NotSent(error.to_string()))
}

fn too_late() -> Problem {
    Problem::new(
        StatusCode::UNAUTHORIZED,
        "This log-in took too long or was used already.",
    )
    .hint("Log in again.")
}

fn refused(error: &dyn std::fmt::Display) -> Problem {
    tracing::warn!(%error, "single sign-on failed");
    Problem::new(StatusCode::BAD_GATEWAY, "The log-in at the provider did not work.")
        .hint("An administrator finds the reason in the service's log.")
}
