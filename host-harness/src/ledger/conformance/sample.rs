//! What the rules write, and how.

use std::sync::Arc;

use super::super::{Key, Lease, Ledger, LedgerError, Link, Phase, PutOutcome, Quota, Row, Scope, Write};

/// Room for everything but what tries the quota.
pub(super) const QUOTA: Quota = Quota {
    rows: 10_000,
    row_bytes: 4_096,
};
/// The destination that most rules write to.
pub(super) const PROJECT: &str = "10000";
/// How long a lease is asked for, in milliseconds.
pub(super) const TTL_MS: u64 = 60_000;

pub(super) fn scope(tenant: &str) -> Scope {
    Scope {
        tenant: tenant.into(),
        integration: "xray".into(),
    }
}

pub(super) fn key(id: &str) -> Key {
    Key {
        entity: "test-case".into(),
        destination: PROJECT.into(),
        id: id.into(),
    }
}

/// A write of a row with as little in it as can be.
pub(super) fn write(id: &str, expected: u64) -> Write {
    let link = Link {
        key: key(id),
        phase: Phase::Intent,
        issue_id: None,
        issue_key: None,
        fingerprint: String::new(),
        stamp: String::new(),
        attempt: 0,
        token: None,
        created_by: None,
        updated_at: 0,
        detail: String::new(),
    };
    Write { link, expected }
}

/// A write of a row with something everywhere.
pub(super) fn full(id: &str, expected: u64) -> Write {
    let link = Link {
        key: key(id),
        phase: Phase::Synced,
        issue_id: Some("10001".into()),
        issue_key: Some("CALC-1".into()),
        fingerprint: "f\u{e9}\u{1f600}".into(),
        stamp: "it's \"quoted\"; -- \\ %".into(),
        attempt: u32::MAX,
        token: Some(String::new()),
        created_by: Some("run".into()),
        updated_at: i64::MAX.cast_unsigned(),
        detail: "{\"lines\":\"\\n\"}\n\t\u{7f}".into(),
    };
    Write { link, expected }
}

/// Somebody who writes to [`PROJECT`].
pub(super) struct Writer {
    pub(super) ledger: Arc<dyn Ledger>,
    pub(super) scope: Scope,
    pub(super) lease: Lease,
}

impl Writer {
    pub(super) async fn new(ledger: Arc<dyn Ledger>, tenant: &str) -> Result<Self, LedgerError> {
        let scope = scope(tenant);
        let lease = ledger.lease(&scope, PROJECT.into(), "writer".into(), TTL_MS).await?;
        Ok(Self { ledger, scope, lease })
    }

    pub(super) async fn put(&self, writes: Vec<Write>) -> Result<Vec<PutOutcome>, LedgerError> {
        self.put_within(QUOTA, writes).await
    }

    pub(super) async fn put_within(&self, quota: Quota, writes: Vec<Write>) -> Result<Vec<PutOutcome>, LedgerError> {
        let leases = vec![self.lease.clone()];
        self.ledger.put_many(&self.scope, leases, quota, writes).await
    }

    pub(super) async fn get(&self, id: &str) -> Result<Option<Row>, LedgerError> {
        let rows = self.ledger.get_many(&self.scope, vec![key(id)]).await?;
        Ok(rows.into_iter().flatten().next())
    }

    pub(super) async fn ids(&self, after: Option<&str>, limit: u32) -> Result<Vec<String>, LedgerError> {
        let after = after.map(str::to_owned);
        let scan = self
            .ledger
            .scan(&self.scope, "test-case".into(), PROJECT.into(), after, limit);
        Ok(scan.await?.into_iter().map(|row| row.link.key.id).collect())
    }
}
