//! Names that nobody can guess.

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// An id of 80 random bits: 16 characters.
pub fn id() -> String {
    random(16)
}

/// A text that proves something, 200 random bits: 40 characters.
pub fn proof() -> Zeroizing<String> {
    Zeroizing::new(random(40))
}

/// What is stored of a proof.
pub fn digest(proof: &str) -> Vec<u8> {
    Sha256::digest(proof.as_bytes()).to_vec()
}

fn random(length: usize) -> String {
    let mut bytes = vec![0; length];
    if getrandom::fill(&mut bytes).is_err() {
        // Without entropy anybody could guess the next session: better no service than that one.
        std::process::abort();
    }
    let letter = |byte: u8| {
        ALPHABET
            .get(usize::from(byte) % ALPHABET.len())
            .copied()
            .unwrap_or(b'0')
    };
    bytes.into_iter().map(|byte| char::from(letter(byte))).collect()
}
