//! A launch as a Test Execution, and results as runs.

use super::Dialect;
use super::content::written;
use crate::domain::{LaunchRow, TestResult};
use crate::markup::{Document, shorten, wiki};
use serde_json::Value;

/// Characters of a run's comment. Xray documents no limit for it; this is Jira's for comments.
const COMMENT: usize = 32_000;
/// Characters of one result's trace inside a comment.
const TRACE: usize = 8_000;

/// A Test Execution's own fields.
#[derive(Clone, Debug, PartialEq)]
pub struct Execution {
    /// Summary, within Jira's 255 characters.
    pub summary: String,
    /// ADF document or wiki text.
    pub description: Value,
    /// Labels without the marker.
    pub labels: Vec<String>,
}

/// A run to publish.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Run {
    /// Numeric id of the Test.
    pub test_id: String,
    /// Key of the Test.
    pub test_key: String,
    /// Status in the server's spelling.
    pub status: String,
    /// Comment in the destination's dialect; may be empty.
    pub comment: String,
    /// Milliseconds since the epoch.
    pub start: Option<u64>,
    /// Milliseconds since the epoch.
    pub finish: Option<u64>,
}

/// The Test Execution of a launch.
pub fn execution(launch: &LaunchRow, url: &str, dialect: Dialect) -> Execution {
    let (summary, _) = shorten::summary(&launch.name);
    let summary = if summary.is_empty() {
        format!("Launch {}", launch.id)
    } else {
        summary
    };
    let mut lines = vec![format!("Launch {} in Allure TestOps", launch.id)];
    if let Some(created) = launch.created {
        lines.push(format!("Started {}", timestamp(created)));
    }
    lines.push(if launch.closed {
        "Closed".to_owned()
    } else {
        "Open".to_owned()
    });
    let mut tree = Document::from_plain(&lines.join("\n")).tree;
    tree.append(Document::from_markdown(&format!("[Open in Allure TestOps](<{url}>)")).tree);
    let (description, _) = written(&tree, dialect);
    let mut labels: Vec<String> = launch
        .tags
        .iter()
        .filter_map(|tag| super::label::from_tag(tag))
        .collect();
    labels.push(super::COMMON.to_owned());
    labels.sort_unstable();
    labels.dedup();
    Execution {
        summary,
        description,
        labels,
    }
}

/// The comment of a run, from all results of the case in the launch. A single plain pass has nothing to say.
pub fn run_comment(results: &[TestResult], dialect: Dialect) -> String {
    let mut parts = Vec::new();
    for result in results {
        let mut lines = Vec::new();
        if results.len() > 1 || !result.parameters.is_empty() {
            let status = result.status.map_or("in progress", |s| s.word());
            let mut head = format!("{}: {status}", result.name);
            if !result.parameters.is_empty() {
                head.push_str(&format!(" ({})", result.parameters.join(", ")));
            }
            lines.push(head);
        }
        lines.extend(result.message.iter().cloned());
        lines.extend(
            result
                .trace
                .iter()
                .filter(|t| result.message.as_ref() != Some(t))
                .map(|t| cut(t, TRACE)),
        );
        if !lines.is_empty() {
            parts.push(lines.join("\n"));
        }
    }
    let text = cut(&parts.join("\n\n"), COMMENT);
    match dialect {
        Dialect::Adf => text,
        Dialect::Wiki => wiki::write(&Document::from_plain(&text).tree, COMMENT).0,
    }
}

fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}… (shortened)", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// A time as imports take it: ISO 8601 in UTC with whole seconds, `2014-08-30T11:47:35+00:00`.
pub fn timestamp(milliseconds: u64) -> String {
    let seconds = milliseconds / 1000;
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    // Days since 1970 as a civil date: Howard Hinnant's `civil_from_days`, for dates after 1970 only.
    let z = days + 719_468;
    let era = z / 146_097;
    let doe = z % 146_097;
    let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let day = doy - (153 * mp + 2) / 5 + 1;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    let year = yoe + era * 400 + u64::from(month <= 2);
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}+00:00",
        rest / 3600,
        rest / 60 % 60,
        rest % 60
    )
}

#[cfg(test)]
mod tests {
    use super::timestamp;

    #[test]
    fn times_are_iso_8601_in_utc() {
        assert_eq!(timestamp(0), "1970-01-01T00:00:00+00:00");
        assert_eq!(timestamp(951_782_400_000), "2000-02-29T00:00:00+00:00");
        assert_eq!(timestamp(1_795_368_896_789), "2026-11-22T17:34:56+00:00");
    }
}
