//! Any JSON as a step's `bodyJson`: nothing panics, what comes out is valid and fits.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use tms_sync_xray::markup::{Document, adf, shorten, wiki};

#[path = "../../tests/it/adf_schema.rs"]
#[allow(dead_code, reason = "shared with the tests, which use all of it")]
mod adf_schema;

fuzz_target!(|data: &[u8]| {
    let Ok(json) = serde_json::from_slice::<Value>(data) else {
        return;
    };
    let document = Document::from_step("body", Some(&json));
    let (body, _) = adf::write(&document.tree, shorten::STEP_FIELD);
    assert_eq!(adf_schema::validate(&body), Ok(()));
    let (markup, _) = wiki::write(&document.tree, shorten::STEP_FIELD);
    assert!(markup.encode_utf16().count() <= shorten::STEP_FIELD);
});
