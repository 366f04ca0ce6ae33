//! Credentials that switch themselves off: what counts against them, what it costs, and how they come back.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use tms_sync_host::credentials::HealthState;
use tms_sync_host::model::{CheckStatus, ExportConfig, Fault, FaultKind, Outcome, Side};
use tms_sync_host::{CallError, Job, RunOutcome, SqliteLedger, Tenant};
use tms_sync_sim::fault::Fault as Strike;
use tms_sync_sim::generate::Plan;
use tms_sync_sim::jira::account::Permission;
use tms_sync_sim::server::Server;
use tms_sync_sim::world;

use crate::rig::{Rig, Variant, config};
use crate::seen;

scenarios!(
    a_wrong_credential_costs_few_log_ins_over_many_syncs_in_parallel,
    a_refusal_is_kept_for_the_next_process_and_believed_when_it_is_confirmed,
    what_says_nothing_never_disables,
    each_side_is_named_alone_and_in_pairs,
    a_missing_permission_disables_one_destination_and_flapping_none,
    a_token_revoked_under_parallel_requests_ends_the_run,
    after_another_credential_the_next_export_reads_everything_and_nothing_is_lost,
);

const MINUTE: Duration = Duration::from_secs(60);

async fn rig(variant: Variant, cases: usize) -> Rig {
    Rig::start(variant, Plan::new(cases, 1).build()).await
}

/// The export to its end, whatever that is.
async fn export(tenant: &Tenant, config: ExportConfig) -> RunOutcome {
    let mut run = tenant.run(Job::new(config));
    while run.next_event().await.is_some() {}
    run.finish().await
}

/// Why a run stopped.
fn stopped(outcome: &RunOutcome) -> Option<Fault> {
    match &outcome.result {
        Ok(report) => report.stopped.clone(),
        Err(CallError::Fault(fault)) => Some(fault.clone()),
        Err(ended) => panic!("{ended}"),
    }
}

fn went_well(outcome: &RunOutcome) {
    assert!(stopped(outcome).is_none(), "{:?}", stopped(outcome));
}

/// What is said against the credentials of a sync: side, kind, and whether it is off.
async fn said(tenant: &Tenant) -> Vec<(Side, FaultKind, bool)> {
    let credential_reports = tenant.credential_reports(Some(&config())).await.unwrap();
    let said = credential_reports.iter().filter_map(|credential_report| {
        let reason = credential_report.health.reason()?;
        Some((reason.side.clone(), reason.kind, credential_report.health.is_off()))
    });
    said.collect()
}

fn refused(server: &Server) -> usize {
    let entries = server.journal().entries();
    entries
        .iter()
        .filter(|entry| matches!(entry.status, Some(401 | 403)))
        .count()
}

async fn a_wrong_credential_costs_few_log_ins_over_many_syncs_in_parallel(variant: Variant) {
    let mut rig = rig(variant, 2).await;
    let file = tempfile::NamedTempFile::new().unwrap();
    rig.basic = true;
    rig.jira_secret = "wrong-password-000000".to_owned();
    let syncs: Vec<ExportConfig> = (0..10)
        .map(|number| ExportConfig {
            name: format!("sync-{number}"),
            ..config()
        })
        .collect();
    for pause in [0, 1, 11, 25, 60 * 30, 60 * 24 * 40] {
        rig.world.clock.advance(MINUTE * pause);
        // Each its own handle on the file, as ten hosts would have.
        let mut tenants = Vec::new();
        for _ in &syncs {
            rig.ledger = Arc::new(SqliteLedger::open(file.path()).unwrap());
            tenants.push(rig.tenant().await);
        }
        let runs = tenants
            .iter()
            .zip(&syncs)
            .map(|(tenant, sync)| export(tenant, sync.clone()));
        for outcome in join_all(runs).await {
            let fault = stopped(&outcome).unwrap();
            assert_eq!(
                (fault.kind, fault.side.clone()),
                (FaultKind::Credential, "tracker".to_owned()),
                "{fault:?}"
            );
        }
        let result = tenants[0].test(Some(&config())).await.unwrap();
        let failed = result
            .checks
            .iter()
            .find(|check| check.status == CheckStatus::Failed)
            .unwrap();
        assert_eq!(failed.side, "tracker", "{result:?}");
    }
    let most = if variant == Variant::Dc { 2 } else { 3 };
    let count = refused(&rig.world.tracker.jira);
    assert!((1..=most).contains(&count), "{count} refused log-ins");
    if variant == Variant::Dc {
        let site = rig.world.site.lock();
        assert!(site.accounts.get(world::USER).unwrap().failed_logins <= 2);
    }
    let tenant = rig.tenant().await;
    assert_eq!(
        said(&tenant).await,
        [("tracker".to_owned(), FaultKind::Credential, true)]
    );
}

