//! Ways to log in that real companies have: tokens with scopes, service accounts, OAuth clients, a Jira without passwords,
//! and an address of the wrong product.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tms_sync_host::model::{ExportConfig, FaultKind, ObservationState, TestResult};
use tms_sync_host::{EgressPolicy, Job, Names, Secret, Tenant, TenantBuilder};
use tms_sync_sim::answers::{BasicLogin, GatewayIdentity, ServiceToken};
use tms_sync_sim::cloud;
use tms_sync_sim::fault::Fault;
use tms_sync_sim::generate::Plan;
use tms_sync_sim::jira_cloud::CLOUD_ID;
use tms_sync_sim::server::Server;
use tms_sync_sim::world;

use crate::authority::Authority;
use crate::rig::{Done, Rig, Variant, config, plugin};

/// Atlassian's gateway, which the simulated site is as well.
const GATEWAY: &str = "api.atlassian.com";

/// Resolves the gateway to a port on loopback, and everything else as usual.
struct GatewayAt(SocketAddr);

impl Names for GatewayAt {
    fn resolve<'a>(&'a self, host: &'a str, port: u16) -> BoxFuture<'a, std::io::Result<Vec<SocketAddr>>> {
        Box::pin(async move {
            match host {
                GATEWAY => Ok(vec![self.0]),
                host => Ok(tokio::net::lookup_host((host, port)).await?.collect()),
            }
        })
    }
}

/// A Cloud site with its gateway and its authorization server.
struct Site {
    rig: Rig,
    policy: EgressPolicy,
    sign_in: Server,
}

impl Site {
    async fn start() -> Self {
        let rig = Rig::start(Variant::Cloud, Plan::new(4, 1).launch(3).build()).await;
        let sign_in = rig.cloud.as_ref().unwrap().start_sign_in(0).await.unwrap();
        let tracker = &rig.world.tracker;
        let authority = Authority::new();
        let address = authority.front(GATEWAY, &tracker.jira.url(), None).await;
        let servers = [
            rig.world.testops.url(),
            tracker.jira.url(),
            tracker.xray.as_ref().unwrap().url(),
            sign_in.url(),
        ];
        let mut policy = EgressPolicy::public_only();
        for server in servers {
            policy = policy.allow(server.trim_start_matches("http://")).unwrap();
        }
        let policy = policy.allow(&format!("{GATEWAY}:443")).unwrap();
        let policy = policy
            .trust(authority.pem.as_bytes())
            .unwrap()
            .names(Arc::new(GatewayAt(address)));
        Self { rig, policy, sign_in }
    }

