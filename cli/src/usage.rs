//! Arguments that make no sense, in the form that the caller reads.

use clap::Parser as _;
use serde_json::json;

use crate::CommandLine;
use crate::output::Output;

/// Reads the command line. The error is the exit code, after the problem was shown: as JSON where `--json` is given.
pub fn parse() -> Result<CommandLine, u8> {
    CommandLine::try_parse().map_err(|error| {
        let wants_json = std::env::args_os().any(|argument| argument == "--json");
        if wants_json && error.use_stderr() {
            Output::default().json(&format!("{:#}", problem(&error)));
        } else {
            // With nobody to read it, nothing is left to do.
            let _ = error.print();
        }
        u8::try_from(error.exit_code()).unwrap_or(2)
    })
}

fn problem(error: &clap::Error) -> serde_json::Value {
    let text = anstream::adapter::strip_str(&error.render().to_string()).to_string();
    let message = text.lines().next().unwrap_or_default();
    let message = message.strip_prefix("error: ").unwrap_or(message);
    let command = std::env::args().nth(1).filter(|first| !first.starts_with('-'));
    json!({
        "command": command,
        "exit-code": error.exit_code(),
        "problems": [{
            "severity": "error",
            "side": "settings",
            "file": null,
            "line": null,
            "column": null,
            "message": message,
            "hint": "`tms-sync --help` lists commands and options",
            "excerpt": null,
        }],
    })
}
