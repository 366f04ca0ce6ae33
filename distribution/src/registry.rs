//! A registry: pushing, pulling, and the signatures beside an artifact.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use docker_credential::DockerCredential;
use futures_util::StreamExt as _;
use http::HeaderValue;
use oci_client::client::{ClientConfig, ClientProtocol};
use oci_client::errors::{DigestError, OciDistributionError, OciError, OciErrorCode};
use oci_client::manifest::OCI_IMAGE_MEDIA_TYPE;
use oci_client::secrets::RegistryAuth;
use oci_client::{Client, Reference, RegistryOperation};

use crate::artifact::{self, Artifact, Packed, same};
use crate::{ArtifactError, Sbom, Signature, Source, sbom, signature};

/// Largest manifest that is read, in bytes; registries take no larger ones.
const MANIFEST: usize = 4 * 1024 * 1024;
/// Largest signed text, in bytes.
const PAYLOAD: u64 = 64 * 1024;
/// Largest bill of materials, in bytes.
pub const BILL: u64 = 16 * 1024 * 1024;
const CONNECT: Duration = Duration::from_secs(10);
/// Longest silence of a registry.
const SILENCE: Duration = Duration::from_secs(60);

/// The registry of a source, and the account there.
pub struct Registry {
    client: Client,
    account: RegistryAuth,
    source: Source,
}

