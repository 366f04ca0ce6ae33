//! What goes in and comes out: the contract's own records, documented in `wit/`, without any wasmtime type.

pub use crate::contract::exports::connection::{
    Check, CheckStatus, Observation, ObservationState, Project, ScopeSize, TestResult,
};
pub use crate::contract::exports::exporter::{
    AdoptJob, Approval, Change, Count, EntityTally, Event, Forecast, Former, Issue, Job, Outcome, Progress, Report,
    Tally, Verdict, Wait,
};
pub use crate::contract::exports::setup::{
    AuthRecipe, BasicAuth, Choice, Connection, Finding, FormField, Gateway, HeaderAuth, IdentitySign, IntegrationKind,
    MappingOption, OptionName, PluginInfo, Position, Range, RateWindow, Route, Severity, Term, TokenEncoding,
    TokenExchange, TokenParameter, TokenValue, ValueType,
};
pub use crate::contract::imports::http::{self, Method};
pub use crate::contract::imports::links;
pub use crate::contract::imports::log::Level;
pub use crate::contract::imports::types::{Entity, ExportConfig, Fault, FaultKind, Field, Settings, Side};

/// The side of the settings themselves, which every plugin has.
pub const SETTINGS: &str = "settings";
/// The side of the host, which every plugin has.
pub const HOST: &str = "host";
/// The phase that is the run as a whole, of plugins that declare it.
pub const RUN: &str = "run";

impl ExportConfig {
    /// Everything into a destination project: no filter, no switch, no mapping option.
    #[must_use]
    pub fn everything(name: impl Into<String>, project: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            project: project.into(),
            test_case_aql: String::new(),
            launches_aql: String::new(),
            disable_test_case_create: false,
            disable_launches_sync: false,
            disable_export: false,
            mapping: Vec::new(),
        }
    }
}

impl Report {
    /// The verdicts of one kind of entity, counted; nothing where the report has none of it.
    pub fn tally(&self, entity: &str) -> Tally {
        let found = self.tallies.iter().find(|of| of.entity == entity);
        found.map_or(NOTHING, |of| of.tally)
    }
}

const NOTHING: Tally = Tally {
    created: 0,
    updated: 0,
    unchanged: 0,
    skipped: 0,
    failed: 0,
    waiting: 0,
    removed: 0,
    adopted: 0,
};
