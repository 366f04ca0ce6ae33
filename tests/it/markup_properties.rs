//! What holds for any text. Each of the seven properties runs 15,000 cases, 105,000 together; `PROPTEST_CASES` sets
//! another number. Many small texts find more than few large ones.

use proptest::prelude::*;
use serde_json::json;
use tms_sync_xray::markup::tree::{Block, Inline, Marks, Place, Tree};
use tms_sync_xray::markup::{Document, adf, shorten, wiki};
use tms_sync_xray::text::clean;

use crate::adf_schema;
use crate::markup_texts::{any_json, hostile, structured, tree};
use crate::wiki_grammar::{self, Live};

fn cases() -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES")
        .ok()
        .and_then(|cases| cases.parse().ok())
        .unwrap_or(15_000);
    ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

// Checks

/// Everything both writers must keep to for one tree.
fn both_writers_keep_to_the_tree(tree: &Tree) -> Result<(), TestCaseError> {
    let (document, _) = adf::write(tree, usize::MAX);
    prop_assert_eq!(adf_schema::validate(&document), Ok(()), "{}", document);
    prop_assert_eq!(bare(&adf_schema::text(&document)), bare(&text_of(tree, true)));
    let meant = Meant::of(tree);
    for address in adf_schema::addresses(&document) {
        prop_assert!(
            meant.links.contains(&address) || meant.pictures.contains(&address),
            "{}",
            address
        );
    }
    let (markup, _) = wiki::write(tree, usize::MAX);
    let page = wiki_grammar::read(&markup);
    meant.covers(&page.live, &markup)?;
    prop_assert_eq!(bare(&page.text), bare(&text_of(tree, false)), "{}", markup);
    Ok(())
}

/// What a tree means to be live.
#[derive(Default)]
struct Meant {
    links: Vec<String>,
    pictures: Vec<String>,
    files: Vec<String>,
    looks: Vec<(Marks, String)>,
    counts: [usize; 5],
}

const HEADINGS: usize = 0;
const ITEMS: usize = 1;
const CELLS: usize = 2;
const RULES: usize = 3;
const MACROS: usize = 4;

impl Meant {
    fn of(tree: &Tree) -> Meant {
        let mut meant = Meant::default();
        meant.blocks(&tree.blocks);
        meant
    }

    fn blocks(&mut self, blocks: &[Block]) {
        for block in blocks {
            match block {
                Block::Paragraph(content) => self.line(content, Marks::NONE),
                Block::Heading { content, .. } => {
                    self.counts[HEADINGS] += 1;
                    self.line(content, Marks::STRONG);
                }
                Block::Code { .. } => self.counts[MACROS] += 1,
                Block::Quote(inner) => {
                    self.counts[MACROS] += 1;
                    self.blocks(inner);
                }
                Block::List(list) => {
                    for item in &list.items {
                        self.counts[ITEMS] += 1;
                        self.blocks(&item.blocks);
                    }
                }
                Block::Table(table) => {
                    for place in table.grid().into_iter().flatten() {
                        self.counts[CELLS] += 1;
                        if let Place::Begins { cell, .. } = place {
                            self.line(&cell.content, Marks::NONE);
                        }
                    }
                }
                Block::Rule => self.counts[RULES] += 1,
            }
        }
    }

    fn line(&mut self, content: &[Inline], extra: Marks) {
        for inline in content {
            match inline {
                Inline::Span(span) => {
                    self.links.extend(span.link.clone());
                    self.looks.push((span.marks.with(extra), bare(&span.text)));
                }
                Inline::Image(image) => {
                    self.pictures.push(image.url.clone());
                    self.links.push(image.url.clone());
                }
                Inline::Attachment(file) => self.files.extend(file.uploaded_as.clone()),
                Inline::Break => {}
            }
        }
    }

    fn covers(&self, live: &[Live], markup: &str) -> Result<(), TestCaseError> {
        let mut counts = self.counts;
        for thing in live {
            let meant = match thing {
                Live::Macro(name) if matches!(name.as_str(), "quote" | "code" | "noformat") => {
                    take(&mut counts, MACROS)
                }
                Live::Heading(1..=6) => take(&mut counts, HEADINGS),
                Live::Item(_) => take(&mut counts, ITEMS),
                Live::Cell(_) => take(&mut counts, CELLS),
                Live::Rule => take(&mut counts, RULES),
                Live::Link(target) => {
                    // An address that looks like an entity is written with an encoded semicolon.
                    self.links
                        .iter()
                        .any(|link| link == target || *link == target.replace("%3B", ";"))
                        || self.files.iter().any(|name| *target == format!("^{name}"))
                }
                Live::Picture(source) => {
                    let source = source.split('|').next().unwrap_or_default();
                    self.pictures.iter().chain(&self.files).any(|meant| meant == source)
                }
                Live::Look(name, text) => self.meant_look(name, text),
                _ => false,
            };
            prop_assert!(meant, "{:?} lives in:\n{}", thing, markup);
        }
        Ok(())
    }

    fn meant_look(&self, name: &str, text: &str) -> bool {
        let mark = match name {
            "strong" => Marks::STRONG,
            "em" => Marks::EM,
            "del" => Marks::STRIKE,
            "ins" => Marks::UNDERLINE,
            "sub" => Marks::SUB,
            "sup" => Marks::SUP,
            "code" => Marks::CODE,
            _ => return false,
        };
        // A look over a link shows the whole link, which may be several spans; inner looks' signs may be in it.
        let text: String = bare(text).chars().filter(|c| !"*_-+^~{}".contains(*c)).collect();
        self.looks.iter().any(|(marks, span)| {
            let span: String = span.chars().filter(|c| !"*_-+^~{}".contains(*c)).collect();
            marks.has(mark) && (text.contains(&span) || span.contains(&text))
        })
    }
}

