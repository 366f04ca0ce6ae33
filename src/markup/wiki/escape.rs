//! Making text inert.
//!
//! Two ways to say a character without its meaning: a backslash before it (the documented one, and the readable one),
//! and its numeric entity, for the places where Jira does not take a backslash: a backslash itself, letters and dots,
//! the text of a link, the inside of `{{ }}`, and the second of two braces (escaped braces become plain ones before
//! `{{ }}` is looked for).

use std::fmt::Write as _;

/// Where a text goes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spot {
    /// Only white space stands before it on its line, list item or cell.
    pub line_start: bool,
    /// Nothing follows it on its line.
    pub line_end: bool,
    /// Backslashes may not work: the text of a link, the inside of `{{ }}`.
    pub entities: bool,
}

/// Appends `text` so that Jira shows it as it is.
pub(super) fn push(out: &mut String, text: &str, spot: Spot) {
    let mut escaper = Escaper {
        out,
        spot,
        before: None,
        escaped: false,
        line_start: spot.line_start,
    };
    for (at, c) in text.char_indices() {
        let c = if c.is_control() && c != '\t' { ' ' } else { c };
        let from = text.get(at..).unwrap_or_default();
        escaper.put(c, from, text.get(..at).unwrap_or_default());
        escaper.before = Some(c);
        escaper.line_start &= c.is_whitespace();
    }
}

struct Escaper<'a> {
    out: &'a mut String,
    spot: Spot,
    /// The character before in the same text; what came before the text may be anything.
    before: Option<char>,
    /// Whether that one was written as an escape, all of which end in `;` once Jira has read them.
    escaped: bool,
    line_start: bool,
}

enum How {
    Plain,
    Backslash,
    Entity,
}

impl Escaper<'_> {
    fn put(&mut self, c: char, from: &str, until: &str) {
        let how = match self.how(c, from, until) {
            How::Backslash if self.spot.entities => How::Entity,
            how => how,
        };
        self.escaped = !matches!(how, How::Plain);
        match how {
            How::Plain => self.out.push(c),
            How::Backslash => self.out.extend(['\\', c]),
            How::Entity => {
                // Writing to a string cannot fail.
                let _ = write!(self.out, "&#{};", u32::from(c));
            }
        }
    }

    fn how(&self, c: char, from: &str, until: &str) -> How {
        let next = from.chars().nth(1);
        let live = match c {
            '{' | '}' if self.beside_brace(next) => return How::Entity,
            '{' | '}' | '[' | ']' | '|' => true,
            '*' | '_' | '-' | '+' | '^' | '~' => !self.inert_delimiter(next),
            '!' => !(next.is_some_and(char::is_whitespace) || (next.is_none() && self.spot.line_end)),
            '?' => next == Some('?') || self.before == Some('?') || self.out.ends_with('?'),
            '#' => self.line_start,
            // At the end of a piece the sign of a look may follow: `(` and `*` and `)` are a star.
            '(' => emoticon(from) || self.face_before() || (next.is_none() && !self.spot.line_end),
            ')' => self.face_before(),
            '\\' if next.is_some_and(|n| n.is_ascii_alphanumeric()) && !self.out.ends_with('\\') => false,
            '\\' => return How::Entity,
            '&' if entity(from) => return How::Entity,
            ':' if face(from) || scheme(until, next, self.spot.line_end) => return How::Entity,
            '.' if self.starts_block(until) => return How::Entity,
            _ => false,
        };
        if live { How::Backslash } else { How::Plain }
    }

    /// `*`, `_` and their kin mean something only at the edge of a word, or as the bullet of a line.
    fn inert_delimiter(&self, next: Option<char>) -> bool {
        let blank_next = next.map_or(self.spot.line_end, char::is_whitespace);
        let blank_before = self.before.is_some_and(char::is_whitespace);
        (self.before.is_some_and(letter) && next.is_some_and(letter))
            || (blank_before && blank_next && !self.line_start)
    }

    /// Escaped braces become plain ones early on: two of them, or one and the braces of a look, would be read anew.
    fn beside_brace(&self, next: Option<char>) -> bool {
        matches!(self.before, Some('{' | '}'))
            || self.out.ends_with(['{', '}'])
            || (next.is_none() && !self.spot.line_end)
    }

    /// `:)`, `;)` and `:(`; an escape before counts as a semicolon.
    fn face_before(&self) -> bool {
        self.escaped || self.out.ends_with([':', ';', '-'])
    }

    /// `h1.` to `h6.` and `bq.` at the start of a line.
    fn starts_block(&self, until: &str) -> bool {
        let word = until.trim_start().as_bytes();
        self.spot.line_start && matches!(word, b"bq" | [b'h', b'1'..=b'6'])
    }
}

