//! Which known word was meant.

use super::folded;

/// The known word that `word` was probably meant to be: at most a third of its letters are wrong. Case, `-` and `_`
/// do not count.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    /// No known word is longer; comparing costs the product of both lengths.
    const LONGEST: usize = 64;

    let word = letters(word);
    if word.is_empty() || word.len() > LONGEST {
        return None;
    }
    let allowed = (word.chars().count() / 3).max(1);
    known
        .into_iter()
        .map(|candidate| (strsim::osa_distance(&word, &letters(candidate)), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

fn letters(word: &str) -> String {
    folded(word).replace(['-', '_', ' '], "")
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [&str; 4] = ["endpoint", "xray-endpoint", "createdDate", "tag"];

    #[test]
    fn slips_of_the_finger_are_seen_through() {
        assert_eq!(nearest("endpiont", KNOWN), Some("endpoint"));
        assert_eq!(nearest("xray_endpoint", KNOWN), Some("xray-endpoint"));
        assert_eq!(nearest("CreatedData", KNOWN), Some("createdDate"));
        assert_eq!(nearest("tags", KNOWN), Some("tag"));
    }

    #[test]
    fn a_word_like_none_of_them_has_no_neighbour() {
        assert_eq!(nearest("password", KNOWN), None);
        assert_eq!(nearest("", KNOWN), None);
        assert_eq!(nearest(&"x".repeat(100_000), KNOWN), None);
    }
}
