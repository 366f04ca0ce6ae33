//! A host process: where it can be killed, and whether it still lives.

use std::cell::{Cell, RefCell};
use std::future::{Future, pending, poll_fn};
use std::task::{Poll, Waker};

/// A host process. It passes a boundary before and after everything that leaves it: requests and ledger calls.
#[derive(Default)]
pub struct Process {
    /// Number of the host, for the trace.
    pub host: u8,
    /// The boundary, from 0, at which it is killed.
    pub killed_at: Option<u64>,
    passed: Cell<u64>,
    dead_since: Cell<Option<u64>>,
    waiter: RefCell<Option<Waker>>,
}

impl Process {
    /// A process of a host that is killed at a boundary, or never.
    pub fn new(host: u8, killed_at: Option<u64>) -> Self {
        Process {
            host,
            killed_at,
            ..Process::default()
        }
    }

    /// Passes a boundary, or dies there. Nothing of a dead process goes on.
    pub async fn boundary(&self, now: u64) {
        if self.dead_since.get().is_none() && self.killed_at == Some(self.passed.get()) {
            self.die(now);
        }
        if self.dead_since.get().is_some() {
            pending::<()>().await;
        }
        self.passed.set(self.passed.get() + 1);
    }

    /// Boundaries passed so far.
    pub fn passed(&self) -> u64 {
        self.passed.get()
    }

    /// The process ends, killed or done.
    pub fn die(&self, now: u64) {
        if self.dead_since.get().is_none() {
            self.dead_since.set(Some(now));
        }
        self.waiter.borrow_mut().take().into_iter().for_each(Waker::wake);
    }

    /// When it ended.
    pub fn dead_since(&self) -> Option<u64> {
        self.dead_since.get()
    }

    /// Resolves when the process is dead.
    pub fn death(&self) -> impl Future<Output = ()> + '_ {
        poll_fn(|context| {
            if self.dead_since.get().is_some() {
                return Poll::Ready(());
            }
            *self.waiter.borrow_mut() = Some(context.waker().clone());
            Poll::Pending
        })
    }
}
