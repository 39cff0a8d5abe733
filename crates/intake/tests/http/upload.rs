//! `POST /upload`, by hand and by `systemd-journal-upload`.

use crate::site::{Site, site, site_of};
use ingest::journald::Wanted;
use intake::http::{Settings, Uploads};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::process::Command;
use tokio::time::timeout;

const KIND: &str = "Content-Type: application/vnd.fdo.journal";
const BOOT: &str = "0123456789abcdef0123456789abcdef";

/// An entry of a boot, numbered.
fn entry(number: u32, program: &str) -> String {
    format!(
        "__CURSOR=s=a1;i={number:x};b={BOOT};m=1;t=2;x=3\n__REALTIME_TIMESTAMP={}\n\
         _BOOT_ID={BOOT}\n_CMDLINE=long\n_HOSTNAME=mx1\nSYSLOG_IDENTIFIER={program}\n_PID=812\n\
         MESSAGE=number {number}\n\n",
        1_795_335_801_000_000_u64 + u64::from(number)
    )
}

fn entries(numbers: std::ops::Range<u32>) -> String {
    numbers.map(|it| entry(it, "postfix/qmgr")).collect()
}

/// What a parser reads of all that is stored.
fn read(site: &Site) -> Vec<String> {
    let text = |line: &String| {
        let readable = ingest::readable(line.as_bytes());
        String::from_utf8_lossy(&readable).into_owned()
    };
    site.lines().iter().map(text).collect()
}

