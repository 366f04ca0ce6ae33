//! The collected payloads, one by one, in every place a text can stand.

use tms_sync_xray::markup::{Document, adf, wiki};

use crate::adf_schema;
use crate::markup_texts::PAYLOADS;
use crate::wiki_grammar::{self, Live};

/// What no text may ever bring to life, whatever it says.
fn is_danger(live: &Live) -> bool {
    match live {
        Live::Macro(name) => !matches!(name.as_str(), "code" | "noformat" | "quote"),
        Live::Link(target) => !["http://", "https://", "mailto:"]
            .iter()
            .any(|scheme| target.starts_with(scheme)),
        Live::Picture(source) => !source.starts_with("http://") && !source.starts_with("https://"),
        Live::BlockQuote | Live::Bare(_) | Live::Smiley(_) | Live::Dash => true,
        Live::Heading(level) => *level == 0,
        _ => false,
    }
}

#[test]
fn there_are_enough_of_them() {
    assert!(PAYLOADS.len() >= 400, "{}", PAYLOADS.len());
}

#[test]
fn none_lives_as_plain_text() {
    for payload in PAYLOADS.iter() {
        let markup = wiki::escape_text(payload);
        let live = wiki_grammar::read(&markup).live;
        let addresses_only = live
            .iter()
            .all(|thing| matches!(thing, Live::Link(target) if target.starts_with("http")));
        assert!(addresses_only, "{payload:?} as {markup:?} has {live:?}");
        assert_eq!(adf_schema::validate(&adf::from_plain(payload)), Ok(()), "{payload:?}");
    }
}

#[test]
fn none_is_dangerous_anywhere_in_markdown() {
    let places = [
        "{}",
        "a {} b",
        "a{}b",
        "# {}",
        "> {}",
        "- {}",
        "1. x\n   {}",
        "**{}**",
        "*{}*",
        "`{}`",
        "[{}](https://e.example)",
        "![{}](https://e.example/a.png)",
        "[x]({})",
        "[x](<{}>)",
        "![x]({})",
        "| {} |\n|---|\n| {} |",
        "```\n{}\n```",
        "```{}\nx\n```",
        "<b>{}</b>",
        "<p>{}</p>",
        "<td>{}</td>",
        "<a href=\"{}\">x</a>",
        "<{}>",
        "\\{}",
        "{}{}",
        ":{})",
        "({})",
        "{}\n\n{}",
        "~~{}~~ {}",
        "<pre>{}</pre>",
        "<ul><li>{}</ul>",
    ];
    for payload in PAYLOADS.iter() {
        for place in places {
            let text = place.replace("{}", payload);
            let tree = Document::from_markdown(&text).tree;
            let (body, _) = adf::write(&tree, usize::MAX);
            assert_eq!(adf_schema::validate(&body), Ok(()), "{text:?}");
            let (markup, _) = wiki::write(&tree, usize::MAX);
            let live = wiki_grammar::read(&markup).live;
            assert!(!live.iter().any(is_danger), "{text:?} as {markup:?} has {live:?}");
        }
    }
}
