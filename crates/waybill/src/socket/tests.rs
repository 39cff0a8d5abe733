//! A daemon in the test's own process, over a small archive.

use super::wire::{Kind, Question, receive, send};
use super::{NAME, Server, ask};
use crate::args::Args;
use crate::asker::{Asker, Manner};
use crate::limits::ASKERS_MAX;
use crate::{exit_code, input};
use clap::Parser;
use jiff::tz::TimeZone;
use std::ffi::OsString;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::thread;
use std::time::Duration;
use store::{Archive, Writer};
use tempfile::TempDir;

const LOG: &str = "\
2026-11-16T09:00:00.1+00:00 mx postfix/smtpd[11]: connect from client.example.net[192.0.2.7]
2026-11-16T09:00:00.2+00:00 mx postfix/smtpd[11]: 4aBcDe0001z1r: client=client.example.net[192.0.2.7]
2026-11-16T09:00:00.3+00:00 mx postfix/cleanup[12]: 4aBcDe0001z1r: message-id=<one@example.net>
2026-11-16T09:00:00.4+00:00 mx postfix/qmgr[13]: 4aBcDe0001z1r: from=<anna@example.net>, size=1200, nrcpt=2 (queue active)
2026-11-16T09:00:00.5+00:00 mx postfix/smtpd[11]: disconnect from client.example.net[192.0.2.7] ehlo=1 mail=1 rcpt=2 data=1 quit=1 commands=6
2026-11-16T09:00:01+00:00 mx postfix/lmtp[14]: 4aBcDe0001z1r: to=<bob@example.org>, relay=mail.example.org[private/lmtp], delay=1, delays=0.1/0/0.1/0.8, dsn=2.0.0, status=sent (250 2.0.0 Saved)
2026-11-16T09:00:02+00:00 mx postfix/smtp[15]: 4aBcDe0001z1r: to=<carl@example.com>, relay=mx.example.com[192.0.2.9]:25, delay=2, delays=0.1/0/1/0.9, dsn=4.2.2, status=deferred (host mx.example.com[192.0.2.9] said: 452 4.2.2 mailbox full)
2026-11-16T09:01:00+00:00 mx dovecot: imap-login: Login: user=<bob@example.org>, method=PLAIN, rip=192.0.2.44, lip=192.0.2.1, mpid=77, TLS, session=<abcdefgh>
2026-11-16T09:02:00+00:00 mx postfix/smtpd[16]: connect from bad.example.net[192.0.2.66]
2026-11-16T09:02:01+00:00 mx postfix/smtpd[16]: NOQUEUE: reject: RCPT from bad.example.net[192.0.2.66]: 550 5.1.1 <nobody@example.org>: Recipient address rejected: User unknown; from=<x@example.net> to=<nobody@example.org> proto=ESMTP helo=<bad>
2026-11-16T09:02:02+00:00 mx postfix/smtpd[16]: disconnect from bad.example.net[192.0.2.66] ehlo=1 mail=1 rcpt=0/1 quit=1 commands=3/4
";

/// An archive with what the log says.
fn archive() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("mail.log");
    std::fs::write(&log, LOG).unwrap();
    let settings = pipeline::Settings {
        zone: TimeZone::UTC,
        year: None,
        now: pipeline::timestamp(input::now().into()),
        window_ms: pipeline::WINDOW_MS,
        workers: 1,
        host: None,
    };
    let sets = ingest::find(&[log.into()]).sets;
    let progress = Arc::new(AtomicU64::new(0));
    let options = record::Options::default();
    record::import(writer(folder.path()), &sets, &settings, options, &progress).unwrap();
    folder
}

fn writer(folder: &Path) -> Writer {
    Archive::open_or_create(folder).unwrap().writer().unwrap()
}

/// Somebody in Tokyo, on the day after, at a narrow terminal.
fn manner() -> Manner {
    Manner {
        now: "2026-11-17T03:00:00Z".parse().unwrap(),
        zone: TimeZone::get("Asia/Tokyo").unwrap(),
        width: 61,
        is_terminal: false,
    }
}

