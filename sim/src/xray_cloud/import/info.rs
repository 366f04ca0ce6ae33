//! The parts of multipart imports.

use serde_json::Value;

/// Parts of an import.
#[derive(Debug, Default)]
pub(in super::super) struct Parts {
    /// The report.
    pub results: Vec<u8>,
    /// Jira's create body for the execution, with `xrayFields`.
    pub info: Value,
}

impl Parts {
    /// Takes a part by its name; parts this server has no use for are left out.
    pub fn take(&mut self, name: &str, bytes: &[u8]) {
        match name {
            "results" | "result" => self.results = bytes.to_vec(),
            "info" => self.info = serde_json::from_slice(bytes).unwrap_or_default(),
            _ => {}
        }
    }
}
