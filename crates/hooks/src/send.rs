//! One event to one receiver.

use crate::guard::may_call;
use crate::limits::{ANSWER_BYTES_MAX, ANSWER_MAX, CONNECT_MAX};
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{CONTENT_TYPE, HOST, USER_AGENT};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use search::Net;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use url::{Host, Position, Url};

/// What a receiver answered.
#[derive(Debug, PartialEq, Eq)]
pub enum Answer {
    /// It has the event.
    Taken,
    /// It does not want it, and is not to be asked again.
    Refused(String),
    /// It may take it another time.
    Failed(String),
}

/// What all connections have in common.
pub struct Client {
    allow: Vec<Net>,
    /// Read with the system's certificates when the first needs it.
    tls: OnceLock<TlsConnector>,
}

/// A receiver, and the connection to it that is used again.
pub struct Receiver<'c> {
    client: &'c Client,
    url: Url,
    line: Option<Line>,
}

/// A connection, which ends when it is dropped.
struct Line {
    sender: SendRequest<Full<Bytes>>,
    task: JoinHandle<()>,
}

impl Drop for Line {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Client {
    /// One that calls addresses of the Internet, and those in these networks.
    pub fn new(allow: Vec<Net>) -> Self {
        let tls = OnceLock::new();
        Client { allow, tls }
    }

    /// The receiver at a URL; errs where it is none.
    pub fn receiver(&self, url: &str) -> Result<Receiver<'_>, String> {
        let url = Url::parse(url).map_err(|error| error.to_string())?;
        let (client, line) = (self, None);
        Ok(Receiver { client, url, line })
    }

    fn tls(&self) -> Result<TlsConnector, String> {
        if let Some(tls) = self.tls.get() {
            return Ok(tls.clone());
        }
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
        let config = config.with_safe_default_protocol_versions();
        let config = config.map_err(|error| error.to_string())?;
        let config = config.with_root_certificates(roots).with_no_client_auth();
        let tls = self
            .tls
            .get_or_init(|| TlsConnector::from(Arc::new(config)));
        Ok(tls.clone())
    }
}

impl Receiver<'_> {
    /// Sends a JSON body; redirects are not followed. Ends within 30 seconds.
    pub async fn send(&mut self, body: String) -> Answer {
        let body = Bytes::from(body);
        let answer = match self.try_send(&body).await {
            // It may have closed a connection that was used before.
            Err((_, true)) => self.try_send(&body).await,
            other => other,
        };
        match answer {
            Ok(status) if status.is_success() => Answer::Taken,
            Ok(StatusCode::NOT_ACCEPTABLE) => Answer::Refused("answered 406".to_owned()),
            Ok(status) => Answer::Failed(format!("answered {}", status.as_u16())),
            Err((failure, _)) => Answer::Failed(failure),
        }
    }

    /// The status, or why there is none, and whether the connection was an old one that broke.
    async fn try_send(&mut self, body: &Bytes) -> Result<StatusCode, (String, bool)> {
        let (mut line, is_old) = match self.line.take() {
            Some(line) if line.sender.is_ready() => (line, true),
            _ => match tokio::time::timeout(CONNECT_MAX, self.connect()).await {
                Ok(line) => (line.map_err(|failure| (failure, false))?, false),
                Err(_) => return Err(("no connection in time".to_owned(), false)),
            },
        };
        let request = self.request(body).map_err(|failure| (failure, false))?;
        let exchange = async {
            let answer = line.sender.send_request(request).await;
            let (head, body) = answer.map_err(|error| error.to_string())?.into_parts();
            let rest = Limited::new(body, ANSWER_BYTES_MAX).collect().await;
            Ok((head.status, rest.is_ok()))
        };
        match tokio::time::timeout(ANSWER_MAX, exchange).await {
            Ok(Ok((status, is_whole))) => {
                self.line = is_whole.then_some(line);
                Ok(status)
            }
            Ok(Err(failure)) => Err((failure, is_old)),
            Err(_) => Err(("no answer in time".to_owned(), false)),
        }
    }

    fn request(&self, body: &Bytes) -> Result<Request<Full<Bytes>>, String> {
        let host = &self.url[Position::BeforeHost..Position::AfterPort];
        let path = &self.url[Position::BeforePath..Position::AfterQuery];
        let request = Request::post(path)
            .header(HOST, host)
            .header(CONTENT_TYPE, "application/json")
            .header(USER_AGENT, concat!("waybill/", env!("CARGO_PKG_VERSION")))
            .body(Full::new(body.clone()));
        request.map_err(|error| error.to_string())
    }

    /// Connects to an address that the name has now and that may be called; what the name is later does
    /// not matter.
    async fn connect(&self) -> Result<Line, String> {
        let port = self.url.port_or_known_default().unwrap_or(443);
        let host = self.url.host().ok_or("the URL has no host")?;
        let addresses = addresses(&host, port).await?;
        let may_call = |it: &&SocketAddr| may_call(it.ip(), &self.client.allow);
        let address = addresses.iter().find(may_call);
        let refused = "the address is not of the Internet, and not in `allow` of `[webhooks]`";
        let address = address.ok_or(refused)?;
        let stream = TcpStream::connect(address).await;
        let stream = stream.map_err(|error| error.to_string())?;
        stream
            .set_nodelay(true)
            .map_err(|error| error.to_string())?;
        if self.url.scheme() != "https" {
            return line(stream).await;
        }
        let name = match host {
            Host::Domain(name) => ServerName::try_from(name.to_owned()),
            Host::Ipv4(it) => Ok(std::net::IpAddr::from(it).into()),
            Host::Ipv6(it) => Ok(std::net::IpAddr::from(it).into()),
        };
        let name = name.map_err(|error| error.to_string())?;
        let stream = self.client.tls()?.connect(name, stream).await;
        line(stream.map_err(|error| error.to_string())?).await
    }
}

async fn addresses(host: &Host<&str>, port: u16) -> Result<Vec<SocketAddr>, String> {
    match host {
        Host::Ipv4(it) => Ok(vec![(*it, port).into()]),
        Host::Ipv6(it) => Ok(vec![(*it, port).into()]),
        Host::Domain(name) => {
            let found = tokio::net::lookup_host((*name, port)).await;
            Ok(found.map_err(|error| error.to_string())?.collect())
        }
    }
}

async fn line<S>(stream: S) -> Result<Line, String>
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
{
    let (sender, connection) = handshake(TokioIo::new(stream))
        .await
        .map_err(|error| error.to_string())?;
    let task = tokio::spawn(async move {
        // Whoever sends is told.
        let _ = connection.await;
    });
    Ok(Line { sender, task })
}
