//! What an answer says, as a person can read it: every vendor's error shape, and how long to wait.

use super::http_date;
use crate::ports::Response;
use serde_json::Value;

/// Characters of a server's text that go into a message.
const MOST: usize = 500;

/// The answer's own words with its status, shortened, without control characters.
pub fn describe(response: &Response) -> String {
    let text = match serde_json::from_slice::<Value>(&response.body) {
        Ok(value) => of_json(&value).unwrap_or_else(|| clean(&value.to_string())),
        Err(_) => of_text(&String::from_utf8_lossy(&response.body)),
    };
    if text.is_empty() {
        format!("status {}", response.status)
    } else {
        format!("status {}, {text}", response.status)
    }
}

/// The words of a JSON error body. Shapes: Jira `errorMessages` and `errors`, Xray `error` as text or object with `text`,
/// TestOps and Jersey `message`, OAuth `error_description`.
pub fn of_json(value: &Value) -> Option<String> {
    let mut parts = Vec::new();
    if let Some(messages) = value.get("errorMessages").and_then(Value::as_array) {
        parts.extend(messages.iter().filter_map(Value::as_str).map(str::to_owned));
    }
    match value.get("errors") {
        Some(Value::Object(fields)) => {
            parts.extend(fields.iter().map(|(field, text)| format!("{field}: {}", plain(text))));
        }
        Some(Value::Array(errors)) => parts.extend(errors.iter().map(plain)),
        _ => {}
    }
    for name in [
        "message",
        "error_description",
        "error",
        "errorMessage",
        "detail",
        "title",
    ] {
        if parts.is_empty()
            && let Some(found) = value.get(name)
        {
            parts.push(plain(found));
        }
    }
    (!parts.is_empty()).then(|| clean(&parts.join("; ")))
}

/// Seraph's word for why a log-in was refused: from its header, or from its page where a proxy dropped the header.
pub fn login_refusal(response: &Response) -> Option<&'static str> {
    let header = response.header("x-seraph-loginreason").unwrap_or_default();
    let page = String::from_utf8_lossy(&response.body);
    ["AUTHENTICATION_DENIED", "AUTHENTICATED_FAILED"]
        .into_iter()
        .find(|word| header.contains(word) || page.contains(word))
}

/// True where Jira 10 or 11 answers that it takes no user names and passwords at all. Nothing is wrong with these.
pub fn basic_is_disabled(response: &Response) -> bool {
    let page = String::from_utf8_lossy(&response.body).to_ascii_lowercase();
    matches!(response.status, 401 | 403) && page.contains("basic authentication has been disabled")
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Object(object) => {
            let text = object.get("text").or_else(|| object.get("message"));
            text.map_or_else(|| value.to_string(), plain)
        }
        other => other.to_string(),
    }
}

fn of_text(text: &str) -> String {
    let trimmed = text.trim_start();
    if trimmed.starts_with('<') {
        let lower = trimmed.to_ascii_lowercase();
        let title = lower.find("<title>").and_then(|from| {
            let rest = trimmed.get(from + 7..)?;
            rest.get(..rest.to_ascii_lowercase().find("</title>")?)
        });
        return match title {
            Some(title) => format!("a page titled “{}”", clean(title)),
            None => "a page instead of data".to_owned(),
        };
    }
    clean(trimmed)
}

fn clean(text: &str) -> String {
    let flat: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let flat = flat.trim();
    match flat.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", flat.get(..end).unwrap_or(flat)),
        None => flat.to_owned(),
    }
}

/// How many milliseconds the server asks to wait: `Retry-After` in seconds (Jira Cloud, Xray Cloud) or as a date, which is
/// compared with the server's own `Date` and else with our clock. `retry-after` with 0 on unthrottled Data Center answers is
/// no wish. Xray also writes `nextValidRequestDate` into the body, which agrees with its header.
pub fn wait_asked(response: &Response, now: u64) -> Option<u64> {
    let value = response.header("retry-after")?.trim();
    if let Ok(seconds) = value.parse::<u64>() {
        return Some(seconds.saturating_mul(1000)).filter(|wait| *wait > 0);
    }
    let there = response.header("date").and_then(http_date::read).unwrap_or(now);
    let until = http_date::read(value).map(|at| at.saturating_sub(there));
    // A date that nobody can read is a wish all the same.
    Some(until.unwrap_or(60_000).max(1_000))
}

#[cfg(test)]
mod tests {
    use super::{describe, wait_asked};
    use crate::ports::{Identity, Response};

    fn shown(status: u16, body: &str) -> String {
        describe(&Response {
            status,
            headers: vec![],
            body: body.as_bytes().to_vec(),
            identity: Identity::Unknown,
            gateway: false,
        })
    }

    #[test]
    fn every_vendors_error_shape_is_read() {
        for (body, text) in [
            (
                r#"{"errorMessages":["No project"],"errors":{}}"#,
                "status 400, No project",
            ),
            (
                r#"{"errorMessages":[],"errors":{"summary":"too long"}}"#,
                "status 400, summary: too long",
            ),
            (
                r#"{"error":"Result is not valid Xray Format"}"#,
                "status 400, Result is not valid Xray Format",
            ),
            (
                r#"{"error":{"text":"Too many requests","nextValidRequestDate":"x"}}"#,
                "status 400, Too many requests",
            ),
            (
                r#"{"message":"null for uri: /x","status-code":404}"#,
                "status 400, null for uri: /x",
            ),
            (
                r#"{"error":"invalid_grant","error_description":"Bad credentials"}"#,
                "status 400, Bad credentials",
            ),
            (
                "<html><title>Log in</title></html>",
                "status 400, a page titled “Log in”",
            ),
            ("<p>hm", "status 400, a page instead of data"),
            ("plain\u{1b}[31m words", "status 400, plain [31m words"),
            ("", "status 400"),
        ] {
            assert_eq!(shown(400, body), text, "{body}");
        }
    }

    #[test]
    fn long_texts_are_cut_at_a_character() {
        let text = shown(500, &"ä".repeat(2_000));
        assert_eq!(text.chars().filter(|c| *c == 'ä').count(), 500);
    }

    #[test]
    fn a_wish_is_read_in_seconds_and_as_a_date_by_the_servers_clock() {
        const NOW: u64 = 784_111_777_000;
        let asked = |headers: &[(&str, &str)]| {
            let headers = headers
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            let response = Response {
                status: 429,
                headers: headers.collect(),
                body: vec![],
                identity: Identity::Unknown,
                gateway: false,
            };
            wait_asked(&response, NOW)
        };
        let in_a_minute = ("retry-after", "Sun, 06 Nov 1994 08:50:37 GMT");
        assert_eq!(asked(&[("retry-after", "30")]), Some(30_000));
        assert_eq!(asked(&[("retry-after", "0")]), None);
        assert_eq!(asked(&[in_a_minute]), Some(60_000));
        let server = ("date", "Sun, 06 Nov 1994 08:50:30 GMT");
        assert_eq!(asked(&[in_a_minute, server]), Some(7_000));
        assert_eq!(asked(&[("retry-after", "Sun, 06 Nov 1994 08:00:00 GMT")]), Some(1_000));
        assert_eq!(asked(&[("retry-after", "soon")]), Some(60_000));
        assert_eq!(asked(&[]), None);
    }
}
