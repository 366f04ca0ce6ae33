//! The exported interfaces.

use super::Plugin;
use super::convert;
use super::generated::exports::testops::tms_sync::{connection, exporter, setup};
use super::generated::testops::tms_sync::{secrets, types};
use super::generated::{wit_future, wit_stream};
use super::imports::{Imports, Pipe, Silent};
use super::manifest;
use super::panics;
use super::places::Places;
use crate::app::{self, Mode, Order};
use crate::ports::Ports;
use crate::probe::{self, Question};
use crate::{checks, mapping};
use wit_bindgen::FutureReader;

impl setup::Guest for Plugin {
    fn describe() -> setup::PluginInfo {
        panics::are_logged();
        manifest::plugin(crate::setup::describe())
    }

    fn validate(settings: types::Settings) -> Vec<setup::Finding> {
        panics::are_logged();
        let settings = convert::settings(settings);
        let findings = crate::setup::validate(&settings, &secrets::stored());
        findings.into_iter().map(convert::finding).collect()
    }

    fn mapping(settings: types::Settings) -> Vec<(String, String)> {
        panics::are_logged();
        let export = convert::settings(settings).export.unwrap_or_default();
        let fixed = mapping::RULES
            .iter()
            .map(|(name, rule)| ((*name).to_owned(), (*rule).to_owned()));
        let chosen = export.options().rules.into_iter().map(|rule| (rule.name, rule.value));
        fixed.chain(chosen).collect()
    }
}

impl connection::Guest for Plugin {
    async fn test(settings: types::Settings) -> Result<connection::TestResult, types::Fault> {
        panics::are_logged();
        let settings = convert::settings(settings);
        let integration = app::integration(&settings, &secrets::stored()).map_err(convert::fault)?;
        let checks = checks::test(&integration, ports(&Silent)).await;
        Ok(convert::checks(checks))
    }

    async fn projects(settings: types::Settings, query: String) -> Result<Vec<connection::Project>, types::Fault> {
        panics::are_logged();
        let settings = convert::settings(settings);
        let integration = app::integration(&settings, &secrets::stored()).map_err(convert::fault)?;
        let projects = checks::projects(&integration, &query, ports(&Silent))
            .await
            .map_err(convert::fault)?;
        Ok(projects
            .into_iter()
            .map(|p| connection::Project {
                id: p.id,
                key: p.key,
                name: p.name,
            })
            .collect())
    }

    async fn count(settings: types::Settings) -> Result<connection::ScopeSize, types::Fault> {
        panics::are_logged();
        let settings = convert::settings(settings);
        let integration = app::integration(&settings, &secrets::stored()).map_err(convert::fault)?;
        let size = checks::count(&integration, ports(&Silent))
            .await
            .map_err(convert::fault)?;
        Ok(connection::ScopeSize {
            test_cases: size.test_cases,
            launches: size.launches,
        })
    }

    async fn probe(settings: types::Settings, write: bool) -> Result<Vec<connection::Observation>, types::Fault> {
        panics::are_logged();
        let (settings, stored) = (convert::settings(settings), secrets::stored());
        let integration = app::integration(&settings, &stored).map_err(convert::fault)?;
        let question = Question {
            integration: &integration,
            password: stored.iter().any(|name| name == "password"),
            write,
        };
        let seen = probe::look(question, ports(&Silent)).await.map_err(convert::fault)?;
        Ok(seen.into_iter().map(convert::observation).collect())
    }
}

impl exporter::Guest for Plugin {
    async fn plan(job: exporter::Job, cancel: FutureReader<()>) -> Result<exporter::Running, types::Fault> {
        start(convert::order(job, Mode::Plan), cancel)
    }

    async fn run(job: exporter::Job, cancel: FutureReader<()>) -> Result<exporter::Running, types::Fault> {
        start(convert::order(job, Mode::Run), cancel)
    }

    async fn verify(job: exporter::Job, cancel: FutureReader<()>) -> Result<exporter::Running, types::Fault> {
        start(convert::order(job, Mode::Verify), cancel)
    }

    async fn undo(job: exporter::UndoJob, cancel: FutureReader<()>) -> Result<exporter::Running, types::Fault> {
        start(convert::undo_order(job), cancel)
    }

    async fn adopt(job: exporter::AdoptJob, cancel: FutureReader<()>) -> Result<exporter::Running, types::Fault> {
        start(convert::adopt_order(job), cancel)
    }
}

/// Returns at once; the work goes on in a task of its own.
fn start(order: Order, cancel: FutureReader<()>) -> Result<exporter::Running, types::Fault> {
    panics::are_logged();
    let places = Places::new(&order.settings);
    let export = order.prepare(&secrets::stored()).map_err(convert::fault)?;
    let (events_in, events) = wit_stream::new();
    let (report_in, report) = wit_future::new(convert::vanished);
    wit_bindgen::spawn_local(async move {
        let report = {
            let pipe = Pipe::new(events_in, places);
            export.run(ports(&pipe), cancel.into_future()).await
        };
        // The stream has ended with its writer; the report comes last.
        let report = convert::report(report);
        // An error says that the host no longer listens.
        let _ = report_in.write(report).await;
    });
    Ok(exporter::Running { events, report })
}

fn ports(events: &dyn crate::ports::Events) -> Ports<'_> {
    Ports {
        http: &Imports,
        clock: &Imports,
        links: &Imports,
        events,
    }
}
