//! How long a daemon's answers take when many ask at once, while lines come in.
//!
//! ```sh
//! cargo run --release --package waybill --example load -- HOST:PORT KEY CLIENTS PAUSE SECONDS [SYSLOG RATE]
//! ```
//!
//! So many clients, each with a connection of its own, ask over HTTP what people ask: for traces,
//! histories, searches, facets, histograms, stories, queues, about messages and accounts of the
//! archive's whole time. After an answer each reads for PAUSE seconds in the middle, as people do; 0:
//! it asks on at once. With SYSLOG and RATE so many generated lines a second are sent there meanwhile.
//! For each question it tells how often it was answered, and how long that took. The key needs the
//! right to ask, and `requests_a_minute` of `[web]` room for all of them.

#![expect(clippy::disallowed_methods, reason = "real time is what is measured")]

use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use traffic::{Plan, write_day};

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Half-hours of the archive from which messages and accounts are chosen.
const SAMPLES: u64 = 30;

fn main() -> Result<(), Failure> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [at, key, clients, pause, seconds, sending @ ..] = &args[..] else {
        return Err("HOST:PORT KEY CLIENTS PAUSE SECONDS [SYSLOG RATE]".into());
    };
    let asker = Asker {
        at: at.parse()?,
        key: key.clone(),
    };
    let known = sample(&mut asker.connect()?)?;
    println!("{} messages and accounts to ask about", known.len());
    let (clients, pause): (u64, f64) = (clients.parse()?, pause.parse()?);
    let ends = Instant::now() + Duration::from_secs(seconds.parse()?);
    let stop = AtomicBool::new(false);
    let (answers, sent) = std::thread::scope(|scope| {
        let (asker, known, stop) = (&asker, &known, &stop);
        let asking = (0..clients)
            .map(|number| scope.spawn(move || client(asker, known, (number, pause), ends)));
        let asking: Vec<_> = asking.collect();
        let sending = match sending {
            [to, rate] => Some((to.parse::<SocketAddr>()?, rate.parse::<u64>()?)),
            _ => None,
        };
        let sending = sending.map(|(to, rate)| scope.spawn(move || send(to, rate, stop)));
        let answers: Result<Vec<_>, Failure> = asking.into_iter().map(joined).collect();
        stop.store(true, Ordering::Relaxed);
        let sent = sending.map(joined).transpose()?;
        Ok::<_, Failure>((answers?, sent))
    })?;
    tell(answers.into_iter().flatten(), sent);
    Ok(())
}

fn joined<T>(thread: std::thread::ScopedJoinHandle<'_, Result<T, Failure>>) -> Result<T, Failure> {
    thread.join().map_err(|_| "a thread has failed")?
}

/// What it was, how long it took, whether it was answered.
type Told = (&'static str, Duration, bool);

fn tell(answers: impl Iterator<Item = Told>, sent: Option<u64>) {
    let mut by_question: BTreeMap<&str, Vec<Told>> = BTreeMap::new();
    for told in answers {
        by_question.entry(told.0).or_default().push(told);
        by_question.entry("all").or_default().push(told);
    }
    println!("question | asked | not answered | p50 ms | p95 ms | p99 ms | max ms");
    for (question, mut told) in by_question {
        told.sort_by_key(|it| it.1);
        let bad = told.iter().filter(|it| !it.2).count();
        let share = |share: usize| told[(told.len() - 1) * share / 100].1.as_millis();
        println!(
            "{question} | {} | {bad} | {} | {} | {} | {}",
            told.len(),
            share(50),
            share(95),
            share(99),
            share(100)
        );
    }
    if let Some(sent) = sent {
        println!("{sent} lines were sent meanwhile");
    }
}

/// Who asks, and where.
struct Asker {
    at: SocketAddr,
    key: String,
}

impl Asker {
    fn connect(&self) -> Result<Connection<'_>, Failure> {
        let stream = TcpStream::connect(self.at)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(120)))?;
        Ok(Connection {
            asker: self,
            stream: BufReader::new(stream),
        })
    }
}

/// A connection on which one request follows the other.
struct Connection<'a> {
    asker: &'a Asker,
    stream: BufReader<TcpStream>,
}

impl Connection<'_> {
    /// Status and body.
    fn get(&mut self, path: &str) -> Result<(u16, Vec<u8>), Failure> {
        let key = &self.asker.key;
        let request = format!(
            "GET /api/v1/{path} HTTP/1.1\r\nHost: waybill\r\nAuthorization: Bearer {key}\r\n\r\n"
        );
        self.stream.get_mut().write_all(request.as_bytes())?;
        let first = self.line()?;
        let status = first.split(' ').nth(1).and_then(|it| it.parse().ok());
        let (mut length, mut is_chunked) = (0, false);
        loop {
            let field = self.line()?.to_ascii_lowercase();
            if field.is_empty() {
                break;
            }
            if let Some(value) = field.strip_prefix("content-length:") {
                length = value.trim().parse()?;
            }
            is_chunked |= field.starts_with("transfer-encoding:");
        }
        let mut body = Vec::new();
        while is_chunked {
            let chunk = u64::from_str_radix(&self.line()?, 16)?;
            (&mut self.stream).take(chunk).read_to_end(&mut body)?;
            self.line()?;
            is_chunked = chunk > 0;
        }
        (&mut self.stream).take(length).read_to_end(&mut body)?;
        Ok((status.ok_or("no status")?, body))
    }

    fn line(&mut self) -> Result<String, Failure> {
        let mut line = String::new();
        match self.stream.read_line(&mut line)? {
            0 => Err("the connection was closed".into()),
            _ => Ok(line.trim_end().to_owned()),
        }
    }

    fn rows(&mut self, path: &str) -> Result<Vec<Value>, Failure> {
        let (status, body) = self.get(path)?;
        if status != 200 {
            return Err(format!("{path}: {status} {}", String::from_utf8_lossy(&body)).into());
        }
        let answer: Value = serde_json::from_slice(&body)?;
        Ok(answer["rows"].as_array().cloned().unwrap_or_default())
    }
}

