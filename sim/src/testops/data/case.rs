//! Test cases.

use super::{Content, File, Issue, Link, Mute, Relation, Stamp, Step, TestKey};

/// A test case.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Case {
    /// 0 until stored.
    pub id: i64,
    /// The project; filled in by the site.
    pub project: i64,
    /// The name.
    pub name: String,
    /// The name in code, of automated cases.
    pub full_name: Option<String>,
    /// Markdown.
    pub description: Option<String>,
    /// Markdown.
    pub precondition: Option<String>,
    /// Markdown.
    pub expected_result: Option<String>,
    /// Made from uploaded results.
    pub automated: bool,
    /// Came from an import or an integration.
    pub external: bool,
    /// In the trash.
    pub deleted: bool,
    /// The token's user may not change it.
    pub read_only: bool,
    /// Steps without expected results.
    pub checklist: bool,
    /// The workflow status by name.
    pub status: String,
    /// The workflow by name.
    pub workflow: String,
    /// The layer by name.
    pub layer: Option<String>,
    /// Tags by name.
    pub tags: Vec<String>,
    /// Links.
    pub links: Vec<Link>,
    /// Custom field values: field name, value name.
    pub fields: Vec<(String, String)>,
    /// Tracker issues.
    pub issues: Vec<Issue>,
    /// Role name, user name.
    pub members: Vec<(String, String)>,
    /// Keys in other systems.
    pub test_keys: Vec<TestKey>,
    /// Relations to other cases.
    pub relations: Vec<Relation>,
    /// Parameter names.
    pub parameters: Vec<String>,
    /// Rows of parameter values: name, value.
    pub examples: Vec<Vec<(String, String)>>,
    /// The manual scenario.
    pub steps: Vec<Step>,
    /// Attachments that are no step.
    pub files: Vec<File>,
    /// Muted cases leave the statistics.
    pub mute: Option<Mute>,
    /// Markdown comments: user, text.
    pub comments: Vec<(String, String)>,
    /// When it was made and changed.
    pub stamp: Stamp,
}

impl Case {
    /// A manual case in status `Draft` of workflow `Default Manual`.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self {
            name: name.into(),
            status: "Draft".into(),
            workflow: "Default Manual".into(),
            ..Self::default()
        }
    }

    /// Fixes the id.
    #[must_use]
    pub fn id(mut self, id: i64) -> Self {
        self.id = id;
        self
    }

    /// Makes it automated under this name in code.
    #[must_use]
    pub fn automated(mut self, full_name: &str) -> Self {
        self.automated = true;
        self.full_name = Some(full_name.into());
        self
    }

    /// Adds a text step with an inline expected result; an empty `expected` means none.
    #[must_use]
    pub fn step(self, body: &str, expected: &str) -> Self {
        let step = Step::new(body);
        self.add_step(if expected.is_empty() {
            step
        } else {
            step.expect(expected)
        })
    }

    /// Adds any step.
    #[must_use]
    pub fn add_step(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }

    /// Adds a tag.
    #[must_use]
    pub fn tag(mut self, name: &str) -> Self {
        self.tags.push(name.into());
        self
    }

    /// Adds a custom field value.
    #[must_use]
    pub fn field(mut self, field: &str, value: &str) -> Self {
        self.fields.push((field.into(), value.into()));
        self
    }

    /// Sets the layer.
    #[must_use]
    pub fn layer(mut self, name: &str) -> Self {
        self.layer = Some(name.into());
        self
    }

    /// Sets the workflow status.
    #[must_use]
    pub fn status(mut self, name: &str) -> Self {
        self.status = name.into();
        self
    }

    /// Sets the Markdown description.
    #[must_use]
    pub fn description(mut self, markdown: &str) -> Self {
        self.description = Some(markdown.into());
        self
    }

    /// Sets the Markdown precondition.
    #[must_use]
    pub fn precondition(mut self, markdown: &str) -> Self {
        self.precondition = Some(markdown.into());
        self
    }

    /// Sets the Markdown expected result of the whole case.
    #[must_use]
    pub fn expected_result(mut self, markdown: &str) -> Self {
        self.expected_result = Some(markdown.into());
        self
    }

    /// Adds a tracker issue.
    #[must_use]
    pub fn issue(mut self, issue: Issue) -> Self {
        self.issues.push(issue);
        self
    }

    /// Adds a member in a role.
    #[must_use]
    pub fn member(mut self, role: &str, user: &str) -> Self {
        self.members.push((role.into(), user.into()));
        self
    }

    /// Adds a link.
    #[must_use]
    pub fn link(mut self, name: &str, url: &str) -> Self {
        self.links.push(Link {
            name: name.into(),
            kind: None,
            url: url.into(),
        });
        self
    }

    /// Adds a key in another system.
    #[must_use]
    pub fn test_key(mut self, key: TestKey) -> Self {
        self.test_keys.push(key);
        self
    }

    /// Adds an attachment that is no step.
    #[must_use]
    pub fn file(mut self, file: File) -> Self {
        self.files.push(file);
        self
    }

    /// Adds a row of parameter values.
    #[must_use]
    pub fn example(mut self, values: &[(&str, &str)]) -> Self {
        for (name, _) in values {
            if !self.parameters.iter().any(|known| known == name) {
                self.parameters.push((*name).into());
            }
        }
        self.examples.push(
            values
                .iter()
                .map(|(name, value)| ((*name).into(), (*value).into()))
                .collect(),
        );
        self
    }

    /// Whether a step of the manual scenario calls this shared step.
    #[must_use]
    pub fn calls(&self, shared_step: i64) -> bool {
        let mut found = false;
        let mut see = |step: &Step| found |= step.content == Content::Shared(shared_step);
        self.steps.iter().for_each(|step| step.visit(&mut see));
        found
    }
}
