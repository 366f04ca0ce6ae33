//! How far a run is as a whole, in requests. What is known of the rest is forecast as for a plan; what is not known yet is taken
//! to cost as much as the like of it did so far.

use super::ctx::Ctx;
use crate::ports::{Event, Stage};
use crate::target::Work;
use crate::testops::ROWS;
use std::cell::RefCell;

/// Requests to the source per case that moved.
const DETAILS: u64 = 2;
/// Results that a launch is taken to have before the first one was read, at most: one per case in scope.
const RESULTS: u64 = 1_000;

/// What a run is likely to take. It is corrected as the run goes on, and the share that is done never falls.
#[derive(Default)]
pub(super) struct Estimate {
    state: RefCell<State>,
}

#[derive(Default)]
struct State {
    /// Requests before the first page of cases.
    opened: u64,
    /// Launches that follow the cases; absent where nobody knows.
    launches: Option<u64>,
    /// Requests that they are taken to cost.
    launches_cost: u64,
    /// Requests before the first launch.
    cases_done: Option<u64>,
    /// Launches that are done, and all of them.
    launch: (u64, u64),
    /// Requests that were shown last as done, and in all.
    shown: (u64, u64),
}

/// Cases that are not in step yet.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Left {
    /// Cases that were listed so far, and all of them.
    pub listed: (u64, u64),
    /// Cases whose details are not read yet.
    pub unread: u64,
    /// What an export writes for those that were listed.
    pub work: Work,
}

impl Estimate {
    /// Takes note of how many launches follow the cases; absent where nobody knows, and then nothing is shown before they
    /// are listed.
    pub fn open(&self, ctx: &Ctx<'_>, launches: Option<u64>) {
        let mut state = self.state.borrow_mut();
        (state.opened, state.launches) = (requests(ctx, &Work::default()), launches);
    }

    /// Shows how far the run is while cases are exported.
    pub async fn cases(&self, ctx: &Ctx<'_>, left: &Left) {
        let work = if ctx.applies() { left.work } else { Work::default() };
        let (sent, with_work) = (requests(ctx, &Work::default()), requests(ctx, &work));
        let known = with_work + DETAILS * left.unread;
        let cost = |launches| launches_cost(ctx, launches, left.listed.1);
        let shown = self.state.borrow_mut().of_cases(sent, known, left.listed, cost);
        show(ctx, shown).await;
    }

    /// Shows how far the run is once so many launches of so many are done.
    pub async fn launches(&self, ctx: &Ctx<'_>, done: u64, total: u64, cases: u64) {
        let sent = requests(ctx, &Work::default());
        let cost = |launches| launches_cost(ctx, launches, cases);
        let shown = self.state.borrow_mut().of_launches(sent, (done, total), cost);
        show(ctx, shown).await;
    }

    /// Shows how far the run is within the launch at hand, of whose runs so many are published.
    pub async fn publishing(&self, ctx: &Ctx<'_>, done: u64, total: u64) {
        let sent = requests(ctx, &Work::default());
        let shown = self.state.borrow_mut().of_runs(sent, done, total);
        show(ctx, shown).await;
    }
}

impl State {
    /// `known`: requests so far and those that the listed cases still take.
    fn of_cases(
        &mut self,
        sent: u64,
        known: u64,
        (listed, total): (u64, u64),
        cost: impl Fn(u64) -> u64,
    ) -> Option<(u64, u64)> {
        let launches = self.launches.filter(|_| listed > 0)?;
        if self.launches_cost == 0 {
            self.launches_cost = cost(launches);
        }
        let cases = known.saturating_sub(self.opened) * total.max(listed) / listed;
        self.next(sent, self.opened + cases + self.launches_cost)
    }

    fn of_launches(&mut self, sent: u64, launch: (u64, u64), cost: impl Fn(u64) -> u64) -> Option<(u64, u64)> {
        let from = *self.cases_done.get_or_insert(sent);
        self.launch = launch;
        match launch {
            (0, total) => self.next(sent, from + cost(total)),
            (done, total) => self.next(sent, from + (sent - from) * total.max(done) / done),
        }
    }

