//! From a Rust crate to a component the host accepts: cargo compiles a core module for `wasm32-wasip2`, [`encode`] cuts
//! what the standard library imports from WASI and wraps the rest.
//!
//! ```no_run
//! let built = tms_sync_component_builder::Build {
//!     workspace: "/src/my-plugin".into(),
//!     package: "my-plugin".into(),
//!     profile: "release".into(),
//!     target_dir: "/tmp/my-plugin".into(),
//! }
//! .run()?;
//! std::fs::write("my-plugin.wasm", built.component)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod depfile;
mod encode;
mod environment;
mod names;
mod panics;
mod target;

use std::path::PathBuf;
use std::process::Command;

pub use encode::{EncodeError, encode};
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

/// A component and the files it was made from.
#[derive(Debug, Clone)]
pub struct Built {
    /// The component.
    pub component: Vec<u8>,
    /// Source files, as cargo's dep-info names them.
    pub inputs: Vec<PathBuf>,
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
    /// The crate does not compile; cargo has said why.
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
    /// The module cannot be made a component.
    #[error(transparent)]
    Encode(#[from] EncodeError),
}

impl Build {
    /// Compiles and encodes.
    ///
    /// # Errors
    ///
    /// See [`BuildError`]. Cargo's own messages go to standard error.
    pub fn run(&self) -> Result<Built, BuildError> {
        target::ensure(&self.workspace)?;
        self.compile()?;
        let module = self.artifact("wasm");
        let core = std::fs::read(&module).map_err(|source| BuildError::Read { path: module, source })?;
        let dep_info = self.artifact("d");
        let text = std::fs::read_to_string(&dep_info).map_err(|source| BuildError::Read { path: dep_info, source })?;
        Ok(Built {
            component: encode(&core, &self.package)?,
            inputs: depfile::inputs(&text),
        })
    }

    /// A library that is also an rlib loses link-time optimisation, hence `--crate-type`; the linker's own encoding is
    /// skipped because the module is still to be rewritten.
    fn compile(&self) -> Result<(), BuildError> {
        let mut cargo = Command::new("cargo");
        environment::scrub(&mut cargo);
        environment::forget_home(&mut cargo);
        cargo
            .current_dir(&self.workspace)
            .args(["rustc", "--lib", "--crate-type", "cdylib", "--target", TARGET])
            .args(["--package", &self.package, "--profile", &self.profile])
            .arg("--target-dir")
            .arg(&self.target_dir)
            .args(["--", "-C", "link-arg=--skip-wit-component"]);
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

    fn artifact(&self, extension: &str) -> PathBuf {
        let folder = if self.profile == "dev" { "debug" } else { &self.profile };
        let name = self.package.replace('-', "_");
        self.target_dir
            .join(TARGET)
            .join(folder)
            .join(name)
            .with_extension(extension)
    }
}
