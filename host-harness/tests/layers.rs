//! The host's rooms use only what stands below them. ARCHITECTURE.md has the same order; this test reads the sources.

#![expect(clippy::unwrap_used, reason = "what cannot be read fails the test")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Rooms and single files of `src/`, from the ground up. A new one fails the test until it is placed.
const ORDER: [&str; 20] = [
    "id",
    "limits",
    "clock",
    "spool",
    "contract",
    "names",
    "model",
    "metering",
    "ledger",
    "budget",
    "credentials",
    "egress",
    "vault",
    "engine",
    "recording",
    "call",
    "plugin",
    "tenant",
    "test_kit",
    "lib",
];

#[test]
fn rooms_use_only_what_stands_below_them() {
    let place = |room: &str| ORDER.iter().position(|known| *known == room);
    let mut wrong = Vec::new();
    for (file, text) in sources() {
        let room = room(&file);
        let Some(own) = place(&room) else {
            wrong.push(format!(
                "src/{room} has no place in the order of rooms: add it to this test"
            ));
            continue;
        };
        for used in used(&text) {
            if place(&used).is_none_or(|used| used > own) {
                wrong.push(format!("{} uses crate::{used}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The first part of a path: a folder, or a file without its extension.
fn room(file: &Path) -> String {
    let first = file.components().next().unwrap();
    let name = Path::new(first.as_os_str()).with_extension("");
    name.to_string_lossy().into_owned()
}

/// Names right behind `crate::` in code; what comments link to does not count.
fn used(text: &str) -> BTreeSet<String> {
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    code.flat_map(|line| line.split("crate::").skip(1))
        .map(|after| {
            after
                .split(|c: char| !c.is_alphanumeric() && c != '_')
                .next()
                .unwrap()
                .to_owned()
        })
        .collect()
}

fn sources() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut found, mut folders) = (Vec::new(), vec![root.clone()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let inside = path.strip_prefix(&root).unwrap().to_owned();
                found.push((inside, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    assert!(found.len() > 50, "the sources are not where this test looks");
    found
}
