//! What Jira's renderer would make of wiki markup: a small reader of its grammar, independent of the writer.
//!
//! It works in the renderer's own stages, because a text that is inert for one stage can come alive in a later one:
//! macros; blocks, line by line; links and bare addresses; backslash escapes (which become numeric entities, braces
//! and brackets become themselves); dashes; smileys; pictures; looks; forced line breaks; entities.

mod line;

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
            line::read(trimmed[3..].trim(), page);
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
        line::read(paragraph.trim_end_matches('\n'), page);
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
                    line::read(&std::mem::take(&mut cell), page);
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
        line::read(&cell, page);
    }
}

fn closes_picture(after: &[char]) -> bool {
    after.iter().position(|c| *c == '!').is_some_and(|end| {
        let inner: String = after[..end].iter().collect();
        inner.contains("|thumbnail") || inner.contains("|alt=")
    })
}

#[cfg(test)]
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
