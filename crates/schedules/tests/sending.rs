//! The loop: what is due is counted and sent once, also over failures, restarts and days without power.

#![allow(
    clippy::disallowed_methods,
    reason = "receivers of a test are waited for"
)]

use jiff::{SignedDuration, Timestamp};
use relay::{Authorities, Relay, Tls};
use schedules::{Answer, Coverage, Host, Map, Poster, Rule, Settings, Source, Span};
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tenancy::{Asker, CustomerId, NewSchedule, Principal, ScheduleId, ScheduleRun, Tenancy};
use tokio::sync::watch;

/// Answers the same to each question, or as much as it may, at a time of its own.
struct Told {
    now: Mutex<Timestamp>,
    is_full: bool,
}

/// As many rows as a question wants, with long names.
fn full(question: &str) -> String {
    let (_, most) = question.rsplit_once(" limit ").expect("it has an end");
    let long = "a-name-that-is-as-long-as-those-of-real-hosts.example.org";
    let keys = (0..question.matches(" as k").count()).map(|at| format!("\"k{at}\": \"{long}\""));
    let columns = (0..question.matches("_before").count() / 2)
        .map(|at| format!("\"c{at}_now\": 1234567, \"c{at}_before\": 1234567"));
    let rest = format!("\"all_now\": 1, \"sample\": \"{}\"", long.repeat(3));
    let fields: Vec<_> = keys.chain(columns).chain([rest]).collect();
    format!("{{{}}}", fields.join(", ")).repeat(most.parse().expect("a number"))
}

impl Told {
    fn set(&self, now: &str) {
        let now = now.parse().expect("a time");
        *self.now.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }
}

impl Source for Told {
    fn rows(&self, _: Option<CustomerId>, question: String) -> Answer<'_, Vec<Map>> {
        let row = match () {
            () if question.contains(" as place") => {
                r#"{"is_now": true, "place": 4, "accepted": 1234, "sent": 1200, "rejected": 7}
                   {"is_now": false, "place": 4, "accepted": 1000, "sent": 1000}"#
            }
            () if question.contains("enhanced_status as k2") => {
                r#"{"k0": "delivery.bounced", "k1": "550", "k2": "5.1.1", "c0_now": 3, "c0_before": 1,
                    "sample": "550 5.1.1 <script>alert(1)</script> \u202e & perch\u00e9"}"#
            }
            () => "",
        };
        let rows = match self.is_full && question.contains(" limit ") {
            true => full(&question),
            false => row.to_owned(),
        };
        Box::pin(async move { schedules::rows(rows.as_bytes()) })
    }

    fn coverage(&self, owner: Option<CustomerId>, of: Span) -> Answer<'_, Coverage> {
        let day = SignedDuration::from_hours(24);
        let host = |host: &str, last| Host {
            host: host.to_owned(),
            last,
            lines: 1_000,
            lines_unknown: 5,
            gaps: Vec::new(),
        };
        let hosts = match owner {
            None => vec![host("mx1", of.until), host("mx2", of.from + day / 2)],
            Some(_) => Vec::new(),
        };
        let coverage = Coverage {
            first: Some(of.from),
            gaps: Vec::new(),
            hosts,
        };
        Box::pin(async move { Ok(coverage) })
    }

    fn now(&self) -> Timestamp {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a server does with each mail.
#[derive(Clone, Copy)]
enum Manner {
    Takes,
    Refuses(&'static str),
    /// Takes it, and says nothing.
    Breaks,
}

/// A server that keeps what it takes.
#[derive(Clone)]
struct Server {
    port: u16,
    mails: Arc<Mutex<Vec<String>>>,
    manner: Arc<Mutex<Manner>>,
}

impl Server {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a port");
        let server = Server {
            port: listener.local_addr().expect("an address").port(),
            mails: Arc::default(),
            manner: Arc::new(Mutex::new(Manner::Takes)),
        };
        let own = server.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let own = own.clone();
                std::thread::spawn(move || own.take(stream));
            }
        });
        server
    }

    fn set(&self, manner: Manner) {
        *self.manner.lock().expect("nobody panics") = manner;
    }

    fn mails(&self) -> Vec<String> {
        self.mails.lock().expect("nobody panics").clone()
    }

    fn take(&self, stream: TcpStream) {
        let mut lines = BufReader::new(stream.try_clone().expect("it can be cloned")).lines();
        let mut answer = stream;
        let mut say = |text: &str| drop(write!(answer, "{text}\r\n"));
        let mut mail = String::new();
        say("220 sink ESMTP");
        while let Some(Ok(line)) = lines.next() {
            mail.push_str(&line);
            mail.push('\n');
            let manner = *self.manner.lock().expect("nobody panics");
            match (line.as_str(), manner) {
                (line, Manner::Refuses(why)) if line.starts_with("RCPT") => say(why),
                ("DATA", _) => {
                    say("354 go on");
                    let body = lines.by_ref().map_while(Result::ok);
                    for line in body.take_while(|it| it != ".") {
                        mail.push_str(&line);
                        mail.push('\n');
                    }
                    let taken = std::mem::take(&mut mail);
                    self.mails.lock().expect("nobody panics").push(taken);
                    if matches!(manner, Manner::Breaks) {
                        return;
                    }
                    say("250 2.0.0 Ok: queued as 4F");
                }
                _ => say("250 sink"),
            }
        }
    }
}

