//! What the end of a run means for its sync: on, off, or again at another time.
//!
//! | an export ended | what follows |
//! |---|---|
//! | with a verdict for every item | it succeeded; failures start from zero |
//! | cancelled | nothing |
//! | settings, or more changes than expected | off until a person decides |
//! | a credential, permission or product, and the host switched the credential off | off until it is enabled |
//! | anything else | one more failure; again when the fault says, or as scheduled |
//! | the tenth failure in a row, where the servers could be reached | off |

use super::carry::Ended;
use super::model::Mode;
use crate::app::App;
use crate::plugins::Stop;
use crate::problem::Problem;
use crate::schedule::{Turn, When};
use crate::settings::{Disabled, Sync, sync_state};
use crate::store::{Statement, StoreError, TenantScope};

/// Failures in a row after which a sync is switched off.
pub(crate) const OFF: u32 = 10;

pub(super) async fn judge(app: &App, turn: &Turn, ended: &Ended) -> Result<(), Problem> {
    if turn.mode != Mode::Export {
        return Ok(());
    }
    let (scope, now) = (&turn.scope, app.now());
    let mut when = When::AsScheduled;
    match &ended.stopped {
        None => write(scope, sync_state::succeeded(&turn.sync, now)).await?,
        Some(stop) if stop.kind == "cancelled" => {}
        Some(stop) => {
            write(scope, sync_state::failed(&turn.sync)).await?;
            let sync = Sync::get(scope, &turn.sync).await?;
            match verdict(ended, stop, &sync).await {
                Judged::Off(why) => {
                    write(
                        scope,
                        sync_state::switched_off(&turn.sync, &Disabled { since: now, ..why }),
                    )
                    .await?;
                }
                Judged::Again(at) => when = at.map_or(When::AsScheduled, When::At),
            }
        }
    }
    let sync = Sync::get(scope, &turn.sync).await?;
    if !sync.is_scheduled() {
        // Who started it by hand starts it again by hand.
        when = When::AsScheduled;
    }
    app.dispatcher().plan(scope, &sync, when).await
}

async fn write(scope: &TenantScope, row: Statement) -> Result<(), StoreError> {
    scope.write(vec![row]).await.map(drop)
}

enum Judged {
    Off(Disabled),
    Again(Option<u64>),
}

async fn verdict(ended: &Ended, stop: &Stop, sync: &Sync) -> Judged {
    let off = Judged::Off(Disabled::after(stop, 0));
    match stop.kind.as_str() {
        "configuration" | "mass-change" => return off,
        "credential" | "locked" | "permission" | "product" => {
            if let Some((tenant, sync)) = &ended.ran {
                let reports = tenant
                    .credential_reports(Some(&sync.draft.export()))
                    .await
                    .unwrap_or_default();
                if reports.iter().any(|report| report.health.is_off() || report.is_spent) {
                    return off;
                }
                let again = reports.iter().filter_map(|report| report.retry_at).max();
                return Judged::Again(again.or(stop.retry_at));
            }
        }
        "unreachable" | "rate-limited" | "ledger" => return Judged::Again(stop.retry_at),
        _ => {}
    }
    if sync.failures >= OFF {
        return Judged::Off(Disabled {
            kind: "failures".to_owned(),
            message: format!("{} runs in a row failed. The last: {}", sync.failures, stop.message),
            ..Disabled::after(stop, 0)
        });
    }
    Judged::Again(stop.retry_at)
}
