//! Finds a credential in an answer. A server that sends one back, on purpose or in an error page, must not hand it to
//! the plugin.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use memchr::memmem;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use zeroize::Zeroizing;

/// Shorter texts are not searched: a password such as `password` is also a word that answers contain. It is still found
/// in the form in which it was sent.
const MIN_SECRET: usize = 12;

/// Searches for one secret in the forms in which it could come back.
pub(crate) struct EchoScan {
    needles: Vec<Zeroizing<Vec<u8>>>,
}

impl EchoScan {
    pub(crate) fn new(secret: &str) -> Self {
        let mut needles = Vec::new();
        if secret.len() >= MIN_SECRET {
            needles.push(Zeroizing::new(secret.as_bytes().to_vec()));
            needles.extend(
                encoded(secret)
                    .into_iter()
                    .filter(|form| form.as_slice() != secret.as_bytes()),
            );
            needles.extend((0..3).map(|phase| base64_inside(secret, phase)));
        }
        Self { needles }
    }

    /// Length of the longest form, in bytes.
    fn longest(&self) -> usize {
        self.needles.iter().map(|needle| needle.len()).max().unwrap_or_default()
    }

    pub(crate) fn finds_in(&self, haystack: &[u8]) -> bool {
        self.needles
            .iter()
            .any(|needle| memmem::find(haystack, needle).is_some())
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
        let found = self.scans.iter().any(|scan| scan.finds_in(&self.window));
        let past = self.window.len().saturating_sub(self.reach);
        self.window.drain(..past);
        found
    }
}

/// Percent, JSON and hexadecimal form.
fn encoded(secret: &str) -> [Zeroizing<Vec<u8>>; 3] {
    let json = serde_json::Value::from(secret).to_string();
    let json = json.trim_start_matches('"').trim_end_matches('"');
    let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    [
        Zeroizing::new(utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string().into_bytes()),
        Zeroizing::new(json.as_bytes().to_vec()),
        Zeroizing::new(hex.into_bytes()),
    ]
}

/// The characters of a Base64 text that depend on the secret alone, when `phase` bytes (modulo 3) stand before it.
fn base64_inside(secret: &str, phase: usize) -> Zeroizing<Vec<u8>> {
    let mut bytes = Zeroizing::new(vec![0; phase]);
    bytes.extend_from_slice(secret.as_bytes());
    let text = Zeroizing::new(STANDARD_NO_PAD.encode(&*bytes));
    let first = (phase * 8).div_ceil(6);
    let last = bytes.len() * 8 / 6;
    Zeroizing::new(text.as_bytes().get(first..last).unwrap_or_default().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "s3cr3t/With\"quotes+and=more";

    #[test]
    fn every_form_is_found() {
        let scan = EchoScan::new(SECRET);
        let percent = utf8_percent_encode(SECRET, NON_ALPHANUMERIC).to_string();
        let mut forms = vec![
            SECRET.to_owned(),
            percent,
            serde_json::json!({ "a": SECRET }).to_string(),
        ];
        for before in ["", "u", "us", "user:"] {
            forms.push(STANDARD_NO_PAD.encode(format!("{before}{SECRET} and more")));
        }
        for form in forms {
            assert!(scan.finds_in(format!("<html>{form}</html>").as_bytes()), "{form}");
        }
        assert!(!scan.finds_in(b"{\"issues\":[]}"));
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
        assert!(!EchoScan::new("password").finds_in(b"password"));
    }
}
