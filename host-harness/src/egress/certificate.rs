//! Which certificates of servers are believed, and for those that are not, whose they are and what to do.

use std::fmt;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::verify_server_name;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, OtherError, SignatureScheme};
use rustls_platform_verifier::Verifier;

/// Believes what the operating system believes, and the operator's own authorities.
#[derive(Debug)]
pub(super) struct PeerVerifier {
    system: Verifier,
    /// The operator's authorities. One may be the certificate of a server itself.
    named: Vec<CertificateDer<'static>>,
}

impl PeerVerifier {
    pub(super) fn new(system: Verifier, named: &[CertificateDer<'static>]) -> Self {
        Self {
            system,
            named: named.to_vec(),
        }
    }
}

impl ServerCertVerifier for PeerVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verified = self
            .system
            .verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        match verified {
            // Most self-signed certificates call themselves an authority. Their time was checked before that.
            Err(Error::InvalidCertificate(reason)) if self.named.contains(end_entity) && is_authority(&reason) => {
                let named = verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name);
                named.map(|()| ServerCertVerified::assertion())
            }
            other => other,
        }
        .map_err(|error| match error {
            Error::InvalidCertificate(reason) => RefusedCertificate::new(end_entity, &reason).into(),
            other => other,
        })
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.system.verify_tls12_signature(message, cert, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.system.verify_tls13_signature(message, cert, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.system.supported_verify_schemes()
    }
}

/// For what rustls has no public type.
fn is_authority(reason: &CertificateError) -> bool {
    matches!(reason, CertificateError::Other(_)) && format!("{reason:?}").contains("CaUsedAsEndEntity")
}

/// A server's certificate that is not believed, for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) struct RefusedCertificate(String);

impl fmt::Display for RefusedCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<RefusedCertificate> for Error {
    fn from(refused: RefusedCertificate) -> Self {
        Self::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(refused))))
    }
}

impl RefusedCertificate {
    fn new(certificate: &[u8], reason: &CertificateError) -> Self {
        let (subject, issuer) = names(certificate).unwrap_or_default();
        let (subject, issuer) = (shown(&subject), shown(&issuer));
        let why = match reason {
            reason if subject == issuer && (*reason == CertificateError::UnknownIssuer || is_authority(reason)) => {
                "is self-signed and not trusted here; if it is the right one, name it in `authority`".to_owned()
            }
            CertificateError::UnknownIssuer => format!(
                "was issued by {issuer}, which is not trusted here; name the certificate of that authority in `authority`"
            ),
            CertificateError::Expired => "has expired".to_owned(),
            CertificateError::ExpiredContext { not_after, .. } => format!("expired on {}", date(*not_after)),
            CertificateError::NotValidYet => "is not valid yet".to_owned(),
            CertificateError::NotValidYetContext { not_before, .. } => {
                format!("is not valid before {}", date(*not_before))
            }
            CertificateError::NotValidForNameContext { expected, presented } => {
                // `DnsName("wiki.internal")`
                let names = presented.iter().map(|name| name.split('"').nth(1).unwrap_or(name));
                format!(
                    "is not for {}, but for {}",
                    expected.to_str(),
                    names.collect::<Vec<_>>().join(", ")
                )
            }
            CertificateError::NotValidForName => "is for another name".to_owned(),
            CertificateError::Revoked => "was revoked".to_owned(),
            other => format!("cannot be used: {other}"),
        };
        Self(format!("the server's certificate {subject} {why}"))
    }

    /// The refusal behind an error of rustls.
    pub(super) fn of(error: &Error) -> Option<&Self> {
        match error {
            Error::InvalidCertificate(CertificateError::Other(OtherError(refused))) => refused.downcast_ref(),
            _ => None,
        }
    }
}

/// A name from the wire, fit for a message.
fn shown(name: &str) -> String {
    let name: String = name.chars().filter(|c| !c.is_control()).take(100).collect();
    if name.is_empty() {
        "without a name".to_owned()
    } else {
        format!("“{name}”")
    }
}

fn date(time: UnixTime) -> String {
    let at = std::time::UNIX_EPOCH + std::time::Duration::from_secs(time.as_secs());
    httpdate::fmt_http_date(at)
}

