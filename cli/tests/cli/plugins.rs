//! `plugin`: components in a real registry, signatures, and who accepts them.

use std::path::Path;
use std::process::Output;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::printed::printed;
use crate::registry::{RealRegistry, key_pair, openssl};
use crate::{code, out, tms_sync};

/// The command in a folder, with a cache of that folder: what was pulled by another test is not there.
fn run(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = tms_sync(folder);
    command
        .env("XDG_CACHE_HOME", folder.join("cache"))
        .args(arguments)
        .output()
        .unwrap()
}

fn done(folder: &Path, arguments: &[&str]) -> Value {
    let output = run(folder, &[arguments, &["--json"]].concat());
    assert_eq!(code(&output), Some(0), "{arguments:?}: {}", printed(&output));
    serde_json::from_str(&out(&output)).unwrap()
}

/// Pushes a small component, one for each test that wants its own digest; returns its pinned name.
fn pushed(registry: &RealRegistry, repository: &str) -> String {
    let folder = registry.folder.path();
    std::fs::write(folder.join("small.wasm"), wat_component()).unwrap();
    let answer = done(
        folder,
        &[
            "plugin",
            "push",
            "small.wasm",
            &registry.name(&format!("{repository}:1")),
        ],
    );
    answer["pinned"].as_str().unwrap().to_owned()
}

/// The bytes of a component that has nothing in it.
fn wat_component() -> [u8; 8] {
    [0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00]
}

fn digest(pinned: &str) -> &str {
    pinned.split_once('@').unwrap().1
}

/// What a run printed, with the registry by name.
fn shown(registry: &RealRegistry, output: &Output) -> String {
    printed(output).replace(&registry.address, "registry")
}

#[test]
fn a_plugin_in_a_registry_is_run_by_its_digest_also_without_the_registry() {
    let Some(registry) = RealRegistry::start() else { return };
    let folder = registry.folder.path().to_owned();
    done(&folder, &["plugin", "export-bundled", "xray.wasm"]);
    let answer = done(
        &folder,
        &["plugin", "push", "xray.wasm", &registry.name("team/xray:1.2")],
    );
    let pinned = answer["pinned"].as_str().unwrap().to_owned();
    let again = done(
        &folder,
        &["plugin", "push", "xray.wasm", &registry.name("elsewhere/xray:1")],
    );
    assert_eq!(digest(&pinned), digest(again["pinned"].as_str().unwrap()));
    done(
        &folder,
        &["plugin", "pull", &registry.name("team/xray:1.2"), "pulled.wasm"],
    );
    assert_eq!(
        std::fs::read(folder.join("pulled.wasm")).unwrap(),
        tms_sync_component::bytes()
    );

    let bundled = done(&folder, &["inspect"]);
    let inspected = done(&folder, &["inspect", &pinned]);
    assert_eq!(inspected["digest"], bundled["digest"]);
    let kept = registry.stopped();
    let inspected = done(kept.path(), &["inspect", &pinned]);
    assert_eq!(inspected["digest"], bundled["digest"]);
    // A configuration names it too: the kept one is found, and another one is asked for.
    let validate = |plugin: &str| {
        let config = format!("[host]\nplugin = \"{plugin}\"\n");
        std::fs::write(kept.path().join("tms-sync.toml"), config).unwrap();
        printed(&run(kept.path(), &["validate"]))
    };
    assert!(!validate(&pinned).contains("usable answer"));
    let other = pinned.replace(digest(&pinned), &format!("sha256:{}", "a".repeat(64)));
    assert!(validate(&other).contains("tms-sync.toml:2:10: "));
}

#[test]
fn tools_of_others_read_and_copy_what_is_pushed() {
    let Some(registry) = RealRegistry::start() else { return };
    let pinned = pushed(&registry, "team/plugin");
    let manifest = registry.manifest("team/plugin:1");
    let read: Value = serde_json::from_slice(&manifest).unwrap();
    insta::assert_snapshot!(format!("{read:#}"));

    let folder = registry.folder.path().join("away");
    let away = format!("dir:{}", folder.display());
    let from = format!("docker://{}/team/plugin:1", registry.address);
    let back = format!("docker://{}/mirror/plugin:1", registry.address);
    registry.skopeo(&["copy", "--src-tls-verify=false", &from, &away]);
    registry.skopeo(&["copy", "--dest-tls-verify=false", &away, &back]);
    assert_eq!(registry.manifest("mirror/plugin:1"), manifest);
    let mirrored = registry.name(&format!("mirror/plugin@{}", digest(&pinned)));
    done(registry.folder.path(), &["plugin", "pull", &mirrored, "mirrored.wasm"]);
    assert_eq!(
        std::fs::read(registry.folder.path().join("mirrored.wasm")).unwrap(),
        wat_component()
    );
}

