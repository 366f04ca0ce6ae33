//! Who holds a lease: a process of a machine, so that the same machine can find out whether it is still there.

use std::sync::OnceLock;

use crate::id::random_name;

/// Between the parts of a holder's name.
const SEPARATOR: char = '/';

/// A name for something of this process: machine and boot, process id and its start, and `part`. On systems that do not
/// report them the first parts are empty, and nobody takes such a holder for gone.
pub(crate) fn name(part: &str) -> String {
    format!("{}{SEPARATOR}{part}", process())
}

/// Whether a holder is certainly gone: of this machine, and its process ended or the machine was started anew.
pub(crate) fn is_gone(holder: &str) -> bool {
    let mut parts = holder.split(SEPARATOR);
    let (Some(machine), Some(boot), Some(pid), Some(start)) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    let mut own = process().split(SEPARATOR);
    if machine.is_empty() || own.next() != Some(machine) {
        return false;
    }
    own.next() != Some(boot) || started(pid).as_deref() != Some(start)
}

/// The name of this process.
pub(crate) fn process() -> &'static str {
    static NAME: OnceLock<String> = OnceLock::new();
    NAME.get_or_init(|| {
        let id = std::process::id().to_string();
        let known = machine().zip(boot()).zip(started(&id));
        let ((machine, boot), start) = known.unwrap_or_default();
        [machine, boot, id, start, random_name()].join(&SEPARATOR.to_string())
    })
}

/// What identifies this machine, and this view of its processes: containers share a kernel, and its boot, and each has
/// process ids of its own.
fn machine() -> Option<String> {
    let host = read("/proc/sys/kernel/hostname")?;
    let processes = std::fs::read_link("/proc/self/ns/pid").ok()?;
    let processes: String = processes
        .to_string_lossy()
        .chars()
        .filter(char::is_ascii_digit)
        .collect();
    (!processes.is_empty()).then(|| format!("{host}:{processes}"))
}

fn boot() -> Option<String> {
    read("/proc/sys/kernel/random/boot_id")
}

/// When a process started, in the kernel's own ticks: an id that is used again has another. A process that was killed and
/// not yet waited for counts as gone.
fn started(pid: &str) -> Option<String> {
    let stat = read(&format!("/proc/{pid}/stat"))?;
    // The name, in brackets, may hold anything; state and the numbers stand behind it.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_ascii_whitespace();
    let is_dead = matches!(fields.next()?, "Z" | "X" | "x");
    let start = fields.nth(18)?;
    (!is_dead).then(|| start.to_owned())
}

fn read(path: &str) -> Option<String> {
    let text = std::fs::read_to_string(path).ok()?;
    let text = text.trim();
    (!text.is_empty()).then(|| text.replace(SEPARATOR, "_"))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::{is_gone, name};

    #[test]
    fn a_living_process_is_not_gone_and_another_start_of_its_id_is() {
        let own = name("x");
        assert!(!is_gone(&own));
        let mut parts: Vec<&str> = own.split('/').collect();
        parts[3] = "1";
        assert!(is_gone(&parts.join("/")), "the id is used again");
        parts[1] = "another-boot";
        assert!(is_gone(&parts.join("/")));
    }

    #[test]
    fn a_process_that_was_killed_is_gone() {
        let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        let own = name("x");
        let parts: Vec<&str> = own.split('/').collect();
        let pid = child.id().to_string();
        let start = super::started(&pid).unwrap();
        let holder = [parts[0], parts[1], &pid, &start, "x"].join("/");
        assert!(!is_gone(&holder));
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(is_gone(&holder));
    }

    #[test]
    fn holders_of_other_machines_and_of_other_kinds_are_left_alone() {
        let own = name("x");
        let mut parts: Vec<&str> = own.split('/').collect();
        parts[0] = "elsewhere:4026531836";
        assert!(!is_gone(&parts.join("/")));
        for holder in ["", "one", "//17//x", "5e5e5e5e"] {
            assert!(!is_gone(holder), "{holder}");
        }
    }
}
