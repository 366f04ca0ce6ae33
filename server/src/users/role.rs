//! Roles of people and reach of tokens.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a member may do in a tenant. Each may what the ones before may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Look.
    Viewer,
    /// Start, cancel and take back runs, and switch syncs on and off.
    Operator,
    /// Change settings, secrets, members and tokens.
    Owner,
}

impl Role {
    /// All, weakest first.
    pub const ALL: [Self; 3] = [Self::Viewer, Self::Operator, Self::Owner];

    /// As it is stored and sent.
    pub fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Operator => "operator",
            Self::Owner => "owner",
        }
    }

    /// From its name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }
}

/// What an API token may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Reach {
    /// Look.
    Read,
    /// Look, and start and cancel runs.
    Run,
    /// Everything that an owner may, but members and tokens.
    Manage,
}

impl Reach {
    const ALL: [Self; 3] = [Self::Read, Self::Run, Self::Manage];

    /// As it is stored and sent.
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Run => "run",
            Self::Manage => "manage",
        }
    }

    /// From its name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reach| reach.name() == name)
    }

    /// The role that it amounts to.
    pub fn role(self) -> Role {
        match self {
            Self::Read => Role::Viewer,
            Self::Run => Role::Operator,
            Self::Manage => Role::Owner,
        }
    }
}
