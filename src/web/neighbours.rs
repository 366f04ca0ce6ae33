//! One bad item or everything: a run goes on past items that fail, and ends where different neighbours fail one after the
//! other.

use crate::error::{Error, Result};
use std::cell::RefCell;
use std::collections::BTreeSet;

/// So many different failures in a row are no matter of single items any more.
const IN_A_ROW: usize = 5;

/// Items that are read or written one after the other.
#[derive(Debug, Default)]
pub struct Neighbours {
    /// Messages of the items that failed since the last one that did not. What the same request failed with counts once,
    /// however many items need it.
    failed: RefCell<BTreeSet<String>>,
}

impl Neighbours {
    /// An item did not fail.
    pub fn passed(&self) {
        self.failed.borrow_mut().clear();
    }

    /// The error that an item failed with, where the run goes on with the next one.
    ///
    /// # Errors
    ///
    /// The error concerns more than the item: by its kind, or because the items before failed too. What a server refuses,
    /// does not have or answers in an unknown shape is always the item's own.
    pub fn failed(&self, error: Error) -> Result<Error> {
        if error.concerns_one_item() {
            self.passed();
            return Ok(error);
        }
        if error.ends_the_run() {
            return Err(error);
        }
        let mut failed = self.failed.borrow_mut();
        failed.insert(error.message.clone());
        match failed.len() {
            0..IN_A_ROW => Ok(error),
            number => Err(error.prefixed(&format!("{number} in a row failed, the last one so"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{IN_A_ROW, Neighbours};
    use crate::error::{Error, Kind, Side};

    fn error(kind: Kind, item: usize) -> Error {
        Error::new(kind, Side::TestOps, format!("GET testcase/{item} has no usable answer"))
    }

    #[test]
    fn a_run_ends_where_five_different_neighbours_fail_in_a_row() {
        for kind in [Kind::Unreachable, Kind::Permission] {
            let neighbours = Neighbours::default();
            for item in 1..IN_A_ROW {
                assert!(neighbours.failed(error(kind, item)).is_ok());
                assert!(
                    neighbours.failed(error(kind, item)).is_ok(),
                    "the same request counts once"
                );
            }
            let last = neighbours.failed(error(kind, IN_A_ROW)).unwrap_err();
            assert_eq!(
                last.message,
                "5 in a row failed, the last one so: GET testcase/5 has no usable answer"
            );
        }
    }

    #[test]
    fn one_that_passes_or_fails_on_its_own_account_breaks_the_row() {
        let neighbours = Neighbours::default();
        for round in 0..3 {
            for item in 1..IN_A_ROW {
                assert!(neighbours.failed(error(Kind::Unreachable, item)).is_ok(), "{round}");
            }
            match round {
                0 => neighbours.passed(),
                1 => assert!(neighbours.failed(error(Kind::Rejected, 9)).is_ok()),
                _ => assert!(neighbours.failed(error(Kind::Unreadable, 9)).is_ok()),
            }
        }
    }

    #[test]
    fn what_concerns_every_item_ends_the_run_at_once() {
        for kind in [
            Kind::Credential,
            Kind::Locked,
            Kind::RateLimited,
            Kind::Ledger,
            Kind::Cancelled,
        ] {
            assert!(Neighbours::default().failed(error(kind, 1)).is_err(), "{kind:?}");
        }
    }
}
