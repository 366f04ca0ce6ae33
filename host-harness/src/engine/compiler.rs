//! Compiling in a process of its own, within limits that the system enforces.
//!
//! Compiling is the one thing that a component makes the host do before any of its code is limited: a few megabytes of it
//! can cost minutes and gigabytes.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, ExitCode, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::Duration;

use serde_json::{Value, json};

use crate::engine;
use crate::limits::{CompilerProcess, EngineLimits};

/// Why there is no code.
pub(crate) enum NoCode {
    /// The compiler's own words.
    Invalid(String),
    /// The process did not live to report.
    Limit(String),
}

/// Longest message of the compiler, in bytes.
const MAX_MESSAGE: u64 = 4_096;
/// Largest code, in bytes.
const MAX_CODE: u64 = 512 << 20;

/// Compiles `component` in the process; blocks.
pub(crate) fn compile(process: &CompilerProcess, limits: &EngineLimits, component: &[u8]) -> Result<Vec<u8>, NoCode> {
    let broke = |error: std::io::Error| NoCode::Limit(format!("the compiler cannot be started: {error}"));
    let mut child = Command::new(&process.program)
        .args(&process.arguments)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(broke)?;
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let mut order = order(process, limits).to_string().into_bytes();
    order.push(b'\n');
    let child = Arc::new(Mutex::new(child));
    let (done, is_done) = mpsc::channel::<()>();
    std::thread::scope(|scope| {
        // A process that waits instead of computing is not stopped by its own limits.
        let patience = 2 * process.cpu + Duration::from_secs(1);
        let watched = Arc::clone(&child);
        scope.spawn(move || {
            if is_done.recv_timeout(patience) == Err(mpsc::RecvTimeoutError::Timeout) {
                let _ = lock(&watched).kill();
            }
        });
        scope.spawn(move || {
            // A compiler that refuses early does not read to the end.
            let _ = stdin.map(|mut stdin| stdin.write_all(&order).and_then(|()| stdin.write_all(component)));
        });
        let message = scope.spawn(move || text(stderr));
        let mut code = Vec::new();
        let read = stdout.map(|stdout| stdout.take(MAX_CODE).read_to_end(&mut code));
        let status = lock(&child).wait();
        drop(done);
        let message = message.join().unwrap_or_default();
        match (status, read) {
            (Ok(status), Some(Ok(_))) if status.success() => Ok(code),
            (Ok(status), _) => Err(failure(process, status, message)),
            (Err(error), _) => Err(broke(error)),
        }
    })
}

fn lock(child: &Mutex<Child>) -> std::sync::MutexGuard<'_, Child> {
    child.lock().unwrap_or_else(PoisonError::into_inner)
}

fn text(stream: Option<impl Read>) -> String {
    let mut text = Vec::new();
    // What cannot be read is not shown.
    let _ = stream.map(|stream| stream.take(MAX_MESSAGE).read_to_end(&mut text));
    String::from_utf8_lossy(&text).trim().to_owned()
}

/// The compiler answers 1 with the reason; whatever else ends it is a limit.
fn failure(process: &CompilerProcess, status: ExitStatus, message: String) -> NoCode {
    if status.code() == Some(1) {
        return NoCode::Invalid(message);
    }
    NoCode::Limit(format!(
        "compiling it takes more than {:?} of computing or {} MiB of memory ({status})",
        process.cpu,
        process.memory_bytes >> 20
    ))
}

fn order(process: &CompilerProcess, limits: &EngineLimits) -> Value {
    json!({
        "cpu": process.cpu.as_secs().max(1),
        "memory": process.memory_bytes,
        "stack": limits.stack_bytes,
        "watch": limits.watch,
    })
}

/// The other end of [`CompilerProcess`]: limits itself, reads a component from standard input, writes its code to standard
/// output. To be called before anything else is started, and to be followed by nothing.
#[must_use]
pub fn compile_child() -> ExitCode {
    match compile_stdin() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            // Nobody hears of it where even this fails.
            let _ = std::io::stderr().write_all(message.as_bytes());
            ExitCode::FAILURE
        }
    }
}

fn compile_stdin() -> Result<(), String> {
    let mut stdin = BufReader::new(std::io::stdin().lock());
    let mut line = String::new();
    stdin.read_line(&mut line).map_err(|e| e.to_string())?;
    let order: Value = serde_json::from_str(&line).map_err(|_| "no order of a host")?;
    let number = |name: &str| order.get(name).and_then(Value::as_u64).unwrap_or_default();
    restrain(number("cpu"), number("memory"))?;
    let limits = EngineLimits {
        stack_bytes: usize::try_from(number("stack")).unwrap_or(usize::MAX),
        watch: order.get("watch") == Some(&Value::Bool(true)),
        ..EngineLimits::default()
    };
    let mut component = Vec::new();
    stdin.read_to_end(&mut component).map_err(|e| e.to_string())?;
    let engine = wasmtime::Engine::new(&engine::config(&limits)).map_err(|e| format!("{e:#}"))?;
    let code = engine.precompile_component(&component).map_err(|e| format!("{e:#}"))?;
    std::io::stdout().write_all(&code).map_err(|e| e.to_string())
}

/// From here on the system ends this process when it takes more.
#[cfg(unix)]
fn restrain(cpu_seconds: u64, memory_bytes: u64) -> Result<(), String> {
    use rustix::process::{Resource, Rlimit, setrlimit};
    // `Data` counts what can be written to; `As` would count what is only reserved.
    let limits = [
        (Resource::Cpu, cpu_seconds),
        (Resource::Data, memory_bytes),
        (Resource::Core, 0),
    ];
    for (resource, most) in limits {
        let limit = Rlimit {
            current: Some(most),
            maximum: Some(most),
        };
        setrlimit(resource, limit).map_err(|error| format!("the compiler cannot be limited: {error}"))?;
    }
    Ok(())
}

#[cfg(not(unix))]
fn restrain(_: u64, _: u64) -> Result<(), String> {
    Ok(())
}
