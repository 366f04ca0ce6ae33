//! Fields and screens: what can be set, where.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value, json};

mod screen;
mod xray;

pub use screen::{Placement, Screen, Screens};
pub use xray::{XRAY_FIELDS, XrayField};

use super::id::{ProjectId, TypeId};
use super::project::Role;
use screen::DEFAULT_SCREEN;
use xray::XrayFieldRow;

/// A field of the site.
#[derive(Clone, Debug)]
pub struct Field {
    /// `summary`, `customfield_10100`, …
    pub id: String,
    /// The name people read; not unique.
    pub name: String,
    /// `schema.type`.
    pub kind: String,
    /// `schema.items` of an array.
    pub items: Option<String>,
    /// `schema.custom` of a custom field.
    pub custom: Option<String>,
    /// What it stands for in Xray, on Data Center.
    pub xray: Option<XrayField>,
    /// Values a select field takes; ids are `<number of the field>` followed by the position.
    pub options: Vec<String>,
    /// What a cascading select offers below an option; ids are `<id of the option>` followed by the position.
    pub children: BTreeMap<String, Vec<String>>,
}

impl Field {
    /// The number in `customfield_N`.
    #[must_use]
    pub fn custom_id(&self) -> Option<u64> {
        self.id.strip_prefix("customfield_")?.parse().ok()
    }

    /// The `schema` member of the field's description.
    #[must_use]
    pub fn schema(&self) -> Value {
        let mut schema = Map::new();
        schema.insert("type".into(), json!(self.kind));
        if let Some(items) = &self.items {
            schema.insert("items".into(), json!(items));
        }
        match (&self.custom, self.custom_id()) {
            (Some(custom), Some(id)) => {
                schema.insert("custom".into(), json!(custom));
                schema.insert("customId".into(), json!(id));
            }
            _ => {
                schema.insert("system".into(), json!(self.id));
            }
        }
        Value::Object(schema)
    }

    /// The id and value of each option.
    pub fn allowed(&self) -> impl Iterator<Item = (String, &str)> {
        let base = self.custom_id().unwrap_or(10_000) * 10;
        self.options
            .iter()
            .zip(1_u64..)
            .map(move |(value, n)| ((base + n).to_string(), value.as_str()))
    }

    /// The id and value of each option below an option of a cascading select.
    pub fn allowed_below<'a>(&'a self, option: &str, option_id: &str) -> impl Iterator<Item = (String, &'a str)> {
        let option_id = option_id.to_owned();
        let below = self.children.get(option).into_iter().flatten().zip(1_u64..);
        below.map(move |(value, n)| (format!("{option_id}{n}"), value.as_str()))
    }

    /// An option as clients read it, if `wanted` names one by `{"value"}`, `{"id"}` or a bare string; in a cascading
    /// select with the `child` that is named beside it.
    #[must_use]
    pub fn picked(&self, wanted: &Value) -> Option<Value> {
        let names = |wanted: &Value, id: &str, value: &str| {
            let text = |name: &str| wanted.get(name).and_then(Value::as_str);
            text("id") == Some(id) || text("value").or(wanted.as_str()) == Some(value)
        };
        let (id, value) = self.allowed().find(|(id, value)| names(wanted, id, value))?;
        let Some(child) = wanted.get("child").filter(|child| !child.is_null()) else {
            return Some(json!({ "value": value, "id": id }));
        };
        let (child_id, child) = self
            .allowed_below(value, &id)
            .find(|(id, value)| names(child, id, value))?;
        Some(json!({ "value": value, "id": id, "child": { "value": child, "id": child_id } }))
    }

    /// The option a client names by `{"value"}`, `{"id"}` or a bare string.
    #[must_use]
    pub fn pick(&self, wanted: &Value) -> Option<&str> {
        let by_id = wanted.get("id").and_then(Value::as_str);
        let by_value = wanted.get("value").and_then(Value::as_str).or(wanted.as_str());
        self.allowed()
            .find(|(id, value)| by_id == Some(id) || by_value == Some(*value))
            .map(|(_, value)| value)
    }
}

/// `(id, name, schema.type, schema.items)` of Jira's own fields.
const SYSTEM_FIELDS: [(&str, &str, &str, Option<&str>); 24] = [
    ("summary", "Summary", "string", None),
    ("issuetype", "Issue Type", "issuetype", None),
    ("project", "Project", "project", None),
    ("description", "Description", "string", None),
    ("labels", "Labels", "array", Some("string")),
    ("reporter", "Reporter", "user", None),
    ("creator", "Creator", "user", None),
    ("assignee", "Assignee", "user", None),
    ("priority", "Priority", "priority", None),
    ("components", "Component/s", "array", Some("component")),
    ("fixVersions", "Fix Version/s", "array", Some("version")),
    ("versions", "Affects Version/s", "array", Some("version")),
    ("environment", "Environment", "string", None),
    ("duedate", "Due Date", "date", None),
    ("issuelinks", "Linked Issues", "array", Some("issuelinks")),
    ("attachment", "Attachment", "array", Some("attachment")),
    ("comment", "Comment", "comments-page", None),
    ("status", "Status", "status", None),
    ("resolution", "Resolution", "resolution", None),
    ("created", "Created", "datetime", None),
    ("updated", "Updated", "datetime", None),
    ("issuekey", "Key", "issuekey", None),
    ("parent", "Parent", "issuelink", None),
    ("subtasks", "Sub-Tasks", "array", Some("issuelinks")),
];

