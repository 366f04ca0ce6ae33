//! Secrets that a real OpenBao has: `{ vault = "path#member" }`.

use std::net::TcpListener;

use tms_sync_sim::cloud::XRAY_CLIENT_SECRET;
use tms_sync_sim::testops;
use tms_sync_sim::world;

use crate::bao::Bao;
use crate::code;
use crate::proxies::{PASSWORD, Tinyproxy, USER};
use crate::rig::{Rig, Variant};

over_both!(
    an_export_reads_its_secrets_from_a_vault,
    an_export_reads_its_secrets_from_a_namespace_of_a_vault,
    an_export_reads_its_secrets_through_a_proxy,
    what_a_vault_does_not_give_is_named_with_what_to_do,
    the_secret_of_the_role_does_not_follow_the_file_to_another_vault,
);

const SUITE: &str = "the command with a vault";
/// The variables of a configuration, by their names in the vault.
const NAMES: [(&str, &str); 4] = [
    ("TESTOPS_TOKEN", "testops"),
    ("JIRA_SECRET", "jira"),
    ("XRAY_CLIENT_ID", "xray-id"),
    ("XRAY_CLIENT_SECRET", "xray-secret"),
];

/// OpenBao with a role that reads `secret/tms-sync`.
fn vault() -> Option<Bao> {
    let bao = Bao::start(SUITE)?;
    bao.make_role();
    Some(bao)
}

/// A configuration that has every secret in the vault, and none in a variable but the role's.
fn kept(variant: Variant, bao: &Bao) -> Rig {
    let mut rig = Rig::start(variant, 2);
    let file = rig.folder.path().join("tms-sync.toml");
    let written = std::fs::read_to_string(&file).unwrap();
    let moved = NAMES.into_iter().fold(written, |text, (variable, name)| {
        let (before, now) = (
            format!("{{ env = \"{variable}\" }}"),
            format!("{{ vault = \"tms-sync/{name}#value\" }}"),
        );
        text.replace(&before, &now)
    });
    let (address, role) = (&bao.address, bao.role_id());
    let vault = format!(
        "[host.vault]\naddress = \"{address}\"\nrole-id = \"{role}\"\nsecret-id = {{ env = \"VAULT_SECRET_ID\" }}\n"
    );
    std::fs::write(&file, format!("{moved}\n{vault}")).unwrap();
    for (variable, value) in std::mem::take(&mut rig.variables) {
        let name = NAMES.into_iter().find(|(known, _)| *known == variable).unwrap().1;
        bao.put(name, "value", &value);
    }
    rig.variables.push(("VAULT_SECRET_ID".to_owned(), bao.secret_id()));
    rig
}

fn an_export_reads_its_secrets_from_a_vault(variant: Variant) {
    let Some(bao) = vault() else { return };
    let rig = kept(variant, &bao);
    assert_eq!(code(&rig.run(&["validate"])), Some(0));
    let (exit, report) = rig.json(&["export"]);
    assert_eq!(exit, 0, "{report:#}");
    // Another secret takes over at once, and the old one is nowhere.
    bao.put("jira", "value", "another one");
    assert_eq!(code(&rig.run(&["export"])), Some(2));
}

fn an_export_reads_its_secrets_from_a_namespace_of_a_vault(variant: Variant) {
    let Some(bao) = Bao::start(SUITE) else { return };
    let bao = bao.in_namespace("qa");
    bao.make_role();
    let rig = kept(variant, &bao);
    let role = bao.role_id();
    // The role is nowhere else.
    let outside = rig.printed(&["test"]).replace(&role, "[role]");
    rig.rewrite(|file| file.replace("[host.vault]\n", "[host.vault]\nnamespace = \"qa\"\n"));
    let (exit, report) = rig.json(&["export"]);
    assert_eq!(exit, 0, "{report:#}");
    bao.ask(&["kv", "metadata", "delete", "-mount=secret", "tms-sync/testops"], "");
    let absent = rig.printed(&["test"]);
    bao.ask(&["delete", "auth/approle/role/tms-sync"], "");
    let unknown_role = rig.printed(&["test"]).replace(&role, "[role]");
    reports!(variant => outside, absent, unknown_role);
}

fn an_export_reads_its_secrets_through_a_proxy(variant: Variant) {
    let Some(bao) = vault() else { return };
    let Some(proxy) = Tinyproxy::start(SUITE) else { return };
    let mut rig = kept(variant, &bao);
    let way = format!(
        "proxy = {{ url = \"{}\", username = \"{USER}\", password = {{ env = \"PROXY_PASSWORD\" }} }}\n",
        proxy.address()
    );
    rig.rewrite(|file| file.replace("[host]\n", &format!("[host]\n{way}")));
    rig.variables.push(("PROXY_PASSWORD".to_owned(), PASSWORD.to_owned()));
    let (exit, report) = rig.json(&["export"]);
    assert_eq!(exit, 0, "{report:#}");
    for path in ["auth/approle/login", "secret/data/tms-sync/jira"] {
        proxy.read_until(&format!("{}/v1/{path}", bao.address));
    }
    // There is no other way to the vault.
    let address = proxy.address();
    drop(proxy);
    let away = rig.printed(&["test"]).replace(&address, "http://proxy");
    reports!(variant => away);
}

fn what_a_vault_does_not_give_is_named_with_what_to_do(variant: Variant) {
    let Some(bao) = vault() else { return };
    let rig = kept(variant, &bao);
    let role = bao.role_id();
    let shown = || {
        let shown = rig.printed(&["test"]).replace(&role, "[role]");
        let secrets = [testops::TOKEN, world::JIRA_TOKEN, world::PASSWORD, XRAY_CLIENT_SECRET];
        assert!(secrets.iter().all(|secret| !shown.contains(secret)), "{shown}");
        shown
    };
    bao.put("jira", "token", world::JIRA_TOKEN);
    bao.ask(&["kv", "metadata", "delete", "-mount=secret", "tms-sync/testops"], "");
    let absent = shown();
    bao.ask(
        &["policy", "write", "tms-sync", "-"],
        "path \"other\" { capabilities = [\"read\"] }",
    );
    let denied = shown();
    bao.ask(&["delete", "auth/approle/role/tms-sync"], "");
    let unknown_role = shown();
    drop(bao);
    let (away, validated) = (shown(), rig.printed(&["validate"]));
    reports!(variant => absent, denied, unknown_role, away, validated);
    assert_eq!(
        rig.world.testops.server().journal().len() + rig.world.tracker.requests(),
        0
    );
}

fn the_secret_of_the_role_does_not_follow_the_file_to_another_vault(variant: Variant) {
    let Some(bao) = vault() else { return };
    let rig = kept(variant, &bao);
    assert_eq!(code(&rig.run(&["export"])), Some(0));
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    other.set_nonblocking(true).unwrap();
    let another = format!("http://{}", other.local_addr().unwrap());
    rig.rewrite(|file| file.replace(&bao.address, &another));
    let moved = rig.printed(&["export"]);
    reports!(variant => moved);
    assert!(other.accept().is_err(), "nobody connected");
}
