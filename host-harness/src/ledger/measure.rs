//! What stores of every kind measure keys and rows by: their order and their size.

use super::{Key, LedgerError, Link, Quota};

/// The sort number of an id: itself where it is a number in its only spelling, else behind all numbers.
pub(super) fn number(id: &str) -> i64 {
    id.parse::<i64>()
        .ok()
        .filter(|number| *number >= 0 && number.to_string() == id)
        .unwrap_or(i64::MAX)
}

/// Sum of a key's texts, in bytes.
pub(super) fn key_size(key: &Key) -> usize {
    key.entity.len() + key.destination.len() + key.id.len()
}

/// Sum of a row's texts, in bytes.
pub(super) fn size(link: &Link) -> usize {
    let optional = [&link.issue_id, &link.issue_key, &link.token, &link.created_by];
    let texts = [&link.fingerprint, &link.stamp, &link.detail];
    key_size(&link.key)
        + texts.into_iter().map(String::len).sum::<usize>()
        + optional
            .into_iter()
            .map(|text| text.as_ref().map_or(0, String::len))
            .sum::<usize>()
}

/// Whether a row fits.
pub(super) fn check_size(link: &Link, quota: Quota) -> Result<(), LedgerError> {
    if size(link) > quota.row_bytes {
        return Err(LedgerError::TooLarge(format!(
            "a row has more than {} bytes",
            quota.row_bytes
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn only_the_one_spelling_of_a_number_sorts_as_a_number() {
        assert_eq!((number("0"), number("42")), (0, 42));
        for id in ["", "007", "-1", "+1", "a", "99999999999999999999"] {
            assert_eq!(number(id), i64::MAX, "{id}");
        }
    }
}
