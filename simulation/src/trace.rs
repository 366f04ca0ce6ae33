//! What happened, in order: a running hash of all of it, and the last lines for people.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Lines that are kept for a failing test's message; `SIMULATION_TRACE` in the environment keeps all.
const KEPT: usize = 60;

/// Records lines.
pub struct Trace(RefCell<Inner>);

struct Inner {
    // `DefaultHasher::new` has fixed keys: equal traces give equal hashes in one build.
    hasher: DefaultHasher,
    lines: VecDeque<String>,
    kept: usize,
}

impl Default for Trace {
    fn default() -> Self {
        let all = std::env::var_os("SIMULATION_TRACE").is_some();
        Trace(RefCell::new(Inner {
            hasher: DefaultHasher::new(),
            lines: VecDeque::new(),
            kept: if all { usize::MAX } else { KEPT },
        }))
    }
}

impl Trace {
    /// Records a line at a time, in milliseconds since the beginning.
    pub fn line(&self, at: u64, line: &str) {
        let mut inner = self.0.borrow_mut();
        (at, line).hash(&mut inner.hasher);
        if inner.lines.len() >= inner.kept {
            inner.lines.pop_front();
        }
        inner.lines.push_back(format!("{:>10} {line}", at));
    }

    /// Bytes that are part of what happened and that nobody reads, such as bodies.
    pub fn bytes(&self, bytes: &[u8]) {
        bytes.hash(&mut self.0.borrow_mut().hasher);
    }

    /// The hash of everything so far.
    pub fn hash(&self) -> u64 {
        self.0.borrow().hasher.finish()
    }

    /// The last lines.
    pub fn tail(&self) -> String {
        let inner = self.0.borrow();
        inner.lines.iter().map(|line| format!("{line}\n")).collect()
    }
}
