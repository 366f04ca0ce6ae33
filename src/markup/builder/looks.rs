//! How text looks and where it leads, while it is read.

use super::Origin;
use crate::markup::tree::{Attachment, Marks};

/// How often each look is switched on, by Markdown and by HTML.
#[derive(Debug, Default)]
pub(super) struct Looks {
    markdown: [u16; Marks::ALL.len()],
    html: [u16; Marks::ALL.len()],
}

impl Looks {
    pub(super) fn switch(&mut self, mark: Marks, on: bool, origin: Origin) {
        let counts = match origin {
            Origin::Html => &mut self.html,
            Origin::Markdown => &mut self.markdown,
        };
        let place = Marks::ALL.iter().position(|known| *known == mark);
        if let Some(count) = place.and_then(|at| counts.get_mut(at)) {
            *count = if on {
                count.saturating_add(1)
            } else {
                count.saturating_sub(1)
            };
        }
    }

    /// Looks that are on.
    pub(super) fn on(&self) -> Marks {
        let counts = self.markdown.iter().zip(&self.html);
        let on = Marks::ALL.into_iter().zip(counts);
        on.filter(|(_, (markdown, html))| **markdown > 0 || **html > 0)
            .fold(Marks::NONE, |marks, (mark, _)| marks.with(mark))
    }

    /// Those of HTML end with their line.
    pub(super) fn end_line(&mut self) {
        self.html = Default::default();
    }
}

/// Where a link leads, once looked at.
#[derive(Debug, Clone)]
pub(super) enum Target {
    Live {
        address: String,
        shown: bool,
    },
    File(Attachment),
    /// An inner or refused link: its text is just text.
    None,
}

/// Links that are open.
#[derive(Debug, Default)]
pub(super) struct Links {
    pub(super) markdown: Vec<Target>,
    pub(super) html: Option<Target>,
}

impl Links {
    /// Where text leads now.
    pub(super) fn target(&self) -> Option<&Target> {
        self.markdown.last().or(self.html.as_ref())
    }

    pub(super) fn target_mut(&mut self) -> Option<&mut Target> {
        self.markdown.last_mut().or(self.html.as_mut())
    }
}
