//! A first configuration file, with comments, from what the plugin's manifest asks for.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use tms_sync_host::model::{FormField, IntegrationKind};

/// Form fields that stand under `[testops]`, and their keys there.
const TESTOPS: [(&str, &str); 3] = [
    ("testops-endpoint", "endpoint"),
    ("testops-project-id", "project-id"),
    ("testops-token", "token"),
];

/// Something that a person answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// As the answer is given on the command line: `endpoint`, `testops.endpoint`, `project`.
    pub key: String,
    pub label: String,
    pub help: String,
}

/// What was answered, by key.
pub type Answers = BTreeMap<String, String>;

/// What has to be answered for a kind of integration, in the order of the file.
pub fn questions(kind: &IntegrationKind, answers: &Answers) -> Vec<Question> {
    let asked = |field: &&FormField| field.required && !field.secret;
    let fields = fields(kind, answers).into_iter().filter(asked);
    let of_field = fields.map(|field| Question {
        key: key(field),
        label: field.label.clone(),
        help: field.help.clone(),
    });
    let project = Question {
        key: "project".to_owned(),
        label: "Destination project".to_owned(),
        help: "Key of the Jira project that gets the Tests, for example CALC.".to_owned(),
    };
    of_field.chain([project]).collect()
}

/// Tabs of the form, which exclude each other: ways to prove the account.
pub fn tabs(kind: &IntegrationKind) -> Vec<String> {
    let mut tabs: Vec<String> = Vec::new();
    for tab in kind.fields.iter().filter_map(|field| field.tab.as_ref()) {
        if !tabs.contains(tab) {
            tabs.push(tab.clone());
        }
    }
    tabs
}

/// The fields of the form as it is filled in: of tabs, those of the one that was answered, or of the last.
fn fields<'k>(kind: &'k IntegrationKind, answers: &Answers) -> Vec<&'k FormField> {
    let tabs = tabs(kind);
    let chosen = answers.get("tab").or_else(|| {
        let answered = kind
            .fields
            .iter()
            .find(|field| field.tab.is_some() && answers.contains_key(&key(field)));
        answered.and_then(|field| field.tab.as_ref()).or(tabs.last())
    });
    let is_shown = |field: &&FormField| field.tab.is_none() || field.tab.as_ref() == chosen;
    kind.fields.iter().filter(is_shown).collect()
}

fn key(field: &FormField) -> String {
    let testops = TESTOPS.iter().find(|(name, _)| *name == field.name);
    testops.map_or_else(|| field.name.clone(), |(_, key)| format!("testops.{key}"))
}

/// Environment variable of a secret.
fn variable(field: &FormField) -> String {
    let name = field.name.replace('-', "_").to_ascii_uppercase();
    match field.name.as_str() {
        "token" | "password" => format!("JIRA_{name}"),
        "api-token" => "JIRA_API_TOKEN".to_owned(),
        _ => name,
    }
}

/// The file. Answers that are missing stay as comments to fill in.
pub fn toml(kind: &IntegrationKind, answers: &Answers) -> String {
    let mut text = format!(
        "# From Allure TestOps to {}. Check it with: tms-sync validate\n\n[testops]\n",
        kind.title
    );
    let fields = fields(kind, answers);
    let is_testops = |field: &&&FormField| TESTOPS.iter().any(|(name, _)| *name == field.name);
    for field in fields.iter().filter(is_testops) {
        line(&mut text, field, answers);
    }
    let _ = writeln!(text, "\n[integration]\ntype = {}", quoted(&kind.id));
    let name = answers.get("name").unwrap_or(&kind.title);
    let _ = writeln!(text, "name = {}", quoted(name));
    for field in fields.iter().filter(|field| !is_testops(field)) {
        line(&mut text, field, answers);
    }
    let project = answers.get("project").map_or("CALC", String::as_str);
    let aql = answers
        .get("test-case-aql")
        .map_or("tag in [\"smoke\"]", String::as_str);
    let _ = write!(
        text,
        "\n[[sync]]\nname = \"main\"\n# Key of the destination project.\nproject = {}\n\
         # Which test cases, in AQL. Start narrow; 'true' is everything.\ntest-case-aql = {}\n\
         # Launches: switched off until the Tests look right.\nlaunches-aql = 'closed = true'\n\
         disable-launches-sync = true\n\n\
         [host]\n# The ledger: which test case is which issue. Keep it.\nstate = \"tms-sync.db\"\n",
        quoted(project),
        quoted(aql)
    );
    match answers.get("allow") {
        Some(allowed) => {
            let all: Vec<String> = allowed.split(',').map(|server| quoted(server.trim())).collect();
            let _ = writeln!(text, "allow = [{}]", all.join(", "));
        }
        None => text.push_str(
            "# Servers with private addresses or plain http are reached only if they are listed here.\n\
             # allow = [\"jira.example.com:443\"]\n",
        ),
    }
    text
}

