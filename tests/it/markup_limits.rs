//! Long and deep texts: they fit, say so, and cost what their length costs.

use tms_sync_xray::markup::{Document, MAX_SOURCE, What, adf, plain, shorten, wiki};

use crate::adf_schema;

fn all_outputs(text: &str) -> (serde_json::Value, String) {
    let tree = Document::from_markdown(text).tree;
    let (body, _) = adf::write(&tree, shorten::DESCRIPTION);
    let (markup, _) = wiki::write(&tree, shorten::DESCRIPTION);
    assert_eq!(adf_schema::validate(&body), Ok(()));
    assert!(markup.encode_utf16().count() <= shorten::DESCRIPTION);
    let _ = plain::write(&tree);
    (body, markup)
}

#[test]
fn hostile_nesting_and_repetition_cost_no_more_than_length() {
    // Each of these is the worst case of some parser. A stack overflow or a square would not end in time.
    let n = 10_000;
    let texts = [
        ">".repeat(n),
        "> ".repeat(n) + "x",
        "* ".repeat(n) + "x",
        "- ".repeat(n),
        "1. ".repeat(n) + "x",
        (0..300).map(|level| format!("{}- x\n", "  ".repeat(level))).collect(),
        "*".repeat(n),
        "**a".repeat(n),
        "*a_ ".repeat(n),
        "_".repeat(n) + "x",
        "[".repeat(n),
        "[a](".repeat(n),
        "![".repeat(n) + &"](x)".repeat(n),
        "`".repeat(n),
        "`a``b".repeat(n),
        "<b>".repeat(n),
        "<ul><li>".repeat(n),
        "<blockquote>".repeat(n),
        "<table><tr><td>".repeat(n),
        "<div>\n".to_owned() + &"<a \"".repeat(n),
        "<!--".repeat(n),
        "<div>\n".to_owned() + &"<!--".repeat(n),
        "&".repeat(n) + &"&#123".repeat(n),
        "http://".repeat(n),
        "http://a".to_owned() + &")".repeat(n),
        "|a".repeat(n) + "\n" + &"|-".repeat(n) + "\n" + &"|b\n".repeat(n),
        "{".repeat(n),
        "\\".repeat(n),
        ":)".repeat(n),
        "h1.\n".repeat(n),
        "🇷".repeat(n),
        "a\u{301}".repeat(n),
        "\u{0}".repeat(n),
        "x\n".repeat(n),
        "~~~\n".repeat(n),
        "[a]: x\n".repeat(n),
        "&amp;".repeat(n),
        "-".repeat(n),
        "<pre>".repeat(n),
        "</b></ul></td>".repeat(n),
    ];
    for text in texts {
        all_outputs(&text);
        let _ = wiki::escape_text(&text);
    }
}

#[test]
fn nesting_is_cut_at_twelve_levels_and_said() {
    let document = Document::from_markdown(&("> ".repeat(100) + "deep"));
    assert!(document.losses.iter().any(|loss| loss.what == What::Depth));
    assert_eq!(plain::write(&document.tree), "> ".repeat(12) + "deep");
}

#[test]
fn a_long_description_is_shortened_between_words_and_said() {
    let text = "слово {x} ".repeat(20_000);
    let document = Document::from_markdown(&text);
    let (markup, losses) = wiki::write(&document.tree, shorten::DESCRIPTION);
    let length = markup.encode_utf16().count();
    assert!(
        length <= shorten::DESCRIPTION && length > shorten::DESCRIPTION - 100,
        "{length}"
    );
    assert!(markup.ends_with("слово \\{x\\}\n\n_… (shortened)_") || markup.ends_with("слово\n\n_… (shortened)_"));
    assert!(losses.iter().all(|loss| loss.wants_full_text_attached()) && losses.len() == 1);
    let (body, losses) = adf::write(&document.tree, shorten::DESCRIPTION);
    assert_eq!(adf_schema::validate(&body), Ok(()));
    assert!(losses.iter().any(|loss| loss.what == What::Shortened));
}

#[test]
fn shortening_leaves_whole_rows_items_and_fences() {
    let table = format!("| a | b |\n|---|---|\n{}", "| one | two |\n".repeat(50));
    let (markup, _) = wiki::write(&Document::from_markdown(&table).tree, 100);
    let rows: Vec<&str> = markup.lines().filter(|line| line.starts_with('|')).collect();
    assert!(
        rows.len() > 3 && rows[1..].iter().all(|row| *row == "|one|two|"),
        "{markup}"
    );

    let code = format!("```\n{}```", "line of code\n".repeat(50));
    let (markup, _) = wiki::write(&Document::from_markdown(&code).tree, 100);
    assert_eq!(markup.matches("{noformat}").count(), 2, "{markup}");
}

#[test]
fn an_emoji_is_never_halved() {
    for family in ["👨\u{200D}👩\u{200D}👧", "🇷🇺", "👍🏽", "e\u{301}"] {
        let text = family.repeat(400);
        for limit in 20..60 {
            let (markup, _) = wiki::write(&Document::from_plain(&text).tree, limit);
            let kept = markup
                .trim_end_matches("\n\n_… (shortened)_")
                .trim_end_matches("_… (shortened)_");
            assert_eq!(kept.replace(family, ""), "", "{limit}: {markup}");
        }
    }
}

#[test]
fn a_summary_keeps_to_255_characters_as_jira_counts_them() {
    assert_eq!(shorten::summary(" a\n\tb \u{0}c ").0, "a b c");
    let (line, loss) = shorten::summary(&"😀".repeat(200));
    assert_eq!((line.encode_utf16().count(), line.ends_with('…')), (255, true));
    assert!(loss.is_some_and(|loss| loss.wants_full_text_attached()));
    assert_eq!(shorten::summary(&"x".repeat(255)), ("x".repeat(255), None));
}

#[test]
fn an_endless_source_is_read_in_part_and_said() {
    let document = Document::from_markdown(&"й ".repeat(MAX_SOURCE));
    assert!(
        document
            .losses
            .iter()
            .any(|loss| loss.what == What::TooLongToRead && loss.wants_full_text_attached())
    );
}
