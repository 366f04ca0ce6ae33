//! What the end of a run means for its sync: on, off, or again at another time. And who hears of it.
//!
//! | an export ended | what follows |
//! |---|---|
//! | with a verdict for every item | it succeeded; failures start from zero |
//! | cancelled | nothing |
//! | because the service stopped | again at once, where it is scheduled |
//! | settings, or more changes than expected | off until a person decides |
//! | a credential, permission or product, and the host switched the credential off | off until it is enabled |
//! | anything else | one more failure; again when the fault says, or as scheduled |
//! | the tenth failure in a row, where the servers could be reached | off |
//!
//! People hear of the first failure in a row, of the one after which three are left, of a switch-off and of the first
//! success after any of these.

use super::carry::Ended;
use super::model::{Mode, Origin, Run};
use crate::app::App;
use crate::notify::{About, Occasion, announce, last_success, sentences};
use crate::plugins::Stop;
use crate::problem::Problem;
use crate::schedule::{Turn, When};
use crate::settings::{Disabled, Sync, sync_state};
use crate::store::Statement;

/// Failures in a row after which a sync is switched off.
pub(crate) const OFF: u32 = 10;
/// How many failures are left when people are warned.
const WARNING: u32 = 3;

pub(super) async fn judge(app: &App, turn: &Turn, ended: &Ended) -> Result<(), Problem> {
    if turn.mode != Mode::Export {
        return Ok(());
    }
    let before = Sync::get(&turn.scope, &turn.sync).await?;
    let mut judged = match &ended.stopped {
        None => succeeded(app, turn, &before).await?,
        Some(stop) if stop.kind == "cancelled" => Judged::default(),
        Some(stop) if stop.kind == "interrupted" => Judged {
            retry_at: Some(app.now()),
            ..Judged::default()
        },
        Some(stop) => failed(app, ended, stop, &before).await,
    };
    if let Some(about) = judged.about {
        judged.rows.extend(announce(app, &turn.scope, about).await?);
    }
    turn.scope.write(judged.rows).await?;
    let sync = Sync::get(&turn.scope, &turn.sync).await?;
    // Who started it by hand starts it again by hand.
    let retry = judged.retry_at.filter(|_| sync.is_scheduled());
    let when = retry.map_or(When::AsScheduled, When::At);
    app.dispatcher().plan(&turn.scope, &sync, when).await
}

/// What follows.
#[derive(Default)]
struct Judged<'a> {
    rows: Vec<Statement>,
    retry_at: Option<u64>,
    about: Option<About<'a>>,
}

async fn succeeded<'a>(app: &App, turn: &Turn, before: &'a Sync) -> Result<Judged<'a>, Problem> {
    let run = Run::get(&turn.scope, &turn.run).await?;
    let is_back = before.failures > 0 || run.origin == Origin::Enable;
    let about = is_back.then(|| About {
        occasion: Occasion::Recovered,
        sync: Some(before),
        title: format!("{} works again", before.draft.name),
        text: "A run ended with a verdict for every item.".to_owned(),
    });
    Ok(Judged {
        rows: vec![sync_state::succeeded(&turn.sync, app.now())],
        retry_at: None,
        about,
    })
}

async fn failed<'a>(app: &App, ended: &Ended, stop: &Stop, before: &'a Sync) -> Judged<'a> {
    let failures = before.failures + 1;
    let mut rows = vec![sync_state::failed(&before.id)];
    match verdict(ended, stop, failures).await {
        Verdict::Off(why) => {
            let why = Disabled {
                since: app.now(),
                ..why
            };
            rows.push(sync_state::switched_off(&before.id, &why));
            Judged {
                rows,
                retry_at: None,
                about: Some(switched_off(before, &why)),
            }
        }
        Verdict::Again { at, is_counted } => Judged {
            rows,
            retry_at: at,
            about: failing(before, stop, failures, is_counted),
        },
    }
}

