/// Why an artifact cannot be had, or is not accepted.
#[derive(Debug, thiserror::Error)]
pub enum ArtifactError {
    /// The text names no artifact.
    #[error("`{text}` names no artifact: {reason}")]
    Source {
        /// As it was written.
        text: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// There is no such thing in the registry.
    #[error("{registry} has no {what}")]
    NotFound {
        /// Host and port.
        registry: String,
        /// What was asked for.
        what: String,
    },
    /// The registry refused the account, or wants one.
    #[error("{0} does not let this account in")]
    Refused(String),
    /// No usable answer.
    #[error("{registry} gave no usable answer: {reason}")]
    Registry {
        /// Host and port.
        registry: String,
        /// What happened.
        reason: String,
    },
    /// Larger than the host accepts.
    #[error("the component has {size} bytes, more than the {limit} that are accepted")]
    TooLarge {
        /// Its size as the manifest has it, in bytes.
        size: u64,
        /// The limit, in bytes.
        limit: u64,
    },
    /// Bytes are not those that were named.
    #[error("the bytes of {what} are not those of {expected}: they are {found}")]
    Digest {
        /// Manifest or component.
        what: &'static str,
        /// The digest that was named.
        expected: String,
        /// The digest of the bytes.
        found: String,
    },
    /// The artifact is something else than one component.
    #[error("{0} is no plugin: {1}")]
    Layout(String, String),
    /// The bytes are no component and no package of interfaces.
    #[error("not a WebAssembly component: {0}")]
    Component(String),
    /// A file is no bill of materials.
    #[error("{0} is no bill of materials: neither JSON of CycloneDX (`bomFormat`) nor of SPDX (`spdxVersion`)")]
    Materials(String),
    /// A key cannot be read.
    #[error("the key {name} cannot be used: {reason}")]
    Key {
        /// File of the key.
        name: String,
        /// Why.
        reason: String,
    },
    /// The policy is unusable.
    #[error("the policy {file}: {reason}")]
    Policy {
        /// Its file.
        file: String,
        /// What is wrong.
        reason: String,
    },
    /// No rule of the policy covers the source.
    #[error("the policy {file} has no rule for {repository}")]
    Unlisted {
        /// File of the policy.
        file: String,
        /// Registry and repository.
        repository: String,
    },
    /// The signatures do not suffice.
    #[error("{repository}@{digest} is not signed as it has to be: {wanted}")]
    Unsigned {
        /// Registry and repository.
        repository: String,
        /// Of the manifest.
        digest: String,
        /// Whose signature is missing.
        wanted: String,
    },
    /// The folder of kept artifacts.
    #[error("cannot keep the plugin in {folder}: {reason}")]
    Kept {
        /// Which folder.
        folder: String,
        /// Why.
        reason: std::io::Error,
    },
}
