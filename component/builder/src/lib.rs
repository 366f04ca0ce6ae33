//! From a Rust crate to a component: cargo compiles a core module for `wasm32-unknown-unknown`, `wit-component` wraps it.
//! By hand this is `cargo build --release --target wasm32-unknown-unknown` and `wasm-tools component new`.
//!
//! ```no_run
//! let component = tms_sync_component_builder::Build {
//!     workspace: "/src/my-plugin".into(),
//!     package: "my-plugin".into(),
//!     profile: "release".into(),
//!     target_dir: "/tmp/my-plugin".into(),
//! }
//! .run()?;
//! std::fs::write("my-plugin.wasm", component)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod environment;
mod target;

use std::path::PathBuf;
use std::process::Command;

pub use target::TARGET;

/// What to build and where. Everything the caller's own cargo put into the environment is kept from the inner one.
#[derive(Debug, Clone)]
pub struct Build {
    /// Folder of the workspace's `Cargo.toml`.
    pub workspace: PathBuf,
    /// Package whose library is the plugin.
    pub package: String,
    /// Profile of that workspace.
    pub profile: String,
    /// Target directory of the inner cargo; never the outer one's, which is locked while a build script runs.
    pub target_dir: PathBuf,
}

/// Why there is no component.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The standard library for the target is not installed, and installing it failed.
    #[error("the Rust target is missing; install it with: rustup target add {TARGET}")]
    NoTarget,
    /// A program could not be started.
    #[error("cannot start {program}: {source}")]
    Start {
        /// Which one.
        program: String,
        /// Why.
        source: std::io::Error,
    },
    /// The crate does not compile; cargo printed why.
    #[error("`{package}` does not compile for {TARGET}; see cargo's messages above")]
    Compile {
        /// The crate.
        package: String,
    },
    /// Cargo's output is not where it should be.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The module is malformed, or carries no metadata of `wit-bindgen` that fits its imports and exports.
    #[error("cannot make a component of `{package}`: {reason}")]
    Encode {
        /// The crate.
        package: String,
        /// What `wit-component` answered.
        reason: String,
    },
}

impl Build {
    /// Compiles and encodes; returns the component.
    ///
    /// # Errors
    ///
    /// See [`BuildError`]. Cargo's own messages go to standard error.
    pub fn run(&self) -> Result<Vec<u8>, BuildError> {
        target::ensure(&self.workspace)?;
        self.compile()?;
        let path = self.module();
        let module = std::fs::read(&path).map_err(|source| BuildError::Read { path, source })?;
        wit_component::ComponentEncoder::default()
            .validate(true)
            .module(&module)
            .and_then(|encoder| encoder.encode())
            .map_err(|error| BuildError::Encode {
                package: self.package.clone(),
                reason: format!("{error:#}"),
            })
    }

    /// A library that is also an rlib loses link-time optimisation, hence `--crate-type`.
    fn compile(&self) -> Result<(), BuildError> {
        let mut cargo = Command::new("cargo");
        environment::scrub(&mut cargo);
        environment::forget_home(&mut cargo);
        cargo
            .current_dir(&self.workspace)
            .args(["rustc", "--lib", "--crate-type", "cdylib", "--target", TARGET])
            .args(["--package", &self.package, "--profile", &self.profile])
            .arg("--target-dir")
            .arg(&self.target_dir);
        let status = cargo.status().map_err(|source| BuildError::Start {
            program: "cargo".into(),
            source,
        })?;
        if status.success() {
            Ok(())
        } else {
            Err(BuildError::Compile {
                package: self.package.clone(),
            })
        }
    }

    fn module(&self) -> PathBuf {
        let folder = if self.profile == "dev" { "debug" } else { &self.profile };
        self.target_dir
            .join(TARGET)
            .join(folder)
            .join(self.package.replace('-', "_"))
            .with_extension("wasm")
    }
}
