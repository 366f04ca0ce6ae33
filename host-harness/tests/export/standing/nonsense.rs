//! Answers that say nothing about a credential: error pages, gateways, broken connections.

use tms_sync_host::Tenant;
use tms_sync_host::credentials::HealthState;
use tms_sync_sim::fault::Fault as Strike;
use tms_sync_sim::server::Server;
use tms_sync_sim::world;

use super::{MINUTE, export, stopped};
use crate::rig::{Rig, Variant, config};

scenarios!(what_says_nothing_never_disables);

/// A small generator, so that a failing sequence can be repeated by its seed.
struct Seeded(u64);

impl Seeded {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }

    /// Answers of everything but the product.
    fn strike(&mut self) -> Strike {
        const PAGE: &str = "<!DOCTYPE html><html><head><title>Access denied</title></head><body>401 403</body></html>";
        let page = |status: u16| Strike::status(status).header("content-type", "text/html").body(PAGE);
        let strike = match self.below(15) {
            0 => Strike::html(),
            1 => page(401),
            2 => page(403),
            3 => Strike::status(401),
            4 => Strike::status(403),
            5 => page(407),
            6 => Strike::status(500),
            7 => page(502),
            8 => Strike::status(503).body(r#"{"message":"maintenance"}"#),
            9 => page(503),
            10 => Strike::status(302).header("location", "https://login.example/"),
            11 => Strike::reset(),
            12 => Strike::drop_response(),
            13 => Strike::status(401)
                .header("content-type", "application/json")
                .body(r#"{"message":"Unauthorized"}"#),
            _ => Strike::status(403)
                .header("content-type", "text/plain")
                .body("blocked by policy"),
        };
        match self.below(3) {
            0 => strike.nth(1 + self.below(6) as usize).times(1 + self.below(4) as usize),
            1 => strike.nth(1 + self.below(12) as usize).always(),
            _ => strike.always(),
        }
    }
}

impl Seeded {
    /// One server answers nonsense while somebody exports or tests; then it is well again, and hours pass.
    async fn hit_one(&mut self, rig: &Rig, tenant: &Tenant) {
        let tracker = &rig.world.tracker;
        let all = [
            Some(&tracker.jira),
            tracker.xray.as_ref(),
            Some(rig.world.testops.server()),
        ];
        let servers: Vec<&Server> = all.into_iter().flatten().collect();
        let hit = servers[self.below(servers.len() as u64) as usize];
        hit.faults().add(self.strike());
        if self.below(3) == 0 {
            tenant.test(Some(&config())).await.unwrap();
        } else {
            export(tenant, config()).await;
        }
        hit.faults().clear();
        let minutes = 11 + u32::try_from(self.below(600)).unwrap();
        rig.world.clock.advance(MINUTE * minutes);
    }
}

async fn what_says_nothing_never_disables(variant: Variant) {
    const SEQUENCES: u64 = 110;
    let mut rig = super::rig(variant, 2).await;
    rig.basic = true;
    if variant == Variant::Dc {
        rig.jira_secret = world::PASSWORD.to_owned();
    }
    for seed in 0..SEQUENCES {
        rig.lose_ledger();
        let tenant = rig.tenant().await;
        let mut seeded = Seeded(seed);
        for step in 0..2 {
            seeded.hit_one(&rig, &tenant).await;
            for report in tenant.credential_reports(Some(&config())).await.unwrap() {
                assert_eq!(report.health.state, HealthState::Active, "seed {seed}, step {step}");
            }
        }
        let done = export(&tenant, config()).await;
        assert_eq!(stopped(&done).map(|fault| fault.message), None, "seed {seed}");
    }
}
