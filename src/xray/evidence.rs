//! A results import with files, the same on both variants.

use super::results::result;
use crate::ports::Piece;
use crate::target::{Evidence, Issue, RunFiles};
use serde_json::{Value, json};

/// The body of an import: JSON around files in Base64. Runs are sent whole, because an import replaces them. `log`: see
/// [`result`].
pub fn import(execution: &Issue, runs: &[RunFiles<'_>], log: bool) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut text = format!("{{\"testExecutionKey\":{},\"tests\":[", json!(execution.key));
    for (place, run) in runs.iter().enumerate() {
        let test = result(run.run, log).to_string();
        text.push_str(if place > 0 { "," } else { "" });
        text.push_str(test.strip_suffix('}').unwrap_or(&test));
        text.push_str(",\"evidence\":[");
        for (place, file) in run.files.iter().enumerate() {
            text.push_str(if place > 0 { "," } else { "" });
            let (name, kind) = (json!(file.name), json!(file.content_type));
            text.push_str(&format!("{{\"filename\":{name},\"contentType\":{kind},\"data\":\""));
            pieces.push(Piece::Bytes(std::mem::take(&mut text).into_bytes()));
            pieces.push(file.content.clone());
            text.push_str("\"}");
        }
        text.push_str("]}");
    }
    text.push_str("]}");
    pieces.push(Piece::Bytes(text.into_bytes()));
    pieces
}

/// A run's evidence, by the names that the variant gives its members. A size may be text for people ("19 kB"), which is no
/// number of bytes.
pub fn files(list: Option<&Value>, name: &str, size: &str) -> Evidence {
    let list = list.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let file = |file: &Value| {
        let bytes = file
            .get(size)
            .and_then(|bytes| bytes.as_u64().or_else(|| bytes.as_str()?.parse().ok()));
        Some((file.get(name)?.as_str()?.to_owned(), bytes))
    };
    list.iter().filter_map(file).collect()
}

#[cfg(test)]
mod tests {
    use super::import;
    use crate::jira::Upload;
    use crate::mapping::TestRun;
    use crate::ports::{Blob, Piece};
    use crate::target::{Issue, RunFiles};
    use serde_json::{Value, json};
    use std::rc::Rc;

    #[test]
    fn the_body_is_json_with_each_file_in_its_place() {
        let upload = |name: &str| Upload {
            name: name.to_owned(),
            content_type: "image/png".to_owned(),
            content: Piece::Base64(Blob {
                size: 3,
                digest: String::new(),
                handle: Rc::new(()),
            }),
        };
        let run = TestRun {
            test: Issue::new("1", "A-1"),
            status: "FAILED".to_owned(),
            ..TestRun::default()
        };
        let runs = [
            RunFiles {
                run: &run,
                files: vec![upload("a\"b.png"), upload("c.png")],
            },
            RunFiles {
                run: &run,
                files: vec![upload("d.png")],
            },
        ];
        let execution = Issue::new("9", "A-9");
        let text: Vec<String> = import(&execution, &runs, true)
            .into_iter()
            .map(|piece| match piece {
                Piece::Bytes(bytes) => String::from_utf8(bytes).unwrap(),
                Piece::Blob(_) => "raw".to_owned(),
                Piece::Base64(_) => "QUJD".to_owned(),
            })
            .collect();
        let body: Value = serde_json::from_str(&text.concat()).unwrap();
        let file = |name: &str| json!({"filename": name, "contentType": "image/png", "data": "QUJD"});
        assert_eq!(body["tests"][0]["evidence"], json!([file("a\"b.png"), file("c.png")]));
        assert_eq!(body["tests"][1]["evidence"], json!([file("d.png")]));
        assert_eq!(
            (&body["tests"][1]["status"], &body["testExecutionKey"]),
            (&json!("FAILED"), &json!("A-9"))
        );
    }
}
