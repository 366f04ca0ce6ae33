//! Launches: the plain row, the preview, the statistic.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{View, dto, link, put, stamped};
use crate::testops::data::{Launch, TestResult};

impl View<'_> {
    /// `LaunchDto`.
    pub(crate) fn launch(&self, launch: &Launch) -> Value {
        let old = self.is_old();
        let mut row = self.launch_common(launch);
        if let Value::Object(members) = &mut row {
            put(members, "autoclose", launch.autoclose);
            put(members, "createdBy", old.then_some(launch.stamp.created_by.as_str()));
            put(
                members,
                "lastModifiedBy",
                old.then_some(launch.stamp.modified_by.as_str()),
            );
        }
        row
    }

    fn launch_common(&self, launch: &Launch) -> Value {
        let names = &self.site.names;
        let tag = |tag: &String| dto! { "id": names.launch_tags.id(tag), "name": tag.as_str() };
        dto! {
            "id": launch.id,
            "projectId": launch.project,
            "name": launch.name.as_str(),
            "closed": launch.closed,
            "external": launch.external,
            "tags": launch.tags.iter().map(tag).collect::<Vec<_>>(),
            "links": launch.links.iter().map(link).collect::<Vec<_>>(),
            "issues": self.issues(&launch.issues),
            "createdDate": launch.stamp.created_ms,
            "lastModifiedDate": launch.stamp.modified_ms,
        }
    }

    /// `LaunchPreviewDto`.
    pub(crate) fn launch_preview(&self, launch: &Launch) -> Value {
        let defects: BTreeSet<i64> = self
            .launch_results(launch.id)
            .flat_map(|result| result.defects.iter().copied())
            .collect();
        let mut row = stamped(self.launch_common(launch), &launch.stamp);
        if let Value::Object(members) = &mut row {
            put(members, "environment", self.environment(&launch.environment));
            put(members, "jobs", self.jobs(launch));
            put(members, "statistic", self.statistic(launch.id));
            put(members, "knownDefectsCount", defects.len());
            put(members, "newDefectsCount", 0);
        }
        row
    }

    /// `TestStatusCount` rows: hidden results do not count, results in progress stand under no status.
    pub(crate) fn statistic(&self, launch: i64) -> Vec<Value> {
        let mut counts = BTreeMap::new();
        for result in self.launch_results(launch).filter(|result| !result.hidden) {
            *counts.entry(result.status).or_insert(0_usize) += 1;
        }
        counts
            .into_iter()
            .map(|(status, count)| dto! { "status": status.map(|status| status.name()), "count": count })
            .collect()
    }

    /// `JobRunDto` rows.
    pub(crate) fn jobs(&self, launch: &Launch) -> Vec<Value> {
        launch
            .jobs
            .iter()
            .map(|job| {
                let id = self.site.names.jobs.id(job);
                let row = dto! {
                    "id": id,
                    "launchId": launch.id,
                    "name": job.as_str(),
                    "stage": "finished",
                    "status": "passed",
                    "job": dto! { "id": id, "name": job.as_str(), "type": "custom" },
                };
                stamped(row, &launch.stamp)
            })
            .collect()
    }
}

impl<'a> View<'a> {
    /// The results of a launch in ascending order of id, hidden ones included.
    pub(crate) fn launch_results(self, launch: i64) -> impl Iterator<Item = &'a TestResult> {
        self.site
            .result_ids(launch)
            .iter()
            .filter_map(move |id| self.site.results.get(id))
    }
}