#[test]
fn what_a_plugin_is_made_of_travels_beside_it() {
    let Some(registry) = RealRegistry::start() else { return };
    let folder = registry.folder.path().to_owned();
    let pinned = pushed(&registry, "team/plugin");
    let pull = |name: &str| {
        run(
            &folder,
            &["plugin", "pull", name, "pulled.wasm", "--sbom", "pulled.json"],
        )
    };
    let none = shown(&registry, &pull(&pinned));
    assert!(!folder.join("pulled.wasm").exists(), "all or nothing");

    let bill = json!({ "bomFormat": "CycloneDX", "specVersion": "1.5", "components": [] }).to_string();
    std::fs::write(folder.join("bom.json"), &bill).unwrap();
    let to = registry.name("team/plugin:1");
    let push = |file: &str| run(&folder, &["plugin", "push", "small.wasm", &to, "--sbom", file]);
    let no_bill = shown(&registry, &push("small.wasm"));
    assert_eq!(code(&push("bom.json")), Some(0));
    let none = none.replace(digest(&pinned), "sha256:[digest]");
    reports!(none, no_bill);
    assert_eq!(
        code(&pull(&pinned)),
        Some(0),
        "the plugin has the digest that it had without"
    );
    assert_eq!(std::fs::read_to_string(folder.join("pulled.json")).unwrap(), bill);

    // Where cosign looks for it.
    let tag = digest(&pinned).replace(':', "-");
    let manifest: Value = serde_json::from_slice(&registry.manifest(&format!("team/plugin:{tag}.sbom"))).unwrap();
    assert_eq!(manifest["layers"][0]["mediaType"], "application/vnd.cyclonedx+json");
}

#[test]
fn a_policy_decides_whose_signatures_are_needed() {
    let Some(registry) = RealRegistry::start() else { return };
    let folder = registry.folder.path();
    for name in ["team", "release", "stranger"] {
        key_pair(folder, name);
    }
    let pinned = pushed(&registry, "team/plugin");
    let policy = |need: &str, from: &str| {
        let rule =
            format!("[[source]]\nfrom = \"{from}\"\nkeys = [\"team.pub\", \"release.pub\"]\nneed = \"{need}\"\n");
        std::fs::write(folder.join("policy.toml"), rule).unwrap();
    };
    let verify = || {
        shown(
            &registry,
            &run(folder, &["plugin", "verify", &pinned, "--policy", "policy.toml"]),
        )
    };
    let source = format!("{}/team", registry.address);

    policy("any", &source);
    let unsigned = verify();
    done(folder, &["plugin", "sign", &pinned, "--key", "stranger.key"]);
    let by_a_stranger = verify();
    done(folder, &["plugin", "sign", &pinned, "--key", "team.key"]);
    let by_one = verify();
    policy("all", &source);
    let one_of_all = verify();
    done(folder, &["plugin", "sign", &pinned, "--key", "release.key"]);
    let signed_again = done(folder, &["plugin", "sign", &pinned, "--key", "release.key"]);
    assert_eq!(signed_again["signatures"], json!(3));
    let by_all = verify();
    policy("any", &format!("{}/tea", registry.address));
    let elsewhere = verify();
    reports!(unsigned, by_a_stranger, by_one, one_of_all, by_all, elsewhere);

    // What is run is judged by the same policy: this component is refused for itself, and before that for its source.
    let inspect = || {
        shown(
            &registry,
            &run(folder, &["inspect", &pinned, "--plugin-policy", "policy.toml"]),
        )
    };
    assert!(inspect().contains("the policy policy.toml has no rule for"));
    policy("all", &source);
    assert!(inspect().contains("does not export"));
}

