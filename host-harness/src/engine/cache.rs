//! Compiled code on disk. Compiling takes a second, loading less than a millisecond.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use hmac::{Hmac, Mac};
use sha2::Sha256;
use wasmtime::component::Component;

use crate::engine::Engine;
use crate::engine::compiler::{self, NoCode};
use crate::engine::refusal::RefusedComponent;

const KEY_FILE: &str = "key";
const KEY_BYTES: usize = 32;
const TAG_BYTES: usize = 32;

/// Compiles, or loads what was compiled before. The cache is a convenience: where it fails, the component is compiled.
pub(crate) fn compile(engine: &Engine, digest: &str, bytes: &[u8]) -> Result<Component, RefusedComponent> {
    let folder = engine.limits().cache.as_deref();
    let Some(cache) = folder.and_then(|folder| Cache::open(folder, engine.wasmtime(), digest).ok()) else {
        return compile_anew(engine, bytes);
    };
    if let Some(component) = cache.load(engine.wasmtime()) {
        return Ok(component);
    }
    let component = compile_anew(engine, bytes)?;
    let _ = component.serialize().map(|code| cache.store(&code));
    Ok(component)
}

fn compile_anew(engine: &Engine, bytes: &[u8]) -> Result<Component, RefusedComponent> {
    let invalid = |error: wasmtime::Error| RefusedComponent::Invalid(format!("{error:#}"));
    let Some(process) = &engine.limits().compiler else {
        return Component::from_binary(engine.wasmtime(), bytes).map_err(invalid);
    };
    match compiler::compile(process, engine.limits(), bytes) {
        Ok(code) => deserialize_own(engine.wasmtime(), &code)
            .ok_or_else(|| RefusedComponent::Compiling("the compiler is not this host's".to_owned())),
        Err(NoCode::Invalid(message)) => Err(RefusedComponent::Invalid(message)),
        Err(NoCode::Limit(message)) => Err(RefusedComponent::Compiling(message)),
    }
}

struct Cache {
    file: PathBuf,
    /// What the tag covers beside the code, so that a file cannot be passed off as another's.
    name: String,
    key: Vec<u8>,
}

impl Cache {
    fn open(folder: &Path, engine: &wasmtime::Engine, digest: &str) -> std::io::Result<Self> {
        private_folder(folder)?;
        let mut hasher = DefaultHasher::new();
        // Wasmtime's version, the target and every setting that shapes code.
        engine.precompile_compatibility_hash().hash(&mut hasher);
        let name = format!("{digest}-{:016x}", hasher.finish());
        Ok(Self {
            file: folder.join(&name).with_extension("cwasm"),
            name,
            key: key(folder)?,
        })
    }

    fn load(&self, engine: &wasmtime::Engine) -> Option<Component> {
        let file = read_own(&self.file).ok()?;
        let (tag, code) = file.split_at_checked(TAG_BYTES)?;
        self.mac(code)?.verify_slice(tag).ok()?;
        deserialize_own(engine, code)
    }

    /// Through a temporary name, so that no reader sees half a file.
    fn store(&self, code: &[u8]) -> Option<()> {
        let temporary = self.file.with_extension(format!("{}.tmp", std::process::id()));
        let mut file = private_file(&temporary).ok()?;
        file.write_all(&self.mac(code)?.finalize().into_bytes())
            .and_then(|()| file.write_all(code))
            .ok()?;
        std::fs::rename(&temporary, &self.file).ok()
    }

    fn mac(&self, code: &[u8]) -> Option<Hmac<Sha256>> {
        let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(&self.key).ok()?;
        mac.update(self.name.as_bytes());
        mac.update(code);
        Some(mac)
    }
}

/// The one place where bytes become machine code unseen.
#[expect(unsafe_code, reason = "loading compiled code is unsafe by nature")]
fn deserialize_own(engine: &wasmtime::Engine, code: &[u8]) -> Option<Component> {
    // SAFETY: `code` comes from the host's own compiler process through a pipe that only it holds, or carries a valid tag
    // of the key in the host's private folder, made over it by `Cache::store` from what `Component::serialize` returned;
    // wasmtime itself refuses code of another version or configuration.
    unsafe { Component::deserialize(engine, code) }.ok()
}

