//! Lines: looks, links, pictures and files.

use super::super::loss::What;
use super::super::tree::{Attachment, Image, Inline, Marks, Span};
use super::escape::{self, Spot, letter};
use super::{Line, Writer};

impl Writer {
    pub(super) fn inlines(&mut self, content: &[Inline], line: Line) {
        let start = self.out.len();
        let mut rest = content;
        while let Some((first, after)) = rest.split_first() {
            rest = after;
            match first {
                Inline::Span(span) if span.link.is_some() => {
                    let same = after
                        .iter()
                        .take_while(|next| matches!(next, Inline::Span(s) if s.link == span.link));
                    let more = same.count();
                    let (label, after) = after.split_at(more);
                    rest = after;
                    self.link(span, label, next_char(rest));
                }
                Inline::Span(span) => self.span(span, start, rest),
                Inline::Break => self.line_end(start, line),
                Inline::Image(image) => self.picture(image, next_char(rest)),
                Inline::Attachment(file) => self.file(file, start, rest),
            }
        }
        while self.out.len() > start && self.out.ends_with([' ', '\t', '\n']) {
            self.out.pop();
        }
    }

    fn line_end(&mut self, start: usize, line: Line) {
        let blank = self
            .out
            .get(start..)
            .is_none_or(|text| text.is_empty() || text.ends_with('\n'));
        match line {
            Line::Many => self.out.push('\n'),
            Line::Dense => {
                while self.out.len() > start && self.out.ends_with(char::is_whitespace) {
                    self.out.pop();
                }
                if !blank && self.out.len() > start {
                    self.out.push('\n');
                }
            }
            Line::One => self.out.push(' '),
            // The space keeps the backslashes apart from escapes after them.
            Line::Cell => self.out.push_str("\\\\ "),
        }
    }

    fn at_line_start(&self, start: usize) -> bool {
        let written = self.out.get(start..).unwrap_or_default();
        let line = written.rsplit(['\n']).next().unwrap_or_default();
        line.rsplit("\\\\ ").next().unwrap_or_default().trim().is_empty()
    }

    fn span(&mut self, span: &Span, start: usize, rest: &[Inline]) {
        let inner = span.text.trim();
        let spot = Spot {
            line_start: self.at_line_start(start),
            line_end: matches!(rest.first(), None | Some(Inline::Break)),
            entities: false,
        };
        if span.marks == Marks::NONE || inner.is_empty() {
            escape::push(&mut self.out, &span.text, spot);
            return;
        }
        if !fits_phrase(inner) {
            self.losses.note_at(What::Look, inner);
            escape::push(&mut self.out, &span.text, spot);
            return;
        }
        let lead = span.text.len() - span.text.trim_start().len();
        let trail = span.text.get(lead + inner.len()..).unwrap_or_default();
        self.out.push_str(span.text.get(..lead).unwrap_or_default());
        let next = trail.chars().next().or_else(|| next_char(rest));
        self.phrase(span.marks, inner, next);
        self.out.push_str(trail);
    }

    fn phrase(&mut self, marks: Marks, text: &str, next: Option<char>) {
        let mut marks = marks;
        let bound =
            marks == Marks::CODE && (self.out.ends_with(letter_or_backslash) || next.is_some_and(may_be_letter));
        if bound {
            // `{{code}}s` is not code to Jira, and there is no way to say it.
            self.losses.note_at(What::Look, text);
            marks = marks.without(Marks::CODE);
        }
        let closing = self.open_looks(marks, next);
        if marks.has(Marks::CODE) {
            self.out.push_str("{{");
            escape::push(
                &mut self.out,
                text,
                Spot {
                    line_start: false,
                    line_end: false,
                    entities: true,
                },
            );
            self.out.push_str("}}");
        } else {
            escape::push(
                &mut self.out,
                text,
                Spot {
                    line_start: false,
                    line_end: false,
                    entities: false,
                },
            );
        }
        self.out.push_str(&closing);
    }

    /// Writes the opening signs of all looks but code and returns the closing ones.
    fn open_looks(&mut self, marks: Marks, next: Option<char>) -> String {
        let clear_before = self
            .out
            .chars()
            .next_back()
            .is_none_or(|c| c.is_whitespace() || "(\"'>|".contains(c));
        let clear_after = next.is_none_or(|c| c.is_whitespace() || ".,;:)\"'<".contains(c));
        let mut closing = String::new();
        for mark in Marks::ALL {
            let Some(sign) = sign(mark).filter(|_| marks.has(mark)) else {
                continue;
            };
            let sign = if clear_before && clear_after {
                sign.to_owned()
            } else {
                format!("{{{sign}}}")
            };
            self.out.push_str(&sign);
            closing.insert_str(0, &sign);
        }
        closing
    }

