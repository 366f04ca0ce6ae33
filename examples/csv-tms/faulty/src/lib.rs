//! The plugin of `../plugin` without its care: it writes in a plan, appends instead of looking, trusts every answer,
//! does not hear `cancel` and asks for what its manifest does not have.

/// See `../plugin/src/lib.rs`.
const CARELESS: bool = true;

include!("../../plugin/src/export.rs");
