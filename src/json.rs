//! JSON read into structs, by one reader for all of them, and JSON put together.
//!
//! serde's derived readers are made anew for every struct, which was a tenth of the component (docs/decisions/0007). Here
//! serde_json parses for one visitor, and a struct only says which of its members has which name. Unknown members are
//! skipped without being kept.

mod read;
mod slots;
mod write;

pub(crate) use read::members;
pub use read::{Shape, Slot, is_default, read};
pub use slots::Skipped;
pub(crate) use write::json;
pub use write::{ToJson, add, put, text};

#[cfg(test)]
mod tests;
