//! What holds for any text. Every one of the seven properties runs 500 cases by default, to be quick;
//! `PROPTEST_CASES=20000` makes a full run of 140,000 (about two minutes on two busy cores).

use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::{Value, json};
use tms_sync_xray::markup::address::{AttachmentOwner, AttachmentRef};
use tms_sync_xray::markup::tree::{Attachment, Block, Image, Inline, Item, List, Marks, Row, Span, Table, Tree};
use tms_sync_xray::markup::{Document, adf, shorten, wiki};

use crate::adf_schema;
use crate::wiki_grammar::{self, Live};

static PAYLOADS: LazyLock<Vec<String>> =
    LazyLock::new(|| serde_json::from_str(include_str!("../fixtures/markup_payloads.json")).unwrap());

fn cases() -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES")
        .ok()
        .and_then(|cases| cases.parse().ok())
        .unwrap_or(500);
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
                    for cell in table.rows.iter().flat_map(|row| &row.cells) {
                        self.counts[CELLS] += 1;
                        self.line(cell, Marks::NONE);
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
                        .for_each(|cell| line(cell, false, out));
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

// Texts

/// Payloads, signs of both markups, words and any characters at all, thrown together.
fn hostile() -> impl Strategy<Value = String> {
    let fragment = prop_oneof![
        4 => (0..PAYLOADS.len()).prop_map(|at| PAYLOADS[at].clone()),
        3 => r"[\\*_{}\[\]()!|~^+#:;?&<>@/.xhbq1DP=\-` \n]{1,10}",
        2 => "[a-zа-я]{1,8}",
        1 => ".{0,6}",
        1 => Just("\n\n".to_owned()),
    ];
    let glue = prop_oneof![Just(""), Just(" "), Just("\n"), Just("\n\n"), Just("\n  ")];
    proptest::collection::vec((fragment, glue), 0..10).prop_map(|parts| {
        parts
            .into_iter()
            .flat_map(|(text, glue)| [text, glue.to_owned()])
            .collect()
    })
}

/// Well-formed Markdown whose words are known.
fn structured() -> impl Strategy<Value = (String, Vec<String>)> {
    let word = "[a-z]{3,9}";
    let inline = (word, 0..8_u8).prop_map(|(word, look)| {
        let text = match look {
            0 => format!("**{word}**"),
            1 => format!("*{word}*"),
            2 => format!("~~{word}~~"),
            3 => format!("`{word}`"),
            4 => format!("[{word}](https://example.com/{word})"),
            5 => format!("<b>{word}</b>"),
            _ => word.clone(),
        };
        (text, vec![word])
    });
    let line = proptest::collection::vec(inline, 1..5).prop_map(|parts| {
        let texts: Vec<String> = parts.iter().map(|part| part.0.clone()).collect();
        (
            texts.join(" "),
            parts.into_iter().flat_map(|part| part.1).collect::<Vec<_>>(),
        )
    });
    let block = (proptest::collection::vec(line, 1..4), 0..8_u8).prop_map(|(lines, kind)| {
        let words: Vec<String> = lines.iter().flat_map(|line| line.1.clone()).collect();
        let texts: Vec<String> = lines.into_iter().map(|line| line.0).collect();
        let text = match kind {
            0 => format!("# {}", texts.join(" ")),
            1 => texts.iter().map(|line| format!("- {line}\n")).collect(),
            2 => texts
                .iter()
                .enumerate()
                .map(|(at, line)| format!("{}. {line}\n", at + 1))
                .collect(),
            3 => format!("> {}", texts.join("\n> ")),
            4 => format!("```\n{}\n```", texts.join("\n")),
            5 => format!("| {} |\n|{}\n", texts.join(" | "), "---|".repeat(texts.len())),
            6 => texts
                .iter()
                .enumerate()
                .map(|(at, line)| format!("{}- {line}\n", "  ".repeat(at)))
                .collect(),
            _ => texts.join("\n"),
        };
        (text, words)
    });
    proptest::collection::vec(block, 1..6).prop_map(|blocks| {
        let texts: Vec<String> = blocks.iter().map(|block| block.0.clone()).collect();
        (
            texts.join("\n\n"),
            blocks.into_iter().flat_map(|block| block.1).collect(),
        )
    })
}

// Trees

fn marks() -> impl Strategy<Value = Marks> {
    proptest::collection::vec(0..Marks::ALL.len(), 0..3).prop_map(|all| {
        all.into_iter()
            .fold(Marks::NONE, |marks, at| marks.with(Marks::ALL[at]))
    })
}

fn inline() -> impl Strategy<Value = Inline> {
    let text = prop_oneof![
        3 => "[a-zA-Z0-9 ._()]{1,12}",
        2 => r"[\\*_{}\[\]()!|~^+#:;?&<>@/.xhbq1DP=\- ]{1,8}",
        1 => (0..PAYLOADS.len()).prop_map(|at| PAYLOADS[at].chars().filter(|c| !c.is_control()).collect()),
    ];
    let text = text.prop_filter("readers remove these", |text: &String| {
        !text.is_empty() && Document::from_plain(text).losses.is_empty() && !text.contains(['\u{2028}', '\u{2029}'])
    });
    let link = prop_oneof![4 => Just(None), 1 => Just(Some("https://example.com/a?b=c".to_owned())),
        1 => Just(Some("mailto:a@example.com".to_owned()))];
    let file = (
        "[a-z]{0,6}",
        prop_oneof![Just(None), Just(Some("log 1.txt".to_owned()))],
        any::<bool>(),
    );
    prop_oneof![
        10 => (text, marks(), link).prop_map(|(text, marks, link)| {
            // A link nobody can see is nothing a reader makes.
            let link = link.filter(|_| !text.trim().is_empty());
            Inline::Span(Span { text, marks, link })
        }),
        2 => Just(Inline::Break),
        1 => "[a-z|!]{0,5}".prop_map(|alt| Inline::Image(Image { url: "https://example.com/p.png".into(), alt })),
        1 => file.prop_map(|(name, uploaded_as, image)| {
            // Uploaded files are shown by their file name or as themselves; keep to the ones that show a text.
            let uploaded_as = uploaded_as.filter(|_| false).or(None::<String>);
            let source = AttachmentRef { origin: None, owner: AttachmentOwner::TestCase, id: 7 };
            Inline::Attachment(Attachment { source, name, image, uploaded_as })
        }),
    ]
}

fn tree() -> impl Strategy<Value = Tree> {
    let line = || proptest::collection::vec(inline(), 0..5);
    let code = prop_oneof![
        Just("a {b}\n  c".to_owned()),
        Just("{code}".to_owned()),
        Just("{noformat} {CODE:x}".to_owned()),
        "[ -~]{0,20}"
    ];
    let leaf = prop_oneof![
        5 => line().prop_map(Block::Paragraph),
        1 => (1..7_u8, line()).prop_map(|(level, content)| Block::Heading { level, content }),
        1 => (prop_oneof![Just(None), Just(Some("java".to_owned())), Just(Some("gherkin".to_owned()))], code)
            .prop_map(|(language, text)| Block::Code { language, text }),
        1 => Just(Block::Rule),
        1 => proptest::collection::vec((any::<bool>(), proptest::collection::vec(line(), 1..4)), 1..4).prop_map(|rows| {
            let rows = rows.into_iter().map(|(header, cells)| Row { header, cells });
            Block::Table(Table { rows: rows.collect() })
        }),
    ];
    let block = leaf.prop_recursive(4, 24, 4, |inner| {
        let blocks = proptest::collection::vec(inner, 0..4);
        let item =
            (proptest::option::of(any::<bool>()), blocks.clone()).prop_map(|(done, blocks)| Item { done, blocks });
        prop_oneof![
            blocks.prop_map(Block::Quote),
            (proptest::option::of(0..9_u64), proptest::collection::vec(item, 1..4))
                .prop_map(|(start, items)| Block::List(List { start, items })),
        ]
    });
    proptest::collection::vec(block, 0..5).prop_map(|blocks| Tree { blocks })
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<i32>().prop_map(Value::from),
        hostile().prop_map(Value::from),
        hostile().prop_map(|text| json!({"type": "text", "text": text})),
        (hostile(), "[a-z_]{0,8}").prop_map(|(text, mark)| json!({"type": "text", "text": text,
            "marks": [{"type": "bold"}, {"type": mark}, {"type": "link", "attrs": {"href": text}}]})),
        Just(json!({"type": "lineBreak"})),
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        let kind = prop_oneof![
            Just("doc"),
            Just("paragraph"),
            Just("code_block"),
            Just("bullet_list"),
            Just("")
        ];
        (kind, proptest::collection::vec(inner, 0..5))
            .prop_map(|(kind, content)| json!({"type": kind, "content": content, "attrs": {"language": "Java x"}}))
    })
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
        let unwelcome = |c: &char| matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}'
            | '\u{FDD0}'..='\u{FDEF}') || u32::from(*c) & 0xFFFE == 0xFFFE;
        let source: String = text.chars().filter(|c| !unwelcome(c)).collect();
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
