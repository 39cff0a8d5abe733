//! TLS for listeners.

use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::{VerifierBuilderError, WebPkiClientVerifier};
use tokio_rustls::rustls::{self, RootCertStore, ServerConfig};
use tokio_rustls::server::TlsStream;

use crate::limits::HANDSHAKE_SECS;

/// Who the server is, and which clients it takes; TLS 1.2 and 1.3.
#[derive(Clone)]
pub struct Tls(TlsAcceptor);

/// Why TLS cannot be spoken with what was given.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A text is no PEM, or not of what is asked for.
    #[error("cannot read the {0} as PEM")]
    Pem(&'static str, #[source] pem::Error),
    /// A text holds no certificate.
    #[error("there is no certificate among the {0}")]
    None(&'static str),
    /// Key and certificate are not of each other, or not of a kind that is known.
    #[error("certificate or key cannot be used")]
    Pair(#[source] rustls::Error),
    /// Clients cannot be checked with the authorities' certificates.
    #[error("the authorities of clients cannot be used")]
    Clients(#[from] VerifierBuilderError),
}

impl Tls {
    /// Reads the server's certificate, with those between it and its authority, and its key, all as PEM.
    ///
    /// With `authorities` only clients are taken whose certificate one of them has signed.
    pub fn new(
        certificates: &[u8],
        key: &[u8],
        authorities: Option<&[u8]>,
    ) -> Result<Self, TlsError> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let chain = read("server's certificates", certificates)?;
        let key = PrivateKeyDer::from_pem_slice(key);
        let key = key.map_err(|error| TlsError::Pem("server's key", error))?;
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(TlsError::Pair)?;
        let builder = match authorities {
            None => builder.with_no_client_auth(),
            Some(authorities) => {
                let mut roots = RootCertStore::empty();
                for authority in read("authorities of clients", authorities)? {
                    roots.add(authority).map_err(TlsError::Pair)?;
                }
                let roots = Arc::new(roots);
                let clients = WebPkiClientVerifier::builder_with_provider(roots, provider);
                builder.with_client_cert_verifier(clients.build()?)
            }
        };
        let config = builder.with_single_cert(chain, key);
        let config = config.map_err(TlsError::Pair)?;
        Ok(Tls(TlsAcceptor::from(Arc::new(config))))
    }

    /// Greets a client; errs if it is not one that is taken, or too slow.
    pub(crate) async fn accept(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        let patience = Duration::from_secs(HANDSHAKE_SECS);
        timeout(patience, self.0.accept(stream)).await?
    }
}

impl From<Tls> for TlsAcceptor {
    fn from(tls: Tls) -> Self {
        tls.0
    }
}

fn read(what: &'static str, text: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let certificates = CertificateDer::pem_slice_iter(text).collect::<Result<Vec<_>, _>>();
    let certificates = certificates.map_err(|error| TlsError::Pem(what, error))?;
    if certificates.is_empty() {
        return Err(TlsError::None(what));
    }
    Ok(certificates)
}
