//! What a text lost on the way, for a person to act on.

use std::fmt;

/// Losses of one kind in one text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loss {
    /// What was lost.
    pub what: What,
    /// How often, at least 1.
    pub times: usize,
    /// The first thing it happened to, at most 60 characters.
    pub example: Option<String>,
}

/// The kinds of loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum What {
    /// The text was longer than the destination takes. The full text should be attached as a file.
    Shortened,
    /// The source was longer than we read at all (256 KiB). The full text should be attached as a file.
    TooLongToRead,
    /// A link whose address is not http, https or mailto stayed as its text.
    LinkAddress,
    /// A link without a host (relative, or an anchor) stayed as its text.
    RelativeLink,
    /// A picture that is not on the web stayed as its name.
    Picture,
    /// A picture became a link, because the destination has no room for one there.
    PictureInLine,
    /// A file kept by TestOps is mentioned by name only.
    FileByName,
    /// An HTML tag we do not translate stayed as text.
    HtmlTag,
    /// An HTML comment was left out.
    HtmlComment,
    /// Colours and other HTML or CSS looks were dropped.
    Colour,
    /// Control characters were removed.
    ControlCharacters,
    /// Lists and quotes nested deeper than 12 levels were made flat.
    Depth,
    /// A quote inside a quote or list lost its frame.
    NestedQuote,
    /// A heading inside a list or quote became bold text.
    NestedHeading,
    /// A table inside a list or quote became lines.
    NestedTable,
    /// A horizontal line inside a list or quote was left out.
    NestedRule,
    /// Blocks inside a table cell or a line became lines.
    BlocksInLine,
    /// A cell over several rows or columns became one with empty cells beside it.
    CellSpan,
    /// Text after an inner list was joined to that list's last item.
    AfterInnerList,
    /// A numbered list that starts elsewhere is numbered from 1.
    ListStart,
    /// Bold, italic, underlined or similar text is plain.
    Look,
    /// A code block is shown as plain lines, because its text would end the block.
    CodeBlock,
    /// The language of a code block is unknown to the destination.
    CodeLanguage,
    /// A part of a step's `bodyJson` has a type we do not know; its text was kept.
    UnknownNode,
}

impl What {
    fn describe(self) -> &'static str {
        match self {
            What::Shortened => "the text was too long for the field and was shortened",
            What::TooLongToRead => "only the first 256 KiB of the text were read",
            What::LinkAddress => "a link other than http, https or mailto was left as text",
            What::RelativeLink => "a link without a host was left as text",
            What::Picture => "a picture that is not on the web was left as its name",
            What::PictureInLine => "a picture became a link",
            What::FileByName => "a TestOps file is mentioned by name only",
            What::HtmlTag => "an HTML tag was left as text",
            What::HtmlComment => "an HTML comment was left out",
            What::Colour => "a colour or style was dropped",
            What::ControlCharacters => "control characters were removed",
            What::Depth => "nesting deeper than 12 levels was made flat",
            What::NestedQuote => "a quote inside a quote or list lost its frame",
            What::NestedHeading => "a heading inside a list or quote became bold text",
            What::NestedTable => "a table inside a list or quote became lines",
            What::NestedRule => "a horizontal line inside a list or quote was left out",
            What::BlocksInLine => "blocks inside a table cell or a line became lines",
            What::CellSpan => "a cell over several rows or columns became one cell, with empty cells beside it",
            What::AfterInnerList => "text after an inner list was joined to that list's last item",
            What::ListStart => "a numbered list now starts at 1",
            What::Look => "bold, italic or similar text became plain",
            What::CodeBlock => "a code block became plain lines",
            What::CodeLanguage => "the language of a code block was dropped",
            What::UnknownNode => "formatting of an unknown kind was dropped, its text kept",
        }
    }
}

/// Whether a loss is of a text that is there in part only.
#[must_use]
pub fn is_partial(message: &str) -> bool {
    [What::Shortened, What::TooLongToRead]
        .iter()
        .any(|what| message.contains(what.describe()))
}

impl Loss {
    /// One loss without an example.
    #[must_use]
    pub fn new(what: What) -> Loss {
        Loss {
            what,
            times: 1,
            example: None,
        }
    }

    /// Whether the destination holds only a part, so that the full text should be attached as a file.
    #[must_use]
    pub fn wants_full_text_attached(&self) -> bool {
        matches!(self.what, What::Shortened | What::TooLongToRead)
    }
}

/// `a link without a host was left as text (3 times, first: "/docs")`
impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.what.describe())?;
        match (&self.example, self.times) {
            (None, ..=1) => Ok(()),
            (None, times) => write!(f, " ({times} times)"),
            (Some(example), ..=1) => write!(f, " ({example:?})"),
            (Some(example), times) => write!(f, " ({times} times, first: {example:?})"),
        }
    }
}

/// Collects losses, one entry per kind, in the order the kinds first occurred.
#[derive(Debug, Default)]
pub(super) struct Losses(Vec<Loss>);

impl Losses {
    pub(super) fn note(&mut self, what: What) {
        self.add(what, None);
    }

    pub(super) fn note_at(&mut self, what: What, example: &str) {
        self.add(what, Some(example));
    }

    fn add(&mut self, what: What, example: Option<&str>) {
        if let Some(known) = self.0.iter_mut().find(|loss| loss.what == what) {
            known.times += 1;
        } else {
            let example = example.map(|text| text.chars().take(60).collect());
            self.0.push(Loss {
                what,
                times: 1,
                example,
            });
        }
    }

    pub(super) fn into_vec(self) -> Vec<Loss> {
        self.0
    }
}
