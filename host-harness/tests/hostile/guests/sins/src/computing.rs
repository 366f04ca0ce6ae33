//! Sins against time.

use guest_contract::secrets;

pub fn spin() -> ! {
    let mut number = 0_u64;
    loop {
        number = std::hint::black_box(number.wrapping_add(1));
    }
}

/// Many short calls of the host.
pub fn ask() -> ! {
    loop {
        std::hint::black_box(secrets::stored());
    }
}

/// Each instruction moves megabytes.
pub fn copy() -> ! {
    let mut bytes = vec![1_u8; 16 << 20];
    loop {
        bytes.copy_within(0..8 << 20, 8 << 20);
        std::hint::black_box(&mut bytes);
    }
}

pub fn recurse_without_end() {
    std::hint::black_box(recurse(1));
}

fn recurse(depth: u64) -> u64 {
    if depth == 0 { 0 } else { std::hint::black_box(recurse(std::hint::black_box(depth + 1))) + 1 }
}
