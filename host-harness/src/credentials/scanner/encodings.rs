//! In which forms a server could send a secret back that need no decoding to be recognised.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use zeroize::Zeroizing;

use super::needles::SHORTEST;

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const BASE64_URL: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
pub(super) const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const HEX: &[u8; 16] = b"0123456789abcdef";

/// The forms of one secret. Of one that is shorter than twelve bytes there are none: a password such as `password` is also
/// a word that answers contain. It is still found in the form in which it was sent.
pub(crate) struct Encodings {
    plain: Vec<Zeroizing<Vec<u8>>>,
    hex: Option<Zeroizing<Vec<u8>>>,
}

impl Encodings {
    pub(crate) fn new(secret: &str) -> Self {
        let mut plain: Vec<Zeroizing<Vec<u8>>> = Vec::new();
        if secret.len() < SHORTEST {
            return Self { plain, hex: None };
        }
        let base64 = [BASE64, BASE64_URL].map(|alphabet| (0..3).map(|before| digits(secret, before, 6, alphabet)));
        let others = [Zeroizing::new(secret.as_bytes().to_vec()), digits(secret, 0, 5, BASE32)];
        for form in others
            .into_iter()
            .chain(escaped(secret))
            .chain(base64.into_iter().flatten())
        {
            if !plain.contains(&form) {
                plain.push(form);
            }
        }
        Self {
            plain,
            hex: Some(digits(secret, 0, 4, HEX)),
        }
    }

    /// To be looked for in a text as it reads.
    pub(super) fn plain(&self) -> impl Iterator<Item = &[u8]> {
        self.plain.iter().map(|form| form.as_slice())
    }

    /// To be looked for among a text's hexadecimal digits, in small letters.
    pub(super) fn hex(&self) -> impl Iterator<Item = &[u8]> {
        self.hex.iter().map(|form| form.as_slice())
    }
}

/// Percent, form and JSON spelling in full: what holds an escape sign itself would not survive the decoding.
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
pub(super) fn digits(secret: &str, before: usize, width: usize, alphabet: &[u8]) -> Zeroizing<Vec<u8>> {
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
