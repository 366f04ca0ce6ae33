//! Statuses, workflows, custom fields and other rows that others refer to.

use serde_json::{Value, json};

use super::{View, dto, stamped};
use crate::testops::data::{Defect, Integration, SharedStep};

impl View<'_> {
    pub(crate) fn status(&self, name: &str) -> Value {
        let color = match name {
            "Active" => "#2BBA00",
            "Review" => "#FFB238",
            _ => "#abb8c3",
        };
        dto! { "id": self.site.names.statuses.id(name), "name": name, "color": color }
    }

    pub(crate) fn workflow_row(&self, name: &str) -> Value {
        dto! { "id": self.site.names.workflows.id(name), "name": name }
    }

    /// `WorkflowDto`: every workflow of the simulator has every status.
    pub(crate) fn workflow(&self, name: &str) -> Value {
        let statuses: Vec<Value> = self
            .site
            .names
            .statuses
            .iter()
            .map(|(_, name)| self.status(name))
            .collect();
        dto! { "id": self.site.names.workflows.id(name), "name": name, "statuses": statuses }
    }

    /// `CustomFieldDto`.
    pub(crate) fn field(&self, name: &str) -> Value {
        let id = self.site.names.fields.id(name);
        if self.is_old() {
            return dto! { "id": id, "name": name };
        }
        let declared = self.declared(name);
        dto! {
            "id": id,
            "name": name,
            "archived": false,
            "locked": false,
            "required": declared.0,
            "singleSelect": declared.1,
        }
    }

    /// `CustomFieldProjectDto`.
    pub(crate) fn project_field(&self, project: i64, name: &str) -> Value {
        let declared = self.declared(name);
        dto! {
            "id": self.site.names.fields.id(name),
            "projectId": project,
            "name": name,
            "required": declared.0,
            "singleSelect": declared.1,
            "locked": false,
            "customField": self.field(name),
        }
    }

    /// Whether a field is required and single-select.
    fn declared(&self, name: &str) -> (bool, bool) {
        let fields = self.site.projects.values().flat_map(|project| &project.fields);
        fields
            .filter(|field| field.name == name)
            .map(|field| (field.required, field.single_select))
            .next()
            .unwrap_or_default()
    }

    /// `SharedStepDto`.
    pub(crate) fn shared_step(&self, shared: &SharedStep) -> Value {
        let cases = self
            .site
            .case_ids(shared.project)
            .iter()
            .filter_map(|id| self.site.cases.get(id));
        let row = dto! {
            "id": shared.id,
            "projectId": shared.project,
            "name": shared.name.as_str(),
            "archived": shared.archived,
            "stepsCount": shared.steps.len(),
            "attachmentsCount": super::scenario::files(&shared.steps).len(),
            "testCasesCount": cases.filter(|case| case.calls(shared.id)).count(),
        };
        stamped(row, &shared.stamp)
    }

    fn integration_info(integration: &Integration) -> Value {
        let (operations, routines): (Vec<&str>, Vec<&str>) = match integration.kind.as_str() {
            "xray" | "xray_cloud" => (
                vec!["tms_sync", "test_key_suggest", "test_key_sync"],
                vec!["test_key_url"],
            ),
            _ => (
                vec!["issue_create", "issue_export_launch", "issue_suggest", "issue_sync"],
                vec!["issue_url"],
            ),
        };
        dto! {
            "type": integration.kind.as_str(),
            "name": integration.kind.as_str(),
            "operations": operations,
            "routines": routines,
        }
    }

    /// `IntegrationDto`.
    pub(crate) fn integration(&self, integration: &Integration) -> Value {
        dto! {
            "id": integration.id,
            "name": integration.name.as_str(),
            "info": Self::integration_info(integration),
            "projectsCount": self.site.projects.len(),
        }
    }

    /// `ProjectIntegrationDto`.
    pub(crate) fn project_integration(&self, project: i64, integration: &Integration) -> Value {
        dto! {
            "id": integration.id,
            "projectId": project,
            "name": integration.name.as_str(),
            "disabled": false,
            "info": Self::integration_info(integration),
            "settings": json!({}),
        }
    }

    /// `DefectRowDto`; with `count`, `DefectCountRowDto`.
    pub(crate) fn defect_row(&self, defect: &Defect, count: Option<usize>) -> Value {
        dto! {
            "id": defect.id,
            "name": defect.name.as_str(),
            "closed": defect.closed,
            "count": count,
            "issue": defect.issue.as_ref().map(|issue| self.issue(issue)),
        }
    }
}