/// A message and its account.
struct Known {
    message_id: String,
    queue_id: String,
    account: String,
    day: String,
}

/// Messages of the archive's whole time.
fn sample(connection: &mut Connection<'_>) -> Result<Vec<Known>, Failure> {
    let mut edge = |order: &str| -> Result<jiff::Timestamp, Failure> {
        let rows = connection.rows(&format!("rows?limit=1&order={order}"))?;
        let at = rows.first().and_then(|row| row["at"].as_str());
        Ok(at.ok_or("the archive is empty")?.parse()?)
    };
    let (first, last) = (edge("oldest")?.as_second(), edge("newest")?.as_second());
    let mut known = Vec::new();
    for number in 0..SAMPLES {
        let from = first + (last - first) * number as i64 / SAMPLES as i64;
        let [from, until] = [from, from + 1_800].map(jiff::Timestamp::from_second);
        let (from, until) = (from?, until?);
        let path = format!("rows?q=kind:delivery.delivered&limit=20&range={from}..{until}");
        for row in connection.rows(&path)? {
            let text = |name: &str| row[name].as_str().unwrap_or_default().replace('+', "%2B");
            known.push(Known {
                message_id: text("message_id").replace(['<', '>'], ""),
                queue_id: text("queue_id"),
                account: text("account"),
                day: text("at")[..10].to_owned(),
            });
        }
    }
    known.retain(|it| !it.account.is_empty() && !it.message_id.is_empty());
    match known.is_empty() {
        true => Err("nothing was delivered".into()),
        false => Ok(known),
    }
}

/// The next question: its name and path.
fn question(known: &[Known], chance: &mut u64) -> (&'static str, String) {
    let mut next = |of: usize| {
        // Knuth's MMIX.
        *chance = chance
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (*chance >> 33) as usize % of
    };
    let Known {
        message_id,
        queue_id,
        account,
        day,
    } = &known[next(known.len())];
    let minute = format!("{day}T{:02}:{:02}:00Z", next(24), next(60));
    match next(20) {
        0..=3 => ("trace message-id", format!("trace?what={message_id}")),
        4..=5 => ("trace queue id", format!("trace?what={queue_id}")),
        6..=9 => ("history", format!("rows?q=any:{account}&limit=50")),
        10..=11 => (
            "history of a day",
            format!("rows?q=any:{account}&limit=50&range={day}"),
        ),
        12..=14 => (
            "search",
            format!("rows?q=status:bounced&limit=50&range={day}"),
        ),
        15..=16 => ("facet of a day", format!("facets?by=kind&range={day}")),
        17 => (
            "histogram of a day",
            format!("histogram?every=3600&range={day}"),
        ),
        18 => ("story of a day", format!("accounts/{account}?range={day}")),
        _ => ("queue", format!("queue?at={minute}&limit=50")),
    }
}

fn client(
    asker: &Asker,
    known: &[Known],
    (number, pause): (u64, f64),
    ends: Instant,
) -> Result<Vec<Told>, Failure> {
    let mut chance = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut connection = asker.connect()?;
    let mut told = Vec::new();
    loop {
        let (name, path) = question(known, &mut chance);
        let share = (chance >> 40) as f64 / (1_u64 << 24) as f64;
        std::thread::sleep(Duration::from_secs_f64(pause * 2.0 * share));
        let begun = Instant::now();
        if begun >= ends {
            return Ok(told);
        }
        let is_answered = match connection.get(&path) {
            Ok((status, _)) => status == 200,
            Err(_) => {
                connection = asker.connect()?;
                false
            }
        };
        told.push((name, begun.elapsed(), is_answered));
    }
}

/// Sends generated lines, so many a second; gives how many it were.
fn send(to: SocketAddr, rate: u64, stop: &AtomicBool) -> Result<u64, Failure> {
    let mut stream = BufWriter::with_capacity(1 << 18, TcpStream::connect(to)?);
    let (begun, mut sent, mut failed) = (Instant::now(), 0, None);
    let mut put = |_: &str, line: &[u8]| {
        if stop.load(Ordering::Relaxed) || failed.is_some() {
            return;
        }
        let written = stream
            .write_all(line)
            .and_then(|()| stream.write_all(b"\n"));
        failed = written.err();
        sent += 1;
        if sent % 1_000 == 0 {
            let due = Duration::from_secs_f64(sent as f64 / rate as f64);
            std::thread::sleep(due.saturating_sub(begun.elapsed()));
        }
    };
    let plan = Plan {
        lines: rate * 600,
        start: jiff::Timestamp::now().as_second() - 86_400,
        ..Plan::default()
    };
    write_day(&plan, &mut put, &mut |_| {});
    failed.map_or(Ok(sent), |failed| Err(failed.into()))
}
