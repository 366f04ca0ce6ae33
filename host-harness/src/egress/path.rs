//! Paths that a plugin asks for, checked against the routes of its manifest.

use crate::model::{Method, Route};

/// Longest accepted path, in bytes.
const MAX_PATH: usize = 2_048;

/// Checks the shape: origin-relative, and with one reading only. Servers differ in how they treat dot segments, encoded
/// slashes, backslashes and path parameters, so none of these reaches one.
pub(crate) fn check(path: &str) -> Result<(), &'static str> {
    if !path.starts_with('/') {
        return Err("the path does not start with `/`");
    }
    if path.len() > MAX_PATH {
        return Err("the path is too long");
    }
    if path.contains("//") {
        return Err("the path has an empty segment");
    }
    if path
        .bytes()
        .any(|b| b.is_ascii_control() || b == b' ' || matches!(b, b'\\' | b';' | b'?' | b'#'))
    {
        return Err("the path has a character that does not belong there");
    }
    if has_bad_escape(path) {
        return Err("the path has an encoded dot, slash, backslash, percent sign or control character");
    }
    if path.split('/').any(|segment| matches!(segment, "." | "..")) {
        return Err("the path has a dot segment");
    }
    Ok(())
}

/// Any `%` that is not two hexadecimal digits of a harmless character.
fn has_bad_escape(path: &str) -> bool {
    path.split('%').skip(1).any(|rest| {
        let decoded = rest.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        let hexadecimal = rest.bytes().take(2).all(|b| b.is_ascii_hexdigit());
        match decoded {
            Some(b'.' | b'/' | b'\\' | b'%' | b';' | b'?' | b'#' | 0..=0x1f | 0x7f) | None => true,
            Some(_) => !hexadecimal,
        }
    })
}

/// Whether a rule covers method and path.
pub(crate) fn is_routed(routes: &[Route], method: Method, path: &str) -> bool {
    routes
        .iter()
        .any(|route| route.methods.contains(&method) && covers(&route.prefix, path))
}

/// Whole segments: `/rest/api/2` covers itself and `/rest/api/2/issue`, not `/rest/api/20`. A segment `*` stands for any one.
fn covers(prefix: &str, path: &str) -> bool {
    let mut found = path.split('/');
    let mut wanted = prefix.trim_end_matches('/').split('/');
    wanted.all(|wanted| {
        let fits = |found: &str| wanted == found || wanted == "*" && !found.is_empty();
        found.next().is_some_and(fits)
    })
}

#[cfg(test)]
mod tests {
    use super::{check, covers};

    #[test]
    fn ordinary_paths_pass() {
        for path in [
            "/",
            "/rest/api/2/issue/CALC-1",
            "/api/testcase/1",
            "/rest/api/2/issue/a%20b",
            "/x/..y/.z",
            "/a/%C3%A4",
        ] {
            assert_eq!(check(path), Ok(()), "{path}");
        }
    }

    #[test]
    fn a_path_with_a_second_reading_is_refused() {
        let bad = [
            "",
            "rest",
            "//evil.example/x",
            "https://evil.example/",
            "/a/../b",
            "/a/..",
            "/./a",
            "/a//b",
            "/%2e%2e/a",
            "/a/%2E%2e/b",
            "/a%2fb",
            "/a%2Fb",
            "/a%5cb",
            "/a\\b",
            "/a;b=c",
            "/a?b",
            "/a#b",
            "/a b",
            "/a\r\nx: y",
            "/a\0",
            "/a%00",
            "/a%0d%0a",
            "/%252e%252e/a",
            "/a%",
            "/a%2",
            "/a%zz",
            "/a%+1",
            "/a%3f",
            "/a%3B",
        ];
        for path in bad {
            assert!(check(path).is_err(), "{path:?}");
        }
    }

    #[test]
    fn a_prefix_covers_whole_segments() {
        assert!(covers("/rest/api/2", "/rest/api/2") && covers("/rest/api/2/", "/rest/api/2/issue"));
        assert!(!covers("/rest/api/2", "/rest/api/20") && !covers("/rest/api/2", "/rest/api"));
        assert!(covers("/", "/rest") && covers("", "/"));
    }

    #[test]
    fn a_star_stands_for_one_segment() {
        let prefix = "/api/testcase/*/testkey";
        assert!(covers(prefix, "/api/testcase/7/testkey"));
        for other in [
            "/api/testcase/7",
            "/api/testcase/7/tag",
            "/api/testcase/testkey",
            "/api/testcase//testkey",
        ] {
            assert!(!covers(prefix, other), "{other}");
        }
    }
}