/// Of a sync that was switched off.
pub(crate) fn switched_off<'a>(sync: &'a Sync, why: &Disabled) -> About<'a> {
    let hint = why.hint.as_deref().unwrap_or("Its page says how to enable it.");
    About {
        occasion: Occasion::Disabled,
        sync: Some(sync),
        title: format!("{} is switched off", sync.draft.name),
        text: sentences(&[&why.message, hint, &last_success(sync)]),
    }
}

fn failing<'a>(sync: &'a Sync, stop: &Stop, failures: u32, is_counted: bool) -> Option<About<'a>> {
    let left = OFF.saturating_sub(failures);
    let is_warning = is_counted && left == WARNING;
    if failures != 1 && !is_warning {
        return None;
    }
    let hint = stop.hint.as_deref().unwrap_or("The next run tries again.");
    let last = last_success(sync);
    let text = if is_warning {
        let warning = format!("{failures} runs in a row failed; after {left} more the sync switches itself off");
        sentences(&[&warning, &last, &format!("The last: {}", stop.message), hint])
    } else {
        sentences(&[&stop.message, hint, &last])
    };
    let title = match is_warning {
        true => format!("{} is about to switch itself off", sync.draft.name),
        false => format!("{} failed", sync.draft.name),
    };
    Some(About {
        occasion: Occasion::Failed,
        sync: Some(sync),
        title,
        text,
    })
}

/// Whether failures of this kind switch a sync off where there are enough of them in a row. The others are decided by the health
/// of the credential, or go by themselves.
pub(crate) fn switches_off(stop: &Stop) -> bool {
    let uncounted = [
        "credential",
        "locked",
        "permission",
        "product",
        "unreachable",
        "rate-limited",
        "ledger",
    ];
    !uncounted.contains(&stop.kind.as_str())
}

enum Verdict {
    Off(Disabled),
    Again {
        at: Option<u64>,
        /// Whether it counts towards the last failure.
        is_counted: bool,
    },
}

async fn verdict(ended: &Ended, stop: &Stop, failures: u32) -> Verdict {
    let off = Verdict::Off(Disabled::after(stop, 0));
    let uncounted = |at| Verdict::Again { at, is_counted: false };
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
                return uncounted(again.or(stop.retry_at));
            }
        }
        _ if !switches_off(stop) => return uncounted(stop.retry_at),
        _ => {}
    }
    if failures >= OFF {
        return Verdict::Off(Disabled {
            kind: "failures".to_owned(),
            message: format!("{failures} runs in a row failed. The last: {}", stop.message),
            ..Disabled::after(stop, 0)
        });
    }
    Verdict::Again {
        at: stop.retry_at,
        is_counted: true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::SyncDraft;

    fn sync() -> Sync {
        Sync {
            id: "s".to_owned(),
            draft: SyncDraft {
                name: "main".to_owned(),
                ..SyncDraft::default()
            },
            revision: 1,
            created_at: 0,
            disabled: None,
            failures: 0,
            failures_left: OFF,
            succeeded_at: Some(1_795_000_000_000),
            due_at: None,
        }
    }

    #[test]
    fn people_hear_of_the_first_failure_and_three_before_the_last() {
        let (sync, stop) = (sync(), Stop::of_host("internal", "the plugin broke"));
        let heard = |is_counted| {
            let all = (1..OFF).filter_map(|failures| Some((failures, failing(&sync, &stop, failures, is_counted)?)));
            all.map(|(failures, about)| format!("{failures}: {}\n{}", about.title, about.text))
                .collect::<Vec<_>>()
        };
        insta::assert_snapshot!(heard(true).join("\n\n"), @r"
        1: main failed
        The plugin broke. The next run tries again. It was last all right on 2026-11-18 11:06 UTC.

        7: main is about to switch itself off
        7 runs in a row failed; after 3 more the sync switches itself off. It was last all right on 2026-11-18 11:06 UTC. The last: the plugin broke. The next run tries again.
        ");
        assert_eq!(heard(false).len(), 1, "what never switches it off warns of nothing");
    }
}
