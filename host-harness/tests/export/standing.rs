//! Credentials that switch themselves off: what counts against them, what it costs, and how they come back.

mod nonsense;
mod sides;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use tms_sync_host::model::{CheckStatus, ExportConfig, Fault, FaultKind, Side};
use tms_sync_host::{CallError, Job, RunOutcome, SqliteLedger, Tenant};
use tms_sync_sim::generate::Plan;
use tms_sync_sim::server::Server;
use tms_sync_sim::world;

use crate::rig::{Rig, Variant, config};
use crate::seen;

scenarios!(
    a_wrong_credential_costs_few_log_ins_over_many_syncs_in_parallel,
    a_refusal_is_kept_for_the_next_process,
    a_refusal_that_is_confirmed_disables_the_credential,
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

/// What is held against the credentials of a sync: side, kind, and whether it is off.
async fn held(tenant: &Tenant) -> Vec<(Side, FaultKind, bool)> {
    let reports = tenant.credential_reports(Some(&config())).await.unwrap();
    let held = reports.iter().filter_map(|report| {
        let reason = report.health.reason()?;
        Some((reason.side.clone(), reason.kind, report.health.is_off()))
    });
    held.collect()
}

fn refused(server: &Server) -> usize {
    let entries = server.journal().entries();
    entries
        .iter()
        .filter(|entry| matches!(entry.status, Some(401 | 403)))
        .count()
}

/// Ten syncs of one integration.
fn ten_syncs() -> Vec<ExportConfig> {
    let sync = |number: usize| ExportConfig {
        name: format!("sync-{number}"),
        ..config()
    };
    (0..10).map(sync).collect()
}

/// Exports all of them at once, each with its own handle on the file, as ten hosts would have.
async fn export_at_once(rig: &mut Rig, ledger: &Path, syncs: &[ExportConfig]) -> Vec<RunOutcome> {
    let mut tenants = Vec::new();
    for _ in syncs {
        rig.ledger = Arc::new(SqliteLedger::open(ledger).unwrap().with_clock(rig.clock()));
        tenants.push(rig.tenant().await);
    }
    let runs = tenants.iter().zip(syncs);
    join_all(runs.map(|(tenant, sync)| export(tenant, sync.clone()))).await
}

async fn a_wrong_credential_costs_few_log_ins_over_many_syncs_in_parallel(variant: Variant) {
    let mut rig = rig(variant, 2).await;
    let file = tempfile::NamedTempFile::new().unwrap();
    rig.basic = true;
    rig.jira_secret = "wrong-password-000000".to_owned();
    for pause in [0, 1, 11, 25, 60 * 30, 60 * 24 * 40] {
        rig.world.clock.advance(MINUTE * pause);
        for outcome in export_at_once(&mut rig, file.path(), &ten_syncs()).await {
            let fault = stopped(&outcome).unwrap();
            assert_eq!(
                (fault.kind, fault.side.clone()),
                (FaultKind::Credential, "tracker".to_owned())
            );
        }
        let result = rig.tenant().await.test(Some(&config())).await.unwrap();
        let mut checks = result.checks.iter();
        let failed = checks.find(|check| check.status == CheckStatus::Failed).unwrap();
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
        held(&tenant).await,
        [("tracker".to_owned(), FaultKind::Credential, true)]
    );
}

/// Requests that reached any server.
fn requests(rig: &Rig) -> usize {
    rig.world.testops.server().journal().len() + rig.world.tracker.requests()
}

/// A tenant whose TestOps token was refused once, and its ledger.
async fn with_a_refusal(variant: Variant) -> (Rig, tempfile::NamedTempFile, Fault) {
    let mut rig = rig(variant, 2).await;
    let file = tempfile::NamedTempFile::new().unwrap();
    restart(&mut rig, file.path());
    rig.testops_token = "wrong-testops-token-000000".to_owned();
    let fault = stopped(&export(&rig.tenant().await, config()).await).unwrap();
    restart(&mut rig, file.path());
    (rig, file, fault)
}

/// Another process opens the ledger.
fn restart(rig: &mut Rig, ledger: &Path) {
    rig.ledger = Arc::new(SqliteLedger::open(ledger).unwrap().with_clock(rig.clock()));
}

async fn a_refusal_is_kept_for_the_next_process(variant: Variant) {
    let (rig, _file, first) = with_a_refusal(variant).await;
    let expected = (FaultKind::Credential, "testops".to_owned());
    assert_eq!(
        (first.kind, first.side.clone(), first.retry_at),
        (expected.0, expected.1.clone(), None)
    );
    let before = requests(&rig);
    let tenant = rig.tenant().await;
    let second = stopped(&export(&tenant, config()).await).unwrap();
    assert_eq!((second.kind, second.side.clone()), expected);
    let now = u64::try_from(rig.world.clock.now_ms()).unwrap();
    assert!(second.retry_at.is_some_and(|at| at > now), "{second:?}");
    let tested = rig.checks(&tenant.test(Some(&config())).await.unwrap());
    assert_eq!(requests(&rig), before, "nothing was sent");
    assert_eq!(
        held(&tenant).await,
        [("testops".to_owned(), FaultKind::Credential, false)]
    );
    let (first, second) = (rig.fault(&first), rig.fault(&second));
    reports!(variant => first, second, tested);
}

async fn a_refusal_that_is_confirmed_disables_the_credential(variant: Variant) {
    let (mut rig, file, _) = with_a_refusal(variant).await;
    rig.world.clock.advance(MINUTE * 11);
    export(&rig.tenant().await, config()).await;
    restart(&mut rig, file.path());
    let tenant = rig.tenant().await;
    assert_eq!(
        held(&tenant).await,
        [("testops".to_owned(), FaultKind::Credential, true)]
    );
    rig.world.clock.advance(MINUTE * 60 * 24 * 365);
    let before = requests(&rig);
    let fault = rig.fault(&stopped(&export(&tenant, config()).await).unwrap());
    reports!(variant => fault);
    assert_eq!(requests(&rig), before);
}

async fn a_token_revoked_under_parallel_requests_ends_the_run(variant: Variant) {
    let mut rig = rig(variant, 350).await;
    rig.basic = true;
    if variant == Variant::Dc {
        rig.jira_secret = world::PASSWORD.to_owned();
    }
    export(&rig.tenant().await, config()).await;
    // Every case has moved, so that all are read, compared and written again, more of them than at a time.
    for id in 1..=350 {
        rig.edit_case(id, |case| case.name.push('!'));
    }
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
        (FaultKind::Credential, "tracker".to_owned())
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

/// Requests to TestOps in a run.
fn reads(outcome: &RunOutcome) -> u64 {
    let traffic = outcome.facts.connections.get("testops");
    traffic.map_or(0, |traffic| traffic.requests)
}

async fn after_another_credential_the_next_export_reads_everything_and_nothing_is_lost(variant: Variant) {
    const CASES: u64 = 30;
    let mut rig = rig(variant, CASES as usize).await;
    went_well(&export(&rig.tenant().await, config()).await);
    assert!(reads(&export(&rig.tenant().await, config()).await) < CASES);
    // The token ends, and while it is off the cases change.
    let good = std::mem::replace(&mut rig.testops_token, "ended-testops-token-0000".to_owned());
    for _ in 0..2 {
        export(&rig.tenant().await, config()).await;
        rig.world.clock.advance(MINUTE * 11);
    }
    let tenant = rig.tenant().await;
    assert_eq!(
        held(&tenant).await,
        [("testops".to_owned(), FaultKind::Credential, true)]
    );
    for id in 1..=9 {
        rig.edit_case(id, |case| case.name = format!("Changed {id}"));
    }
    rig.testops_token = good;
    let back = export(&rig.tenant().await, config()).await;
    went_well(&back);
    assert!(reads(&back) > 2 * CASES, "every case is read: {:?}", back.facts);
    assert_eq!(held(&rig.tenant().await).await, []);
    assert!(reads(&export(&rig.tenant().await, config()).await) < CASES);
    let verified = rig.verify(config()).await;
    reports!(verified);
    assert_eq!(seen::tests(&rig).len(), CASES as usize);
}

fn fail_log_ins(rig: &Rig, number: u32) {
    let mut site = rig.world.site.lock();
    site.accounts.get_mut(world::USER).unwrap().failed_logins = number;
}

/// Data Center alone: Cloud has no CAPTCHA for tokens.
async fn behind_a_captcha() -> Rig {
    let mut rig = rig(Variant::Dc, 3).await;
    rig.basic = true;
    rig.jira_secret = world::PASSWORD.to_owned();
    went_well(&export(&rig.tenant().await, config()).await);
    fail_log_ins(&rig, 3);
    let outcome = export(&rig.tenant().await, config()).await;
    let fault = stopped(&outcome).unwrap();
    assert_eq!(
        (fault.kind, fault.side.clone()),
        (FaultKind::Locked, "tracker".to_owned())
    );
    rig
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_captcha_locks_at_once_and_for_weeks() {
    let rig = behind_a_captcha().await;
    let tenant = rig.tenant().await;
    let before = rig.world.tracker.requests();
    let mut tested = Vec::new();
    for _ in 0..30 {
        rig.world.clock.advance(MINUTE * 60 * 24);
        let fault = stopped(&export(&tenant, config()).await).unwrap();
        assert_eq!(fault.kind, FaultKind::Locked);
        tested.push(rig.checks(&tenant.test(Some(&config())).await.unwrap()));
        assert!(tenant.projects("").await.is_err());
    }
    assert_eq!(rig.world.tracker.requests(), before, "nothing was sent");
    tested.dedup();
    let tested = tested.join("\n");
    reports!(tested);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_captcha_is_over_when_a_person_asks_for_a_test_that_passes() {
    let rig = behind_a_captcha().await;
    let tenant = rig.tenant().await;
    rig.world.clock.advance(MINUTE * 60 * 24 * 30);
    let before = rig.world.tracker.requests();
    let locked = rig.checks(&tenant.enable(Some(&config())).await.unwrap());
    assert_eq!(rig.world.tracker.requests(), before + 2, "the address, and one log-in");
    fail_log_ins(&rig, 0);
    let enabled = rig.checks(&tenant.enable(Some(&config())).await.unwrap());
    reports!(locked, enabled);
    let back = export(&tenant, config()).await;
    went_well(&back);
    assert!(reads(&back) > 6, "{:?}", back.facts);
}
