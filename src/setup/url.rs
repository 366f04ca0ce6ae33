use super::Finding;
use crate::text::shown;

/// Longest address that is looked at, in bytes.
const LONGEST: usize = 2048;

/// The address of a server: scheme, host, port and path, nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Url<'a> {
    /// The whole address.
    pub(super) text: &'a str,
    pub(super) secure: bool,
    /// Without the brackets of an IPv6 address.
    pub(super) host: &'a str,
    pub(super) port: Option<u16>,
    /// Starts with `/` or is empty; single slashes, no `.` and `..`, no escapes.
    pub(super) path: &'a str,
    /// Where the path begins in the text.
    pub(super) path_at: usize,
}

impl<'a> Url<'a> {
    /// Reads an address, up to the first thing that does not belong into it.
    pub(super) fn parse(field: &str, text: &'a str) -> Result<Self, Finding> {
        userinfo(field, text)?;
        characters(field, text)?;
        let (secure, authority_at) = scheme(field, text)?;
        let rest = text.get(authority_at..).unwrap_or_default();
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let path_at = authority_at + authority.len();
        let path = text.get(path_at..).unwrap_or_default();
        if let Some(end) = path.find(['?', '#']) {
            let kept = text.get(..path_at + end).unwrap_or(text).trim_end_matches('/');
            return Err(
                Finding::error(field, "The address of a server has no query and no fragment.")
                    .hint(format!("If {kept} is the server, write only that."))
                    .at(text, path_at + end),
            );
        }
        let (host, port) = host_and_port(field, text, authority, authority_at)?;
        segments(field, text, path, path_at)?;
        Ok(Self {
            text,
            secure,
            host,
            port,
            path,
            path_at,
        })
    }

    /// Only this machine answers there.
    pub(super) fn is_loopback(&self) -> bool {
        let host = self.host.to_ascii_lowercase();
        let v4 = || {
            host.parse::<std::net::Ipv4Addr>()
                .is_ok_and(|address| address.is_loopback())
        };
        host == "localhost" || host.ends_with(".localhost") || host == "::1" || v4()
    }

    /// The host is this domain or below it.
    pub(super) fn is_below(&self, domain: &str) -> bool {
        let host = self.host.to_ascii_lowercase();
        host.strip_suffix(domain)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    }

    /// Segments of the path with their places in the text; a slash at the end makes no segment.
    pub(super) fn segments(&self) -> impl Iterator<Item = (usize, &'a str)> + use<'a> {
        let mut at = self.path_at;
        let path = self.path;
        path.split('/').filter_map(move |segment| {
            let start = at;
            at += segment.len() + 1;
            (!segment.is_empty()).then_some((start, segment))
        })
    }

    /// The address up to before this byte, without a slash at the end.
    pub(super) fn up_to(&self, end: usize) -> &'a str {
        self.text.get(..end).unwrap_or(self.text).trim_end_matches('/')
    }

    /// Both lead to the same place.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let port = |url: &Self| url.port.unwrap_or(if url.secure { 443 } else { 80 });
        self.host.eq_ignore_ascii_case(other.host)
            && port(self) == port(other)
            && self.path.trim_end_matches('/') == other.path.trim_end_matches('/')
    }
}

/// Nothing of an address with a password may be shown, so this comes first and takes an `@` anywhere for its sign.
fn userinfo(field: &str, text: &str) -> Result<(), Finding> {
    text.rsplit_once('@').map_or(Ok(()), |(_, host)| {
        Err(
            Finding::error(field, "The address seems to hold a user name or a password.").hint(format!(
                "Leave out everything before {}; credentials have fields of their own.",
                shown(host)
            )),
        )
    })
}

