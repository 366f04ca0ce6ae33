//! The contract's conformance tests, for the authors of plugins (feature `test-kit`).
//!
//! An author brings a [`World`]: servers with a little source data and an empty destination, and how to look at it. The
//! kit loads the component, runs it through good and bad days, and reports which rules hold. `examples/csv-tms` is a plugin
//! that passes, `tests/kit` how to ask. `docs/plugin-authors.md` explains the rules.

mod clock;
mod rules;
mod trial;

use std::sync::Arc;

use crate::clock::Clock;
use crate::engine::{Engine, EngineError};
use crate::limits::EngineLimits;
use crate::model::ExportConfig;
use crate::plugin::LoadedPlugin;
use crate::tenant::builder::TenantBuilder;

/// Servers of one scenario. Every trial gets a fresh one: at least two test cases at the source, nothing at the
/// destination.
pub trait World: Send + Sync {
    /// Kind, fields, secrets and egress of a tenant that exports from and to these servers.
    fn tenant<'p>(&self, tenant: TenantBuilder<'p>) -> TenantBuilder<'p>;

    /// The servers' time, where it is not the real one: waits of the plugin must move it.
    fn clock(&self) -> Option<Arc<dyn Clock>> {
        None
    }

    /// An export of everything.
    fn export(&self) -> ExportConfig;

    /// What the destination holds for the source's entities, read from its own state: one text for each thing found, the
    /// same for things made for the same entity.
    fn found(&self) -> Vec<String>;

    /// Requests that wrote at the destination so far.
    fn writes(&self) -> usize;
}

/// A rule of the contract, and whether the plugin keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule, as a sentence.
    pub rule: &'static str,
    /// What the plugin did instead; `None`: it keeps the rule.
    pub broken: Option<String>,
}

/// How thorough the kit is.
#[derive(Debug, Clone, Copy)]
pub struct Thoroughness {
    /// At how many of an export's requests, evenly spread, things go wrong; each is a trial of its own.
    pub places: usize,
}

impl Default for Thoroughness {
    fn default() -> Self {
        Self { places: 12 }
    }
}

/// Tries a component in fresh worlds. `limits` are those of the hosts that it is meant for.
///
/// # Errors
///
/// The engine cannot start on this machine.
pub async fn conformance<W: World>(
    component: &[u8],
    limits: EngineLimits,
    thoroughness: Thoroughness,
    world: impl AsyncFn() -> W,
) -> Result<Vec<Finding>, EngineError> {
    let engine = Engine::new(limits)?;
    let loaded = LoadedPlugin::load(&engine, component).await;
    let mut findings = vec![Finding {
        rule: "it imports nothing but the contract and can be loaded",
        broken: loaded.as_ref().err().map(ToString::to_string),
    }];
    if let Ok(plugin) = loaded {
        findings.extend(rules::all(&engine, component, &plugin, thoroughness, &world).await);
    }
    Ok(findings)
}
