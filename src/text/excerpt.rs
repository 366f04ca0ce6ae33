/// Columns of an excerpt. Longer lines are cut on both sides of the caret.
const WIDTH: usize = 100;
/// Columns kept before the caret in a cut line.
const LEAD: usize = 60;
const TAB: usize = 4;
const REPLACEMENT: char = '\u{fffd}';

/// The line around a byte of the text and, below it, a caret under that byte's character.
///
/// Tabs become spaces, and wide characters count two columns as terminals draw them. Control characters and invisible
/// ones show as U+FFFD, so that no text can steer a terminal or look like another.
pub fn excerpt(text: &str, offset: usize) -> String {
    let offset = text.floor_char_boundary(offset);
    let (before, after) = text.split_at_checked(offset).unwrap_or((text, ""));
    let lead = before.rsplit('\n').next().unwrap_or_default();
    let rest = after.split('\n').next().unwrap_or_default();
    let rest = rest.strip_suffix('\r').unwrap_or(rest);

    let mut cells = Vec::new();
    draw(lead, &mut cells);
    let mut caret = cells.iter().map(|cell| cell.width).sum::<usize>();
    draw(rest, &mut cells);
    let line = window(&cells, &mut caret);
    format!("{line}\n{:caret$}^", "")
}

/// A text as a message may repeat it: at most 40 characters, the invisible ones as U+FFFD.
pub fn shown(text: &str) -> String {
    const LONGEST: usize = 40;
    let visible = |c| if is_invisible(c) { REPLACEMENT } else { c };
    let mut short: String = text.chars().take(LONGEST).map(visible).collect();
    if text.chars().nth(LONGEST).is_some() {
        short.push('…');
    }
    short
}

/// A character as it is drawn.
struct Cell {
    shown: char,
    width: usize,
}

fn draw(text: &str, cells: &mut Vec<Cell>) {
    let mut column = cells.iter().map(|cell| cell.width).sum::<usize>();
    for c in text.chars() {
        let start = cells.len();
        if c == '\t' {
            cells.extend((0..TAB - column % TAB).map(|_| Cell { shown: ' ', width: 1 }));
        } else if is_invisible(c) {
            cells.push(Cell {
                shown: REPLACEMENT,
                width: 1,
            });
        } else {
            cells.push(Cell {
                shown: c,
                width: width(c),
            });
        }
        column += cells.iter().skip(start).map(|cell| cell.width).sum::<usize>();
    }
}

/// The line's cells as text, cut to [`WIDTH`] around the caret, which moves with the cut.
fn window(cells: &[Cell], caret: &mut usize) -> String {
    let total: usize = cells.iter().map(|cell| cell.width).sum();
    if total <= WIDTH {
        return cells.iter().map(|cell| cell.shown).collect();
    }
    let from = caret.saturating_sub(LEAD).min(total - WIDTH);
    let mut line = String::new();
    let mut column = 0;
    let mut skipped = 0;
    for cell in cells {
        if column < from {
            skipped += cell.width;
        } else if column < from + WIDTH {
            line.push(cell.shown);
        }
        column += cell.width;
    }
    *caret -= skipped;
    if from > 0 {
        line.insert(0, '…');
        *caret += 1;
    }
    if from + WIDTH < total {
        line.push('…');
    }
    line
}

fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Columns of a character on a terminal, by the blocks of Unicode's EastAsianWidth and of its combining marks.
fn width(c: char) -> usize {
    match c {
        '\u{300}'..='\u{36f}'
        | '\u{483}'..='\u{489}'
        | '\u{591}'..='\u{5bd}'
        | '\u{64b}'..='\u{65f}'
        | '\u{1ab0}'..='\u{1aff}'
        | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{fe20}'..='\u{fe2f}' => 0,
        '\u{1100}'..='\u{115f}'
        | '\u{2e80}'..='\u{303e}'
        | '\u{3041}'..='\u{a4cf}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe6f}'
        | '\u{ff01}'..='\u{ff60}'
        | '\u{ffe0}'..='\u{ffe6}'
        | '\u{1f300}'..='\u{1f64f}'
        | '\u{1f680}'..='\u{1f6ff}'
        | '\u{1f900}'..='\u{1f9ff}'
        | '\u{20000}'..='\u{3fffd}' => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_caret_stands_below_the_place() {
        assert_eq!(excerpt("tag = draft", 6), "tag = draft\n      ^");
        assert_eq!(excerpt("a = 1\nand b = ?\r\nor", 14), "and b = ?\n        ^");
    }

    #[test]
    fn the_end_of_the_text_is_a_place_too() {
        assert_eq!(excerpt("tag =", 5), "tag =\n     ^");
        assert_eq!(excerpt("", 0), "\n^");
        assert_eq!(excerpt("x", 99), "x\n ^");
    }

    #[test]
    fn tabs_and_wide_characters_keep_the_caret_in_its_column() {
        assert_eq!(excerpt("\ta\t= ?", 5), "    a   = ?\n          ^");
        assert_eq!(excerpt("\"登录\" ?", 9), "\"登录\" ?\n       ^");
        assert_eq!(excerpt("e\u{301} ?", 4), "e\u{301} ?\n  ^");
    }

    #[test]
    fn what_could_steer_a_terminal_is_replaced() {
        assert_eq!(excerpt("a\u{1b}[2J\u{202e}b", 0), "a\u{fffd}[2J\u{fffd}b\n^");
    }

    #[test]
    fn what_a_message_repeats_is_short_and_visible() {
        assert_eq!(shown("a\u{1b}b"), "a\u{fffd}b");
        assert_eq!(shown(&"ю".repeat(41)), format!("{}…", "ю".repeat(40)));
        assert_eq!(shown(&"ю".repeat(40)), "ю".repeat(40));
    }

    #[test]
    fn a_long_line_is_cut_around_the_caret() {
        let text = format!("{}?{}", "a".repeat(500), "b".repeat(500));
        let shown = excerpt(&text, 500);
        let (line, caret) = shown.split_once('\n').unwrap();
        assert_eq!(line.chars().count(), WIDTH + 2);
        assert_eq!(line.chars().nth(caret.len() - 1), Some('?'));
        let shown = excerpt(&text, 1001);
        let (line, caret) = shown.split_once('\n').unwrap();
        assert!(line.starts_with('…') && line.ends_with('b'));
        assert_eq!(caret.len() - 1, line.chars().count());
    }
}
