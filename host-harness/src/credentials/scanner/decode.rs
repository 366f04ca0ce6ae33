//! A text as it reads without what servers put around it.

use memchr::{memchr, memchr_iter, memchr2_iter};
use zeroize::Zeroizing;

/// How many escapes may lie around each other, for example JSON in JSON.
const LAYERS: usize = 3;
/// How many hexadecimal digits are searched at a time.
const BLOCK: usize = 4_096;

/// Shows a text as it is, and as it reads without each kind of escape or filler that it has.
pub(super) fn readings(text: &[u8], see: &mut dyn FnMut(&[u8])) {
    see(text);
    below_escapes(text, LAYERS, see);
    let others = [
        unescaped(text, b'='),
        without(text, [b'\0', b'\0']),
        without(text, [b'\r', b'\n']),
    ];
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

/// One layer of percent signs, backslashes, HTML entities or e-mail's equals signs less; `None` where there is none.
fn unescaped(text: &[u8], kind: u8) -> Option<Zeroizing<Vec<u8>>> {
    let mut decoded: Option<Zeroizing<Vec<u8>>> = None;
    let mut read = 0;
    for at in memchr_iter(kind, text) {
        let Some((plain, (sign, length))) = text.get(read..at).zip(text.get(at..).and_then(sign)) else {
            continue;
        };
        // No escape is shorter than what it stands for.
        let decoded = decoded.get_or_insert_with(|| Zeroizing::new(Vec::with_capacity(text.len())));
        decoded.extend_from_slice(plain);
        match sign {
            Sign::Nothing => {}
            Sign::Byte(byte) => decoded.push(byte),
            Sign::Char(char) => decoded.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes()),
        }
        read = at + length;
    }
    decoded
        .as_mut()?
        .extend_from_slice(text.get(read..).unwrap_or_default());
    decoded
}

enum Sign {
    Nothing,
    Byte(u8),
    Char(char),
}

/// What an escape at the start of `text` stands for, and how long it is.
fn sign(text: &[u8]) -> Option<(Sign, usize)> {
    let byte = |digits: &[u8]| Some(Sign::Byte(number(digits, 16)?.try_into().ok()?));
    match text {
        [b'=', b'\n', ..] => Some((Sign::Nothing, 2)),
        [b'=', b'\r', b'\n', ..] => Some((Sign::Nothing, 3)),
        [b'%' | b'=', ..] => Some((byte(text.get(1..3)?)?, 3)),
        [b'\\', b'u', ..] => Some((Sign::Char(char::from_u32(number(text.get(2..6)?, 16)?)?), 6)),
        [b'\\', b'x', ..] => Some((byte(text.get(2..4)?)?, 4)),
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
    let more = |number: u32, digit: &u8| {
        let digit = char::from(*digit).to_digit(radix)?;
        number.checked_mul(radix)?.checked_add(digit)
    };
    (!digits.is_empty()).then(|| digits.iter().try_fold(0, more)).flatten()
}

/// Without the zeros of UTF-16, or the line ends of Base64; `None` where there are none.
fn without(text: &[u8], [one, other]: [u8; 2]) -> Option<Zeroizing<Vec<u8>>> {
    let mut rest: Option<Zeroizing<Vec<u8>>> = None;
    let mut read = 0;
    for at in memchr2_iter(one, other, text) {
        let rest = rest.get_or_insert_with(|| Zeroizing::new(Vec::with_capacity(text.len())));
        rest.extend_from_slice(text.get(read..at).unwrap_or_default());
        read = at + 1;
    }
    rest.as_mut()?.extend_from_slice(text.get(read..).unwrap_or_default());
    rest
}

/// Shows the hexadecimal digits of a text alone and in small letters, because separators differ: block by block, each with
/// the last `overlap` digits of the one before.
pub(super) fn hex_digits(text: &[u8], overlap: usize, see: &mut dyn FnMut(&[u8])) {
    let mut digits = Zeroizing::new(vec![0; overlap + text.len().min(BLOCK)]);
    let mut kept = 0;
    for block in text.chunks(BLOCK) {
        let mut end = kept;
        for byte in block {
            // Every byte is written, and only a digit moves the end: a branch would be guessed wrongly again and again.
            let digit = SMALL_HEX.get(usize::from(*byte)).copied().unwrap_or_default();
            if let Some(slot) = digits.get_mut(end) {
                *slot = digit;
                end += usize::from(digit != 0);
            }
        }
        see(digits.get(..end).unwrap_or_default());
        kept = end.min(overlap);
        digits.copy_within(end - kept..end, 0);
    }
}

/// Each hexadecimal digit in small letters, and zero for every other byte.
static SMALL_HEX: [u8; 256] = small_hex();

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
const fn small_hex() -> [u8; 256] {
    let mut digits = [0; 256];
    let mut byte: u8 = 0;
    while byte < 128 {
        if byte.is_ascii_hexdigit() {
            digits[byte as usize] = byte.to_ascii_lowercase();
        }
        byte += 1;
    }
    digits
}
