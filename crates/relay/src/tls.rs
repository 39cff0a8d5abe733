//! Whom a relay is known by.

use std::path::Path;
use std::sync::{Arc, OnceLock};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// Whether a relay is spoken to with TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tls {
    /// Not at all.
    None,
    /// From `STARTTLS` on (RFC 3207); a relay that has none gets no mail.
    StartTls,
    /// From the beginning (RFC 8314 section 3.3).
    Implicit,
}

/// Who may vouch for a relay's name: the system's authorities, or those that are named.
#[derive(Default)]
pub struct Authorities {
    named: Vec<CertificateDer<'static>>,
    /// Made when the first needs it.
    connector: OnceLock<TlsConnector>,
}

impl Authorities {
    /// Those whose certificates a PEM file has, and no others.
    pub fn of_file(path: &Path) -> Result<Self, String> {
        let named = CertificateDer::pem_file_iter(path).and_then(Iterator::collect);
        let named: Vec<_> = named.map_err(|error| error.to_string())?;
        if named.is_empty() {
            return Err("there is no certificate in it".to_owned());
        }
        Ok(Authorities {
            named,
            ..Authorities::default()
        })
    }

    pub(crate) fn connector(&self) -> Result<TlsConnector, String> {
        if let Some(connector) = self.connector.get() {
            return Ok(connector.clone());
        }
        let mut roots = RootCertStore::empty();
        match self.named.is_empty() {
            true => roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs),
            false => roots.add_parsable_certificates(self.named.iter().cloned()),
        };
        let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
        let config = config.with_safe_default_protocol_versions();
        let config = config.map_err(|error| error.to_string())?;
        let config = config.with_root_certificates(roots).with_no_client_auth();
        let made = || TlsConnector::from(Arc::new(config));
        Ok(self.connector.get_or_init(made).clone())
    }
}
