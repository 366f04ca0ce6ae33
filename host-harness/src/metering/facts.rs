//! What the host counted of a call, for whoever called.

use std::collections::BTreeMap;
use std::time::Duration;

/// What the host counted during a call.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// From the call to its end.
    pub duration: Duration,
    /// Time the guest computed.
    pub cpu: Duration,
    /// Largest linear memory, in bytes.
    pub peak_memory: usize,
    /// By connection name; connections without a request are absent.
    pub connections: BTreeMap<String, Traffic>,
    /// Ledger rows read.
    pub ledger_reads: u64,
    /// Ledger rows written.
    pub ledger_writes: u64,
    /// Events received.
    pub events: u64,
}

/// What went over one connection.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Requests of the plugin that left the host, repeats after a renewed token included.
    pub requests: u64,
    /// Answers to them by the first digit of their status, 1 to 5; the rest had none.
    pub answers: [u64; 5],
    /// Token exchanges that the host made for them.
    pub token_exchanges: u64,
    /// Bytes of request bodies.
    pub bytes_sent: u64,
    /// Bytes of response bodies.
    pub bytes_received: u64,
    /// Requests that the gate denied.
    pub denied: u64,
    /// Answers that repeated a credential and were withheld.
    pub withheld: u64,
}

impl Traffic {
    /// Counts an answer.
    pub(crate) fn answered(&mut self, status: u16) {
        let class = usize::from(status / 100).wrapping_sub(1);
        if let Some(answers) = self.answers.get_mut(class) {
            *answers += 1;
        }
    }
}