/// A key of the file under its help.
fn line(text: &mut String, field: &FormField, answers: &Answers) {
    let _ = writeln!(text, "# {}: {}", field.label, field.help.replace('\n', " "));
    let key = key(field);
    let name = key.rsplit('.').next().unwrap_or(&key);
    let answer = answers.get(&key);
    let _ = match (field.secret, answer, &field.default) {
        (true, ..) if answers.get("secrets").is_some_and(|kept| kept == "files") => {
            writeln!(text, "{name} = {{ file = \"secrets/{}\" }}", field.name)
        }
        (true, ..) => writeln!(text, "{name} = {{ env = \"{}\" }}", variable(field)),
        (false, Some(answer), _) if name == "project-id" && answer.parse::<u64>().is_ok() => {
            writeln!(text, "{name} = {answer}")
        }
        (false, Some(answer), _) => writeln!(text, "{name} = {}", quoted(answer)),
        (false, None, Some(default)) => writeln!(text, "# {name} = {}", quoted(default)),
        (false, None, None) => writeln!(text, "# {name} = \"\""),
    };
}

/// A TOML string: JSON's escapes are TOML's.
fn quoted(text: &str) -> String {
    if text.contains('"') && !text.contains('\'') && !text.contains(char::is_control) {
        return format!("'{text}'");
    }
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;
    use tms_sync_host::model::ValueType;

    use super::*;

    fn field(name: &str, secret: bool, tab: Option<&str>) -> FormField {
        FormField {
            name: name.to_owned(),
            label: format!("The {name}"),
            help: "Some help.".to_owned(),
            value_type: ValueType::Text,
            required: true,
            secret,
            tab: tab.map(str::to_owned),
            default: None,
        }
    }

    fn kind() -> IntegrationKind {
        IntegrationKind {
            id: "xray-dc".to_owned(),
            title: "Xray Data Center".to_owned(),
            fields: vec![
                field("testops-endpoint", false, None),
                field("testops-project-id", false, None),
                field("testops-token", true, None),
                field("endpoint", false, None),
                field("username", false, Some("basic")),
                field("password", true, Some("basic")),
                field("token", true, Some("token")),
            ],
            options: Vec::new(),
            connections: Vec::new(),
        }
    }

    fn answers(pairs: &[(&str, &str)]) -> Answers {
        pairs
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn the_file_is_commented_and_secrets_stay_outside() {
        let answers = answers(&[
            ("testops.endpoint", "https://testops.example.com"),
            ("testops.project-id", "7"),
            ("endpoint", "https://jira.example.com"),
            ("project", "CALC"),
        ]);
        assert_snapshot!(toml(&kind(), &answers), @r#"
        # From Allure TestOps to Xray Data Center. Check it with: tms-sync validate

        [testops]
        # The testops-endpoint: Some help.
        endpoint = "https://testops.example.com"
        # The testops-project-id: Some help.
        project-id = 7
        # The testops-token: Some help.
        token = { env = "TESTOPS_TOKEN" }

        [integration]
        type = "xray-dc"
        name = "Xray Data Center"
        # The endpoint: Some help.
        endpoint = "https://jira.example.com"
        # The token: Some help.
        token = { env = "JIRA_TOKEN" }

        [[sync]]
        name = "main"
        # Key of the destination project.
        project = "CALC"
        # Which test cases, in AQL. Start narrow; 'true' is everything.
        test-case-aql = 'tag in ["smoke"]'
        # Launches: switched off until the Tests look right.
        launches-aql = 'closed = true'
        disable-launches-sync = true

        [host]
        # The ledger: which test case is which issue. Keep it.
        state = "tms-sync.db"
        # Servers with private addresses or plain http are reached only if they are listed here.
        # allow = ["jira.example.com:443"]
        "#);
    }

    #[test]
    fn what_is_asked_follows_the_way_to_log_in() {
        let keys = |answers: &Answers| -> Vec<String> {
            questions(&kind(), answers)
                .into_iter()
                .map(|question| question.key)
                .collect()
        };
        let common = ["testops.endpoint", "testops.project-id", "endpoint"];
        assert_eq!(keys(&Answers::new()), [&common[..], &["project"]].concat());
        let basic = answers(&[("tab", "basic")]);
        assert_eq!(keys(&basic), [&common[..], &["username", "project"]].concat());
    }
}
