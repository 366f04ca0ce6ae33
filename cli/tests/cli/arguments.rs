//! Help and arguments.

use crate::printed::printed;
use crate::tms_sync;

#[test]
fn help_names_every_command_and_the_exit_codes() {
    let folder = tempfile::tempdir().unwrap();
    let help = printed(&tms_sync(folder.path()).arg("--help").output().unwrap());
    reports!(help);
}

#[test]
fn a_misspelt_command_could_not_run() {
    let folder = tempfile::tempdir().unwrap();
    let output = tms_sync(folder.path()).arg("exprot").output().unwrap();
    let output = printed(&output);
    reports!(output);
}
