//! Text search: words, prefixes and phrases.

/// One term of a text search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Term {
    Word(String),
    Prefix(String),
    Phrase(Vec<String>),
}

/// Words of a text in lower case, as the index keeps them.
pub(super) fn split_words(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    let words = lower.split(|c: char| !c.is_alphanumeric() && c != '_');
    words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// The terms of a text search.
pub(super) fn terms(text: &str) -> Vec<Term> {
    let mut terms = Vec::new();
    for (i, part) in text.split('"').enumerate() {
        if i % 2 == 1 {
            terms.push(Term::Phrase(split_words(part)));
            continue;
        }
        for word in part.split_whitespace() {
            let pieces = split_words(word);
            match (pieces.as_slice(), word.ends_with('*')) {
                ([], _) => {}
                ([stem], true) => terms.push(Term::Prefix(stem.clone())),
                ([single], false) => terms.push(Term::Word(single.clone())),
                _ => terms.push(Term::Phrase(pieces)),
            }
        }
    }
    terms
}
