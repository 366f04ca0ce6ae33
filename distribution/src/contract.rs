//! The contract's WIT.

use wit_parser::Resolve;

use crate::ArtifactError;

/// The files of `wit/`, by name; the one that names the package first.
pub const FILES: [(&str, &str); 10] = [
    ("world.wit", include_str!("../../wit/world.wit")),
    ("clock.wit", include_str!("../../wit/clock.wit")),
    ("connection.wit", include_str!("../../wit/connection.wit")),
    ("exporter.wit", include_str!("../../wit/exporter.wit")),
    ("http.wit", include_str!("../../wit/http.wit")),
    ("links.wit", include_str!("../../wit/links.wit")),
    ("log.wit", include_str!("../../wit/log.wit")),
    ("secrets.wit", include_str!("../../wit/secrets.wit")),
    ("setup.wit", include_str!("../../wit/setup.wit")),
    ("types.wit", include_str!("../../wit/types.wit")),
];

/// The package in its binary form, which `wkg` and `wasm-tools` read.
///
/// # Errors
///
/// The files are no package.
pub fn package() -> Result<Vec<u8>, ArtifactError> {
    let text: String = FILES.iter().map(|(_, text)| *text).collect();
    let mut resolve = Resolve::default();
    let package = resolve.push_source("tms-sync.wit", &text);
    let package = package.and_then(|package| wit_component::encode(&resolve, package, false));
    package.map_err(|error| ArtifactError::Component(format!("{error:#}")))
}
