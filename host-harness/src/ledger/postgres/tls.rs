//! TLS to the database, by the one TLS stack and the machine's own list of authorities. Certificates are always checked,
//! also where `sslmode=require` would not ask for it.

use std::io;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use rustls::pki_types::ServerName;
use rustls_platform_verifier::BuilderVerifierExt;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect, TlsStream};
use tokio_rustls::TlsConnector;

use super::super::LedgerError;

#[derive(Clone)]
pub(super) struct Tls(TlsConnector);

impl Tls {
    pub(super) fn new() -> Result<Self, LedgerError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .and_then(BuilderVerifierExt::with_platform_verifier);
        let config = config.map_err(|error| LedgerError::Unavailable(format!("TLS: {error}")))?;
        Ok(Self(TlsConnector::from(Arc::new(config.with_no_client_auth()))))
    }
}

/// A connector for one host.
pub(super) struct ToHost {
    connector: TlsConnector,
    name: Option<ServerName<'static>>,
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> MakeTlsConnect<S> for Tls {
    type Stream = Encrypted<S>;
    type TlsConnect = ToHost;
    type Error = io::Error;

    fn make_tls_connect(&mut self, host: &str) -> Result<ToHost, io::Error> {
        Ok(ToHost {
            connector: self.0.clone(),
            // A socket of this machine has no name, and no TLS is asked for there.
            name: ServerName::try_from(host.to_owned()).ok(),
        })
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> TlsConnect<S> for ToHost {
    type Stream = Encrypted<S>;
    type Error = io::Error;
    type Future = BoxFuture<'static, io::Result<Encrypted<S>>>;

    fn connect(self, stream: S) -> Self::Future {
        Box::pin(async move {
            let name = self
                .name
                .ok_or_else(|| io::Error::other("the host has no name to check"))?;
            Ok(Encrypted(self.connector.connect(name, stream).await?))
        })
    }
}

/// A stream without channel binding, which needs the certificate taken apart and adds nothing to one that was checked.
pub(super) struct Encrypted<S>(tokio_rustls::client::TlsStream<S>);

impl<S: AsyncRead + AsyncWrite + Unpin> TlsStream for Encrypted<S> {
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

type Context<'a, 'b> = &'a mut std::task::Context<'b>;
type Poll<T> = std::task::Poll<io::Result<T>>;
type Pin<'a, T> = std::pin::Pin<&'a mut T>;

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Encrypted<S> {
    fn poll_read(mut self: Pin<'_, Self>, context: Context<'_, '_>, buffer: &mut ReadBuf<'_>) -> Poll<()> {
        std::pin::Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Encrypted<S> {
    fn poll_write(mut self: Pin<'_, Self>, context: Context<'_, '_>, bytes: &[u8]) -> Poll<usize> {
        std::pin::Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<'_, Self>, context: Context<'_, '_>) -> Poll<()> {
        std::pin::Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<'_, Self>, context: Context<'_, '_>) -> Poll<()> {
        std::pin::Pin::new(&mut self.0).poll_shutdown(context)
    }
}
