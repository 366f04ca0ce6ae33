//! Finds a credential in a text, however it is spelled. A server that sends one back, on purpose or in an error page, must
//! not hand it to the plugin.
//!
//! Searching is a net below the design and not the design: a server that wants to pass a secret on can always find one
//! more spelling. What this finds is what servers and proxies do by themselves.

use memchr::{memchr, memmem};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use zeroize::Zeroizing;

/// Shorter texts are not searched: a password such as `password` is also a word that answers contain. It is still found
/// in the form in which it was sent.
const MIN_SECRET: usize = 12;

/// How many escapes may lie around each other, for example JSON in JSON.
const LAYERS: usize = 3;

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const BASE64_URL: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const HEX: &[u8; 16] = b"0123456789abcdef";

/// Searches for one secret in the forms in which it could come back.
pub(crate) struct EchoScan {
    needles: Vec<Zeroizing<Vec<u8>>>,
    hex: Zeroizing<Vec<u8>>,
}

impl EchoScan {
    pub(crate) fn new(secret: &str) -> Self {
        let mut needles: Vec<Zeroizing<Vec<u8>>> = Vec::new();
        if secret.len() >= MIN_SECRET {
            let base64 = [BASE64, BASE64_URL].map(|alphabet| (0..3).map(|before| digits(secret, before, 6, alphabet)));
            let plain = [Zeroizing::new(secret.as_bytes().to_vec()), digits(secret, 0, 5, BASE32)];
            for form in plain
                .into_iter()
                .chain(escaped(secret))
                .chain(base64.into_iter().flatten())
            {
                if !needles.contains(&form) {
                    needles.push(form);
                }
            }
        }
        Self {
            needles,
            hex: digits(secret, 0, 4, HEX),
        }
    }

    /// Length of the longest spelling, in bytes: an escape for each of its characters.
    fn longest(&self) -> usize {
        6 * self.needles.iter().map(|needle| needle.len()).max().unwrap_or_default()
    }

    /// Whether it stands there as it is, or in one of the forms that need no decoding.
    pub(crate) fn finds_plain(&self, haystack: &[u8]) -> bool {
        self.needles
            .iter()
            .any(|needle| memmem::find(haystack, needle).is_some())
    }

    fn finds_hex(&self, digits: &[u8]) -> bool {
        !self.needles.is_empty() && memmem::find(digits, &self.hex).is_some()
    }
}

/// Which of the secrets stand in a text, in any spelling, by their places in the list. The text is decoded once for all.
pub(crate) fn found(scans: &[&EchoScan], text: &[u8]) -> Vec<usize> {
    let mut found = vec![false; scans.len()];
    let mut look = |finds: &dyn Fn(&EchoScan) -> bool| {
        for (found, scan) in found.iter_mut().zip(scans) {
            *found = *found || finds(scan);
        }
    };
    readings(text, &mut |reading| look(&|scan| scan.finds_plain(reading)));
    let digits = hex_digits(text);
    look(&|scan| scan.finds_hex(&digits));
    found
        .into_iter()
        .enumerate()
        .filter_map(|(place, found)| found.then_some(place))
        .collect()
}

/// Whether any of the secrets stands in a text.
pub(crate) fn echoes(scans: &[&EchoScan], text: &[u8]) -> bool {
    !found(scans, text).is_empty()
}

/// A text as it is, and as it reads without what servers put around it.
fn readings(text: &[u8], see: &mut dyn FnMut(&[u8])) {
    see(text);
    below_escapes(text, LAYERS, see);
    let others = [quoted_printable(text), without(text, b"\0"), without(text, b"\r\n")];
    others.into_iter().flatten().for_each(|other| see(&other));
}

/// Each kind of escape on its own, around each other: what one kind leaves alone may be an escape to another.
fn below_escapes(text: &[u8], layers: usize, see: &mut dyn FnMut(&[u8])) {
    let kinds = [b'%', b'\\', b'&'].into_iter().filter(|_| layers > 0);
    for below in kinds.filter_map(|kind| unescaped(text, kind)) {
        see(&below);
        below_escapes(&below, layers - 1, see);
    }
}

