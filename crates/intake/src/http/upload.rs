//! What `systemd-journal-upload` speaks: `POST /upload`, a stream in journald's export format that may go on for ever.
//!
//! Entries are appended as they come. The request is answered when it ends, and only then the client moves on; after a
//! break it sends all since the last answer again, of which [`Uploads`](super::Uploads) knows what was taken.
//! Source: systemd `src/journal-remote/journal-upload.c`.

use super::body::{self, Packing};
use super::door::{Door, peer};
use super::held::Held;
use super::own::problem;
use super::refusal::Refusal;
use super::uploads::{Place, SOURCE};
use crate::error::Error;
use crate::limits::{RETRY_MS, UPLOAD_GATHER_MS, UPLOAD_GATHERED_BYTES_MAX, UPLOAD_IDLE_SECS_MAX};
use crate::sources::Source;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use http_body_util::BodyExt as _;
use ingest::journald::{self, Entries};
use journal::{Batch, Record};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::time::{sleep, timeout};

pub(super) fn routes() -> Router<Arc<Door>> {
    Router::new().route("/upload", post(take))
}

/// Answers as systemd-journal-remote does.
async fn take(State(door): State<Arc<Door>>, request: Request) -> Response {
    match take_entries(&door, request).await {
        Ok(()) => (StatusCode::ACCEPTED, "OK.\n").into_response(),
        Err(refusal) => problem(&refusal),
    }
}

async fn take_entries(door: &Arc<Door>, request: Request) -> Result<(), Refusal> {
    let name = format!("{SOURCE}{}", peer(&request));
    let admitted = door.admit(request.headers());
    if let Err(refusal) = admitted.and_then(|()| check(request.headers())) {
        body::discard(request).await;
        return Err(refusal);
    }
    let mut upload = Upload {
        source: door.intake.source(&name),
        door: Arc::clone(door),
        name,
        entries: Entries::default(),
        gathered: Vec::new(),
        bytes: 0,
        held: Held::none(&door.memory),
        held_bytes: 0,
    };
    let mut body = request.into_body();
    loop {
        let patience = match upload.gathered.is_empty() {
            true => Duration::from_secs(UPLOAD_IDLE_SECS_MAX),
            false => Duration::from_millis(UPLOAD_GATHER_MS),
        };
        match timeout(patience, body.frame()).await {
            Ok(Some(Ok(frame))) => upload.push(&frame.into_data().unwrap_or_default())?,
            Ok(Some(Err(error))) => {
                upload.append().await?;
                return Err(Refusal::Invalid(format!("the stream broke off: {error}")));
            }
            Ok(None) => break,
            Err(_) if upload.gathered.is_empty() => return Err(Refusal::Slow),
            Err(_) => upload.append().await?,
        }
        if upload.bytes >= UPLOAD_GATHERED_BYTES_MAX {
            upload.append().await?;
        }
    }
    let is_whole = upload.end()?;
    upload.append().await?;
    let broke_off = || Refusal::Invalid("the stream ends inside an entry".to_owned());
    is_whole.then_some(()).ok_or_else(broke_off)
}

fn check(headers: &HeaderMap) -> Result<(), Refusal> {
    let kind = headers.get(CONTENT_TYPE).map(|it| it.as_bytes());
    if kind != Some(b"application/vnd.fdo.journal") {
        let why = "`Content-Type: application/vnd.fdo.journal` is taken here; lines go to `/lines`";
        return Err(Refusal::Unsupported(why.to_owned()));
    }
    match Packing::of(headers)? {
        Packing::None => Ok(()),
        _ => Err(Refusal::Unsupported(
            "a stream of a journal is taken unpacked; set `Compression=` empty in journal-upload.conf".to_owned(),
        )),
    }
}

