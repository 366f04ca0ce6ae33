//! Which components are taken at all.

use wasmtime::component::Component;

use crate::contract::{PACKAGE, VERSION};

/// Everything a plugin may import; `types` has no functions.
const IMPORTS: [&str; 6] = ["http", "secrets", "links", "clock", "log", "types"];
/// Everything a plugin has to export.
const EXPORTS: [&str; 3] = ["setup", "connection", "exporter"];

/// Why a component is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RefusedComponent {
    /// Larger than [`EngineLimits::component_bytes`](crate::EngineLimits::component_bytes).
    #[error("the component has {size} bytes, more than the {limit} that are accepted")]
    TooLarge {
        /// Its size, in bytes.
        size: usize,
        /// The limit, in bytes.
        limit: usize,
    },
    /// The bytes are no valid component.
    #[error("not a valid WebAssembly component: {0}")]
    Invalid(String),
    /// It could not be compiled within [`EngineLimits::compiler`](crate::EngineLimits::compiler).
    #[error("the component cannot be compiled: {0}")]
    Compiling(String),
    /// It wants something that the contract does not offer.
    #[error("the component imports `{0}`, which no plugin may")]
    ForbiddenImport(String),
    /// It does not offer something that the contract asks for.
    #[error("the component does not export `{0}`")]
    MissingExport(String),
    /// It was built for another version of the contract.
    #[error(
        "the component speaks `{found}`, this host speaks version {VERSION}; take a release of the plugin for that version"
    )]
    OtherVersion {
        /// The interface as the component names it.
        found: String,
    },
    /// The names fit and the types do not.
    #[error("the component's contract differs from this host's: {0}")]
    Mismatch(String),
    /// `describe` did not answer.
    #[error("the component cannot describe itself: {0}")]
    Describe(String),
    /// The manifest contradicts itself.
    #[error("the component's manifest is not usable: {0}")]
    Manifest(String),
}

/// Names of the imports and exports, after they were judged.
pub(crate) struct Interfaces {
    pub(crate) imports: Vec<String>,
    pub(crate) exports: Vec<String>,
}

/// Reads the component's type. Nothing is instantiated, and an import counts even where nothing in it is used.
pub(crate) fn judge(engine: &wasmtime::Engine, component: &Component) -> Result<Interfaces, RefusedComponent> {
    let ty = component.component_type();
    let imports: Vec<String> = ty.imports(engine).map(|(name, _)| name.to_owned()).collect();
    let exports: Vec<String> = ty.exports(engine).map(|(name, _)| name.to_owned()).collect();
    for import in &imports {
        if !IMPORTS.iter().any(|known| *import == interface(known)) {
            return Err(other_version(import).unwrap_or_else(|| RefusedComponent::ForbiddenImport(import.clone())));
        }
    }
    for wanted in EXPORTS.map(interface) {
        if !exports.contains(&wanted) {
            let stem = wanted.trim_end_matches(VERSION);
            let near = exports.iter().find(|export| export.starts_with(stem));
            let refused = near.and_then(|export| other_version(export));
            return Err(refused.unwrap_or(RefusedComponent::MissingExport(wanted)));
        }
    }
    Ok(Interfaces { imports, exports })
}

fn interface(name: &str) -> String {
    format!("{PACKAGE}/{name}@{VERSION}")
}

fn other_version(name: &str) -> Option<RefusedComponent> {
    let (package, version) = name.split_once('@')?;
    let ours = package.strip_prefix(PACKAGE).is_some_and(|rest| rest.starts_with('/'));
    (ours && version != VERSION).then(|| RefusedComponent::OtherVersion { found: name.to_owned() })
}