/// Does something while a daemon answers.
fn with_daemon<T>(folder: &Path, work: impl FnOnce(&Server) -> T) -> T {
    let server = Server::open(&writer(folder)).unwrap();
    let archive = Arc::new(Archive::open(folder).unwrap());
    thread::scope(|scope| {
        scope.spawn(|| server.serve(|| Arc::clone(&archive), None));
        let stop = Stop(&server);
        let done = work(&server);
        drop(stop);
        done
    })
}

/// So that a test that fails ends.
struct Stop<'s>(&'s Server);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.stop();
    }
}

#[derive(Debug, PartialEq)]
struct Told {
    code: Option<u8>,
    out: String,
    notes: String,
}

fn told(work: impl FnOnce(&mut Vec<u8>, &mut Vec<u8>) -> Option<u8>) -> Told {
    let (mut out, mut notes) = (Vec::new(), Vec::new());
    let code = work(&mut out, &mut notes);
    let text = |bytes: Vec<u8>| bytes.escape_ascii().to_string().replace("\\n", "\n");
    Told {
        code,
        out: text(out),
        notes: text(notes),
    }
}

fn words(folder: &Path, line: &[&str]) -> Vec<OsString> {
    let data = ["--data".into(), folder.into()];
    let words = ["waybill"].iter().chain(line).map(OsString::from);
    words.chain(data).collect()
}

fn here(folder: &Path, line: &[&str]) -> Told {
    let args = Args::try_parse_from(words(folder, line)).unwrap();
    told(|out, notes| {
        let ended = args.command.run(&mut Asker {
            out,
            notes,
            live: None,
            daemon: None,
            manner: manner(),
        });
        Some(exit_code(ended, notes))
    })
}

fn there(folder: &Path, line: &[&str]) -> Told {
    let words = words(folder, line).into_iter();
    told(|out, notes| ask(folder, words, &manner(), out, notes).unwrap())
}

/// Every command that asks, in each of its forms; with exit code, and what is in the answer.
const QUESTIONS: &[(&[&str], u8, &str)] = &[
    (&["search"], 0, "2026-11-16 18:02:01"),
    (&["search", "--fields"], 0, "from"),
    (&["search", "user unknown", "--lines"], 0, "NOQUEUE"),
    (
        &["search", "--format", "json", "--lines"],
        0,
        "original_lines",
    ),
    (&["search", "--format", "csv", "-n", "2"], 0, "nobody"),
    (&["search", "--format", "parquet"], 0, "PAR1"),
    (&["search", "--range", "yesterday"], 0, "18:02:01"),
    (&["search", "--range", "today"], 1, ""),
    (&["search", "--range", "nonsense"], 2, ""),
    (&["search", "from:"], 2, ""),
    (&["search", "--timezone", "UTC"], 0, "2026-11-16 09:02:01"),
    (&["history", "bob@example.org"], 0, "auth.succeeded"),
    (&["history", "nobody@example.com"], 1, ""),
    (&["account", "bob@example.org"], 0, "192.0.2.44"),
    (&["account", "bob@example.org", "--json"], 0, "logins"),
    (&["queue"], 0, "carl@example.com"),
    (&["queue", "--by", "reason"], 0, "mailbox full"),
    (&["queue", "--format", "json"], 0, "4aBcDe0001z1r"),
    (&["queue", "--at", "1 hour ago"], 0, "carl@example.com"),
    (&["queue", "--at", "nonsense"], 2, ""),
    (&["facets"], 0, "message.rejected"),
    (&["facets", "--by", "nothing"], 2, ""),
    (&["facets", "--json", "kind:login"], 0, "auth.succeeded"),
    (&["histogram"], 0, "2026-11-16 18:00"),
    (&["histogram", "--json", "--every", "10m"], 0, "2026-11-16T"),
    (&["sql", "select count(*) from events"], 0, "count"),
    (
        &[
            "sql",
            "--format",
            "json",
            "select kind from events order by at, kind",
        ],
        0,
        "auth",
    ),
    (&["sql", "--format", "parquet", "select 1 one"], 0, "PAR1"),
    (&["sql", "select kind from events where false"], 1, ""),
    (&["sql", "select nothing"], 2, ""),
    (&["coverage"], 0, "mx"),
    (&["coverage", "--json"], 0, "lines_unknown"),
    (&["stats"], 0, "rows"),
    (&["stats", "--json"], 0, "parts"),
    (&["trace", "<one@example.net>"], 0, "carl@example.com"),
    (&["trace", "<one@example.net>", "--json"], 0, "message_id"),
    (&["trace", "nobody@example.com"], 1, ""),
    (&["report"], 0, "Asia/Tokyo"),
    (&["report", "--format", "json"], 0, "{"),
    (&["report", "--format", "html"], 0, "<html"),
    (&["report", "--range", "today"], 1, ""),
];

