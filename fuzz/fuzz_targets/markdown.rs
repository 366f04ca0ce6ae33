//! Any text as Markdown and as plain text: nothing panics, what comes out is valid and fits.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tms_sync_xray::markup::{Document, adf, plain, shorten, wiki};

#[path = "../../tests/it/adf_schema.rs"]
#[allow(dead_code, reason = "shared with the tests, which use all of it")]
mod adf_schema;

fuzz_target!(|text: &str| {
    for document in [Document::from_markdown(text), Document::from_plain(text)] {
        for limit in [shorten::STEP_FIELD, 100] {
            let (body, _) = adf::write(&document.tree, limit);
            assert_eq!(adf_schema::validate(&body), Ok(()));
            let (markup, _) = wiki::write(&document.tree, limit);
            assert!(markup.encode_utf16().count() <= limit);
        }
        let _ = plain::write(&document.tree);
    }
    assert!(shorten::summary(text).0.encode_utf16().count() <= shorten::SUMMARY);
});
