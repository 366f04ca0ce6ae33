//! Wiki markup as HTML: headings, lists, tables, code, quotes, links and the common marks. Good enough to read by;
//! what it does not know stays visible as text.

use super::issue::anchor;
use crate::html::escape;

/// Text as paragraphs with line breaks, no markup interpreted; what Xray's `rendered` members hold.
#[must_use]
pub fn paragraphs(text: &str) -> String {
    let blocks = text.split("\n\n").filter(|block| !block.trim().is_empty());
    blocks
        .map(|block| format!("<p>{}</p>", escape(block.trim()).replace('\n', "<br/>")))
        .collect()
}

/// Markup as HTML.
pub(super) fn html(markup: &str) -> String {
    let mut writer = Writer::default();
    let text = markup.replace("\r\n", "\n");
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let trimmed = line.trim();
        if let Some(end) = verbatim(trimmed) {
            let mut code = Vec::new();
            for inner in lines.by_ref().take_while(|inner| !inner.trim().starts_with(end)) {
                code.push(inner);
            }
            writer.block(&format!("<pre><code>{}</code></pre>", escape(&code.join("\n"))));
        } else {
            writer.line(trimmed);
        }
    }
    writer.close();
    writer.out
}

/// The line that ends a block opened by this one.
fn verbatim(line: &str) -> Option<&'static str> {
    let opens = |name: &str| line.starts_with(&format!("{{{name}}}")) || line.starts_with(&format!("{{{name}:"));
    if opens("code") && line.ends_with('}') {
        Some("{code}")
    } else if opens("noformat") && line.ends_with('}') {
        Some("{noformat}")
    } else {
        None
    }
}

/// What is open at the end of `out`.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Open {
    #[default]
    Nothing,
    Paragraph,
    Table,
    Bullets(usize),
    Numbers(usize),
}

#[derive(Default)]
struct Writer {
    out: String,
    open: Open,
}

impl Writer {
    fn close(&mut self) {
        match self.open {
            Open::Nothing => {}
            Open::Paragraph => self.out.push_str("</p>"),
            Open::Table => self.out.push_str("</table></div>"),
            Open::Bullets(depth) => self.out.push_str(&"</ul>".repeat(depth)),
            Open::Numbers(depth) => self.out.push_str(&"</ol>".repeat(depth)),
        }
        self.open = Open::Nothing;
    }

    fn block(&mut self, html: &str) {
        self.close();
        self.out.push_str(html);
    }

    fn line(&mut self, line: &str) {
        if line.is_empty() || matches!(line, "{quote}" | "{panel}") || line.starts_with("{panel:") {
            self.close();
        } else if line == "----" {
            self.block("<hr>");
        } else if let Some((level, rest)) = heading(line) {
            self.block(&format!("<h{level}>{}</h{level}>", inline(rest)));
        } else if let Some(rest) = line.strip_prefix("bq. ") {
            self.block(&format!("<blockquote>{}</blockquote>", inline(rest)));
        } else if line.starts_with('|') {
            self.row(line);
        } else if let Some((marker, rest)) = item(line) {
            self.item(marker, rest);
        } else {
            self.text(line);
        }
    }

    fn text(&mut self, line: &str) {
        if self.open == Open::Paragraph {
            self.out.push_str("<br>");
        } else {
            self.close();
            self.out.push_str("<p>");
            self.open = Open::Paragraph;
        }
        self.out.push_str(&inline(line));
    }

    fn row(&mut self, line: &str) {
        if self.open != Open::Table {
            self.close();
            self.out.push_str("<div class=\"scroll\"><table>");
            self.open = Open::Table;
        }
        let (tag, separator) = if line.starts_with("||") {
            ("th", "||")
        } else {
            ("td", "|")
        };
        let inner = line.trim_start_matches('|').trim_end_matches('|');
        self.out.push_str("<tr>");
        for cell in inner.split(separator) {
            self.out.push_str(&format!("<{tag}>{}</{tag}>", inline(cell.trim())));
        }
        self.out.push_str("</tr>");
    }