async fn a_refusal_is_kept_for_the_next_process_and_believed_when_it_is_confirmed(variant: Variant) {
    let mut rig = rig(variant, 2).await;
    let file = tempfile::NamedTempFile::new().unwrap();
    let restarted = || Arc::new(SqliteLedger::open(file.path()).unwrap());
    rig.ledger = restarted();
    rig.testops_token = "wrong-testops-token-000000".to_owned();
    let first = stopped(&export(&rig.tenant().await, config()).await).unwrap();
    assert_eq!(
        (first.kind, first.side.clone(), first.retry_at),
        (FaultKind::Credential, "testops".to_owned(), None)
    );

    rig.ledger = restarted();
    let before = rig.world.testops.server().journal().len();
    let tenant = rig.tenant().await;
    let now = u64::try_from(rig.world.clock.now_ms()).unwrap();
    let second = stopped(&export(&tenant, config()).await).unwrap();
    assert_eq!(
        (second.kind, second.side.clone()),
        (FaultKind::Credential, "testops".to_owned())
    );
    assert!(
        second.retry_at.is_some_and(|at| at > now) && second.hint.is_some(),
        "{second:?}"
    );
    let tested = tenant.test(Some(&config())).await.unwrap();
    assert!(tested.summary.contains("not tested"), "{tested:?}");
    assert_eq!(rig.world.testops.server().journal().len(), before, "nothing was sent");
    assert_eq!(
        said(&tenant).await,
        [("testops".to_owned(), FaultKind::Credential, false)]
    );

    rig.world.clock.advance(MINUTE * 11);
    rig.ledger = restarted();
    export(&rig.tenant().await, config()).await;
    rig.ledger = restarted();
    let tenant = rig.tenant().await;
    assert_eq!(
        said(&tenant).await,
        [("testops".to_owned(), FaultKind::Credential, true)]
    );
    rig.world.clock.advance(MINUTE * 60 * 24 * 365);
    let before = (rig.world.testops.server().journal().len(), rig.world.tracker.requests());
    assert!(
        stopped(&export(&tenant, config()).await)
            .unwrap()
            .message
            .contains("disabled")
    );
    assert_eq!(
        (rig.world.testops.server().journal().len(), rig.world.tracker.requests()),
        before
    );
}

/// A small generator, so that a failing sequence can be repeated by its seed.
struct Seeded(u64);