    fn link(&mut self, first: &Span, more: &[Inline], next: Option<char>) {
        let mut label = first.text.clone();
        let mut marks = first.marks;
        for inline in more {
            if let Inline::Span(span) = inline {
                label.push_str(&span.text);
                if span.marks != marks {
                    self.losses.note_at(What::Look, &label);
                    marks = Marks::NONE;
                }
            }
        }
        if marks.has(Marks::CODE) {
            self.losses.note_at(What::Look, &label);
            marks = marks.without(Marks::CODE);
        }
        let url = first.link.as_deref().unwrap_or_default();
        let text = label.trim();
        let lead = label.len() - label.trim_start().len();
        self.out.push_str(label.get(..lead).unwrap_or_default());
        let closing = self.open_looks(marks, next);
        self.out.push('[');
        if !text.is_empty() && text != url {
            escape::push(
                &mut self.out,
                text,
                Spot {
                    line_start: false,
                    line_end: false,
                    entities: true,
                },
            );
            self.out.push('|');
        }
        self.out.push_str(url);
        self.out.push(']');
        self.out.push_str(&closing);
        self.out.push_str(label.get(lead + text.len()..).unwrap_or_default());
    }

    fn picture(&mut self, image: &Image, next: Option<char>) {
        let simple = |c: char| c.is_alphanumeric() || " -_.".contains(c);
        let alt = image.alt.trim();
        let options = if alt.is_empty() || !alt.chars().all(simple) {
            String::new()
        } else {
            format!("|alt={alt}")
        };
        self.apart(&format!("!{}{options}!", image.url), next);
    }

    fn file(&mut self, file: &Attachment, start: usize, rest: &[Inline]) {
        let usable = |name: &&str| {
            name.chars().count() >= 4 && name.chars().all(|c| letter(c) || " -_.()".contains(c)) && name.trim() == *name
        };
        match file.uploaded_as.as_deref().filter(usable) {
            Some(name) if file.image => self.apart(&format!("!{name}|thumbnail!"), next_char(rest)),
            Some(name) => self.apart(&format!("[^{name}]"), next_char(rest)),
            None => {
                if file.uploaded_as.is_none() {
                    self.losses.note_at(What::FileByName, &file.label());
                }
                self.span(&Span::plain(file.label()), start, rest);
            }
        }
    }

    /// Writes what must not touch letters.
    fn apart(&mut self, markup: &str, next: Option<char>) {
        if self
            .out
            .chars()
            .next_back()
            .is_some_and(|c| !c.is_whitespace() && c != '|')
        {
            self.out.push(' ');
        }
        self.out.push_str(markup);
        if next.is_some_and(|c| !c.is_whitespace()) {
            self.out.push(' ');
        }
    }
}

fn sign(mark: Marks) -> Option<&'static str> {
    let signs = [
        (Marks::STRONG, "*"),
        (Marks::EM, "_"),
        (Marks::STRIKE, "-"),
        (Marks::UNDERLINE, "+"),
        (Marks::SUB, "~"),
        (Marks::SUP, "^"),
    ];
    signs
        .into_iter()
        .find(|(known, _)| *known == mark)
        .map(|(_, sign)| sign)
}

/// The character after here on the same line, as far as text decides it.
fn next_char(rest: &[Inline]) -> Option<char> {
    match rest.first()? {
        Inline::Span(span) if span.link.is_some() => Some('['),
        Inline::Span(span) => span.text.chars().next(),
        Inline::Break => None,
        Inline::Image(_) | Inline::Attachment(_) => Some('!'),
    }
}

/// Whether Jira's patterns for looks, which take letters, digits, spaces, signs and punctuation but no format,
/// control or private characters, match this text.
fn fits_phrase(text: &str) -> bool {
    !text.chars().any(|c| {
        c.is_control()
            || matches!(c, '\u{AD}' | '\u{600}'..='\u{605}' | '\u{61C}' | '\u{6DD}' | '\u{70F}' | '\u{8E2}'
                | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
                | '\u{E000}'..='\u{F8FF}' | '\u{FEFF}' | '\u{FFF0}'..='\u{FFFB}' | '\u{110BD}' | '\u{110CD}'
                | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{10FFFF}')
    })
}

fn letter_or_backslash(c: char) -> bool {
    c == '\\' || may_be_letter(c)
}

fn may_be_letter(c: char) -> bool {
    c.is_alphanumeric() || !c.is_ascii()
}
