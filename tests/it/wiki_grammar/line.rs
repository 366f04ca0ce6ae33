//! What is found inside a line, in the order the renderer looks for it.

use super::{Live, Page};

/// A character, or a place where something finished stands (`None`).
type Piece = Option<char>;

pub fn read(wiki: &str, page: &mut Page) {
    let mut shown: Vec<(Piece, String)> = Vec::new();
    links(wiki, &mut shown, page);
    let pieces = escapes(&shown);
    let mut pieces = pieces;
    smileys_and_dashes(&pieces, page);
    pictures(&mut pieces, page);
    for (sign, name) in [
        ("??", "cite"),
        ("*", "strong"),
        ("^", "sup"),
        ("~", "sub"),
        ("_", "em"),
        ("-", "del"),
        ("+", "ins"),
    ] {
        looks(&mut pieces, sign, sign, name, page);
    }
    looks(&mut pieces, "{{", "}}", "code", page);
    page.text.push_str(&shown_text(&pieces));
    page.text.push('\n');
}

/// Takes links and bare addresses out; what they show stays as a finished piece.
fn links(wiki: &str, shown: &mut Vec<(Piece, String)>, page: &mut Page) {
    const SCHEMES: [&str; 20] = [
        "http://",
        "https://",
        "ftp://",
        "ftps://",
        "mailto:",
        "nntp://",
        "news://",
        "irc://",
        "file:",
        "skype:",
        "callto:",
        "facetime:",
        "git:",
        "magnet:",
        "sip:",
        "sms:",
        "svn:",
        "tel:",
        "xmpp:",
        "notes:",
    ];
    let mut at = 0;
    while let Some(c) = wiki[at..].chars().next() {
        let rest = &wiki[at..];
        let before = wiki[..at].chars().next_back();
        if c == '['
            && before != Some('\\')
            && let Some(end) = link_end(rest)
        {
            let inner = &rest[1..end];
            let (label, target) = inner.rsplit_once('|').unwrap_or(("", inner));
            page.live.push(Live::Link(target.to_owned()));
            let label = if label.is_empty() { target } else { label };
            shown.push((None, label.to_owned()));
            at += end + 1;
            continue;
        }
        let word = before.is_some_and(char::is_alphanumeric);
        let lower = rest
            .get(..10.min(rest.len()))
            .map(str::to_ascii_lowercase)
            .unwrap_or_default();
        let quoted = matches!(before, Some('!' | '|' | '"' | '\'' | '['));
        if !word && !quoted && SCHEMES.iter().any(|scheme| lower.starts_with(scheme)) {
            let colon = rest.find(':').unwrap_or(0);
            if rest[colon + 1..].chars().next().is_some_and(|c| !c.is_whitespace()) {
                let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
                page.live.push(Live::Bare(rest[..end].to_owned()));
            }
        }
        shown.push((Some(c), String::new()));
        at += c.len_utf8();
    }
}

fn link_end(rest: &str) -> Option<usize> {
    let bytes = rest.as_bytes();
    let end =
        (1..bytes.len()).find(|at| matches!(bytes[*at], b'\n') || (bytes[*at] == b']' && bytes[*at - 1] != b'\\'))?;
    (bytes[end] == b']' && end > 1).then_some(end)
}

/// A piece after the escapes: a character, or finished text.
#[derive(Debug, Clone, PartialEq)]
enum Mark {
    Char(char),
    Done(String),
    /// The edge of a look: shows nothing, is no letter.
    Edge,
}

fn escapes(shown: &[(Piece, String)]) -> Vec<Mark> {
    let mut out = Vec::new();
    let mut at = 0;
    while at < shown.len() {
        match &shown[at] {
            (None, text) => out.push(Mark::Done(text.clone())),
            (Some('\\'), _) => {
                let next = shown.get(at + 1).and_then(|piece| piece.0);
                let doubled = at > 0 && shown[at - 1].0 == Some('\\');
                match next {
                    Some(c) if !doubled && "{}[]".contains(c) => {
                        out.push(Mark::Char(c));
                        at += 1;
                    }
                    Some(c) if !doubled && "-#*_+?^~|%()!@".contains(c) => {
                        out.extend(format!("&#{};", u32::from(c)).chars().map(Mark::Char));
                        at += 1;
                    }
                    _ => out.push(Mark::Char('\\')),
                }
            }
            (Some(c), _) => out.push(Mark::Char(*c)),
        }
        at += 1;
    }
    out
}

fn starts_with(pieces: &[Mark], text: &str) -> bool {
    let mut at = pieces.iter();
    text.chars().all(|c| at.next() == Some(&Mark::Char(c)))
}

fn is_word(piece: Option<&Mark>) -> bool {
    matches!(piece, Some(Mark::Char(c)) if c.is_alphanumeric())
}