fn key(folder: &Path) -> std::io::Result<Vec<u8>> {
    let path = folder.join(KEY_FILE);
    match read_own(&path) {
        Ok(key) if key.len() == KEY_BYTES => return Ok(key),
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let mut key = vec![0; KEY_BYTES];
    getrandom::fill(&mut key).map_err(std::io::Error::other)?;
    private_file(&path)?.write_all(&key)?;
    Ok(key)
}

#[cfg(unix)]
fn private_file(path: &Path) -> std::io::Result<std::fs::File> {
    use std::os::unix::fs::OpenOptionsExt;
    std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
}

#[cfg(not(unix))]
fn private_file(path: &Path) -> std::io::Result<std::fs::File> {
    std::fs::File::create(path)
}

/// Makes the folder for its owner alone; one of somebody else, or that others may write to, is not used.
#[cfg(unix)]
fn private_folder(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    check_own(&std::fs::metadata(folder)?)
}

/// Reads a file that nobody else can have written.
fn read_own(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut file = std::fs::File::open(path)?;
    check_own(&file.metadata()?)?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(unix)]
fn check_own(metadata: &std::fs::Metadata) -> std::io::Result<()> {
    use std::os::unix::fs::MetadataExt;
    let is_own = metadata.uid() == rustix::process::geteuid().as_raw();
    if !is_own || metadata.mode() & 0o022 != 0 {
        return Err(std::io::Error::other("somebody else may have written it"));
    }
    Ok(())
}

#[cfg(not(unix))]
fn check_own(_: &std::fs::Metadata) -> std::io::Result<()> {
    Ok(())
}

#[cfg(not(unix))]
fn private_folder(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::EngineLimits;

    const EMPTY: &[u8] = b"\0asm\x0d\0\x01\0";

    fn engine(folder: &Path) -> Engine {
        let limits = EngineLimits {
            cache: Some(folder.to_owned()),
            ..EngineLimits::default()
        };
        Engine::new(limits).unwrap()
    }

    #[test]
    fn code_comes_back_unless_a_byte_of_it_changed() {
        let folder = tempfile::tempdir().unwrap();
        let engine = engine(folder.path());
        compile(&engine, "digest", EMPTY).unwrap();
        let cache = Cache::open(folder.path(), engine.wasmtime(), "digest").unwrap();
        assert!(cache.load(engine.wasmtime()).is_some());
        let mut file = std::fs::read(&cache.file).unwrap();
        let last = file.len() - 1;
        file[last] ^= 1;
        std::fs::write(&cache.file, file).unwrap();
        assert!(cache.load(engine.wasmtime()).is_none());
        assert!(compile(&engine, "digest", EMPTY).is_ok());
    }

    #[cfg(unix)]
    #[test]
    fn what_others_can_write_to_is_not_used() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let engine = engine(folder.path());
        compile(&engine, "digest", EMPTY).unwrap();
        let cache = || Cache::open(folder.path(), engine.wasmtime(), "digest");
        let opened = |path: &Path, mode| std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
        let code = cache().unwrap().file;
        opened(&code, 0o666);
        assert!(cache().unwrap().load(engine.wasmtime()).is_none());
        opened(&code, 0o600);
        assert!(cache().unwrap().load(engine.wasmtime()).is_some());
        let key = folder.path().join(KEY_FILE);
        for path in [key.as_path(), folder.path()] {
            opened(path, 0o777);
            assert!(cache().is_err(), "{}", path.display());
            opened(path, 0o700);
        }
        assert!(cache().is_ok());
    }

    /// Only an administrator can give a file away, so that this proves something there alone.
    #[cfg(unix)]
    #[test]
    fn what_belongs_to_somebody_else_is_not_used() {
        let folder = tempfile::tempdir().unwrap();
        let engine = engine(folder.path());
        compile(&engine, "digest", EMPTY).unwrap();
        let key = folder.path().join(KEY_FILE);
        if std::os::unix::fs::chown(&key, Some(65_534), None).is_ok() {
            assert!(Cache::open(folder.path(), engine.wasmtime(), "digest").is_err());
            assert!(compile(&engine, "digest", EMPTY).is_ok(), "it is compiled all the same");
        }
    }

    #[test]
    fn code_of_another_component_is_not_taken() {
        let folder = tempfile::tempdir().unwrap();
        let engine = engine(folder.path());
        compile(&engine, "one", EMPTY).unwrap();
        let (one, two) = ["one", "two"]
            .map(|name| Cache::open(folder.path(), engine.wasmtime(), name).unwrap())
            .into();
        std::fs::copy(one.file, &two.file).unwrap();
        assert!(two.load(engine.wasmtime()).is_none());
    }
}
