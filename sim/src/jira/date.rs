//! The date forms Jira and Xray read and write.

use jiff::{Timestamp, civil, tz::TimeZone};

use super::id::Millis;

fn timestamp(at: Millis) -> Timestamp {
    Timestamp::from_millisecond(at).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// Jira's form, `2026-01-31T10:11:12.345+0000`, always in UTC.
#[must_use]
pub fn jira(at: Millis) -> String {
    timestamp(at).strftime("%Y-%m-%dT%H:%M:%S.%3f+0000").to_string()
}

/// Seconds precision with a zone, `2026-01-31T10:11:12Z`.
#[must_use]
pub fn iso(at: Millis) -> String {
    timestamp(at).strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Milliseconds precision with a zone, `2026-01-31T10:11:12.345Z`.
#[must_use]
pub fn iso_millis(at: Millis) -> String {
    timestamp(at).strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

/// What a person reads on a page, `2026-01-31 10:11:12 UTC`.
#[must_use]
pub fn readable(at: Millis) -> String {
    timestamp(at).strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// HTTP's form, `Sat, 31 Jan 2026 10:11:12 GMT`.
#[must_use]
pub fn http(at: Millis) -> String {
    timestamp(at).strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// Reads ISO 8601 with an offset (`Z`, `+01:00` or `+0100`), with or without fractions of a second.
#[must_use]
pub fn parse(text: &str) -> Option<Millis> {
    text.parse::<Timestamp>().ok().map(|t| t.as_millisecond())
}

/// Reads a JQL date, `yyyy-MM-dd`, `yyyy/MM/dd`, both with an optional ` HH:mm`, or an offset from `now` such as `-1w 2d`.
///
/// The user's time zone is UTC on this site.
#[must_use]
pub fn parse_jql(text: &str, now: Millis) -> Option<Millis> {
    let normal = text.trim().replace('/', "-");
    let absolute = civil::DateTime::strptime("%Y-%m-%d %H:%M", &normal)
        .or_else(|_| civil::Date::strptime("%Y-%m-%d", &normal).map(civil::DateTime::from));
    match absolute {
        Ok(local) => local
            .to_zoned(TimeZone::UTC)
            .ok()
            .map(|zoned| zoned.timestamp().as_millisecond()),
        Err(_) => relative(text).map(|offset| now + offset),
    }
}

fn relative(text: &str) -> Option<Millis> {
    let (sign, rest) = match text.trim().strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.trim().trim_start_matches('+')),
    };
    let mut total = 0;
    for part in rest.split_whitespace() {
        let unit = part.chars().next_back()?;
        let minutes = match unit {
            'm' => 1,
            'h' => 60,
            'd' => 24 * 60,
            'w' => 7 * 24 * 60,
            _ => return None,
        };
        let amount: i64 = part.strip_suffix(unit)?.parse().ok()?;
        total += amount.checked_mul(minutes * 60_000)?;
    }
    (!rest.is_empty()).then_some(sign * total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jira_dates_round_trip() {
        assert_eq!(jira(1_769_854_272_345), "2026-01-31T10:11:12.345+0000");
        assert_eq!(parse("2026-01-31T10:11:12.345+0000"), Some(1_769_854_272_345));
        assert_eq!(parse("2026-01-31T11:11:12+01:00"), parse("2026-01-31T10:11:12Z"));
        assert_eq!(parse("2026-01-31"), None);
    }

    #[test]
    fn http_dates_name_the_day() {
        assert_eq!(http(1_769_854_272_345), "Sat, 31 Jan 2026 10:11:12 GMT");
    }

    #[test]
    fn jql_dates_are_absolute_or_relative() {
        assert_eq!(parse_jql("2026-01-31 10:11", 0), parse("2026-01-31T10:11:00Z"));
        assert_eq!(parse_jql("2026/01/31", 0), parse("2026-01-31T00:00:00Z"));
        assert_eq!(parse_jql("-1d 2h", 100_000_000), Some(100_000_000 - 26 * 3_600_000));
        assert_eq!(parse_jql("yesterday", 0), None);
    }
}
