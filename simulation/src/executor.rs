//! One thread, many tasks, and a clock that moves only when every task waits.
//!
//! Nothing here depends on the machine: tasks run in the order in which they were woken, timers fire by time and then in
//! the order in which they were set.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::LocalBoxFuture;
use tms_sync_xray::ports::{self, Pending};

/// When every simulation begins: 2026-01-01T00:00:00Z, in milliseconds since the epoch.
pub const START: u64 = 1_767_225_600_000;

/// Runs tasks in virtual time; clones share it.
#[derive(Clone)]
pub struct Executor(Rc<Inner>);

struct Inner {
    now: Cell<u64>,
    servers: tms_sync_sim::Clock,
    /// By time and order of setting.
    timers: RefCell<BTreeMap<(u64, u64), Waker>>,
    tasks: RefCell<BTreeMap<u64, LocalBoxFuture<'static, ()>>>,
    last_number: Cell<u64>,
    woken: Arc<Woken>,
}

#[derive(Default)]
struct Woken(Mutex<VecDeque<u64>>);

impl Woken {
    fn push(&self, task: u64) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push_back(task);
    }

    fn pop(&self) -> Option<u64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }
}

struct TaskWaker {
    task: u64,
    woken: Arc<Woken>,
}

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        self.woken.push(self.task);
    }
}

impl Default for Executor {
    fn default() -> Self {
        Executor(Rc::new(Inner {
            now: Cell::new(START),
            servers: tms_sync_sim::Clock::manual(START as i64),
            timers: RefCell::default(),
            tasks: RefCell::default(),
            last_number: Cell::new(0),
            woken: Arc::default(),
        }))
    }
}

impl Executor {
    /// The clock that the simulated servers live by.
    pub fn servers_clock(&self) -> tms_sync_sim::Clock {
        self.0.servers.clone()
    }

    /// Milliseconds since the epoch.
    pub fn now(&self) -> u64 {
        self.0.now.get()
    }

    /// Waits in virtual time.
    pub fn sleep(&self, milliseconds: u64) -> Sleep {
        Sleep {
            executor: self.clone(),
            key: (self.now() + milliseconds, self.number()),
        }
    }

    /// Runs a task beside the others. It goes on whether or not the handle is kept.
    pub fn spawn<T: 'static>(&self, task: impl Future<Output = T> + 'static) -> Join<T> {
        let slot: Rc<RefCell<Slot<T>>> = Rc::default();
        let filled = Rc::clone(&slot);
        let number = self.number();
        let task = async move {
            let value = task.await;
            let mut slot = filled.borrow_mut();
            slot.value = Some(value);
            slot.waiter.take().into_iter().for_each(Waker::wake);
        };
        self.0.tasks.borrow_mut().insert(number, task.boxed_local());
        self.0.woken.push(number);
        Join(slot)
    }

    /// Runs until `main` is done; other tasks stay where they are.
    ///
    /// # Panics
    /// When everything waits and no timer is set: `main` can never end.
    pub fn run<T>(&self, main: impl Future<Output = T>) -> T {
        let mut main = std::pin::pin!(main);
        let number = self.number();
        self.0.woken.push(number);
        loop {
            while let Some(task) = self.0.woken.pop() {
                let waker = Waker::from(Arc::new(TaskWaker {
                    task,
                    woken: Arc::clone(&self.0.woken),
                }));
                let mut context = Context::from_waker(&waker);
                if task == number {
                    if let Poll::Ready(value) = main.as_mut().poll(&mut context) {
                        return value;
                    }
                } else {
                    self.poll(task, &mut context);
                }
            }
            assert!(self.fire(), "every task waits, and nothing will ever wake one");
        }
    }

    /// Lets virtual time pass while the tasks that are left go on.
    pub fn pass(&self, milliseconds: u64) {
        self.run(self.sleep(milliseconds));
    }

    /// Drops every task, so that nothing keeps what they hold alive.
    pub fn stop(&self) {
        let tasks = std::mem::take(&mut *self.0.tasks.borrow_mut());
        drop(tasks);
    }

    fn poll(&self, task: u64, context: &mut Context<'_>) {
        // Taken out, so that a task can start others.
        let Some(mut future) = self.0.tasks.borrow_mut().remove(&task) else {
            return;
        };
        if future.as_mut().poll(context).is_pending() {
            self.0.tasks.borrow_mut().insert(task, future);
        }
    }

    /// Moves time to the next timer and fires it.
    fn fire(&self) -> bool {
        let Some(((at, _), waker)) = self.0.timers.borrow_mut().pop_first() else {
            return false;
        };
        let passed = at.saturating_sub(self.now());
        self.0.now.set(self.now() + passed);
        self.0.servers.advance(Duration::from_millis(passed));
        waker.wake();
        true
    }

    fn number(&self) -> u64 {
        self.0.last_number.set(self.0.last_number.get() + 1);
        self.0.last_number.get()
    }
}

impl ports::Clock for Executor {
    fn now(&self) -> u64 {
        Executor::now(self)
    }

    fn sleep(&self, milliseconds: u64) -> Pending<'_, ()> {
        Executor::sleep(self, milliseconds).boxed_local()
    }
}

/// Future of [`Executor::sleep`].
pub struct Sleep {
    executor: Executor,
    key: (u64, u64),
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.executor.now() >= self.key.0 {
            return Poll::Ready(());
        }
        let mut timers = self.executor.0.timers.borrow_mut();
        timers.insert(self.key, context.waker().clone());
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        self.executor.0.timers.borrow_mut().remove(&self.key);
    }
}

struct Slot<T> {
    value: Option<T>,
    waiter: Option<Waker>,
}

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Slot {
            value: None,
            waiter: None,
        }
    }
}

/// What a spawned task gives.
pub struct Join<T>(Rc<RefCell<Slot<T>>>);

impl<T> Future for Join<T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        let mut slot = self.0.borrow_mut();
        match slot.value.take() {
            Some(value) => Poll::Ready(value),
            None => {
                slot.waiter = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Executor, START};
    use std::cell::RefCell;
    use std::rc::Rc;

    #[test]
    fn time_moves_only_when_every_task_waits() {
        let executor = Executor::default();
        let seen: Rc<RefCell<Vec<(u64, &str)>>> = Rc::default();
        let note = |milliseconds: u64, name: &'static str| {
            let (clock, seen) = (executor.clone(), Rc::clone(&seen));
            async move {
                clock.sleep(milliseconds).await;
                seen.borrow_mut().push((clock.now() - START, name));
            }
        };
        let late = executor.spawn(note(3_600_000, "late"));
        executor.run(async {
            drop(executor.spawn(note(20, "b")));
            note(10, "a").await;
            note(20, "c").await;
        });
        assert_eq!(*seen.borrow(), [(10, "a"), (20, "b"), (30, "c")]);
        executor.run(late);
        assert_eq!(seen.borrow()[3], (3_600_000, "late"));
        assert_eq!(executor.servers_clock().now_ms() as u64, START + 3_600_000);
    }

    #[test]
    #[should_panic(expected = "every task waits")]
    fn a_hang_is_reported() {
        Executor::default().run(std::future::pending::<()>());
    }
}
