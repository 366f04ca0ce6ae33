//! What changed last among the issues of a query: a page or two, whatever the size of the project.

use super::flavour::SearchStyle;
use super::{Found, FoundIssue, Jira};
use crate::error::Result;
use crate::ports::Identity;
use crate::web::{Call, Idempotency, minutes};
use serde::Deserialize;
use serde_json::{Value, json};

/// Issues per page.
const PAGE: usize = 200;

/// Issues of a query, the last change first.
#[derive(Debug, Default)]
pub struct Newest {
    /// Those that were read, with labels and `updated`.
    pub issues: Vec<FoundIssue>,
    /// How many the query has in all.
    pub total: u64,
}

/// `search/approximate-count`.
#[derive(Default, Deserialize)]
struct Count {
    count: u64,
}

impl Jira<'_> {
    /// Reads issues of a query, the last change first, up to a page of which none `moved`: those behind it changed before.
    /// As far as the search index shows them. One request on Data Center and two on Cloud where nothing moved.
    pub async fn newest(&self, jql: &str, moved: impl Fn(&FoundIssue) -> bool) -> Result<Newest> {
        let mut newest = Newest::default();
        let ordered = format!("{jql} ORDER BY updated DESC");
        let (mut token, mut goes_on) = (None, true);
        while goes_on {
            let (start, fields) = (newest.issues.len(), ["labels", "updated"]);
            let call = self.search_page(&ordered, &fields, PAGE, start, token.as_deref());
            let found = self.page_of_newest(call).await?;
            let count = start + found.issues.len();
            goes_on = found.issues.iter().any(&moved);
            goes_on &= match self.flavour.search {
                SearchStyle::Token => {
                    found.is_last != Some(true) && found.next_page_token.is_some() && found.next_page_token != token
                }
                SearchStyle::Offset => count > start && found.total.is_some_and(|total| (count as u64) < total),
            };
            newest.total = found.total.unwrap_or(count as u64);
            newest.issues.extend(found.issues);
            token = found.next_page_token;
        }
        if self.flavour.search == SearchStyle::Token {
            newest.total = self.count(jql).await?;
        }
        Ok(newest)
    }

    async fn page_of_newest(&self, call: Call) -> Result<Found> {
        let response = self
            .unless_anonymous(self.client.success(call, Idempotency::Safe).await)
            .await?;
        if response.identity != Identity::Authenticated {
            self.myself().await?;
        }
        self.client.decode(&response, "the issue search", Idempotency::Safe)
    }

    /// `POST search/approximate-count`: what a search by token does not say.
    async fn count(&self, jql: &str) -> Result<u64> {
        let call = Call::post(self.path("search/approximate-count"), &json!({ "jql": jql }));
        let count: Result<Count> = self.client.json(call, Idempotency::Safe).await;
        Ok(self.unless_anonymous(count).await?.count)
    }
}

/// The date of an issue's last change, in milliseconds since the epoch; 0 where it cannot be read.
pub fn updated_at(field: Option<&Value>) -> u64 {
    field.and_then(Value::as_str).and_then(milliseconds).unwrap_or(0)
}

/// Reads `2026-01-31T10:11:12.345+0100`, in whatever zone the account has.
fn milliseconds(text: &str) -> Option<u64> {
    let (date, time) = text.split_once('T')?;
    let (clock, zone) = time.split_at(time.find(['+', '-', 'Z'])?);
    let mut date = date.split('-').map(str::parse::<u64>);
    let date = [date.next()?.ok()?, date.next()?.ok()?, date.next()?.ok()?];
    let mut clock = clock.split(':');
    let time = [clock.next()?.parse().ok()?, clock.next()?.parse().ok()?];
    let second: f64 = clock
        .next()?
        .parse()
        .ok()
        .filter(|second| (0.0..61.0).contains(second))?;
    let digits: String = zone.chars().filter(char::is_ascii_digit).collect();
    let offset = match digits.parse::<i64>() {
        Ok(offset) if digits.len() == 4 => offset / 100 * 60 + offset % 100,
        _ => 0,
    };
    let offset = if zone.starts_with('-') { -offset } else { offset };
    let minutes = minutes(date, time)? as i64 - offset;
    u64::try_from(minutes * 60_000 + (second * 1_000.0).round() as i64).ok()
}

#[cfg(test)]
mod tests {
    use super::updated_at;
    use serde_json::json;

    #[test]
    fn dates_of_any_zone_are_the_same_moment() {
        let at = |text: &str| updated_at(Some(&json!(text)));
        let moment = 1_769_854_272_345;
        assert_eq!(at("2026-01-31T10:11:12.345+0000"), moment);
        assert_eq!(at("2026-01-31T11:11:12.345+0100"), moment);
        assert_eq!(at("2026-01-31T04:41:12.345-0530"), moment);
        assert_eq!(at("2026-01-31T10:11:12.345Z"), moment);
        assert_eq!(at("2000-02-29T00:00:00.000+0000"), 951_782_400_000);
        assert_eq!((at("yesterday"), updated_at(None)), (0, 0));
    }
}
