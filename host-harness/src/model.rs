//! What goes in and comes out: the contract's own records, documented in `wit/`, without any wasmtime type.

pub use crate::contract::exports::connection::{Check, CheckStatus, Project, TestResult};
pub use crate::contract::exports::exporter::{
    Count, Entity, Event, Issue, Job, Outcome, Phase, Progress, Report, Tally, Verdict, Wait,
};
pub use crate::contract::exports::setup::{
    AuthRecipe, BasicAuth, Connection, Finding, FormField, IdentitySign, IntegrationKind, PluginInfo, Position, Route,
    Severity, TokenEncoding, TokenExchange, TokenParameter, TokenValue,
};
pub use crate::contract::imports::http::{self, Method};
pub use crate::contract::imports::links;
pub use crate::contract::imports::types::{ExportConfig, Fault, FaultKind, Field, Settings, Side};
