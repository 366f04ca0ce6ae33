//! What can be wrong with a destination: one list for the preflight of an export and for the connection test.

use crate::error::{Result, Side};
use crate::ports::Pending;

/// Something that can be wrong with a destination.
pub struct Check<'c> {
    /// Name, as the connection test reports it.
    pub name: &'static str,
    /// Whose it is.
    pub side: Side,
    /// Names of the checks that have to pass before.
    pub needs: &'static [&'static str],
    /// The check that a refused credential is the finding of, where this one may meet the refusal first.
    pub credential: Option<&'static str>,
    /// An export begins with it; otherwise only the connection test makes it.
    pub preflight: bool,
    /// Looks. Returns what was found, as a sentence for people.
    pub look: Pending<'c, Result<String>>,
}
