//! What an artifact is made of: a bill of materials beside it, where cosign's `attach sbom` puts it: under the tag
//! `sha256-….sbom` a manifest whose one layer is the file as it is.
//!
//! <https://github.com/sigstore/cosign/blob/main/specs/SBOM_SPEC.md>. Neither the artifact's digest nor its signatures cover
//! it: whoever may write to the repository can replace it.

use bytes::Bytes;
use oci_client::manifest::{OCI_IMAGE_MEDIA_TYPE, OciImageManifest};
use serde_json::{Value, json};

use crate::ArtifactError;
use crate::artifact::descriptor;

const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const CYCLONEDX: &str = "application/vnd.cyclonedx+json";
const SPDX: &str = "text/spdx+json";

/// A bill of materials, in CycloneDX or SPDX.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sbom {
    text: Bytes,
    media_type: &'static str,
}

/// What is put into a registry for it.
pub(crate) struct Attached {
    pub(crate) manifest: Bytes,
    pub(crate) contents: Vec<Bytes>,
}

impl Sbom {
    /// From the JSON of a file.
    ///
    /// # Errors
    ///
    /// It is no JSON of CycloneDX or SPDX.
    pub fn read(name: &str, text: impl Into<Bytes>) -> Result<Self, ArtifactError> {
        let text = text.into();
        let read: Value = serde_json::from_slice(&text).unwrap_or_default();
        let member = |name: &str| read.get(name).and_then(Value::as_str);
        let media_type = match (member("bomFormat"), member("spdxVersion")) {
            (Some("CycloneDX"), _) => CYCLONEDX,
            (_, Some(_)) => SPDX,
            _ => return Err(ArtifactError::Materials(name.to_owned())),
        };
        Ok(Self { text, media_type })
    }

    pub(crate) fn attached(&self) -> Attached {
        let config = Bytes::from_static(b"{}");
        let manifest = json!({
            "config": descriptor(CONFIG, &config),
            "layers": [descriptor(self.media_type, &self.text)],
            "mediaType": OCI_IMAGE_MEDIA_TYPE,
            "schemaVersion": 2,
        });
        Attached {
            manifest: Bytes::from(manifest.to_string()),
            contents: vec![self.text.clone(), config],
        }
    }
}

/// The tag under which the bill of an artifact is.
pub(crate) fn tag(digest: &str) -> String {
    format!("{}.sbom", digest.replace(':', "-"))
}

/// Digest and size of the bill that a manifest names.
pub(crate) fn listed(manifest: &[u8]) -> Option<(String, u64)> {
    let manifest: OciImageManifest = serde_json::from_slice(manifest).ok()?;
    let layer = manifest.layers.into_iter().next()?;
    Some((layer.digest, u64::try_from(layer.size).ok()?))
}
