//! Finds credentials in a text, however they are spelled. A server that sends one back, on purpose or in an error page, must
//! not hand it to the plugin.
//!
//! Searching is a net below the design and not the design: a server that wants to pass a secret on can always find one
//! more spelling. What this finds is what servers and proxies do by themselves.

mod decode;
mod encodings;
mod needles;
#[cfg(test)]
mod tests;

use zeroize::Zeroizing;

use self::decode::{hex_digits, readings};
pub(crate) use self::encodings::Encodings;
use self::needles::Needles;

/// Searches for some secrets together, in the forms in which they could come back. To be built once for many texts.
pub(crate) struct SecretScanner {
    plain: Needles,
    hex: Needles,
}

impl SecretScanner {
    pub(crate) fn new<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        let encodings: Vec<Encodings> = secrets.into_iter().map(Encodings::new).collect();
        Self::of(&encodings.iter().enumerate().collect::<Vec<_>>())
    }

    /// For secrets that are known by numbers.
    pub(crate) fn of(secrets: &[(usize, &Encodings)]) -> Self {
        let plain = secrets
            .iter()
            .flat_map(|(number, forms)| forms.plain().map(|form| (*number, form)));
        let hex = secrets
            .iter()
            .flat_map(|(number, forms)| forms.hex().map(|form| (*number, form)));
        Self {
            plain: Needles::new(plain),
            hex: Needles::new(hex),
        }
    }

    /// Names the secrets that stand in a text, in any spelling, by their numbers; perhaps more than once.
    pub(crate) fn find(&self, text: &[u8], see: &mut dyn FnMut(usize)) {
        find(&[self], text, see);
    }

    /// The same of those that stand there as they are, or in one of the forms that need no decoding.
    pub(crate) fn find_plain(&self, text: &[u8], see: &mut dyn FnMut(usize)) {
        self.plain.search(text, see);
    }

    /// Length of the longest spelling, in bytes: an escape for each of its characters.
    fn longest(&self) -> usize {
        6 * self.plain.longest()
    }
}

/// Whether any of the secrets of any scan stands in a text.
pub(crate) fn contain_secret(scans: &[&SecretScanner], text: &[u8]) -> bool {
    let mut is_found = false;
    find(scans, text, &mut |_| is_found = true);
    is_found
}

/// The text is decoded once for all.
fn find(scans: &[&SecretScanner], text: &[u8], see: &mut dyn FnMut(usize)) {
    let Some(longest) = scans
        .iter()
        .map(|scan| scan.hex.longest())
        .max()
        .filter(|longest| *longest > 0)
    else {
        return;
    };
    readings(text, &mut |reading| {
        scans.iter().for_each(|scan| scan.plain.search(reading, see));
    });
    hex_digits(text, longest - 1, &mut |digits| {
        scans.iter().for_each(|scan| scan.hex.search(digits, see));
    });
}

/// Searches what arrives in chunks, with as much of what came before as a form can reach back.
pub(crate) struct StreamScanner<'a> {
    scans: Vec<&'a SecretScanner>,
    reach: usize,
    window: Zeroizing<Vec<u8>>,
}

impl<'a> StreamScanner<'a> {
    pub(crate) fn new(scans: Vec<&'a SecretScanner>) -> Self {
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
        let found = contain_secret(&self.scans, &self.window);
        let past = self.window.len().saturating_sub(self.reach);
        self.window.drain(..past);
        found
    }
}
