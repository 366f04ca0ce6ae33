//! What is shown, from what was found: pure functions to text and JSON.

pub mod checks;
#[cfg(feature = "sim")]
pub mod demo;
pub mod diagnostic;
pub mod history;
pub mod links;
pub mod manifest;
pub mod observations;
pub mod projects;
#[cfg(test)]
pub mod samples;
#[cfg(feature = "sim")]
pub mod sim;
pub mod status;
pub mod summary;
pub mod text;
