//! Limits of the destinations, and shortening that leaves whole words and whole markup.
//!
//! Lengths are in the destination's characters: UTF-16 units, as Jira (Java) counts them.

use super::characters::{clean, count};
use super::loss::{Loss, Losses, What};
use super::tree::{Block, Inline, Item, List, Marks, Row, Span, Table, Tree};

/// Longest summary of an issue (Jira: "Summary can't exceed 255 characters").
pub const SUMMARY: usize = 255;
/// Longest description, comment or text field (Jira Cloud, fixed; the default on Data Center).
pub const DESCRIPTION: usize = 32_767;
/// Longest action, data or expected result of an Xray step.
pub const STEP_FIELD: usize = 8_192;

/// A single line of at most [`SUMMARY`] characters: runs of white space become one space, control characters go, a
/// longer text ends in an ellipsis.
#[must_use]
pub fn summary(text: &str) -> (String, Option<Loss>) {
    let mut losses = Losses::default();
    let clean = clean(text, &mut losses);
    let line = clean.split_whitespace().collect::<Vec<_>>().join(" ");
    if count(&line) <= SUMMARY {
        return (line, losses.into_vec().pop());
    }
    let kept = head(&line, SUMMARY - 1).trim_end();
    (format!("{kept}…"), Some(Loss::new(What::Shortened)))
}

/// The longest start of the tree that `length` says fits `limit`, followed by a line that says it was shortened;
/// `None` if all of it fits.
pub(super) fn fit(tree: &Tree, limit: usize, length: impl Fn(&Tree) -> usize) -> Option<Tree> {
    if limit == usize::MAX || length(tree) <= limit {
        return None;
    }
    let mut best = notice(Tree::default());
    if length(&best) > limit {
        return Some(Tree::default());
    }
    // Every character costs at least one, so no start longer than the limit fits.
    let (mut low, mut high) = (0, limit);
    while low < high {
        let middle = low + (high - low).div_ceil(2);
        let candidate = notice(start(tree, middle));
        if length(&candidate) <= limit {
            low = middle;
            best = candidate;
        } else {
            high = middle - 1;
        }
    }
    Some(best)
}

fn notice(mut tree: Tree) -> Tree {
    let text = Span {
        text: "… (shortened)".to_owned(),
        marks: Marks::EM,
        link: None,
    };
    tree.blocks.push(Block::Paragraph(vec![Inline::Span(text)]));
    tree
}

/// The first `budget` characters of a tree, cut between words, lines, rows or blocks.
fn start(tree: &Tree, mut budget: usize) -> Tree {
    Tree {
        blocks: cut_blocks(&tree.blocks, &mut budget),
    }
}

/// Takes the price of one more thing (at least 1); with too little money left, takes all of it and says false.
fn pay(budget: &mut usize, price: usize) -> bool {
    let enough = *budget >= price.max(1);
    *budget = budget.saturating_sub(price.max(1));
    enough
}

fn cut_blocks(blocks: &[Block], budget: &mut usize) -> Vec<Block> {
    blocks
        .iter()
        .map_while(|block| if *budget > 0 { cut_block(block, budget) } else { None })
        .collect()
}

fn cut_block(block: &Block, budget: &mut usize) -> Option<Block> {
    Some(match block {
        Block::Paragraph(content) => Block::Paragraph(some(cut_line(content, budget))?),
        Block::Heading { level, content } => Block::Heading {
            level: *level,
            content: some(cut_line(content, budget))?,
        },
        Block::Code { language, text } => Block::Code {
            language: language.clone(),
            text: cut_code(text, budget)?,
        },
        Block::Quote(inner) => Block::Quote(some(cut_blocks(inner, budget))?),
        Block::List(list) => {
            let items = list.items.iter().map_while(|item| {
                pay(budget, 2).then(|| Item {
                    done: item.done,
                    blocks: cut_blocks(&item.blocks, budget),
                })
            });
            Block::List(List {
                start: list.start,
                items: some(items.collect())?,
            })
        }
        Block::Table(table) => {
            let rows = table.rows.iter().map_while(|row| cut_row(row, budget)).collect();
            Block::Table(Table { rows: some(rows)? })
        }
        Block::Rule => pay(budget, 4).then_some(Block::Rule)?,
    })
}

