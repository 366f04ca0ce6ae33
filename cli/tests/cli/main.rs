//! The `tms-sync` command from outside: what it prints on which stream, and its exit codes.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "helpers fail as loudly as the tests they serve"
)]

#[macro_use]
#[path = "../../../host-harness/tests/stories/mod.rs"]
mod stories;
#[macro_use]
mod rig;
mod arguments;
#[path = "../../../host-harness/tests/authority/mod.rs"]
mod authority;
#[path = "../../../host-harness/tests/bao/mod.rs"]
mod bao;
mod companies;
mod configuration;
mod deployed;
mod documented;
mod habits;
mod heard;
mod histories;
mod inspect;
mod ledgers;
mod machine;
mod networks;
mod plugins;
#[expect(dead_code, reason = "each suite uses a part of it")]
#[path = "../../../host-harness/tests/postgres/mod.rs"]
mod postgres;
mod printed;
mod probe;
#[path = "../../../host-harness/tests/tinyproxy/mod.rs"]
mod proxies;
mod registry;
mod runs;
mod servers;
mod simulated;
mod standing;
mod vault;

#[path = "../../../host-harness/tests/canary/mod.rs"]
mod canary;

use std::path::Path;
use std::process::{Command, Output};

/// The command, away from the variables and the cache of whoever runs the tests.
fn tms_sync(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tms-sync"));
    command.current_dir(folder).env("XDG_CACHE_HOME", cache());
    for variable in [
        "NO_COLOR",
        "CLICOLOR",
        "CLICOLOR_FORCE",
        "TESTOPS_TOKEN",
        "JIRA_API_TOKEN",
        "JIRA_PASSWORD",
    ] {
        command.env_remove(variable);
    }
    command
}

/// Compiled code, kept between tests: compiling takes longer than all of them.
fn cache() -> std::path::PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache")
}

/// Both streams are searched for secrets, whatever a test looks at. `sim` alone prints the secrets of its own servers.
fn out(output: &Output) -> String {
    expect_no_secret(output);
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn expect_no_secret(output: &Output) {
    canary::expect_none("standard output", &output.stdout);
    canary::expect_none("standard error", &output.stderr);
}

fn err(output: &Output) -> String {
    expect_no_secret(output);
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn code(output: &Output) -> Option<i32> {
    output.status.code()
}
