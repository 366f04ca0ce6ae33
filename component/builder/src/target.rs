//! The compilation target and its standard library.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::{BuildError, environment};

/// Target that plugins are compiled for.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// Installs the target where it is missing: with `RUSTUP_AUTO_INSTALL=0` rustup ignores `targets` in
/// `rust-toolchain.toml`, and cargo's "can't find crate for `std`" helps nobody.
pub(crate) fn ensure(workspace: &Path) -> Result<(), BuildError> {
    if is_installed(workspace)? {
        return Ok(());
    }
    let added = command("rustup", workspace)
        .args(["target", "add", TARGET])
        .stdout(Stdio::null())
        .status();
    match added {
        Ok(status) if status.success() && is_installed(workspace)? => Ok(()),
        _ => Err(BuildError::NoTarget),
    }
}

fn is_installed(workspace: &Path) -> Result<bool, BuildError> {
    let output = command("rustc", workspace)
        .args(["--print", "target-libdir", "--target", TARGET])
        .output()
        .map_err(|source| BuildError::Start {
            program: "rustc".into(),
            source,
        })?;
    Ok(output.status.success() && Path::new(String::from_utf8_lossy(&output.stdout).trim()).is_dir())
}

fn command(program: &str, workspace: &Path) -> Command {
    let mut command = Command::new(program);
    environment::scrub(&mut command);
    command.current_dir(workspace);
    command
}
