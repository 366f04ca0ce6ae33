//! The names that a site gives Xray's issue types, which Xray knows by its own mapping.

use super::id::TypeId;
use super::project::Role;
use super::site::Site;
use crate::answers::IssueTypes;

const GERMAN: [(Role, &str); 6] = [
    (Role::Test, "Testfall"),
    (Role::TestSet, "Testsatz"),
    (Role::TestPlan, "Testplan"),
    (Role::TestExecution, "Testausführung"),
    (Role::SubTestExecution, "Untergeordnete Testausführung"),
    (Role::Precondition, "Vorbedingung"),
];

const RENAMED: [(Role, &str); 6] = [
    (Role::Test, "Test Case"),
    (Role::TestSet, "Suite"),
    (Role::TestPlan, "Test Campaign"),
    (Role::TestExecution, "Test Cycle"),
    (Role::SubTestExecution, "Sub Test Cycle"),
    (Role::Precondition, "Set-up"),
];

impl Site {
    /// Renames Xray's issue types as [`IssueTypes`] has it; their roles stay.
    pub fn name_xray_types(&mut self, names: IssueTypes) {
        let names = match names {
            IssueTypes::English => return,
            IssueTypes::German => GERMAN,
            IssueTypes::Renamed => RENAMED,
        };
        let types: Vec<(TypeId, Role)> = self.issue_types().map(|t| (t.id, t.role)).collect();
        for (id, role) in types {
            if let Some((_, name)) = names.iter().find(|(named, _)| *named == role) {
                self.rename_type(id, name);
            }
        }
    }
}
