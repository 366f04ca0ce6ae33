//! Snapshots of whole renderings, one for a story: `INSTA_UPDATE=always` writes them, and a person reads the difference.

use std::any::type_name;
use std::sync::LazyLock;

use regex::Regex;

/// What differs from one run to the next, and what snapshots show instead.
const VOLATILE: [(&str, &str); 17] = [
    (r"\b[0-9a-f]{64}\b", "[digest]"),
    (r"\b[0-9a-f]{32}\b", "[run]"),
    (r"\b(looks-)[0-9a-f]{16}\b", "$1[scope]"),
    (r"not-started-\d+-\d+-\d+", "[run]"),
    (r"\b(tms-[a-z]{2}-)[a-z2-7]{20}\b", "$1[digest]"),
    (r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ", "[time]"),
    (r"(looked for after) \S+", "$1 [time]"),
    (
        r"requests: [^;\n]+; took [^\n]+",
        "requests: [numbers]; took [duration]",
    ),
    (r"\d+ of (\d+ requests to)", "[number] of $1"),
    (r"(about \d+ requests to \w+) in (?:\d+ min )?\d+ s", "$1 in [duration]"),
    (r"\(about \d+ %(?:, [^)]* left)?\)", "([estimate])"),
    (r"took (\d+ ms|\d+\.\d s|\d+ min \d\d s)", "took [duration]"),
    (r"(_seconds\{[^}]*\}) [\d.]+", "$1 [seconds]"),
    (r"127\.0\.0\.1:\d{4,5}", "[server]"),
    (r"/\S*/\.tmp[A-Za-z0-9]{6}", "[folder]"),
    (r"/\S*/tms-sync-demo-[A-Za-z0-9]{6}", "[folder]"),
    (r"\d+ bytes \(\d+ KiB\)", "[size]"),
];

static PATTERNS: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    let compiled = VOLATILE
        .iter()
        .map(|(pattern, name)| (Regex::new(pattern).unwrap(), *name));
    compiled.collect()
});

/// A text without what differs from one run to the next.
pub fn steady(text: String) -> String {
    PATTERNS.iter().fold(text, |text, (pattern, name)| {
        pattern.replace_all(&text, *name).into_owned()
    })
}

/// Compares what is displayed, each under its own expression, with the snapshot of the story that asks. A story has one.
///
/// `reports!(first, again)` is one snapshot for both variants, so that it also says that they report the same;
/// `reports!(variant => first, again)` is one for each.
#[macro_export]
macro_rules! reports {
    ($variant:expr => $($shown:expr),+ $(,)?) => {
        insta::with_settings!({omit_expression => true, snapshot_suffix => format!("{:?}", $variant).to_lowercase()}, {
            insta::assert_snapshot!($crate::story!(), $crate::stories::steady($crate::sections!($($shown),+)));
        })
    };
    ($($shown:expr),+ $(,)?) => {
        insta::with_settings!({omit_expression => true}, {
            insta::assert_snapshot!($crate::story!(), $crate::stories::steady($crate::sections!($($shown),+)));
        })
    };
}

/// The name of the story around.
#[macro_export]
macro_rules! story {
    () => {{
        fn here() {}
        $crate::stories::story_around(here)
    }};
}

/// What is displayed, each below its own expression.
#[macro_export]
macro_rules! sections {
    ($only:expr) => { $only.to_string() };
    ($($shown:expr),+) => {{
        [$(format!("== {} ==\n{}", stringify!($shown), $shown)),+].join("\n")
    }};
}

/// The name of the function in which another one stands.
pub fn story_around<T>(_inner: T) -> &'static str {
    let mut path = type_name::<T>().rsplit("::").skip(1);
    path.find(|part| *part != "{{closure}}").unwrap()
}
