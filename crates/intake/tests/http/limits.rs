//! Clients that are slow, hostile or too many, and the end of the server.

use crate::site::{field, gzip, request, site};
use axum::Router;
use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use futures::StreamExt as _;
use intake::http::{self, Seats};
use std::convert::Infallible;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::time::timeout;

const MIB: usize = 1024 * 1024;

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_unpack_to_too_much() {
    let site = site().await;
    let zeros = vec![0; 65 * MIB];
    let snappy = snap::raw::Encoder::new().compress_vec(&zeros).unwrap();
    // Says that it unpacks to 4 GiB.
    let liar = b"\xff\xff\xff\xff\x0f\x00".to_vec();
    for (encoding, bomb) in [
        ("gzip", gzip(&zeros)),
        ("zstd", zstd::encode_all(&zeros[..], 1).unwrap()),
        ("snappy", snappy),
        ("snappy", liar),
    ] {
        let field = format!("Content-Encoding: {encoding}");
        let reply = site.send("POST /lines", &[&field], &bomb).await;
        assert_eq!(reply.status, 413, "{encoding}: {}", reply.text());
    }
    let reply = site.send("POST /lines", &[], &zeros).await;
    assert_eq!(reply.status, 413);
    assert_eq!(site.lines(), [""; 0]);
    assert_eq!(site.send("POST /lines", &[], b"a").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_zstd_window_that_is_too_large_is_refused() {
    let site = site().await;
    let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
    encoder.window_log(27).unwrap();
    std::io::Write::write_all(&mut encoder, &[7; 100]).unwrap();
    let packed = encoder.finish().unwrap();
    let reply = site
        .send("POST /lines", &["Content-Encoding: zstd"], &packed)
        .await;
    assert_eq!(reply.status, 400, "{}", reply.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn many_small_parts_do_not_become_much_memory() {
    let site = site().await;
    let before = resident_mib();
    let empty_records = field(2, b"").repeat(10 * MIB);
    let otlp = field(1, &field(2, &empty_records[..20 * MIB - 16]));
    for (first, kind, body) in [
        ("POST /v1/logs", "application/x-protobuf", otlp),
        (
            "POST /lines",
            "application/json",
            format!("[{}1]", "1,".repeat(10 * MIB)).into_bytes(),
        ),
        (
            "POST /loki/api/v1/push",
            "application/json",
            format!(
                r#"{{"streams":[{}1]}}"#,
                r#"{"stream":{},"values":[]},"#.repeat(MIB)
            )
            .into_bytes(),
        ),
        (
            "POST /_bulk",
            "application/json",
            "{\"index\":{}}\n1\n".repeat(MIB).into_bytes(),
        ),
    ] {
        let field = format!("Content-Type: {kind}");
        let reply = site.send(first, &[&field], &body).await;
        assert!(
            [400, 413].contains(&reply.status),
            "{first}: {} {}",
            reply.status,
            reply.text()
        );
    }
    let more = resident_mib().saturating_sub(before);
    assert!(more < 700, "{more} MiB");
}

/// The most that this process ever had in memory. Source: proc_pid_status(5).
fn resident_mib() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|it| it.split_whitespace().next()?.parse::<usize>().ok());
    kib.unwrap_or_default() / 1024
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_clients_do_not_stop_others() {
    let site = site().await;
    let mut slow = Vec::new();
    for at in 0..10 {
        let mut stream = TcpStream::connect(site.address).await.unwrap();
        let bytes = request("POST /lines", &[], &[b'x'; 1000]);
        let part = if at % 2 == 0 { 10 } else { bytes.len() - 1 };
        stream.write_all(&bytes[..part]).await.unwrap();
        slow.push(stream);
    }
    let reply = timeout(
        Duration::from_secs(20),
        site.send("POST /lines", &[], b"quick"),
    )
    .await;
    assert_eq!(reply.expect("in time").status, 200);
    assert_eq!(site.lines(), ["quick"]);
}

/// As long as it takes: a minute of waiting.
#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_send_is_cut_off() {
    let site = site().await;
    let bytes = request("POST /lines", &[], b"xyz");
    let cut_off = async |part: usize, expected: &str| {
        let mut stream = TcpStream::connect(site.address).await.unwrap();
        stream.write_all(&bytes[..part]).await.unwrap();
        let mut reply = String::new();
        let end = timeout(Duration::from_secs(90), stream.read_to_string(&mut reply)).await;
        assert!(end.is_ok(), "{part}");
        assert_eq!(reply.get(..12).unwrap_or_default(), expected, "{part}");
    };
    tokio::join!(
        cut_off(0, ""),
        cut_off(10, ""),
        cut_off(bytes.len() - 1, "HTTP/1.1 408")
    );
    assert_eq!(site.lines(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_has_so_many_connections_and_no_more() {
    let site = site().await;
    let mut open = Vec::new();
    for _ in 0..256 {
        open.push(TcpStream::connect(site.address).await.unwrap());
    }
    let mut one_more = TcpStream::connect(site.address).await.unwrap();
    let read = timeout(Duration::from_secs(20), one_more.read(&mut [0])).await;
    assert!(matches!(read.expect("closed"), Ok(0) | Err(_)));
    open.clear();
    let again = async {
        while site
            .exchange(&request("POST /lines", &[], b"a"))
            .await
            .is_none()
        {}
    };
    timeout(Duration::from_secs(20), again)
        .await
        .expect("room again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_lets_requests_end() {
    let site = site().await;
    let bytes = request("POST /lines", &[], b"a\nb");
    let mut busy = TcpStream::connect(site.address).await.unwrap();
    busy.write_all(&bytes[..bytes.len() - 1]).await.unwrap();
    let mut idle = TcpStream::connect(site.address).await.unwrap();
    // Both are accepted before: a third answer says so.
    assert_eq!(site.send("POST /lines", &[], b"first").await.status, 200);
    site.stop.send(()).unwrap();
    assert!(matches!(idle.read(&mut [0]).await, Ok(0) | Err(_)));
    assert!(TcpStream::connect(site.address).await.is_err());
    busy.write_all(&bytes[bytes.len() - 1..]).await.unwrap();
    let mut reply = String::new();
    busy.read_to_string(&mut reply).await.unwrap();
    assert!(reply.starts_with("HTTP/1.1 200"), "{reply}");
    site.served.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn chunks_are_taken() {
    let site = site().await;
    let bytes = b"POST /lines HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n2\r\na\n\r\n1\r\nb\r\n0\r\n\r\n";
    assert_eq!(site.exchange(bytes).await.map(|it| it.status), Some(200));
    assert_eq!(site.lines(), ["a", "b"]);
    let torn = &bytes[..bytes.len() - 5];
    let mut stream = TcpStream::connect(site.address).await.unwrap();
    stream.write_all(torn).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut reply = Vec::new();
    let _ = stream.read_to_end(&mut reply).await;
    assert!(!reply.starts_with(b"HTTP/1.1 200"));
    assert_eq!(site.lines(), ["a", "b"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_ends_streams_of_events() {
    let events = || async {
        let first = futures::stream::once(async { Ok::<_, Infallible>("data: 1\n\n") });
        let body = Body::from_stream(first.chain(futures::stream::pending()));
        ([(CONTENT_TYPE, "text/event-stream")], body)
    };
    let router = Router::new().route("/", get(events));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let stopped = async { drop(stopped.await) };
    let served = tokio::spawn(http::serve(listener, router, Seats::default(), stopped));
    let mut listening = TcpStream::connect(address).await.unwrap();
    listening
        .write_all(&request("GET /", &[], b""))
        .await
        .unwrap();
    let mut told = Vec::new();
    while !told.ends_with(b"data: 1\n\n\r\n") {
        assert_ne!(listening.read_buf(&mut told).await.unwrap(), 0);
    }
    stop.send(()).unwrap();
    // Other requests that are under way would have 15 seconds.
    let ended = timeout(Duration::from_secs(10), served).await;
    ended.expect("ended at once").unwrap();
    listening.read_to_end(&mut told).await.unwrap();
    assert!(
        told.ends_with(b"\r\n0\r\n\r\n"),
        "an end that is none of a failure"
    );
}
