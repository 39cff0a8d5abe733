//! Lines over HTTP, in the forms of those who send them: plain and JSON lines, Elasticsearch's `_bulk`, OTLP, Loki,
//! journald's.
//!
//! [`router`] is mounted where a server likes, [`serve`] is such a server. A request is taken as a whole and answered
//! once all its lines are durable, or it is refused as a whole; one that was answered with an error, or not at all,
//! comes again, so a line may be in the journal more than once.
//! A journal that is uploaded is taken as it comes, for it may have no end, and of it nothing is taken twice.
//!
//! Documents of JSON become lines as they came. What has fields of its own, as OTLP and Loki have, becomes the line
//! that it carries, if that is a whole line of syslog, else a document. What these mean is for whoever reads the
//! journal (`ingest::readable`).

mod body;
mod document;
mod door;
mod held;
mod json;
mod lines;
mod protobuf;
mod refusal;
mod server;
mod tokens;

mod bulk;
mod elastic;
mod events;
mod loki;
mod otlp;
mod own;
mod upload;
mod uploads;

pub use server::{Seats, serve};
pub use tokens::Token;
pub use uploads::Uploads;

use crate::intake::Intake;
use crate::limits::HTTP_PATIENCE_SECS;
use axum::Router;
use door::Door;
use ingest::journald::Wanted;
use std::sync::Arc;
use std::time::Duration;

/// How requests are taken.
#[derive(Clone, Debug)]
pub struct Settings {
    /// A request must carry one of these; where there are none, all are taken.
    pub tokens: Vec<Token>,
    /// How long a request waits for room in the journal before it is refused.
    pub patience: Duration,
    /// Which entries of uploaded journals are taken.
    pub journald: Wanted,
    /// How far they were taken.
    pub uploads: Arc<Uploads>,
}

impl Default for Settings {
    /// All are taken; a request waits for 5 seconds; what was uploaded is remembered in memory only.
    fn default() -> Self {
        Settings {
            tokens: Vec::new(),
            patience: Duration::from_secs(HTTP_PATIENCE_SECS),
            journald: Wanted::default(),
            uploads: Arc::default(),
        }
    }
}

/// All protocols on their usual paths, and that of Elasticsearch under `/elastic` too.
///
/// A line's source is the protocol and the address that `ConnectInfo<SocketAddr>` gives, as [`serve`] and
/// `axum::serve` provide it: `http 192.0.2.1`, `bulk 192.0.2.1`, `otlp 192.0.2.1`, `loki 192.0.2.1`,
/// `journald 192.0.2.1`, `events 192.0.2.1`.
pub fn router(intake: Arc<Intake>, settings: Settings) -> Router {
    let door = Arc::new(Door::new(intake, settings));
    let elastic = bulk::routes().merge(elastic::routes());
    let all = own::routes().merge(otlp::routes()).merge(loki::routes());
    let all = all.merge(upload::routes()).merge(events::routes());
    let all = all.nest("/elastic", elastic.clone()).merge(elastic);
    all.with_state(door)
}

/// The lines of a body, for tests with any bytes: what a request of this form would bring into the journal.
///
/// `None` where the body is refused.
pub fn lines_of(form: Form, body: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut lines = lines::Lines::apart();
    let read = match form {
        Form::Own => own::decode(body, &mut lines),
        Form::Json => own::decode_json(body, &mut lines),
        Form::Events => events::decode(body, &mut lines),
        Form::Bulk => bulk::decode(body, &mut lines).map(drop),
        Form::OtlpProtobuf => otlp::decode_protobuf(body, &mut lines),
        Form::OtlpJson => otlp::decode_json(body, &mut lines),
        Form::LokiProtobuf => loki::decode_protobuf(body, &mut lines),
        Form::LokiJson => loki::decode_json(body, &mut lines),
    };
    let bytes =
        |batch: &journal::Batch| batch.iter().map(|it| it.line.to_vec()).collect::<Vec<_>>();
    read.ok()
        .map(|()| lines.into_batches().0.iter().flat_map(bytes).collect())
}

/// The form of an unpacked body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Lines of text or of JSON.
    Own,
    /// Values of JSON, in arrays or one behind the other.
    Json,
    /// Mail events of applications.
    Events,
    /// Operations and documents for `_bulk`.
    Bulk,
    /// `ExportLogsServiceRequest`.
    OtlpProtobuf,
    /// The same as JSON.
    OtlpJson,
    /// `logproto.PushRequest`, without its snappy.
    LokiProtobuf,
    /// The same as JSON.
    LokiJson,
}
