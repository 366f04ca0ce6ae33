//! The command in a process of its own, which can be killed from outside.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Child, Command, ExitStatus};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A process under way; clones reach the same one.
#[derive(Clone, Default)]
pub struct Victim(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    child: Option<Child>,
    killed: bool,
}

impl Victim {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// SIGKILL, once. Nothing happens where the process has ended.
    pub fn kill(&self) {
        let mut state = self.lock();
        let alive = |child: &mut Child| matches!(child.try_wait(), Ok(None));
        if let Some(child) = state.child.as_mut()
            && alive(child)
            && child.kill().is_ok()
        {
            state.killed = true;
        }
    }

    /// True where it was ended by a kill.
    pub fn was_killed(&self) -> bool {
        self.lock().killed
    }

    /// Waits for its end; kills it at `deadline`, if one is given.
    pub fn wait(&self, deadline: Option<Instant>) -> ExitStatus {
        loop {
            if let Some(status) = self.lock().child.as_mut().unwrap().try_wait().unwrap() {
                return status;
            }
            if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
                self.kill();
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

/// What a process left.
pub struct Ended {
    pub status: ExitStatus,
    pub killed: bool,
    pub output: String,
    pub errors: String,
}

/// Starts the command in a folder with its configuration. Both streams go to files, as under a service manager.
pub fn start(victim: &Victim, folder: &Path, variables: &[(&str, &str)], arguments: &[&str]) {
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache");
    let mut command = Command::new(env!("CARGO_BIN_EXE_tms-sync"));
    command
        .current_dir(folder)
        .env("XDG_CACHE_HOME", cache)
        .envs(variables.iter().copied())
        .args(arguments)
        .stdout(File::create(folder.join("out")).unwrap())
        .stderr(File::create(folder.join("err")).unwrap());
    let mut state = victim.lock();
    *state = State {
        child: Some(command.spawn().unwrap()),
        killed: false,
    };
}

/// Waits for the end of what was started.
pub fn end(victim: &Victim, folder: &Path, deadline: Option<Instant>) -> Ended {
    let status = victim.wait(deadline);
    Ended {
        status,
        killed: victim.was_killed(),
        output: fs::read_to_string(folder.join("out")).unwrap(),
        errors: fs::read_to_string(folder.join("err")).unwrap(),
    }
}
