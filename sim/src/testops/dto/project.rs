//! Projects.

use serde_json::Value;

use super::{View, dto, html, stamped};
use crate::testops::data::Project;

impl View<'_> {
    /// `ProjectDto`.
    pub(crate) fn project(&self, project: &Project) -> Value {
        let row = dto! {
            "id": project.id,
            "name": project.name.as_str(),
            "abbr": project.abbr.as_str(),
            "description": project.description.as_deref(),
            "descriptionHtml": html(project.description.as_deref()),
            "isPublic": project.public,
            "favorite": false,
        };
        stamped(row, &project.stamp)
    }

    /// `ProjectSuggestDto`.
    pub(crate) fn project_suggestion(&self, project: &Project) -> Value {
        dto! {
            "id": project.id,
            "name": project.name.as_str(),
            "abbr": project.abbr.as_str(),
            "isPublic": project.public,
        }
    }

    /// `ProjectStatsDto`.
    pub(crate) fn project_stats(&self, project: i64) -> Value {
        let cases = self
            .site
            .case_ids(project)
            .iter()
            .filter_map(|id| self.site.cases.get(id));
        let (automated, manual): (Vec<_>, Vec<_>) = cases.filter(|case| !case.deleted).partition(|case| case.automated);
        let percent = automated.len() * 100 / (automated.len() + manual.len()).max(1);
        dto! {
            "automatedTestCases": automated.len(),
            "manualTestCases": manual.len(),
            "automationPercent": percent,
            "launches": self.site.launch_ids(project).len(),
        }
    }
}
