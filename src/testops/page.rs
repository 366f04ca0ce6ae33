//! Pages of lists: where they begin, and how many rows of a list are asked for.

use super::wire::Unreadable;
use crate::error::{Error, Kind, Result, Side};

/// Rows per page. The server takes more; fewer keep a page of long texts well below the memory of an instance.
pub const ROWS: usize = 200;
/// Rows of a list at the most, against a server that never says it is done.
const MOST: usize = 2_000_000;
/// So many rows in a row that no answer can hold are no matter of single rows any more.
const LOST_IN_A_ROW: usize = 5;

/// Where a page begins, and how many rows are asked for: [`ROWS`], or fewer where their answer would be larger than the host
/// accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Rows before it.
    at: usize,
    /// Rows that are asked for; `at` is a multiple of it.
    size: usize,
    /// Rows that the server answers at the most.
    most: usize,
    /// Rows right before it that are too large to be read.
    lost: usize,
}

impl Default for Place {
    fn default() -> Self {
        Place {
            at: 0,
            size: ROWS,
            most: ROWS,
            lost: 0,
        }
    }
}

impl Place {
    /// The query of the page: its number, counted in pages of its size, and its size.
    pub fn query(self) -> [(&'static str, usize); 2] {
        [("page", self.at / self.size), ("size", self.size)]
    }

    /// The same place with fewer rows; absent where one row was asked for.
    pub fn smaller(self) -> Option<Self> {
        let prime = (2..=self.size).find(|prime| self.size.is_multiple_of(*prime))?;
        let size = self.size / prime;
        Some(Place { size, ..self })
    }

    /// The place behind a page. `answered`: its size in the server's own words, which may be less than was asked for.
    pub fn after(self, answered: Option<usize>) -> Self {
        let less = answered.filter(|answered| (1..self.size).contains(answered));
        let at = self.at / self.size * less.unwrap_or(self.size);
        let most = less.unwrap_or(self.most);
        let read = Place {
            at,
            size: less.unwrap_or(self.size),
            most,
            lost: 0,
        };
        read.next()
    }

    /// The place behind a row that no answer can hold.
    ///
    /// # Errors
    ///
    /// Its neighbours before it were lost too.
    pub fn behind_lost(self, error: Error) -> Result<Self> {
        let lost = self.lost + 1;
        match lost < LOST_IN_A_ROW {
            true => Ok(Place { lost, ..self }.next()),
            false => Err(error.prefixed(&format!("{lost} rows in a row cannot be read, the last one so"))),
        }
    }

    /// What there is of its one row, which no answer can hold.
    pub fn lost_row(self, error: &Error) -> Unreadable {
        Unreadable {
            id: None,
            at: Some(self.at),
            name: format!("number {} by ascending id", self.at + 1),
            case: None,
            why: error.to_string(),
        }
    }

    /// Refuses a list that does not end.
    pub fn check(self) -> Result<()> {
        if self.at < MOST {
            return Ok(());
        }
        let message = format!("a list does not end after {MOST} rows");
        Err(Error::new(Kind::Unreachable, Side::TestOps, message))
    }

    /// Full pages begin again where one begins.
    fn next(self) -> Self {
        let at = self.at + self.size;
        let size = if at.is_multiple_of(self.most) {
            self.most
        } else {
            self.size
        };
        Place { at, size, ..self }
    }
}

/// One page of a list.
pub struct Page<T> {
    /// Rows.
    pub rows: Vec<T>,
    /// Rows that cannot be read.
    pub unreadable: Vec<Unreadable>,
    /// Where the next page begins; absent after the last one.
    pub next: Option<Place>,
    /// Rows in all pages, where the server says.
    pub total: Option<u64>,
}

impl<T> Page<T> {
    /// The same page with other rows.
    pub fn map<U>(self, change: impl FnMut(T) -> U) -> Page<U> {
        Page {
            rows: self.rows.into_iter().map(change).collect(),
            unreadable: self.unreadable,
            next: self.next,
            total: self.total,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{LOST_IN_A_ROW, Place, ROWS};
    use crate::error::{Error, Kind, Side};

    fn first() -> Place {
        Place::default()
    }

    #[test]
    fn a_page_is_made_smaller_down_to_one_row() {
        let sizes = std::iter::successors(Some(first()), |place| place.smaller());
        let sizes: Vec<usize> = sizes.map(|place| place.size).collect();
        assert_eq!(sizes, [200, 100, 50, 25, 5, 1]);
    }

    #[test]
    fn full_pages_begin_again_behind_the_one_that_was_too_large() {
        let half = first().smaller().unwrap();
        let second = half.after(Some(100));
        assert_eq!(second.query(), [("page", 1), ("size", 100)]);
        assert_eq!(second.after(None).query(), [("page", 1), ("size", ROWS)]);
    }

    #[test]
    fn pages_of_a_server_that_allows_fewer_rows_are_counted_in_its_own_size() {
        let second = first().after(Some(20));
        assert_eq!(second.query(), [("page", 1), ("size", 20)]);
        let smaller = second.smaller().unwrap();
        assert_eq!(smaller.query(), [("page", 2), ("size", 10)]);
        assert_eq!(
            smaller.after(Some(10)).after(Some(10)).query(),
            [("page", 2), ("size", 20)]
        );
    }

    #[test]
    fn a_list_ends_the_run_where_row_after_row_is_too_large() {
        let error = || Error::new(Kind::TooLarge, Side::TestOps, "too many bytes");
        let one = std::iter::successors(Some(first()), |place| place.smaller()).last();
        let mut place = one.unwrap();
        for _ in 1..LOST_IN_A_ROW {
            place = place.behind_lost(error()).unwrap();
        }
        assert_eq!(place.after(None).lost, 0);
        let ended = place.behind_lost(error()).unwrap_err();
        assert_eq!(
            ended.message,
            "5 rows in a row cannot be read, the last one so: too many bytes"
        );
    }
}
