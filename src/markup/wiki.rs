//! Writes Jira wiki markup: descriptions on Data Center, and the fields of Xray steps on both variants.
//!
//! The grammar is that of Atlassian's renderer as its help page ("Text Formatting Notation Help") and behaviour show
//! it: macros are found first, then blocks line by line, then links, then backslash escapes, and only then bold and
//! its kin, so an escape has to hold at every one of these stages ([`escape`] knows how).

mod escape;
mod phrase;

use super::loss::{Loss, Losses, What};
use super::tree::{Block, Inline, Item, List, Marks, Span, Table, Tree};
use super::{Document, characters, shorten, table};

/// Writes markup of at most `limit` characters, and says what it could not hold.
#[must_use]
pub fn write(tree: &Tree, limit: usize) -> (String, Vec<Loss>) {
    let mut losses = Losses::default();
    let shortened = shorten::fit(tree, limit, length);
    if shortened.is_some() {
        losses.note(What::Shortened);
    }
    let mut writer = Writer {
        out: String::new(),
        losses,
    };
    writer.blocks(&shortened.as_ref().unwrap_or(tree).blocks, Place::Top);
    (writer.out, writer.losses.into_vec())
}

/// Markup that shows plain text as it is: line ends count, bare http(s) addresses become links, nothing else lives.
#[must_use]
pub fn escape_text(text: &str) -> String {
    write(&Document::from_plain(text).tree, usize::MAX).0
}

/// How many characters the markup of a tree takes.
pub(super) fn length(tree: &Tree) -> usize {
    characters::count(&write(tree, usize::MAX).0)
}

/// Where a block stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place<'a> {
    Top,
    /// Inside `{quote}`, which cannot hold another one.
    Quote,
    /// Inside a list item with these bullets; a blank line would end the list.
    Item(&'a str),
}

#[derive(Debug)]
struct Writer {
    out: String,
    losses: Losses,
}

impl Writer {
    fn blocks(&mut self, blocks: &[Block], place: Place<'_>) {
        let start = self.out.len();
        for block in blocks {
            let before = self.out.len();
            if before > start {
                self.out
                    .push_str(if matches!(place, Place::Item(_)) { "\n" } else { "\n\n" });
            }
            let content = self.out.len();
            self.block(block, place);
            if self.out.len() == content {
                self.out.truncate(before);
            }
        }
    }

    fn block(&mut self, block: &Block, place: Place<'_>) {
        match (block, place) {
            (Block::Paragraph(content), _) => self.lines(content, place),
            (Block::Heading { content, .. }, Place::Item(_)) => {
                self.losses.note(What::NestedHeading);
                self.single_line(&strong(content));
            }
            (Block::Heading { level, content }, _) => {
                let start = self.out.len();
                self.out.push_str(&format!("h{}. ", (*level).clamp(1, 6)));
                let text = self.out.len();
                self.single_line(content);
                if self.out.len() == text {
                    self.out.truncate(start);
                }
            }
            (Block::Code { language, text }, _) => self.code(language.as_deref(), text, place),
            (Block::Quote(blocks), Place::Top) => {
                self.out.push_str("{quote}\n");
                self.blocks(blocks, Place::Quote);
                self.out.push_str("\n{quote}");
            }
            (Block::Quote(blocks), _) => {
                self.losses.note(What::NestedQuote);
                self.blocks(blocks, place);
            }
            (Block::List(list), Place::Item(bullets)) => self.list(list, bullets),
            (Block::List(list), _) => self.list(list, ""),
            (Block::Table(table), Place::Item(_)) => {
                self.losses.note(What::NestedTable);
                for (at, line) in table.lines().iter().enumerate() {
                    self.out.push_str(if at > 0 { "\n" } else { "" });
                    self.single_line(line);
                }
            }
            (Block::Table(table), _) => self.table(table),
            (Block::Rule, Place::Item(_)) => self.losses.note(What::NestedRule),
            (Block::Rule, _) => self.out.push_str("----"),
        }
    }

    fn list(&mut self, list: &List, outer: &str) {
        if !matches!(list.start, None | Some(1)) {
            self.losses.note(What::ListStart);
        }
        if !outer.is_empty() && !list.items.is_empty() && !self.out.ends_with('\n') {
            self.out.push('\n');
        }
        let bullets = format!("{outer}{}", if list.start.is_some() { '#' } else { '*' });
        for (at, item) in list.items.iter().enumerate() {
            self.out.push_str(if at > 0 { "\n" } else { "" });
            self.item(item, &bullets);
        }
    }