const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const OBJECT_ID: u8 = 0x06;
/// `[0]`, the version of a certificate.
const VERSION: u8 = 0xA0;
const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
const ORGANISATION: &[u8] = &[0x55, 0x04, 0x0A];

/// Subject and issuer of a certificate (RFC 5280 §4.1), each by its common name, or else its organisation.
fn names(certificate: &[u8]) -> Option<(String, String)> {
    let (_, certificate, _) = element(certificate)?;
    let (_, mut fields, _) = element(certificate)?;
    let (tag, _, rest) = element(fields)?;
    if tag == VERSION {
        fields = rest;
    }
    let (_, _serial, rest) = element(fields)?;
    let (_, _algorithm, rest) = element(rest)?;
    let (_, issuer, rest) = element(rest)?;
    let (_, _validity, rest) = element(rest)?;
    let (_, subject, _) = element(rest)?;
    Some((name(subject), name(issuer)))
}

fn name(parts: &[u8]) -> String {
    let find = |wanted| attributes(parts).into_iter().find(|(id, _)| *id == wanted);
    let found = find(COMMON_NAME).or_else(|| find(ORGANISATION));
    found.map_or_else(String::new, |(_, value)| String::from_utf8_lossy(value).into_owned())
}

/// Object id and value of each part of a name.
fn attributes(mut parts: &[u8]) -> Vec<(&[u8], &[u8])> {
    let mut found = Vec::new();
    while let Some((SET, part, rest)) = element(parts) {
        if let Some((SEQUENCE, attribute, _)) = element(part)
            && let Some((OBJECT_ID, id, value)) = element(attribute)
            && let Some((_, value, _)) = element(value)
        {
            found.push((id, value));
        }
        parts = rest;
    }
    found
}

/// The first element of a DER text: its tag, its content, and what follows.
fn element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = bytes.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7F => (usize::from(*first), rest),
        0x81..=0x84 => {
            let (digits, rest) = rest.split_at_checked(usize::from(first - 0x80))?;
            let length = digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit));
            (length, rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((*tag, content, rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rcgen::{CertificateParams, DnType, Issuer, KeyPair};

    use super::*;

    fn named(name: &str) -> CertificateParams {
        let mut params = CertificateParams::new(vec!["jira.internal".to_owned()]).unwrap();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(DnType::OrganizationName, "Example Ltd");
        params.distinguished_name.push(DnType::CommonName, name);
        params
    }

    #[test]
    fn a_refusal_names_the_certificate_and_its_issuer() {
        let key = KeyPair::generate().unwrap();
        let authority = Issuer::new(named("Example Root CA"), KeyPair::generate().unwrap());
        let issued = named("jira").signed_by(&key, &authority).unwrap();
        let own = named("wiki").self_signed(&key).unwrap();
        let refused = |certificate: &rcgen::Certificate, reason| RefusedCertificate::new(certificate.der(), &reason);
        let other_name = CertificateError::NotValidForNameContext {
            expected: ServerName::try_from("jira.internal").unwrap(),
            presented: vec!["DnsName(\"wiki.internal\")".to_owned()],
        };
        let expired = CertificateError::ExpiredContext {
            time: UnixTime::since_unix_epoch(std::time::Duration::from_secs(1_800_000_000)),
            not_after: UnixTime::since_unix_epoch(std::time::Duration::from_secs(1_700_000_000)),
        };
        let shown = [
            refused(&issued, CertificateError::UnknownIssuer),
            refused(&own, CertificateError::UnknownIssuer),
            refused(&own, expired),
            refused(&own, other_name),
        ];
        insta::assert_snapshot!(shown.map(|refused| refused.to_string()).join("\n"), @"
        the server's certificate “jira” was issued by “Example Root CA”, which is not trusted here; name the certificate of that authority in `authority`
        the server's certificate “wiki” is self-signed and not trusted here; if it is the right one, name it in `authority`
        the server's certificate “wiki” expired on Tue, 14 Nov 2023 22:13:20 GMT
        the server's certificate “wiki” is not for jira.internal, but for wiki.internal
        ");
    }

    proptest! {
        #[test]
        fn no_bytes_break_the_reader(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = names(&bytes);
        }
    }
}
