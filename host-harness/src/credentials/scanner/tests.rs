use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use proptest::prelude::*;

use super::encodings::{BASE32, digits};
use super::*;

const SECRET: &str = "s3cr3t/With\"quotes+and=more & a\\b?";

fn each(text: &str, spell: impl Fn(u8) -> String) -> String {
    text.bytes().map(spell).collect()
}

fn partly_percent(text: &str) -> String {
    each(text, |byte| match byte {
        b'"' | b' ' | b'\\' | b'%' => format!("%{byte:02x}"),
        _ => char::from(byte).to_string(),
    })
}

fn json(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn lines(text: &str) -> String {
    text.as_bytes()
        .chunks(16)
        .map(|line| format!("{}\r\n", String::from_utf8_lossy(line)))
        .collect()
}

fn utf16(text: &str, bytes: impl Fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes).collect()
}

/// Every spelling by name.
fn encodings(secret: &str) -> Vec<(&'static str, Vec<u8>)> {
    let html = |text: &str| text.replace('&', "&amp;").replace('"', "&quot;");
    let percent = utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string();
    let mut all: Vec<(&str, Vec<u8>)> = vec![
        ("UTF-16, little-endian", utf16(secret, u16::to_le_bytes)),
        ("UTF-16, big-endian", utf16(secret, u16::to_be_bytes)),
    ];
    let texts = [
        ("as it is", secret.to_owned()),
        ("JSON", json(secret)),
        ("JSON with a slash escaped", json(secret).replace('/', "\\/")),
        ("JSON, all escaped", each(secret, |byte| format!("\\u{byte:04x}"))),
        ("JSON in JSON", json(&json(secret))),
        ("JSON in JSON in JSON", json(&json(&json(secret)))),
        (
            "backslash and hexadecimal",
            each(secret, |byte| format!("\\x{byte:02X}")),
        ),
        ("percent", percent.clone()),
        (
            "percent in small letters",
            each(secret, |byte| match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
                _ => format!("%{byte:02x}"),
            }),
        ),
        ("percent where needed", partly_percent(secret)),
        (
            "percent twice",
            utf8_percent_encode(&percent, NON_ALPHANUMERIC).to_string(),
        ),
        ("form", form_urlencoded::byte_serialize(secret.as_bytes()).collect()),
        ("Base64", STANDARD.encode(secret)),
        ("Base64 behind one byte", STANDARD.encode(format!("u{secret}"))),
        ("Base64 behind a user name", STANDARD.encode(format!("user:{secret}"))),
        ("Base64 for addresses", URL_SAFE_NO_PAD.encode(secret)),
        ("Base64 in lines", lines(&STANDARD.encode(secret))),
        (
            "Base64 in percent",
            partly_percent(&STANDARD.encode(secret)).replace('=', "%3D"),
        ),
        (
            "Base32",
            String::from_utf8(digits(secret, 0, 5, BASE32).to_vec()).unwrap(),
        ),
        ("hexadecimal", each(secret, |byte| format!("{byte:02x}"))),
        ("hexadecimal in capitals", each(secret, |byte| format!("{byte:02X}"))),
        ("hexadecimal with colons", each(secret, |byte| format!("{byte:02x}:"))),
        ("HTML", html(secret)),
        ("HTML, decimal", each(secret, |byte| format!("&#{byte};"))),
        ("HTML, hexadecimal", each(secret, |byte| format!("&#x{byte:X};"))),
        ("HTML in JSON", json(&html(secret))),
        ("quoted-printable", each(secret, |byte| format!("={byte:02X}"))),
    ];
    all.extend(texts.map(|(name, text)| (name, text.into_bytes())));
    all
}

#[test]
fn every_spelling_is_found() {
    let scan = SecretScanner::new([SECRET]);
    let encodings = encodings(SECRET);
    assert!(encodings.len() >= 20, "{}", encodings.len());
    for (name, spelling) in encodings {
        let page = [b"<html><p class=\"a\">", spelling.as_slice(), b"</p>"].concat();
        assert!(
            contain_secret(&[&scan], &page),
            "{name}: {}",
            String::from_utf8_lossy(&page)
        );
    }
}

#[test]
fn other_texts_are_not_taken_for_it() {
    let scan = SecretScanner::new([SECRET]);
    for text in [
        "",
        "{\"issues\":[]}",
        "100 % of a\\",
        "&",
        "&#;",
        "%4",
        "\\u00",
        "=",
        "s3cr3t/With",
        "\u{0}\n",
    ] {
        assert!(!contain_secret(&[&scan], text.as_bytes()), "{text:?}");
    }
    for (name, spelling) in encodings("another-secret/With\"quotes") {
        assert!(!contain_secret(&[&scan], &spelling), "{name}");
    }
}

#[test]
fn a_form_is_found_wherever_chunks_divide_it() {
    let scan = SecretScanner::new([SECRET]);
    let text = format!("before {SECRET} after");
    for size in 1..=text.len() {
        let mut stream = StreamScanner::new(vec![&scan]);
        assert!(
            text.as_bytes().chunks(size).any(|chunk| stream.finds_in(chunk)),
            "{size}"
        );
    }
    let mut stream = StreamScanner::new(vec![&scan]);
    assert!(!b"nothing of the kind".chunks(3).any(|chunk| stream.finds_in(chunk)));
}

#[test]
fn short_secrets_are_not_searched() {
    assert!(!contain_secret(&[&SecretScanner::new(["password"])], b"password"));
}

#[test]
fn secrets_are_distinguished() {
    let secrets = ["the first secret", "a second \"secret\"", "and the third one"];
    let scan = SecretScanner::new(secrets);
    for (number, secret) in secrets.iter().enumerate() {
        for (name, spelling) in encodings(secret) {
            let mut found = Vec::new();
            scan.find(&spelling, &mut |number| found.push(number));
            found.dedup();
            assert_eq!(found, [number], "{name}");
        }
    }
}

proptest! {
    /// Nothing that stands beside a spelling, and no place in a text or in the blocks in which it is searched, hides it.
    #[test]
    fn every_spelling_is_found_in_any_text(
        which in any::<prop::sample::Index>(),
        before in "[a-z0-9 :,{}\"]{0,9000}",
        after in "[a-z0-9 :,{}\"]{0,40}",
        secret in "[ -~]{12,40}",
    ) {
        let encodings = encodings(&secret);
        let (name, spelling) = which.get(&encodings);
        let hex_before = if name.starts_with("hexadecimal") { before.replace(|c: char| c.is_ascii_hexdigit(), "-") } else { before };
        let text = [hex_before.as_bytes(), b"|", spelling, b"|", after.as_bytes()].concat();
        prop_assert!(contain_secret(&[&SecretScanner::new([secret.as_str()])], &text), "{}", name);
    }
}
