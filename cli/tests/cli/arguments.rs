//! Help and arguments.

use crate::{code, err, out, tms_sync};

#[test]
fn help_names_every_command_and_the_exit_codes() {
    let folder = tempfile::tempdir().unwrap();
    let help = tms_sync(folder.path()).arg("--help").output().unwrap();
    let text = out(&help);
    let words = [
        "demo",
        "validate",
        "test",
        "projects",
        "plan",
        "export",
        "replay",
        "verify",
        "undo",
        "history",
        "status",
        "enable",
        "links",
        "inspect",
        "sim",
        "Exit codes",
    ];
    for word in words {
        assert!(text.contains(word), "{word} is missing from:\n{text}");
    }
    assert_eq!(code(&help), Some(0));
}

#[test]
fn a_misspelt_command_could_not_run() {
    let folder = tempfile::tempdir().unwrap();
    let output = tms_sync(folder.path()).arg("exprot").output().unwrap();
    assert_eq!(code(&output), Some(2));
    assert!(err(&output).contains("export"), "{}", err(&output));
}
