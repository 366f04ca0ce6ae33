//! What Jira's renderer would make of wiki markup: a small reader of its grammar, independent of the writer.
//!
//! It works in the renderer's own stages, because a text that is inert for one stage can come alive in a later one:
//! macros; blocks, line by line; links and bare addresses; backslash escapes (which become numeric entities, braces
//! and brackets become themselves); dashes; smileys; pictures; looks; forced line breaks; entities.

/// Something that lives.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Live {
    /// `{name}`
    Macro(String),
    /// `h1.`
    Heading(u8),
    /// `bq.`
    BlockQuote,
    /// `----`
    Rule,
    /// A list item with its bullets.
    Item(String),
    /// A cell of a table; true for `||`.
    Cell(bool),
    /// `[label|target]`, target.
    Link(String),
    /// A bare address Jira would link.
    Bare(String),
    /// `!source!`
    Picture(String),
    /// A smiley.
    Smiley(&'static str),
    /// A dash made of hyphens.
    Dash,
    /// A look by its sign, and the text it has, entities decoded.
    Look(&'static str, String),
}

/// What is shown.
#[derive(Debug, Default)]
pub struct Page {
    /// What lives, in the order found.
    pub live: Vec<Live>,
    /// The text, with line ends between blocks, cells and lines.
    pub text: String,
}

/// A character, or a place where something finished stands (`None`).
type Piece = Option<char>;

/// Reads markup.
pub fn read(wiki: &str) -> Page {
    let mut page = Page::default();
    macros(wiki, &mut page);
    page
}

// Macros

fn macros(wiki: &str, page: &mut Page) {
    let mut plain = String::new();
    let mut rest = wiki;
    let mut before = None;
    while let Some(c) = rest.chars().next() {
        let doubled = rest.starts_with("{{") || before == Some('{');
        let tag = if c == '{' && before != Some('\\') && !doubled {
            macro_tag(rest)
        } else {
            None
        };
        let Some((name, length)) = tag else {
            plain.push(c);
            before = Some(c);
            rest = &rest[c.len_utf8()..];
            continue;
        };
        page.live.push(Live::Macro(name.to_owned()));
        let after = &rest[length..];
        let close = format!("{{{name}}}");
        let (body, after) = match after.find(&close) {
            Some(at) => (&after[..at], &after[at + close.len()..]),
            None => ("", after),
        };
        if matches!(name, "code" | "noformat") {
            blocks(&std::mem::take(&mut plain), page);
            page.text.push('\n');
            page.text.push_str(body);
            page.text.push('\n');
        } else {
            blocks(&std::mem::take(&mut plain), page);
            macros(body, page);
        }
        before = Some('}');
        rest = after;
    }
    blocks(&plain, page);
}

/// `{name}` or `{name:anything}`: its name and length.
fn macro_tag(source: &str) -> Option<(&str, usize)> {
    let end = source.find('}')?;
    let inner = &source[1..end];
    let name = inner.split(':').next().unwrap_or_default();
    let named = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    (named && !inner.contains(['\n', '{'])).then_some((name, end + 1))
}

// Blocks

fn blocks(wiki: &str, page: &mut Page) {
    let mut paragraph = String::new();
    let mut in_list = false;
    for line in wiki.split('\n') {
        let trimmed = line.trim_start();
        let blank = trimmed.trim().is_empty();
        let bullets: String = trimmed.chars().take_while(|c| "*#-".contains(*c)).collect();
        let is_item = !bullets.is_empty()
            && trimmed[bullets.len()..].starts_with([' ', '\t'])
            && !(trimmed.starts_with("--") && bullets.len() < 4 && bullets.chars().all(|c| c == '-'));
        let level = trimmed
            .strip_prefix('h')
            .and_then(|rest| rest.chars().next())
            .and_then(|c| c.to_digit(10));
        let heading = level.filter(|level| (1..=6).contains(level) && trimmed[2..].starts_with('.'));
        let rule = trimmed.trim_end().len() >= 4 && trimmed.trim_end().chars().all(|c| c == '-');
        if blank {
            flush(&mut paragraph, page);
            in_list = false;
        } else if is_item {
            flush(&mut paragraph, page);
            in_list = true;
            page.live.push(Live::Item(bullets.clone()));
            paragraph.push_str(trimmed[bullets.len()..].trim());
            paragraph.push('\n');
        } else if in_list {
            // Lines after an item belong to it; what they start with would still be read as a block there.
            paragraph.push_str(line);
            paragraph.push('\n');
            start_of_line(trimmed, page);
        } else if let Some(level) = heading {
            flush(&mut paragraph, page);
            page.live.push(Live::Heading(level as u8));
            inline(trimmed[3..].trim(), page);
        } else if rule {
            flush(&mut paragraph, page);
            page.live.push(Live::Rule);
        } else if trimmed.starts_with('|') {
            flush(&mut paragraph, page);
            row(trimmed.trim(), page);
        } else {
            start_of_line(trimmed, page);
            paragraph.push_str(line);
            paragraph.push('\n');
        }
    }
    flush(&mut paragraph, page);
}

/// Blocks that may start where a paragraph's or item's line starts.
fn start_of_line(line: &str, page: &mut Page) {
    let line = line.trim_start();
    if line.starts_with("bq.") {
        page.live.push(Live::BlockQuote);
    }
    let mut chars = line.chars();
    if chars.next() == Some('h') && matches!(chars.next(), Some('1'..='6')) && chars.next() == Some('.') {
        page.live.push(Live::Heading(0));
    }
    if line.starts_with('|') {
        page.live.push(Live::Cell(false));
    }
    let bullets = line.chars().take_while(|c| "*#-".contains(*c)).count();
    if bullets > 0 && line[bullets..].starts_with([' ', '\t']) {
        page.live.push(Live::Item(line[..bullets].to_owned()));
    }
}

fn flush(paragraph: &mut String, page: &mut Page) {
    let paragraph = std::mem::take(paragraph);
    if !paragraph.trim().is_empty() {
        // A line that is an item's text starts a line too.
        start_of_line(&paragraph, page);
        inline(paragraph.trim_end_matches('\n'), page);
    }
}

fn row(line: &str, page: &mut Page) {
    let chars: Vec<char> = line.chars().collect();
    let mut at = 0;
    let mut cell = String::new();
    let mut open = false;
    let mut depth = 0;
    while at < chars.len() {
        let escaped = at > 0 && chars[at - 1] == '\\';
        match chars[at] {
            '|' if !escaped && depth == 0 => {
                if open {
                    start_of_line(&cell, page);
                    inline(&std::mem::take(&mut cell), page);
                }
                let header = chars.get(at + 1) == Some(&'|');
                at += usize::from(header) + 1;
                open = at < chars.len();
                if open {
                    page.live.push(Live::Cell(header));
                }
                continue;
            }
            '[' if !escaped => depth += 1,
            ']' if !escaped && depth > 0 => depth -= 1,
            // `!source|thumbnail!` keeps its bar.
            '!' if !escaped && closes_picture(&chars[at + 1..]) => {
                let length = chars[at + 1..].iter().position(|c| *c == '!').unwrap_or(0);
                cell.extend(&chars[at..=at + 1 + length]);
                at += length + 2;
                continue;
            }
            _ => {}
        }
        cell.push(chars[at]);
        at += 1;
    }
    if open && !cell.is_empty() {
        inline(&cell, page);
    }
}

fn closes_picture(after: &[char]) -> bool {
    after.iter().position(|c| *c == '!').is_some_and(|end| {
        let inner: String = after[..end].iter().collect();
        inner.contains("|thumbnail") || inner.contains("|alt=")
    })
}

// Lines

fn inline(wiki: &str, page: &mut Page) {
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

mod reads {
    use super::{Live, read};

    #[test]
    fn what_lives_in_jira() {
        let page = read("h1. Title\n\n* *bold* _em_ :) {color:red}x{color}\n\n||a||b||\n|1|[x|http://e.com]|\n\nbq. q");
        for expected in [
            Live::Heading(1),
            Live::Item("*".into()),
            Live::Look("strong", "bold".into()),
            Live::Look("em", "em".into()),
            Live::Smiley(":)"),
            Live::Macro("color".into()),
            Live::Cell(true),
            Live::Cell(false),
            Live::Link("http://e.com".into()),
            Live::BlockQuote,
        ] {
            assert!(page.live.contains(&expected), "{expected:?} not in {:?}", page.live);
        }
    }

    #[test]
    fn what_comes_alive_only_after_the_escapes() {
        // Escaped braces become braces before `{{ }}` is looked for, an escaped star ends in a semicolon.
        assert_eq!(read(r"\{\{x\}\}").live, [Live::Look("code", "x".into())]);
        assert_eq!(read(r"(a\*)").live, [Live::Smiley(";)")]);
        assert_eq!(read(r"see http://e.com !http://e.com/a.png! -x- {{y}}").live.len(), 4);
    }

    #[test]
    fn nothing_where_nothing_is() {
        let page = read(r"a \* b \[x\] snake_case 1-2 \{html\} &#92;");
        assert_eq!(
            (page.live, page.text.trim()),
            (vec![], r"a * b [x] snake_case 1-2 {html} \")
        );
    }
}