/// Letters and digits Jira surely takes for such, so that a delimiter between two of them is part of a word. Others
/// may be letters too; escaping next to them does no harm.
pub(super) fn letter(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, 'À'..='Ö' | 'Ø'..='ö' | 'ø'..='ɏ' | 'Ѐ'..='ҁ' | 'Ҋ'..='ԯ')
}

/// `(x)` and the other signs in brackets.
fn emoticon(from: &str) -> bool {
    const SIGNS: [&str; 16] = [
        "(y)", "(n)", "(i)", "(/)", "(x)", "(!)", "(+)", "(-)", "(?)", "(on)", "(off)", "(*)", "(*r)", "(*g)", "(*b)",
        "(*y)",
    ];
    SIGNS.iter().any(|sign| from.starts_with(sign)) || from.starts_with("(flag")
}

/// `:D`, `:P` and `:p`, which a backslash before the letter would not stop.
fn face(from: &str) -> bool {
    from.starts_with(":D") || from.starts_with(":P") || from.starts_with(":p")
}

/// `&amp;`, `&#40;`: Jira leaves entities as they are.
fn entity(from: &str) -> bool {
    let name = from.get(1..).unwrap_or_default();
    let end = name
        .bytes()
        .take(32)
        .position(|byte| !(byte.is_ascii_alphanumeric() || byte == b'#'));
    end.is_some_and(|end| end > 0 && name.as_bytes().get(end) == Some(&b';'))
}

/// An address that holds no entity: in links, too, Jira would read `&#65;` as a letter.
pub(super) fn address(url: &str) -> String {
    let mut out = String::with_capacity(url.len());
    let mut entity_open = false;
    for (at, c) in url.char_indices() {
        if c == '&' {
            entity_open = entity(url.get(at..).unwrap_or_default());
        }
        if c == ';' && std::mem::take(&mut entity_open) {
            out.push_str("%3B");
        } else {
            out.push(c);
        }
    }
    out
}

/// The colon of an address Jira would make a link of without being asked. Ours are written as links.
fn scheme(until: &str, next: Option<char>, line_end: bool) -> bool {
    const SCHEMES: [&str; 32] = [
        "http",
        "https",
        "ftp",
        "ftps",
        "mailto",
        "nntp",
        "news",
        "irc",
        "ircs",
        "irc6",
        "file",
        "skype",
        "callto",
        "facetime",
        "git",
        "itms",
        "im",
        "jabber",
        "magnet",
        "notes",
        "ldap",
        "rtsp",
        "sip",
        "sips",
        "sms",
        "svn",
        "ssh",
        "tel",
        "xmpp",
        "smb",
        "onenote",
        "javascript",
    ];
    if next.map_or(line_end, char::is_whitespace) {
        return false;
    }
    let start = until.rfind(|c: char| !c.is_ascii_alphanumeric()).map_or(0, |at| {
        at + until
            .get(at..)
            .and_then(|rest| rest.chars().next())
            .map_or(1, char::len_utf8)
    });
    let word = until.get(start..).unwrap_or_default();
    next == Some('/') || SCHEMES.iter().any(|scheme| scheme.eq_ignore_ascii_case(word))
}
