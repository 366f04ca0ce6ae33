//! Faults as a line of text: `500 GET /api/*/testcase/3/overview always`.

use std::fmt;
use std::str::FromStr;

use super::Fault;

/// Text that is no fault; what a fault looks like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoFault(String);

impl fmt::Display for NoFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "\"{}\" is no fault: write WHAT METHOD PATH [always|xTIMES], where WHAT is a status, reset, \
             drop-response, cut-mid-body, html, not-editable, rate-limited=SECONDS or POINTER=JSON, and METHOD may be *",
            self.0
        )
    }
}

impl std::error::Error for NoFault {}

impl FromStr for Fault {
    type Err = NoFault;

    /// Reads `WHAT METHOD PATH [always|xTIMES]`; without the last word the fault strikes once.
    fn from_str(text: &str) -> Result<Self, NoFault> {
        let refused = || NoFault(text.to_owned());
        let words: Vec<&str> = text.split_whitespace().collect();
        let (what, method, path, often) = match words.as_slice() {
            [what, method, path] => (*what, *method, *path, None),
            [what, method, path, often] => (*what, *method, *path, Some(*often)),
            _ => return Err(refused()),
        };
        let fault = kind(what).ok_or_else(refused)?.on(method, path);
        match often {
            None => Ok(fault),
            Some("always") => Ok(fault.always()),
            Some(times) => {
                let times = times.strip_prefix('x').and_then(|times| times.parse().ok());
                times.map(|times| fault.times(times)).ok_or_else(refused)
            }
        }
    }
}

fn kind(what: &str) -> Option<Fault> {
    let fault = match what {
        "reset" => Fault::reset(),
        "drop-response" => Fault::drop_response(),
        "cut-mid-body" => Fault::cut_mid_body(),
        "html" => Fault::html(),
        "not-editable" => Fault::not_editable(),
        what if what.starts_with('/') => {
            let (pointer, json) = what.split_once('=')?;
            Fault::member(pointer, json)
        }
        what => match what.strip_prefix("rate-limited=") {
            Some(seconds) => Fault::rate_limited(seconds.parse().ok()?),
            None => Fault::status(what.parse().ok().filter(|status| (100..600).contains(status))?),
        },
    };
    Some(fault)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_names_what_where_and_how_often() {
        let fault: Fault = "500 GET /api/*/testcase/3/overview always".parse().unwrap();
        let written = Fault::status(500).on("GET", "/api/*/testcase/3/overview").always();
        assert_eq!(format!("{fault:?}"), format!("{written:?}"));
        let fault: Fault = "/tags={} * /api/rs/testcase/3 x2".parse().unwrap();
        let written = Fault::member("/tags", "{}").on("*", "/api/rs/testcase/3").times(2);
        assert_eq!(format!("{fault:?}"), format!("{written:?}"));
    }

    #[test]
    fn other_text_is_refused_with_the_form() {
        for text in ["", "500", "500 GET", "teapot GET /", "700 GET /", "500 GET / twice"] {
            let error = text.parse::<Fault>().unwrap_err().to_string();
            assert!(error.contains("WHAT METHOD PATH"), "{error}");
        }
    }
}
