//! ComputeScheduler of guests that compute for long, so that they do not hold up the others.
//!
//! A guest that awaits something gives its thread back by itself. One that computes on and on is interrupted at every tick
//! and goes on when it has a turn: when the others that are ready were polled and the sockets were looked at, and when
//! few enough others have a turn. What is left of the runtime's threads belongs to guests that wait more than they
//! compute, and to the host.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use tokio::sync::Notify;

/// Who computes for long on an engine.
pub(crate) struct ComputeScheduler {
    /// How many have a turn at once while there are instances that do not compute.
    most: usize,
    /// Instances that exist.
    instances: Arc<AtomicUsize>,
    /// Those that have a turn or wait for one.
    computing: AtomicUsize,
    given: AtomicUsize,
    over: Notify,
}

impl ComputeScheduler {
    pub(crate) fn new(most: usize, instances: Arc<AtomicUsize>) -> Arc<Self> {
        Arc::new(Self {
            most: most.max(1),
            instances,
            computing: AtomicUsize::new(0),
            given: AtomicUsize::new(0),
            over: Notify::new(),
        })
    }

    /// Queues up for a turn. Whoever is not polled when one is over misses it, and nobody waits for him.
    pub(crate) fn queue(self: &Arc<Self>) -> impl Future<Output = ComputeSlot> + Send + 'static {
        self.computing.fetch_add(1, SeqCst);
        let mut turn = ComputeSlot {
            turns: Arc::clone(self),
            is_given: false,
        };
        async move {
            // Tokio wakes what yields like this after everything that is ready, and after it looked at the sockets.
            tokio::task::yield_now().await;
            let turns = Arc::clone(&turn.turns);
            loop {
                let over = turns.over.notified();
                turn.is_given = turns.give();
                if turn.is_given {
                    return turn;
                }
                over.await;
            }
        }
    }

    fn give(&self) -> bool {
        let all_compute = || self.computing.load(SeqCst) >= self.instances.load(SeqCst);
        let one_more = |given: usize| (given < self.most || all_compute()).then_some(given + 1);
        self.given.fetch_update(SeqCst, SeqCst, one_more).is_ok()
    }
}

/// A place in the queue, and then the right to compute until the next tick.
pub(crate) struct ComputeSlot {
    turns: Arc<ComputeScheduler>,
    is_given: bool,
}

impl Drop for ComputeSlot {
    fn drop(&mut self) {
        self.turns.computing.fetch_sub(1, SeqCst);
        if self.is_given {
            self.turns.given.fetch_sub(1, SeqCst);
            self.turns.over.notify_waiters();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::pin::Pin;

    use futures_util::FutureExt;

    use super::*;

    type Queued = Pin<Box<dyn Future<Output = ComputeSlot> + Send>>;

    fn turns(most: usize, instances: usize) -> Arc<ComputeScheduler> {
        ComputeScheduler::new(most, Arc::new(AtomicUsize::new(instances)))
    }

    fn queue(turns: &Arc<ComputeScheduler>) -> Queued {
        let mut queued: Queued = Box::pin(turns.queue());
        assert!(queued.as_mut().now_or_never().is_none(), "the others come first");
        queued
    }

    #[test]
    fn few_compute_at_once_while_others_wait_for_something_else() {
        let turns = turns(2, 4);
        let mut queued = [(); 3].map(|()| queue(&turns));
        let mut given = queued.each_mut().map(|queued| queued.now_or_never());
        assert_eq!(given.each_ref().map(Option::is_some), [true, true, false]);
        given[0].take();
        assert!((&mut queued[2]).now_or_never().is_some());
    }

    #[test]
    fn where_all_compute_nobody_waits() {
        let turns = turns(1, 3);
        let queued = [(); 3].map(|()| queue(&turns));
        assert!(queued.map(|queued| queued.now_or_never()).iter().all(Option::is_some));
    }

    #[test]
    fn turns_go_round() {
        let turns = turns(1, 4);
        let mut waiting: VecDeque<(usize, Queued)> = (0..3).map(|guest| (guest, queue(&turns))).collect();
        let mut order = Vec::new();
        let mut has_turn: Option<(usize, ComputeSlot)> = None;
        while order.len() < 9 {
            // Who was interrupted queues up again before the others hear of it.
            if let Some((guest, turn)) = has_turn.take() {
                drop(turn);
                waiting.push_back((guest, queue(&turns)));
            }
            for _ in 0..waiting.len() {
                let (guest, mut queued) = waiting.pop_front().unwrap();
                match queued.as_mut().now_or_never() {
                    Some(turn) => {
                        order.push(guest);
                        assert!(has_turn.replace((guest, turn)).is_none(), "one at a time");
                    }
                    None => waiting.push_back((guest, queued)),
                }
            }
        }
        assert_eq!(order, [0, 1, 2, 0, 1, 2, 0, 1, 2]);
    }

    #[test]
    fn one_that_nobody_polls_holds_nobody_up() {
        let turns = turns(1, 4);
        let (mut first, _forgotten, mut last) = (queue(&turns), queue(&turns), queue(&turns));
        let turn = first.as_mut().now_or_never();
        assert!(turn.is_some() && last.as_mut().now_or_never().is_none());
        drop(turn);
        assert!(last.as_mut().now_or_never().is_some());
    }

    #[test]
    fn one_that_is_dropped_leaves_its_place() {
        let turns = turns(1, 3);
        let mut first = queue(&turns);
        drop((queue(&turns), queue(&turns)));
        let _turn = first.as_mut().now_or_never().unwrap();
        assert!(queue(&turns).as_mut().now_or_never().is_none());
    }
}