    /// The tenant with another log-in than the rig's.
    async fn tenant(&self, log_in: impl FnOnce(TenantBuilder<'static>) -> TenantBuilder<'static>) -> Tenant {
        let plugin = plugin().await;
        let builder = Tenant::builder("acme", plugin)
            .ledger(self.rig.ledger.clone())
            .limits(self.rig.limits.clone())
            .clock(self.rig.clock());
        log_in(self.rig.settings(builder).egress(self.policy.clone()))
            .build()
            .unwrap()
    }

    async fn export(&self, tenant: &Tenant) -> Done {
        self.rig.follow(|| tenant.run(Job::new(config()))).await
    }

    /// Requests to the site itself, as `METHOD path`, that carried a credential.
    fn shown_to_the_site(&self) -> Vec<String> {
        with_credential(&self.rig)
            .into_iter()
            .filter(|request| !request.contains("/ex/jira/"))
            .collect()
    }
}

/// Requests to Jira that carried a credential.
fn with_credential(rig: &Rig) -> Vec<String> {
    let entries = rig.world.tracker.jira.journal().entries();
    let carried = entries.iter().filter(|entry| entry.credential.is_some());
    carried
        .map(|entry| format!("{} {}", entry.method, entry.path))
        .collect()
}

fn api_token(site: &Site, token: &str) -> impl FnOnce(TenantBuilder<'static>) -> TenantBuilder<'static> {
    let secret = Secret::new(token, site.rig.world.tracker.jira.url());
    move |builder| builder.secret("api-token", secret)
}

fn wrote(done: &Done) -> (usize, usize) {
    let created = done.verdicts.iter().filter(|verdict| verdict.issue.is_some()).count();
    (created, usize::from(done.report.stopped.is_some()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_with_scopes_works_with_the_sites_own_address() {
    for identity in [GatewayIdentity::Named, GatewayIdentity::Unnamed] {
        let site = Site::start().await;
        site.rig.world.site.lock().answers.choose(identity);
        let tenant = site.tenant(api_token(&site, cloud::SCOPED_TOKEN)).await;
        let done = site.export(&tenant).await;
        assert_eq!(wrote(&done), (5, 0), "{done}");
        assert_eq!(
            site.shown_to_the_site(),
            ["GET /rest/api/3/myself"],
            "once, to learn it"
        );
        let again = site.export(&tenant).await;
        assert_eq!((wrote(&again), again.writes), ((5, 0), 0), "{again}");
        assert_eq!(site.shown_to_the_site().len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_probe_through_the_gateway_sees_whether_it_names_the_account() {
    for (identity, state) in [
        (GatewayIdentity::Named, ObservationState::Held),
        (GatewayIdentity::Unnamed, ObservationState::Broken),
    ] {
        let site = Site::start().await;
        site.rig.world.site.lock().answers.choose(identity);
        let tenant = site.tenant(api_token(&site, cloud::SCOPED_TOKEN)).await;
        let seen = tenant.probe(&config(), false).await.unwrap();
        let of = |name: &str| seen.iter().find(|one| one.assumption == name).map(|one| one.state);
        assert_eq!(of("jira-cloud.gateway-identity"), Some(state), "{seen:#?}");
        let broken = seen.iter().filter(|one| one.state == ObservationState::Broken).count();
        assert_eq!(broken, usize::from(state == ObservationState::Broken), "{seen:#?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_lacks_a_scope_names_those_it_needs() {
    let site = Site::start().await;
    let tenant = site.tenant(api_token(&site, cloud::READ_TOKEN)).await;
    assert_eq!(
        wrote(&site.export(&tenant).await),
        (5, 0),
        "Tests are created over Xray"
    );
    site.rig.edit_case(1, |case| case.name.push('!'));
    let done = site.export(&tenant).await;
    reports!(done);
}

/// A person may write the gateway's address; a proxy of the company may stand before it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_token_at_the_gateways_own_address_is_the_credential_and_is_disabled_in_the_end() {
    let site = Site::start().await;
    let base = format!("{}/ex/jira/{CLOUD_ID}", site.rig.world.tracker.jira.url());
    let wrong = Secret::new("a-token-that-nobody-made", &base);
    let tenant = site
        .tenant(|builder| builder.field("endpoint", &base).secret("api-token", wrong))
        .await;
    let tested = site.rig.checks(&tenant.test(Some(&config())).await.unwrap());
    site.rig.world.clock.advance(Duration::from_secs(11 * 60));
    let done = site.export(&tenant).await;
    let reports = tenant.credential_reports(Some(&config())).await.unwrap();
    assert!(reports.iter().any(|report| report.health.is_off()), "{reports:?}");
    reports!(tested, done);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_accounts_token_works_with_its_address_and_without() {
    for (form, email) in [
        (ServiceToken::Basic, cloud::SERVICE_EMAIL),
        (ServiceToken::Bearer, ""),
        (ServiceToken::Either, ""),
    ] {
        let site = Site::start().await;
        site.rig.world.site.lock().answers.choose(form);
        let token = api_token(&site, cloud::SERVICE_TOKEN);
        let tenant = site.tenant(|builder| token(builder).field("username", email)).await;
        let done = site.export(&tenant).await;
        assert_eq!(wrote(&done), (5, 0), "{form:?} {done}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_oauth_client_of_a_service_account_logs_in_at_the_authorization_server() {
    let site = Site::start().await;
    let sign_in = site.sign_in.url();
    let client = |secret: &str| {
        let secret = Secret::new(secret, &sign_in);
        let (sign_in, jira) = (sign_in.clone(), site.rig.world.tracker.jira.url());
        move |builder: TenantBuilder<'static>| {
            builder
                .field("username", "")
                .secret("api-token", Secret::new("", jira))
                .field("sign-in-endpoint", sign_in)
                .field("oauth-client-id", cloud::OAUTH_CLIENT_ID)
                .secret("oauth-client-secret", secret)
        }
    };
    let tenant = site.tenant(client(cloud::OAUTH_CLIENT_SECRET)).await;
    let done = site.export(&tenant).await;
    assert_eq!(wrote(&done), (5, 0), "{done}");
    assert_eq!(site.shown_to_the_site(), ["GET /rest/api/3/myself"]);
    let exchanges = site.sign_in.journal().len();
    assert_eq!(exchanges, 1, "one token for the whole export");
    site.sign_in.faults().add(Fault::rate_limited(90).on("POST", "*"));
    let tenant = site.tenant(client(cloud::OAUTH_CLIENT_SECRET)).await;
    let stopped = site.export(&tenant).await.report.stopped.unwrap();
    assert_eq!(stopped.kind, FaultKind::RateLimited);
    let limited = site.rig.fault(&stopped);
    site.rig.world.clock.advance(Duration::from_secs(90));
    let wrong = site.tenant(client("a-client-secret-that-is-wrong")).await;
    let tested = site.rig.checks(&wrong.test(None).await.unwrap());
    reports!(limited, tested);
}

/// Jira 11 as it comes: every form of its refusal is the same finding, and says nothing against the account.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_jira_without_basic_authentication_says_so_and_locks_nothing() {
    let mut shown = Vec::new();
    for form in [BasicLogin::Refused, BasicLogin::RefusedBare, BasicLogin::RefusedDenied] {
        let mut rig = Rig::start(Variant::Dc, Plan::new(2, 1).build()).await;
        rig.basic = true;
        rig.jira_secret = world::PASSWORD.to_owned();
        rig.world.site.lock().answers.choose(form);
        let tenant = rig.tenant().await;
        let mut faults = Vec::new();
        for _ in 0..4 {
            let done = rig.follow(|| tenant.run(Job::new(config()))).await;
            faults.push(rig.fault(&done.report.stopped.unwrap()));
            rig.world.clock.advance(Duration::from_secs(11 * 60));
        }
        faults.dedup();
        shown.extend(faults);
        let reports = tenant.credential_reports(Some(&config())).await.unwrap();
        assert!(
            reports.iter().all(|report| report.health.reason().is_none()),
            "{form:?}"
        );
        rig.world.site.lock().answers.choose(BasicLogin::Accepted);
        let back = rig.follow(|| tenant.run(Job::new(config()))).await;
        assert!(back.report.stopped.is_none(), "{form:?} {back}");
    }
    shown.dedup();
    let shown = shown.concat();
    reports!(shown);
}

/// The tenant of one variant's settings with the address of the other's Jira.
async fn test_elsewhere(rig: &Rig, elsewhere: &str) -> TestResult {
    let builder = Tenant::builder("acme", plugin().await)
        .ledger(rig.ledger.clone())
        .limits(rig.limits.clone())
        .clock(rig.clock());
    let names = ["api-token", "token"];
    let secret = match rig.variant {
        Variant::Cloud => names[0],
        Variant::Dc => names[1],
    };
    let servers = [
        Some(rig.world.testops.url()),
        rig.world.tracker.xray.as_ref().map(Server::url),
        Some(elsewhere.to_owned()),
    ];
    let mut policy = EgressPolicy::public_only();
    for server in servers.iter().flatten() {
        policy = policy.allow(server.trim_start_matches("http://")).unwrap();
    }
    let tenant = rig
        .settings(builder)
        .field("endpoint", elsewhere)
        .secret(secret, Secret::new(&rig.jira_secret, elsewhere))
        .egress(policy)
        .build()
        .unwrap();
    tenant.test(None::<&ExportConfig>).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_other_product_is_recognised_before_it_gets_a_credential() {
    let cloud = Rig::start(Variant::Cloud, Plan::new(1, 1).build()).await;
    let dc = Rig::start(Variant::Dc, Plan::new(1, 1).build()).await;
    let cloud_at_dc = cloud.checks(&test_elsewhere(&cloud, &dc.world.tracker.jira.url()).await);
    let dc_at_cloud = dc.checks(&test_elsewhere(&dc, &cloud.world.tracker.jira.url()).await);
    for rig in [&cloud, &dc] {
        assert_eq!(with_credential(rig), [] as [&str; 0]);
    }
    reports!(cloud_at_dc, dc_at_cloud);
}
