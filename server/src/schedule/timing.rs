//! When a sync runs by itself.

use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

/// The shortest time between two runs, in minutes.
const SHORTEST: u32 = 1;
/// The longest, in minutes: a month.
const LONGEST: u32 = 31 * 24 * 60;
/// How far runs of one cron time are spread, in milliseconds.
const SPREAD_MS: u64 = 30_000;

/// A schedule.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case", tag = "type", deny_unknown_fields)]
pub enum Timing {
    /// Not by itself.
    #[default]
    Off,
    /// Again and again.
    Every {
        /// Minutes between two runs.
        minutes: u32,
    },
    /// At times of a calendar.
    Cron {
        /// Minute, hour, day of the month, month, day of the week: `0 3 * * 1-5`.
        expression: String,
        /// IANA name of the time zone, for example `Europe/Berlin`.
        zone: String,
    },
}

impl Timing {
    /// Whether it makes sense.
    ///
    /// # Errors
    ///
    /// What does not.
    pub fn check(&self) -> Result<(), String> {
        match self {
            Self::Off => Ok(()),
            Self::Every { minutes } if (SHORTEST..=LONGEST).contains(minutes) => Ok(()),
            Self::Every { .. } => Err(format!("The interval is {SHORTEST} to {LONGEST} minutes.")),
            Self::Cron { expression, zone } => {
                parsed(expression)?;
                time_zone(zone).map(drop)
            }
        }
    }

    /// The first time after `after`; `who` spreads those that share a schedule, always in the same way. `None`: never.
    pub fn next(&self, after: u64, who: &str) -> Option<u64> {
        match self {
            Self::Off => None,
            Self::Every { minutes } => {
                let period = u64::from(*minutes).max(1) * 60_000;
                let phase = spread(who) % period;
                let periods = after.saturating_sub(phase) / period + u64::from(after >= phase);
                Some(phase + periods * period)
            }
            Self::Cron { expression, zone } => {
                let late = spread(who) % SPREAD_MS;
                let cron = parsed(expression).ok()?;
                let from = Timestamp::from_millisecond(i64::try_from(after.saturating_sub(late)).ok()?).ok()?;
                let next = cron
                    .find_next_occurrence(&from.to_zoned(time_zone(zone).ok()?), false)
                    .ok()?;
                u64::try_from(next.timestamp().as_millisecond())
                    .ok()
                    .map(|at| at + late)
            }
        }
    }

    /// The next `count` times.
    pub fn times(&self, after: u64, who: &str, count: usize) -> Vec<u64> {
        let first = self.next(after, who);
        std::iter::successors(first, |at| self.next(*at, who))
            .take(count)
            .collect()
    }
}

fn spread(who: &str) -> u64 {
    let digest = Sha256::digest(who.as_bytes());
    digest
        .iter()
        .take(8)
        .fold(0, |number, byte| number << 8 | u64::from(*byte))
}

fn parsed(expression: &str) -> Result<Cron, String> {
    let parser = CronParser::builder()
        .seconds(Seconds::Disallowed)
        .year(Year::Disallowed)
        .build();
    parser.parse(expression).map_err(|error| {
        format!("`{expression}` is no cron expression of five fields (minute hour day month weekday): {error}")
    })
}

fn time_zone(zone: &str) -> Result<TimeZone, String> {
    TimeZone::get(zone).map_err(|_| format!("There is no time zone `{zone}`; one is `Europe/Berlin`."))
}

#[cfg(test)]
mod tests {
    use super::Timing;

    fn cron(expression: &str, zone: &str) -> Timing {
        Timing::Cron {
            expression: expression.into(),
            zone: zone.into(),
        }
    }

    fn at(text: &str) -> u64 {
        text.parse::<jiff::Timestamp>()
            .unwrap()
            .as_millisecond()
            .try_into()
            .unwrap()
    }

    #[test]
    fn an_interval_has_a_phase_of_its_own_for_each_sync() {
        let every = Timing::Every { minutes: 15 };
        let [a, b] = ["a", "b"].map(|who| every.times(at("2026-03-01T12:00:00Z"), who, 3));
        assert_ne!(a, b);
        for times in [a, b] {
            assert!(times[0] > at("2026-03-01T12:00:00Z") && times[0] <= at("2026-03-01T12:15:00Z"));
            assert_eq!([times[1] - times[0], times[2] - times[1]], [900_000, 900_000]);
        }
    }

    #[test]
    fn a_calendar_time_stays_on_the_wall_when_the_clocks_change() {
        let nightly = cron("0 3 * * *", "Europe/Berlin");
        let times = nightly.times(at("2026-03-28T00:00:00Z"), "x", 2);
        // Summer time begins on the 29th: three o'clock comes an hour earlier.
        assert_eq!(
            times.iter().map(|t| t / 60_000 * 60_000).collect::<Vec<_>>(),
            [at("2026-03-28T02:00:00Z"), at("2026-03-29T01:00:00Z")]
        );
    }

    #[test]
    fn a_time_that_a_clock_change_skips_is_not_lost() {
        let times = cron("30 2 * * *", "Europe/Berlin").times(at("2026-03-28T12:00:00Z"), "x", 2);
        assert_eq!(times.len(), 2);
        assert!(times[0] < at("2026-03-29T04:00:00Z"), "once on the 29th");
    }

    #[test]
    fn the_next_time_is_after_the_last_whatever_the_spread() {
        for who in ["a", "b", "c", "d"] {
            let times = cron("* * * * *", "UTC").times(at("2026-03-01T00:00:10Z"), who, 50);
            assert!(times.windows(2).all(|pair| pair[1] - pair[0] == 60_000), "{who}");
        }
    }

    #[test]
    fn nonsense_is_refused() {
        for timing in [
            Timing::Every { minutes: 0 },
            cron("0 3 * *", "UTC"),
            cron("0 3 * * *", "Mars/Base"),
            cron("0 0 3 * * *", "UTC"),
        ] {
            assert!(timing.check().is_err(), "{timing:?}");
        }
    }
}