#[test]
fn a_daemon_answers_as_the_command_does() {
    let folder = archive();
    let folder = folder.path();
    with_daemon(folder, |_| {
        for (line, code, holds) in QUESTIONS {
            let here = here(folder, line);
            assert_eq!(here.code, Some(*code), "{line:?}: {here:#?}");
            assert!(here.out.contains(holds), "{line:?}: {here:#?}");
            assert_eq!(there(folder, line), here, "{line:?}");
        }
    });
}

#[test]
fn many_ask_at_once() {
    let folder = archive();
    let folder = folder.path();
    with_daemon(folder, |_| {
        let here = here(folder, &["facets"]);
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| assert_eq!(there(folder, &["facets"]), here));
            }
        });
    });
}

#[test]
fn parquet_does_not_go_to_the_askers_terminal() {
    let folder = archive();
    let folder = folder.path();
    let manner = Manner {
        is_terminal: true,
        ..manner()
    };
    let line = words(folder, &["search", "--format", "parquet"]);
    let told = with_daemon(folder, |_| {
        told(|out, notes| ask(folder, line.into_iter(), &manner, out, notes).unwrap())
    });
    assert_eq!((told.code, told.out.as_str()), (Some(2), ""));
    assert!(told.notes.contains("> rows.parquet"), "{}", told.notes);
}

#[test]
fn a_manner_arrives_as_it_was() {
    let zones = ["Europe/Rome", "UTC", "America/St_Johns"].map(|it| TimeZone::get(it).unwrap());
    let others = [
        TimeZone::fixed(jiff::tz::offset(-3)),
        TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap(),
        TimeZone::system(),
    ];
    for zone in zones.into_iter().chain(others) {
        let was = Manner { zone, ..manner() };
        let question = Question::new(["waybill".into()].into_iter(), &was);
        assert_eq!(question.manner().unwrap(), was);
    }
}

#[test]
fn what_names_files_is_not_asked() {
    let lines: &[&[&str]] = &[
        &["report", "mail.log"],
        &["trace", "x@example.org", "mail.log"],
        &["parse", "mail.log"],
        &["import", "mail.log"],
        &["export", "--to", "folder"],
        &["verify", "folder"],
        &["retention"],
        &["check"],
    ];
    let folder = archive();
    let folder = folder.path();
    with_daemon(folder, |_| {
        for line in lines {
            let args = Args::try_parse_from(["waybill"].iter().chain(*line)).unwrap();
            assert!(args.command.asks().is_none(), "{line:?}");
            let (kind, why) = put(folder, line);
            assert_eq!(
                (kind, why.as_str()),
                (Kind::Refused, "it reads and writes no files for others")
            );
        }
    });
}

/// The first frame that a question gets.
fn put(folder: &Path, line: &[&str]) -> (Kind, String) {
    let asker = UnixStream::connect(folder.join(NAME)).unwrap();
    let words = ["waybill"].iter().chain(line).map(OsString::from);
    Question::new(words, &manner()).send(&asker).unwrap();
    first(&asker)
}

