//! The files of `deploy/`, which nobody starts here: each is read, and every command in them is one that the real command
//! takes.

use std::io::Write as _;
use std::process::Command;

use yaml_rust2::{Yaml, YamlLoader};

use crate::{cache, code, err, tms_sync};

/// Who the image runs as.
const USER: i64 = 65532;

fn file(name: &str) -> String {
    std::fs::read_to_string(format!("{}/../deploy/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn documents(name: &str) -> Vec<Yaml> {
    YamlLoader::load_from_str(&file(name)).unwrap()
}

fn texts(list: &Yaml) -> Vec<&str> {
    list.as_vec().unwrap().iter().map(|one| one.as_str().unwrap()).collect()
}

/// The command reads arguments from the first to the last, and `--help` behind them ends it before it acts.
fn expect_taken(place: &str, arguments: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let output = tms_sync(folder.path()).args(arguments).arg("--help").output().unwrap();
    assert_eq!(code(&output), Some(0), "{place}: {arguments:?}\n{}", err(&output));
}

#[test]
fn the_image_starts_the_service_as_nobody_on_the_ports_that_it_names() {
    let image = file("Dockerfile");
    let of = |word: &str| {
        image
            .lines()
            .filter_map(|line| line.strip_prefix(word))
            .next_back()
            .unwrap()
            .trim()
    };
    let command: Vec<String> = serde_json::from_str(of("CMD")).unwrap();
    let arguments: Vec<&str> = command.iter().map(String::as_str).collect();
    expect_taken("Dockerfile", &arguments);
    assert_eq!(of("USER"), format!("{USER}:{USER}"));
    for port in of("EXPOSE").split_whitespace() {
        assert!(arguments.contains(&format!("0.0.0.0:{port}").as_str()), "{port}");
    }
    // The state that it names exists in the image and belongs to that user.
    let state = arguments[arguments.iter().position(|one| *one == "--state").unwrap() + 1];
    assert!(image.contains(&format!("--chown={USER}:{USER} /empty/state {state}")));
    assert_eq!(of("VOLUME"), state);
    let toolchain = std::fs::read_to_string(format!("{}/../rust-toolchain.toml", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let version = image.split("FROM rust:").nth(1).unwrap().split('-').next().unwrap();
    assert!(toolchain.contains(version), "the image builds with Rust {version}");
}

#[test]
fn the_compose_file_starts_the_service_and_keeps_its_volumes() {
    let compose = &documents("compose.yaml")[0];
    let service = &compose["services"]["tms-sync"];
    // What a shell would put there.
    let command = texts(&service["command"]);
    let command: Vec<String> = command
        .iter()
        .map(|one| one.replace("${SYNC_HOST:?the name people open}", "sync.example.com"))
        .collect();
    expect_taken("compose.yaml", &command.iter().map(String::as_str).collect::<Vec<_>>());
    let volumes = compose["volumes"].as_hash().unwrap();
    for service in compose["services"].as_hash().unwrap().values() {
        for volume in texts(&service["volumes"]) {
            let name = volume.split(':').next().unwrap();
            assert!(volumes.contains_key(&Yaml::from_str(name)), "{name} is declared");
        }
    }
    let context = service["build"]["context"].as_str().unwrap();
    let image = service["build"]["dockerfile"].as_str().unwrap();
    let image = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../deploy")
        .join(context)
        .join(image);
    assert!(image.exists(), "{image:?}");
}

#[test]
fn the_fleet_is_a_console_and_two_workers_with_the_same_places_and_keys() {
    let compose = &documents("fleet.yaml")[0];
    let services = &compose["services"];
    let mut places = Vec::new();
    for name in ["console", "worker"] {
        let service = &services[name];
        let command: Vec<String> = texts(&service["command"])
            .iter()
            .map(|one| one.replace("${SYNC_HOST:?the name people open}", "sync.example.com"))
            .collect();
        expect_taken("fleet.yaml", &command.iter().map(String::as_str).collect::<Vec<_>>());
        let of = |option: &str| command.iter().find(|one| one.starts_with(option)).unwrap().clone();
        places.push((of("--postgres="), of("--nats="), service["environment"].clone()));
        for needed in service["depends_on"].as_hash().unwrap().keys() {
            assert!(services[needed.as_str().unwrap()].as_hash().is_some(), "{needed:?}");
        }
        assert!(service["environment"]["TMS_SYNC_MASTER_KEYS"].as_str().is_some());
    }
    assert_eq!(places[0], places[1]);
    assert_eq!(services["worker"]["deploy"]["replicas"].as_i64(), Some(2));
    let volumes = compose["volumes"].as_hash().unwrap();
    for service in services.as_hash().unwrap().values() {
        for volume in service["volumes"].as_vec().into_iter().flatten() {
            let name = volume.as_str().unwrap().split(':').next().unwrap();
            assert!(volumes.contains_key(&Yaml::from_str(name)), "{name} is declared");
        }
    }
}

#[test]
fn the_kubernetes_objects_refer_to_each_other() {
    let documents = documents("kubernetes.yaml");
    let of = |kind: &str| documents.iter().find(|one| one["kind"].as_str() == Some(kind)).unwrap();
    let set = &of("StatefulSet")["spec"];
    assert_eq!(set["replicas"].as_i64(), Some(1), "one process per state folder");
    let pod = &set["template"]["spec"];
    let container = &pod["containers"][0];
    expect_taken("kubernetes.yaml", &texts(&container["args"]));
    assert_eq!(
        container["image"].as_str().unwrap(),
        format!("tms-sync:{}", env!("CARGO_PKG_VERSION"))
    );
    for id in ["runAsUser", "runAsGroup", "fsGroup"] {
        assert_eq!(pod["securityContext"][id].as_i64(), Some(USER), "{id}");
    }

    let labels = &set["template"]["metadata"]["labels"];
    let service = of("Service");
    assert_eq!(labels, &set["selector"]["matchLabels"]);
    assert_eq!(labels, &service["spec"]["selector"]);
    assert_eq!(service["metadata"]["name"], set["serviceName"]);
    let backend = &of("Ingress")["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"];
    assert_eq!(backend["name"], service["metadata"]["name"]);
    assert_eq!(backend["port"]["name"], service["spec"]["ports"][0]["name"]);

    let named = |list: &Yaml| -> Vec<Yaml> { list.as_vec().unwrap().iter().map(|one| one["name"].clone()).collect() };
    let ports = named(&container["ports"]);
    let probes = ["livenessProbe", "readinessProbe", "startupProbe"].map(|probe| &container[probe]["httpGet"]["port"]);
    for port in probes.into_iter().chain([&service["spec"]["ports"][0]["targetPort"]]) {
        assert!(ports.contains(port), "{port:?}");
    }
    let claims = set["volumeClaimTemplates"].as_vec().unwrap();
    let claims = claims.iter().map(|claim| claim["metadata"]["name"].clone());
    let volumes: Vec<Yaml> = named(&pod["volumes"]).into_iter().chain(claims).collect();
    for mount in named(&container["volumeMounts"]) {
        assert!(volumes.contains(&mount), "{mount:?}");
    }
    let arguments = texts(&container["args"]);
    for (port, option) in [("http", "--listen"), ("metrics", "--metrics")] {
        let known = container["ports"].as_vec().unwrap();
        let number = known.iter().find(|one| one["name"].as_str() == Some(port)).unwrap()["containerPort"].as_i64();
        let expected = format!("{option}=0.0.0.0:{}", number.unwrap());
        assert!(arguments.contains(&expected.as_str()), "{expected}");
    }
}

#[test]
fn the_systemd_unit_is_one_and_starts_the_service() {
    let unit = file("tms-sync.service");
    let started = unit.lines().find_map(|line| line.strip_prefix("ExecStart=")).unwrap();
    let started = started
        .replace("${PUBLIC_URL}", "https://sync.example.com")
        .replace("${CREDENTIALS_DIRECTORY}", "/run/credentials/tms-sync.service");
    let words: Vec<&str> = started.split_whitespace().collect();
    assert_eq!(words[0], "/usr/local/bin/tms-sync");
    expect_taken("tms-sync.service", &words[1..]);

    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("tms-sync.service");
    // It asks whether the command is there.
    let here = unit.replace("/usr/local/bin/tms-sync", env!("CARGO_BIN_EXE_tms-sync"));
    std::fs::write(&copy, here).unwrap();
    let Ok(output) = Command::new("systemd-analyze")
        .args(["verify", "--man=no"])
        .arg(&copy)
        .output()
    else {
        let _ = std::io::stderr().write_all(b"skipped: systemd-analyze, of the package systemd, judges the unit\n");
        return;
    };
    assert_eq!((code(&output), err(&output)), (Some(0), String::new()));
}

#[test]
fn cargo_binstall_looks_for_the_archive_that_a_release_makes() {
    let manifest: toml::Table = include_str!("../../Cargo.toml").parse().unwrap();
    let binstall = &manifest["package"]["metadata"]["binstall"];
    let release = file("release");
    let name = release.lines().find_map(|line| line.strip_prefix("name=")).unwrap();
    let name = name.replace("$version", "{ version }").replace("$host", "{ target }");
    let url = binstall["pkg-url"].as_str().unwrap();
    assert!(url.ends_with(&format!("/{name}.tar.gz")), "{url}");
    assert_eq!(
        binstall["bin-dir"].as_str().unwrap(),
        format!("{name}/{{ bin }}{{ binary-ext }}")
    );
    assert_eq!(manifest["bin"][0]["name"].as_str(), Some("tms-sync"));
    assert!(release.contains("\"$out/$name.tar.gz\""));
}

/// The script of somebody's first day, with the command of this build.
#[test]
fn the_first_day_goes_from_a_plan_to_taking_back() {
    let command = std::path::Path::new(env!("CARGO_BIN_EXE_tms-sync"));
    let path = format!(
        "{}:{}",
        command.parent().unwrap().display(),
        std::env::var("PATH").unwrap()
    );
    let script = format!("{}/../deploy/first-day", env!("CARGO_MANIFEST_DIR"));
    let output = Command::new(script)
        .env("PATH", path)
        .env("XDG_CACHE_HOME", cache())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        text.ends_with("the first day is over\n"),
        "{text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// The same with the archive of a release on a Debian without Rust, on demand: `TMS_SYNC_RELEASE=target/release-files/….tar.gz`,
/// as root.
#[test]
fn the_first_day_passes_with_a_release_on_a_debian_without_rust() {
    let Some(archive) = std::env::var_os("TMS_SYNC_RELEASE") else {
        return;
    };
    if Command::new("debootstrap").arg("--version").output().is_err() {
        let _ = std::io::stderr().write_all(b"skipped: apt-get install debootstrap\n");
        return;
    }
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let output = Command::new(root.join("deploy/check-release"))
        .current_dir(&root)
        .arg(archive)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        text.ends_with("the first day is over\n"),
        "{text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