fn some<T>(parts: Vec<T>) -> Option<Vec<T>> {
    (!parts.is_empty()).then_some(parts)
}

/// A row is kept whole or not at all: half a row would say something else.
fn cut_row(row: &Row, budget: &mut usize) -> Option<Row> {
    let price: usize = row
        .cells
        .iter()
        .map(|cell| 1 + cell.content.iter().map(price).sum::<usize>())
        .sum();
    pay(budget, price).then(|| row.clone())
}

fn price(inline: &Inline) -> usize {
    match inline {
        Inline::Span(span) => count(&span.text),
        Inline::Break => 1,
        Inline::Image(image) => image.url.len(),
        Inline::Attachment(file) => count(&file.name),
    }
}

fn cut_line(content: &[Inline], budget: &mut usize) -> Vec<Inline> {
    let mut out = Vec::new();
    for inline in content {
        let left = *budget;
        if pay(budget, price(inline)) {
            out.push(inline.clone());
            continue;
        }
        if let Inline::Span(span) = inline {
            let text = head(&span.text, left);
            if !text.is_empty() {
                out.push(Inline::Span(Span {
                    text: text.to_owned(),
                    ..span.clone()
                }));
            }
        }
        break;
    }
    out
}

fn cut_code(text: &str, budget: &mut usize) -> Option<String> {
    let mut out = String::new();
    for line in text.split_inclusive('\n') {
        let left = *budget;
        if !pay(budget, count(line)) {
            out.push_str(head(line, left));
            break;
        }
        out.push_str(line);
    }
    let kept = out.trim_end_matches('\n');
    (!kept.is_empty()).then(|| kept.to_owned())
}

/// The longest start of at most `limit` UTF-16 units that ends between words, or, in a very long word, between
/// things a reader takes for one character.
fn head(text: &str, limit: usize) -> &str {
    let mut used = 0;
    let mut end = 0;
    for (at, c) in text.char_indices() {
        if used + c.len_utf16() > limit {
            break;
        }
        used += c.len_utf16();
        end = at + c.len_utf8();
    }
    let kept = text.get(..end).unwrap_or_default();
    if text
        .get(end..)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace))
    {
        return kept;
    }
    let word = kept.rfind(char::is_whitespace).filter(|at| kept.len() - at <= 80);
    match word {
        Some(at) => kept.get(..at).unwrap_or_default(),
        None => text.get(..boundary(text, end)).unwrap_or_default(),
    }
}

/// Steps back from the middle of what is shown as one character: a letter and its accents, a joined emoji, a flag.
fn boundary(text: &str, mut end: usize) -> usize {
    for _ in 0..32 {
        let (before, after) = text.split_at(end);
        let (Some(last), Some(next)) = (before.chars().next_back(), after.chars().next()) else {
            break;
        };
        let flags = before.chars().rev().take_while(|c| is_flag_half(*c)).count();
        let joined = last == '\u{200D}' || continues(next) || (is_flag_half(next) && flags % 2 == 1);
        if !joined {
            break;
        }
        end -= last.len_utf8();
    }
    end
}

fn continues(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36F}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5C7}' | '\u{610}'..='\u{61A}'
        | '\u{64B}'..='\u{65F}' | '\u{900}'..='\u{903}' | '\u{93A}'..='\u{94F}' | '\u{E31}' | '\u{E34}'..='\u{E4E}'
        | '\u{200C}' | '\u{200D}' | '\u{20D0}'..='\u{20FF}' | '\u{FE00}'..='\u{FE0F}' | '\u{1F3FB}'..='\u{1F3FF}'
        | '\u{E0020}'..='\u{E007F}')
}

fn is_flag_half(c: char) -> bool {
    matches!(c, '\u{1F1E6}'..='\u{1F1FF}')
}