    fn item(&mut self, item: &Item, bullets: &str) {
        self.out.push_str(bullets);
        self.out.push(' ');
        let blocks = item.labelled();
        let mut from_inner = blocks.iter().skip_while(|block| !matches!(block, Block::List(_)));
        if from_inner.any(|block| !matches!(block, Block::List(_))) {
            self.losses.note(What::AfterInnerList);
        }
        self.blocks(&blocks, Place::Item(bullets));
    }

    fn table(&mut self, table: &Table) {
        let start = self.out.len();
        for places in table.grid() {
            if places.is_empty() {
                continue;
            }
            if self.out.len() > start {
                self.out.push('\n');
            }
            self.row(&places);
        }
    }

    /// A row. Jira knows no cell of several columns or rows, so it is empty where another one reaches.
    fn row(&mut self, places: &[table::Place<'_>]) {
        let mut bar = "|";
        for place in places {
            bar = if place.is_header() { "||" } else { "|" };
            self.out.push_str(bar);
            let start = self.out.len();
            if let table::Place::Begins { cell, columns, rows } = place {
                if *columns > 1 || *rows > 1 {
                    self.losses.note(What::CellSpan);
                }
                self.inlines(&cell.content, Line::Cell);
            }
            if self.out.get(start..).is_none_or(|text| text.trim().is_empty()) {
                self.out.truncate(start);
                self.out.push(' ');
            }
        }
        self.out.push_str(bar);
    }

    fn lines(&mut self, content: &[Inline], place: Place<'_>) {
        self.inlines(content, if place == Place::Top { Line::Many } else { Line::Dense });
    }

    fn single_line(&mut self, content: &[Inline]) {
        self.inlines(content, Line::One);
    }

    fn code(&mut self, language: Option<&str>, text: &str, place: Place<'_>) {
        let text = characters::clean(text, &mut self.losses).into_owned();
        if matches!(place, Place::Item(_)) && !self.out.ends_with('\n') {
            self.out.push('\n');
        }
        let Some((open, close)) = fence(language, &text.to_ascii_lowercase(), place) else {
            self.losses.note(What::CodeBlock);
            let lines = text
                .split('\n')
                .flat_map(|line| [Inline::Break, Inline::Span(Span::plain(line))]);
            return self.lines(&lines.skip(1).collect::<Vec<_>>(), Place::Quote);
        };
        if let Some(language) = language.filter(|name| !open.starts_with("{code:") && !is_no_language(name)) {
            self.losses.note_at(What::CodeLanguage, language);
        }
        self.out.push_str(&format!("{open}\n{text}\n{close}"));
    }
}

/// A macro for code that the code, given in lower case, does not end.
fn fence(language: Option<&str>, text: &str, place: Place<'_>) -> Option<(String, &'static str)> {
    if place == Place::Quote && text.contains("{quote") {
        return None;
    }
    match language.and_then(known_language) {
        Some(name) if !text.contains("{code") => Some((format!("{{code:{name}}}"), "{code}")),
        _ if !text.contains("{noformat") => Some(("{noformat}".to_owned(), "{noformat}")),
        _ => None,
    }
}

fn is_no_language(name: &str) -> bool {
    matches!(name, "text" | "txt" | "plain" | "plaintext" | "none")
}

/// What a line end becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Line {
    /// A line end; an empty line may stay.
    Many,
    /// A line end, and no empty lines.
    Dense,
    /// A space.
    One,
    /// A forced line break, as a table row is one line.
    Cell,
}

fn strong(content: &[Inline]) -> Vec<Inline> {
    let mut content = content.to_vec();
    for inline in &mut content {
        if let Inline::Span(span) = inline {
            span.marks = span.marks.with(Marks::STRONG);
        }
    }
    content
}

/// The name under which Jira's `{code}` knows a language. For any other it shows an error instead of the code.
fn known_language(name: &str) -> Option<&'static str> {
    Some(match name {
        "bash" | "sh" | "shell" | "zsh" | "console" => "bash",
        "c" => "c",
        "c++" | "cpp" => "c++",
        "c#" | "cs" | "csharp" => "c#",
        "css" => "css",
        "go" | "golang" => "go",
        "groovy" => "groovy",
        "html" => "html",
        "java" => "java",
        "javascript" | "js" => "javascript",
        "json" => "json",
        "lua" => "lua",
        "perl" => "perl",
        "php" => "php",
        "python" | "py" => "python",
        "r" => "r",
        "ruby" | "rb" => "ruby",
        "scala" => "scala",
        "sql" => "sql",
        "swift" => "swift",
        "xml" => "xml",
        "yaml" | "yml" => "yaml",
        _ => return None,
    })
}
