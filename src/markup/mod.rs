//! Rich text: everything a tester wrote, as Jira can show it.
//!
//! Readers turn TestOps Markdown, a step's `bodyJson` or plain text into one [`tree::Tree`]; writers turn the tree
//! into what the destination takes: [`adf`] (descriptions on Jira Cloud), [`wiki`] (descriptions on Data Center and
//! Xray step fields on both) and [`plain`]. [`shorten`] knows the limits.
//!
//! ```
//! use tms_sync_xray::markup::{Document, adf, shorten, wiki};
//!
//! let document = Document::from_markdown("Open **the** page, see {html}");
//! let (body, losses) = wiki::write(&document.tree, shorten::DESCRIPTION);
//! assert_eq!(body, r"Open *the* page, see \{html\}");
//! assert!(losses.is_empty() && document.losses.is_empty());
//! let (body, _) = adf::write(&document.tree, shorten::DESCRIPTION);
//! assert_eq!(body["content"][0]["content"][1]["marks"][0]["type"], "strong");
//! ```
//!
//! Nothing here fails: what cannot be carried comes back as a [`Loss`], and the text itself always arrives. Text of
//! testers is never trusted to be harmless: only nodes and marks of a fixed set are written, only http, https and
//! mailto addresses become links, and everything that could be live markup in the destination is escaped. Keys of
//! Jira issues are deliberately left as they are: Jira shows them as links, which is what testers want.

pub mod address;
pub mod adf;
pub mod loss;
pub mod plain;
pub mod shorten;
pub mod tree;
pub mod wiki;

mod body_json;
mod builder;
mod characters;
mod html;
mod inlines;
mod markdown;
mod table;

use serde_json::Value;

pub use loss::{Loss, What};
pub use tree::Tree;

use builder::{Builder, Open};

/// How much of a source text is read, in bytes. Eight times what a Jira description takes.
pub const MAX_SOURCE: usize = 256 * 1024;

/// A text that was read, and what reading it lost.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Document {
    /// The text.
    pub tree: Tree,
    /// What the tree does not hold.
    pub losses: Vec<Loss>,
}

impl Document {
    /// Reads Markdown: description, precondition, expected result, comments and mute reasons of TestOps.
    #[must_use]
    pub fn from_markdown(text: &str) -> Document {
        let mut builder = Builder::default();
        markdown::read(readable(text, &mut builder), &mut builder);
        Document::of(builder)
    }

    /// Reads a step: its `bodyJson` if it is there and says anything, else its plain `body`.
    #[must_use]
    pub fn from_step(body: &str, body_json: Option<&Value>) -> Document {
        let mut builder = Builder::default();
        body_json::read(body_json.unwrap_or(&Value::Null), &mut builder);
        let document = Document::of(builder);
        if document.tree.is_empty() {
            Document::from_plain(body)
        } else {
            document
        }
    }

    /// Reads plain text: line ends count, blank lines separate paragraphs, bare http(s) addresses become links.
    #[must_use]
    pub fn from_plain(text: &str) -> Document {
        let mut builder = Builder::default();
        let text = characters::clean(readable(text, &mut builder), &mut builder.losses).into_owned();
        builder.open_markdown(Open::Paragraph);
        for line in text.lines() {
            if line.trim().is_empty() {
                builder.close_markdown();
                builder.open_markdown(Open::Paragraph);
            } else {
                builder.text(line);
                builder.line_break();
            }
        }
        Document::of(builder)
    }

    /// Adds another text, its first line on a line of its own.
    pub fn append_line(&mut self, other: Document) {
        self.tree.append_line(other.tree);
        for loss in other.losses {
            match self.losses.iter_mut().find(|known| known.what == loss.what) {
                Some(known) => known.times += loss.times,
                None => self.losses.push(loss),
            }
        }
    }

    fn of(builder: Builder) -> Document {
        let (tree, losses) = builder.finish();
        Document {
            tree,
            losses: losses.into_vec(),
        }
    }
}

/// The part of a source that is read.
fn readable<'a>(text: &'a str, builder: &mut Builder) -> &'a str {
    if text.len() <= MAX_SOURCE {
        return text;
    }
    builder.losses.note(What::TooLongToRead);
    text.get(..text.floor_char_boundary(MAX_SOURCE)).unwrap_or_default()
}
