//! Addresses of links and pictures: which may be live, and which are files of TestOps.

/// Longest address that becomes a link; browsers and Jira cut longer ones.
const MAX_ADDRESS: usize = 2048;

/// What an address in a text is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// http or https, percent-encoded so that it holds only characters of RFC 3986 outside brackets.
    Web(String),
    /// mailto, encoded likewise.
    Mail(String),
    /// A file of TestOps.
    Attachment(AttachmentRef),
    /// No scheme: relative to a page we are not on.
    Relative,
    /// Anything else: `javascript:`, `data:`, `file:`, an address too long or without a host.
    Refused,
}

/// Which file of TestOps. Ids count per owner: file 7 of a case and file 7 of a result are different files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttachmentRef {
    /// `scheme://host` the reference named; `None` when it was relative. Another origin than that of the TestOps
    /// being read is another TestOps.
    pub origin: Option<String>,
    /// What the file belongs to.
    pub owner: AttachmentOwner,
    /// The id of the file among those of its kind of owner.
    pub id: u64,
    /// The path as written, percent-encoded, with a leading slash.
    pub path: String,
}

impl AttachmentRef {
    /// The whole address; a relative one is of the TestOps at `base`.
    #[must_use]
    pub fn url(&self, base: &str) -> String {
        let origin = self.origin.as_deref().unwrap_or(base);
        format!("{}{}", origin.trim_end_matches('/'), self.path)
    }

    /// Whether the file is one of the TestOps at `base`: a relative reference is, and one that names its host, whatever
    /// the scheme, so that addresses from before a move to https count.
    #[must_use]
    pub fn is_of(&self, base: &str) -> bool {
        self.origin.as_deref().is_none_or(|origin| host(origin) == host(base))
    }
}

/// Host and port of an address; the usual ports of http and https are none.
fn host(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let host = rest
        .split(['/', '?', '#'])
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    let usual = if scheme.eq_ignore_ascii_case("http") {
        ":80"
    } else {
        ":443"
    };
    host.strip_suffix(usual).map(str::to_owned).unwrap_or(host)
}

/// What a file of TestOps belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttachmentOwner {
    /// A test case.
    TestCase,
    /// A shared step.
    SharedStep,
    /// A test result.
    TestResult,
    /// A set-up or tear-down of a test result.
    FixtureResult,
}

/// Looks at an address as written in a text.
#[must_use]
pub fn classify(raw: &str) -> Address {
    let raw = raw.trim();
    if let Some(file) = attachment(raw) {
        return Address::Attachment(file);
    }
    if let Some((scheme, rest)) = split_scheme(raw) {
        return match scheme.to_ascii_lowercase().as_str() {
            "http" | "https" => web(&scheme.to_ascii_lowercase(), rest),
            "mailto" if rest.contains('@') => encode("mailto:", rest).map_or(Address::Refused, Address::Mail),
            _ => Address::Refused,
        };
    }
    // A colon before the first slash that is no clean scheme ("java\tscript:") is a disguise, not a path.
    let head = raw.split(['/', '?', '#']).next().unwrap_or_default();
    if head.contains(':') {
        Address::Refused
    } else {
        Address::Relative
    }
}

fn web(scheme: &str, rest: &str) -> Address {
    let host_and_path = rest.strip_prefix("//").unwrap_or_default();
    let host = host_and_path.split(['/', '?', '#']).next().unwrap_or_default();
    let usable =
        host.chars().any(char::is_alphanumeric) && host.chars().all(|c| c.is_alphanumeric() || "-._~:@%".contains(c));
    if !usable {
        return Address::Refused;
    }
    encode(&format!("{scheme}://"), host_and_path).map_or(Address::Refused, Address::Web)
}

fn split_scheme(raw: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = raw.split_once(':')?;
    let mut chars = scheme.chars();
    let clean = chars.next()?.is_ascii_alphabetic() && chars.all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    clean.then_some((scheme, rest))
}

