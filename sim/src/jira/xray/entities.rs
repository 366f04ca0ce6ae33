//! HTML entities in the texts of steps.

use super::Step;

/// Entities that people and programs write.
const NAMED: [(&str, char); 5] = [("lt", '<'), ("gt", '>'), ("quot", '"'), ("apos", '\''), ("amp", '&')];

/// Puts the characters that they stand for in their place.
pub(super) fn decode(step: &mut Step) {
    for text in [&mut step.action, &mut step.data, &mut step.result] {
        *text = decoded(text);
    }
}

fn decoded(text: &str) -> String {
    let mut rest = text;
    let mut out = String::with_capacity(text.len());
    while let Some(at) = rest.find('&') {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let found = from
            .find(';')
            .and_then(|end| Some((end, character(from.get(1..end)?)?)));
        match found {
            Some((end, character)) => {
                out.push(character);
                rest = from.get(end + 1..).unwrap_or_default();
            }
            None => {
                out.push('&');
                rest = from.get(1..).unwrap_or_default();
            }
        }
    }
    out + rest
}

fn character(name: &str) -> Option<char> {
    match name.strip_prefix('#') {
        Some(number) => number.parse().ok().and_then(char::from_u32),
        None => NAMED
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, character)| *character),
    }
}

#[cfg(test)]
mod tests {
    use super::decoded;

    #[test]
    fn entities_become_their_characters_and_everything_else_stays() {
        assert_eq!(
            decoded("a &lt;b&gt; &#123;c&#125; &amp;amp; & &x; &"),
            "a <b> {c} &amp; & &x; &"
        );
    }
}
