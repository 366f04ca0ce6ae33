//! Whom a connection believes to be its server, and whom it shows itself to be.

use std::fmt;
use std::sync::{Arc, OnceLock};

use rustls::ClientConfig;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls_platform_verifier::Verifier;

use super::certificate::PeerVerifier;

/// Who is believed.
pub(super) type Trust = Arc<PeerVerifier>;

/// Trusts the operating system's authorities alone; read once for the process.
pub(super) fn system() -> Result<Trust, String> {
    static TRUST: OnceLock<Result<Trust, String>> = OnceLock::new();
    TRUST.get_or_init(|| trusting(&[])).clone()
}

/// Trusts `authorities` beside them.
pub(super) fn trusting(authorities: &[CertificateDer<'static>]) -> Result<Trust, String> {
    let verifier = match authorities {
        [] => Verifier::new(provider()),
        some => Verifier::new_with_extra_roots(some.iter().cloned(), provider()),
    };
    let verifier = verifier.map_err(unusable)?;
    Ok(Arc::new(PeerVerifier::new(verifier, authorities)))
}

/// A connection's settings, with the certificate that it shows where it has one.
pub(super) fn client(trust: Trust, identity: Option<&Identity>) -> Result<ClientConfig, String> {
    let config = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(unusable)?
        .dangerous()
        .with_custom_certificate_verifier(trust);
    Ok(match identity {
        Some(identity) => {
            config.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(CertifiedKey::clone(&identity.0))))
        }
        None => config.with_no_client_auth(),
    })
}

/// A client certificate with its key.
#[derive(Clone)]
pub(super) struct Identity(Arc<CertifiedKey>);

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity")
    }
}

impl Identity {
    /// From PEM texts: the certificate with those between it and its authority, and the private key.
    pub(super) fn new(certificates: &[u8], key: &[u8]) -> Result<Self, String> {
        let chain = self::certificates(certificates)?;
        let key = PrivateKeyDer::from_pem_slice(key).map_err(|error| format!("the key is no PEM text: {error}"))?;
        let key = CertifiedKey::from_der(chain, key, &provider());
        let key = key.map_err(|error| format!("certificate and key do not fit: {error}"))?;
        Ok(Self(Arc::new(key)))
    }
}

/// The certificates of a PEM text; at least one.
pub(super) fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, String> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    match found {
        Ok(found) if found.is_empty() => Err("there is no certificate in it".to_owned()),
        Ok(found) => Ok(found),
        Err(error) => Err(error.to_string()),
    }
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

fn unusable(error: rustls::Error) -> String {
    format!("TLS cannot be set up: {error}")
}
