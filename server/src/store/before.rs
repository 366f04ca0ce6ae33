//! Pages of lists that are ordered by time, newest first.

use std::fmt;

use serde::Deserialize;

/// Where a page begins: below the entry of this time and id. Entries of one time are ordered by id, so that a page that ends
/// among them loses none. Written `TIME.ID`, or `TIME` for what is older than that.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Before {
    /// Milliseconds since the Unix epoch.
    pub at: u64,
    /// Of the last entry of the page before; empty: of none at this time.
    pub id: String,
}

impl Before {
    /// Below an entry.
    pub fn entry(at: u64, id: &str) -> Self {
        Self { at, id: id.to_owned() }
    }

    /// Older than a time.
    pub fn time(at: u64) -> Self {
        Self { at, id: String::new() }
    }
}

/// From the newest on.
impl Default for Before {
    fn default() -> Self {
        Self::time(u64::MAX)
    }
}

impl TryFrom<String> for Before {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let (at, id) = text.split_once('.').unwrap_or((&text, ""));
        let at = at.parse().map_err(|_| format!("`{text}` is no time in milliseconds"))?;
        Ok(Self::entry(at, id))
    }
}

impl fmt::Display for Before {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.at)?;
        if self.id.is_empty() {
            return Ok(());
        }
        write!(f, ".{}", self.id)
    }
}
