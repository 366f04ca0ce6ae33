//! Reads Markdown as TestOps shows it: GitHub's dialect (tables, strikethrough, task lists, raw HTML, bare links).
//!
//! One deviation: a line end inside a paragraph stays a line end. Testers write preconditions line by line, and
//! running the lines together would lose more than keeping them.

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

use super::builder::{Builder, CellShape, Open, Origin};
use super::html;
use super::tree::Marks;

pub(super) fn read(text: &str, builder: &mut Builder) {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut reader = Reader {
        builder,
        html: String::new(),
        in_html: false,
        in_head: false,
    };
    for event in Parser::new_ext(text, options) {
        reader.event(event);
    }
}

struct Reader<'a> {
    builder: &'a mut Builder,
    /// The lines of the HTML block being read.
    html: String,
    in_html: bool,
    /// Whether cells are those of a table's head.
    in_head: bool,
}

impl Reader<'_> {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) if self.in_html => self.html.push_str(&text),
            Event::Text(text) => self.builder.text(&text),
            Event::Code(text) => self.builder.code(&text),
            Event::Html(text) => self.html.push_str(&text),
            Event::InlineHtml(text) => html::read(&text, html::Space::Kept, self.builder),
            Event::SoftBreak | Event::HardBreak => self.builder.line_break(),
            Event::Rule => self.builder.rule(),
            Event::TaskListMarker(done) => self.builder.task(done),
            // Not switched on; kept as text should a later version of the parser send them anyway.
            Event::InlineMath(text) | Event::DisplayMath(text) | Event::FootnoteReference(text) => {
                self.builder.text(&text);
            }
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Emphasis => self.builder.mark(Marks::EM, true, Origin::Markdown),
            Tag::Strong => self.builder.mark(Marks::STRONG, true, Origin::Markdown),
            Tag::Strikethrough => self.builder.mark(Marks::STRIKE, true, Origin::Markdown),
            Tag::Superscript => self.builder.mark(Marks::SUP, true, Origin::Markdown),
            Tag::Subscript => self.builder.mark(Marks::SUB, true, Origin::Markdown),
            Tag::Link { dest_url, .. } => self.builder.open_link(&dest_url, Origin::Markdown),
            Tag::Image { dest_url, .. } => self.builder.open_picture(&dest_url),
            Tag::HtmlBlock => {
                self.in_html = true;
                self.html.clear();
            }
            Tag::Heading { level, .. } => self.builder.open_markdown(Open::Heading(level as u8)),
            Tag::BlockQuote(_) => self.builder.open_markdown(Open::Quote),
            Tag::CodeBlock(kind) => self.builder.open_markdown(Open::Code(language(&kind))),
            Tag::List(start) => self.builder.open_markdown(Open::List(start)),
            Tag::Item => self.builder.open_markdown(Open::Item),
            Tag::Table(_) => self.builder.open_markdown(Open::Table),
            Tag::TableHead => {
                self.in_head = true;
                self.builder.open_markdown(Open::Row);
            }
            Tag::TableRow => {
                self.in_head = false;
                self.builder.open_markdown(Open::Row);
            }
            Tag::TableCell => {
                let shape = CellShape::one(self.in_head);
                self.builder.open_markdown(Open::Cell(shape));
            }
            // Not switched on, but for paragraphs.
            Tag::Paragraph
            | Tag::FootnoteDefinition(_)
            | Tag::DefinitionList
            | Tag::DefinitionListTitle
            | Tag::DefinitionListDefinition
            | Tag::MetadataBlock(_) => self.builder.open_markdown(Open::Paragraph),
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Emphasis => self.builder.mark(Marks::EM, false, Origin::Markdown),
            TagEnd::Strong => self.builder.mark(Marks::STRONG, false, Origin::Markdown),
            TagEnd::Strikethrough => self.builder.mark(Marks::STRIKE, false, Origin::Markdown),
            TagEnd::Superscript => self.builder.mark(Marks::SUP, false, Origin::Markdown),
            TagEnd::Subscript => self.builder.mark(Marks::SUB, false, Origin::Markdown),
            TagEnd::Link => self.builder.close_markdown_link(),
            TagEnd::Image => self.builder.close_picture(),
            TagEnd::HtmlBlock => {
                self.in_html = false;
                html::read(&self.html, html::Space::Collapsed, self.builder);
            }
            _ => self.builder.close_markdown(),
        }
    }
}

fn language(kind: &CodeBlockKind<'_>) -> Option<String> {
    match kind {
        CodeBlockKind::Indented => None,
        CodeBlockKind::Fenced(info) => clean_language(info),
    }
}

/// The first word of a fence's info string, if it looks like the name of a language.
pub(super) fn clean_language(info: &str) -> Option<String> {
    let word = info
        .split(|c: char| c.is_whitespace() || c == ',' || c == '{')
        .next()
        .unwrap_or_default();
    let fits = !word.is_empty()
        && word.len() <= 32
        && word
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+#-_.".contains(&byte));
    fits.then(|| word.to_ascii_lowercase())
}
