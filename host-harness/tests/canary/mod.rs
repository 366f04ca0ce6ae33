//! Looks for the secrets of the simulated servers where none may be: in outputs, logs, reports, errors, ledgers, bodies
//! of requests. Each secret is forty characters that occur nowhere else, so that any of its spellings is a leak.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use memchr::memmem;
use tms_sync_sim::{cloud, testops, world};

/// Every secret that a simulated export is given.
pub const SECRETS: [&str; 5] = [
    testops::TOKEN,
    world::JIRA_TOKEN,
    world::PASSWORD,
    cloud::XRAY_CLIENT_ID,
    cloud::XRAY_CLIENT_SECRET,
];

/// Fails where something holds a secret, in whatever spelling.
///
/// # Panics
/// With the place, the secret's beginning and the spelling.
pub fn expect_none(place: &str, bytes: &[u8]) {
    let found = leaks(bytes);
    assert!(found.is_empty(), "{place} holds {}", found.join(" and "));
}

/// Secrets in some bytes, with the spelling of each.
pub fn leaks(bytes: &[u8]) -> Vec<String> {
    let spelled_out = unescaped(&percent_decoded(bytes));
    let texts = [bytes, &spelled_out];
    let lower: Vec<Vec<u8>> = texts.iter().map(|text| text.to_ascii_lowercase()).collect();
    let mut found = Vec::new();
    for secret in SECRETS {
        let mut report = |spelling: &str| found.push(format!("{}… {spelling}", &secret[..12]));
        let holds = |needle: &[u8]| texts.iter().any(|text| memmem::find(text, needle).is_some());
        if memmem::find(bytes, secret.as_bytes()).is_some() {
            report("as it is");
        } else if holds(secret.as_bytes()) {
            report("percent-encoded or escaped");
        }
        if base64(secret).iter().any(|needle| holds(needle.as_bytes())) {
            report("in base64");
        }
        let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
        if lower.iter().any(|text| memmem::find(text, hex.as_bytes()).is_some()) {
            report("in hex");
        }
    }
    found
}

/// What every base64 text holds in which the secret stands, at each of the three phases, without the characters that its
/// neighbours decide.
fn base64(secret: &str) -> Vec<String> {
    let mut needles = Vec::new();
    for phase in 0..3 {
        let padded: Vec<u8> = std::iter::repeat_n(b'.', phase).chain(secret.bytes()).collect();
        for text in [STANDARD_NO_PAD.encode(&padded), URL_SAFE_NO_PAD.encode(&padded)] {
            let from = (phase * 8).div_ceil(6);
            let to = padded.len() * 8 / 6;
            needles.push(text[from..to].to_owned());
        }
    }
    needles
}

/// `%41` is `A`; what is no such code stays.
fn percent_decoded(bytes: &[u8]) -> Vec<u8> {
    replaced(bytes, b"%", |rest| Some((hex(rest.get(..2)?)? as u8, 2)))
}

/// `\u0041` and `\x41` are `A`, `\/` is `/`: what JSON, Rust and others write for characters.
fn unescaped(bytes: &[u8]) -> Vec<u8> {
    replaced(bytes, b"\\", |rest| {
        let (kind, rest) = rest.split_first()?;
        match kind {
            b'u' if rest.first() == Some(&b'{') => {
                let end = rest.iter().position(|byte| *byte == b'}')?;
                Some((u8::try_from(hex(rest.get(1..end)?)?).ok()?, end + 2))
            }
            b'u' => Some((u8::try_from(hex(rest.get(..4)?)?).ok()?, 5)),
            b'x' => Some((u8::try_from(hex(rest.get(..2)?)?).ok()?, 3)),
            b'/' | b'"' | b'\\' | b'\'' => Some((*kind, 1)),
            _ => None,
        }
    })
}

/// Each code after a sign becomes the byte that it stands for, with as many bytes skipped as the code has.
fn replaced(bytes: &[u8], sign: &[u8; 1], code: impl Fn(&[u8]) -> Option<(u8, usize)>) -> Vec<u8> {
    let mut text = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((byte, after)) = rest.split_first() {
        match code(after).filter(|_| *byte == sign[0]) {
            Some((decoded, length)) => {
                text.push(decoded);
                rest = after.get(length..).unwrap_or_default();
            }
            None => {
                text.push(*byte);
                rest = after;
            }
        }
    }
    text
}

fn hex(digits: &[u8]) -> Option<u32> {
    let digits = std::str::from_utf8(digits).ok()?;
    let all = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    all.then(|| u32::from_str_radix(digits, 16).ok())?
}
