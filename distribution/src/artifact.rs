//! A component as an artifact, in the layout of the CNCF's Wasm working group: a manifest whose config has the type
//! [`CONFIG`] and whose one layer, [`LAYER`], is the component as it is.
//!
//! <https://tag-runtime.cncf.io/wgs/wasm/deliverables/wasm-oci-artifact/>. The same component gives the same manifest, so
//! that its digest can be computed by whoever builds it again.

use bytes::Bytes;
use oci_client::manifest::{OCI_IMAGE_MEDIA_TYPE, OciImageManifest};
use serde_json::{Value, json};
use wit_parser::decoding::DecodedWasm;

use crate::{ArtifactError, digest_of};

/// Media type of the config.
pub const CONFIG: &str = "application/vnd.wasm.config.v0+json";
/// Media type of the component.
pub const LAYER: &str = "application/wasm";

/// An artifact: what a digest names, and the component in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    /// The manifest, byte for byte: its digest names the artifact.
    pub manifest: Bytes,
    /// The component, or a package of interfaces.
    pub component: Bytes,
}

/// An artifact on its way to a registry.
pub struct Packed {
    /// What a registry gives back.
    pub artifact: Artifact,
    /// The config that the manifest names.
    pub config: Bytes,
}

/// The one layer of a manifest.
pub(crate) struct Layer {
    pub(crate) digest: String,
    pub(crate) size: u64,
}

impl Packed {
    /// Packs a component, or a package of interfaces in its binary form.
    ///
    /// # Errors
    ///
    /// The bytes are neither.
    pub fn of(component: impl Into<Bytes>) -> Result<Self, ArtifactError> {
        let component = component.into();
        let (imports, exports) = interfaces(&component)?;
        let layer = digest_of(&component);
        // `created` has to be there for others' tools; a real time would give every build another digest.
        let config = json!({
            "architecture": "wasm",
            "component": { "exports": exports, "imports": imports, "target": null },
            "created": "1970-01-01T00:00:00Z",
            "layerDigests": [layer],
            "os": "wasip2",
        });
        let config = Bytes::from(config.to_string());
        let manifest = json!({
            "config": descriptor(CONFIG, &config),
            "layers": [descriptor(LAYER, &component)],
            "mediaType": OCI_IMAGE_MEDIA_TYPE,
            "schemaVersion": 2,
        });
        let artifact = Artifact {
            manifest: Bytes::from(manifest.to_string()),
            component,
        };
        Ok(Self { artifact, config })
    }
}

pub(crate) fn descriptor(media_type: &str, content: &[u8]) -> Value {
    json!({ "digest": digest_of(content), "mediaType": media_type, "size": content.len() })
}

impl Artifact {
    /// `sha256:…` of the manifest.
    pub fn digest(&self) -> String {
        digest_of(&self.manifest)
    }

    /// Checks that the component is the one that the manifest names, within a size.
    pub(crate) fn check(&self, name: &str, limit: u64) -> Result<(), ArtifactError> {
        let layer = layer(name, &self.manifest, limit)?;
        same("the component", &layer.digest, &self.component)
    }
}

/// Refuses bytes of another digest.
pub(crate) fn same(what: &'static str, expected: &str, bytes: &[u8]) -> Result<(), ArtifactError> {
    let found = digest_of(bytes);
    if found == expected {
        return Ok(());
    }
    Err(ArtifactError::Digest {
        what,
        expected: expected.to_owned(),
        found,
    })
}

/// The component that a manifest names, where it is no larger than `limit`.
pub(crate) fn layer(name: &str, manifest: &[u8], limit: u64) -> Result<Layer, ArtifactError> {
    let wrong = |reason: String| ArtifactError::Layout(name.to_owned(), reason);
    let manifest: OciImageManifest =
        serde_json::from_slice(manifest).map_err(|_| wrong("it has no manifest of one artifact".to_owned()))?;
    let [layer] = manifest.layers.as_slice() else {
        return Err(wrong(format!("it has {} layers instead of one", manifest.layers.len())));
    };
    if layer.media_type != LAYER {
        return Err(wrong(format!(
            "its layer is `{}` instead of `{LAYER}`",
            layer.media_type
        )));
    }
    let size = u64::try_from(layer.size).map_err(|_| wrong("its layer has no size".to_owned()))?;
    if size > limit {
        return Err(ArtifactError::TooLarge { size, limit });
    }
    Ok(Layer {
        digest: layer.digest.clone(),
        size,
    })
}

/// Names of what a component imports and exports; a package exports its interfaces and worlds.
fn interfaces(bytes: &[u8]) -> Result<(Vec<String>, Vec<String>), ArtifactError> {
    let decoded =
        wit_parser::decoding::decode(bytes).map_err(|error| ArtifactError::Component(format!("{error:#}")))?;
    match decoded {
        DecodedWasm::Component(resolve, world) => {
            let world = resolve.worlds.get(world);
            let names = |items: &wit_parser::IndexMap<wit_parser::WorldKey, wit_parser::WorldItem>| {
                items.keys().map(|key| resolve.name_world_key(key)).collect()
            };
            Ok(world
                .map(|world| (names(&world.imports), names(&world.exports)))
                .unwrap_or_default())
        }
        DecodedWasm::WitPackage(resolve, package) => {
            let interfaces = resolve.packages.get(package).map(|package| package.interfaces.values());
            let names = interfaces.into_iter().flatten().filter_map(|id| resolve.id_of(*id));
            Ok((Vec::new(), names.collect()))
        }
    }
}
