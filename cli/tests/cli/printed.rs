//! What the command printed.

use std::process::Output;

use crate::{code, err, out};

/// Exit code and both streams.
pub fn printed(output: &Output) -> String {
    let code = code(output).map_or_else(|| "none".to_owned(), |code| code.to_string());
    let mut text = format!("exit code: {code}\n");
    for (stream, written) in [("standard output", out(output)), ("standard error", err(output))] {
        if !written.is_empty() {
            text += &format!("-- {stream} --\n{}\n", written.trim_end());
        }
    }
    text
}
