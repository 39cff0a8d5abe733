//! Syslog inside TLS.

use crate::certificates::{LOCALHOST, MX1, OURS, Pair, THEIR_MX1, tls};
use crate::server::{Kind, SMALL, Server};
use intake::{Admission, Protocol, Tls, TlsError};
use journal::{Journal, Position};
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

const SOURCE: &str = "syslog tls 127.0.0.1";

fn server(tls: Tls) -> Server {
    let admission = Admission {
        tls: Some(tls),
        ..Admission::default()
    };
    Server::start(Kind::Stream(Protocol::Syslog, admission), SMALL)
}

fn client(server: &Server, pair: Option<Pair>) -> StreamOwned<ClientConnection, TcpStream> {
    let mut roots = RootCertStore::empty();
    let root = CertificateDer::from_pem_slice(OURS.as_bytes()).unwrap();
    roots.add(root).unwrap();
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots);
    let config = match pair {
        None => builder.with_no_client_auth(),
        Some(Pair { certificate, key }) => {
            let certificate = CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap();
            let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
            builder
                .with_client_auth_cert(vec![certificate], key)
                .unwrap()
        }
    };
    let name = "localhost".try_into().unwrap();
    let connection = ClientConnection::new(Arc::new(config), name).unwrap();
    StreamOwned::new(connection, server.connect())
}

/// Sends a line; errs if the server does not take the client.
fn send(mut client: StreamOwned<ClientConnection, TcpStream>, line: &str) -> io::Result<()> {
    client.write_all(line.as_bytes())?;
    client.conn.send_close_notify();
    client.flush()?;
    client.read(&mut [0; 1]).map(|_| ())
}

#[test]
fn lines_come_through_tls() {
    let server = server(tls(None));
    let lines = "<22>one\n7 <22>two";
    send(client(&server, None), lines).unwrap();
    assert_eq!(server.lines(2), ["<22>one", "<22>two"]);
    server.until_counts(SOURCE, |it| it.lines == 2 && it.connections == 0);
}

#[test]
fn only_clients_of_the_authority_are_taken() {
    let server = server(tls(Some(OURS)));
    assert!(send(client(&server, None), "<22>no\n").is_err());
    assert!(send(client(&server, Some(THEIR_MX1)), "<22>no\n").is_err());
    send(client(&server, Some(MX1)), "<22>yes\n").unwrap();
    assert_eq!(server.lines(1), ["<22>yes"]);
    server.until_counts(SOURCE, |it| it.refused == 2);
}

#[test]
fn plain_text_is_turned_away() {
    let server = server(tls(None));
    let mut client = server.connect();
    client.write_all(b"<22>plain\n").unwrap();
    let mut alert = Vec::new();
    let _ = client.read_to_end(&mut alert);
    server.until_counts(SOURCE, |it| it.refused == 1 && it.connections == 0);
    assert_eq!(server.journal.end(), Position::ZERO);
}

#[test]
fn what_cannot_be_used_is_told() {
    let new = |certificate: &str, key: &str, authority: Option<&[u8]>| {
        Tls::new(certificate.as_bytes(), key.as_bytes(), authority)
            .map(drop)
            .unwrap_err()
    };
    let Pair { certificate, key } = LOCALHOST;
    assert!(matches!(new("", key, None), TlsError::None(_)));
    assert!(matches!(new(certificate, "", None), TlsError::Pem(..)));
    assert!(matches!(new(certificate, MX1.key, None), TlsError::Pair(_)));
    assert!(matches!(
        new(certificate, key, Some(b"")),
        TlsError::None(_)
    ));
}
