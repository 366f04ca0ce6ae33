//! From a core module to a component without WASI.
//!
//! The standard library of `wasm32-wasip2` imports standard streams, environment, exit and a hash seed, whether the
//! plugin uses them or not. The contract promises that a plugin reaches nothing but its four imports, so those imports
//! are replaced by code inside the module: calling one traps, except for the hash seed, which is a constant.

use walrus::ir::{MemArg, StoreKind};
use walrus::{FunctionBuilder, FunctionId, ImportKind, MemoryId, Module, ModuleConfig};

use crate::{names, panics};

/// Why a module cannot be made a component.
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    /// It is no WebAssembly module, or uses what the rewriter does not know.
    #[error("not a usable WebAssembly module: {0}")]
    Module(String),
    /// Its imports, exports and contract metadata do not fit together.
    #[error("cannot make a component of the module: {0}")]
    Component(String),
}

/// Seeds of `std`'s hash maps. Constant: a plugin has no entropy, and equal runs should be equal. What a flood of
/// colliding keys can cost is bounded by the host's limit of computing time.
const HASH_SEEDS: [i64; 2] = [0x5bd1_e995_9e37_79b9, 0x27d4_eb2f_1656_67c5];

const HASH_SEED_MODULE: &str = "wasi:random/insecure-seed@";

/// Replaces every function import from `wasi:…`, takes the words out of panics, leaves of function names what tells where in
/// the package something is, and encodes the module as a component.
///
/// # Errors
///
/// The module is malformed, or carries no metadata of `wit-bindgen` that fits its imports and exports.
pub fn encode(core: &[u8], package: &str) -> Result<Vec<u8>, EncodeError> {
    let mut module = ModuleConfig::new()
        .generate_producers_section(false)
        .parse(core)
        .map_err(|e| EncodeError::Module(format!("{e:#}")))?;
    cut_wasi(&mut module)?;
    panics::trap(&mut module);
    names::shorten(&mut module, package);
    let component = wit_component::ComponentEncoder::default()
        .validate(true)
        .module(&module.emit_wasm())
        .and_then(|encoder| encoder.encode())
        .map_err(|e| EncodeError::Component(format!("{e:#}")))?;
    names::without_wrapping(&component).map_err(|e| EncodeError::Component(e.to_string()))
}

fn cut_wasi(module: &mut Module) -> Result<(), EncodeError> {
    let wasi: Vec<(FunctionId, bool)> = module
        .imports
        .iter()
        .filter(|import| import.module.starts_with("wasi"))
        .filter_map(|import| match import.kind {
            ImportKind::Function(function) => Some((function, import.module.starts_with(HASH_SEED_MODULE))),
            _ => None,
        })
        .collect();
    let memory = module.memories.iter().next().map(|memory| memory.id());
    for (function, is_hash_seed) in wasi {
        let replaced = module.replace_imported_func(function, |(builder, arguments)| {
            match (is_hash_seed, memory, arguments.first()) {
                (true, Some(memory), Some(pointer)) => store_seeds(builder, memory, *pointer),
                _ => {
                    builder.func_body().unreachable();
                }
            }
        });
        replaced.map_err(|e| EncodeError::Module(format!("{e:#}")))?;
    }
    Ok(())
}

/// The seed's canonical form: `func(pointer)`, which stores a pair of 64-bit numbers.
fn store_seeds(builder: &mut FunctionBuilder, memory: MemoryId, pointer: walrus::LocalId) {
    let mut body = builder.func_body();
    for (seed, offset) in HASH_SEEDS.into_iter().zip([0_u64, 8]) {
        body.local_get(pointer).i64_const(seed).store(
            memory,
            StoreKind::I64 { atomic: false },
            MemArg { align: 8, offset },
        );
    }
}

#[cfg(test)]
mod tests {
    use super::{EncodeError, encode};

    #[test]
    fn what_is_no_module_is_refused() {
        assert!(matches!(encode(b"\0asm", "plugin"), Err(EncodeError::Module(_))));
    }
}
