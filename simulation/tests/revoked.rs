//! Jira stops accepting the credential at request 0, 1, 2, … of an export: nothing is created any more, nothing is taken
//! for deleted, and the reason is reported.

use tms_sync_simulation::installation::Variant;
use tms_sync_simulation::scenario::{Revocation, revoked};

fn revoke_everywhere(variant: Variant, exported: bool, revocation: Revocation) {
    for request in 0.. {
        let (finding, struck) = revoked(variant, exported, request, revocation, None);
        finding.expect_right(&format!("revoked from request {request}"));
        if !struck {
            assert!(request > 5, "an export sends more than {request} requests");
            return;
        }
    }
}

#[test]
fn a_token_revoked_during_the_first_export_to_data_center_creates_nothing() {
    revoke_everywhere(Variant::DataCenter, false, Revocation::Named);
}

#[test]
fn a_token_revoked_during_a_later_export_to_data_center_deletes_nothing() {
    revoke_everywhere(Variant::DataCenter, true, Revocation::Named);
}

#[test]
fn a_revoked_token_is_noticed_on_data_center_without_the_headers_that_show_it() {
    revoke_everywhere(Variant::DataCenter, false, Revocation::Unnamed);
    revoke_everywhere(Variant::DataCenter, true, Revocation::Unnamed);
}

#[test]
fn a_token_revoked_during_the_first_export_to_cloud_creates_nothing() {
    revoke_everywhere(Variant::Cloud, false, Revocation::Named);
}

#[test]
fn a_token_revoked_during_a_later_export_to_cloud_deletes_nothing() {
    revoke_everywhere(Variant::Cloud, true, Revocation::Named);
}

#[test]
fn a_revoked_token_is_noticed_on_cloud_without_the_headers_that_show_it() {
    revoke_everywhere(Variant::Cloud, false, Revocation::Unnamed);
    revoke_everywhere(Variant::Cloud, true, Revocation::Unnamed);
}

#[test]
fn requests_that_lose_their_credential_on_the_way_create_and_delete_nothing() {
    for variant in [Variant::DataCenter, Variant::Cloud] {
        for exported in [false, true] {
            revoke_everywhere(variant, exported, Revocation::TakenOff);
        }
    }
}
