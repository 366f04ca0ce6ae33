//! A configuration file into a service, and back.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};
use tms_sync_host::LoadedPlugin;
use tms_sync_host::model::ExportConfig;
use tms_sync_server::plugins::{FieldPlace, Kind, Plugins, SOURCE_FIELDS};

use super::{Remote, text};
use crate::answer::Answer;
use crate::config::Config;
use crate::render::diagnostic::Diagnostic;
use crate::render::text::counted;

/// Values of a file, by where they belong in a service.
#[derive(Default)]
struct Sorted {
    source: Map<String, Value>,
    integration: Map<String, Value>,
    credentials: Map<String, Value>,
    secrets: Map<String, Value>,
}

fn sorted(kind: &Kind, config: &Config) -> Sorted {
    let mut sorted = Sorted::default();
    for field in &config.fields {
        let place = match kind.place(&field.name) {
            FieldPlace::Project => &mut sorted.source,
            FieldPlace::Integration => &mut sorted.integration,
            FieldPlace::Credentials => &mut sorted.credentials,
        };
        place.insert(field.name.clone(), json!(field.value));
    }
    for secret in &config.secrets {
        let place = match kind.place(&secret.field) {
            FieldPlace::Project => &mut sorted.source,
            FieldPlace::Integration | FieldPlace::Credentials => &mut sorted.secrets,
        };
        place.insert(secret.field.clone(), json!(*secret.value));
    }
    sorted
}

fn id(made: &Value) -> &str {
    text(made, "id")
}

fn sync(credentials: &str, export: &ExportConfig) -> Value {
    let mapping = export
        .mapping
        .iter()
        .map(|option| (option.name.clone(), json!(option.value)));
    json!({
        "credentials": credentials,
        "name": export.name,
        "destination": export.project,
        "test-case-aql": export.test_case_aql,
        "launches-aql": export.launches_aql,
        "disable-test-case-create": export.disable_test_case_create,
        "disable-launches-sync": export.disable_launches_sync,
        "disable-export": export.disable_export,
        "mapping": mapping.collect::<Map<_, _>>(),
    })
}

impl Remote {
    /// Makes a project, an integration, credentials and syncs of a file. What has a name already is refused.
    pub async fn import(&self, plugin: LoadedPlugin, config: &Config) -> Result<Answer, Diagnostic> {
        let plugins = Plugins::new(vec![plugin]);
        let (_, kind) = plugins
            .kind(&config.kind)
            .ok_or_else(|| Diagnostic::new(format!("the plugin has no kind `{}`", config.kind)))?;
        if let Some(sync) = config.projects.keys().next() {
            let message =
                format!("the sync `{sync}` has its own `testops-project-id`, and a service keeps a project for each");
            return Err(Diagnostic::new(message).hint("import a file for each project of TestOps"));
        }
        let values = sorted(kind, config);
        let of = format!("/tenants/{}", self.tenant().await?);
        let [endpoint, number, token] = SOURCE_FIELDS.map(|field| values.source.get(field).cloned());
        let number = number
            .as_ref()
            .and_then(Value::as_str)
            .and_then(|number| number.parse::<u64>().ok());
        let project = json!({ "name": config.name, "endpoint": endpoint, "number": number, "token": token });
        let project = self.post(&format!("{of}/projects"), &project).await?;
        let integration = json!({ "name": config.name, "kind": config.kind, "fields": values.integration });
        let integration = self.post(&format!("{of}/integrations"), &integration).await?;
        let credentials = json!({
            "project": id(&project), "integration": id(&integration),
            "fields": values.credentials, "secrets": values.secrets,
        });
        let credentials = self.post(&format!("{of}/credentials"), &credentials).await?;
        let mut made = Vec::new();
        for export in &config.syncs {
            let sync = sync(id(&credentials), export);
            made.push(json!(id(&self.post(&format!("{of}/syncs"), &sync).await?)));
        }
        let number = u64::try_from(made.len()).unwrap_or(u64::MAX);
        let text = format!(
            "{} of {} at the service; give them a schedule there\n",
            counted(number, "sync", "syncs"),
            config.name
        );
        Ok(Answer::new(0, text, "syncs", Value::Array(made)))
    }