fn first(asker: &UnixStream) -> (Kind, String) {
    let (kind, text) = receive(asker).unwrap();
    (kind, String::from_utf8(text).unwrap())
}

#[test]
fn what_is_no_question_is_refused() {
    let length = |length: u32| length.to_le_bytes().to_vec();
    let framed = |text: &[u8]| [&length(text.len() as u32), text].concat();
    let other = br#"{"protocol":1,"version":"0.0.0","arguments":[]}"#;
    let few = format!(
        r#"{{"protocol":1,"version":"{}"}}"#,
        env!("CARGO_PKG_VERSION")
    );
    let cases = [
        (b"GET / HTTP/1.1\r\n\r\n".to_vec(), "too long"),
        (
            length(100 << 20),
            "a question of 104857600 bytes is too long",
        ),
        (framed(b"\xff\0\x1b{"), "no JSON"),
        (framed(other), "it is of version"),
        (framed(few.as_bytes()), "not understood"),
    ];
    let folder = archive();
    let folder = folder.path();
    with_daemon(folder, |_| {
        for (bytes, why) in cases {
            let mut asker = UnixStream::connect(folder.join(NAME)).unwrap();
            asker.write_all(&bytes).unwrap();
            let (kind, text) = first(&asker);
            assert_eq!(kind, Kind::Refused);
            assert!(text.contains(why), "{text}");
        }
        assert_eq!(put(folder, &["--nonsense"]).0, Kind::Refused);
        let long = "x".repeat(100 << 20);
        let told = there(folder, &["search", &long]);
        assert_eq!(told.code, None);
        assert!(told.notes.contains("too long"), "{}", told.notes);
        assert_eq!(there(folder, &["stats"]).code, Some(0));
    });
}

/// Waits until nobody is answered.
fn until_alone(server: &Server) {
    for _ in 0..1_000 {
        if server.is_alone() {
            return;
        }
        thread::park_timeout(Duration::from_millis(10));
    }
    panic!("somebody is still answered after ten seconds");
}

/// A question with an answer of 2 MB, which no socket holds.
const LONG: &[&str] = &[
    "sql",
    "--format",
    "csv",
    "select repeat('0123456789', 200000) x",
];

#[test]
fn an_asker_who_goes_away_leaves_a_free_place() {
    let folder = archive();
    let folder = folder.path();
    with_daemon(folder, |server| {
        for _ in 0..ASKERS_MAX + 1 {
            assert_eq!(put(folder, LONG).0, Kind::Taken);
            until_alone(server);
        }
        let mut half = UnixStream::connect(folder.join(NAME)).unwrap();
        half.write_all(&[1]).unwrap();
        drop(half);
        until_alone(server);
        assert_eq!(there(folder, &["stats"]).code, Some(0));
    });
}

#[test]
fn an_asker_whose_reader_goes_away_hears_of_it() {
    struct Closed;
    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let folder = archive();
    let folder = folder.path();
    with_daemon(folder, |server| {
        let line = words(folder, LONG).into_iter();
        let error = ask(folder, line, &manner(), &mut Closed, &mut Vec::new()).unwrap_err();
        assert_eq!(exit_code(Err(error), &mut Vec::new()), 0);
        until_alone(server);
    });
}

#[test]
fn one_asker_too_many_is_refused() {
    let folder = archive();
    let folder = folder.path();
    with_daemon(folder, |server| {
        let connect = || UnixStream::connect(folder.join(NAME)).unwrap();
        let silent: Vec<_> = (0..ASKERS_MAX).map(|_| connect()).collect();
        assert_eq!(
            first(&connect()),
            (Kind::Refused, "too many are asking".into())
        );
        let told = there(folder, &["stats"]);
        assert_eq!(told.code, None);
        assert!(told.notes.contains("too many are asking"), "{}", told.notes);
        drop(silent);
        until_alone(server);
        assert_eq!(there(folder, &["stats"]).code, Some(0));
    });
}

