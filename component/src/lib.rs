//! The xray component as bytes, compiled from the root package by this crate's build script.

/// Where the build put the component, or where `TMS_SYNC_COMPONENT` said it is. Valid on the machine that built.
pub const PATH: &str = env!("TMS_SYNC_COMPONENT_BUILT");

/// The component.
pub fn bytes() -> &'static [u8] {
    include_bytes!(env!("TMS_SYNC_COMPONENT_BUILT"))
}
