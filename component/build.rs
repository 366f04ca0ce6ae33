//! Compiles the root package into a component. `TMS_SYNC_COMPONENT=/path/to/component.wasm` takes a finished one instead.

use std::error::Error;
use std::path::{Path, PathBuf};

use tms_sync_component_builder::Build;

const PREBUILT: &str = "TMS_SYNC_COMPONENT";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-env-changed={PREBUILT}");
    let path = match std::env::var_os(PREBUILT) {
        Some(path) => prebuilt(Path::new(&path))?,
        None => built()?,
    };
    println!("cargo::rustc-env=TMS_SYNC_COMPONENT_BUILT={}", path.display());
    Ok(())
}

fn prebuilt(path: &Path) -> Result<PathBuf, Box<dyn Error>> {
    let path = path
        .canonicalize()
        .map_err(|e| format!("{PREBUILT}={}: {e}", path.display()))?;
    rerun_if_changed(&path);
    Ok(path)
}

fn built() -> Result<PathBuf, Box<dyn Error>> {
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    let workspace = Path::new(&std::env::var("CARGO_MANIFEST_DIR")?)
        .join("..")
        .canonicalize()?;
    // Before the build, so that a failed one is tried again as soon as its cause is gone.
    for input in ["src", "wit", "assumptions", "Cargo.toml", "Cargo.lock"] {
        rerun_if_changed(&workspace.join(input));
    }
    let build = Build {
        workspace,
        package: "tms-sync-xray".into(),
        profile: "component".into(),
        target_dir: target_dir(&out),
    };
    let path = out.join("tms_sync_xray.wasm");
    std::fs::write(&path, build.run()?)?;
    Ok(path)
}

/// Beside the outer build's profiles (`OUT_DIR` is `<target>/<profile>/build/<package>/out`): the component has a profile of its
/// own, so debug and release builds and the outer cargo's many variants of this package (`-p`, `--workspace`, check, test)
/// share one inner build.
fn target_dir(out: &Path) -> PathBuf {
    out.ancestors().nth(4).unwrap_or(out).join("guest")
}

fn rerun_if_changed(path: &Path) {
    println!("cargo::rerun-if-changed={}", path.display());
}