/// Searches what arrives in chunks, with as much of what came before as a form can reach back.
pub(crate) struct StreamScan<'a> {
    scans: Vec<&'a EchoScan>,
    reach: usize,
    window: Zeroizing<Vec<u8>>,
}

impl<'a> StreamScan<'a> {
    pub(crate) fn new(scans: Vec<&'a EchoScan>) -> Self {
        let reach = scans.iter().map(|scan| scan.longest()).max().unwrap_or_default();
        Self {
            scans,
            reach: reach.saturating_sub(1),
            window: Zeroizing::default(),
        }
    }

    /// Whether a secret ends in this chunk.
    pub(crate) fn finds_in(&mut self, chunk: &[u8]) -> bool {
        self.window.extend_from_slice(chunk);
        let found = echoes(&self.scans, &self.window);
        let past = self.window.len().saturating_sub(self.reach);
        self.window.drain(..past);
        found
    }
}

/// Percent, form and JSON spelling in full: what holds an escape sign itself would not survive the decoding below.
fn escaped(secret: &str) -> [Zeroizing<Vec<u8>>; 3] {
    let json = Zeroizing::new(serde_json::Value::from(secret).to_string());
    let json = json.trim_start_matches('"').trim_end_matches('"');
    let form: String = form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    [
        Zeroizing::new(utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string().into_bytes()),
        Zeroizing::new(form.into_bytes()),
        Zeroizing::new(json.as_bytes().to_vec()),
    ]
}

/// The digits of `width` bits each that depend on the secret alone, when `before` bytes stand before it.
fn digits(secret: &str, before: usize, width: usize, alphabet: &[u8]) -> Zeroizing<Vec<u8>> {
    let bytes = secret.as_bytes();
    let bit = |position: usize| {
        let byte = (position / 8).checked_sub(before).and_then(|index| bytes.get(index));
        byte.map_or(0, |byte| usize::from(byte >> (7 - position % 8) & 1))
    };
    let (first, end) = ((before * 8).div_ceil(width), (before + bytes.len()) * 8 / width);
    let digit = |index: usize| {
        let value = (0..width).fold(0, |value, offset| value << 1 | bit(index * width + offset));
        alphabet.get(value).copied()
    };
    Zeroizing::new((first..end).filter_map(digit).collect())
}

/// One layer of percent signs, backslashes or HTML entities less; `None` where there is none.
fn unescaped(text: &[u8], kind: u8) -> Option<Zeroizing<Vec<u8>>> {
    let mut decoded = Zeroizing::new(Vec::new());
    let mut rest = text;
    while let Some((plain, escape)) = memchr(kind, rest).and_then(|at| rest.split_at_checked(at)) {
        decoded.extend_from_slice(plain);
        let (sign, length) = sign(escape).unwrap_or((Sign::Byte(escape.first().copied().unwrap_or_default()), 1));
        match sign {
            Sign::Byte(byte) => decoded.push(byte),
            Sign::Char(char) => decoded.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes()),
        }
        rest = escape.get(length..).unwrap_or_default();
    }
    if decoded.is_empty() {
        return None;
    }
    decoded.extend_from_slice(rest);
    (decoded.as_slice() != text).then_some(decoded)
}

enum Sign {
    Byte(u8),
    Char(char),
}

/// What an escape at the start of `text` stands for, and how long it is.
fn sign(text: &[u8]) -> Option<(Sign, usize)> {
    match text {
        [b'%', ..] => Some((Sign::Byte(number(text.get(1..3)?, 16)?.try_into().ok()?), 3)),
        [b'\\', b'u', ..] => Some((Sign::Char(char::from_u32(number(text.get(2..6)?, 16)?)?), 6)),
        [b'\\', b'x', ..] => Some((Sign::Byte(number(text.get(2..4)?, 16)?.try_into().ok()?), 4)),
        [b'\\', b'n', ..] => Some((Sign::Byte(b'\n'), 2)),
        [b'\\', b't', ..] => Some((Sign::Byte(b'\t'), 2)),
        [b'\\', b'r', ..] => Some((Sign::Byte(b'\r'), 2)),
        [b'\\', byte, ..] => Some((Sign::Byte(*byte), 2)),
        [b'&', ..] => {
            let end = memchr(b';', text.get(..12).unwrap_or(text))?;
            Some((Sign::Char(entity(text.get(1..end)?)?), end + 1))
        }
        _ => None,
    }
}

