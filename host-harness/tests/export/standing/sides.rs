//! Which side is at fault, and what stays open where the other sides are well.

use tms_sync_host::model::{ExportConfig, FaultKind, Side};
use tms_sync_sim::jira::account::Permission;
use tms_sync_sim::world;

use super::{MINUTE, export, held, stopped, went_well};
use crate::rig::{Rig, Variant, config};

scenarios!(
    each_side_is_named_alone_and_in_pairs,
    a_permission_that_comes_and_goes_disables_nothing,
    a_missing_permission_disables_one_destination_until_a_person_enables_it,
);

/// Something that is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ill {
    TestopsToken,
    JiraCredential,
    XrayClient,
    Permission,
    XrayApp,
}

impl Ill {
    fn named(self) -> (Side, FaultKind) {
        match self {
            Self::TestopsToken => ("testops".to_owned(), FaultKind::Credential),
            Self::JiraCredential => ("tracker".to_owned(), FaultKind::Credential),
            Self::XrayClient => ("product".to_owned(), FaultKind::Credential),
            Self::Permission => ("tracker".to_owned(), FaultKind::Permission),
            Self::XrayApp => ("product".to_owned(), FaultKind::Product),
        }
    }

    fn strike(self, rig: &mut Rig) {
        match self {
            Self::TestopsToken => rig.testops_token = "wrong-testops-token-000000".to_owned(),
            Self::JiraCredential => rig.jira_secret = "wrong-jira-token-0000000000".to_owned(),
            Self::XrayClient => rig.xray_secret = "wrong-xray-secret-000000000".to_owned(),
            Self::Permission => {
                let mut site = rig.world.site.lock();
                let project = site
                    .projects()
                    .find(|project| project.key == world::PROJECT)
                    .unwrap()
                    .id;
                site.accounts.revoke(project, world::USER, Permission::Create);
            }
            Self::XrayApp => rig.world.site.lock().xray.licensed = false,
        }
    }

    /// What cannot be seen while `other` is wrong.
    fn is_hidden_by(self, other: Self, variant: Variant) -> bool {
        match self {
            Self::Permission => other == Self::JiraCredential,
            Self::XrayApp => other == Self::XrayClient || (variant == Variant::Dc && other == Self::JiraCredential),
            _ => false,
        }
    }
}

/// Every fault alone and every two of them, as far as a variant has them.
fn alone_and_in_pairs(variant: Variant) -> Vec<Vec<Ill>> {
    use Ill::{JiraCredential, Permission, TestopsToken, XrayApp, XrayClient};
    let all = [TestopsToken, JiraCredential, XrayClient, Permission, XrayApp];
    let all = all.into_iter();
    let all: Vec<Ill> = all
        .filter(|ill| variant == Variant::Cloud || *ill != XrayClient)
        .collect();
    let pairs = all.iter().enumerate().flat_map(|(number, one)| {
        let others = all[number + 1..].iter();
        std::iter::once(vec![*one]).chain(others.map(|other| vec![*one, *other]))
    });
    pairs.collect()
}

async fn each_side_is_named_alone_and_in_pairs(variant: Variant) {
    for pair in alone_and_in_pairs(variant) {
        let mut rig = super::rig(variant, 1).await;
        for ill in &pair {
            ill.strike(&mut rig);
        }
        let tenant = rig.tenant().await;
        tenant.test(Some(&config())).await.unwrap();
        let hidden = |ill: &Ill| pair.iter().any(|other| ill.is_hidden_by(*other, variant));
        let visible = pair.iter().filter(|ill| !hidden(ill));
        let mut expected: Vec<_> = visible.map(|ill| ill.named()).collect();
        let found = held(&tenant).await.into_iter();
        let mut found: Vec<_> = found.map(|(side, kind, _)| (side, kind)).collect();
        let order = |(side, kind): &(Side, FaultKind)| (side.clone(), *kind as u8);
        expected.sort_by_key(order);
        found.sort_by_key(order);
        assert_eq!(found, expected, "{pair:?}");
        // A run names the first of them, the same way.
        let fault = stopped(&export(&tenant, config()).await).unwrap();
        assert!(
            expected.contains(&(fault.side.clone(), fault.kind)),
            "{pair:?}: {fault:?}"
        );
    }
}

/// Takes the permission to create issues in the destination away, or gives it back.
fn permit(rig: &Rig, may_create: bool) {
    let mut site = rig.world.site.lock();
    let mut projects = site.projects();
    let project = projects.find(|project| project.key == world::PROJECT).unwrap().id;
    drop(projects);
    if may_create {
        site.accounts.grant(project, world::USER, Permission::Create);
    } else {
        site.accounts.revoke(project, world::USER, Permission::Create);
    }
}

async fn a_permission_that_comes_and_goes_disables_nothing(variant: Variant) {
    let rig = super::rig(variant, 2).await;
    let tenant = rig.tenant().await;
    for _ in 0..4 {
        permit(&rig, false);
        let fault = stopped(&export(&tenant, config()).await).unwrap();
        assert_eq!(fault.kind, FaultKind::Permission);
        rig.world.clock.advance(MINUTE * 5);
        permit(&rig, true);
        went_well(&export(&tenant, config()).await);
        rig.world.clock.advance(MINUTE * 5);
    }
}

async fn a_missing_permission_disables_one_destination_until_a_person_enables_it(variant: Variant) {
    let rig = super::rig(variant, 2).await;
    let tenant = rig.tenant().await;
    rig.world.site.lock().add_project("OTHER", "Another");
    let other = ExportConfig {
        name: "other".to_owned(),
        project: "OTHER".to_owned(),
        ..config()
    };
    permit(&rig, false);
    for off in [false, true] {
        export(&tenant, config()).await;
        assert_eq!(
            held(&tenant).await,
            [("tracker".to_owned(), FaultKind::Permission, off)]
        );
        rig.world.clock.advance(MINUTE * 11);
    }
    permit(&rig, true);
    let before = rig.world.tracker.requests();
    let fault = stopped(&export(&tenant, config()).await).unwrap();
    assert_eq!(
        (fault.kind, rig.world.tracker.requests()),
        (FaultKind::Permission, before)
    );
    // Another project is not concerned.
    went_well(&export(&tenant, other).await);
    let enabled = rig.checks(&tenant.enable(Some(&config())).await.unwrap());
    went_well(&export(&tenant, config()).await);
    let fault = rig.fault(&fault);
    reports!(variant => fault, enabled);
}
