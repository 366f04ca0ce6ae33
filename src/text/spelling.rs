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
    let allowed = (word.len() / 3).max(1);
    known
        .into_iter()
        .map(|candidate| (distance(&word, &letters(candidate)), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

fn letters(word: &str) -> Vec<char> {
    let letters = |c: &char| !matches!(c, '-' | '_' | ' ');
    folded(word).chars().filter(letters).collect()
}

/// Letters to insert, remove, replace or swap with their neighbour (optimal string alignment).
fn distance(left: &[char], right: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in right.iter().enumerate() {
            let cell = |row: &[usize], column: usize| row.get(column).copied().unwrap_or(usize::MAX / 2);
            let mut best = (cell(&above, j) + usize::from(a != b))
                .min(cell(&above, j + 1) + 1)
                .min(cell(&row, j) + 1);
            let swapped = i > 0 && j > 0 && left.get(i - 1) == Some(b) && right.get(j - 1) == Some(a);
            if swapped {
                best = best.min(cell(&before, j - 1) + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut above, row);
    }
    above.last().copied().unwrap_or_default()
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

    #[test]
    fn a_swap_costs_less_than_two_replacements() {
        let chars = |text: &str| text.chars().collect::<Vec<_>>();
        assert_eq!(distance(&chars("abcd"), &chars("abdc")), 1);
        assert_eq!(distance(&chars("kitten"), &chars("sitting")), 3);
        assert_eq!(distance(&[], &chars("abc")), 3);
    }
}
