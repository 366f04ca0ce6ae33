use crate::mapping::options::{self, Read};

/// A non-secret value of a form field, or of a mapping option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Name of the form field or of the mapping option.
    pub name: String,
    /// What was filled in.
    pub value: String,
}

/// What a person configured: the integration, and the export where one is meant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// [`super::IntegrationKind::id`].
    pub kind: String,
    /// The non-secret fields that were filled in. An absent field was left empty.
    pub fields: Vec<Field>,
    /// The export configuration; absent where only the integration is looked at.
    pub export: Option<ExportConfig>,
}

/// One export configuration ("TMS Sync" in TestOps).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExportConfig {
    /// The configuration's own name, for messages.
    pub name: String,
    /// Key of the destination project, for example `CALC`.
    pub project: String,
    /// Which test cases are exported, in AQL. Empty exports all.
    pub test_case_aql: String,
    /// Which launches are exported, in AQL. Empty exports all.
    pub launches_aql: String,
    /// Only update test cases that were exported before; create none.
    pub disable_test_case_create: bool,
    /// Export no launch.
    pub disable_launches_sync: bool,
    /// Export nothing at all.
    pub disable_export: bool,
    /// Mapping rules, by the plugin's own option names.
    pub mapping: Vec<Field>,
}

impl Settings {
    /// Value of a form field without surrounding white space; `None` where it is absent or blank.
    pub fn value(&self, name: &str) -> Option<&str> {
        let field = self.fields.iter().find(|field| field.name == name)?;
        Some(field.value.trim()).filter(|value| !value.is_empty())
    }
}

impl ExportConfig {
    /// The mapping options, and what is wrong with them.
    pub fn options(&self) -> Read {
        options::read(
            self.mapping
                .iter()
                .map(|option| (option.name.as_str(), option.value.as_str())),
        )
    }
}
