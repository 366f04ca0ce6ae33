//! A value of Test Executions that may differ from launch to launch.

use crate::domain::{Environment, LaunchRow};
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
}

impl OfLaunch {
    /// Reads `tag:PREFIX`, `variable:NAME` or `name:BEFORE*AFTER`; any other text is the value itself.
    pub fn read(text: &str) -> Self {
        let rule = text.split_once(':').map(|(source, rest)| (source.trim(), rest.trim()));
        match rule {
            Some(("tag", prefix)) => OfLaunch::Tag(prefix.to_owned()),
            Some(("variable", name)) => OfLaunch::Variable(name.to_owned()),
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

    /// The value for a launch; the first tag or variable that has one counts.
    pub fn of(&self, row: &LaunchRow, environment: &[Environment]) -> Option<String> {
        let value = match self {
            OfLaunch::Always(value) => Some(value.as_str()),
            OfLaunch::Tag(prefix) => row.tags.iter().find_map(|tag| tag.strip_prefix(prefix.as_str())),
            OfLaunch::Variable(name) => {
                let mut named = environment.iter().filter(|of| same(&of.variable, name));
                named.next().map(|of| of.value.as_str())
            }
            OfLaunch::Name(before, after) => between(&row.name, before, after),
        };
        value
            .map(str::trim)
            .filter(|value| !value.is_empty())
            .map(str::to_owned)
    }
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
    use crate::domain::{Environment, LaunchRow};

    #[test]
    fn values_come_from_tags_variables_and_names() {
        let row = LaunchRow {
            name: "Nightly 2.4 (chrome)".to_owned(),
            tags: ["ci", "plan-CALC-12", "plan-CALC-13"].map(str::to_owned).to_vec(),
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
            ("Release: 2", Some("Release: 2")),
        ] {
            let of = OfLaunch::read(rule).of(&row, &environment);
            assert_eq!(of.as_deref(), value, "{rule}");
        }
    }
}
