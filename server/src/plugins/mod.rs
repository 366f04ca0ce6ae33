//! Loaded plugins, in words of the service's own: what forms, reports and checks are made of.
//!
//! The only room that knows the contract's records. It knows no plugin: kinds, fields, options, sides and entities come
//! from manifests.

mod check;
mod manifest;
mod verdict;

use std::sync::Arc;

use tms_sync_host::LoadedPlugin;

pub use check::{Check, Finding, Place, Stop, TestResult};
pub use manifest::{
    Choice, ConnectionInfo, FieldPlace, FormField, Kind, Manifest, MappingOption, SOURCE_FIELDS, Term, ValueType,
};
pub use verdict::{Change, Count, Issue, Item, Outcome, Progress, Tally, Totals, Wait};

pub(crate) use verdict::Heard;

/// The plugins of the instance.
#[derive(Clone, Default)]
pub struct Plugins {
    loaded: Arc<Vec<(LoadedPlugin, Manifest)>>,
}

impl Plugins {
    /// Those; where two have a kind of the same id, the first has it.
    pub fn new(plugins: Vec<LoadedPlugin>) -> Self {
        let read = |plugin: LoadedPlugin| {
            let manifest = Manifest::of(&plugin);
            (plugin, manifest)
        };
        Self {
            loaded: Arc::new(plugins.into_iter().map(read).collect()),
        }
    }

    /// What each says about itself.
    pub fn manifests(&self) -> impl Iterator<Item = &Manifest> {
        self.loaded.iter().map(|(_, manifest)| manifest)
    }

    /// Kinds of all plugins.
    pub fn kinds(&self) -> impl Iterator<Item = &Kind> {
        self.manifests().flat_map(|manifest| &manifest.kinds)
    }

    /// A kind and its plugin's manifest.
    pub fn kind(&self, id: &str) -> Option<(&Manifest, &Kind)> {
        self.manifests().find_map(|manifest| {
            manifest
                .kinds
                .iter()
                .find(|kind| kind.id == id)
                .map(|kind| (manifest, kind))
        })
    }

    /// The plugin that has a kind.
    pub(crate) fn plugin(&self, kind: &str) -> Option<&LoadedPlugin> {
        self.loaded
            .iter()
            .map(|(plugin, _)| plugin)
            .find(|plugin| plugin.kind(kind).is_some())
    }
}
