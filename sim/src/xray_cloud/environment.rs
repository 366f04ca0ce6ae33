//! Test environments: which names are taken, which are made on the way.

use crate::jira::id::IssueId;
use crate::jira::site::Site;

/// What became of a list of names.
#[derive(Debug, Default)]
pub(super) struct Admitted {
    /// Names to put on the execution.
    pub accepted: Vec<String>,
    /// Those of them that the project did not have.
    pub created: Vec<String>,
    /// About the names that were left out.
    pub warnings: Vec<String>,
}

/// 2 to 18 characters without spaces (vendor's documentation of environments).
fn is_name(name: &str) -> bool {
    (2..=18).contains(&name.chars().count()) && !name.contains(char::is_whitespace)
}

/// Judges names. Unknown ones are admitted only where the project lets environments be created inline.
pub(super) fn check(site: &Site, wanted: &[String]) -> Admitted {
    let settings = &site.xray.settings;
    let mut admitted = Admitted::default();
    for name in wanted {
        let known = settings.environments.contains(name);
        if known || (settings.inline_environments && is_name(name)) {
            if !known {
                admitted.created.push(name.clone());
            }
            admitted.accepted.push(name.clone());
        } else if is_name(name) {
            admitted
                .warnings
                .push(format!("Test Environment {name} does not exist."));
        } else {
            admitted.warnings.push(format!("Test Environment {name} is not valid."));
        }
    }
    admitted
}

/// Puts admitted environments on an execution and makes the new ones known.
pub(super) fn associate(site: &mut Site, execution: IssueId, admitted: &Admitted) {
    site.xray.settings.environments.extend(admitted.created.iter().cloned());
    if let Some(data) = site.xray.execution_mut(execution) {
        for name in &admitted.accepted {
            if !data.environments.contains(name) {
                data.environments.push(name.clone());
            }
        }
    }
}
