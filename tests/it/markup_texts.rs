//! Texts and trees to try the markup with.

use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::{Value, json};
use tms_sync_xray::markup::Document;
use tms_sync_xray::markup::address::{AttachmentOwner, AttachmentRef};
use tms_sync_xray::markup::tree::{Attachment, Block, Cell, Image, Inline, Item, List, Marks, Row, Span, Table, Tree};

/// Hostile texts collected by hand.
pub static PAYLOADS: LazyLock<Vec<String>> =
    LazyLock::new(|| serde_json::from_str(include_str!("../fixtures/markup_payloads.json")).unwrap());

/// Payloads, signs of both markups, words and any characters at all, thrown together.
pub fn hostile() -> impl Strategy<Value = String> {
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
pub fn structured() -> impl Strategy<Value = (String, Vec<String>)> {
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
    prop_oneof![
        10 => (text, marks(), link).prop_map(|(text, marks, link)| {
            // A link nobody can see is nothing a reader makes.
            let link = link.filter(|_| !text.trim().is_empty());
            Inline::Span(Span { text, marks, link })
        }),
        2 => Just(Inline::Break),
        1 => "[a-z|!]{0,5}".prop_map(|alt| Inline::Image(Image { url: "https://example.com/p.png".into(), alt })),
        1 => ("[a-z]{0,6}", any::<bool>()).prop_map(|(name, image)| {
            let source = AttachmentRef { origin: None, owner: AttachmentOwner::TestCase, id: 7, path: "/api/testcase/attachment/7/content".into() };
            Inline::Attachment(Attachment { source, name, image, uploaded_as: None })
        }),
    ]
}

fn cell(line: impl Strategy<Value = Vec<Inline>>) -> impl Strategy<Value = Cell> {
    let span = || prop_oneof![4 => Just(1_usize), 1 => 2..5_usize];
    (any::<bool>(), span(), span(), line).prop_map(|(header, columns, rows, content)| Cell {
        header,
        columns,
        rows,
        content,
    })
}

pub fn tree() -> impl Strategy<Value = Tree> {
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
        1 => proptest::collection::vec(proptest::collection::vec(cell(line()), 0..4), 1..4).prop_map(|rows| {
            let rows = rows.into_iter().map(|cells| Row { cells });
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

pub fn any_json() -> impl Strategy<Value = Value> {
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
