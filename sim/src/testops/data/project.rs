//! Projects.

use super::{Case, Defect, Launch, SharedStep, Stamp};

/// A project and, until it is stored, what is in it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Project {
    /// The id.
    pub id: i64,
    /// The name.
    pub name: String,
    /// The abbreviation.
    pub abbr: String,
    /// Markdown.
    pub description: Option<String>,
    /// Open to every user.
    pub public: bool,
    /// Custom fields that differ from the defaults or have no value yet.
    pub fields: Vec<Field>,
    /// Shared steps to be stored with it.
    pub shared_steps: Vec<SharedStep>,
    /// Cases to be stored with it.
    pub cases: Vec<Case>,
    /// Launches to be stored with it.
    pub launches: Vec<Launch>,
    /// Defects to be stored with it.
    pub defects: Vec<Defect>,
    /// When it was made and changed.
    pub stamp: Stamp,
}

/// A custom field as a project shows it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Field {
    /// The name.
    pub name: String,
    /// At most one value per case.
    pub single_select: bool,
    /// Every case must have a value.
    pub required: bool,
}

impl Project {
    /// An empty project.
    #[must_use]
    pub fn new(id: i64) -> Self {
        Self {
            id,
            name: format!("Project {id}"),
            abbr: format!("P{id}"),
            public: true,
            ..Self::default()
        }
    }

    /// Sets the name.
    #[must_use]
    pub fn name(mut self, name: &str) -> Self {
        self.name = name.into();
        self
    }

    /// Declares a custom field.
    #[must_use]
    pub fn field(mut self, field: Field) -> Self {
        self.fields.push(field);
        self
    }

    /// Adds a shared step.
    #[must_use]
    pub fn shared_step(mut self, shared: SharedStep) -> Self {
        self.shared_steps.push(shared);
        self
    }

    /// Adds a case.
    #[must_use]
    pub fn case(mut self, case: Case) -> Self {
        self.cases.push(case);
        self
    }

    /// Adds a launch.
    #[must_use]
    pub fn launch(mut self, launch: Launch) -> Self {
        self.launches.push(launch);
        self
    }

    /// Adds a defect.
    #[must_use]
    pub fn defect(mut self, defect: Defect) -> Self {
        self.defects.push(defect);
        self
    }
}
