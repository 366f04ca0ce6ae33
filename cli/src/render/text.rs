//! Text for a terminal: styles, and words of servers made harmless.

use std::borrow::Cow;
use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

pub const GOOD: Style = AnsiColor::Green.on_default();
pub const BAD: Style = AnsiColor::Red.on_default().bold();
pub const ATTENTION: Style = AnsiColor::Yellow.on_default();
pub const HINT: Style = AnsiColor::Cyan.on_default();
pub const STRONG: Style = Style::new().bold();
pub const FAINT: Style = Style::new().dimmed();

/// `text` in `style`. Colour is taken away again where it is not wanted, by the stream that is written to.
pub fn styled(style: Style, text: impl std::fmt::Display) -> String {
    format!("{style}{text}{style:#}")
}

/// Words of a server or a file on one line, with everything escaped that a terminal would obey rather than show.
pub fn harmless(text: &str) -> Cow<'_, str> {
    if !text.contains(obeyed) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '\n' | '\r' | '\t' => safe.extend(character.escape_default()),
            _ if obeyed(character) => safe.extend(character.escape_unicode()),
            _ => safe.push(character),
        }
    }
    Cow::Owned(safe)
}

/// Control characters, and those that change the order or the visibility of what follows.
fn obeyed(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// The same for JSON, where such characters only stand inside strings and have an escape of their own.
pub fn harmless_json(json: &str) -> String {
    let mut safe = String::with_capacity(json.len());
    for character in json.chars() {
        if obeyed(character) && character != '\n' {
            // Writing to a string cannot fail. None of them lies beyond the basic plane, so one escape holds each.
            let _ = write!(safe, "\\u{:04x}", u32::from(character));
        } else {
            safe.push(character);
        }
    }
    safe
}

/// `text` shortened to `most` characters.
pub fn shortened(text: &str, most: usize) -> Cow<'_, str> {
    let text = harmless(text);
    match text.char_indices().nth(most.saturating_sub(1)) {
        Some((cut, _)) if text.chars().count() > most => {
            Cow::Owned(format!("{}…", text.get(..cut).unwrap_or_default()))
        }
        _ => text,
    }
}

/// `1 case`, `2 cases`.
pub fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// A duration as people read it: `430 ms`, `3.2 s`, `4 min 05 s`.
pub fn duration(milliseconds: u64) -> String {
    match milliseconds {
        0..1_000 => format!("{milliseconds} ms"),
        1_000..60_000 => format!("{}.{} s", milliseconds / 1_000, milliseconds % 1_000 / 100),
        60_000..3_600_000 => format!("{} min {:02} s", milliseconds / 60_000, milliseconds % 60_000 / 1_000),
        _ => format!(
            "{} h {:02} min",
            milliseconds / 3_600_000,
            milliseconds % 3_600_000 / 60_000
        ),
    }
}

/// A moment as `2026-08-17 20:13:20Z`.
pub fn utc(milliseconds: u64) -> String {
    let seconds = milliseconds / 1_000;
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = civil(days);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}Z")
}

/// Year, month and day of a day since 1970-01-01, by Howard Hinnant's `civil_from_days`: years begin in March, so that
/// the leap day is the last of its year.
fn civil(days: u64) -> (u64, u64, u64) {
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
}

/// Columns as wide as their widest cell; the last one is not padded.
pub fn table(rows: &[Vec<String>], indent: &str) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter()
            .filter_map(|row| row.get(column))
            .map(|cell| cell.chars().count())
            .max()
    };
    let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
    let mut text = String::new();
    for row in rows {
        let mut line = indent.to_owned();
        for (cell, width) in row.iter().zip(&widths) {
            let _ = write!(line, "{cell:width$}  ");
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_in_utc() {
        assert_eq!(utc(0), "1970-01-01 00:00:00Z");
        assert_eq!(utc(951_782_400_000 - 1), "2000-02-28 23:59:59Z");
        assert_eq!(utc(951_782_400_000), "2000-02-29 00:00:00Z");
        assert_eq!(utc(1_795_000_000_123), "2026-11-18 11:06:40Z");
    }

    #[test]
    fn escape_sequences_of_a_server_are_shown_not_obeyed() {
        assert_eq!(
            harmless("red \u{1b}[31m, bell \u{7}, C1 \u{9b}"),
            "red \\u{1b}[31m, bell \\u{7}, C1 \\u{9b}"
        );
        assert_eq!(harmless("two\nlines"), "two\\nlines");
        assert_eq!(harmless("evil \u{202e}txt"), "evil \\u{202e}txt");
        assert_eq!(harmless("Prüfung ✓ 🙂"), "Prüfung ✓ 🙂");
    }

    #[test]
    fn json_stays_json_when_made_harmless() {
        let json = serde_json::to_string("a\u{9b}b\u{202e}c\u{1b}").unwrap();
        let safe = harmless_json(&json);
        assert!(safe.is_ascii(), "{safe}");
        assert_eq!(
            serde_json::from_str::<String>(&safe).unwrap(),
            "a\u{9b}b\u{202e}c\u{1b}"
        );
    }

    #[test]
    fn long_names_are_cut_at_a_character() {
        assert_eq!(shortened("Überprüfung", 5), "Über…");
        assert_eq!(shortened("short", 5), "short");
    }

    #[test]
    fn durations_read_like_speech() {
        let shown: Vec<String> = [7, 3_240, 245_000, 7_500_000].map(duration).into();
        assert_eq!(shown, ["7 ms", "3.2 s", "4 min 05 s", "2 h 05 min"]);
    }
}
