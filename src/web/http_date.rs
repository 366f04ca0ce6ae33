//! Dates of HTTP headers (RFC 9110 §5.6.7), in the one form that servers may send.

use super::date::minutes;

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// Milliseconds since the epoch of a date such as `Sun, 06 Nov 1994 08:49:37 GMT`; `None` for anything else.
pub(super) fn read(text: &str) -> Option<u64> {
    let mut parts = text.split_once(", ")?.1.split(' ');
    let day: u64 = parts.next()?.parse().ok()?;
    let month = parts.next()?;
    let month = 1 + MONTHS.iter().position(|name| *name == month)? as u64;
    let year: u64 = parts.next()?.parse().ok()?;
    let mut time = parts.next()?.split(':').map(str::parse::<u64>);
    let mut next = || time.next()?.ok();
    let (hour, minute, seconds) = (next()?, next()?, next()?);
    (parts.next()? == "GMT" && seconds <= 60).then_some(())?;
    Some(minutes([year, month, day], [hour, minute])? * 60_000 + seconds * 1_000)
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
