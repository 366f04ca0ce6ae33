//! How many runs are under way at once. Others wait: next is the tenant with the fewest under way, and of several the one whose
//! last run began longest ago.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::oneshot;

/// Runs of an engine: those under way and those that wait.
pub(crate) struct RunQueue {
    most: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Runs that were let in.
    begun: u64,
    /// What tenants have that wait or have a run under way.
    shares: HashMap<String, Share>,
    /// Who waits, who waits longest first.
    waiting: Vec<Waiting>,
}

/// What a tenant has.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Share {
    /// Runs under way.
    running: usize,
    /// Number of the run that began last.
    last: u64,
}

struct Waiting {
    tenant: String,
    go: oneshot::Sender<RunPlace>,
}

impl RunQueue {
    pub(crate) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self {
            most: most.max(1),
            state: Mutex::default(),
        })
    }

    /// Waits until a run of the tenant may begin. It is under way until the result is dropped.
    pub(crate) async fn enter(self: &Arc<Self>, tenant: &str) -> RunPlace {
        let (go, gone) = oneshot::channel();
        self.state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .waiting
            .push(Waiting {
                tenant: tenant.to_owned(),
                go,
            });
        self.admit();
        match gone.await {
            Ok(place) => place,
            // Nobody drops the sender of one who still waits.
            Err(_) => std::future::pending().await,
        }
    }

    /// Lets those in for whom there is room.
    fn admit(self: &Arc<Self>) {
        loop {
            let next = self
                .state
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .next(self.most);
            let Some(Waiting { tenant, go }) = next else { return };
            let place = RunPlace {
                queue: Some(Arc::clone(self)),
                tenant,
            };
            // Who no longer waits gives the place back.
            if let Err(mut place) = go.send(place) {
                place.leave();
            }
        }
    }

    fn left(&self, tenant: &str) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let waits = state.waiting.iter().any(|waiting| waiting.tenant == tenant);
        if let Some(share) = state.shares.get_mut(tenant) {
            share.running -= 1;
            if share.running == 0 && !waits {
                state.shares.remove(tenant);
            }
        }
    }
}

impl State {
    /// The next one to go in, counted among those under way.
    fn next(&mut self, most: usize) -> Option<Waiting> {
        if self.shares.values().map(|share| share.running).sum::<usize>() >= most {
            return None;
        }
        let share = |waiting: &Waiting| self.shares.get(&waiting.tenant).copied().unwrap_or_default();
        // The first of several that are equal.
        let (at, _) = self
            .waiting
            .iter()
            .enumerate()
            .min_by_key(|(_, waiting)| share(waiting))?;
        let next = self.waiting.remove(at);
        self.begun += 1;
        let share = self.shares.entry(next.tenant.clone()).or_default();
        (share.running, share.last) = (share.running + 1, self.begun);
        Some(next)
    }
}

/// A run that is under way.
pub(crate) struct RunPlace {
    /// Absent once it was left.
    queue: Option<Arc<RunQueue>>,
    tenant: String,
}

impl RunPlace {
    /// Ends the run for the queue, and lets nobody in.
    fn leave(&mut self) -> Option<Arc<RunQueue>> {
        let queue = self.queue.take()?;
        queue.left(&self.tenant);
        Some(queue)
    }
}

impl Drop for RunPlace {
    fn drop(&mut self) {
        if let Some(queue) = self.leave() {
            queue.admit();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::pin::Pin;

    use futures_util::FutureExt;

    use super::*;

    type Entering = Pin<Box<dyn Future<Output = RunPlace>>>;

    fn enter(queue: &Arc<RunQueue>, tenant: &'static str) -> Entering {
        let queue = Arc::clone(queue);
        let mut entering: Entering = Box::pin(async move { queue.enter(tenant).await });
        // It stands in line from its first poll on.
        match (&mut entering).now_or_never() {
            Some(place) => Box::pin(async move { place }),
            None => entering,
        }
    }

    /// Ends one run after the other, the one that began first at first; gives the tenants in the order in which they began.
    fn order(queue: &Arc<RunQueue>, tenants: &[&'static str]) -> String {
        let mut waiting: Vec<Entering> = tenants.iter().map(|tenant| enter(queue, tenant)).collect();
        let (mut running, mut began) = (Vec::new(), String::new());
        while began.len() < tenants.len() {
            waiting.retain_mut(|entering| {
                let place = entering.now_or_never();
                if let Some(place) = place {
                    began.push_str(&place.tenant);
                    running.push(place);
                    return false;
                }
                true
            });
            running.remove(0);
        }
        began
    }

    #[test]
    fn a_tenant_with_many_runs_leaves_room_for_the_others() {
        assert_eq!(
            order(&RunQueue::new(2), &["a", "a", "a", "a", "a", "b", "c"]),
            "aabcaaa"
        );
        assert_eq!(order(&RunQueue::new(1), &["a", "a", "a", "b", "b"]), "ababa");
    }

    #[test]
    fn as_many_are_under_way_as_there_may_be() {
        let queue = RunQueue::new(2);
        let mut all = ["a", "b", "c", "a"].map(|tenant| enter(&queue, tenant));
        let mut places = all.each_mut().map(|entering| entering.now_or_never());
        assert_eq!(places.each_ref().map(Option::is_some), [true, true, false, false]);
        places[0].take();
        assert!((&mut all[3]).now_or_never().is_none(), "`c` waits longer");
        assert!((&mut all[2]).now_or_never().is_some());
    }

    #[test]
    fn one_that_no_longer_waits_holds_nobody_up() {
        let queue = RunQueue::new(1);
        let mut first = enter(&queue, "a");
        let place = first.as_mut().now_or_never();
        drop(enter(&queue, "b"));
        let mut last = enter(&queue, "c");
        assert!(last.as_mut().now_or_never().is_none());
        drop(place);
        assert!(last.as_mut().now_or_never().is_some());
    }
}
