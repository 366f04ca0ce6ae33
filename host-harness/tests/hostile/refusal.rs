//! Components that are not taken, by what is said about them.

use tms_sync_host::{Engine, EngineLimits, LoadedPlugin, RefusedComponent};

use crate::rig;

async fn refusal_of_text(component: &str) -> RefusedComponent {
    refusal(&wat::parse_str(component).unwrap()).await
}

async fn refusal(bytes: &[u8]) -> RefusedComponent {
    let engine = Engine::new(EngineLimits::default()).unwrap();
    match LoadedPlugin::load(&engine, bytes).await {
        Err(refused) => refused,
        Ok(_) => panic!("the component was taken"),
    }
}

#[tokio::test]
async fn a_built_plugin_imports_the_contract_alone() {
    let plugin = rig::load(rig::speaks().await).await;
    let foreign: Vec<_> = plugin
        .imports()
        .iter()
        .filter(|name| !name.starts_with("testops:tms-sync/"))
        .collect();
    assert!(foreign.is_empty(), "{foreign:?}");
}

#[tokio::test]
async fn an_import_outside_the_contract_is_named_even_where_it_is_empty() {
    for import in [
        "wasi:http/client@0.3.0",
        "wasi:filesystem/types@0.2.0",
        "testops:tms-sync/shell@0.2.0",
    ] {
        let component = format!("(component (import \"{import}\" (instance)))");
        assert_eq!(
            refusal_of_text(&component).await,
            RefusedComponent::ForbiddenImport(import.into())
        );
    }
}

#[tokio::test]
async fn another_version_of_the_contract_is_named() {
    let import = "testops:tms-sync/http@0.1.0";
    let component = format!("(component (import \"{import}\" (instance)))");
    assert_eq!(
        refusal_of_text(&component).await,
        RefusedComponent::OtherVersion { found: import.into() }
    );
    let export = "testops:tms-sync/setup@0.3.0";
    let component = format!("(component (instance $i) (export \"{export}\" (instance $i)))");
    assert_eq!(
        refusal_of_text(&component).await,
        RefusedComponent::OtherVersion { found: export.into() }
    );
}

#[tokio::test]
async fn a_missing_export_is_named() {
    let missing = RefusedComponent::MissingExport("testops:tms-sync/setup@0.2.0".into());
    assert_eq!(refusal_of_text("(component)").await, missing);
}

#[tokio::test]
async fn what_is_no_component_or_too_large_is_refused() {
    assert!(matches!(refusal(b"no wasm").await, RefusedComponent::Invalid(_)));
    assert!(matches!(
        refusal(&vec![0; 21 << 20]).await,
        RefusedComponent::TooLarge { .. }
    ));
}
