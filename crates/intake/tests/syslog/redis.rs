//! A real Redis, and lists that are read from it.

use crate::rsyslog;
use intake::{Intake, RedisList, RedisSettings};
use journal::{Journal, LocalJournal, Position};
use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// A Redis server of a test; killed when it is dropped.
struct Server {
    child: Option<Child>,
    folder: TempDir,
    port: u16,
}

impl Server {
    /// `None`, and why, where there is none.
    fn start() -> Option<Self> {
        if Command::new("redis-server")
            .arg("--version")
            .output()
            .is_err()
        {
            println!("skipped: redis-server is not installed");
            return None;
        }
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let mut server = Server {
            child: None,
            folder: tempfile::tempdir().unwrap(),
            port,
        };
        server.run();
        Some(server)
    }

    fn run(&mut self) {
        let child = Command::new("redis-server")
            .args(["--port", &self.port.to_string(), "--bind", "127.0.0.1"])
            .args([
                "--appendonly",
                "yes",
                "--appendfsync",
                "always",
                "--save",
                "",
            ])
            .arg("--dir")
            .arg(self.folder.path())
            .stdout(Stdio::null())
            .spawn();
        self.child = Some(child.unwrap());
        for _ in 0..500 {
            if self.ask(&["PING"]) == "PONG" {
                return;
            }
            std::thread::park_timeout(Duration::from_millis(20));
        }
        panic!("Redis does not get ready");
    }

    fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    fn ask(&self, words: &[&str]) -> String {
        let output = Command::new("redis-cli")
            .args(["-h", "127.0.0.1", "-p", &self.port.to_string()])
            .args(words)
            .stderr(Stdio::null())
            .output();
        let stdout = output.map(|it| it.stdout).unwrap_or_default();
        String::from_utf8_lossy(&stdout).trim().to_owned()
    }

    fn push(&self, elements: impl IntoIterator<Item = String>) {
        let elements: Vec<String> = elements.into_iter().collect();
        for some in elements.chunks(500) {
            let mut words = vec!["RPUSH", "mail"];
            words.extend(some.iter().map(String::as_str));
            self.ask(&words);
        }
    }

