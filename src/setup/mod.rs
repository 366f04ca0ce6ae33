//! What the plugin is, what it needs, and whether settings make sense. Pure: nothing here reaches the network.

mod credentials;
mod endpoint;
mod export;
mod integration;
mod manifest;
mod settings;
pub mod terms;
mod types;
mod url;
mod validate;

pub use crate::mapping::options::{Choice, MappingOption, ValueType};
pub use integration::{Export, Integration, read};
pub use manifest::{CLOUD, DC, KINDS, describe, kind};
pub use settings::{ExportConfig, Field, Settings};
pub use types::{
    AuthRecipe, Base, BasicAuth, Connection, Finding, FormField, Gateway, IdentitySign, IntegrationKind, Method,
    PluginInfo, RateWindow, Route, Term, TokenEncoding, TokenExchange, TokenParameter, TokenValue,
};
pub use validate::validate;

pub use crate::text::{Position, Severity};
