//! Which version of a Test is read and written, where it has several (Xray Enterprise).

use super::form::ValueType;
use super::reader::Reader;

/// The version of a Test that is read and written, and that results go to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum TestVersion {
    /// Xray's default version of each Test.
    #[default]
    Default,
    /// The one that was made last, among those that are not archived.
    Latest,
    /// The one of this name.
    Named(String),
}

/// Option of [`TestVersion`].
pub const TEST_VERSION: &str = "test-version";

pub(super) fn read(reader: &mut Reader<'_>) -> TestVersion {
    reader.group("Versions of Tests");
    let asked = reader.option(
        TEST_VERSION,
        "Version of a Test",
        "Which version is read and written, and where results go, where a Test has several: default, latest (Xray Cloud \
         alone), or the name of a version.",
    );
    match asked.text_or(ValueType::Text, "default") {
        name if name == "default" => TestVersion::Default,
        name if name == "latest" => TestVersion::Latest,
        name => TestVersion::Named(name),
    }
}
