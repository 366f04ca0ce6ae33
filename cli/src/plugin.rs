//! Loading a plugin: the bundled one, a file, or an artifact of a registry.

use std::path::{Path, PathBuf};

use tms_sync_distribution::{ArtifactError, Kept, Obtaining, Policy, Source, source};
use tms_sync_host::{CompilerProcess, Engine, EngineLimits, LoadedPlugin};

use super::render::diagnostic::Diagnostic;
use super::words;
use crate::files;

/// What the command is started with to compile a plugin within limits. No command of a person's.
pub const COMPILE: &str = "--compile-component";

/// The host's own limits.
const MIB: u64 = 20;
const INSTANCES: u64 = 32;

/// A plugin as a person names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Named {
    /// A component file.
    File(PathBuf),
    /// An artifact of a registry, by its digest.
    Registry(Source),
}

// What a plugin that is not bundled has to keep to.
#[derive(Debug, Clone, PartialEq, Eq, clap::Args)]
pub struct Acceptance {
    /// Policy of whose signatures plugins from registries need; without it their digest is enough
    #[arg(long = "plugin-policy", value_name = "FILE")]
    pub policy: Option<PathBuf>,
    /// Largest component, in MiB
    #[arg(long = "plugin-mib", value_name = "NUMBER", default_value_t = MIB)]
    pub mib: u64,
    /// Core instances that a component may consist of; plugins in Python need more
    #[arg(long = "plugin-instances", value_name = "NUMBER", default_value_t = INSTANCES)]
    pub instances: u64,
}

impl Default for Acceptance {
    fn default() -> Self {
        Self {
            policy: None,
            mib: MIB,
            instances: INSTANCES,
        }
    }
}

impl Named {
    /// A text with a digest names an artifact; any other is a path, which starts at `folder` where it is relative.
    pub fn read(text: &str, folder: &Path) -> Result<Self, ArtifactError> {
        if source::is_pinned(text) {
            return text.parse().map(Self::Registry);
        }
        Ok(Self::File(folder.join(text)))
    }

    async fn bytes(&self, acceptance: &Acceptance) -> Result<Vec<u8>, Diagnostic> {
        match self {
            Self::File(path) => files::read(path, acceptance.mib << 20).map_err(|error| unreadable(path, &error)),
            Self::Registry(source) => {
                let policy = acceptance.policy.as_deref().map(Policy::read);
                let obtaining = Obtaining {
                    limit: acceptance.mib << 20,
                    kept: cache_folder().map(|folder| Kept::at(folder.join("plugins"))),
                    policy: policy.transpose().map_err(refused)?,
                };
                let obtained = obtaining.obtain(source).await.map_err(refused)?;
                Ok(obtained.component.to_vec())
            }
        }
    }
}

impl std::str::FromStr for Named {
    type Err = ArtifactError;

    fn from_str(text: &str) -> Result<Self, ArtifactError> {
        Self::read(text, Path::new(""))
    }
}

impl std::fmt::Display for Named {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Registry(source) => write!(f, "{source}"),
        }
    }
}

/// Loads the bundled plugin.
pub async fn bundled() -> Result<LoadedPlugin, Diagnostic> {
    load(None, &Acceptance::default()).await
}

/// Loads a plugin, by default the bundled one. Compiled code and artifacts are kept in the user's cache folder.
pub async fn load(named: Option<&Named>, acceptance: &Acceptance) -> Result<LoadedPlugin, Diagnostic> {
    let (from, bytes) = match named {
        Some(named) => (named.to_string(), named.bytes(acceptance).await?),
        None => ("that is bundled".to_owned(), tms_sync_component::bytes().to_vec()),
    };
    let limits = EngineLimits {
        component_bytes: usize::try_from(acceptance.mib << 20).unwrap_or(usize::MAX),
        instances: usize::try_from(acceptance.instances).unwrap_or(usize::MAX),
        cache: cache_folder(),
        // The bundled one is as trusted as the command itself.
        compiler: named.and(compiler()),
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

/// What is wrong with an artifact, and what to do.
pub fn refused(error: ArtifactError) -> Diagnostic {
    let hint = match &error {
        ArtifactError::Source { .. } => "for example registry.example.com/team/plugin@sha256:…",
        ArtifactError::NotFound { .. } => "compare the name with what `tms-sync plugin push` printed",
        ArtifactError::Refused(_) => {
            "log in with `docker login` or `skopeo login`, as the same account of this machine"
        }
        ArtifactError::Registry { .. } => "registries are asked over TLS; one on this machine without is http://…",
        ArtifactError::TooLarge { .. } => "allow it with --plugin-mib, or plugin-mib under [host]",
        ArtifactError::Digest { .. } => "somebody changed the artifact, or the registry is damaged; do not run it",
        ArtifactError::Layout(..) | ArtifactError::Component(_) => {
            "a plugin is one component, as `tms-sync plugin push` puts it there"
        }
        ArtifactError::Materials(_) => "`cargo cyclonedx --format json` writes one for a plugin in Rust",
        ArtifactError::Key { .. } => "make keys with `openssl genpkey` and `openssl pkey -pubout` (docs/plugins.md)",
        ArtifactError::Policy { .. } => "docs/plugins.md shows a policy",
        ArtifactError::Unlisted { .. } => "add a [[source]] for it, where you trust who signs there",
        ArtifactError::Unsigned { .. } => "have it signed with `tms-sync plugin sign`, by whoever checked it",
        ArtifactError::Kept { .. } => "plugins are kept in $XDG_CACHE_HOME/tms-sync/plugins, by default below ~/.cache",
    };
    Diagnostic::new(error.to_string()).hint(hint)
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
