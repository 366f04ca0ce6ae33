//! Lines: looks, links, pictures and files.

use super::super::loss::What;
use super::super::tree::{Attachment, Image, Inline, Marks, Span};
use super::escape::{self, Spot, letter};
use super::{Line, Writer};

impl Writer {
    pub(super) fn inlines(&mut self, content: &[Inline], line: Line) {
        let start = self.out.len();
        let content = self.settle(content);
        let mut rest = content.as_slice();
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
                Inline::Attachment(file) => self.file(file, next_char(rest)),
            }
        }
        self.trim_end(start);
    }

    /// Takes white space and forced line breaks off the end of what was written since `start`.
    fn trim_end(&mut self, start: usize) {
        let written = self.out.get(start..).unwrap_or_default();
        let mut kept = written.trim_end_matches([' ', '\t', '\n']);
        // Only we write two backslashes in a row, and never without a space after them.
        while kept.len() < written.len()
            && let Some(before) = kept.strip_suffix("\\\\")
        {
            kept = before.trim_end_matches([' ', '\t', '\n']);
        }
        let length = start + kept.len();
        self.out.truncate(length);
    }

    /// Drops looks Jira would not show and names files it cannot, then joins neighbours that look alike: only a text
    /// seen whole can be escaped, or `(` and `x` and `)` of three pieces would make a smiley.
    fn settle(&mut self, content: &[Inline]) -> Vec<Inline> {
        let mut plain: Vec<Inline> = content.iter().map(|inline| self.named(inline)).collect();
        for at in 0..plain.len() {
            let next = plain.get(at + 1..).and_then(next_char);
            let before = at.checked_sub(1).and_then(|at| plain.get(at)).and_then(last_char);
            if let Some(Inline::Span(span)) = plain.get_mut(at).filter(|inline| !fits(inline, before, next)) {
                if !span.text.trim().is_empty() {
                    self.losses.note_at(What::Look, &span.text);
                }
                span.marks = Marks::NONE;
            }
        }
        let mut joined: Vec<Inline> = Vec::with_capacity(plain.len());
        for inline in plain {
            match (joined.last_mut(), inline) {
                (Some(Inline::Span(last)), Inline::Span(span))
                    if last.marks == span.marks && last.link == span.link =>
                {
                    last.text.push_str(&span.text);
                }
                (_, inline) => joined.push(inline),
            }
        }
        joined
    }

    fn named(&mut self, inline: &Inline) -> Inline {
        match inline {
            Inline::Attachment(file) if file_name(file).is_none() => {
                if file.uploaded_as.is_none() {
                    self.losses.note_at(What::FileByName, &file.label());
                }
                Inline::Span(Span::plain(file.label()))
            }
            other => other.clone(),
        }
    }

    fn line_end(&mut self, start: usize, line: Line) {
        match line {
            Line::Many => self.out.push('\n'),
            Line::Dense => {
                let written = self.out.get(start..).unwrap_or_default();
                let kept = written.trim_end();
                if !kept.is_empty() {
                    let length = start + kept.len();
                    self.out.truncate(length);
                    self.out.push('\n');
                }
            }
            Line::One => self.out.push(' '),
            // The spaces keep the backslashes apart from escapes after them and from signs before them.
            Line::Cell => self.out.push_str(" \\\\ "),
        }
    }

    /// Whether only white space was written since the line, item or cell began.
    fn at_line_start(&self, start: usize) -> bool {
        let written = self.out.get(start..).unwrap_or_default();
        let kept = written.trim_end_matches([' ', '\t']);
        kept.is_empty() || kept.ends_with('\n') || (kept.len() < written.len() && kept.ends_with("\\\\"))
    }

    fn span(&mut self, span: &Span, start: usize, rest: &[Inline]) {
        let line_start = self.at_line_start(start);
        if span.marks == Marks::NONE {
            let line_end = matches!(rest.first(), None | Some(Inline::Break));
            escape::push(
                &mut self.out,
                &span.text,
                Spot {
                    line_start,
                    line_end,
                    entities: false,
                },
            );
            return;
        }
        let inner = span.text.trim();
        let lead = span.text.len() - span.text.trim_start().len();
        let trail = span.text.get(lead + inner.len()..).unwrap_or_default();
        self.out.push_str(span.text.get(..lead).unwrap_or_default());
        let next = trail.chars().next().or_else(|| next_char(rest));
        let closing = self.open_looks(span.marks, next);
        let entities = span.marks.has(Marks::CODE);
        self.out.push_str(if entities { "{{" } else { "" });
        // `*# x*` would be a list: signs of looks are bullets too.
        escape::push(
            &mut self.out,
            inner,
            Spot {
                line_start,
                line_end: false,
                entities,
            },
        );
        self.out.push_str(if entities { "}}" } else { "" });
        self.out.push_str(&closing);
        self.out.push_str(trail);
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
        let url = escape::address(first.link.as_deref().unwrap_or_default());
        let text = label.trim();
        if text.is_empty() {
            self.out.push_str(&label);
            return;
        }
        let lead = label.len() - label.trim_start().len();
        self.out.push_str(label.get(..lead).unwrap_or_default());
        let closing = self.open_looks(marks, next);
        self.out.push('[');
        if text != url {
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
        self.out.push_str(&url);
        self.out.push(']');
        self.out.push_str(&closing);
        self.out.push_str(label.get(lead + text.len()..).unwrap_or_default());
    }

    fn picture(&mut self, image: &Image, next: Option<char>) {
        let simple = |c: char| c.is_alphanumeric() || " -_.".contains(c);
        let alt = image.alt.trim();
        let options = if alt.is_empty() || alt.contains("--") || !alt.chars().all(simple) {
            String::new()
        } else {
            format!("|alt={alt}")
        };
        self.apart(&format!("!{}{options}!", image.url), next);
    }

    fn file(&mut self, file: &Attachment, next: Option<char>) {
        match file_name(file) {
            Some(name) if file.image => self.apart(&format!("!{name}|thumbnail!"), next),
            Some(name) => self.apart(&format!("[^{name}]"), next),
            None => {}
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

fn last_char(inline: &Inline) -> Option<char> {
    match inline {
        Inline::Span(span) if span.link.is_none() && !span.text.trim().is_empty() => span.text.chars().next_back(),
        _ => None,
    }
}

/// The name an uploaded file can be shown under: none with signs that would end the markup around it.
fn file_name(file: &Attachment) -> Option<&str> {
    let name = file.uploaded_as.as_deref()?;
    let plain = name.chars().all(|c| letter(c) || " -_.()".contains(c));
    (plain && name.len() > 4 && name.trim() == name).then_some(name)
}

/// Whether Jira shows a span's looks as such.
fn fits(inline: &Inline, before: Option<char>, next: Option<char>) -> bool {
    let Inline::Span(span) = inline else { return true };
    if span.marks == Marks::NONE || span.link.is_some() {
        return true;
    }
    // `{{code}}s` is no code to Jira, and unlike the other looks there is no way to say it.
    let bound = span.marks.has(Marks::CODE)
        && (before.is_some_and(may_be_letter) && !span.text.starts_with(char::is_whitespace)
            || next.is_some_and(may_be_letter) && !span.text.ends_with(char::is_whitespace));
    !bound && !span.text.trim().is_empty() && fits_phrase(span.text.trim())
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

fn may_be_letter(c: char) -> bool {
    c.is_alphanumeric() || !c.is_ascii()
}
