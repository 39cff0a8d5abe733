//! A server with a journal of its own, and a client that sends bytes as they are.

use intake::Intake;
use intake::http::{self, Settings};
use journal::{Batch, Error, Journal, LocalJournal, Position, Reader};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// When all lines of a site are received: 2026-11-22T08:23:21.5Z.
pub(crate) const NOW_NS: i64 = 1_795_335_801_500_000_000;

/// A journal that can be made full.
pub(crate) struct Tank {
    journal: LocalJournal,
    pub(crate) full: AtomicBool,
}

impl Journal for Tank {
    fn append(&self, batch: &Batch) -> Result<Position, Error> {
        if self.full.load(Ordering::SeqCst) {
            return Err(Error::Full(1));
        }
        self.journal.append(batch)
    }

    fn reader(&self, from: Position) -> Result<Box<dyn Reader>, Error> {
        self.journal.reader(from)
    }

    fn cut(&self, before: Position) -> Result<(), Error> {
        self.journal.cut(before)
    }

    fn start(&self) -> Position {
        self.journal.start()
    }

    fn end(&self) -> Position {
        self.journal.end()
    }

    fn wait_for_lines(&self, behind: Position, timeout: Duration) -> Position {
        self.journal.wait_for_lines(behind, timeout)
    }

    fn wait_for_room(&self, batch: &Batch, timeout: Duration) -> bool {
        self.journal.wait_for_room(batch, timeout)
    }
}

pub(crate) struct Site {
    pub(crate) address: SocketAddr,
    pub(crate) tank: Arc<Tank>,
    pub(crate) intake: Arc<Intake>,
    pub(crate) stop: oneshot::Sender<()>,
    pub(crate) served: JoinHandle<()>,
    _folder: TempDir,
}

/// A site whose requests wait for room for a moment only.
pub(crate) async fn site() -> Site {
    site_with(Vec::new()).await
}

pub(crate) async fn site_with(tokens: Vec<http::Token>) -> Site {
    site_of(Settings {
        tokens,
        ..Settings::default()
    })
    .await
}

pub(crate) async fn site_of(settings: Settings) -> Site {
    let folder = tempfile::tempdir().unwrap();
    let journal = LocalJournal::open(folder.path(), journal::Settings::default()).unwrap();
    let tank = Arc::new(Tank {
        journal,
        full: AtomicBool::new(false),
    });
    let intake = Arc::new(Intake::new(tank.clone(), || NOW_NS));
    let patience = Duration::from_millis(1);
    let router = http::router(
        intake.clone(),
        Settings {
            patience,
            ..settings
        },
    );
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let served = tokio::spawn(http::serve(
        listener,
        router,
        http::Seats::default(),
        async {
            let _ = stopped.await;
        },
    ));
    Site {
        address,
        tank,
        intake,
        stop,
        served,
        _folder: folder,
    }
}

#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    /// In lower case.
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{}", self.text()))
    }

    fn of(bytes: &[u8]) -> Option<Reply> {
        let end = bytes.windows(4).position(|it| it == b"\r\n\r\n")?;
        let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
        Some(Reply {
            status: head.split(' ').nth(1)?.parse().ok()?,
            head,
            body: bytes[end + 4..].to_vec(),
        })
    }
}

/// A request with a body, after which the connection is closed.
pub(crate) fn request(first: &str, fields: &[&str], body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let mut head = format!(
        "{first} HTTP/1.1\r\nHost: log\r\nConnection: close\r\nContent-Length: {length}\r\n"
    );
    for field in fields {
        head.push_str(field);
        head.push_str("\r\n");
    }
    head.push_str("\r\n");
    [head.as_bytes(), body].concat()
}

impl Site {
    /// Sends bytes and reads to the end of what comes back; `None` if nothing does.
    pub(crate) async fn exchange(&self, bytes: &[u8]) -> Option<Reply> {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let mut reply = Vec::new();
        let (mut read, mut write) = stream.split();
        let writing = async {
            let _ = write.write_all(bytes).await;
        };
        let reading = async {
            let _ = read.read_to_end(&mut reply).await;
        };
        tokio::join!(writing, reading);
        Reply::of(&reply)
    }

    pub(crate) async fn send(&self, first: &str, fields: &[&str], body: &[u8]) -> Reply {
        let reply = self.exchange(&request(first, fields, body)).await;
        reply.expect("an answer")
    }

    /// Everything in the journal: source and line.
    pub(crate) fn stored(&self) -> Vec<(String, String)> {
        let mut reader = self.tank.reader(Position::ZERO).unwrap();
        let mut all = Vec::new();
        while let Some((_, batch)) = reader.next().unwrap() {
            for record in batch.iter() {
                assert_eq!(record.received_ns, NOW_NS);
                let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
                all.push((text(record.source), text(record.line)));
            }
        }
        all
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.stored().into_iter().map(|(_, line)| line).collect()
    }

    /// Everything in the journal as a parser reads it.
    pub(crate) fn heard(&self) -> Vec<String> {
        self.lines().iter().map(|line| heard(line)).collect()
    }
}

/// Time, host, program, process and queue id of a line, as the parser reads it.
pub(crate) fn heard(line: &str) -> String {
    let readable = ingest::readable(line.as_bytes());
    let event = parse::line(&readable);
    let at = event.stamp;
    let zone = at.offset_minutes.map(|it| it.to_string());
    format!(
        "{}-{}-{} {}:{}:{}.{:09} zone {} host {} program {} pid {} queue id {}",
        at.year.unwrap_or_default(),
        at.month,
        at.day,
        at.hour,
        at.minute,
        at.second,
        at.nanos,
        zone.unwrap_or_default(),
        event.host,
        event.program,
        event.pid.unwrap_or_default(),
        event.queue_id.unwrap_or_default(),
    )
}

/// What [`heard`] says of the line that most tests send, in whatever form.
pub(crate) const HEARD: &str =
    "2026-11-22 8:23:21.123456789 zone 0 host mx1 program qmgr pid 812 queue id 4bXyZ10QzKz1r";

/// The same to the microsecond.
pub(crate) const HEARD_MICROS: &str =
    "2026-11-22 8:23:21.123456000 zone 0 host mx1 program qmgr pid 812 queue id 4bXyZ10QzKz1r";

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A field of Protobuf that has a length.
pub(crate) fn field(number: u8, value: &[u8]) -> Vec<u8> {
    [&[number << 3 | 2][..], &varint(value.len()), value].concat()
}

pub(crate) fn varint(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}