impl Registry {
    /// The registry of `source`, with the account that `docker login` or `skopeo login` stored for it. Without TLS no
    /// account is used.
    ///
    /// # Errors
    ///
    /// This machine can make no connections.
    pub fn of(source: &Source) -> Result<Self, ArtifactError> {
        // The process may have chosen one already, which serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let protocol = if source.is_plain() {
            ClientProtocol::Http
        } else {
            ClientProtocol::Https
        };
        let client = Client::try_from(ClientConfig {
            protocol,
            connect_timeout: Some(CONNECT),
            read_timeout: Some(SILENCE),
            user_agent: "tms-sync",
            ..ClientConfig::default()
        });
        let account = if source.is_plain() {
            RegistryAuth::Anonymous
        } else {
            account(source.registry())
        };
        let client = client.map_err(|error| ArtifactError::Registry {
            registry: source.registry().to_owned(),
            reason: error.to_string(),
        })?;
        Ok(Self {
            client,
            account,
            source: source.clone(),
        })
    }

    /// Puts an artifact there, under the source's tag. Returns its digest.
    ///
    /// # Errors
    ///
    /// The registry's.
    pub async fn push(&self, packed: &Packed) -> Result<String, ArtifactError> {
        let Artifact { manifest, component } = &packed.artifact;
        let contents = [component.clone(), packed.config.clone()];
        self.put(self.source.reference(), manifest, contents.into()).await?;
        Ok(packed.artifact.digest())
    }

    /// Brings an artifact whose component has at most `limit` bytes. Where the source names a digest, it is the one of the
    /// manifest that comes.
    ///
    /// # Errors
    ///
    /// The registry's, other bytes than were named, or something that is no plugin.
    pub async fn pull(&self, limit: u64) -> Result<Artifact, ArtifactError> {
        let reference = self.source.reference();
        let manifest = self.manifest(reference).await?;
        if let Some(digest) = self.source.digest() {
            same("the manifest", digest, &manifest)?;
        }
        let layer = artifact::layer(&self.source.to_string(), &manifest, limit)?;
        let component = self.blob(reference, &layer.digest, layer.size).await?;
        let artifact = Artifact { manifest, component };
        artifact.check(&self.source.to_string(), limit)?;
        Ok(artifact)
    }

    /// Whether the artifact with that digest is there.
    ///
    /// # Errors
    ///
    /// It is not, or the registry's.
    pub async fn find(&self, digest: &str) -> Result<(), ArtifactError> {
        let source = self.source.pinned(digest);
        self.manifest(source.reference()).await.map(drop)
    }

    /// Signatures of the artifact with that digest; none is no error.
    ///
    /// # Errors
    ///
    /// The registry's.
    pub async fn signatures(&self, digest: &str) -> Result<Vec<Signature>, ArtifactError> {
        let source = self.source.tagged(signature::tag(digest));
        let manifest = match self.manifest(source.reference()).await {
            Ok(manifest) => manifest,
            Err(ArtifactError::NotFound { .. }) => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut signatures = Vec::new();
        for listed in signature::listed(&manifest) {
            let payload = self.blob(source.reference(), &listed.digest, PAYLOAD).await?;
            same("the signed text", &listed.digest, &payload)?;
            signatures.push(listed.with(payload));
        }
        Ok(signatures)
    }

    /// Puts signatures of an artifact there, instead of those that were.
    ///
    /// # Errors
    ///
    /// The registry's.
    pub async fn sign(&self, digest: &str, signatures: &[Signature]) -> Result<(), ArtifactError> {
        let source = self.source.tagged(signature::tag(digest));
        let signed = signature::manifest(signatures);
        let payloads = signatures.iter().map(|signature| signature.payload.clone());
        let contents = payloads.chain([signed.config]).collect();
        self.put(source.reference(), &signed.manifest, contents).await
    }

    /// Puts a bill of materials beside the artifact with that digest, instead of the one that was.
    ///
    /// # Errors
    ///
    /// The registry's.
    pub async fn attach(&self, digest: &str, sbom: &Sbom) -> Result<(), ArtifactError> {
        let source = self.source.tagged(sbom::tag(digest));
        let attached = sbom.attached();
        self.put(source.reference(), &attached.manifest, attached.contents)
            .await
    }

    /// The bill of materials beside the artifact with that digest; none is no error.
    ///
    /// # Errors
    ///
    /// The registry's, or a larger one than [`BILL`].
    pub async fn sbom(&self, digest: &str) -> Result<Option<Bytes>, ArtifactError> {
        let source = self.source.tagged(sbom::tag(digest));
        let manifest = match self.manifest(source.reference()).await {
            Ok(manifest) => manifest,
            Err(ArtifactError::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        let Some((digest, size)) = sbom::listed(&manifest) else {
            return Ok(None);
        };
        let text = self.blob(source.reference(), &digest, size.min(BILL)).await?;
        same("the bill of materials", &digest, &text)?;
        Ok(Some(text))
    }

    async fn put(&self, reference: &Reference, manifest: &Bytes, contents: Vec<Bytes>) -> Result<(), ArtifactError> {
        let failed = |error| self.failed(reference, error);
        let auth = self.client.auth(reference, &self.account, RegistryOperation::Push);
        auth.await.map_err(failed)?;
        for content in contents {
            let digest = crate::digest_of(&content);
            let is_there = self.client.blob_exists(reference, &digest).await.unwrap_or(false);
            if !is_there {
                self.client
                    .push_blob(reference, content, &digest)
                    .await
                    .map_err(failed)?;
            }
        }
        let media_type = HeaderValue::from_static(OCI_IMAGE_MEDIA_TYPE);
        let pushed = self
            .client
            .push_manifest_raw(reference, manifest.clone(), media_type)
            .await;
        pushed.map(drop).map_err(failed)
    }

    async fn manifest(&self, reference: &Reference) -> Result<Bytes, ArtifactError> {
        let pulled = self
            .client
            .pull_manifest_raw(reference, &self.account, &[OCI_IMAGE_MEDIA_TYPE]);
        let (manifest, _) = pulled.await.map_err(|error| self.failed(reference, error))?;
        if manifest.len() > MANIFEST {
            return Err(ArtifactError::Layout(
                self.source.to_string(),
                "its manifest is too large".to_owned(),
            ));
        }
        Ok(manifest)
    }

    /// A blob of at most `limit` bytes; what comes beyond is not read.
    async fn blob(&self, reference: &Reference, digest: &str, limit: u64) -> Result<Bytes, ArtifactError> {
        let stream = self.client.pull_blob_stream(reference, digest).await;
        let mut stream = stream.map_err(|error| self.failed(reference, error))?;
        let mut content = BytesMut::new();
        while let Some(chunk) = stream.next().await {
            let chunk = chunk.map_err(|error| self.failed(reference, error.into()))?;
            let size = (content.len() + chunk.len()) as u64;
            if size > limit {
                return Err(ArtifactError::TooLarge { size, limit });
            }
            content.extend_from_slice(&chunk);
        }
        Ok(content.freeze())
    }

    fn failed(&self, reference: &Reference, error: OciDistributionError) -> ArtifactError {
        let registry = self.source.registry().to_owned();
        let absent = || ArtifactError::NotFound {
            registry: registry.clone(),
            what: reference.to_string(),
        };
        if let Some(DigestError::VerificationError { expected, actual }) = mismatch(&error) {
            return ArtifactError::Digest {
                what: "an artifact",
                expected: expected.clone(),
                found: actual.clone(),
            };
        }
        match error {
            OciDistributionError::ImageManifestNotFoundError(_) => absent(),
            OciDistributionError::ServerError { code: 404, .. } => absent(),
            OciDistributionError::RegistryError { envelope, .. } if envelope.errors.iter().any(is_absent) => absent(),
            OciDistributionError::UnauthorizedError { .. } | OciDistributionError::AuthenticationFailure(_) => {
                ArtifactError::Refused(registry)
            }
            error => ArtifactError::Registry {
                reason: chain(&error),
                registry,
            },
        }
    }
}

/// What `docker login` stored for a registry, by whichever program keeps it.
fn account(registry: &str) -> RegistryAuth {
    match docker_credential::get_credential(registry) {
        Ok(DockerCredential::UsernamePassword(user, password)) => RegistryAuth::Basic(user, password),
        Ok(DockerCredential::IdentityToken(token)) => RegistryAuth::Bearer(token),
        Err(_) => RegistryAuth::Anonymous,
    }
}

/// The library checks digests too, and hides what it found in an error of the stream.
fn mismatch(error: &OciDistributionError) -> Option<&DigestError> {
    match error {
        OciDistributionError::DigestError(error) => Some(error),
        OciDistributionError::IoError(error) => error.get_ref()?.downcast_ref(),
        _ => None,
    }
}

fn is_absent(error: &OciError) -> bool {
    use OciErrorCode::{ManifestUnknown, NameUnknown, NotFound};
    matches!(error.code, ManifestUnknown | NameUnknown | NotFound)
}

/// An error and what is behind it: the first line alone is `error sending request`.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let reason = error.to_string();
        if !text.ends_with(&reason) {
            text = format!("{text}: {reason}");
        }
        cause = error.source();
    }
    text
}