impl Seeded {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }

    /// Answers of everything but the product.
    fn strike(&mut self) -> Strike {
        const PAGE: &str = "<!DOCTYPE html><html><head><title>Access denied</title></head><body>401 403</body></html>";
        let page = |status: u16| Strike::status(status).header("content-type", "text/html").body(PAGE);
        let strike = match self.below(15) {
            0 => Strike::html(),
            1 => page(401),
            2 => page(403),
            3 => Strike::status(401),
            4 => Strike::status(403),
            5 => page(407),
            6 => Strike::status(500),
            7 => page(502),
            8 => Strike::status(503).body(r#"{"message":"maintenance"}"#),
            9 => page(503),
            10 => Strike::status(302).header("location", "https://login.example/"),
            11 => Strike::reset(),
            12 => Strike::drop_response(),
            13 => Strike::status(401)
                .header("content-type", "application/json")
                .body(r#"{"message":"Unauthorized"}"#),
            _ => Strike::status(403)
                .header("content-type", "text/plain")
                .body("blocked by policy"),
        };
        match self.below(3) {
            0 => strike.nth(1 + self.below(6) as usize).times(1 + self.below(4) as usize),
            1 => strike.nth(1 + self.below(12) as usize).always(),
            _ => strike.always(),
        }
    }
}

async fn what_says_nothing_never_disables(variant: Variant) {
    const SEQUENCES: u64 = 110;
    let mut rig = rig(variant, 2).await;
    rig.basic = true;
    if variant == Variant::Dc {
        rig.jira_secret = world::PASSWORD.to_owned();
    }
    for seed in 0..SEQUENCES {
        rig.ledger = Arc::new(SqliteLedger::in_memory().unwrap());
        let tenant = rig.tenant().await;
        let mut seeded = Seeded(seed);
        for step in 0..2 {
            let tracker = &rig.world.tracker;
            let servers: Vec<&Server> = [
                Some(&tracker.jira),
                tracker.xray.as_ref(),
                Some(rig.world.testops.server()),
            ]
            .into_iter()
            .flatten()
            .collect();
            let hit = servers[seeded.below(servers.len() as u64) as usize];
            hit.faults().add(seeded.strike());
            if seeded.below(3) == 0 {
                let _ = tenant.test(Some(&config())).await.unwrap();
            } else {
                let _ = export(&tenant, config()).await;
            }
            for server in servers {
                server.faults().clear();
            }
            rig.world
                .clock
                .advance(MINUTE * (11 + u32::try_from(seeded.below(600)).unwrap()));
            let credential_reports = tenant.credential_reports(Some(&config())).await.unwrap();
            for credential_report in &credential_reports {
                assert_eq!(
                    credential_report.health.state,
                    HealthState::Active,
                    "seed {seed}, step {step}"
                );
            }
        }
        let done = export(&tenant, config()).await;
        assert_eq!(stopped(&done).map(|fault| fault.message), None, "seed {seed}");
    }
}

/// Something that is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ill {
    TestopsToken,
    JiraCredential,
    XrayClient,
    Permission,
    XrayApp,
}

impl Ill {
    fn named(self) -> (Side, FaultKind) {
        match self {
            Self::TestopsToken => ("testops".to_owned(), FaultKind::Credential),
            Self::JiraCredential => ("tracker".to_owned(), FaultKind::Credential),
            Self::XrayClient => ("product".to_owned(), FaultKind::Credential),
            Self::Permission => ("tracker".to_owned(), FaultKind::Permission),
            Self::XrayApp => ("product".to_owned(), FaultKind::Product),
        }
    }

    fn strike(self, rig: &mut Rig) {
        match self {
            Self::TestopsToken => rig.testops_token = "wrong-testops-token-000000".to_owned(),
            Self::JiraCredential => rig.jira_secret = "wrong-jira-token-0000000000".to_owned(),
            Self::XrayClient => rig.xray_secret = "wrong-xray-secret-000000000".to_owned(),
            Self::Permission => {
                let mut site = rig.world.site.lock();
                let project = site
                    .projects()
                    .find(|project| project.key == world::PROJECT)
                    .unwrap()
                    .id;
                site.accounts.revoke(project, world::USER, Permission::Create);
            }
            Self::XrayApp => rig.world.site.lock().xray.licensed = false,
        }
    }

    /// What cannot be seen while `other` is wrong.
    fn is_hidden_by(self, other: Self, variant: Variant) -> bool {
        match self {
            Self::Permission => other == Self::JiraCredential,
            Self::XrayApp => other == Self::XrayClient || (variant == Variant::Dc && other == Self::JiraCredential),
            _ => false,
        }
    }
}

async fn each_side_is_named_alone_and_in_pairs(variant: Variant) {
    use Ill::{JiraCredential, Permission, TestopsToken, XrayApp, XrayClient};
    let all: Vec<Ill> = [TestopsToken, JiraCredential, XrayClient, Permission, XrayApp]
        .into_iter()
        .filter(|ill| variant == Variant::Cloud || *ill != XrayClient)
        .collect();
    for (number, one) in all.iter().enumerate() {
        for other in &all[number..] {
            let mut rig = rig(variant, 1).await;
            let pair = if one == other { vec![*one] } else { vec![*one, *other] };
            for ill in &pair {
                ill.strike(&mut rig);
            }
            let tenant = rig.tenant().await;
            tenant.test(Some(&config())).await.unwrap();
            let mut expected: Vec<_> = pair
                .iter()
                .filter(|ill| !pair.iter().any(|other| ill.is_hidden_by(*other, variant)))
                .map(|ill| ill.named())
                .collect();
            let mut found: Vec<_> = said(&tenant)
                .await
                .into_iter()
                .map(|(side, kind, _)| (side, kind))
                .collect();
            let order = |(side, kind): &(Side, FaultKind)| (side.clone(), *kind as u8);
            expected.sort_by_key(order);
            found.sort_by_key(order);
            assert_eq!(found, expected, "{pair:?}");
            // A run names the first of them, the same way.
            let fault = stopped(&export(&tenant, config()).await).unwrap();
            assert!(
                expected.contains(&(fault.side.clone(), fault.kind)),
                "{pair:?}: {fault:?}"
            );
        }
    }
}

