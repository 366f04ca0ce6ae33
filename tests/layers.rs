//! The guest's modules depend downwards only. ARCHITECTURE.md draws the order; this test reads the sources.

#![expect(clippy::unwrap_used, reason = "what cannot be read fails the test")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// What each top-level module may use. A module that is missing here fails the test, so that a new one is placed.
const MAY_USE: &[(&str, &[&str])] = &[
    (
        "contract",
        &[
            "app", "checks", "domain", "error", "mapping", "ports", "probe", "report", "setup",
        ],
    ),
    (
        "app",
        &[
            "error", "mapping", "ports", "report", "setup", "sync", "target", "testops", "xray",
        ],
    ),
    (
        "checks",
        &[
            "aql", "error", "jira", "ports", "setup", "target", "testops", "text", "xray",
        ],
    ),
    (
        "probe",
        &[
            "domain", "error", "jira", "mapping", "ports", "setup", "target", "testops", "web", "xray",
        ],
    ),
    (
        "sync",
        &[
            "digest", "domain", "error", "jira", "mapping", "ports", "report", "state", "target", "testops", "text",
            "web",
        ],
    ),
    ("setup", &["aql", "domain", "error", "mapping", "ports", "text"]),
    ("aql", &["text"]),
    (
        "testops",
        &["digest", "domain", "error", "markup", "ports", "text", "web"],
    ),
    (
        "xray",
        &[
            "digest", "domain", "error", "jira", "json", "mapping", "ports", "setup", "target", "text", "web",
        ],
    ),
    ("target", &["domain", "error", "jira", "mapping", "ports"]),
    // A field that a person misspelt gets the nearest name.
    (
        "jira",
        &["digest", "domain", "error", "json", "mapping", "ports", "text", "web"],
    ),
    ("state", &["digest", "domain", "error", "json", "mapping", "ports"]),
    ("report", &["domain", "error", "ports"]),
    ("web", &["error", "ports"]),
    ("mapping", &["digest", "domain", "markup", "text"]),
    ("markup", &["text"]),
    ("ports", &["domain"]),
    ("error", &[]),
    // A step's text is rich as soon as it is read.
    ("domain", &["markup"]),
    ("digest", &[]),
    ("json", &[]),
    ("text", &[]),
];

#[test]
fn modules_use_only_what_stands_below_them() {
    let mut wrong = Vec::new();
    for (file, text) in sources() {
        let module = module(&file);
        let Some((_, allowed)) = MAY_USE.iter().find(|(name, _)| *name == module) else {
            assert!(
                module == "lib",
                "src/{module} has no place in the order of modules: add it to this test"
            );
            continue;
        };
        for used in used(&text) {
            if used != module && !allowed.contains(&used.as_str()) {
                wrong.push(format!("{} uses crate::{used}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_order_has_no_circle() {
    let order: BTreeMap<&str, &[&str]> = MAY_USE.iter().copied().collect();
    fn below<'a>(name: &'a str, order: &BTreeMap<&'a str, &'a [&'a str]>, above: &mut Vec<&'a str>) {
        assert!(!above.contains(&name), "{} → {name}", above.join(" → "));
        above.push(name);
        for next in order.get(name).copied().unwrap_or_default() {
            below(next, order, above);
        }
        above.pop();
    }
    for name in order.keys() {
        below(name, &order, &mut Vec::new());
    }
}

#[test]
fn the_absences_that_hold_the_house_up_hold() {
    for (file, text) in sources() {
        let name = file.display();
        let code: String = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
            .collect::<Vec<_>>()
            .join("\n");
        let path = file.to_string_lossy().replace('\\', "/");
        if !path.starts_with("contract") {
            assert!(!code.contains("wit_bindgen"), "{name} knows WIT");
        }
        if path.starts_with("sync") {
            // Jira is the platform below every target; what manages tests on it is a vendor's.
            assert!(!code.contains("xray::"), "{name} names a vendor of a destination");
        }
        if path.starts_with("domain") {
            assert!(!code.contains("serde"), "{name} derives serde");
        }
        for (own, other) in [("xray/cloud", "::dc"), ("xray/dc", "::cloud")] {
            assert!(
                !path.starts_with(own) || !code.contains(other),
                "{name} knows the other variant"
            );
        }
        for word in [
            "std::time",
            "std::env",
            "std::fs",
            "TcpStream",
            "UdpSocket",
            "HashMap",
            "HashSet",
        ] {
            assert!(
                !code.contains(word),
                "{name} uses {word}: time, environment and randomness come through ports"
            );
        }
    }
}

fn sources() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut found, mut folders) = (Vec::new(), vec![root.clone()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                found.push((
                    path.strip_prefix(&root).unwrap().to_owned(),
                    fs::read_to_string(&path).unwrap(),
                ));
            }
        }
    }
    found
}

fn module(file: &Path) -> String {
    file.components()
        .next()
        .unwrap()
        .as_os_str()
        .to_string_lossy()
        .trim_end_matches(".rs")
        .to_owned()
}

/// Top-level modules that a source names after `crate::`, in code.
fn used(text: &str) -> Vec<String> {
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    code.flat_map(|line| line.split("crate::").skip(1).map(str::to_owned).collect::<Vec<_>>())
        .flat_map(|rest| match rest.strip_prefix('{') {
            // `use crate::{checks, mapping};`
            Some(list) => list
                .split(['}', '{'])
                .next()
                .unwrap_or_default()
                .split(',')
                .map(|name| name.trim().to_owned())
                .collect(),
            None => vec![rest],
        })
        .map(|rest: String| {
            rest.chars()
                .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
                .collect::<String>()
        })
        .filter(|name| !name.is_empty())
        .collect()
}