fn take(counts: &mut [usize; 5], at: usize) -> bool {
    let left = counts[at] > 0;
    counts[at] = counts[at].saturating_sub(1);
    left
}

/// Text without white space, and without the bars that stand for cells where there is no table.
fn bare(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_whitespace() && !c.is_control() && *c != '|')
        .collect()
}

/// The text of a tree. Pictures show no text, but for ADF's headings, where they are links.
fn text_of(tree: &Tree, adf: bool) -> String {
    fn blocks(all: &[Block], adf: bool, nested: bool, out: &mut String) {
        for block in all {
            match block {
                Block::Paragraph(content) => line(content, false, out),
                Block::Heading { content, .. } => line(content, adf && !nested, out),
                Block::Code { text, .. } => out.push_str(text),
                Block::Quote(inner) => blocks(inner, adf, true, out),
                Block::List(list) => {
                    for item in &list.items {
                        out.push_str(item.done.map_or("", |done| if done { "☑" } else { "☐" }));
                        blocks(&item.blocks, adf, true, out);
                    }
                }
                Block::Table(table) => {
                    table
                        .rows
                        .iter()
                        .flat_map(|row| &row.cells)
                        .for_each(|cell| line(&cell.content, false, out));
                }
                Block::Rule => {}
            }
        }
    }
    fn line(content: &[Inline], pictures: bool, out: &mut String) {
        for inline in content {
            match inline {
                Inline::Span(span) => out.push_str(&span.text),
                Inline::Break => out.push('\n'),
                Inline::Image(image) if pictures && image.alt.is_empty() => out.push_str(&image.url),
                Inline::Image(image) if pictures => out.push_str(&image.alt),
                Inline::Image(_) => {}
                Inline::Attachment(file) if file.name.trim().is_empty() => {
                    out.push_str(&format!("attachment{}", file.source.id));
                }
                Inline::Attachment(file) => out.push_str(&file.name),
            }
        }
    }
    let mut out = String::new();
    blocks(&tree.blocks, adf, false, &mut out);
    out
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn plain_text_is_shown_as_it_is(text in hostile()) {
        let markup = wiki::escape_text(&text);
        let page = wiki_grammar::read(&markup);
        for thing in &page.live {
            let address = matches!(thing, Live::Link(target) if target.starts_with("http://") || target.starts_with("https://"));
            prop_assert!(address, "{:?} lives in:\n{}", thing, markup);
        }
        let document = Document::from_plain(&text);
        prop_assert_eq!(adf_schema::validate(&adf::from_plain(&text)), Ok(()));
        both_writers_keep_to_the_tree(&document.tree)?;
        let source = clean(&text).text;
        prop_assert_eq!(bare(&text_of(&document.tree, false)), bare(&source));
    }

    #[test]
    fn markdown_of_any_kind_comes_out_harmless(text in hostile()) {
        both_writers_keep_to_the_tree(&Document::from_markdown(&text).tree)?;
    }

    #[test]
    fn no_word_of_markdown_is_lost((text, words) in structured()) {
        let document = Document::from_markdown(&text);
        both_writers_keep_to_the_tree(&document.tree)?;
        let shown = text_of(&document.tree, false);
        let mut rest = shown.as_str();
        for word in words {
            let at = rest.find(&word);
            prop_assert!(at.is_some(), "{} in {:?}", word, shown);
            rest = &rest[at.unwrap() + word.len()..];
        }
    }

    #[test]
    fn any_tree_comes_out_harmless(tree in tree()) {
        both_writers_keep_to_the_tree(&tree)?;
    }

    #[test]
    fn any_step_comes_out_harmless(body in hostile(), json in any_json()) {
        let document = Document::from_step(&body, Some(&json!({"type": "doc", "content": [json]})));
        both_writers_keep_to_the_tree(&document.tree)?;
    }

    #[test]
    fn shortened_text_fits_and_is_as_harmless(text in hostile(), limit in 0..400_usize) {
        let tree = Document::from_markdown(&text.repeat(3)).tree;
        let whole = wiki::write(&tree, usize::MAX).0;
        let (markup, losses) = wiki::write(&tree, limit);
        prop_assert!(markup.encode_utf16().count() <= limit);
        prop_assert_eq!(losses.iter().any(|loss| loss.wants_full_text_attached()), markup != whole);
        let (document, _) = adf::write(&tree, limit);
        prop_assert_eq!(adf_schema::validate(&document), Ok(()));
        let mut meant = Meant::of(&tree);
        meant.looks.push((Marks::EM, "…(shortened)".to_owned()));
        meant.covers(&wiki_grammar::read(&markup).live, &markup)?;
    }

    #[test]
    fn summaries_are_one_short_line(text in hostile(), times in 1..40_usize) {
        let (line, loss) = shorten::summary(&text.repeat(times));
        prop_assert!(line.encode_utf16().count() <= shorten::SUMMARY);
        prop_assert!(!line.contains(|c: char| c.is_control()) && line.trim() == line);
        let whole = Document::from_plain(&text.repeat(times)).tree;
        prop_assert!(loss.is_some() || bare(&line) == bare(&text_of(&whole, false)));
    }
}