struct World {
    _folder: tempfile::TempDir,
    tenancy: Arc<Tenancy>,
    source: Arc<Told>,
    server: Server,
    asker: Asker,
}

impl World {
    async fn new(now: &str) -> Self {
        let folder = tempfile::tempdir().expect("there is room for temporary files");
        let url = format!("sqlite:{}", folder.path().join("a.db").display());
        let now: Timestamp = now.parse().expect("a time");
        World {
            _folder: folder,
            tenancy: Arc::new(Tenancy::open(&url).await.expect("a database")),
            source: Arc::new(Told {
                now: Mutex::new(now),
                is_full: false,
            }),
            server: Server::start(),
            asker: Asker {
                principal: Principal::console(),
                address: None,
                now,
            },
        }
    }

    /// Each day at seven in Rome.
    async fn schedule(&self, language: &str, receivers: &[&str]) -> ScheduleId {
        let mut new = NewSchedule {
            name: "Posta <di> ieri".to_owned(),
            every: "day".to_owned(),
            day: 0,
            minute: 420,
            zone: "Europe/Rome".to_owned(),
            language: language.to_owned(),
            receivers: receivers.iter().map(|it| (*it).to_owned()).collect(),
            disabled: false,
            next_due: self.asker.now,
        };
        let rule = Rule::read(&new).expect("it is right");
        new.next_due = rule.next(self.asker.now).expect("a time");
        let made = self.tenancy.add_schedule(&self.asker, None, &new).await;
        made.expect("it is made")
    }

    fn poster(&self) -> Arc<Poster> {
        let relay = Relay {
            host: "127.0.0.1".to_owned(),
            port: self.server.port,
            tls: Tls::None,
            authorities: Arc::new(Authorities::default()),
            login: None,
            from: "waybill@w.example".parse().expect("an address"),
        };
        let source = Arc::clone(&self.source);
        Arc::new(Poster::new(
            source,
            Some(relay),
            Some("https://w.example/".to_owned()),
        ))
    }

    async fn runs(&self, id: ScheduleId) -> Vec<ScheduleRun> {
        let runs = self.tenancy.schedule_runs(&self.asker, id, 0).await;
        runs.expect("they are there")
    }

