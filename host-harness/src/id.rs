//! Names that nobody chooses: digests and random bits, in hexadecimal.

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// 128 random bits in hexadecimal.
pub(crate) fn random_name() -> String {
    let mut bytes = [0; 16];
    // Without entropy two names could be equal only where nothing else works either.
    let _ = getrandom::fill(&mut bytes);
    hex(&bytes)
}
