//! Components that were judged, compiled and asked what they are.

mod manifest;

use std::sync::Arc;

use sha2::{Digest, Sha256};
use wasmtime::component::{Component, Linker};

use crate::call::cancel::StopSignal;
use crate::call::imports::Imports;
use crate::call::store::{CallState, HostSide};
use crate::call::{Work, call};
use crate::clock::SystemClock;
use crate::contract::{TmsSync, TmsSyncPre};
use crate::engine::Engine;
use crate::engine::cache;
use crate::engine::refusal::{self, Interfaces, RefusedComponent};
use crate::id::hex;
use crate::limits::CallLimits;
use crate::model::{IntegrationKind, PluginInfo};

/// A plugin that can be run. Cheap to clone; one serves all tenants.
#[derive(Clone)]
pub struct LoadedPlugin {
    inner: Arc<PluginParts>,
}

struct PluginParts {
    engine: Engine,
    pre: TmsSyncPre<CallState>,
    info: PluginInfo,
    digest: String,
    size: usize,
    interfaces: Interfaces,
}

impl LoadedPlugin {
    /// Judges a component by its type, compiles it (or takes the code from the engine's cache) and calls `describe`.
    ///
    /// # Errors
    ///
    /// See [`RefusedComponent`]; nothing of a refused component ran, but for `describe`.
    pub async fn load(engine: &Engine, bytes: impl Into<Vec<u8>>) -> Result<Self, RefusedComponent> {
        let bytes = bytes.into();
        let limit = engine.limits().component_bytes;
        if bytes.len() > limit {
            return Err(RefusedComponent::TooLarge {
                size: bytes.len(),
                limit,
            });
        }
        let (size, digest) = (bytes.len(), hex(&Sha256::digest(&bytes)));
        let component = compile(engine, digest.clone(), bytes).await?;
        let interfaces = refusal::judge(engine.wasmtime(), &component)?;
        let pre = link(engine, &component)?;
        let info = describe(engine, &pre).await?;
        manifest::check(&info).map_err(RefusedComponent::Manifest)?;
        let inner = PluginParts {
            engine: engine.clone(),
            pre,
            info,
            digest,
            size,
            interfaces,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// What the plugin declares it is and needs.
    pub fn info(&self) -> &PluginInfo {
        &self.inner.info
    }

    /// An integration kind of the plugin, by its id.
    pub fn kind(&self, id: &str) -> Option<&IntegrationKind> {
        self.info().kinds.iter().find(|kind| kind.id == id)
    }

    /// SHA-256 of the component, in hexadecimal.
    pub fn digest(&self) -> &str {
        &self.inner.digest
    }

    /// Size of the component, in bytes.
    pub fn size(&self) -> usize {
        self.inner.size
    }

    /// Interfaces the component imports.
    pub fn imports(&self) -> &[String] {
        &self.inner.interfaces.imports
    }

    /// Interfaces the component exports.
    pub fn exports(&self) -> &[String] {
        &self.inner.interfaces.exports
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.inner.engine
    }

    pub(crate) fn pre(&self) -> &TmsSyncPre<CallState> {
        &self.inner.pre
    }
}

async fn compile(engine: &Engine, digest: String, bytes: Vec<u8>) -> Result<Component, RefusedComponent> {
    let engine = engine.clone();
    let compiling = tokio::task::spawn_blocking(move || cache::compile(&engine, &digest, &bytes));
    let broke = |_| RefusedComponent::Compiling("the compiler broke".into());
    compiling.await.map_err(broke)?
}

fn link(engine: &Engine, component: &Component) -> Result<TmsSyncPre<CallState>, RefusedComponent> {
    let mismatch = |error: wasmtime::Error| RefusedComponent::Mismatch(format!("{error:#}"));
    let mut linker = Linker::new(engine.wasmtime());
    TmsSync::add_to_linker::<_, Imports>(&mut linker, |state: &mut CallState| &mut state.host).map_err(mismatch)?;
    linker
        .instantiate_pre(component)
        .and_then(TmsSyncPre::new)
        .map_err(mismatch)
}

async fn describe(engine: &Engine, pre: &TmsSyncPre<CallState>) -> Result<PluginInfo, RefusedComponent> {
    let limits = CallLimits {
        cpu: engine.limits().describe,
        wall: engine.limits().describe,
        ..CallLimits::default()
    };
    let host = HostSide::offline(Arc::new(SystemClock), Vec::new(), &limits);
    let work: Work<PluginInfo> =
        Box::new(|accessor, instance| Box::pin(instance.testops_tms_sync_setup().call_describe(accessor)));
    let described = call(engine, pre, &limits, host, &StopSignal::new(false), work).await;
    described.map_err(|ended| RefusedComponent::Describe(ended.to_string()))
}
