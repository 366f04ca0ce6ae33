//! Dates of HTTP headers (RFC 9110 §5.6.7), in the one form that servers may send.

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// Milliseconds since the epoch of a date such as `Sun, 06 Nov 1994 08:49:37 GMT`; `None` for anything else.
pub(super) fn read(text: &str) -> Option<u64> {
    let mut parts = text.split_once(", ")?.1.split(' ');
    let day: u64 = parts.next()?.parse().ok().filter(|day| (1..=31).contains(day))?;
    let month = parts.next()?;
    let month = 1 + MONTHS.iter().position(|name| *name == month)? as u64;
    let year: u64 = parts
        .next()?
        .parse()
        .ok()
        .filter(|year| (1970..10_000).contains(year))?;
    let mut time = parts.next()?.split(':').map(str::parse::<u64>);
    let mut next = |most: u64| time.next()?.ok().filter(|part| *part <= most);
    let (hours, minutes, seconds) = (next(23)?, next(59)?, next(60)?);
    (parts.next()? == "GMT").then_some(())?;
    Some(((days(year, month, day) * 24 + hours) * 60 + minutes) * 60_000 + seconds * 1_000)
}

/// Days since 1970 of a civil date: Howard Hinnant's `days_from_civil`, for dates after 1970 only.
fn days(year: u64, month: u64, day: u64) -> u64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year / 400, year % 400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn the_form_of_the_standard_is_read_and_nothing_else() {
        for (text, date) in [
            ("Thu, 01 Jan 1970 00:00:00 GMT", Some(0)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(784_111_777_000)),
            ("Tue, 29 Feb 2028 23:59:60 GMT", Some(1_835_481_600_000)),
            ("Sunday, 06-Nov-94 08:49:37 GMT", None),
            ("Sun, 06 Nov 1994 08:49:37 CET", None),
            ("Sun, 06 Nov 1994 25:49:37 GMT", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(read(text), date, "{text}");
        }
    }
}
