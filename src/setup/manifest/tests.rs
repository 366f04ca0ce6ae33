use super::*;
use crate::setup::FormField;

fn field(kind: &IntegrationKind, name: &str) -> FormField {
    *kind
        .fields
        .iter()
        .find(|field| field.name == name)
        .unwrap_or_else(|| panic!("{} has no field {name}", kind.id))
}

fn secrets(recipe: &AuthRecipe) -> Vec<&'static str> {
    match recipe {
        AuthRecipe::Basic(basic) => vec![basic.secret],
        AuthRecipe::Bearer(secret) => vec![secret],
        AuthRecipe::Exchange(exchange) => exchange
            .parameters
            .iter()
            .filter_map(|parameter| match parameter.value {
                TokenValue::Secret(name) => Some(name),
                TokenValue::Literal(_) | TokenValue::Field(_) => None,
            })
            .collect(),
    }
}

#[test]
fn every_name_a_connection_refers_to_is_a_field_of_its_kind() {
    for kind in KINDS {
        for connection in kind.connections {
            assert!(!field(kind, connection.base.field).secret);
            for recipe in connection.auth {
                assert!(secrets(recipe).into_iter().all(|name| field(kind, name).secret));
                if let AuthRecipe::Basic(basic) = recipe {
                    assert!(!field(kind, basic.username).secret);
                }
            }
        }
    }
}

#[test]
fn every_secret_field_is_used_by_a_recipe() {
    for kind in KINDS {
        let used: Vec<_> = kind.connections.iter().flat_map(|c| c.auth).flat_map(secrets).collect();
        assert!(
            kind.fields
                .iter()
                .filter(|field| field.secret)
                .all(|field| used.contains(&field.name)),
            "{used:?}"
        );
    }
}

#[test]
fn names_are_unique_within_a_kind() {
    for kind in KINDS {
        let mut names: Vec<_> = kind.fields.iter().map(|field| field.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), kind.fields.len());
    }
}

#[test]
fn testops_is_read_and_nothing_but_test_keys_is_written() {
    for kind in KINDS {
        let testops = kind.connections.iter().find(|c| c.name == "testops").unwrap();
        for route in testops.routes {
            let writes = route.methods != [Method::Get];
            assert!(!writes || route.methods == [Method::Post], "{route:?}");
            assert!(!writes || route.prefix.ends_with("/testcase/*/testkey"), "{route:?}");
        }
    }
}

#[test]
fn nothing_but_issues_and_steps_of_tests_can_be_deleted() {
    let routes = KINDS
        .iter()
        .flat_map(|kind| kind.connections)
        .flat_map(|connection| connection.routes);
    for route in routes.filter(|route| route.methods.contains(&Method::Delete)) {
        let is_ours = route.prefix.ends_with("/issue") || route.prefix.ends_with("/test/*/steps");
        assert!(is_ours, "{}", route.prefix);
    }
}

#[test]
fn a_failed_login_outranks_the_account_header() {
    for kind in KINDS {
        let jira = kind.connections.iter().find(|c| c.name == "jira").unwrap();
        let first_account = jira.identity.iter().position(|sign| sign.authenticated).unwrap();
        assert_eq!(first_account, jira.identity.len() - 1);
    }
}

#[test]
fn the_default_base_of_xray_stands_in_the_form_too() {
    let cloud = kind(CLOUD).unwrap();
    let xray = cloud.connections.iter().find(|c| c.name == "xray").unwrap();
    assert_eq!(xray.base.default, field(cloud, "xray-endpoint").default);
    assert!(
        xray.base.alternatives.len() == 3 && xray.base.alternatives.iter().all(|base| base.ends_with(".getxray.app"))
    );
}
