//! How the daemon does, for those who watch it: `/health`, `/ready`, and `/metrics` as Prometheus
//! reads them (OpenMetrics 1.0). The metrics are listed in `docs/serve.md`.

use super::Daemon;
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use intake::Counts;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Registry;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// To be merged with others of the same port.
pub(super) fn router(daemon: Arc<Daemon>) -> Router {
    Router::new()
        .route("/health", get(|| async { "ok\n" }))
        .route("/ready", get(ready))
        .route("/metrics", get(metrics))
        .with_state(daemon)
}

async fn ready(State(daemon): State<Arc<Daemon>>) -> impl IntoResponse {
    match daemon.storing.trouble() {
        None => (StatusCode::OK, "ready\n".to_owned()),
        Some(trouble) => (StatusCode::SERVICE_UNAVAILABLE, trouble + "\n"),
    }
}

async fn metrics(State(daemon): State<Arc<Daemon>>) -> impl IntoResponse {
    let mut registry = Registry::default();
    registry.register_collector(Box::new(Watched(daemon)));
    let mut text = String::new();
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    match encode(&mut text, &registry) {
        Ok(()) => ([(header::CONTENT_TYPE, kind)], text).into_response(),
        Err(fmt::Error) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

struct Watched(Arc<Daemon>);

impl fmt::Debug for Watched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Watched")
    }
}

/// What is counted of a source: name, help, value.
type OfSource = (&'static str, &'static str, fn(&Counts) -> u64);

const OF_SOURCES: [OfSource; 5] = [
    ("waybill_lines", "Lines that are durable", |it| it.lines),
    (
        "waybill_line_bytes",
        "Bytes of lines that are durable",
        |it| it.bytes,
    ),
    (
        "waybill_lines_dropped",
        "Lines that were not taken and cannot come again",
        |it| it.dropped,
    ),
    (
        "waybill_lines_cut",
        "Lines that were too long and lost their end",
        |it| it.cut,
    ),
    (
        "waybill_refused",
        "Times that a client was refused or made to wait for want of room",
        |it| it.refused,
    ),
];

impl Collector for Watched {
    fn encode(&self, mut to: DescriptorEncoder<'_>) -> fmt::Result {
        let daemon = &*self.0;
        let sources = daemon.counted();
        for (name, help, value) in OF_SOURCES {
            let zero = ConstCounter::new(0_u64);
            let mut family = to.encode_descriptor(name, help, None, zero.metric_type())?;
            for (source, counts) in &sources {
                let counter = ConstCounter::new(value(counts));
                counter.encode(family.encode_family(&[("source", source.as_str())])?)?;
            }
        }
        let counter = |to: &mut DescriptorEncoder<'_>, name: &str, help: &str, value: u64| {
            let counter = ConstCounter::new(value);
            let metric = to.encode_descriptor(name, help, None, counter.metric_type())?;
            counter.encode(metric)
        };
        let gauge = |to: &mut DescriptorEncoder<'_>, name: &str, help: &str, value: i64| {
            let gauge = ConstGauge::new(value);
            let metric = to.encode_descriptor(name, help, None, gauge.metric_type())?;
            gauge.encode(metric)
        };
        let heard = daemon.view.heard();
        let (mut lines, mut unknown) = (0, 0);
        let mut again: BTreeMap<&str, u64> = BTreeMap::new();
        let mut hosts: BTreeMap<&str, i64> = BTreeMap::new();
        for (who, speaker) in heard.all() {
            lines += speaker.lines;
            unknown += speaker.unknown;
            *again.entry(&who.source).or_default() += speaker.again;
            let last = hosts.entry(&who.host).or_default();
            *last = (*last).max(speaker.received.as_seconds());
        }
        counter(
            &mut to,
            "waybill_lines_read",
            "Lines that were taken apart",
            lines,
        )?;
        let help = "Lines that no rule knows; kept and found all the same";
        counter(&mut to, "waybill_lines_unknown", help, unknown)?;
        let help = "Lines that had come by another way before, and are not stored again";
        let zero = ConstCounter::new(0_u64);
        let mut family =
            to.encode_descriptor("waybill_lines_duplicate", help, None, zero.metric_type())?;
        for (source, lines) in &again {
            ConstCounter::new(*lines).encode(family.encode_family(&[("source", *source)])?)?;
        }
        let name = "waybill_host_last_line_seconds";
        let help = "When the last line of a host was received, seconds since 1970";
        let zero = ConstGauge::new(0_i64);
        let mut family = to.encode_descriptor(name, help, None, zero.metric_type())?;
        for (host, last) in &hosts {
            ConstGauge::new(*last).encode(family.encode_family(&[("host", *host)])?)?;
        }
        let followed = daemon.followed.counts();
        let followed = followed.values().map(|counts| counts.lines).sum();
        counter(
            &mut to,
            "waybill_followed_lines",
            "Lines of files that are followed",
            followed,
        )?;
        let is_ready = i64::from(daemon.storing.trouble().is_none());
        let help = "1 as long as lines can be taken into the archive, else 0";
        gauge(&mut to, "waybill_ready", help, is_ready)?;
        let help = "Times that lines could not be taken into the archive; it is tried again";
        counter(
            &mut to,
            "waybill_store_failures",
            help,
            daemon.storing.failures(),
        )?;
        if let Some(free) = daemon.free_bytes() {
            let help = "Bytes that are free where the archive is";
            gauge(&mut to, "waybill_disk_free_bytes", help, free as i64)?;
        }
        let help = "Lines that the journal holds until they are in the archive";
        let held = daemon.journal_lines() as i64;
        gauge(&mut to, "waybill_journal_lines", help, held)?;
        let help = "Bytes of the journal";
        let bytes = daemon.journal_bytes() as i64;
        gauge(&mut to, "waybill_journal_bytes", help, bytes)?;
        let help = "Bytes up to which the journal may grow; then senders are made to wait";
        let bytes_max = daemon.journal_bytes_max as i64;
        gauge(&mut to, "waybill_journal_bytes_max", help, bytes_max)?;
        let help = "Rows that are in memory only, and in the journal as lines";
        let hot = daemon.hot_rows() as i64;
        gauge(&mut to, "waybill_hot_rows", help, hot)?;
        let of = |it: &AtomicU64| it.load(Ordering::Relaxed);
        let clients = &daemon.postgres;
        let help = "Connections of PostgreSQL's clients that are open";
        let open = of(&clients.connections) as i64;
        gauge(&mut to, "waybill_postgres_connections", help, open)?;
        let help = "Connections of PostgreSQL's clients that were refused";
        let refused = of(&clients.refused);
        counter(&mut to, "waybill_postgres_refused", help, refused)?;
        let help = "Questions of PostgreSQL's clients";
        let zero = ConstCounter::new(0_u64);
        let mut family =
            to.encode_descriptor("waybill_postgres_questions", help, None, zero.metric_type())?;
        for (outcome, count) in [("answered", &clients.answered), ("failed", &clients.failed)] {
            ConstCounter::new(of(count)).encode(family.encode_family(&[("outcome", outcome)])?)?;
        }
        let archive = daemon.view.archive();
        let files = archive.files();
        gauge(
            &mut to,
            "waybill_archive_files",
            "Data files",
            files.len() as i64,
        )?;
        let bytes = files.iter().map(|file| file.size as i64).sum();
        gauge(
            &mut to,
            "waybill_archive_bytes",
            "Bytes of data files",
            bytes,
        )?;
        let help = "When the daemon began, seconds since 1970";
        gauge(
            &mut to,
            "waybill_start_seconds",
            help,
            daemon.began.as_seconds(),
        )
    }
}
