//! A value of Test Executions that may differ from launch to launch.

use crate::domain::{Environment, IssueKey, LaunchRow};
use crate::text::same;

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OfLaunch {
    /// It is the same for all launches.
    Always(String),
    /// From a tag of the launch that begins with this.
    Tag(String),
    /// From an environment variable of the launch.
    Variable(String),
    /// From the launch's name: what stands between these.
    Name(String, String),
    /// From a link of the launch with this name, or any where it is empty: the issue key at the end of its address.
    Link(String),
}

impl OfLaunch {
    /// Reads `tag:PREFIX`, `variable:NAME`, `name:BEFORE*AFTER` or `link:NAME`; any other text is the value itself.
    pub fn read(text: &str) -> Self {
        let rule = text.split_once(':').map(|(source, rest)| (source.trim(), rest.trim()));
        match rule {
            Some(("tag", prefix)) => OfLaunch::Tag(prefix.to_owned()),
            Some(("variable", name)) => OfLaunch::Variable(name.to_owned()),
            Some(("link", name)) => OfLaunch::Link(name.to_owned()),
            Some(("name", pattern)) => {
                let (before, after) = pattern.split_once('*').unwrap_or((pattern, ""));
                OfLaunch::Name(before.to_owned(), after.to_owned())
            }
            _ => OfLaunch::Always(text.to_owned()),
        }
    }

    /// The value, where it is the same for all launches.
    pub fn fixed(&self) -> Option<&str> {
        match self {
            OfLaunch::Always(value) => Some(value),
            _ => None,
        }
    }

    /// The value for a launch; the first tag, variable or link that has one counts.
    pub fn of(&self, row: &LaunchRow, environment: &[Environment]) -> Option<String> {
        let value = match self {
            OfLaunch::Always(value) => Some(value.as_str()),
            OfLaunch::Tag(prefix) => row.tags.iter().find_map(|tag| tag.strip_prefix(prefix.as_str())),
            OfLaunch::Variable(name) => {
                let mut named = environment.iter().filter(|of| same(&of.variable, name));
                named.next().map(|of| of.value.as_str())
            }
            OfLaunch::Name(before, after) => between(&row.name, before, after),
            OfLaunch::Link(name) => {
                let mut named = row
                    .links
                    .iter()
                    .filter(|link| name.is_empty() || same(&link.name, name));
                named.find_map(|link| key_of(&link.url))
            }
        };
        value
            .map(str::trim)
            .filter(|value| !value.is_empty())
            .map(str::to_owned)
    }
}

/// The issue key that an address ends with: `https://jira.example.com/browse/CALC-12?focusedId=1`.
fn key_of(address: &str) -> Option<&str> {
    let path = address.split(['?', '#']).next()?.trim().trim_end_matches('/');
    let last = path.rsplit('/').next()?;
    IssueKey::is_shaped(last).then_some(last)
}

fn between<'t>(text: &'t str, before: &str, after: &str) -> Option<&'t str> {
    let rest = text.split_once(before)?.1;
    match after {
        "" => Some(rest),
        after => rest.split_once(after).map(|(value, _)| value),
    }
}

#[cfg(test)]
mod tests {
    use super::OfLaunch;
    use crate::domain::{Environment, LaunchRow, Link};

    #[test]
    fn values_come_from_tags_variables_names_and_links() {
        let row = LaunchRow {
            name: "Nightly 2.4 (chrome)".to_owned(),
            tags: ["ci", "plan-CALC-12", "plan-CALC-13"].map(str::to_owned).to_vec(),
            links: [
                ("Build", "https://ci.example.com/job/12"),
                ("Execution", "https://jira.example.com/browse/CALC-14?focusedId=1"),
            ]
            .map(|(name, url)| Link {
                name: name.to_owned(),
                url: url.to_owned(),
            })
            .to_vec(),
            ..LaunchRow::default()
        };
        let environment = [Environment {
            variable: "Version".to_owned(),
            value: " 2.4 ".to_owned(),
        }];
        for (rule, value) in [
            ("2.3", Some("2.3")),
            ("tag:plan-", Some("CALC-12")),
            ("tag:release-", None),
            ("variable:version", Some("2.4")),
            ("variable:Browser", None),
            ("name:Nightly * (", Some("2.4")),
            ("name:Nightly *", Some("2.4 (chrome)")),
            ("name:Weekly *", None),
            ("link:execution", Some("CALC-14")),
            ("link:", Some("CALC-14")),
            ("link:Build", None),
            ("Release: 2", Some("Release: 2")),
        ] {
            let of = OfLaunch::read(rule).of(&row, &environment);
            assert_eq!(of.as_deref(), value, "{rule}");
        }
    }
}
