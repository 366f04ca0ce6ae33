//! What a reader wants to see of a report.

use std::borrow::Cow;

use crate::render::text::harmless;

/// Whose notes are shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Notes {
    /// Those of every item
    All,
    /// Those of items that are written, would be, or failed
    #[default]
    Changed,
    /// None
    None,
}

/// How a report is shown.
#[derive(Debug, Clone, Default)]
pub struct View {
    /// The `-c FILE` to repeat in suggested commands.
    pub config: String,
    /// Where a plan was kept, as a shell takes it.
    pub plan: Option<String>,
    pub notes: Notes,
    /// Every value as a whole, and every item.
    pub full_values: bool,
    /// Whether the terminal makes links of OSC 8.
    pub links: bool,
}

impl View {
    /// `text`, as a link to `url` where the terminal makes links.
    pub fn linked<'a>(&self, text: &'a str, url: Option<&str>) -> Cow<'a, str> {
        let text = harmless(text);
        let is_sound =
            |url: &&str| url.starts_with("http") && url.chars().all(|character| character.is_ascii_graphic());
        match url.filter(|_| self.links).filter(is_sound) {
            Some(url) => Cow::Owned(format!("\u{1b}]8;;{url}\u{1b}\\{text}\u{1b}]8;;\u{1b}\\")),
            None => text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_a_link_only_where_the_terminal_makes_links() {
        let url = Some("https://jira.example.com/browse/CALC-1");
        assert_eq!(View::default().linked("CALC-1", url), "CALC-1");
        let links = View {
            links: true,
            ..View::default()
        };
        assert_eq!(
            links.linked("CALC-1", url),
            "\u{1b}]8;;https://jira.example.com/browse/CALC-1\u{1b}\\CALC-1\u{1b}]8;;\u{1b}\\"
        );
        assert_eq!(links.linked("CALC-1", Some("http://x/\u{1b}]0;owned\u{7}")), "CALC-1");
    }
}
