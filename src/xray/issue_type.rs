//! Xray's issue types among those of a project.

use crate::error::{Error, Kind, Result, Side};
use crate::jira::meta::IssueType;
use crate::mapping::options::IssueTypes;
use crate::text::same;

/// Issue types that an error names.
const NAMED: usize = 20;

/// An issue type that Xray has a meaning for.
#[derive(Clone, Copy, Debug)]
pub struct Sought<'o> {
    /// Xray's own name of it.
    pub name: &'static str,
    /// End of the address of its icon, which a server of Xray's own gives it.
    icon: &'static str,
    /// The mapping option that names another.
    option: &'static str,
    /// Name or id that a person gave.
    given: Option<&'o str>,
}

/// The issue type of a Test.
pub fn test(options: &IssueTypes) -> Sought<'_> {
    Sought {
        name: "Test",
        icon: "/test.png",
        option: "issue-type.test",
        given: options.test.as_deref(),
    }
}

/// The issue type of a Test Execution.
pub fn execution(options: &IssueTypes) -> Sought<'_> {
    Sought {
        name: "Test Execution",
        icon: "/test-execution.png",
        option: "issue-type.test-execution",
        given: options.execution.as_deref(),
    }
}

/// The issue type of a Precondition, which each variant calls differently.
pub fn precondition<'o>(name: &'static str, options: &'o IssueTypes) -> Sought<'o> {
    Sought {
        name,
        icon: "/precondition.png",
        option: "issue-type.precondition",
        given: options.precondition.as_deref(),
    }
}

/// The issue type of a Test Set.
pub fn test_set(options: &IssueTypes) -> Sought<'_> {
    Sought {
        name: "Test Set",
        icon: "/test-set.png",
        option: "issue-type.test-set",
        given: options.test_set.as_deref(),
    }
}

impl Sought<'_> {
    /// The one of a project's issue types that a person named, or else that has Xray's name or icon.
    pub fn among<'t>(&self, types: &'t [IssueType]) -> Option<&'t IssueType> {
        if let Some(given) = self.given {
            let by_id = types.iter().find(|found| found.id == given);
            return by_id.or_else(|| types.iter().find(|found| same(&found.name, given)));
        }
        let named = types.iter().find(|found| found.name.eq_ignore_ascii_case(self.name));
        let is_xrays = |found: &&IssueType| {
            found.icon_url.contains("com.xpandit.plugins.xray") && found.icon_url.ends_with(self.icon)
        };
        named.or_else(|| types.iter().find(is_xrays))
    }

    /// The same.
    ///
    /// # Errors
    ///
    /// There is none; the error names those that there are.
    pub fn find<'t>(&self, types: &'t [IssueType], project: &str) -> Result<&'t IssueType> {
        self.among(types).ok_or_else(|| self.missing(types, project))
    }

    fn missing(&self, types: &[IssueType], project: &str) -> Error {
        let there: Vec<&str> = types.iter().take(NAMED).map(|found| found.name.as_str()).collect();
        let there = match there.is_empty() {
            true => "none that the account may create".to_owned(),
            false => there.join(", "),
        };
        let name = self.given.unwrap_or(self.name);
        let message = format!("project {project} has no issue type {name}; it has {there}");
        let option = self.option;
        let (kind, hint) = match self.given {
            Some(_) => (Kind::Configuration, format!("change the mapping option {option}")),
            None => (
                Kind::Product,
                format!(
                    "name the one that Xray takes for it with the mapping option {option}, or add Xray's issue types to the \
                     project: project settings, Apps, Xray"
                ),
            ),
        };
        let side = if self.given.is_some() { Side::Jira } else { Side::Xray };
        Error::new(kind, side, message).hint(hint)
    }
}

#[cfg(test)]
mod tests {
    use super::{execution, test};
    use crate::jira::meta::IssueType;
    use crate::mapping::options::IssueTypes;

    fn types(all: &[(&str, &str, &str)]) -> Vec<IssueType> {
        let row = |(id, name, icon): &(&str, &str, &str)| serde_json::json!({"id": id, "name": name, "iconUrl": icon});
        all.iter().map(|of| serde_json::from_value(row(of)).unwrap()).collect()
    }

    #[test]
    fn a_given_name_or_id_comes_before_xrays_name_and_icon() {
        let icon = "https://jira/download/resources/com.xpandit.plugins.xray/images/test.png";
        let all = types(&[
            ("1", "Bug", ""),
            ("2", "test", ""),
            ("3", "Testfall", icon),
            ("4", "2", ""),
        ]);
        let named = |name: &str| IssueTypes {
            test: Some(name.to_owned()),
            ..IssueTypes::default()
        };
        let found = |options: &IssueTypes| test(options).among(&all).map(|found| found.id.clone());
        assert_eq!(found(&IssueTypes::default()).as_deref(), Some("2"));
        assert_eq!(found(&named("testfall")).as_deref(), Some("3"));
        assert_eq!(found(&named("2")).as_deref(), Some("2"), "ids come first");
        assert_eq!(found(&named("Test Case")), None);
        let renamed = types(&[("3", "Testfall", icon)]);
        assert_eq!(
            test(&IssueTypes::default())
                .among(&renamed)
                .map(|found| found.id.as_str()),
            Some("3")
        );
        let error = execution(&IssueTypes::default()).find(&renamed, "CALC").unwrap_err();
        assert_eq!(
            error.message,
            "project CALC has no issue type Test Execution; it has Testfall"
        );
    }
}
