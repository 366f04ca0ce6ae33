//! The known word that a misspelt one was probably meant to be.

/// Below this Jaro-Winkler similarity a suggestion puzzles more than it helps.
const SIMILAR_ENOUGH: f64 = 0.75;

/// The closest of `known`, where one is close.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded = fold(word);
    known
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(&folded, &fold(candidate)), candidate))
        .filter(|(similarity, _)| *similarity >= SIMILAR_ENOUGH)
        .max_by(|(left, _), (right, _)| left.total_cmp(right))
        .map(|(_, candidate)| candidate)
}

/// `projectId`, `project_id` and `project-id` are one word to the person who typed it.
fn fold(word: &str) -> String {
    word.chars()
        .filter(|character| !matches!(character, '-' | '_'))
        .flat_map(char::to_lowercase)
        .collect()
}

/// What to suggest for an unknown word: the nearest known one, or else all of them.
pub fn hint<'a>(word: &str, known: impl IntoIterator<Item = &'a str> + Clone) -> Option<String> {
    if let Some(near) = nearest(word, known.clone()) {
        return Some(format!("did you mean `{near}`?"));
    }
    let all: Vec<String> = known.into_iter().map(|key| format!("`{key}`")).collect();
    (!all.is_empty()).then(|| format!("known here: {}", all.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_spellings_of_one_word_are_recognised() {
        for typed in ["project_id", "projectId", "proect-id", "PROJECT-ID"] {
            assert_eq!(
                nearest(typed, ["endpoint", "project-id", "token"]),
                Some("project-id"),
                "{typed}"
            );
        }
    }

    #[test]
    fn a_word_like_no_other_gets_the_list() {
        assert_eq!(nearest("zzz", ["endpoint", "token"]), None);
        assert_eq!(
            hint("zzz", ["endpoint", "token"]).as_deref(),
            Some("known here: `endpoint`, `token`")
        );
    }
}
