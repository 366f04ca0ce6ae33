//! A recording that is being replayed: its lines, and how far the replay got.

use serde_json::Value;

/// Longest line that a difference quotes, in characters.
const QUOTED: usize = 600;

pub(crate) struct Script {
    lines: Vec<Value>,
    at: usize,
    /// The first difference.
    difference: Option<Difference>,
}

/// Where a replay first did something else than its recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Number of the recording's line, from 1.
    pub line: usize,
    /// What the recording has there, shortened; empty at its end.
    pub recorded: String,
    /// What the plugin did, shortened.
    pub replayed: String,
}

impl Script {
    /// The lines of a recording but its first.
    pub(crate) fn new(lines: Vec<Value>) -> Self {
        Self {
            lines,
            at: 0,
            difference: None,
        }
    }

    /// Goes past the next line, which must be `line`, but for the member `open`.
    pub(super) fn expect(&mut self, line: &Value, open: Option<&str>) -> Result<Value, String> {
        let recorded = self.lines.get(self.at);
        if recorded.is_some_and(|recorded| equal(recorded, line, open)) {
            return Ok(self.take());
        }
        let replayed = quoted(&line.to_string());
        self.differs(replayed.clone());
        Err(replayed)
    }

    /// Goes past the next line.
    pub(super) fn take(&mut self) -> Value {
        let line = self.lines.get(self.at).cloned().unwrap_or_default();
        self.at += 1;
        line
    }

    /// The call that the next line answers.
    pub(super) fn done(&self) -> Option<u64> {
        self.lines.get(self.at)?.get("done")?.as_u64()
    }

    /// The plugin waits, and the next line is something that it should do.
    pub(super) fn missed(&mut self) {
        self.differs("the plugin waits".to_owned());
    }

    /// The first difference, or the lines that were left over.
    pub(super) fn difference(&self) -> Option<Difference> {
        self.difference.clone()
    }

    /// Lines gone past.
    pub(super) fn passed(&self) -> &[Value] {
        self.lines.get(..self.at).unwrap_or(&self.lines)
    }

    fn differs(&mut self, replayed: String) {
        let recorded = self.lines.get(self.at).map(ToString::to_string).unwrap_or_default();
        self.difference.get_or_insert_with(|| Difference {
            // The recording's first line is not among these.
            line: self.at + 2,
            recorded: quoted(&recorded),
            replayed,
        });
    }
}

fn equal(recorded: &Value, line: &Value, open: Option<&str>) -> bool {
    let Some(open) = open else { return recorded == line };
    let mut recorded = recorded.clone();
    if let Some(members) = recorded.as_object_mut() {
        members.remove(open);
    }
    recorded == *line
}

fn quoted(line: &str) -> String {
    match line.char_indices().nth(QUOTED) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line.to_owned(),
    }
}
