//! How often a log-in may fail.

use super::Users;
use crate::problem::Problem;
use crate::store::{StoreError, sql};
use axum::http::StatusCode;

/// Failures that cost nothing.
const FREE: u32 = 5;
/// The longest pause after a failure, in milliseconds.
const LONGEST_MS: u64 = 15 * 60 * 1000;

/// The pause after so many failures: a second, then twice as long each time.
fn pause_ms(failures: u32) -> u64 {
    let doublings = failures.saturating_sub(FREE);
    match doublings {
        0 => 0,
        1..=10 => (1000 << doublings).min(LONGEST_MS),
        _ => LONGEST_MS,
    }
}

impl Users {
    /// Refuses while a subject is in a pause.
    pub(super) async fn may_try(&self, subject: &str) -> Result<(), Problem> {
        let found = self
            .store
            .read(sql("SELECT until FROM attempt WHERE subject = ?1").bind(subject))
            .await?;
        let until: u64 = found.first().map_or(Ok(0), |row| row.get("until"))?;
        let now = self.clock.now();
        if now >= until {
            return Ok(());
        }
        let seconds = (until - now).div_ceil(1000);
        Err(Problem::new(
            StatusCode::TOO_MANY_REQUESTS,
            format!("Too many failed log-ins. Try again in {seconds} s."),
        )
        .retry_after(seconds))
    }

    /// Counts a failure; the count starts again after a success, or a day.
    pub(super) async fn failed(&self, subject: &str) -> Result<(), StoreError> {
        let found = self
            .store
            .read(sql("SELECT failures, until FROM attempt WHERE subject = ?1").bind(subject))
            .await?;
        let now = self.clock.now();
        let before: u32 = match found.first() {
            Some(row) if row.get::<u64>("until")? + 24 * 60 * 60 * 1000 > now => row.get("failures")?,
            _ => 0,
        };
        let failures = before.saturating_add(1);
        let row = sql("INSERT INTO attempt (subject, failures, until) VALUES (?1, ?2, ?3) \
             ON CONFLICT (subject) DO UPDATE SET failures = excluded.failures, until = excluded.until");
        let row = row.bind(subject).bind(failures).bind(now + pause_ms(failures));
        self.store.write(vec![row]).await.map(drop)
    }

    pub(super) async fn succeeded(&self, subject: &str) -> Result<(), StoreError> {
        let row = sql("DELETE FROM attempt WHERE subject = ?1").bind(subject);
        self.store.write(vec![row]).await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::pause_ms;

    #[test]
    fn the_pause_doubles_up_to_a_quarter_of_an_hour() {
        let seconds: Vec<u64> = [1, 5, 6, 7, 10, 15, 16, 1000].map(|n| pause_ms(n) / 1000).to_vec();
        assert_eq!(seconds, [0, 0, 2, 4, 32, 900, 900, 900]);
    }
}
