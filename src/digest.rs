//! Digests: of content, to notice a change, and of identity, for markers.

use sha2::{Digest, Sha256};

/// First 16 hex digits of the SHA-256: enough to see whether one item's content changed.
pub fn short(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .take(8)
        .fold(String::with_capacity(16), |mut text, byte| {
            text.push(char::from_digit(u32::from(byte >> 4), 16).unwrap_or('0'));
            text.push(char::from_digit(u32::from(byte & 15), 16).unwrap_or('0'));
            text
        })
}

/// First 20 characters of the SHA-256 in lower-case base32 (100 bits): fits a Jira label and needs no escaping in JQL.
pub fn base32(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let digest = Sha256::digest(bytes);
    let mut text = String::with_capacity(20);
    let (mut bits, mut held) = (0u32, 0u32);
    for byte in digest.iter().take(13) {
        held = (held << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 && text.len() < 20 {
            bits -= 5;
            let index = ((held >> bits) & 31) as usize;
            text.push(ALPHABET.get(index).map_or('a', |letter| char::from(*letter)));
        }
        held &= (1 << bits) - 1;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{base32, short};

    #[test]
    fn digests_are_stable_and_of_their_length() {
        assert_eq!(short(b"tms-sync"), short(b"tms-sync"));
        assert_eq!(short(b"abc"), "ba7816bf8f01cfea");
        // Base32 of ba7816bf8f01cfea414140de5d (RFC 4648), lower case.
        assert_eq!(base32(b"abc"), "xj4bnp4pahh6uqkbidpf");
    }
}
