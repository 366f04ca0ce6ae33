//! How plugins travel: as artifacts of OCI registries, named by their digest, signed by who made them.
//!
//! | module | what |
//! | --- | --- |
//! | [`source`] | where an artifact is: registry, repository, tag or digest |
//! | [`artifact`] | a component in the layout of the CNCF's Wasm artifacts, so that others' tools read it |
//! | [`registry`] | pushing and pulling |
//! | [`signature`] | signatures by keys, in the format of cosign; nothing of them needs a network |
//! | [`sbom`] | what an artifact is made of, beside it |
//! | [`policy`] | which keys have to sign what comes from where |
//! | [`kept`] | artifacts that were pulled, in a folder |
//! | [`obtain`] | all of it: from a pinned source to the bytes that a host may load |
//! | [`contract`] | the contract's WIT, as files and as a package for a registry |
//!
//! `docs/decisions/0030-plugins-travel.md` has the choices.

pub mod artifact;
pub mod contract;
mod error;
pub mod kept;
pub mod obtain;
pub mod policy;
pub mod registry;
pub mod sbom;
pub mod signature;
pub mod source;

pub use artifact::Artifact;
pub use error::ArtifactError;
pub use kept::Kept;
pub use obtain::{Obtained, Obtaining};
pub use policy::Policy;
pub use registry::Registry;
pub use sbom::Sbom;
pub use signature::{Signature, Signer, Verifier};
pub use source::Source;

use sha2::{Digest as _, Sha256};

/// `sha256:…` of some bytes, as registries name things.
pub fn digest_of(bytes: &[u8]) -> String {
    let hex: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}