/// Fields and screens of a site.
#[derive(Clone, Debug, Default)]
pub struct Fields {
    all: BTreeMap<String, Field>,
    screens: HashMap<(ProjectId, TypeId), Screens>,
    last_custom: u64,
}

impl Fields {
    /// Jira's own fields, with Xray Data Center's custom fields if asked.
    #[must_use]
    pub fn new(with_xray: bool) -> Self {
        let mut fields = Self {
            last_custom: 10_100,
            ..Self::default()
        };
        for (id, name, kind, items) in SYSTEM_FIELDS {
            fields.insert(Field {
                id: id.to_owned(),
                name: name.to_owned(),
                kind: kind.to_owned(),
                items: items.map(str::to_owned),
                custom: None,
                xray: None,
                options: Vec::new(),
                children: BTreeMap::new(),
            });
        }
        if with_xray {
            for (role, custom, name, kind, items, _) in XRAY_FIELDS {
                let id = fields.add_custom(name, &format!("com.xpandit.plugins.xray:{custom}"), kind, items);
                if let Some(field) = fields.all.get_mut(&id) {
                    field.xray = Some(role);
                }
            }
            fields.set_options(XrayField::TestType, &["Manual", "Cucumber", "Generic"]);
            fields.set_options(XrayField::PreconditionType, &["Manual", "Cucumber", "Generic"]);
            fields.set_options(XrayField::ScenarioType, &["Scenario", "Scenario Outline"]);
        }
        fields
    }

    fn insert(&mut self, field: Field) {
        self.all.insert(field.id.clone(), field);
    }

    /// Adds a custom field and returns its id; put it on screens yourself.
    pub fn add_custom(&mut self, name: &str, custom: &str, kind: &str, items: Option<&str>) -> String {
        self.last_custom += 1;
        let id = format!("customfield_{}", self.last_custom);
        self.insert(Field {
            id: id.clone(),
            name: name.to_owned(),
            kind: kind.to_owned(),
            items: items.map(str::to_owned),
            custom: Some(custom.to_owned()),
            xray: None,
            options: Vec::new(),
            children: BTreeMap::new(),
        });
        id
    }

    /// Replaces the values an Xray select field offers.
    pub fn set_options(&mut self, role: XrayField, options: &[&str]) {
        for field in self.all.values_mut().filter(|field| field.xray == Some(role)) {
            field.options = options.iter().map(|&option| option.to_owned()).collect();
        }
    }

    /// The field with this id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Field> {
        self.all.get(id)
    }

    /// The field with this id, to rename it or give it options.
    pub fn get_mut(&mut self, id: &str) -> Option<&mut Field> {
        self.all.get_mut(id)
    }

    /// All fields by id.
    pub fn iter(&self) -> impl Iterator<Item = &Field> {
        self.all.values()
    }

    /// The first field that shows this part of Xray; none on Cloud.
    #[must_use]
    pub fn xray(&self, role: XrayField) -> Option<&Field> {
        self.all.values().find(|field| field.xray == Some(role))
    }

    /// The fields JQL means by `name`: a field id, `cf[N]` or a name without regard to case.
    #[must_use]
    pub fn by_jql_name(&self, name: &str) -> Option<&Field> {
        let lower = name.to_lowercase();
        let id = match lower.strip_prefix("cf[").and_then(|rest| rest.strip_suffix(']')) {
            Some(number) => format!("customfield_{number}"),
            None => name.to_owned(),
        };
        self.all
            .get(&id)
            .or_else(|| self.all.values().find(|field| field.name.to_lowercase() == lower))
    }

    /// The screens of an issue type in a project.
    #[must_use]
    pub fn screens(&self, project: ProjectId, issue_type: TypeId) -> Option<&Screens> {
        self.screens.get(&(project, issue_type))
    }

    /// The screens of an issue type in a project, to change.
    pub fn screens_mut(&mut self, project: ProjectId, issue_type: TypeId) -> &mut Screens {
        self.screens.entry((project, issue_type)).or_default()
    }

    /// Gives an issue type of a project the default screens of its role.
    pub fn init_screens(&mut self, project: ProjectId, issue_type: TypeId, role: Role, subtask: bool) {
        let mut screen = Screen::default();
        for id in DEFAULT_SCREEN {
            let required = matches!(id, "summary" | "issuetype");
            let has_default = matches!(id, "priority" | "reporter");
            screen.put(id, Placement { required, has_default });
        }
        for field in self.all.values() {
            let shows = |row: &XrayFieldRow| Some(row.0) == field.xray && row.5.contains(&role);
            if XRAY_FIELDS.iter().any(shows) {
                screen.put(&field.id, Placement::default());
            }
        }
        let edit = screen.clone();
        screen.require("project");
        if subtask {
            screen.require("parent");
        }
        let mut edit_with_comment = edit;
        edit_with_comment.put("comment", Placement::default());
        self.screens.insert(
            (project, issue_type),
            Screens {
                create: screen,
                edit: edit_with_comment,
            },
        );
    }
}