fn expected(numbers: std::ops::Range<u32>) -> Vec<String> {
    let line = |it| format!("2026-11-22T08:23:21.{it:06}Z mx1 postfix/qmgr[812]: number {it}");
    numbers.map(line).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_become_lines_and_what_comes_again_is_not_taken_again() {
    let site = site().await;
    let binary = b"MESSAGE\n\x05\0\0\0\0\0\0\0a\n\n\nb\n\n";
    let last = entry(9, "postfix/qmgr").replace("MESSAGE=number 9\n\n", "");
    let body = [entries(1..9).as_bytes(), last.as_bytes(), binary].concat();
    for _ in 0..2 {
        let reply = site.send("POST /upload", &[KIND], &body).await;
        assert_eq!((reply.status, reply.text().as_str()), (202, "OK.\n"));
    }
    let read = read(&site);
    assert_eq!(read[..8], expected(1..9));
    assert_eq!(
        read[8..],
        ["2026-11-22T08:23:21.000009Z mx1 postfix/qmgr[812]: a   b"]
    );
    assert!(!site.lines()[0].contains("_CMDLINE"));
    assert_eq!(site.intake.source("journald 127.0.0.1").counts().lines, 9);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_is_wanted_is_taken() {
    let journald = Wanted::new(&["postfix*".to_owned()], &[]).unwrap();
    let site = site_of(Settings {
        journald,
        ..Settings::default()
    })
    .await;
    let body = entry(1, "cron") + &entry(2, "postfix/qmgr") + &entry(3, "sshd");
    let reply = site.send("POST /upload", &[KIND], body.as_bytes()).await;
    assert_eq!(reply.status, 202);
    assert_eq!(read(&site), expected(2..3));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_journal_is_refused() {
    let site = site().await;
    for (fields, body, status) in [
        (&["Content-Type: text/plain"][..], "a\n\n", 415),
        (&[], "a\n\n", 415),
        (&[KIND, "Content-Encoding: zstd"], "a\n\n", 415),
        (&[KIND], "2026-11-22T08:23:21Z mx1 a: b\n\n", 400),
        (&[KIND], "MESSAGE=no cursor\n\n", 400),
    ] {
        let reply = site.send("POST /upload", fields, body.as_bytes()).await;
        assert_eq!(reply.status, status, "{}", reply.text());
    }
    assert!(site.lines().is_empty());
}

/// A stream that has begun, and goes on as the test likes.
async fn stream(site: &Site) -> TcpStream {
    let mut stream = TcpStream::connect(site.address).await.unwrap();
    let head = format!(
        "POST /upload HTTP/1.1\r\nHost: log\r\n{KIND}\r\nTransfer-Encoding: chunked\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
}

async fn send(stream: &mut TcpStream, text: &str) {
    let chunk = format!("{:x}\r\n{text}\r\n", text.len());
    stream.write_all(chunk.as_bytes()).await.unwrap();
}

async fn until(site: &Site, lines: usize) {
    let all = async {
        while site.lines().len() < lines {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let waited = timeout(Duration::from_secs(10), all).await;
    waited.unwrap_or_else(|_| panic!("{} lines, not {lines}", site.lines().len()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endless_stream_is_taken_as_it_comes_and_goes_on_after_a_break() {
    let site = site().await;
    let mut first = stream(&site).await;
    send(&mut first, &entries(1..4)).await;
    until(&site, 3).await;
    let half = entry(4, "postfix/qmgr");
    send(&mut first, &half[..half.len() / 2]).await;
    drop(first);
    let mut second = stream(&site).await;
    send(&mut second, &entries(1..6)).await;
    until(&site, 5).await;
    second.write_all(b"0\r\n\r\n").await.unwrap();
    let mut answer = [0; 12];
    second.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 202");
    assert_eq!(read(&site), expected(1..6));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_waits_for_room() {
    let site = site().await;
    site.tank.full.store(true, Ordering::SeqCst);
    let body = entries(1..3);
    let sending = site.send("POST /upload", &[KIND], body.as_bytes());
    let emptying = async {
        let source = site.intake.source("journald 127.0.0.1");
        while source.counts().refused == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        site.tank.full.store(false, Ordering::SeqCst);
    };
    let (reply, ()) = tokio::join!(sending, emptying);
    assert_eq!(reply.status, 202);
    assert_eq!(read(&site), expected(1..3));
}

#[tokio::test(flavor = "multi_thread")]
async fn how_far_journals_were_taken_outlives_the_daemon() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("uploads");
    let before = site().await;
    let uploads = Arc::new(Uploads::open(&path, &*before.tank).unwrap());
    let site = site_of(Settings {
        uploads: uploads.clone(),
        ..Settings::default()
    })
    .await;
    site.send("POST /upload", &[KIND], entries(1..4).as_bytes())
        .await;
    tokio::task::spawn_blocking(move || uploads.save().unwrap())
        .await
        .unwrap();
    // What was taken behind the last save stands in the journal alone.
    site.send("POST /upload", &[KIND], entries(4..6).as_bytes())
        .await;
    for (journal, first_new) in [(&before, 4), (&site, 6)] {
        let uploads = Arc::new(Uploads::open(&path, &*journal.tank).unwrap());
        let after = site_of(Settings {
            uploads,
            ..Settings::default()
        })
        .await;
        after
            .send("POST /upload", &[KIND], entries(1..9).as_bytes())
            .await;
        assert_eq!(read(&after), expected(first_new..9));
    }
    std::fs::write(&path, "no such file").unwrap();
    assert!(Uploads::open(&path, &*before.tank).is_err());
}

/// A program of systemd that users do not call themselves.
fn program(name: &str) -> Option<PathBuf> {
    let path = Path::new("/lib/systemd").join(name);
    path.exists().then_some(path)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_real_client_moves_on_when_all_is_durable() {
    let programs = (
        program("systemd-journal-remote"),
        program("systemd-journal-upload"),
    );
    let (Some(remote), Some(upload)) = programs else {
        println!("skipped: systemd-journal-remote is not installed");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let (file, state) = (
        folder.path().join("mail.journal"),
        folder.path().join("state"),
    );
    let mut writer = Command::new(remote)
        .arg("--output")
        .arg(&file)
        .arg("-")
        .stdin(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdin = writer.stdin.take().unwrap();
    stdin.write_all(entries(1..500).as_bytes()).await.unwrap();
    drop(stdin);
    assert!(writer.wait().await.unwrap().success());

    let site = site().await;
    let url = format!("http://{}", site.address);
    let run = async |state: &Path| {
        let mut client = Command::new(&upload)
            .arg(format!("--url={url}"))
            .arg(format!("--file={}", file.display()))
            .arg(format!("--save-state={}", state.display()))
            .kill_on_drop(true)
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let sent = async {
            while !std::fs::read_to_string(state).is_ok_and(|it| it.contains("LAST_CURSOR=")) {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let sent = timeout(Duration::from_secs(20), sent).await;
        sent.expect("it was answered");
        client.kill().await.unwrap();
    };
    run(&state).await;
    assert_eq!(read(&site), expected(1..500));
    // It lost its state, as in a break before the answer came.
    run(&folder.path().join("another")).await;
    assert_eq!(read(&site).len(), 499);
}
