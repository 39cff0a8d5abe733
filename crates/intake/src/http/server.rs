//! A server for the router: HTTP/1.1 on one port, with limits for those who are slow.

use super::bulk::HangUp;
use crate::limits::{
    HTTP_ACCEPT_PAUSE_MS, HTTP_CONNECTIONS_MAX, HTTP_CONNECTIONS_OF_ADDRESS_MAX,
    HTTP_HEAD_SECS_MAX, HTTP_STOP_SECS_MAX, HTTP_UNREAD_SECS_MAX,
};
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::header::CONTENT_TYPE;
use axum::response::Response;
use futures::StreamExt;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tower_service::Service as _;

/// How many may be connected at once.
#[derive(Clone, Copy, Debug)]
pub struct Seats {
    /// In all; more wait to be accepted.
    pub all: usize,
    /// From one address; more are closed.
    pub of_address: usize,
}

/// For senders of lines: 1,024 in all, 256 of one address.
impl Default for Seats {
    fn default() -> Self {
        Seats {
            all: HTTP_CONNECTIONS_MAX,
            of_address: HTTP_CONNECTIONS_OF_ADDRESS_MAX,
        }
    }
}

/// Serves until `stop` is ready, then lets requests that are under way come to their end, for 15 seconds.
/// Streams of events have no end: they are ended.
///
/// A head has to come within a minute, also that of the next request.
/// A client that takes nothing of its answer is cut off after half a minute.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    seats: Seats,
    stop: impl Future<Output = ()>,
) {
    let slots = Arc::new(Semaphore::new(seats.all));
    let peers = Arc::new(Peers::default());
    let (stopping, stopped) = watch::channel(());
    let mut connections = JoinSet::new();
    let mut stop = pin!(stop);
    loop {
        while connections.try_join_next().is_some() {}
        let (stream, address, slot) = tokio::select! {
            () = &mut stop => break,
            accepted = accept(&listener, &slots) => accepted,
        };
        let address_max = seats.of_address;
        if let Some(place) = Peers::enter(&peers, address.ip().to_canonical(), address_max, slot) {
            connections.spawn(connection(
                stream,
                address,
                router.clone(),
                stopped.clone(),
                place,
            ));
        }
    }
    drop((listener, stopping, stopped));
    let ended = async { while connections.join_next().await.is_some() {} };
    let _ = timeout(Duration::from_secs(HTTP_STOP_SECS_MAX), ended).await;
}

/// The next connection, once there is a place for one.
async fn accept(
    listener: &TcpListener,
    slots: &Arc<Semaphore>,
) -> (TcpStream, SocketAddr, Option<OwnedSemaphorePermit>) {
    let slot = Arc::clone(slots).acquire_owned().await.ok();
    loop {
        match listener.accept().await {
            Ok((stream, address)) => return (stream, address, slot),
            // Out of files or memory, or the client went: others may fare better.
            Err(_) => sleep(Duration::from_millis(HTTP_ACCEPT_PAUSE_MS)).await,
        }
    }
}

async fn connection(
    stream: TcpStream,
    address: SocketAddr,
    router: Router,
    mut stopped: watch::Receiver<()>,
    _place: Place,
) {
    let unread = Duration::from_secs(HTTP_UNREAD_SECS_MAX);
    let _ = stream.set_nodelay(true);
    let _ = socket2::SockRef::from(&stream).set_tcp_user_timeout(Some(unread));
    let ending = stopped.clone();
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(address));
        answer(router.clone(), request, ending.clone())
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(Duration::from_secs(HTTP_HEAD_SECS_MAX));
    let mut connection = pin!(http.serve_connection(TokioIo::new(stream), service));
    // What goes wrong with a connection is its client's to tell.
    let _ = tokio::select! {
        ended = connection.as_mut() => ended,
        _ = stopped.changed() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
}

async fn answer(
    mut router: Router,
    request: Request<Incoming>,
    mut stopped: watch::Receiver<()>,
) -> Result<Response, HangUp> {
    let mut response = match router.call(request.map(Body::new)).await {
        Ok(response) => response,
        Err(never) => match never {},
    };
    let content_type = response.headers().get(CONTENT_TYPE);
    if content_type.is_some_and(|it| it == "text/event-stream") {
        let stopped = async move { drop(stopped.changed().await) };
        response = response
            .map(|body| Body::from_stream(body.into_data_stream().take_until(Box::pin(stopped))));
    }
    let hang_up = response.extensions().get::<HangUp>().copied();
    hang_up.map_or(Ok(response), Err)
}

/// Connections by address.
#[derive(Default)]
struct Peers(Mutex<HashMap<IpAddr, usize>>);

/// A connection's place, given up when it is dropped.
struct Place {
    peers: Arc<Peers>,
    address: IpAddr,
    _slot: Option<OwnedSemaphorePermit>,
}

impl Peers {
    /// A place for one more connection; `None` if the address has too many.
    fn enter(
        peers: &Arc<Peers>,
        address: IpAddr,
        count_max: usize,
        slot: Option<OwnedSemaphorePermit>,
    ) -> Option<Place> {
        let mut counts = peers.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(address).or_default();
        if *count >= count_max {
            return None;
        }
        *count += 1;
        Some(Place {
            peers: Arc::clone(peers),
            address,
            _slot: slot,
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.peers.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.address);
            }
        }
    }
}
