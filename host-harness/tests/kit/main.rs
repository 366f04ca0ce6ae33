//! The conformance tests on three plugins: the bundled one, a small one, and the small one without its care.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    dead_code,
    reason = "what fails here fails the test; the rig of the exports has more than is used here"
)]

mod csv;
#[macro_use]
#[path = "../export/rig.rs"]
mod rig;

use std::sync::Arc;

use rig::{Rig, Variant};
use tms_sync_host::model::ExportConfig;
use tms_sync_host::test_kit::{Finding, Thoroughness, World, conformance};
use tms_sync_host::{Clock, EngineLimits, TenantBuilder};
use tms_sync_sim::generate::Plan;

const FEW: Thoroughness = Thoroughness { places: 6 };
/// An export to Xray has many more requests, and each trial starts all servers.
const FEWER: Thoroughness = Thoroughness { places: 3 };

fn broken(findings: &[Finding]) -> Vec<String> {
    let broken = |finding: &Finding| Some(format!("{}: {}", finding.rule, finding.broken.as_ref()?));
    findings.iter().filter_map(broken).collect()
}

impl World for Rig {
    fn tenant<'p>(&self, tenant: TenantBuilder<'p>) -> TenantBuilder<'p> {
        self.settings(tenant)
    }

    fn clock(&self) -> Option<Arc<dyn Clock>> {
        Some(Rig::clock(self))
    }

    fn export(&self) -> ExportConfig {
        rig::config()
    }

    fn found(&self) -> Vec<String> {
        let site = self.world.site.lock();
        site.issues().map(|issue| issue.summary.clone()).collect()
    }

    fn writes(&self) -> usize {
        self.world.tracker.writes()
    }
}

scenarios!(the_xray_plugin_keeps_every_rule);

async fn the_xray_plugin_keeps_every_rule(variant: Variant) {
    let world = async || Rig::start(variant, Plan::new(3, 2).launch(2).settled().build()).await;
    let findings = conformance(tms_sync_component::bytes(), EngineLimits::default(), FEWER, world)
        .await
        .unwrap();
    assert_eq!(broken(&findings), [""; 0], "{findings:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_small_plugin_keeps_every_rule() {
    let findings = conformance(
        &csv::component("csv-tms").await,
        EngineLimits::default(),
        FEW,
        csv::Files::start,
    )
    .await
    .unwrap();
    assert_eq!(broken(&findings), [""; 0], "{findings:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_careless_plugin_gets_every_rule_named_that_it_breaks() {
    let findings = conformance(
        &csv::component("csv-tms-faulty").await,
        EngineLimits::default(),
        FEW,
        csv::Files::start,
    )
    .await
    .unwrap();
    let broken: Vec<&str> = findings
        .iter()
        .filter(|finding| finding.broken.is_some())
        .map(|finding| finding.rule)
        .collect();
    let expected = [
        "good settings have no error, and an unknown mapping option is named",
        "a plan writes nothing",
        "a second run changes nothing",
        "a cancelled run ends promptly",
        "no answer breaks it",
        "it asks for nothing outside its manifest",
    ];
    assert_eq!(broken, expected, "{findings:#?}");
}
