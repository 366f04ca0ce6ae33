//! Which of Jira's two products a site is.

/// Which product the site is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variant {
    /// Jira Data Center with the Xray app ("raven").
    DataCenter,
    /// Jira Cloud with Xray Cloud.
    Cloud,
}
