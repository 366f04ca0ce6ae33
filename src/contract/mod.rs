//! The only code that knows WIT: exports are converted and handed on, imports stand behind the ports.

mod convert;
mod exports;
mod imports;
mod manifest;
mod panics;
mod places;

mod generated {
    #![allow(missing_docs, reason = "generated from wit/, which documents every line")]
    wit_bindgen::generate!({
        path: "wit",
        world: "tms-sync",
        pub_export_macro: true,
        default_bindings_module: "crate::contract::generated",
    });
}

use generated::export;
export!(Plugin with_types_in generated);

/// The component.
struct Plugin;
