//! Signatures by keys, in the format of cosign: beside an artifact, under the tag `sha256-….sig`, a manifest whose layers
//! are small JSON texts that name the artifact's digest. The signature of each (ECDSA on P-256 over SHA-256, in ASN.1) is an
//! annotation of its layer.
//!
//! <https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md>. Nothing is asked of a transparency log, so a
//! signature is verified wherever the key is.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use oci_client::manifest::{OCI_IMAGE_MEDIA_TYPE, OciImageManifest};
use p256::ecdsa::signature::{Signer as _, Verifier as _};
use p256::ecdsa::{DerSignature, SigningKey, VerifyingKey};
use p256::pkcs8::{DecodePrivateKey as _, DecodePublicKey as _};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::artifact::descriptor;
use crate::{ArtifactError, digest_of};

const PAYLOAD: &str = "application/vnd.dev.cosign.simplesigning.v1+json";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const ANNOTATION: &str = "dev.cosignproject.cosign/signature";
const TYPE: &str = "cosign container image signature";
/// More signatures than that are not looked at.
const MOST: usize = 32;

/// A signed text, and one signature of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// The text: which artifact it is about.
    pub payload: Bytes,
    /// ECDSA in ASN.1, in base64.
    pub signature: String,
}

/// A private key.
pub struct Signer(SigningKey);

/// A public key, by its file's name.
#[derive(Debug, Clone)]
pub struct Verifier {
    name: String,
    key: VerifyingKey,
}

/// A signature's layer whose text is not there yet.
pub(crate) struct Listed {
    pub(crate) digest: String,
    signature: String,
}

/// What is put into a registry for a list of signatures.
pub(crate) struct Signed {
    pub(crate) manifest: Bytes,
    pub(crate) config: Bytes,
}

impl Signer {
    /// From a PEM text: PKCS #8, as `openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256` writes it.
    ///
    /// # Errors
    ///
    /// It is no such key. Keys that cosign encrypted are not read.
    pub fn new(name: &str, pem: &str) -> Result<Self, ArtifactError> {
        let key = SigningKey::from_pkcs8_pem(pem).map_err(|_| ArtifactError::Key {
            name: name.to_owned(),
            reason: "it is no private key of P-256 in PKCS #8 (`-----BEGIN PRIVATE KEY-----`)".to_owned(),
        })?;
        Ok(Self(key))
    }

    /// Signs the artifact with that digest.
    pub fn sign(&self, repository: &str, digest: &str) -> Signature {
        let payload = json!({
            "critical": {
                "identity": { "docker-reference": repository },
                "image": { "docker-manifest-digest": digest },
                "type": TYPE,
            },
            "optional": null,
        });
        let payload = payload.to_string();
        let signature: DerSignature = self.0.sign(payload.as_bytes());
        Signature {
            signature: STANDARD.encode(signature.as_bytes()),
            payload: payload.into(),
        }
    }
}

impl Verifier {
    /// From a PEM text, as `cosign public-key` and `openssl pkey -pubout` write it.
    ///
    /// # Errors
    ///
    /// It is no public key of P-256.
    pub fn new(name: &str, pem: &str) -> Result<Self, ArtifactError> {
        let key = VerifyingKey::from_public_key_pem(pem).map_err(|_| ArtifactError::Key {
            name: name.to_owned(),
            reason: "it is no public key of P-256 (`-----BEGIN PUBLIC KEY-----`)".to_owned(),
        })?;
        let name = name.to_owned();
        Ok(Self { name, key })
    }

    /// Name of its file.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether this key signed the artifact with that digest.
    pub fn accepts(&self, digest: &str, signatures: &[Signature]) -> bool {
        signatures.iter().any(|signature| {
            let bytes = STANDARD.decode(&signature.signature).unwrap_or_default();
            let ecdsa = DerSignature::from_bytes(&bytes);
            let is_ours = ecdsa.is_ok_and(|ecdsa| self.key.verify(&signature.payload, &ecdsa).is_ok());
            is_ours && signature.subject().as_deref() == Some(digest)
        })
    }
}

impl Signature {
    /// The digest that the text is about. It proves nothing before the signature is verified.
    fn subject(&self) -> Option<String> {
        let payload: Value = serde_json::from_slice(&self.payload).ok()?;
        let critical = payload.get("critical")?;
        let is_signature = critical.get("type").and_then(Value::as_str) == Some(TYPE);
        let digest = critical.pointer("/image/docker-manifest-digest")?.as_str()?;
        is_signature.then(|| digest.to_owned())
    }
}

impl Listed {
    pub(crate) fn with(self, payload: Bytes) -> Signature {
        Signature {
            payload,
            signature: self.signature,
        }
    }
}

/// Tag of the signatures of the artifact with that digest.
pub(crate) fn tag(digest: &str) -> String {
    format!("{}.sig", digest.replace(':', "-"))
}

/// The signatures of a manifest; other layers are somebody else's.
pub(crate) fn listed(manifest: &[u8]) -> Vec<Listed> {
    let Ok(manifest) = serde_json::from_slice::<OciImageManifest>(manifest) else {
        return Vec::new();
    };
    let layers = manifest.layers.into_iter().filter(|layer| layer.media_type == PAYLOAD);
    let signed = layers.filter_map(|layer| {
        let signature = layer.annotations?.remove(ANNOTATION)?;
        Some(Listed {
            digest: layer.digest,
            signature,
        })
    });
    signed.take(MOST).collect()
}

pub(crate) fn manifest(signatures: &[Signature]) -> Signed {
    let payloads: Vec<String> = signatures
        .iter()
        .map(|signature| digest_of(&signature.payload))
        .collect();
    let config = json!({
        "architecture": "",
        "config": {},
        "created": "0001-01-01T00:00:00Z",
        "history": [],
        "os": "",
        "rootfs": { "diff_ids": payloads, "type": "layers" },
    });
    let config = Bytes::from(config.to_string());
    let layer = |signature: &Signature| {
        let mut layer = descriptor(PAYLOAD, &signature.payload);
        if let Some(layer) = layer.as_object_mut() {
            layer.insert("annotations".to_owned(), json!({ ANNOTATION: signature.signature }));
        }
        layer
    };
    let manifest = json!({
        "config": descriptor(CONFIG, &config),
        "layers": signatures.iter().map(layer).collect::<Vec<Value>>(),
        "mediaType": OCI_IMAGE_MEDIA_TYPE,
        "schemaVersion": 2,
    });
    Signed {
        manifest: Bytes::from(manifest.to_string()),
        config,
    }
}