#[test]
fn a_daemon_that_stops_waits_for_no_asker() {
    let folder = archive();
    let asker = with_daemon(folder.path(), |_| {
        let asker = UnixStream::connect(folder.path().join(NAME)).unwrap();
        let words = words(folder.path(), LONG).into_iter();
        Question::new(words, &manner()).send(&asker).unwrap();
        assert_eq!(first(&asker).0, Kind::Taken);
        asker
    });
    while receive(&asker).is_ok() {}
    assert!(!folder.path().join(NAME).exists());
}

#[test]
fn the_socket_of_a_dead_daemon_is_passed_over_and_replaced() {
    let folder = archive();
    let folder = folder.path();
    drop(UnixListener::bind(folder.join(NAME)).unwrap());
    let told = there(folder, &["stats"]);
    assert_eq!((told.code, told.notes.as_str()), (None, ""));
    with_daemon(folder, |_| {
        let socket = std::fs::metadata(folder.join(NAME)).unwrap();
        assert_eq!(socket.permissions().mode() & 0o777, 0o600);
        assert_eq!(there(folder, &["stats"]).code, Some(0));
    });
    assert!(!folder.join(NAME).exists());
    let hidden = std::fs::read_dir(folder).unwrap();
    let hidden = hidden.filter(|it| it.as_ref().unwrap().file_name().as_encoded_bytes()[0] == b'.');
    assert_eq!(hidden.count(), 0);
}

/// What an asker is told by a daemon that says this and goes.
fn said(frames: &[(Kind, &[u8])]) -> (anyhow::Result<Option<u8>>, String) {
    let folder = tempfile::tempdir().unwrap();
    let listener = UnixListener::bind(folder.path().join(NAME)).unwrap();
    let (mut out, mut notes) = (Vec::new(), Vec::new());
    let answered = thread::scope(|scope| {
        scope.spawn(|| {
            let (asker, _) = listener.accept().unwrap();
            Question::receive(&asker).unwrap();
            for (kind, bytes) in frames {
                send(&asker, *kind, bytes).unwrap();
            }
        });
        let line = words(folder.path(), &["stats"]).into_iter();
        ask(folder.path(), line, &manner(), &mut out, &mut notes)
    });
    (answered, String::from_utf8([out, notes].concat()).unwrap())
}

#[test]
fn a_daemon_that_breaks_off_is_told() {
    let (answered, text) = said(&[(Kind::Taken, b""), (Kind::Out, b"half")]);
    assert_eq!(
        answered.unwrap_err().to_string(),
        "the daemon broke off its answer"
    );
    assert_eq!(text, "half");
    let (answered, _) = said(&[(Kind::Taken, b""), (Kind::Ended, b"")]);
    assert!(answered.is_err());
    let (answered, _) = said(&[(Kind::Taken, b""), (Kind::Ended, &[3])]);
    assert_eq!(answered.unwrap(), Some(3));
}

#[test]
fn a_daemon_of_another_version_is_told_and_passed_over() {
    let (answered, text) = said(&[(Kind::Refused, b"it is of version 9")]);
    assert_eq!(answered.unwrap(), None);
    assert!(
        text.contains("(it is of version 9); from the disk"),
        "{text}"
    );
    let (answered, text) = said(&[]);
    assert_eq!(answered.unwrap(), None);
    assert!(text.contains("the daemon does not answer"), "{text}");
}

#[test]
fn deep_sql_does_not_end_the_daemon() {
    let folder = archive();
    let folder = folder.path();
    let sql = |terms: usize| {
        let terms = "a or ".repeat(terms);
        format!("select 1 from (select true a) where {terms} a")
    };
    with_daemon(folder, |_| {
        assert_eq!(there(folder, &["sql", &sql(200)]).code, Some(0));
        assert_eq!(there(folder, &["sql", &sql(3_000)]).code, Some(2));
        assert_eq!(there(folder, &["stats"]).code, Some(0));
    });
}