async fn a_missing_permission_disables_one_destination_and_flapping_none(variant: Variant) {
    let rig = rig(variant, 2).await;
    let tenant = rig.tenant().await;
    let project = {
        let mut site = rig.world.site.lock();
        site.add_project("OTHER", "Another");
        site.projects()
            .find(|project| project.key == world::PROJECT)
            .unwrap()
            .id
    };
    let other = ExportConfig {
        name: "other".to_owned(),
        project: "OTHER".to_owned(),
        ..config()
    };
    let revoke = || {
        rig.world
            .site
            .lock()
            .accounts
            .revoke(project, world::USER, Permission::Create)
    };
    let grant = || {
        rig.world
            .site
            .lock()
            .accounts
            .grant(project, world::USER, Permission::Create)
    };
    for _ in 0..4 {
        revoke();
        assert_eq!(
            stopped(&export(&tenant, config()).await).unwrap().kind,
            FaultKind::Permission
        );
        rig.world.clock.advance(MINUTE * 5);
        grant();
        went_well(&export(&tenant, config()).await);
        rig.world.clock.advance(MINUTE * 5);
    }
    revoke();
    export(&tenant, config()).await;
    assert_eq!(
        said(&tenant).await,
        [("tracker".to_owned(), FaultKind::Permission, false)]
    );
    rig.world.clock.advance(MINUTE * 11);
    export(&tenant, config()).await;
    assert_eq!(
        said(&tenant).await,
        [("tracker".to_owned(), FaultKind::Permission, true)]
    );
    grant();
    let before = rig.world.tracker.requests();
    assert_eq!(
        stopped(&export(&tenant, config()).await).unwrap().kind,
        FaultKind::Permission
    );
    assert_eq!(rig.world.tracker.requests(), before);
    // Another project is not concerned.
    went_well(&export(&tenant, other).await);
    let enabled = tenant.enable(Some(&config())).await.unwrap();
    assert_eq!(enabled.summary, "Connection established", "{enabled:?}");
    went_well(&export(&tenant, config()).await);
}

async fn a_token_revoked_under_parallel_requests_ends_the_run(variant: Variant) {
    let mut rig = rig(variant, 250).await;
    rig.basic = true;
    if variant == Variant::Dc {
        rig.jira_secret = world::PASSWORD.to_owned();
    }
    export(&rig.tenant().await, config()).await;
    // Every case has moved, so that all are read, compared and written again.
    rig.world.testops.edit(|site| {
        for id in 1..=250 {
            site.edit_case(id, |case| case.name.push('!'));
        }
    });
    let jira = &rig.world.tracker.jira;
    let start = jira.journal().len();
    let tenant = rig.tenant().await;
    let mut run = tenant.run(Job::new(config()));
    while jira.journal().len() < start + 9 && run.next_event().await.is_some() {}
    spoil(&rig, variant, true);
    let spoilt = jira.journal().len();
    while run.next_event().await.is_some() {}
    let outcome = run.finish().await;
    let fault = stopped(&outcome).unwrap();
    assert_eq!(
        (fault.kind, fault.side.clone()),
        (FaultKind::Credential, "tracker".to_owned()),
        "{fault:?}"
    );
    // Those that were in flight, and one more; with a password no more than two are in flight.
    let after = jira.journal().since(spoilt).len();
    let most = if variant == Variant::Dc { 2 } else { 9 };
    assert!((1..=most).contains(&after), "{after} requests were sent");
    assert!(refused(jira) <= 2);
    spoil(&rig, variant, false);
}

