//! Lines a second that come in over HTTP on loopback and are durable in the journal.
//!
//! Clients and server share the machine; each client sends a batch, waits for the answer and sends the next, for
//! some seconds, over one connection. The same lines come as plain text, as documents of JSON one below the other,
//! and as the same documents through `_bulk`, OTLP and Loki's push; packed bodies are packed before the clock runs.
//! Not measured: a network; TLS; reading the journal.
//!
//! `cargo run --release --example http -p waybill-intake -- FOLDER`
#![expect(clippy::disallowed_methods, reason = "a bench measures real time")]

use intake::Intake;
use intake::http::{Seats, Settings, router, serve};
use journal::{Journal, LocalJournal};
use std::error::Error;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

/// So long each row takes.
const TURN: Duration = Duration::from_secs(3);

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args_os()
        .nth(1)
        .map_or_else(std::env::temp_dir, PathBuf::from);
    println!("| form | clients | lines a batch | lines/s | MB/s sent |");
    println!("|---|---|---|---|---|");
    for (clients, lines) in [(1, 100), (8, 100), (1, 5000), (8, 5000)] {
        for (name, form) in FORMS {
            let request = form(lines);
            let folder = tempfile::tempdir_in(&folder)?;
            let requests = measure(folder.path(), clients, &request, lines)?;
            let second = requests as f64 / TURN.as_secs_f64();
            println!(
                "| {name} | {clients} | {lines} | {:.0} | {:.0} |",
                second * lines as f64,
                second * request.len() as f64 / 1e6
            );
        }
    }
    Ok(())
}

type Form = fn(usize) -> Vec<u8>;

const FORMS: [(&str, Form); 6] = [
    ("text", text),
    ("NDJSON", ndjson),
    ("NDJSON, gzip", ndjson_gzip),
    ("`_bulk`", bulk),
    ("OTLP, JSON", otlp),
    ("Loki, JSON", loki),
];

/// Requests that were answered within the turn.
fn measure(
    folder: &Path,
    clients: usize,
    request: &[u8],
    lines: usize,
) -> Result<usize, Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let journal = Arc::new(LocalJournal::open(folder, journal::Settings::default())?);
    let intake = Arc::new(Intake::new(journal.clone(), || 0));
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))?;
    let address = listener.local_addr()?;
    let router = router(intake, Settings::default());
    runtime.spawn(serve(
        listener,
        router,
        Seats::default(),
        std::future::pending(),
    ));
    let requests = thread::scope(|scope| {
        let all: Vec<_> = (0..clients)
            .map(|_| scope.spawn(|| client(address, request)))
            .collect();
        let sums = all.into_iter().map(|it| it.join().expect("a client"));
        sums.sum::<std::io::Result<usize>>()
    })?;
    let durable = journal.end().as_u64() as usize;
    assert_eq!(durable, requests * lines, "what was answered is durable");
    Ok(requests)
}

fn client(address: SocketAddr, request: &[u8]) -> std::io::Result<usize> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    let mut answers = BufReader::new(stream.try_clone()?);
    let begun = Instant::now();
    let mut requests = 0;
    while begun.elapsed() < TURN {
        stream.write_all(request)?;
        let (mut line, mut length) = (String::new(), 0);
        answers.read_line(&mut line)?;
        assert!(line.starts_with("HTTP/1.1 20"), "{line}");
        while line != "\r\n" {
            line.clear();
            answers.read_line(&mut line)?;
            if let Some(bytes) = line.strip_prefix("content-length: ") {
                length = bytes.trim().parse().expect("a length");
            }
        }
        answers.read_exact(&mut vec![0; length])?;
        requests += 1;
    }
    Ok(requests)
}

fn message(number: usize) -> String {
    format!(
        "4bXyZ10QzKz1r: to=<anna{number:05}@example.org>, relay=mx.example.net[192.0.2.25]:25, delay=1.2, \
         delays=0.1/0/0.5/0.6, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 4bXyZ20QzKz1s)"
    )
}

fn document(number: usize) -> String {
    format!(
        r#"{{"@timestamp":"2026-11-22T08:23:21.123456Z","host":"mx1","program":"postfix/smtp","pid":{number},"message":"{}"}}"#,
        message(number)
    )
}

fn request(path: &str, fields: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head =
        format!("POST {path} HTTP/1.1\r\nHost: log\r\n{fields}Content-Length: {length}\r\n\r\n");
    [head.as_bytes(), body].concat()
}

fn text(lines: usize) -> Vec<u8> {
    let line = |at| {
        format!(
            "2026-11-22T08:23:21.123456Z mx1 postfix/smtp[{at}]: {}\n",
            message(at)
        )
    };
    let body: String = (0..lines).map(line).collect();
    request("/lines", "Content-Type: text/plain\r\n", body.as_bytes())
}

fn documents(lines: usize) -> String {
    (0..lines).map(|at| document(at) + "\n").collect()
}

fn ndjson(lines: usize) -> Vec<u8> {
    let kind = "Content-Type: application/x-ndjson\r\n";
    request("/lines", kind, documents(lines).as_bytes())
}

fn ndjson_gzip(lines: usize) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let packed = encoder
        .write_all(documents(lines).as_bytes())
        .and_then(|()| encoder.finish())
        .expect("memory can be written");
    let kind = "Content-Type: application/x-ndjson\r\nContent-Encoding: gzip\r\n";
    request("/lines", kind, &packed)
}

fn bulk(lines: usize) -> Vec<u8> {
    let pair = |at| {
        format!(
            "{{\"create\":{{\"_index\":\"mail-2026.11.22\"}}}}\n{}\n",
            document(at)
        )
    };
    let body: String = (0..lines).map(pair).collect();
    let kind = "Content-Type: application/x-ndjson\r\n";
    request("/_bulk", kind, body.as_bytes())
}

fn otlp(lines: usize) -> Vec<u8> {
    let record = |at| {
        format!(
            r#"{{"timeUnixNano":"1795335801123456789","severityNumber":9,"body":{{"stringValue":"{}"}},"attributes":[{{"key":"appname","value":{{"stringValue":"postfix/smtp"}}}}]}}"#,
            message(at)
        )
    };
    let records: Vec<_> = (0..lines).map(record).collect();
    let body = format!(
        r#"{{"resourceLogs":[{{"resource":{{"attributes":[{{"key":"host.name","value":{{"stringValue":"mx1"}}}}]}},"scopeLogs":[{{"logRecords":[{}]}}]}}]}}"#,
        records.join(",")
    );
    let kind = "Content-Type: application/json\r\n";
    request("/v1/logs", kind, body.as_bytes())
}

fn loki(lines: usize) -> Vec<u8> {
    let entry = |at| {
        format!(
            r#"["1795335801123456789","postfix/smtp[{at}]: {}"]"#,
            message(at)
        )
    };
    let entries: Vec<_> = (0..lines).map(entry).collect();
    let body = format!(
        r#"{{"streams":[{{"stream":{{"host":"mx1","job":"postfix"}},"values":[{}]}}]}}"#,
        entries.join(",")
    );
    let kind = "Content-Type: application/json\r\n";
    request("/loki/api/v1/push", kind, body.as_bytes())
}