    fn item(&mut self, marker: &str, rest: &str) {
        let depth = marker.len();
        let numbered = marker.ends_with('#');
        let (tag, current) = match self.open {
            Open::Bullets(current) if !numbered => ("ul", current),
            Open::Numbers(current) if numbered => ("ol", current),
            _ => {
                self.close();
                (if numbered { "ol" } else { "ul" }, 0)
            }
        };
        if depth > current {
            self.out.push_str(&format!("<{tag}>").repeat(depth - current));
        } else {
            self.out.push_str(&format!("</{tag}>").repeat(current - depth));
        }
        self.out.push_str(&format!("<li>{}</li>", inline(rest)));
        self.open = if numbered {
            Open::Numbers(depth)
        } else {
            Open::Bullets(depth)
        };
    }
}

fn heading(line: &str) -> Option<(usize, &str)> {
    let (mark, rest) = line.split_once(". ")?;
    let level: usize = mark.strip_prefix('h')?.parse().ok()?;
    (1..=6).contains(&level).then(|| ((level + 2).min(6), rest))
}

/// The marker and text of a list item; markers deeper than anyone nests are text.
fn item(line: &str) -> Option<(&str, &str)> {
    let (marker, rest) = line.split_once(' ')?;
    let is_marker = !marker.is_empty() && marker.len() <= 10 && marker.chars().all(|c| matches!(c, '*' | '#' | '-'));
    is_marker.then_some((marker, rest))
}

/// Marks within a line.
fn inline(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if let Some((html, after)) = special(rest, out.chars().next_back()) {
            out.push_str(&html);
            rest = after;
        } else {
            out.push_str(&escape(&c.to_string()));
            rest = rest.strip_prefix(c).unwrap_or_default();
        }
    }
    out
}

/// A construct at the start of `text`: its HTML and what follows.
fn special(text: &str, before: Option<char>) -> Option<(String, &str)> {
    if let Some(rest) = text.strip_prefix("\\\\") {
        return Some(("<br>".to_owned(), rest));
    }
    if let Some(rest) = text.strip_prefix('\\') {
        let escaped = rest.chars().next().filter(char::is_ascii_punctuation)?;
        return Some((escape(&escaped.to_string()), rest.strip_prefix(escaped)?));
    }
    if let Some((inner, rest)) = text.strip_prefix("{{").and_then(|rest| rest.split_once("}}")) {
        return Some((format!("<code>{}</code>", escape(inner)), rest));
    }
    if let Some((inner, rest)) = text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        let (label, url) = inner.split_once('|').unwrap_or((inner, inner));
        return url.starts_with("http").then(|| (anchor(url, label), rest));
    }
    let at_word_start = before.is_none_or(|c| !c.is_alphanumeric());
    for (mark, tag) in [('*', "strong"), ('_', "em"), ('-', "s"), ('+', "u")] {
        let inner = text.strip_prefix(mark).filter(|_| at_word_start);
        if let Some((inner, rest)) = inner.and_then(|inner| inner.split_once(mark)) {
            let is_tight = !inner.is_empty() && !inner.starts_with(' ') && !inner.ends_with(' ');
            let ends_word = rest.chars().next().is_none_or(|c| !c.is_alphanumeric());
            if is_tight && ends_word {
                return Some((format!("<{tag}>{}</{tag}>", escape(inner)), rest));
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_becomes_markup_and_text_stays_text() {
        let page =
            html("h2. Title\n* one\n** two\n# three\n\n*bold* <b> {{x<y}} [T|https://e.x/?a=1&b=2]\n||a||b||\n|1|2|");
        assert!(
            page.contains("<h4>Title</h4><ul><li>one</li><ul><li>two</li></ul></ul><ol><li>three</li></ol>"),
            "{page}"
        );
        assert!(
            page.contains("<strong>bold</strong> &lt;b&gt; <code>x&lt;y</code>"),
            "{page}"
        );
        assert!(page.contains("href=\"https://e.x/?a=1&amp;b=2\">T</a>"), "{page}");
        assert!(page.contains("<th>a</th><th>b</th></tr><tr><td>1</td>"), "{page}");
        assert_eq!(html("{code:java}\n<x>\n{code}"), "<pre><code>&lt;x&gt;</code></pre>");
        assert_eq!(
            html("[click|javascript:alert(1)]"),
            "<p>[click|javascript:alert(1)]</p>"
        );
        assert_eq!(html("a\\*b -x"), "<p>a*b -x</p>");
    }
}
