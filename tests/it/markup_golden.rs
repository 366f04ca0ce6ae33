//! Texts and what becomes of them, as folders: `tests/fixtures/markup/<case>/` holds `in.md` (or `in.json`, a step's
//! `bodyJson`), and what it becomes: `adf.json`, `wiki.txt` and `losses.txt`. `BLESS=1` writes the latter three.

use std::fs;
use std::path::{Path, PathBuf};

use tms_sync_xray::markup::{Document, Loss, adf, shorten, wiki};

use crate::adf_schema;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/markup")
}

fn case_folders() -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn said(who: &str, losses: &[Loss]) -> String {
    losses.iter().map(|loss| format!("{who}: {loss}\n")).collect()
}

fn check(name: &str) {
    let folder = folder().join(name);
    let document = match fs::read_to_string(folder.join("in.md")) {
        Ok(text) => Document::from_markdown(&text),
        Err(_) => {
            let json = fs::read_to_string(folder.join("in.json")).unwrap();
            Document::from_step("the plain body", Some(&serde_json::from_str(&json).unwrap()))
        }
    };
    let (body, adf_losses) = adf::write(&document.tree, shorten::DESCRIPTION);
    let (markup, wiki_losses) = wiki::write(&document.tree, shorten::DESCRIPTION);
    assert_eq!(adf_schema::validate(&body), Ok(()), "{name}");
    let losses = said("read", &document.losses) + &said("adf", &adf_losses) + &said("wiki", &wiki_losses);
    let body = serde_json::to_string_pretty(&body).unwrap() + "\n";
    for (file, made) in [("adf.json", body), ("wiki.txt", markup + "\n"), ("losses.txt", losses)] {
        let path = folder.join(file);
        if std::env::var_os("BLESS").is_some() {
            fs::write(&path, made).unwrap();
        } else {
            let expected = fs::read_to_string(&path).unwrap_or_default();
            assert_eq!(made, expected, "{name}/{file}; BLESS=1 accepts it");
        }
    }
}

macro_rules! cases {
    ($($name:ident)*) => {
        $(#[test] fn $name() { check(stringify!($name)); })*

        #[test]
        fn every_folder_is_claimed() {
            assert_eq!(case_folders(), [$(stringify!($name)),*]);
        }
    };
}

cases! {
    attachment_reference
    backslashes
    bare_addresses
    block_signs
    code_blocks
    code_that_breaks_out
    control_characters
    description_of_a_case
    emoji_and_scripts
    empty
    escapes_of_markdown
    hostile_links
    hostile_macros
    hostile_mentions
    html_blocks
    html_entities
    html_inline
    html_table
    html_table_blocks
    html_table_row_headings
    html_table_spans
    html_unknown
    images
    lists_nested
    lists_of_blocks
    lists_too_deep
    looks
    looks_that_do_not_fit
    quotes
    smileys
    step_body_json
    step_unknown_nodes
    step_without_text
    tables
    task_lists
    untidy_emphasis
}
