//! The search for secrets finds what is planted.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

#[path = "../canary/mod.rs"]
mod canary;

use canary::{SECRETS, expect_none, leaks};

fn planted(secret: &str) -> Vec<(&'static str, String)> {
    let bytes = || secret.bytes();
    let coded = |code: fn(u8) -> String| bytes().map(code).collect::<String>();
    let mut planted = vec![
        ("raw", secret.to_owned()),
        ("hex", coded(|byte| format!("{byte:02x}"))),
        ("upper-case hex", coded(|byte| format!("{byte:02X}"))),
        ("percent", coded(|byte| format!("%{byte:02X}"))),
        (
            "percent, the first character alone",
            format!("%{:02x}{}", secret.as_bytes()[0], &secret[1..]),
        ),
        ("JSON escapes", coded(|byte| format!("\\u{byte:04x}"))),
        (
            "JSON escapes, the last character alone",
            format!("{}\\u{:04X}", &secret[..39], secret.as_bytes()[39]),
        ),
        ("Rust escapes", coded(|byte| format!("\\u{{{byte:x}}}"))),
        ("byte escapes", coded(|byte| format!("\\x{byte:02x}"))),
        ("percent-encoded hex escapes", coded(|byte| format!("%5Cu{byte:04x}"))),
    ];
    for phase in ["", "u", "qa@example.com:", "ab"] {
        planted.push(("base64", STANDARD.encode(format!("{phase}{secret}"))));
        planted.push((
            "base64 with a tail",
            STANDARD.encode(format!("{phase}{secret}, and more")),
        ));
        planted.push(("URL-safe base64", URL_SAFE_NO_PAD.encode(format!("{phase}{secret}"))));
    }
    planted
}

#[test]
fn every_secret_is_found_in_every_spelling() {
    for secret in SECRETS {
        assert_eq!(secret.len(), 40, "{secret}");
        for (form, leak) in planted(secret) {
            for text in [
                leak.clone(),
                format!("before {leak} after"),
                format!("{{\"a\":\"{leak}\"}}"),
            ] {
                assert!(!leaks(text.as_bytes()).is_empty(), "{form}: {text}");
            }
        }
    }
}

#[test]
fn what_only_looks_alike_is_no_leak() {
    for secret in SECRETS {
        for text in [&secret[..20], &secret[20..], "%zz\\u00", "\\", "%", "", "canary"] {
            assert!(leaks(text.as_bytes()).is_empty(), "{text}");
        }
    }
}

#[test]
#[should_panic(expected = "a log holds canary-testo… in hex")]
fn a_leak_fails_with_its_place() {
    let hex: String = SECRETS[0].bytes().map(|byte| format!("{byte:02x}")).collect();
    expect_none("a log", hex.as_bytes());
}
