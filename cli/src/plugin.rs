//! Loading a plugin: the bundled one or a file.

use std::path::{Path, PathBuf};

use tms_sync_host::{CompilerProcess, Engine, EngineLimits, LoadedPlugin};

use super::render::diagnostic::Diagnostic;
use super::words;
use crate::files;

/// What the command is started with to compile a plugin within limits. No command of a person's.
pub const COMPILE: &str = "--compile-component";

/// Loads the plugin at `path`, or the bundled one. Compiled code is kept in the user's cache folder.
pub async fn load(path: Option<&Path>) -> Result<LoadedPlugin, Diagnostic> {
    let (from, bytes) = match path {
        Some(path) => (
            path.display().to_string(),
            files::read(path, files::COMPONENT).map_err(|error| unreadable(path, &error))?,
        ),
        None => ("that is bundled".to_owned(), tms_sync_component::bytes().to_vec()),
    };
    let limits = EngineLimits {
        cache: cache_folder(),
        // The bundled one is as trusted as the command itself.
        compiler: path.and(compiler()),
        ..EngineLimits::default()
    };
    let engine = Engine::new(limits).map_err(|error| Diagnostic::new(error.to_string()))?;
    let loaded = LoadedPlugin::load(&engine, bytes).await.map_err(|error| {
        Diagnostic::new(format!("the plugin {from} is refused: {error}"))
            .hint("a plugin is a component of the world `tms-sync`; `tms-sync inspect` shows the bundled one")
    })?;
    words::learn(loaded.info());
    Ok(loaded)
}

/// This program once more. Where the system does not name it, the plugin is compiled in this process.
fn compiler() -> Option<CompilerProcess> {
    let program = std::env::current_exe().ok()?;
    Some(CompilerProcess::new(program, [COMPILE.into()]))
}

fn unreadable(path: &Path, error: &std::io::Error) -> Diagnostic {
    Diagnostic::new(format!("cannot read the plugin {}: {error}", path.display()))
        .hint("in a configuration the path starts at the file's folder; without `plugin` the bundled one is used")
}

/// `$XDG_CACHE_HOME/tms-sync`, or the same below the home folder. Without either nothing is kept.
fn cache_folder() -> Option<PathBuf> {
    let absolute = |name: &str| {
        std::env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    let base = absolute("XDG_CACHE_HOME").or_else(|| absolute("HOME").map(|home| home.join(".cache")))?;
    Some(base.join("tms-sync"))
}