fn smileys_and_dashes(pieces: &[Mark], page: &mut Page) {
    const SMILEYS: [&str; 26] = [
        ":)", ":-)", ":(", ":-(", ":P", ":p", ":D", ";)", ";-)", "(y)", "(n)", "(i)", "(/)", "(x)", "(!)", "(+)",
        "(-)", "(?)", "(on)", "(off)", "(*)", "(*r)", "(*g)", "(*b)", "(*y)", "(flag)",
    ];
    for at in 0..pieces.len() {
        let rest = &pieces[at..];
        for smiley in SMILEYS {
            if starts_with(rest, smiley) && !is_word(rest.get(smiley.len())) {
                page.live.push(Live::Smiley(smiley));
            }
        }
        let alone = |length: usize| {
            let before = at.checked_sub(1).and_then(|at| pieces.get(at));
            let blank = |piece: Option<&Mark>| matches!(piece, Some(Mark::Char(c)) if c.is_whitespace());
            blank(before) && blank(rest.get(length))
        };
        if (starts_with(rest, "--") && alone(2)) || (starts_with(rest, "---") && alone(3)) {
            page.live.push(Live::Dash);
        }
    }
}

/// Where a phrase that starts after `open` at `at` ends: content non-empty, no blank at its ends, one line.
fn phrase(pieces: &[Mark], at: usize, open: usize, close: &str) -> Option<usize> {
    let start = at + open;
    let blank = |piece: &Mark| matches!(piece, Mark::Char(c) if c.is_whitespace());
    let first = pieces.get(start)?;
    if blank(first) || starts_with(&pieces[start..], &close[..1]) {
        return None;
    }
    for end in start + 1..=pieces.len() {
        if matches!(pieces.get(end - 1), Some(Mark::Char(c)) if c.is_control()) {
            return None;
        }
        let rest = pieces.get(end..)?;
        let braces = format!("{{{close}}}");
        let closes =
            (starts_with(rest, close) && !is_word(rest.get(close.chars().count()))) || starts_with(rest, &braces);
        let last = &pieces[end - 1];
        if closes && !blank(last) && *last != Mark::Char('\\') {
            return Some(end);
        }
    }
    None
}

fn looks(pieces: &mut Vec<Mark>, open: &'static str, close: &'static str, name: &'static str, page: &mut Page) {
    let mut at = 0;
    while at < pieces.len() {
        let rest = &pieces[at..];
        let braces = format!("{{{open}}}");
        let before = at.checked_sub(1).and_then(|at| pieces.get(at));
        let plain = starts_with(rest, open) && !is_word(before) && before != Some(&Mark::Char('\\'));
        let length = if starts_with(rest, &braces) {
            braces.len()
        } else {
            open.len()
        };
        if !(plain || starts_with(rest, &braces)) {
            at += 1;
            continue;
        }
        let Some(end) = phrase(pieces, at, length, close) else {
            at += 1;
            continue;
        };
        let tail = &pieces[end..];
        let closing = if starts_with(tail, &format!("{{{close}}}")) {
            close.len() + 2
        } else {
            close.len()
        };
        let content = pieces[at + length..end].to_vec();
        page.live.push(Live::Look(name, shown_text(&content)));
        let mut replaced = vec![Mark::Edge];
        replaced.extend(content);
        replaced.push(Mark::Edge);
        let skip = replaced.len();
        pieces.splice(at..end + closing, replaced);
        at += skip;
    }
}

fn pictures(pieces: &mut Vec<Mark>, page: &mut Page) {
    let mut at = 0;
    while at < pieces.len() {
        let before = at.checked_sub(1).and_then(|at| pieces.get(at));
        let opens = pieces[at] == Mark::Char('!') && !is_word(before) && before != Some(&Mark::Char('\\'));
        let end = if opens { phrase(pieces, at, 1, "!") } else { None };
        match end {
            Some(end) if end - at > 5 => {
                let source = shown_text(&pieces[at + 1..end]);
                page.live.push(Live::Picture(source));
                pieces.splice(at..=end, [Mark::Edge]);
            }
            _ => {}
        }
        at += 1;
    }
}

/// Joins the pieces, entities decoded; two lone backslashes are a line end.
fn shown_text(pieces: &[Mark]) -> String {
    let mut out = String::new();
    let mut run = String::new();
    let mut at = 0;
    while at < pieces.len() {
        match &pieces[at] {
            Mark::Char('\\') if forces_break(pieces, at) => {
                run.push('\n');
                at += 1;
            }
            Mark::Char(c) => run.push(*c),
            // Finished text is one thing; no entity reaches into it.
            Mark::Done(text) => {
                out.push_str(&decode(&std::mem::take(&mut run)));
                out.push_str(&decode(text));
            }
            Mark::Edge => {}
        }
        at += 1;
    }
    out + &decode(&run)
}

fn forces_break(pieces: &[Mark], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|at| pieces.get(at));
    let word = pieces.get(at + 2..).unwrap_or_default().iter();
    let mut word = word.take_while(|piece| !matches!(piece, Mark::Char(c) if c.is_whitespace()));
    starts_with(&pieces[at..], "\\\\")
        && before != Some(&Mark::Char('\\'))
        && !word.any(|piece| *piece == Mark::Char('\\'))
}

fn decode(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        let entity = rest[at..].find(';').map(|end| &rest[at + 1..at + end]);
        let c = entity.and_then(|name| match name.strip_prefix('#') {
            Some(number) => number.parse().ok().and_then(char::from_u32),
            None => [("amp", '&'), ("lt", '<'), ("gt", '>'), ("quot", '"')]
                .iter()
                .find(|(n, _)| *n == name)
                .map(|p| p.1),
        });
        match (c, entity) {
            (Some(c), Some(name)) => {
                out.push(c);
                rest = &rest[at + name.len() + 2..];
            }
            _ => {
                out.push('&');
                rest = &rest[at + 1..];
            }
        }
    }
    out + rest
}