    /// Runs the loop until the runs are so, then stops it.
    async fn until(&self, id: ScheduleId, so: impl Fn(&[ScheduleRun]) -> bool) -> Vec<ScheduleRun> {
        let (stop, stopped) = watch::channel(false);
        let settings = Settings {
            retries: vec![Duration::from_secs(300), Duration::from_secs(600)],
        };
        let (tenancy, poster) = (Arc::clone(&self.tenancy), self.poster());
        let run = tokio::spawn(schedules::run(tenancy, poster, settings, stopped));
        let begun = Instant::now();
        let mut runs = self.runs(id).await;
        while !so(&runs) {
            assert!(begun.elapsed() < Duration::from_secs(30), "{runs:?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
            runs = self.runs(id).await;
        }
        stop.send(true).expect("it runs");
        run.await.expect("it ends");
        runs
    }
}

fn has_ended(count: usize) -> impl Fn(&[ScheduleRun]) -> bool {
    move |runs| runs.len() == count && runs.iter().all(|it| it.ended.is_some())
}

/// Of the first mail of a run: its state, how often it was begun, and what was said.
fn told(run: &ScheduleRun) -> (&str, i64, &str) {
    let mail = &run.mails[0];
    (
        &mail.state,
        mail.tries,
        mail.reply.as_deref().unwrap_or_default(),
    )
}

#[tokio::test]
async fn the_newest_of_those_that_were_missed_is_sent_once_and_says_so() {
    let world = World::new("2026-10-22T10:00:00Z").await;
    let id = world
        .schedule("it", &["anna@a.example", "bob@b.example"])
        .await;
    // Nobody was there from Friday to Monday; on Sunday clocks were put back.
    world.source.set("2026-10-26T09:30:00Z");
    let runs = world.until(id, has_ended(1)).await;
    let run = &runs[0];
    assert_eq!((run.run.missed, run.by_hand), (3, false));
    let times = [
        run.run.due,
        run.run.before_from,
        run.run.from,
        run.run.until,
    ];
    assert_eq!(
        times.map(|it| it.to_string()),
        [
            "2026-10-26T06:00:00Z",
            "2026-10-23T22:00:00Z",
            "2026-10-24T22:00:00Z",
            "2026-10-25T23:00:00Z"
        ]
    );
    assert!(run.mails.iter().all(|it| it.state == "sent"), "{run:?}");
    assert_eq!(told(run), ("sent", 1, "250 2.0.0 Ok: queued as 4F"));
    let mails = world.server.mails();
    assert_eq!(mails.len(), 2);
    let mail = mails
        .iter()
        .find(|it| it.contains("RCPT TO:<anna@a.example>"));
    let mail = mail.expect("one for each");
    for line in [
        "From: waybill@w.example",
        "To: anna@a.example",
        "Subject: Posta <di> ieri: dom 25 ott 2026",
        "Auto-Submitted: auto-generated",
        "Date: Mon, 26 Oct 2026 09:30:00 +0000",
        "Questo rapporto era previsto per lun 26 ott 2026 07:00 e arriva tardi.",
        "Quelli precedenti, saltati e non inviati: 3.",
        "1.234  1.000        +23%  Accettati",
    ] {
        assert!(mail.lines().any(|it| it == line), "{line}: {mail}");
    }
    assert!(
        !mail.contains("bob@b.example"),
        "one recipient does not see the other"
    );
    // Nothing more is due, whoever looks.
    let again = world.until(id, has_ended(1)).await;
    assert_eq!((again, world.server.mails().len()), (runs, 2));
    world.source.set("2026-10-27T06:00:00Z");
    let runs = world.until(id, has_ended(2)).await;
    assert_eq!((runs[0].run.missed, world.server.mails().len()), (0, 4));
}

#[tokio::test]
async fn a_mail_that_is_refused_for_now_is_tried_again_and_then_told_as_failed() {
    let world = World::new("2026-10-22T10:00:00Z").await;
    let id = world.schedule("en", &["anna@a.example"]).await;
    world.source.set("2026-10-23T05:00:00Z");
    world.server.set(Manner::Refuses("450 4.2.1 busy"));
    let tried = |count| {
        move |runs: &[ScheduleRun]| {
            runs.iter()
                .any(|it| it.mails[0].tries == count && it.mails[0].reply.is_some())
        }
    };
    world.until(id, tried(1)).await;
    // Before its time nothing is tried.
    world.source.set("2026-10-23T05:04:59Z");
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    assert_eq!(
        told(&world.runs(id).await[0]),
        ("waiting", 1, "RCPT: 450 4.2.1 busy")
    );
    world.source.set("2026-10-23T05:05:00Z");
    world.until(id, tried(2)).await;
    world.source.set("2026-10-23T05:15:00Z");
    let runs = world.until(id, has_ended(1)).await;
    assert_eq!(told(&runs[0]), ("failed", 3, "RCPT: 450 4.2.1 busy"));
    // What is refused for good is not tried again.
    world.server.set(Manner::Refuses("550 5.1.1 no such user"));
    world.source.set("2026-10-24T05:00:00Z");
    let runs = world.until(id, has_ended(2)).await;
    assert_eq!(
        told(&runs[0]),
        ("failed", 1, "RCPT: 550 5.1.1 no such user")
    );
    assert_eq!(world.server.mails().len(), 0);
}

#[tokio::test]
async fn a_mail_of_which_nobody_knows_is_sent_twice_at_the_most() {
    let world = World::new("2026-10-22T10:00:00Z").await;
    let id = world.schedule("en", &["anna@a.example"]).await;
    world.server.set(Manner::Breaks);
    world.source.set("2026-10-23T05:00:00Z");
    world
        .until(id, |runs| runs.iter().any(|it| it.mails[0].reply.is_some()))
        .await;
    world.source.set("2026-10-23T05:05:00Z");
    world.until(id, |runs| runs[0].mails[0].tries == 2).await;
    world.source.set("2026-10-23T06:00:00Z");
    let runs = world.until(id, has_ended(1)).await;
    let (state, tries, reply) = told(&runs[0]);
    assert_eq!((state, tries), ("failed", 2));
    assert!(reply.starts_with("nobody knows whether"), "{reply}");
    let mails = world.server.mails();
    assert_eq!(mails.len(), 2);
    let id = |mail: &String| {
        mail.lines()
            .find(|it| it.starts_with("Message-ID: "))
            .map(str::to_owned)
    };
    assert!(
        id(&mails[0]).is_some_and(|it| Some(it) == id(&mails[1])),
        "it is the same mail"
    );
}

#[tokio::test]
async fn a_report_is_html_that_needs_nothing_and_runs_nothing() {
    let world = World::new("2026-10-22T10:00:00Z").await;
    let id = world.schedule("en", &["anna@a.example"]).await;
    let schedule = world
        .tenancy
        .schedule(&world.asker, id)
        .await
        .expect("it is there");
    let report = world.poster().report(&schedule, world.asker.now).await;
    let report = report.expect("it is counted");
    assert_eq!(report.subject(), "Posta <di> ieri: Wed 21 Oct 2026");
    let (html, text) = (report.html(), report.text());
    for told in [
        "<h1 class=\"text\" style=\"margin:0;font-size:21px;color:#16191d\">Posta &lt;di&gt; ieri</h1>",
        "1,234",
        "+23%",
        "bounced 550 5.1.1 user unknown",
        "550 5.1.1 &lt;script&gt;alert(1)&lt;/script&gt; \u{fffd} &amp; perché",
        "mx2 has logged nothing in this time; the last was at Tue 20 Oct 2026 12:00.",
        "2,000 lines of 2 hosts; 10 of them are not understood (0.5%).",
        "https://w.example/reports?range=2026-10-20T22%3A00%3A00Z..2026-10-21T22%3A00%3A00Z",
    ] {
        assert!(html.contains(told), "{told}: {html}");
    }
    for never in [
        "<script", "<img", "<link", "url(", "@import", "onload", "\u{202e}",
    ] {
        assert!(!html.contains(never), "{never}");
    }
    assert!(
        text.contains("02:00     1,234      1,200        0         7  ####################"),
        "{text}"
    );
    assert!(
        text.contains("     3       1  bounced 550 5.1.1 user unknown\n"),
        "{text}"
    );
    assert!(
        text.contains("- mx2 has logged nothing in this time"),
        "{text}"
    );
}

#[tokio::test]
async fn a_full_report_is_cut_by_nobody() {
    let mut world = World::new("2026-10-22T10:00:00Z").await;
    let now = Mutex::new(world.asker.now);
    world.source = Arc::new(Told { now, is_full: true });
    let id = world.schedule("it", &["anna@a.example"]).await;
    let schedule = world.tenancy.schedule(&world.asker, id).await;
    let mut schedule = schedule.expect("it is there");
    (schedule.said.every, schedule.said.day) = ("month".to_owned(), 1);
    let report = world.poster().report(&schedule, world.asker.now).await;
    let html = report.expect("it is counted").html();
    assert!(html.matches("a-name-that-is").count() > 300, "{html}");
    // Gmail shows no more.
    assert!(html.len() < 102_000, "{} bytes", html.len());
}
