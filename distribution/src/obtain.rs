//! From a pinned source to the bytes that a host may load.

use bytes::Bytes;

use crate::{Artifact, ArtifactError, Kept, Policy, Registry, Signature, Source};

/// How artifacts are obtained.
#[derive(Debug, Clone)]
pub struct Obtaining {
    /// Largest component, in bytes.
    pub limit: u64,
    /// Where artifacts are kept; absent: they are pulled each time.
    pub kept: Option<Kept>,
    /// Whose signatures are needed; absent: the digest alone is proof.
    pub policy: Option<Policy>,
}

/// A component that may be loaded.
#[derive(Debug, Clone)]
pub struct Obtained {
    /// The component.
    pub component: Bytes,
    /// `sha256:…` of the artifact.
    pub digest: String,
    /// Names of the keys that signed it, where a policy asks for any.
    pub signed_by: Vec<String>,
}

impl Obtaining {
    /// Brings a component: from the kept ones, or else from its registry. The registry is asked for signatures again where
    /// the kept ones do not suffice.
    ///
    /// # Errors
    ///
    /// See [`ArtifactError`].
    pub async fn obtain(&self, source: &Source) -> Result<Obtained, ArtifactError> {
        let digest = source.digest().ok_or_else(|| ArtifactError::Source {
            text: source.to_string(),
            reason: "a plugin that is run is named by its digest: registry/repository@sha256:…",
        })?;
        let kept = self.kept.as_ref().and_then(|kept| kept.get(digest, self.limit));
        if let Some((artifact, signatures)) = &kept
            && let Ok(signed_by) = self.judge(source, digest, signatures)
        {
            return Ok(obtained(artifact, digest, signed_by));
        }
        let registry = Registry::of(source)?;
        let artifact = match kept {
            Some((artifact, _)) => artifact,
            None => registry.pull(self.limit).await?,
        };
        let signatures = match &self.policy {
            Some(_) => registry.signatures(digest).await?,
            None => Vec::new(),
        };
        let signed_by = self.judge(source, digest, &signatures)?;
        if let Some(kept) = &self.kept {
            kept.put(&artifact, &signatures)?;
        }
        Ok(obtained(&artifact, digest, signed_by))
    }

    fn judge(&self, source: &Source, digest: &str, signatures: &[Signature]) -> Result<Vec<String>, ArtifactError> {
        match &self.policy {
            Some(policy) => policy.judge(source, digest, signatures),
            None => Ok(Vec::new()),
        }
    }
}

fn obtained(artifact: &Artifact, digest: &str, signed_by: Vec<String>) -> Obtained {
    Obtained {
        component: artifact.component.clone(),
        digest: digest.to_owned(),
        signed_by,
    }
}