    fn list(&self, from_right: bool) -> RedisList {
        let settings = RedisSettings {
            url: format!("redis://127.0.0.1:{}", self.port),
            key: "mail".to_owned(),
            processing: "mail:waybill:test".to_owned(),
            from_right,
        };
        RedisList::new(settings).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// What reads, as a daemon would.
struct Reading {
    intake: Arc<Intake>,
    stop: watch::Sender<bool>,
    running: JoinHandle<()>,
}

impl Reading {
    fn start(journal: Arc<dyn Journal>, list: RedisList) -> Self {
        let intake = Arc::new(Intake::new(journal, || 7));
        let (stop, stopped) = watch::channel(false);
        let running = tokio::spawn(list.run(Arc::clone(&intake), stopped));
        Reading {
            intake,
            stop,
            running,
        }
    }

    /// Ends it as a kill does: wherever it is.
    async fn kill(self) {
        self.running.abort();
        let _ = self.running.await;
    }

    async fn end(self) {
        self.stop.send(true).unwrap();
        self.running.await.unwrap();
    }
}

/// Waits for an append of the former that is still under way, which a real kill would have ended.
fn open(folder: &Path) -> Arc<dyn Journal> {
    for _ in 0..500 {
        match LocalJournal::open(folder, journal::Settings::default()) {
            Ok(journal) => return Arc::new(journal),
            Err(journal::Error::Locked(_)) => std::thread::park_timeout(Duration::from_millis(10)),
            Err(error) => panic!("{error}"),
        }
    }
    panic!("the journal stays locked");
}

/// All lines, in order.
fn lines(journal: &dyn Journal) -> Vec<String> {
    let mut reader = journal.reader(Position::ZERO).unwrap();
    let mut all = Vec::new();
    while let Some((_, batch)) = reader.next().unwrap() {
        let text = |line: &[u8]| String::from_utf8_lossy(line).into_owned();
        all.extend(batch.iter().map(|it| text(it.line)));
    }
    all
}

async fn until(journal: &Arc<dyn Journal>, count: usize) -> Vec<String> {
    for _ in 0..1_000 {
        let all = lines(&**journal);
        if all.len() >= count {
            return all;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{} lines, not {count}", lines(&**journal).len());
}

#[tokio::test(flavor = "multi_thread")]
async fn elements_become_lines_in_order_and_the_lists_are_empty_then() {
    let Some(server) = Server::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path());
    let document = |it: u32| format!("{{\"message\":\"number {it}\"}}");
    server.push((0..2_500).map(document));
    // As rsyslog's templates and people write them.
    server.push([
        "one\n".to_owned(),
        "\n".to_owned(),
        "{\n \"a\":1}".to_owned(),
    ]);
    let reading = Reading::start(Arc::clone(&journal), server.list(false));
    let all = until(&journal, 2_502).await;
    assert_eq!(all[..2_500], (0..2_500).map(document).collect::<Vec<_>>());
    assert_eq!(all[2_500..], ["one", "{  \"a\":1}"]);
    server.push(["later".to_owned()]);
    until(&journal, 2_503).await;
    let name = format!("redis 127.0.0.1:{} mail", server.port);
    let counted = || {
        let sources = reading.intake.sources();
        assert_eq!(sources.len(), 1, "{sources:?}");
        assert_eq!(sources[0].0, name);
        (sources[0].1.lines, sources[0].1.connections)
    };
    // A line is counted soon after it is durable.
    for _ in 0..1_000 {
        if counted() == (2_503, 1) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(counted(), (2_503, 1));
    reading.end().await;
    assert_eq!(server.ask(&["EXISTS", "mail", "mail:waybill:test"]), "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_element_is_there_once_after_each_kill() {
    let Some(server) = Server::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let mut pushed = 0;
    for round in 0..30 {
        let journal = open(folder.path());
        // The same again and again in part: a batch is known by its number, not by what it has.
        server.push((0..20).map(|it| format!("same {it}")));
        server.push((pushed..pushed + 400).map(|it| format!("number {it}")));
        pushed += 400;
        let reading = Reading::start(Arc::clone(&journal), server.list(false));
        tokio::time::sleep(Duration::from_micros(700 * round)).await;
        reading.kill().await;
    }
    let journal = open(folder.path());
    let reading = Reading::start(Arc::clone(&journal), server.list(false));
    let all = until(&journal, pushed + 30 * 20).await;
    reading.end().await;
    let mut times: BTreeMap<&str, usize> = BTreeMap::new();
    all.iter()
        .for_each(|line| *times.entry(line).or_default() += 1);
    assert_eq!(times.len(), pushed + 20);
    for (line, times) in times {
        let expected = if line.starts_with("same") { 30 } else { 1 };
        assert_eq!(times, expected, "{line}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_left_half_done_is_finished_first() {
    let Some(server) = Server::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path());
    for it in ["one", "two", "three"] {
        server.ask(&["RPUSH", "mail:waybill:test", it]);
    }
    server.ask(&["SET", "mail:waybill:test:batch", "255"]);
    let mut batch = journal::Batch::new();
    let source = format!("redis 127.0.0.1:{} mail\0ff", server.port);
    batch
        .push(journal::Record {
            received_ns: 7,
            source: source.as_bytes(),
            line: b"one",
        })
        .unwrap();
    journal.append(&batch).unwrap();
    server.push(["four".to_owned()]);
    let reading = Reading::start(Arc::clone(&journal), server.list(false));
    assert_eq!(until(&journal, 4).await, ["one", "two", "three", "four"]);
    reading.end().await;
    assert_eq!(server.ask(&["GET", "mail:waybill:test:batch"]), "257");
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_may_go_and_come_and_rsyslogs_side_is_read() {
    let Some(mut server) = Server::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path());
    server.stop();
    let reading = Reading::start(Arc::clone(&journal), server.list(true));
    tokio::time::sleep(Duration::from_millis(150)).await;
    server.run();
    for it in ["one", "two", "three"] {
        server.ask(&["LPUSH", "mail", it]);
    }
    until(&journal, 3).await;
    server.stop();
    server.run();
    server.ask(&["LPUSH", "mail", "four"]);
    assert_eq!(until(&journal, 4).await, ["one", "two", "three", "four"]);
    reading.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_rsyslog_pushes_is_there_once_and_in_order() {
    if !rsyslog::is_there(&["omhiredis"]) {
        return;
    }
    let Some(server) = Server::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path());
    let sent = rsyslog::lines(5_000);
    // The action that docs/serve.md shows.
    let action = format!(
        "module(load=\"omhiredis\")\n\
         action(type=\"omhiredis\" server=\"127.0.0.1\" serverport=\"{}\" mode=\"queue\" \
         key=\"mail\" template=\"line\" action.resumeRetryCount=\"-1\" action.resumeInterval=\"1\")",
        server.port
    );
    let reading = Reading::start(Arc::clone(&journal), server.list(true));
    let rsyslogd = rsyslog::start(&sent, "", &action);
    let came = until(&journal, sent.len()).await;
    let sent: Vec<_> = sent.iter().map(|line| format!("<22>{line}")).collect();
    assert!(came == sent, "{} lines of {}", came.len(), sent.len());
    drop(rsyslogd);
    reading.end().await;
    assert_eq!(server.ask(&["EXISTS", "mail", "mail:waybill:test"]), "0");
}