fn characters(field: &str, text: &str) -> Result<(), Finding> {
    if text.len() > LONGEST {
        return Err(Finding::error(
            field,
            format!("The address is longer than {LONGEST} characters."),
        ));
    }
    let strange = |c: char| !c.is_ascii_graphic() || matches!(c, '\\' | '"' | '<' | '>' | '^' | '`' | '{' | '|' | '}');
    let Some((at, found)) = text.char_indices().find(|(_, c)| strange(*c)) else {
        return Ok(());
    };
    let finding = Finding::error(field, "The address holds a character that addresses do not have.").at(text, at);
    Err(match found {
        c if c.is_whitespace() => finding.hint("Take the white space out."),
        '\\' => finding.hint("Slashes lean forward: https://…"),
        c if c.is_alphabetic() => finding.hint("Write a host with other than Latin letters in its ASCII form, xn--…"),
        _ => finding.hint("Copy the address from the browser's address bar."),
    })
}

/// Whether it is https, and where the host begins.
fn scheme(field: &str, text: &str) -> Result<(bool, usize), Finding> {
    let Some((scheme, rest)) = text.split_once("://") else {
        let host = text.trim_start_matches('/');
        let finding = Finding::error(field, "The address has no scheme.").at(text, 0);
        return Err(match host.split_once(":/") {
            Some((_, host)) => finding.hint(format!("Write https://{}", host.trim_start_matches('/'))),
            None => finding.hint(format!("Write https://{host}")),
        });
    };
    match scheme.to_ascii_lowercase().as_str() {
        "https" => Ok((true, 8)),
        "http" => Ok((false, 7)),
        _ => Err(Finding::error(field, "The scheme is neither https nor http.")
            .hint(format!("Write https://{rest}"))
            .at(text, 0)),
    }
}

fn host_and_port<'a>(
    field: &str,
    text: &str,
    authority: &'a str,
    authority_at: usize,
) -> Result<(&'a str, Option<u16>), Finding> {
    let wrong = |message: &str, offset: usize| Finding::error(field, message).at(text, authority_at + offset);
    let (host, port) = match authority.strip_prefix('[').map(|rest| rest.split_once(']')) {
        Some(Some((host, port))) => (host, port),
        Some(None) => return Err(wrong("The bracket of the IPv6 address is not closed.", 0)),
        None => authority.split_at(authority.find(':').unwrap_or(authority.len())),
    };
    let is_v6 = authority.starts_with('[');
    if host.is_empty() {
        return Err(wrong("The address has no host.", 0).hint("An address looks like https://jira.example.com."));
    }
    if is_v6 && host.parse::<std::net::Ipv6Addr>().is_err() {
        return Err(wrong("The brackets hold no IPv6 address.", 1));
    }
    if !is_v6 && !is_name(host) {
        return Err(wrong("The host is not a name.", 0)
            .hint("A host is made of letters, digits and hyphens between single dots."));
    }
    let port_at = authority.len() - port.len();
    match port.strip_prefix(':') {
        None if port.is_empty() => Ok((host, None)),
        Some(digits) if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) => match digits.parse() {
            Ok(port) if port > 0 => Ok((host, Some(port))),
            _ => Err(wrong("The port is not a number from 1 to 65535.", port_at)),
        },
        _ => Err(wrong("What follows the host is no port.", port_at).hint("A port looks like :8080.")),
    }
}

fn is_name(host: &str) -> bool {
    let is_label = |label: &str| {
        let known = label
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
        known && (1..=63).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-')
    };
    host.len() <= 253 && host.split('.').all(is_label)
}

fn segments(field: &str, text: &str, path: &str, path_at: usize) -> Result<(), Finding> {
    let wrong = |message: &str, offset: usize| Finding::error(field, message).at(text, path_at + offset);
    if let Some(at) = path.find("//") {
        return Err(wrong("The path has a doubled slash.", at + 1).hint("Servers refuse it: leave one slash."));
    }
    if let Some(at) = path.find('%') {
        return Err(wrong("The path has an escaped character.", at).hint("Write the server's address without it."));
    }
    let mut at = 0;
    for segment in path.split('/') {
        if matches!(segment, "." | "..") {
            return Err(wrong("The path has a relative part.", at).hint("Write the path as the server shows it."));
        }
        at += segment.len() + 1;
    }
    Ok(())
}
