//! One call's view of the credentials it uses: asked before it begins, before each request, and told how it ended.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::entry::{Access, Reason, Standing, StandingKey};
use super::report::{Outlook, outlooks};
use super::rules::Barred;
use super::trial::{self, Shared};
use super::version::{Nature, Used};
use super::word::{Word, word};
use crate::clock::Clock;
use crate::contract::imports::http::{Response, SendError};
use crate::ledger::{Ending, Ledger, LedgerError, RunMode, Scope, holder};
use crate::model::{Fault, FaultKind, Side};

/// Tries to write a row that others write too.
const ATTEMPTS: usize = 32;
/// Within so many milliseconds refusals of an exchange are one.
const EXCHANGE_MS: u64 = 5_000;
/// Runs that are looked through for one that was complete.
const HISTORY: u32 = 500;

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// A run of any mode.
    Run,
    /// A connection test or a look at the projects: what is missing at one destination does not matter.
    Look,
    /// A person who wants what is off to be tried.
    Enable,
}

pub(crate) struct Watch {
    ledger: Arc<dyn Ledger>,
    clock: Arc<dyn Clock>,
    scope: Scope,
    purpose: Purpose,
    /// Key of the destination project; empty where none is meant.
    destination: String,
    began: u64,
    lanes: BTreeMap<String, Lane>,
    /// Why the first request was withheld, if one was, and whether an answer of this call is behind it.
    withheld: Mutex<Option<(Fault, bool)>>,
}

/// One connection's credential.
struct Lane {
    used: Used,
    key: StandingKey,
    shared: Arc<Shared>,
    course: Mutex<Course>,
}

/// How far a call has come with a credential.
#[derive(Clone)]
enum Course {
    /// No answer says anything yet: requests go one by one.
    Untried,
    /// An answer took it; whether it also named the account.
    Accepted { named: bool },
    /// Refused so often in this call.
    Refused(u8),
}

impl Watch {
    pub(crate) async fn new(parts: Parts<'_>) -> Result<Self, LedgerError> {
        let Parts {
            ledger,
            clock,
            scope,
            purpose,
            destination,
            began,
            used,
        } = parts;
        let digest_key = ledger.digest_key().await?;
        let lane = |used: &Used| {
            let key = StandingKey {
                origin: used.origin.clone(),
                version: used.version(&digest_key),
                access: None,
            };
            let lane = Lane {
                shared: trial::shared(&scope.tenant, &key, used.nature),
                used: used.clone(),
                key,
                course: Mutex::new(Course::Untried),
            };
            (used.connection.clone(), lane)
        };
        Ok(Self {
            lanes: used.iter().map(lane).collect(),
            began,
            ledger,
            clock,
            scope,
            purpose,
            destination,
            withheld: Mutex::default(),
        })
    }

    /// Whether the call may begin at all.
    pub(crate) async fn admit(&self) -> Result<(), Fault> {
        let barred = self.barred().await.map_err(unusable)?;
        barred.into_iter().next().map_or(Ok(()), Err)
    }

    /// Everything that keeps the call from beginning, one fault for each side.
    pub(crate) async fn barred(&self) -> Result<Vec<Fault>, LedgerError> {
        let (now, all) = (self.clock.now(), self.rows().await?);
        let mut faults = Vec::new();
        for lane in self.lanes.values() {
            let rows = all.iter().filter(|row| {
                row.key.origin == lane.key.origin && row.key.version == lane.key.version && self.concerns(row)
            });
            for row in rows {
                let admitted = match self.purpose {
                    Purpose::Enable => row.admits_log_in(lane.used.nature, now),
                    Purpose::Run | Purpose::Look => row.admits_run(lane.used.nature, now),
                };
                if let Err(barred) = admitted {
                    faults.push(fault(&lane.used, row, barred));
                    break;
                }
            }
        }
        Ok(faults)
    }

    /// How everything stands that the call would use, for people.
    pub(crate) async fn outlooks(&self) -> Result<Vec<Outlook>, LedgerError> {
        let rows = self.rows().await?;
        let lanes = self.lanes.values().map(|lane| (&lane.used, &lane.key));
        Ok(outlooks(lanes, &rows, &self.destination, self.clock.now()))
    }

