//! Panics without words.
//!
//! A component has no standard error, so a panic's message reaches nobody, and the code that composes it is dead weight.
//! Every function of the standard library that panics becomes a trap; its name stays for the backtrace.

use walrus::{FunctionBuilder, FunctionId, FunctionKind, Module};

/// Where functions that never return begin, by their demangled names.
const PANICS: [&str; 10] = [
    "alloc::alloc::handle_alloc_error",
    "alloc::raw_vec::capacity_overflow",
    "alloc::raw_vec::handle_error",
    "core::cell::panic_already_",
    "core::option::expect_failed",
    "core::option::unwrap_failed",
    "core::panicking::",
    "core::result::unwrap_failed",
    "core::slice::index::slice_",
    "core::str::slice_error_fail",
];

/// Makes them trap, and removes what only they used.
pub(crate) fn trap(module: &mut Module) {
    let panics = |name: &str| {
        let name = format!("{:#}", rustc_demangle::demangle(name));
        PANICS.iter().any(|begin| name.starts_with(begin))
    };
    let found: Vec<FunctionId> = module
        .funcs
        .iter_local()
        .filter(|(id, _)| {
            let name = module.funcs.get(*id).name.as_deref();
            name.is_some_and(panics)
        })
        .map(|(id, _)| id)
        .collect();
    for id in found {
        let signature = module.types.get(module.funcs.get(id).ty());
        let (params, results) = (signature.params().to_vec(), signature.results().to_vec());
        let mut builder = FunctionBuilder::new(&mut module.types, &params, &results);
        builder.func_body().unreachable();
        let arguments = params.iter().map(|of| module.locals.add(*of)).collect();
        module.funcs.get_mut(id).kind = FunctionKind::Local(builder.local_func(arguments));
    }
    walrus::passes::gc::run(module);
}
