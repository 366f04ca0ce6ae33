//! What the inner cargo must not inherit.

use std::path::PathBuf;
use std::process::Command;

/// Cargo's settings of place and network; everything else named `CARGO_…` speaks of the outer build.
const KEPT: [&str; 5] = [
    "CARGO_HOME",
    "CARGO_NET_",
    "CARGO_HTTP_",
    "CARGO_REGISTRIES_",
    "CARGO_REGISTRY_",
];

/// Flags, wrappers and facts of the outer build: clippy's wrapper or `-C target-cpu=native` would break the inner one.
const DROPPED: [&str; 15] = [
    "RUSTFLAGS",
    "RUSTDOCFLAGS",
    "RUSTC",
    "RUSTDOC",
    "RUSTC_LINKER",
    "RUSTC_WRAPPER",
    "RUSTC_WORKSPACE_WRAPPER",
    "TARGET",
    "HOST",
    "OUT_DIR",
    "OPT_LEVEL",
    "PROFILE",
    "DEBUG",
    "MAKEFLAGS",
    "CLIPPY_ARGS",
];

pub(crate) fn scrub(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(is_dropped) {
            command.env_remove(name);
        }
    }
}

/// Names sources of dependencies without the folder of the one who builds, so that a component has the same bytes and size
/// wherever it is built.
pub(crate) fn forget_home(command: &mut Command) {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")));
    if let Some(sources) = home.map(|home| home.join("registry").join("src")) {
        let flag = format!("--remap-path-prefix={}=", sources.display());
        command.env("CARGO_ENCODED_RUSTFLAGS", flag);
    }
}

fn is_dropped(name: &str) -> bool {
    DROPPED.contains(&name) || name.starts_with("CARGO_") && !KEPT.iter().any(|kept| name.starts_with(kept))
}

#[cfg(test)]
mod tests {
    use super::is_dropped;

    #[test]
    fn the_outer_build_is_forgotten_and_the_network_settings_stay() {
        for name in [
            "RUSTFLAGS",
            "CARGO_ENCODED_RUSTFLAGS",
            "CARGO_PROFILE_DEV_DEBUG",
            "CARGO_TARGET_DIR",
            "CARGO_PKG_NAME",
        ] {
            assert!(is_dropped(name), "{name}");
        }
        for name in [
            "CARGO_HOME",
            "CARGO_NET_OFFLINE",
            "CARGO_REGISTRIES_MINE_TOKEN",
            "PATH",
            "RUSTUP_TOOLCHAIN",
        ] {
            assert!(!is_dropped(name), "{name}");
        }
    }
}
