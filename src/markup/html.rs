//! Reads the raw HTML inside Markdown: a few tags by name, everything else comes out as the text it is.
//!
//! Testers write `<login>` meaning a placeholder far more often than a tag, so an unknown tag is text, and nothing
//! can be hidden in it: no scripts, styles, frames, or handlers have a place in the tree to go to.

use pulldown_cmark::{Event, Parser};

use super::builder::{Builder, CellShape, Open, Origin};
use super::loss::What;
use super::markdown::clean_language;
use super::tree::Marks;

/// Longest tag or entity looked for. Beyond it `<` is text, so that unclosed tags cost no square.
const MAX_TAG: usize = 4096;
/// Longest entity: `&CounterClockwiseContourIntegral;`, the longest name of HTML's list.
const MAX_ENTITY: usize = 33;

/// What white space means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Space {
    /// As in a Markdown line.
    Kept,
    /// As in HTML: any run of it is one space.
    Collapsed,
}

pub(super) fn read(source: &str, space: Space, builder: &mut Builder) {
    let mut rest = source;
    let mut comments_end = true;
    while let Some(at) = rest.find('<') {
        let (before, tag_on) = rest.split_at(at);
        text(before, space, builder);
        if comments_end && tag_on.starts_with("<!--") {
            if let Some(end) = tag_on.find("-->") {
                builder.losses.note(What::HtmlComment);
                rest = tag_on.get(end + 3..).unwrap_or_default();
                continue;
            }
            comments_end = false;
        }
        match Tag::parse(tag_on) {
            Some((tag, length)) => {
                let raw = tag_on.get(..length).unwrap_or_default();
                if !apply(&tag, builder) {
                    builder.losses.note_at(What::HtmlTag, raw);
                    builder.text(raw);
                }
                rest = tag_on.get(length..).unwrap_or_default();
            }
            None => {
                builder.text("<");
                rest = tag_on.get(1..).unwrap_or_default();
            }
        }
    }
    text(rest, space, builder);
}

fn text(raw: &str, space: Space, builder: &mut Builder) {
    if raw.is_empty() {
        return;
    }
    let decoded = decode(raw);
    if space == Space::Kept || builder.is_preformatted() {
        builder.text(&decoded);
        return;
    }
    let mut joined = String::with_capacity(decoded.len());
    for c in decoded.chars() {
        if !c.is_ascii_whitespace() {
            joined.push(c);
        } else if !joined.ends_with(' ') {
            joined.push(' ');
        }
    }
    let shown = if builder.mid_line() {
        joined.as_str()
    } else {
        joined.trim_start()
    };
    if !shown.is_empty() {
        builder.text(shown);
    }
}

/// Does what a tag says; false if we do not know it.
fn apply(tag: &Tag<'_>, builder: &mut Builder) -> bool {
    if tag.attribute("style").is_some() || tag.attribute("color").is_some() {
        builder.losses.note(What::Colour);
    }
    let name = tag.name.to_ascii_lowercase();
    if let Some(mark) = look(&name) {
        // `<pre><code class="language-x">` is one code block.
        if !builder.in_code() {
            builder.mark(mark, !tag.closing, Origin::Html);
        }
        return true;
    }
    match name.as_str() {
        "br" => builder.line_break(),
        "hr" => builder.rule(),
        "img" => {
            let alt = tag.attribute("alt").unwrap_or_default();
            builder.place_picture(&tag.attribute("src").unwrap_or_default(), alt);
        }
        "a" if tag.closing => builder.close_html_link(),
        "a" => match tag.attribute("href") {
            Some(address) => builder.open_link(&address, Origin::Html),
            // An anchor to be linked to.
            None => builder.close_html_link(),
        },
        // Tags that only group or colour.
        "span" | "font" | "small" | "big" | "mark" | "abbr" | "thead" | "tbody" | "tfoot" | "colgroup" | "col"
        | "wbr" | "center" | "label" => {}
        _ => return block(&name, tag, builder),
    }
    true
}

fn look(name: &str) -> Option<Marks> {
    Some(match name {
        "b" | "strong" => Marks::STRONG,
        "i" | "em" | "cite" => Marks::EM,
        "u" | "ins" => Marks::UNDERLINE,
        "s" | "del" | "strike" => Marks::STRIKE,
        "code" | "kbd" | "samp" | "tt" => Marks::CODE,
        "sub" => Marks::SUB,
        "sup" => Marks::SUP,
        _ => return None,
    })
}

