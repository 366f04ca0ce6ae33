//! The WIT world in Rust. Only [`crate::model`], `imports` and `run` look in here.

#[expect(
    missing_docs,
    reason = "generated; what has documentation in the WIT text has it here"
)]
mod generated {
    wasmtime::component::bindgen!({
        path: "../wit",
        world: "tms-sync",
        imports: {
            "testops:tms-sync/clock.now": trappable,
            "testops:tms-sync/http.[method]blob.digest": trappable,
            "testops:tms-sync/http.[method]blob.size": trappable,
            "testops:tms-sync/http.[drop]blob": trappable,
            "testops:tms-sync/log.log": trappable,
            "testops:tms-sync/secrets.stored": trappable,
            default: async | store | trappable,
        },
        exports: { default: async | store },
        with: { "testops:tms-sync/http.blob": crate::spool::Kept },
    });
}

pub(crate) use generated::testops::tms_sync as imports;
pub(crate) use generated::{TmsSync, TmsSyncPre, exports::testops::tms_sync as exports};

/// Package and version of the contract this host speaks, as components name it.
pub const PACKAGE: &str = "testops:tms-sync";
/// Version of the contract this host speaks.
pub const VERSION: &str = "0.2.0";
