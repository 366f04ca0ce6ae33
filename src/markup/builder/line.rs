//! Filling lines: text, looks, links and pictures.

use super::frames::Node;
use super::looks::Target;
use super::{Builder, Flat, Origin, Picture};
use crate::markup::address::{Address, classify};
use crate::markup::characters;
use crate::markup::loss::What;
use crate::markup::tree::{Attachment, Block, Image, Inline, Marks, Span};

impl Builder {
    /// Whether a line is open that already has something in it.
    pub(in crate::markup) fn mid_line(&mut self) -> bool {
        self.frames
            .line()
            .is_some_and(|line| !matches!(line.last(), None | Some(Inline::Break)))
    }

    pub(in crate::markup) fn in_code(&self) -> bool {
        self.frames.top(|node| matches!(node, Node::Code { .. }))
    }

    /// Whether white space counts.
    pub(in crate::markup) fn is_preformatted(&self) -> bool {
        self.in_code() || matches!(self.flat.last(), Some(Flat::Code))
    }

    fn inline(&mut self, inline: Inline) {
        if self.frames.line().is_none() {
            self.frames.make_room();
            if self.frames.line().is_none() {
                self.frames.push(
                    Node::Line {
                        heading: None,
                        content: Vec::new(),
                    },
                    Origin::Html,
                );
            }
        }
        if let Some(line) = self.frames.line() {
            line.push(inline);
        }
    }

    pub(in crate::markup) fn text(&mut self, text: &str) {
        self.marked_text(text, Marks::NONE);
    }

    pub(in crate::markup) fn code(&mut self, text: &str) {
        self.marked_text(text, Marks::CODE);
    }

    fn marked_text(&mut self, text: &str, extra: Marks) {
        let clean = characters::clean(text, &mut self.losses);
        if let Some(picture) = &mut self.picture {
            picture.alt.push_str(&clean.replace('\n', " "));
            return;
        }
        if let Some(code) = self.frames.code() {
            code.push_str(&clean);
            return;
        }
        for (at, part) in clean.split('\n').enumerate() {
            if at > 0 {
                self.line_break();
            }
            if !part.is_empty() {
                self.span(part, extra);
            }
        }
    }

    fn span(&mut self, text: &str, extra: Marks) {
        let marks = match self.flat.last() {
            Some(Flat::Code) => extra.with(Marks::CODE),
            _ => extra,
        };
        let marks = self.looks.on().with(marks);
        let link = match self.links.target_mut() {
            Some(Target::Live { address, shown }) => {
                *shown |= !text.trim().is_empty();
                Some(address.clone())
            }
            Some(Target::File(file)) => {
                file.name.push_str(text);
                return;
            }
            Some(Target::None) | None => None,
        };
        self.inline(Inline::Span(Span {
            text: text.to_owned(),
            marks,
            link,
        }));
    }

    pub(in crate::markup) fn line_break(&mut self) {
        if let Some(picture) = &mut self.picture {
            picture.alt.push(' ');
        } else if let Some(code) = self.frames.code() {
            code.push('\n');
        } else if let Some(Target::File(file)) = self.links.target_mut() {
            file.name.push(' ');
        } else {
            self.inline(Inline::Break);
        }
    }

    pub(in crate::markup) fn rule(&mut self) {
        self.close_loose_line();
        if self.frames.inside_line() {
            self.losses.note(What::BlocksInLine);
            return;
        }
        self.frames.make_room();
        self.frames.add(Block::Rule);
    }

    pub(in crate::markup) fn task(&mut self, done: bool) {
        if let Some(item) = self.frames.item() {
            item.done = Some(done);
        }
    }

    pub(in crate::markup) fn mark(&mut self, mark: Marks, on: bool, origin: Origin) {
        self.looks.switch(mark, on, origin);
    }

    pub(in crate::markup) fn open_link(&mut self, address: &str, origin: Origin) {
        let target = self.look_at(address);
        match origin {
            Origin::Markdown => self.links.markdown.push(target),
            Origin::Html => {
                self.close_html_link();
                self.links.html = Some(target);
            }
        }
    }

    fn look_at(&mut self, address: &str) -> Target {
        match classify(address) {
            Address::Web(address) | Address::Mail(address) => Target::Live { address, shown: false },
            Address::Attachment(source) => Target::File(Attachment {
                source,
                name: String::new(),
                image: false,
                uploaded_as: None,
            }),
            Address::Relative => {
                self.losses.note_at(What::RelativeLink, address);
                Target::None
            }
            Address::Refused => {
                self.losses.note_at(What::LinkAddress, address);
                Target::None
            }
        }
    }

    pub(in crate::markup) fn close_markdown_link(&mut self) {
        let target = self.links.markdown.pop();
        self.end_link(target);
    }

    pub(in crate::markup) fn close_html_link(&mut self) {
        let target = self.links.html.take();
        self.end_link(target);
    }

    fn end_link(&mut self, target: Option<Target>) {
        match target {
            Some(Target::File(file)) => self.inline(Inline::Attachment(file)),
            // A link without a text could not be clicked.
            Some(Target::Live { address, shown: false }) => {
                let span = Span {
                    text: address.clone(),
                    marks: Marks::NONE,
                    link: Some(address),
                };
                self.inline(Inline::Span(span));
            }
            Some(Target::Live { .. } | Target::None) | None => {}
        }
    }

    pub(in crate::markup) fn open_picture(&mut self, address: &str) {
        match &mut self.picture {
            Some(picture) => picture.inner += 1,
            None => {
                self.picture = Some(Picture {
                    address: address.to_owned(),
                    alt: String::new(),
                    inner: 0,
                })
            }
        }
    }

    pub(in crate::markup) fn close_picture(&mut self) {
        match self.picture.take() {
            Some(picture) if picture.inner > 0 => {
                self.picture = Some(Picture {
                    inner: picture.inner - 1,
                    ..picture
                });
            }
            Some(picture) => self.place_picture(&picture.address, picture.alt),
            None => {}
        }
    }

    pub(in crate::markup) fn place_picture(&mut self, address: &str, alt: String) {
        if let Some(outer) = &mut self.picture {
            outer.alt.push_str(&alt);
            return;
        }
        match classify(address) {
            Address::Web(url) => match self.links.target() {
                // A picture that is a link (a badge): what it leads to matters more than how it looks.
                Some(_) => {
                    self.losses.note(What::PictureInLine);
                    self.text(if alt.is_empty() { &url } else { &alt });
                }
                None => self.inline(Inline::Image(Image { url, alt })),
            },
            Address::Attachment(source) => {
                self.inline(Inline::Attachment(Attachment {
                    source,
                    name: alt,
                    image: true,
                    uploaded_as: None,
                }));
            }
            Address::Mail(_) | Address::Relative | Address::Refused => {
                let name = if alt.is_empty() { file_name(address) } else { alt };
                self.losses.note_at(What::Picture, &name);
                self.text(&name);
            }
        }
    }
}

/// The last part of a path, for a picture nobody gave a text. Inline data has no name.
fn file_name(address: &str) -> String {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    let inline = path.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("data:"));
    match path.rsplit('/').next() {
        Some(name) if !name.is_empty() && !inline => name.chars().take(80).collect(),
        _ => "[image]".to_owned(),
    }
}