    /// Whether an export must read everything: it is the first one of its name since a credential was switched on again.
    pub(crate) async fn owes_full(&self, export: &str) -> Result<bool, LedgerError> {
        let mine = |row: &&Standing| {
            self.concerns(row)
                && self
                    .lanes
                    .values()
                    .any(|lane| lane.key.origin == row.key.origin && lane.used.connection == row.connection)
        };
        let rows = self.rows().await?;
        let rows: Vec<&Standing> = rows.iter().filter(mine).collect();
        if rows.iter().any(|row| row.is_off()) {
            return Ok(true);
        }
        let Some(cleared) = rows.iter().filter_map(|row| row.cleared_at).max() else {
            return Ok(false);
        };
        let runs = self.ledger.runs(&self.scope, HISTORY).await?;
        let is_whole = |run: &crate::RunRecord| {
            run.mode == RunMode::Export
                && run.export == export
                && run.ending == Some(Ending::Done)
                && run.started_at >= cleared
        };
        Ok(!runs.iter().any(is_whole))
    }

    /// Lets a request pass, or withholds it. The first request of a call over a connection goes alone, in all calls that
    /// use the same credential, until an answer says something about it.
    pub(crate) async fn through<T>(
        &self,
        connection: &str,
        response: impl Fn(&T) -> &Response,
        sending: impl Future<Output = Result<T, SendError>>,
    ) -> Result<T, SendError> {
        let Some(lane) = self.lanes.get(connection) else {
            return sending.await;
        };
        let _place = lane.shared.place().await;
        let turn = lane.shared.turn().await;
        let result = match lane.course() {
            Course::Accepted { .. } => {
                drop(turn);
                self.check_others(lane)?;
                let result = sending.await;
                self.judge(lane, result.as_ref().map(&response)).await?;
                return result;
            }
            Course::Refused(times) if times >= lane.patience() => {
                return Err(self.refused(lane));
            }
            Course::Untried | Course::Refused(_) => {
                self.reserve(lane).await?;
                sending.await
            }
        };
        self.judge(lane, result.as_ref().map(&response)).await?;
        result
    }

    /// Another call learnt a moment ago that the credential is refused.
    fn check_others(&self, lane: &Lane) -> Result<(), SendError> {
        if lane.shared.is_refused() {
            return Err(self.refused(lane));
        }
        Ok(())
    }

    /// Takes the right to try the credential, in all processes.
    async fn reserve(&self, lane: &Lane) -> Result<(), SendError> {
        loop {
            let now = self.clock.now();
            let mut busy = false;
            let mut barred = None;
            let change = |row: &mut Standing| {
                barred = match self.purpose {
                    Purpose::Enable => row.admits_log_in(lane.used.nature, now),
                    Purpose::Run | Purpose::Look => row.admits_run(lane.used.nature, now),
                }
                .err()
                .map(|barred| fault(&lane.used, row, barred));
                busy = trial::is_taken(row, now);
                if barred.is_none() && !busy {
                    row.trial = Some((holder::process().to_owned(), now + trial::LONGEST_MS));
                }
                barred.is_none() && !busy
            };
            self.update(&lane.key, &lane.used.connection, change)
                .await
                .map_err(|error| self.withhold(error))?;
            match barred {
                // A refusal of this very call is not held against its own next word.
                Some(fault) if matches!(lane.course(), Course::Untried) => return Err(self.keep_back(fault, false)),
                _ if !busy => return Ok(()),
                _ => self.clock.sleep(trial::PAUSE).await,
            }
        }
    }

    /// Takes from an answer what it says about the credential.
    async fn judge(&self, lane: &Lane, answer: Result<&Response, &SendError>) -> Result<(), SendError> {
        let now = self.clock.now();
        let said = word(answer, &lane.used);
        let before = lane.course();
        let course = match (said, &before) {
            (Word::Accepted { named: false }, Course::Accepted { named: true }) => before.clone(),
            (Word::Accepted { named }, _) => Course::Accepted { named },
            (Word::Refused { .. }, Course::Refused(times)) => Course::Refused(times.saturating_add(1)),
            (Word::Refused { .. }, _) => Course::Refused(1),
            (Word::Nothing, _) => before.clone(),
        };
        lane.set(course);
        let was_trial = !matches!(before, Course::Accepted { .. });
        let counted = matches!(said, Word::Refused { counted: true });
        if matches!(said, Word::Refused { .. }) {
            lane.shared.refused();
        } else if matches!(said, Word::Accepted { .. }) && was_trial {
            lane.shared.accepted();
        }
        if !was_trial && !counted {
            return Ok(());
        }
        let change = |row: &mut Standing| {
            row.trial = None;
            // Requests that waited for one exchange all hear of its one refusal.
            let is_same = lane.used.is_exchanged && row.refused.last().is_some_and(|at| now < at + EXCHANGE_MS);
            if counted && !is_same {
                row.log_in_refused(lane.used.nature, now);
            }
            true
        };
        self.update(&lane.key, &lane.used.connection, change)
            .await
            .map_err(|error| self.withhold(error))
    }