/// A stream that is being taken.
struct Upload {
    door: Arc<Door>,
    name: String,
    source: Arc<Source>,
    entries: Entries,
    /// Entries that are not appended yet, and where they stand.
    gathered: Vec<(Option<Place>, Vec<u8>)>,
    /// Bytes of these.
    bytes: usize,
    held: Held,
    held_bytes: usize,
}

impl Upload {
    fn push(&mut self, data: &[u8]) -> Result<(), Refusal> {
        let needed = self.entries.held_bytes() + self.bytes + data.len();
        if needed > self.held_bytes {
            self.held.grow(needed - self.held_bytes)?;
            self.held_bytes = needed;
        }
        self.gather(|entries, take| entries.push(data, take))
            .map(drop)
    }

    /// Takes the end of the stream; false if it broke off inside an entry.
    fn end(&mut self) -> Result<bool, Refusal> {
        self.gather(|entries, take| entries.end(take))
    }

    /// Gathers the entries that are found.
    fn gather<T>(
        &mut self,
        find: impl FnOnce(&mut Entries, &mut dyn FnMut(&[u8], bool)) -> T,
    ) -> Result<T, Refusal> {
        let (mut cut, mut is_other) = (0, false);
        let (gathered, bytes) = (&mut self.gathered, &mut self.bytes);
        let wanted = &self.door.journald;
        let found = find(&mut self.entries, &mut |entry, is_cut| {
            let Some(cursor) = journald::cursor(entry) else {
                is_other = true;
                return;
            };
            let kept = wanted.takes(entry).then(|| journald::reduced(entry));
            if let Some(kept) = kept.flatten() {
                *bytes += kept.len();
                gathered.push((Place::of_cursor(cursor), kept));
                cut += u64::from(is_cut);
            }
        });
        self.source.cut.fetch_add(cut, Ordering::Relaxed);
        if is_other {
            let why = "the body is not in journald's export format: an entry has no `__CURSOR`";
            return Err(Refusal::Invalid(why.to_owned()));
        }
        Ok(found)
    }

    /// Makes what was gathered durable. It waits while there is no room: the client would only give up.
    async fn append(&mut self) -> Result<(), Refusal> {
        self.bytes = 0;
        let gathered = std::mem::take(&mut self.gathered);
        if gathered.is_empty() {
            return Ok(());
        }
        let (door, name) = (Arc::clone(&self.door), self.name.clone());
        let gathered = Arc::new(gathered);
        loop {
            // It comes to its end though the client may leave: what is appended is noted.
            let trying = try_append(Arc::clone(&door), name.clone(), Arc::clone(&gathered));
            match tokio::spawn(trying).await {
                Ok(Err(Error::Busy)) => {}
                Ok(appended) => return Ok(appended?),
                Err(stopped) => match stopped.try_into_panic() {
                    Ok(panic) => std::panic::resume_unwind(panic),
                    Err(_) => return Err(Refusal::Busy),
                },
            }
            self.source.refused.fetch_add(1, Ordering::Relaxed);
            sleep(Duration::from_millis(RETRY_MS)).await;
        }
    }
}

/// Appends the entries that were not taken yet, if there is room now: whoever waits must not hold the lock, for the
/// journal is cut under it.
async fn try_append(
    door: Arc<Door>,
    name: String,
    entries: Arc<Vec<(Option<Place>, Vec<u8>)>>,
) -> Result<(), Error> {
    let mut taken = door.uploads.taken.lock().await;
    let is_new = |place: &Option<Place>| !place.is_some_and(|place| taken.has(place));
    let mut batch = Batch::new();
    for (_, line) in entries.iter().filter(|(place, _)| is_new(place)) {
        let received_ns = door.intake.now_ns();
        let source = name.as_bytes();
        batch.push(Record {
            received_ns,
            source,
            line,
        })?;
    }
    if !batch.is_empty() {
        door.intake.append(batch, Duration::ZERO).await?;
    }
    entries
        .iter()
        .filter_map(|(place, _)| *place)
        .for_each(|place| taken.note(place));
    Ok(())
}
