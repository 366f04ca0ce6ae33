//! The preflight on Data Center: the credential, the app and its licence, the project, statuses. What is on its screens is
//! in `screens`.

use super::super::checks;
use super::super::fields::{self, Of};
use super::RAVEN;
use super::site::Site;
use crate::error::{Error, Kind, Result, Side};
use crate::jira::Project;
use crate::mapping::Statuses;
use crate::mapping::fields::Planned;
use crate::mapping::options::Fields;
use crate::target::{Check, Destination, XrayPlan};
use crate::web::{Call, Idempotency, describe};
use serde_json::Value;
use std::rc::Rc;

/// What is asked before the first write.
pub(super) struct Preflight<'a> {
    pub(super) site: Rc<Site<'a>>,
}

impl Preflight<'_> {
    pub(super) async fn open(&self) -> Result<Destination> {
        checks::preflight(self.site.jira, self.checks()).await?;
        Ok(self.site.schema().destination)
    }

    pub(super) fn checks(&self) -> Vec<Check<'_>> {
        let mut list = vec![
            checks::reachable("Jira Data Center", self.check_site()),
            checks::credential(self.site.jira),
        ];
        if self.site.setup.project.is_empty() {
            list.push(checks::licence(self.check_licence()));
            return list;
        }
        list.extend([
            checks::project(self.find_project()),
            checks::licence(self.check_licence()),
            checks::permissions(self.site.jira, || self.project()),
            checks::screens(self.check_screens()),
            checks::set_up(checks::SET_UP_ON_DC, self.check_statuses()),
            checks::fields(self.site.setup.looks_at_fields(), self.check_fields()),
        ]);
        list
    }

    async fn find_project(&self) -> Result<Project> {
        let project = self.site.jira.projects().by_key(&self.site.setup.project).await?;
        self.site.schema.borrow_mut().destination.project = project.clone();
        Ok(project)
    }

    pub(super) fn project(&self) -> Result<Project> {
        checks::found(&self.site.schema.borrow().destination.project)
    }

    /// The address is a Jira Data Center or Server.
    async fn check_site(&self) -> Result<String> {
        let info = self.site.jira.server_info().await?;
        if !info.deployment_type.eq_ignore_ascii_case("cloud") {
            self.site.schema.borrow_mut().destination.addresses = vec![self.site.setup.site.clone(), info.base_url];
            return Ok(info.version);
        }
        Err(Error::new(
            Kind::Configuration,
            Side::Jira,
            "this is a Jira Cloud, not a Jira Data Center",
        )
        .hint("use the integration type xray-cloud for it"))
    }

    /// The app is there and licensed. A 401 here, while `myself` was answered, is the licence and not the credential.
    async fn check_licence(&self) -> Result<()> {
        let call = Call::get(format!("{RAVEN}/api/xraylicense"));
        let response = match self.site.jira.client().answer(call, Idempotency::Safe).await {
            Err(error) if error.kind == Kind::Credential && error.status == Some(401) => return Err(unlicensed()),
            other => other?,
        };
        match response.status {
            200 => {}
            404 => {
                return Err(Error::new(
                    Kind::Product,
                    Side::Xray,
                    "Xray is not installed in this Jira, or disabled",
                )
                .hint("ask a Jira administrator to install and enable the app"));
            }
            _ => {
                let message = describe(&response);
                return Err(Error::new(
                    Kind::Unreachable,
                    Side::Xray,
                    format!("Xray does not show its licence: {message}"),
                ));
            }
        }
        let licence: Value = self
            .site
            .jira
            .client()
            .decode(&response, "the licence", Idempotency::Safe)?;
        if licence.get("active").and_then(Value::as_bool) == Some(false) {
            Err(unlicensed())
        } else {
            Ok(())
        }
    }

    /// Xray knows the statuses that we send.
    async fn check_statuses(&self) -> Result<()> {
        let names = self.site.status_names("teststatuses").await?;
        let statuses = Statuses::of_runs(&names, &self.site.setup.options.statuses)
            .map_err(|unknown| super::super::missing_statuses(&unknown))?;
        self.site.schema.borrow_mut().destination.statuses = statuses;
        Ok(())
    }
}

impl Preflight<'_> {
    /// Xray's own fields of steps and Test Runs.
    async fn check_fields(&self) -> Result<String> {
        let options = &self.site.setup.options.issues.xray_fields;
        let steps = self.plan_fields("teststeps", &options.steps, Of::Steps).await?;
        let runs = self.plan_fields("testruns", &options.runs, Of::Runs).await?;
        let found = fields::found(&steps, &runs);
        self.site.schema.borrow_mut().destination.xray_fields = XrayPlan {
            steps: steps.into(),
            runs: runs.into(),
        };
        Ok(found)
    }

    /// Who names no field does without a list that the site hides.
    async fn plan_fields(&self, list: &str, options: &Fields, of: Of) -> Result<Vec<Planned>> {
        let project = self.project()?;
        let path = format!("{RAVEN}/api/project/{}/settings/customfields/{list}", project.id);
        let client = self.site.jira.client();
        let response = client.answer(Call::get(path), Idempotency::Safe).await?;
        if response.status != 200 {
            return match *options == Fields::default() {
                true => Ok(Vec::new()),
                false => Err(fields::not_shown(&project.key, of, &describe(&response))),
            };
        }
        let listed: Value = client.decode(&response, "fields of steps and Test Runs", Idempotency::Safe)?;
        fields::plan(&project.key, &fields::known(&listed), options, of)
    }
}

fn unlicensed() -> Error {
    Error::new(Kind::Product, Side::Xray, "Xray's licence is not valid")
        .hint("ask a Jira administrator about the Xray licence")
}