#[test]
fn openssl_verifies_our_signatures_and_we_verify_its() {
    let Some(registry) = RealRegistry::start() else { return };
    let folder = registry.folder.path();
    key_pair(folder, "team");
    let pinned = pushed(&registry, "team/plugin");
    done(folder, &["plugin", "sign", &pinned, "--key", "team.key"]);
    let tag = digest(&pinned).replace(':', "-");
    let signed = registry.manifest(&format!("team/plugin:{tag}.sig"));
    let signed: Value = serde_json::from_slice(&signed).unwrap();
    let layer = &signed["layers"][0];
    assert_eq!(layer["mediaType"], "application/vnd.dev.cosign.simplesigning.v1+json");
    let signature = layer["annotations"]["dev.cosignproject.cosign/signature"]
        .as_str()
        .unwrap();
    std::fs::write(folder.join("signature"), STANDARD.decode(signature).unwrap()).unwrap();
    let away = format!("dir:{}", folder.join("signed").display());
    let from = format!("docker://{}/team/plugin:{tag}.sig", registry.address);
    registry.skopeo(&["copy", "--src-tls-verify=false", &from, &away]);
    let payload = layer["digest"].as_str().unwrap().trim_start_matches("sha256:");
    let payload = folder.join("signed").join(payload);
    let text: Value = serde_json::from_slice(&std::fs::read(&payload).unwrap()).unwrap();
    assert_eq!(text["critical"]["image"]["docker-manifest-digest"], digest(&pinned));
    let payload = payload.to_str().unwrap();
    openssl(
        folder,
        &[
            "dgst",
            "-sha256",
            "-verify",
            "team.pub",
            "-signature",
            "signature",
            payload,
        ],
    );
    done(folder, &["plugin", "verify", &pinned, "--key", "team.pub"]);
}

#[test]
fn bytes_that_somebody_changed_are_refused() {
    let Some(registry) = RealRegistry::start() else { return };
    let folder = registry.folder.path();
    done(folder, &["plugin", "export-contract", "contract.wasm"]);
    let answer = done(
        folder,
        &["plugin", "push", "contract.wasm", &registry.name("team/contract:0.2.0")],
    );
    let pinned = answer["pinned"].as_str().unwrap();
    let manifest: Value = serde_json::from_slice(&registry.manifest("team/contract:0.2.0")).unwrap();
    registry.tamper(manifest["layers"][0]["digest"].as_str().unwrap());
    let output = run(folder, &["plugin", "pull", pinned, "pulled.wasm"]);
    let refused = printed(&output);
    assert!(
        refused.contains("the bytes of an artifact are not those of"),
        "{refused}"
    );
    assert!(code(&output) == Some(2) && !folder.join("pulled.wasm").exists());
}

#[test]
fn what_names_no_artifact_is_refused_with_what_to_write() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("small.wasm"), wat_component()).unwrap();
    let refused = |to: &str| printed(&run(folder.path(), &["plugin", "push", "small.wasm", to]));
    let (plain, short) = (refused("http://registry.example.com/plugin:1"), refused("plugin:1"));
    let tag = format!("registry.example.com/plugin@sha256:{}", "a".repeat(64));
    let pinned = refused(&tag);
    let nobody = printed(&run(
        folder.path(),
        &["plugin", "pull", "http://127.0.0.1:1/plugin:1", "x.wasm"],
    ));
    reports!(plain, short, pinned, nobody);
}

/// A new project, compiled where the last test left its dependencies.
fn new_plugin(folder: &Path) {
    done(folder, &["plugin", "new", "my-plugin"]);
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("new-plugin");
    std::fs::create_dir_all(&target).unwrap();
    std::os::unix::fs::symlink(target, folder.join("my-plugin/target")).unwrap();
}

/// Takes the examples at the blanks for what they stand for.
fn fill_in(file: &Path) {
    let text = std::fs::read_to_string(file).unwrap();
    let is_blank = |line: &&str| {
        !["BLANK", "let _ =", "is not written yet"]
            .iter()
            .any(|mark| line.contains(mark))
    };
    let filled = text.lines().filter(is_blank).map(|line| {
        let example = line.strip_prefix("    // ").or(line.strip_prefix("    //"));
        format!("{}\n", example.unwrap_or(line))
    });
    std::fs::write(file, filled.collect::<String>()).unwrap();
}

#[test]
fn a_new_plugin_keeps_every_rule_once_its_blanks_are_filled_in() {
    let folder = tempfile::tempdir().unwrap();
    new_plugin(folder.path());
    let check = || {
        done(folder.path(), &["plugin", "build", "my-plugin"]);
        let arguments = ["plugin", "check", "my-plugin/my-plugin.wasm", "--places", "4"];
        printed(&run(folder.path(), &arguments))
    };
    let with_blanks = check();
    fill_in(&folder.path().join("my-plugin/src/destination.rs"));
    let filled_in = check();
    reports!(with_blanks, filled_in);
}