fn entity(name: &[u8]) -> Option<char> {
    match name {
        b"quot" => Some('"'),
        b"apos" => Some('\''),
        b"amp" => Some('&'),
        b"lt" => Some('<'),
        b"gt" => Some('>'),
        [b'#', b'x' | b'X', digits @ ..] => char::from_u32(number(digits, 16)?),
        [b'#', digits @ ..] => char::from_u32(number(digits, 10)?),
        _ => None,
    }
}

fn number(digits: &[u8], radix: u32) -> Option<u32> {
    let text = std::str::from_utf8(digits).ok()?;
    let is_number = text.chars().all(|digit| digit.is_digit(radix));
    is_number.then(|| u32::from_str_radix(text, radix).ok()).flatten()
}

/// E-mail's encoding: `=2F`, and lines that end in `=` go on.
fn quoted_printable(text: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut decoded = Zeroizing::new(Vec::new());
    let mut rest = text;
    while let Some((plain, escape)) = memchr(b'=', rest).and_then(|at| rest.split_at_checked(at)) {
        decoded.extend_from_slice(plain);
        rest = match escape {
            [b'=', b'\n', rest @ ..] | [b'=', b'\r', b'\n', rest @ ..] => rest,
            [b'=', high, low, rest @ ..] if number(&[*high, *low], 16).is_some() => {
                decoded.extend(number(&[*high, *low], 16).and_then(|byte| u8::try_from(byte).ok()));
                rest
            }
            [sign, rest @ ..] => {
                decoded.push(*sign);
                rest
            }
            [] => break,
        };
    }
    decoded.extend_from_slice(rest);
    (decoded.as_slice() != text).then_some(decoded)
}

/// Without the zeros of UTF-16, or the line ends of Base64; `None` where there are none.
fn without(text: &[u8], filler: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let has_filler = text.iter().any(|byte| filler.contains(byte));
    has_filler.then(|| Zeroizing::new(text.iter().filter(|byte| !filler.contains(byte)).copied().collect()))
}

/// The hexadecimal digits alone and in lower case: separators differ.
fn hex_digits(text: &[u8]) -> Zeroizing<Vec<u8>> {
    let digits = text.iter().filter(|byte| byte.is_ascii_hexdigit());
    Zeroizing::new(digits.map(u8::to_ascii_lowercase).collect())
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

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
    fn spellings(secret: &str) -> Vec<(&'static str, Vec<u8>)> {
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
                percent.to_lowercase().replace("with", "With"),
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
        let scan = EchoScan::new(SECRET);
        let spellings = spellings(SECRET);
        assert!(spellings.len() >= 20, "{}", spellings.len());
        for (name, spelling) in spellings {
            let page = [b"<html><p class=\"a\">", spelling.as_slice(), b"</p>"].concat();
            assert!(echoes(&[&scan], &page), "{name}: {}", String::from_utf8_lossy(&page));
        }
    }

    #[test]
    fn other_texts_are_not_taken_for_it() {
        let scan = EchoScan::new(SECRET);
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
            assert!(!echoes(&[&scan], text.as_bytes()), "{text:?}");
        }
        for (name, spelling) in spellings("another-secret/With\"quotes") {
            assert!(!echoes(&[&scan], &spelling), "{name}");
        }
    }

    #[test]
    fn a_form_is_found_wherever_chunks_divide_it() {
        let scan = EchoScan::new(SECRET);
        let text = format!("before {SECRET} after");
        for size in 1..=text.len() {
            let mut stream = StreamScan::new(vec![&scan]);
            assert!(
                text.as_bytes().chunks(size).any(|chunk| stream.finds_in(chunk)),
                "{size}"
            );
        }
        let mut stream = StreamScan::new(vec![&scan]);
        assert!(!b"nothing of the kind".chunks(3).any(|chunk| stream.finds_in(chunk)));
    }

    #[test]
    fn short_secrets_are_not_searched() {
        assert!(!echoes(&[&EchoScan::new("password")], b"password"));
    }
}