    /// Keeps a request back because the ledger does not allow it.
    pub(crate) fn withhold(&self, error: LedgerError) -> SendError {
        self.keep_back(unusable(error), false)
    }

    fn refused(&self, lane: &Lane) -> SendError {
        self.keep_back(lane.refusal(), true)
    }

    fn keep_back(&self, fault: Fault, is_answer: bool) -> SendError {
        let message = fault.message.clone();
        let mut withheld = self.withheld.lock().unwrap_or_else(PoisonError::into_inner);
        withheld.get_or_insert((fault, is_answer));
        SendError::Denied(message)
    }

    /// Why the host withheld requests, if it did.
    pub(crate) fn withheld(&self) -> Option<Fault> {
        let withheld = self.withheld.lock().unwrap_or_else(PoisonError::into_inner);
        withheld.as_ref().map(|(fault, _)| fault.clone())
    }

    /// Why a call ended: what the plugin made of a request that was withheld is not the reason.
    pub(crate) fn reason_for(&self, said: Fault) -> Fault {
        match self.withheld() {
            Some(fault) if said.kind == FaultKind::Configuration && said.side == Side::Host => fault,
            _ => said,
        }
    }

    /// Records what the plugin says at the end: faults, and whether everything worked.
    pub(crate) async fn end(&self, faults: &[Fault], whole: bool) -> Result<(), LedgerError> {
        let now = self.clock.now();
        // A plugin that never got to read the refusal cannot tell of it.
        let unread = self.withheld.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let unread = unread.filter(|(_, is_answer)| *is_answer).map(|(fault, _)| fault);
        let faults: Vec<Fault> = faults.iter().cloned().chain(unread).collect();
        for lane in self.lanes.values() {
            let concerns = |fault: &&Fault| lane.used.sides.contains(&fault.side);
            let of_credential = |kind| matches!(kind, FaultKind::Credential | FaultKind::Locked);
            let mine: Vec<&Fault> = faults.iter().filter(concerns).collect();
            let credential = mine.iter().find(|fault| of_credential(fault.kind));
            let named = matches!(lane.course(), Course::Accepted { named: true });
            if let Some(fault) = credential {
                self.observe(lane, None, fault, now).await?;
            } else if mine.iter().any(|fault| is_access(fault)) && matches!(lane.course(), Course::Refused(_)) {
                self.acquit(lane).await?;
            } else if whole || named {
                self.prove(lane, None, whole, now).await?;
            }
            for side in &lane.used.sides {
                if let Some(fault) = mine.iter().find(|fault| fault.side == *side && is_access(fault)) {
                    self.observe(lane, Some(*side), fault, now).await?;
                } else if whole {
                    self.prove(lane, Some(*side), whole, now).await?;
                }
            }
        }
        Ok(())
    }

    /// The refusals of this call were not about the credential: a missing licence looks the same, until the plugin has
    /// read the words.
    async fn acquit(&self, lane: &Lane) -> Result<(), LedgerError> {
        lane.shared.accepted();
        let change = |row: &mut Standing| {
            row.refused.retain(|at| *at < self.began);
            true
        };
        self.update(&lane.key, &lane.used.connection, change).await
    }

    async fn observe(&self, lane: &Lane, access: Option<Side>, fault: &Fault, now: u64) -> Result<(), LedgerError> {
        let found = Reason {
            kind: fault.kind,
            side: fault.side,
            message: fault.message.clone(),
            hint: fault.hint.clone(),
            since: now,
            seen: now,
        };
        let change = |row: &mut Standing| {
            row.observe(found.clone(), lane.used.nature, now);
            row.trial = None;
            true
        };
        self.update(&self.key(lane, access), &lane.used.connection, change)
            .await
    }

    async fn prove(&self, lane: &Lane, access: Option<Side>, whole: bool, now: u64) -> Result<(), LedgerError> {
        let key = self.key(lane, access);
        let mut replaces = false;
        if whole {
            for old in self.rows().await? {
                let is_older = old.key.origin == key.origin
                    && old.key.access == key.access
                    && old.connection == lane.used.connection
                    && old.key.version != key.version;
                if is_older && old.reason().is_some() {
                    replaces |= old.is_off();
                    let forget = |row: &mut Standing| {
                        row.replaced();
                        true
                    };
                    self.update(&old.key, &old.connection, forget).await?;
                }
            }
        }
        let change = |row: &mut Standing| {
            // A row that says nothing is not worth a write.
            let says = row.revision > 0 || access.is_none() || replaces;
            row.proved(self.began, now, whole && self.purpose == Purpose::Enable);
            if replaces {
                row.cleared_at = Some(self.began);
            }
            says
        };
        self.update(&key, &lane.used.connection, change).await
    }

