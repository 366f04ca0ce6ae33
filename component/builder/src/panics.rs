//! Panics without words.
//!
//! A component has no standard error, so a panic's message reaches nobody, and the code that composes it is dead weight.
//! Every call of a function of the standard library that panics becomes a trap where it stands; the backtrace names the
//! function that it stands in.

use std::collections::BTreeMap;

use walrus::ir::{Instr, InstrSeq, Unreachable, VisitorMut, dfs_pre_order_mut};
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
    let mut calls = Calls(BTreeMap::new());
    for id in found {
        let signature = module.types.get(module.funcs.get(id).ty());
        let (params, results) = (signature.params().to_vec(), signature.results().to_vec());
        calls.0.insert(id, params.len());
        let mut builder = FunctionBuilder::new(&mut module.types, &params, &results);
        builder.func_body().unreachable();
        let arguments = params.iter().map(|of| module.locals.add(*of)).collect();
        module.funcs.get_mut(id).kind = FunctionKind::Local(builder.local_func(arguments));
    }
    for (_, function) in module.funcs.iter_local_mut() {
        let entry = function.entry_block();
        dfs_pre_order_mut(&mut calls, function, entry);
    }
    walrus::passes::gc::run(module);
}

/// Functions that only trap, with the number of their parameters.
struct Calls(BTreeMap<FunctionId, usize>);

impl VisitorMut for Calls {
    /// Nothing behind such a call is ever reached, and what was computed for it alone goes with it.
    fn start_instr_seq_mut(&mut self, sequence: &mut InstrSeq) {
        let parameters = |(instr, _): &(Instr, _)| match instr {
            Instr::Call(call) => self.0.get(&call.func).copied(),
            _ => None,
        };
        let found = sequence.iter().enumerate();
        let Some((place, parameters)) = found.filter_map(|(place, it)| Some((place, parameters(it)?))).next() else {
            return;
        };
        let computed = sequence.iter().take(place).rev().take(parameters);
        let pushes = |instr: &Instr| matches!(instr, Instr::Const(_) | Instr::LocalGet(_) | Instr::GlobalGet(_));
        let needless = computed.take_while(|(instr, _)| pushes(instr)).count();
        sequence.truncate(place - needless);
        sequence.push((Unreachable {}.into(), Default::default()));
    }
}
