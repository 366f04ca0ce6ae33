//! Which headers pass, in each direction.

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use crate::contract::imports::http::{Header, Identity};
use crate::model::IdentitySign;

/// The contract's list (`http.request.headers`). Anything else is refused, not dropped: a silent drop hides an attack.
const REQUEST: [&str; 5] = [
    "accept",
    "accept-language",
    "content-type",
    "x-atlassian-token",
    "x-force-accept-language",
];

/// Longest value of a request header, in bytes.
const MAX_VALUE: usize = 1_024;

/// What a plugin may know of an answer (`http.response.headers`). `set-cookie` holds a credential on Jira Data Center,
/// `www-authenticate` and `x-ausername` are read by the host alone.
const RESPONSE: [&str; 12] = [
    "content-type",
    "retry-after",
    "beta-retry-after",
    "x-arequestid",
    "x-request-id",
    "x-requestid",
    "x-trace-id",
    "atl-traceid",
    "atl-request-id",
    "x-seraph-loginreason",
    "x-authentication-denied-reason",
    "x-failure-category",
];

/// Rate limit headers come in many encodings (`x-ratelimit-remaining`, `ratelimit-reset`, `x-beta-ratelimit-…`).
const RATE_LIMIT: &str = "ratelimit-";

/// Headers of the connection itself, which no credential takes the place of.
const TRANSPORT: [&str; 10] = [
    "connection",
    "content-length",
    "cookie",
    "expect",
    "host",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
];

/// Whether a header may carry a credential (`setup.header-auth`).
pub(crate) fn is_own(name: &str) -> bool {
    let is_lower = name.bytes().all(|byte| !byte.is_ascii_uppercase());
    let is_taken = REQUEST.contains(&name) || TRANSPORT.contains(&name) || name.starts_with("proxy-");
    is_lower && !is_taken && HeaderName::from_bytes(name.as_bytes()).is_ok()
}

pub(crate) fn request(headers: &[Header]) -> Result<HeaderMap, String> {
    let mut map = HeaderMap::new();
    for header in headers {
        if !REQUEST.contains(&header.name.as_str()) {
            return Err(format!("the header `{}` is not accepted", printable(&header.name)));
        }
        let name = HeaderName::from_bytes(header.name.as_bytes()).map_err(|_| "a header has no valid name")?;
        if header.value.len() > MAX_VALUE {
            return Err(format!("the header `{name}` is too long"));
        }
        let value = HeaderValue::from_str(&header.value).map_err(|_| format!("the header `{name}` has a bad value"))?;
        if map.insert(&name, value).is_some() {
            return Err(format!("the header `{name}` occurs twice"));
        }
    }
    Ok(map)
}

pub(crate) fn response(headers: &HeaderMap) -> Vec<Header> {
    let passes = |name: &str| RESPONSE.contains(&name) || name.contains(RATE_LIMIT);
    headers
        .iter()
        .filter(|(name, _)| passes(name.as_str()))
        .map(|(name, value)| Header {
            name: name.as_str().to_owned(),
            value: String::from_utf8_lossy(value.as_bytes()).into_owned(),
        })
        .collect()
}

/// The first sign that matches decides.
pub(crate) fn identity(signs: &[IdentitySign], headers: &HeaderMap) -> Identity {
    let matches = |sign: &&IdentitySign| {
        headers.get_all(&sign.header).iter().any(|found| {
            sign.value
                .as_ref()
                .is_none_or(|wanted| found.as_bytes().eq_ignore_ascii_case(wanted.as_bytes()))
        })
    };
    match signs.iter().find(matches) {
        Some(sign) if sign.authenticated => Identity::Authenticated,
        Some(_) => Identity::Anonymous,
        None => Identity::Unknown,
    }
}

/// A name from the guest, fit for a message.
fn printable(text: &str) -> String {
    text.chars().take(64).flat_map(char::escape_default).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(name: &str, value: &str) -> Header {
        Header {
            name: name.into(),
            value: value.into(),
        }
    }

    #[test]
    fn only_the_contracts_headers_pass() {
        assert!(
            request(&[
                header("accept", "application/json"),
                header("x-atlassian-token", "no-check")
            ])
            .is_ok()
        );
        for name in [
            "authorization",
            "Authorization",
            "cookie",
            "host",
            "proxy-authorization",
            "forwarded",
            "x-forwarded-for",
            "transfer-encoding",
            "content-length",
            "connection",
            "te",
            "upgrade",
            "Accept",
            "accept ",
            "",
            "a\r\nb",
        ] {
            assert!(request(&[header(name, "x")]).is_err(), "{name:?}");
        }
    }

    #[test]
    fn values_cannot_start_a_new_header() {
        for value in ["a\r\nauthorization: x", "a\nb", "a\0"] {
            assert!(request(&[header("accept", value)]).is_err(), "{value:?}");
        }
        assert!(request(&[header("accept", "a"), header("accept", "b")]).is_err());
    }

    #[test]
    fn cookies_challenges_and_account_names_stay_with_the_host() {
        let mut map = HeaderMap::new();
        for name in [
            "set-cookie",
            "www-authenticate",
            "x-ausername",
            "location",
            "content-type",
            "x-ratelimit-limit",
        ] {
            map.insert(name, HeaderValue::from_static("v"));
        }
        let names: Vec<_> = response(&map).into_iter().map(|header| header.name).collect();
        assert_eq!(names, ["content-type", "x-ratelimit-limit"]);
    }

    #[test]
    fn the_first_matching_sign_decides() {
        let sign = |header: &str, value: Option<&str>, authenticated| IdentitySign {
            header: header.into(),
            value: value.map(Into::into),
            authenticated,
        };
        let signs = [
            sign("x-ausername", Some("anonymous"), false),
            sign("x-ausername", None, true),
        ];
        let with =
            |value| HeaderMap::from_iter([(HeaderName::from_static("x-ausername"), HeaderValue::from_static(value))]);
        assert_eq!(identity(&signs, &with("Anonymous")), Identity::Anonymous);
        assert_eq!(identity(&signs, &with("jdoe")), Identity::Authenticated);
        assert_eq!(identity(&signs, &HeaderMap::new()), Identity::Unknown);
    }
}