/// Takes the credential away, or gives it back.
fn spoil(rig: &Rig, variant: Variant, away: bool) {
    let mut site = rig.world.site.lock();
    let user = site.accounts.get_mut(world::USER).unwrap();
    match variant {
        Variant::Dc => {
            let password = if away { "changed" } else { world::PASSWORD };
            password.clone_into(&mut user.password);
        }
        Variant::Cloud => user.tokens.iter_mut().for_each(|token| token.revoked = away),
    }
}

async fn after_another_credential_the_next_export_reads_everything_and_nothing_is_lost(variant: Variant) {
    const CASES: usize = 30;
    let mut rig = rig(variant, CASES).await;
    let reads = |outcome: &RunOutcome| outcome.facts.connections.get("testops").map_or(0, |t| t.requests);
    went_well(&export(&rig.tenant().await, config()).await);
    let quiet = export(&rig.tenant().await, config()).await;
    assert!(reads(&quiet) < CASES as u64, "{:?}", quiet.facts);
    // The token ends, and while it is off the cases change.
    let good = std::mem::replace(&mut rig.testops_token, "ended-testops-token-0000".to_owned());
    for _ in 0..2 {
        export(&rig.tenant().await, config()).await;
        rig.world.clock.advance(MINUTE * 11);
    }
    assert_eq!(
        said(&rig.tenant().await).await,
        [("testops".to_owned(), FaultKind::Credential, true)]
    );
    rig.world.testops.edit(|site| {
        for id in 1..=9 {
            site.edit_case(id, |case| case.name = format!("Changed {id}"));
        }
    });
    rig.testops_token = good;
    let back = export(&rig.tenant().await, config()).await;
    went_well(&back);
    assert!(reads(&back) > 2 * CASES as u64, "every case is read: {:?}", back.facts);
    assert_eq!(said(&rig.tenant().await).await, []);
    let next = export(&rig.tenant().await, config()).await;
    assert!(reads(&next) < CASES as u64, "{:?}", next.facts);
    let tenant = rig.tenant().await;
    let verified = rig.follow(|| tenant.verify(Job::new(config()))).await;
    assert_eq!(verified.cases(Outcome::Unchanged).len(), CASES, "{:?}", verified.report);
    assert_eq!(seen::tests(&rig).len(), CASES);
}

/// Data Center alone: Cloud has no CAPTCHA for tokens.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_captcha_locks_at_once_until_a_person_asks_for_a_test() {
    let mut rig = rig(Variant::Dc, 3).await;
    rig.basic = true;
    rig.jira_secret = world::PASSWORD.to_owned();
    let failed_logins = |number| {
        let mut site = rig.world.site.lock();
        site.accounts.get_mut(world::USER).unwrap().failed_logins = number;
    };
    went_well(&export(&rig.tenant().await, config()).await);
    failed_logins(3);
    let tenant = rig.tenant().await;
    let fault = stopped(&export(&tenant, config()).await).unwrap();
    assert_eq!(
        (fault.kind, fault.side.clone()),
        (FaultKind::Locked, "tracker".to_owned()),
        "{fault:?}"
    );
    let before = rig.world.tracker.requests();
    for _ in 0..30 {
        rig.world.clock.advance(MINUTE * 60 * 24);
        assert_eq!(
            stopped(&export(&tenant, config()).await).unwrap().kind,
            FaultKind::Locked
        );
        assert!(
            tenant
                .test(Some(&config()))
                .await
                .unwrap()
                .summary
                .contains("not tested")
        );
        assert!(tenant.projects("").await.is_err());
    }
    assert_eq!(rig.world.tracker.requests(), before, "nothing was sent");
    let locked = tenant.enable(Some(&config())).await.unwrap();
    assert_ne!(locked.summary, "Connection established");
    assert_eq!(rig.world.tracker.requests(), before + 1, "a test costs one log-in");
    failed_logins(0);
    assert_eq!(
        tenant.enable(Some(&config())).await.unwrap().summary,
        "Connection established"
    );
    let back = export(&tenant, config()).await;
    went_well(&back);
    assert!(back.facts.connections["testops"].requests > 6, "{:?}", back.facts);
}
