//! What edits of issues came to.

use crate::error::Error;

/// What became of an update.
#[derive(Clone, Debug)]
pub enum Updated {
    /// Everything was written.
    Done,
    /// Not everything was.
    Failed(Error),
    /// Nothing was sent, because the run ends.
    Unsent,
}

/// What updates came to, in their order.
#[derive(Clone, Debug)]
pub struct Updates {
    /// Each of them.
    pub each: Vec<Updated>,
    /// Why the run ends.
    pub stop: Option<Error>,
}

impl Updates {
    /// Changes what became of those that are done. The run ends with an error that ends it whatever its
    /// neighbours do.
    pub fn done_but(&mut self, owners: impl IntoIterator<Item = usize>, error: &Error) {
        for owner in owners {
            if let Some(slot @ Updated::Done) = self.each.get_mut(owner) {
                *slot = Updated::Failed(error.clone());
            }
        }
        if error.ends_the_run() {
            self.stop.get_or_insert_with(|| error.clone());
        }
    }

    /// The run ends before the rest of an update was sent; `begun`: something of it was written already.
    pub fn leave(&mut self, owner: usize, begun: bool) {
        let (Some(slot @ Updated::Done), Some(stop)) = (self.each.get_mut(owner), &self.stop) else {
            return;
        };
        *slot = match begun {
            true => Updated::Failed(stop.clone().prefixed("a part of it was written before the run ended")),
            false => Updated::Unsent,
        };
    }

    /// True where an update was written as far as it was sent.
    pub fn is_done(&self, owner: usize) -> bool {
        matches!(self.each.get(owner), Some(Updated::Done))
    }
}
