//! Short function names: what a trap's backtrace shows.
//!
//! A mangled name of generic code takes hundreds of bytes, a fifth of a component. Kept is what tells a reader where he
//! is: the last segments of the path of the plugin's own functions, without generic arguments and hashes.

use walrus::{FunctionKind, Module};
use wasmparser::{BinaryReaderError, Chunk, Parser, Payload};

/// Segments of a path that are kept.
const SEGMENTS: usize = 2;
/// Longest name, in bytes; what is beyond names types inside types.
const LONGEST: usize = 40;
/// Functions of fewer instructions have no name: their callers have.
const SMALL: u64 = 500;

/// Shortens the name of every function of the module.
pub(crate) fn shorten(module: &mut Module, package: &str) {
    let own = package.replace('-', "_");
    for function in module.funcs.iter_mut() {
        let is_small = matches!(&function.kind, FunctionKind::Local(local) if local.size() < SMALL);
        let name = function.name.take().filter(|_| !is_small);
        function.name = name.and_then(|name| short(&name, &own));
    }
}

/// A component without the names of what is around its module: instances and types, which no backtrace shows.
pub(crate) fn without_wrapping(component: &[u8]) -> Result<Vec<u8>, BinaryReaderError> {
    let (mut parser, mut rest, mut kept) = (Parser::new(0), component, Vec::new());
    while let Chunk::Parsed { consumed, payload } = parser.parse(rest, true)? {
        let inner = match &payload {
            Payload::ModuleSection { unchecked_range, .. } | Payload::ComponentSection { unchecked_range, .. } => {
                usize::try_from(unchecked_range.end - unchecked_range.start).unwrap_or(usize::MAX)
            }
            _ => 0,
        };
        let (section, behind) = rest
            .split_at_checked(consumed.saturating_add(inner))
            .unwrap_or((rest, &[]));
        if !matches!(&payload, Payload::CustomSection(it) if it.name() == "component-name") {
            kept.extend_from_slice(section);
        }
        if let Payload::End(_) = payload {
            break;
        }
        rest = behind;
    }
    Ok(kept)
}

/// `<own::B<C> as d::E>::f::{{closure}}` becomes `B::f{}`. Functions of other crates have no name: a backtrace names who
/// called them.
fn short(mangled: &str, own: &str) -> Option<String> {
    let Ok(demangled) = rustc_demangle::try_demangle(mangled) else {
        return Some(mangled.to_owned());
    };
    let full = format!("{demangled:#}");
    if full.trim_start_matches('<').split("::").next()? != own {
        return None;
    }
    let mut kept = Vec::new();
    let mut closures = 0;
    for segment in segments(&full).into_iter().rev() {
        match plain(segment) {
            Some(name) if name.contains("{closure") => closures += usize::from(kept.is_empty()),
            Some(name) if kept.len() < SEGMENTS => kept.push(name),
            _ => {}
        }
    }
    kept.reverse();
    let mut name: String = kept.join("::").chars().take(LONGEST).collect();
    name.extend(std::iter::repeat_n("{}", closures.min(SEGMENTS)));
    Some(name)
}

/// Splits a path at the `::` that stand outside of angle brackets.
fn segments(path: &str) -> Vec<&str> {
    let (mut depth, mut begin, mut found) = (0_u32, 0, Vec::new());
    let bytes = path.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'<' => depth += 1,
            // `->` closes nothing.
            b'>' if at == 0 || bytes.get(at - 1) != Some(&b'-') => depth = depth.saturating_sub(1),
            b':' if depth == 0 && at >= begin && bytes.get(at + 1) == Some(&b':') => {
                found.push(path.get(begin..at).unwrap_or_default());
                begin = at + 2;
            }
            _ => {}
        }
    }
    found.push(path.get(begin..).unwrap_or_default());
    found
}

/// The name of a segment: the type of `<type as trait>` and `<type>`, nothing for mere arguments and `impl` blocks.
fn plain(segment: &str) -> Option<&str> {
    match segment.split_once('<') {
        None => Some(segment).filter(|segment| !segment.is_empty()),
        Some(("", inner)) if inner.starts_with("impl ") => None,
        Some(("", inner)) => {
            let of = inner.split_once(" as ").map_or(inner, |(of, _)| of);
            plain(segments(of.trim_end_matches('>')).last().copied()?)
        }
        Some((name, _)) => Some(name),
    }
}

#[cfg(test)]
mod tests {
    use super::short;

    #[test]
    fn a_name_keeps_the_end_of_its_path() {
        for (mangled, expected) in [
            (
                "_ZN13tms_sync_xray3web6Client6answer28_$u7b$$u7b$closure$u7d$$u7d$17h82ce40ec9775745cE",
                "Client::answer{}",
            ),
            (
                "_ZN13tms_sync_xray4sync5cases42_$LT$impl$u20$tms_sync_xray..sync..Run$GT$12export_cases28_$u7b$$u7b$closure$u7d$$u7d$17hfeb1cfccdf6276b5E",
                "cases::export_cases{}",
            ),
            (
                "_ZN87_$LT$tms_sync_xray..contract..imports..Pipe$u20$as$u20$tms_sync_xray..ports..Events$GT$4emit28_$u7b$$u7b$closure$u7d$$u7d$17h086d1c4311391fe3E",
                "Pipe::emit{}",
            ),
        ] {
            assert_eq!(short(mangled, "tms_sync_xray").as_deref(), Some(expected));
        }
    }

    #[test]
    fn what_is_not_mangled_stays_as_it_is() {
        let name = "testops:tms-sync/setup@0.1.0#describe";
        assert_eq!(short(name, "tms_sync_xray").as_deref(), Some(name));
    }

    #[test]
    fn other_crates_have_no_names() {
        for mangled in [
            "_ZN102_$LT$core..iter..adapters..map..Map$LT$I$C$F$GT$$u20$as$u20$core..iter..traits..iterator..Iterator$GT$4next17h33540a84706c2a33E",
            "_ZN80_$LT$serde_json..de..SeqAccess$LT$R$GT$$u20$as$u20$serde_core..de..SeqAccess$GT$17next_element_seed17h90b30b3178a8116bE",
            "_RNvNtCs9pv848UzQwQ_4core9panicking9panic_fmt",
            "_ZN4core3ptr49drop_in_place$LT$alloc..string..FromUtf8Error$GT$17h7f9cbd784376585eE",
        ] {
            assert_eq!(short(mangled, "tms_sync_xray"), None);
        }
    }
}
