//! Dates of servers, as a number.

/// Minutes from 1970 to a civil date and time of day; absent where there is no such, or it lies before 1970.
pub fn minutes([year, month, day]: [u64; 3], [hour, minute]: [u64; 2]) -> Option<u64> {
    let is_date = (1970..10_000).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    let is_time = hour <= 23 && minute <= 59;
    (is_date && is_time).then(|| (days(year, month, day) * 24 + hour) * 60 + minute)
}

/// Days from 1970 to a civil date: Howard Hinnant's `days_from_civil`, for dates after 1970 only.
fn days(year: u64, month: u64, day: u64) -> u64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year / 400, year % 400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}