    fn of_runs(&mut self, sent: u64, done: u64, total: u64) -> Option<(u64, u64)> {
        let from = self.cases_done?;
        let (launch, launches) = self.launch;
        // In runs of launches that are as large as the one at hand.
        let all = launches.max(launch + 1) * total;
        let done = launch * total + done;
        (done > launch * total).then(|| self.next(sent, from + (sent - from) * all / done))?
    }

    /// What is to be shown, where it moved by a percent at least.
    fn next(&mut self, sent: u64, total: u64) -> Option<(u64, u64)> {
        let (done_before, total_before) = self.shown;
        // No less than what was shown before.
        let most = (sent * total_before).checked_div(done_before).unwrap_or(u64::MAX);
        let total = total.min(most).max(sent).max(1);
        let percent = |(done, total): (u64, u64)| (done * 100).checked_div(total);
        if percent(self.shown) == percent((sent, total)) {
            return None;
        }
        self.shown = (sent, total);
        Some(self.shown)
    }
}

async fn show(ctx: &Ctx<'_>, shown: Option<(u64, u64)>) {
    if let Some((done, total)) = shown {
        let (stage, total) = (Stage::Run, Some(total));
        ctx.events.emit(Event::Progress { stage, done, total }).await;
    }
}

/// Requests until now, and those that so much work takes.
fn requests(ctx: &Ctx<'_>, work: &Work) -> u64 {
    let (source, _) = ctx.source.forecast(0);
    let target = ctx.target.forecast(work).into_iter();
    source + target.map(|of| of.requests).sum::<u64>()
}

/// What launches of which nothing is known are taken to cost.
fn launches_cost(ctx: &Ctx<'_>, launches: u64, cases: u64) -> u64 {
    let runs = cases.min(RESULTS);
    // The row's environment, and two passes over its results.
    let reads = launches * (1 + 2 * runs.div_ceil(ROWS as u64));
    let work = Work {
        executions: launches,
        runs: launches * runs,
        ..Work::default()
    };
    match ctx.applies() {
        true => reads + requests(ctx, &work) - requests(ctx, &Work::default()),
        false => reads,
    }
}

#[cfg(test)]
mod tests {
    use super::State;

    fn opened(launches: u64) -> State {
        State {
            opened: 10,
            launches: Some(launches),
            ..State::default()
        }
    }

    #[test]
    fn what_is_not_listed_yet_costs_as_much_as_what_is() {
        let mut state = opened(0);
        // A page of 200 of 1,000 cases was listed: details of all are to be read.
        assert_eq!(
            state.of_cases(11, 411 + 9, (200, 1_000), |_| 0),
            Some((11, 10 + 5 * 410))
        );
        assert_eq!(
            state.of_cases(411, 411 + 9, (200, 1_000), |_| 0),
            Some((411, 10 + 5 * 410))
        );
    }

    #[test]
    fn the_share_that_is_done_never_falls() {
        let mut state = opened(2);
        let cost = |launches| launches * 20;
        let mut shares = Vec::new();
        let mut see = |shown: Option<(u64, u64)>| {
            if let Some((done, total)) = shown {
                assert!(done <= total, "{done} of {total}");
                shares.push(done as f64 / total as f64);
            }
        };
        see(state.of_cases(50, 100, (10, 20), cost));
        see(state.of_cases(90, 100, (20, 20), cost));
        see(state.of_launches(100, (0, 2), cost));
        // The first launch turns out to be far larger than expected.
        for run in 1..=20 {
            see(state.of_runs(100 + run * 50, run * 100, 2_000));
        }
        see(state.of_launches(1_100, (1, 2), cost));
        see(state.of_launches(1_110, (2, 2), cost));
        assert!(shares.is_sorted(), "{shares:?}");
        assert_eq!(shares.last(), Some(&1.0), "{shares:?}");
    }

    #[test]
    fn nothing_is_shown_while_nobody_knows_what_follows() {
        let mut state = State::default();
        assert_eq!(state.of_cases(50, 100, (10, 20), |_| 0), None);
        assert_eq!(state.of_runs(60, 1, 2), None);
        assert!(state.of_launches(60, (0, 3), |launches| launches * 20).is_some());
    }
}