    /// A project as a configuration file.
    pub async fn settings(&self, wanted: Option<&str>) -> Result<Answer, Diagnostic> {
        let of = format!("/tenants/{}", self.tenant().await?);
        let listed = async |what: &str| self.get(&format!("{of}/{what}")).await;
        let projects = listed("projects").await?;
        let all: Vec<&Value> = projects.as_array().into_iter().flatten().collect();
        let project = match wanted {
            Some(name) => all.iter().find(|project| text(project, "name") == name),
            None => all.first().filter(|_| all.len() == 1),
        };
        let project = project.ok_or_else(|| {
            let names: Vec<&str> = all.iter().map(|project| text(project, "name")).collect();
            Diagnostic::new("name one project").hint(format!("the service has: {}", names.join(", ")))
        })?;
        let (credentials, integrations) = (listed("credentials").await?, listed("integrations").await?);
        let syncs = listed("syncs").await?;
        let mut files = String::new();
        for used in credentials.as_array().into_iter().flatten() {
            if used["project"] != project["id"] {
                continue;
            }
            let integration = integrations.as_array().into_iter().flatten();
            let integration = integration.clone().find(|known| known["id"] == used["integration"]);
            let syncs = syncs.as_array().into_iter().flatten();
            let own: Vec<&Value> = syncs.filter(|sync| sync["credentials"] == used["id"]).collect();
            files += &file(project, integration.unwrap_or(&Value::Null), used, &own);
        }
        Ok(Answer::new(0, files.clone(), "toml", json!(files)))
    }
}

/// Members of a table. JSON's strings and TOML's basic strings are written alike.
fn members(fields: &Value, file: &mut String) {
    for (name, value) in fields.as_object().into_iter().flatten() {
        line(file, name, value);
    }
}

fn line(file: &mut String, name: &str, value: &Value) {
    // Writing to a string cannot fail.
    let _ = writeln!(file, "{name} = {value}");
}

fn file(project: &Value, integration: &Value, credentials: &Value, syncs: &[&Value]) -> String {
    let mut file = String::from("[testops]\n");
    line(&mut file, "endpoint", &project["endpoint"]);
    // It is a number in the file and a text in the service.
    let _ = writeln!(file, "project-id = {}", text(project, "number"));
    file.push_str("token = { env = \"TESTOPS_TOKEN\" }\n\n[integration]\n");
    line(&mut file, "name", &integration["name"]);
    line(&mut file, "type", &integration["kind"]);
    members(&integration["fields"], &mut file);
    members(&credentials["fields"], &mut file);
    for secret in credentials["secrets"].as_array().into_iter().flatten() {
        if secret["is-stored"] == true {
            let field = text(secret, "field");
            let variable = field.to_uppercase().replace('-', "_");
            let _ = writeln!(file, "{field} = {{ env = \"{variable}\" }}");
        }
    }
    for sync in syncs {
        file.push_str("\n[[sync]]\n");
        line(&mut file, "name", &sync["name"]);
        line(&mut file, "project", &sync["destination"]);
        for option in ["test-case-aql", "launches-aql"] {
            if !text(sync, option).is_empty() {
                line(&mut file, option, &sync[option]);
            }
        }
        for switch in ["disable-test-case-create", "disable-launches-sync", "disable-export"] {
            if sync[switch] == true {
                line(&mut file, switch, &sync[switch]);
            }
        }
        if sync["mapping"].as_object().is_some_and(|mapping| !mapping.is_empty()) {
            file.push_str("\n[sync.mapping]\n");
            members(&sync["mapping"], &mut file);
        }
    }
    file
}