    /// Changes a row by compare-and-swap. `change` tells whether there is something to write, and may be called again.
    async fn update(
        &self,
        key: &StandingKey,
        connection: &str,
        mut change: impl FnMut(&mut Standing) -> bool + Send,
    ) -> Result<(), LedgerError> {
        for _ in 0..ATTEMPTS {
            let found = self.ledger.standing(self.scope.tenant.clone(), key.clone()).await?;
            let mut row = found.unwrap_or_else(|| Standing::new(key.clone(), connection));
            if !change(&mut row) {
                return Ok(());
            }
            if self.ledger.put_standing(self.scope.tenant.clone(), row).await? {
                return Ok(());
            }
        }
        Err(LedgerError::Unavailable(
            "a credential's row is written by too many".into(),
        ))
    }

    async fn rows(&self) -> Result<Vec<Standing>, LedgerError> {
        self.ledger.standings(self.scope.tenant.clone()).await
    }

    fn concerns(&self, row: &Standing) -> bool {
        let here = |access: &Access| self.purpose == Purpose::Run && access.destination == self.destination;
        row.key.access.as_ref().is_none_or(here)
    }

    fn key(&self, lane: &Lane, access: Option<Side>) -> StandingKey {
        StandingKey {
            access: access.map(|side| Access {
                destination: self.destination.clone(),
                side,
            }),
            ..lane.key.clone()
        }
    }
}

/// What a watch is made of.
pub(crate) struct Parts<'a> {
    pub(crate) ledger: Arc<dyn Ledger>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) scope: Scope,
    pub(crate) purpose: Purpose,
    pub(crate) destination: String,
    pub(crate) began: u64,
    pub(crate) used: &'a [Used],
}

impl Lane {
    fn course(&self) -> Course {
        self.course.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, course: Course) {
        *self.course.lock().unwrap_or_else(PoisonError::into_inner) = course;
    }

    /// Refusals after which a call sends nothing more with the credential. A token gets a second word, so that the
    /// plugin can tell what is wrong; a password does not, because every refusal brings the CAPTCHA nearer.
    fn patience(&self) -> u8 {
        match self.used.nature {
            Nature::Password => 1,
            Nature::Token => 2,
        }
    }

    fn refusal(&self) -> Fault {
        Fault {
            kind: FaultKind::Credential,
            side: self.used.side(),
            message: format!(
                "the credential for `{}` was refused a moment ago and is not sent again",
                self.used.connection
            ),
            hint: Some("make a new one, store it, and test the connection".to_owned()),
            retry_at: None,
        }
    }
}

fn is_access(fault: &Fault) -> bool {
    matches!(fault.kind, FaultKind::Permission | FaultKind::Product)
}

fn unusable(error: LedgerError) -> Fault {
    Fault {
        kind: FaultKind::Ledger,
        side: Side::Host,
        message: error.to_string(),
        hint: None,
        retry_at: None,
    }
}

fn fault(used: &Used, row: &Standing, barred: Barred) -> Fault {
    let (kind, side) = row.reason().map_or((FaultKind::Credential, used.side()), |reason| {
        (reason.kind, reason.side)
    });
    let what = match (barred, kind) {
        (Barred::Spent, _) => {
            "was refused as often as a password may be before an account is locked; another one is needed"
        }
        (Barred::Until(_), _) => "was refused a moment ago; it is left alone for a while, so that no account is locked",
        (Barred::ByState, FaultKind::Locked) => "is locked until a person has logged in by browser",
        (Barred::ByState, FaultKind::Credential) => "is disabled: it was refused twice",
        (Barred::ByState, FaultKind::Permission) => "is disabled: a permission is missing",
        (Barred::ByState, _) => "is disabled: the product is not there, not licensed or not set up",
    };
    let said = row
        .reason()
        .map(|reason| format!(" ({})", reason.message))
        .unwrap_or_default();
    let then = match barred {
        Barred::ByState => "; then enable it: that makes a connection test",
        Barred::Spent | Barred::Until(_) => "",
    };
    let first = row
        .reason()
        .and_then(|reason| reason.hint.clone())
        .unwrap_or_else(|| "make a new one and store it".to_owned());
    Fault {
        kind,
        side,
        message: format!("the access over `{}` {what}{said}; nothing was sent", used.connection),
        hint: Some(format!("{first}{then}")),
        retry_at: match barred {
            Barred::Until(at) => Some(at),
            Barred::ByState | Barred::Spent => None,
        },
    }
}
