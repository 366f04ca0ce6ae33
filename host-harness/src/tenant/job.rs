//! What a tenant is asked to do.

use crate::contract::exports::exporter::{AdoptJob, Job as GuestJob, UndoJob};
use crate::id::random_name;
use crate::model::{Approval, ExportConfig, Former, Settings};

/// What to plan, verify or run.
#[derive(Debug, Clone)]
pub struct Job {
    pub(crate) export: ExportConfig,
    run_id: Option<String>,
    recreate: bool,
    full: bool,
    accept_changes: bool,
    approved: Option<Vec<Approval>>,
}

impl Job {
    /// An export by its configuration.
    pub fn new(export: ExportConfig) -> Self {
        Self {
            export,
            run_id: None,
            recreate: false,
            full: false,
            accept_changes: false,
            approved: None,
        }
    }

    /// A name of one's own for the run, unique in the ledger; by default a random one.
    pub fn run_id(self, run_id: impl Into<String>) -> Self {
        Self {
            run_id: Some(run_id.into()),
            ..self
        }
    }

    /// Whether issues that were deleted at the destination are created again.
    pub fn recreate(self, recreate: bool) -> Self {
        Self { recreate, ..self }
    }

    /// Whether every case is read in full, even where nothing seems to have moved.
    pub fn full(self, full: bool) -> Self {
        Self { full, ..self }
    }

    /// Whether a person has agreed to more changes at the destination than expected (`mass-change`).
    pub fn accept_changes(self, accept_changes: bool) -> Self {
        Self { accept_changes, ..self }
    }

    /// Does exactly what a person has approved of a plan; what has moved since is skipped.
    pub fn approved(self, approved: Vec<Approval>) -> Self {
        Self {
            approved: Some(approved),
            ..self
        }
    }

    pub(crate) fn request(self, settings: Settings) -> GuestJob {
        GuestJob {
            settings,
            run_id: self.run_id.unwrap_or_else(random_name),
            recreate: self.recreate,
            full: self.full,
            accept_changes: self.accept_changes,
            approved: self.approved,
        }
    }
}

/// Which run to take back.
#[derive(Debug, Clone)]
pub struct Undo {
    pub(crate) export: ExportConfig,
    run_id: String,
    pub(crate) apply: bool,
}

impl Undo {
    /// The run by its name and the export configuration it had. Only reports what would be deleted.
    pub fn new(export: ExportConfig, run_id: impl Into<String>) -> Self {
        Self {
            export,
            run_id: run_id.into(),
            apply: false,
        }
    }

    /// Whether issues are deleted.
    pub fn apply(self, apply: bool) -> Self {
        Self { apply, ..self }
    }

    pub(crate) fn request(self, settings: Settings) -> UndoJob {
        UndoJob {
            settings,
            run_id: self.run_id,
            apply: self.apply,
        }
    }
}

/// Which issues to make the plugin's own.
#[derive(Debug, Clone)]
pub struct Adoption {
    pub(crate) export: ExportConfig,
    former: Former,
    pub(crate) apply: bool,
}

impl Adoption {
    /// Issues that came from elsewhere, for an export configuration. Only reports what would be adopted.
    pub fn new(export: ExportConfig, former: Former) -> Self {
        Self {
            export,
            former,
            apply: false,
        }
    }

    /// Whether something is written.
    pub fn apply(self, apply: bool) -> Self {
        Self { apply, ..self }
    }

    pub(crate) fn request(self, settings: Settings) -> AdoptJob {
        AdoptJob {
            settings,
            run_id: random_name(),
            apply: self.apply,
            former: self.former,
        }
    }
}