/// Percent-encodes what RFC 3986 does not allow, and brackets, which end a link in wiki markup.
fn encode(prefix: &str, rest: &str) -> Option<String> {
    let mut out = String::with_capacity(prefix.len() + rest.len());
    out.push_str(prefix);
    let bytes = rest.as_bytes();
    for (at, &byte) in bytes.iter().enumerate() {
        let hex = |offset: usize| bytes.get(at + offset).is_some_and(u8::is_ascii_hexdigit);
        let kept = match byte {
            b'%' => hex(1) && hex(2),
            b'!' | b'[' | b']' => false,
            _ => byte.is_ascii_alphanumeric() || b"-._~:/?#@$&'()*+,;=".contains(&byte),
        };
        if kept {
            out.push(char::from(byte));
        } else {
            out.push('%');
            for nibble in [byte >> 4, byte & 15] {
                out.push(
                    char::from_digit(u32::from(nibble), 16)
                        .unwrap_or('0')
                        .to_ascii_uppercase(),
                );
            }
        }
    }
    (out.len() <= MAX_ADDRESS).then_some(out)
}

/// `[origin]/api/[rs/]{owner}/attachment/{id}/content[?…]`
fn attachment(raw: &str) -> Option<AttachmentRef> {
    let end = raw.find(['?', '#']).unwrap_or(raw.len());
    let path = raw.get(..end)?;
    let (origin, path) = match path.split_once("://") {
        Some((scheme, rest)) if matches!(scheme, "http" | "https") => {
            let (host, path) = rest.split_once('/')?;
            let Address::Web(origin) = web(scheme, &format!("//{host}")) else {
                return None;
            };
            (Some(origin), path)
        }
        Some(_) => return None,
        None => (None, path.strip_prefix('/').unwrap_or(path)),
    };
    // TestOps may live under a path of its own.
    let mut parts = path.split('/').skip_while(|part| *part != "api").skip(1).peekable();
    parts.next_if_eq(&"rs");
    let owner = match parts.next()? {
        "testcase" => AttachmentOwner::TestCase,
        "sharedstep" => AttachmentOwner::SharedStep,
        "testresult" => AttachmentOwner::TestResult,
        "testfixtureresult" => AttachmentOwner::FixtureResult,
        _ => return None,
    };
    let found = parts.next()? == "attachment";
    let id = parts.next()?;
    let digits = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
    let ends = parts.next()? == "content" && parts.next().is_none();
    let rest = raw.get(end..).unwrap_or_default();
    (found && digits && ends).then_some(AttachmentRef {
        origin,
        owner,
        id: id.parse().ok()?,
        path: encode("/", &format!("{path}{rest}"))?,
    })
}

/// The next bare http or https address in a text, as GFM's extended autolinks find it: its place, and the address,
/// which leads to the web or to a file of TestOps.
pub(super) fn find_bare(text: &str) -> Option<(std::ops::Range<usize>, Address)> {
    let mut from = 0;
    while let Some(at) = text.get(from..).and_then(|rest| rest.find("http")).map(|at| at + from) {
        let rest = text.get(at..).unwrap_or_default();
        let word_before = text
            .get(..at)
            .and_then(|before| before.chars().next_back())
            .is_some_and(char::is_alphanumeric);
        let length = bare_length(rest);
        if !word_before
            && let Some(raw) = rest.get(..length)
            && let address @ (Address::Web(_) | Address::Attachment(_)) = classify(raw)
        {
            return Some((at..at + length, address));
        }
        from = at + 4;
    }
    None
}

fn bare_length(rest: &str) -> usize {
    if !(rest.starts_with("http://") || rest.starts_with("https://")) {
        return 0;
    }
    let stop = |c: char| c.is_whitespace() || c.is_control() || "<>\"`|\\^{}[]".contains(c);
    // Bounded, so that a text full of schemes costs no square.
    let mut length = rest
        .char_indices()
        .take(MAX_ADDRESS)
        .find(|(_, c)| stop(*c))
        .map_or_else(
            || rest.char_indices().nth(MAX_ADDRESS).map_or(rest.len(), |(at, _)| at),
            |(at, _)| at,
        );
    let kept = rest.get(..length).unwrap_or_default();
    let mut unmatched = kept.matches(')').count().saturating_sub(kept.matches('(').count());
    for last in kept.chars().rev() {
        if last == ';' {
            // `&amp;` at the end belongs to the sentence, whole.
            let before = kept.get(..length - 1).unwrap_or_default();
            let name = before.bytes().rev().take_while(u8::is_ascii_alphanumeric).count();
            if name > 0 && before.get(..length - 1 - name).is_some_and(|rest| rest.ends_with('&')) {
                return length - name - 2;
            }
        }
        if last == ')' && unmatched > 0 {
            unmatched -= 1;
        } else if !".,;:!?'*_~".contains(last) {
            break;
        }
        length -= last.len_utf8();
    }
    length
}
