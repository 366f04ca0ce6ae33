//! The answer of `projects`.

use serde_json::{Value, json};
use tms_sync_host::model::Project;

use super::text::{harmless, shortened, table};

pub fn text(projects: &[Project], query: &str) -> String {
    if projects.is_empty() {
        return match query {
            "" => "No project is visible to these credentials\n".to_owned(),
            _ => format!("No visible project has `{}` in its key or name\n", harmless(query)),
        };
    }
    let rows: Vec<Vec<String>> = projects
        .iter()
        .map(|project| {
            vec![
                harmless(&project.key).into_owned(),
                shortened(&project.name, 80).into_owned(),
            ]
        })
        .collect();
    table(&rows, "")
}

pub fn json(projects: &[Project]) -> Value {
    let one = |project: &Project| json!({ "id": project.id, "key": project.key, "name": project.name });
    projects.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_stand_in_a_column() {
        let project = |key: &str, name: &str| Project {
            id: "1".into(),
            key: key.into(),
            name: name.into(),
        };
        let shown = text(&[project("CALC", "Calculator"), project("HR", "People")], "");
        assert_eq!(shown, "CALC  Calculator\nHR    People\n");
        assert_eq!(
            text(&[], "x\u{1b}"),
            "No visible project has `x\\u{1b}` in its key or name\n"
        );
    }
}
