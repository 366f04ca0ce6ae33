//! Putting a finished line in order.

use super::address::{self, Address};
use super::tree::{Attachment, Inline, Marks, Span};

/// Joins neighbours that look alike, trims the ends, and turns bare http(s) addresses into links.
pub(super) fn tidy(content: Vec<Inline>) -> Vec<Inline> {
    let mut out: Vec<Inline> = Vec::with_capacity(content.len());
    for inline in content {
        match (out.last_mut(), inline) {
            (_, Inline::Span(span)) if span.text.is_empty() => {}
            (Some(Inline::Span(last)), Inline::Span(span)) if last.marks == span.marks && last.link == span.link => {
                last.text.push_str(&span.text);
            }
            (_, inline) => out.push(inline),
        }
    }
    trim(&mut out);
    out.into_iter().flat_map(link_bare).collect()
}

fn trim(line: &mut Vec<Inline>) {
    while let Some(last) = line.last_mut() {
        if let Inline::Span(span) = last {
            span.text.truncate(span.text.trim_end().len());
        }
        if !is_blank(last) {
            break;
        }
        line.pop();
    }
    let blank = line.iter().take_while(|inline| is_blank(inline)).count();
    line.drain(..blank);
    if let Some(Inline::Span(span)) = line.first_mut() {
        let blank = span.text.len() - span.text.trim_start().len();
        span.text.drain(..blank);
    }
}

fn is_blank(inline: &Inline) -> bool {
    match inline {
        Inline::Span(span) => span.text.trim().is_empty(),
        Inline::Break => true,
        Inline::Image(_) | Inline::Attachment(_) => false,
    }
}

fn link_bare(inline: Inline) -> Vec<Inline> {
    match inline {
        Inline::Span(span) if span.link.is_none() && !span.marks.has(Marks::CODE) => split_bare(span),
        other => vec![other],
    }
}

fn split_bare(span: Span) -> Vec<Inline> {
    let mut out = Vec::new();
    let mut rest = span.text.as_str();
    let piece = |text: &str, link: Option<String>| {
        Inline::Span(Span {
            text: text.to_owned(),
            marks: span.marks,
            link,
        })
    };
    while let Some((place, address)) = address::find_bare(rest) {
        let (before, found) = (rest.get(..place.start), rest.get(place.clone()));
        out.push(piece(before.unwrap_or_default(), None));
        out.push(match address {
            Address::Attachment(source) => Inline::Attachment(Attachment {
                source,
                name: found.unwrap_or_default().to_owned(),
                image: false,
                uploaded_as: None,
            }),
            Address::Web(url) | Address::Mail(url) => piece(found.unwrap_or_default(), Some(url)),
            Address::Relative | Address::Refused => piece(found.unwrap_or_default(), None),
        });
        rest = rest.get(place.end..).unwrap_or_default();
    }
    out.push(piece(rest, None));
    out.retain(|inline| !matches!(inline, Inline::Span(span) if span.text.is_empty()));
    out
}