fn block(name: &str, tag: &Tag<'_>, builder: &mut Builder) -> bool {
    let open = match name {
        "p" | "div" | "section" | "article" | "details" | "summary" | "figure" | "figcaption" | "caption" | "dl"
        | "dt" | "dd" => Open::Paragraph,
        "h1" => Open::Heading(1),
        "h2" => Open::Heading(2),
        "h3" => Open::Heading(3),
        "h4" => Open::Heading(4),
        "h5" => Open::Heading(5),
        "h6" => Open::Heading(6),
        "pre" => Open::Code(tag.attribute("lang").as_deref().and_then(clean_language)),
        "blockquote" => Open::Quote,
        "ul" => Open::List(None),
        "ol" => Open::List(Some(
            tag.attribute("start")
                .and_then(|number| number.parse().ok())
                .unwrap_or(1),
        )),
        "li" => Open::Item,
        "table" => Open::Table,
        "tr" => Open::Row,
        "td" | "th" => Open::Cell(CellShape {
            header: name == "th",
            columns: span(tag, "colspan").max(1),
            // None at all means all that follow.
            rows: match span(tag, "rowspan") {
                0 => usize::MAX,
                rows => rows,
            },
        }),
        _ => return false,
    };
    if tag.closing {
        builder.close_html(&open);
    } else {
        builder.open_html(open);
    }
    true
}

/// How many rows or columns a cell reaches over; 1 where nothing sensible is given.
fn span(tag: &Tag<'_>, name: &str) -> usize {
    let value = tag.attribute(name);
    value.and_then(|value| value.trim().parse().ok()).unwrap_or(1)
}

/// A tag as written.
struct Tag<'a> {
    name: &'a str,
    closing: bool,
    attributes: &'a str,
}

impl<'a> Tag<'a> {
    /// The tag at the start of `source` and its length, if there is a whole one.
    fn parse(source: &'a str) -> Option<(Tag<'a>, usize)> {
        let inner = source.strip_prefix('<')?;
        let (closing, inner) = match inner.strip_prefix('/') {
            Some(inner) => (true, inner),
            None => (false, inner),
        };
        let name_length = inner
            .bytes()
            .take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
            .count();
        let name = inner.get(..name_length)?;
        if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return None;
        }
        let after = inner.get(name_length..)?;
        let end = end_of_tag(after)?;
        let attributes = after.get(..end)?;
        if !(attributes.is_empty() || attributes.starts_with(|c: char| c.is_ascii_whitespace() || c == '/')) {
            return None;
        }
        let start = source.len() - after.len();
        Some((
            Tag {
                name,
                closing,
                attributes,
            },
            start + end + 1,
        ))
    }

    /// The value of an attribute, entities decoded.
    fn attribute(&self, wanted: &str) -> Option<String> {
        let mut rest = self.attributes;
        loop {
            rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
            let name_length = rest
                .find(|c: char| c.is_ascii_whitespace() || c == '=' || c == '/')
                .unwrap_or(rest.len());
            if rest.is_empty() {
                return None;
            }
            let (name, after) = rest.split_at(name_length);
            let (value, after) = match after.trim_start().strip_prefix('=') {
                Some(after) => value(after.trim_start()),
                None if name.is_empty() => return None,
                None => ("", after),
            };
            if name.eq_ignore_ascii_case(wanted) {
                return Some(decode(value));
            }
            rest = after;
        }
    }
}

fn value(source: &str) -> (&str, &str) {
    for quote in ['"', '\''] {
        if let Some((value, after)) = source.strip_prefix(quote).and_then(|inner| inner.split_once(quote)) {
            return (value, after);
        }
    }
    source.split_at(source.find(|c: char| c.is_ascii_whitespace()).unwrap_or(source.len()))
}

/// Where the `>` is that is not inside a quoted value.
fn end_of_tag(source: &str) -> Option<usize> {
    let mut quote = None;
    for (at, byte) in source.bytes().enumerate().take(MAX_TAG) {
        match (quote, byte) {
            (None, b'>') => return Some(at),
            (None, b'<') => return None,
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            _ => {}
        }
    }
    None
}

/// Decodes entities, as everything but scripts and styles of HTML may hold them.
fn decode(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(at) = rest.find('&') {
        let (before, entity_on) = rest.split_at(at);
        out.push_str(before);
        let end = entity_on.bytes().take(MAX_ENTITY).position(|byte| byte == b';');
        let whole = end.and_then(|end| entity_on.get(..=end));
        match whole.and_then(entity) {
            Some(text) => {
                out.push_str(&text);
                rest = entity_on.get(whole.unwrap_or_default().len()..).unwrap_or_default();
            }
            None => {
                out.push('&');
                rest = entity_on.get(1..).unwrap_or_default();
            }
        }
    }
    out.push_str(rest);
    out
}

/// What an entity stands for, from `&` to `;`. The Markdown parser knows all 2,125 names of HTML but shows none of its
/// table; a text of nothing but the entity makes it look there, which costs no second table.
fn entity(whole: &str) -> Option<String> {
    if let Some(number) = whole.strip_prefix("&#").and_then(|rest| rest.strip_suffix(';')) {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(code).filter(|c| *c != '\0').map(String::from);
    }
    let decoded: String = Parser::new(whole)
        .filter_map(|event| match event {
            Event::Text(text) => Some(text.into_string()),
            _ => None,
        })
        .collect();
    (!decoded.is_empty() && decoded != whole).then_some(decoded)
}
