//! How long questions to an archive take, asked one after the other in one process, as a server does.
//!
//! ```sh
//! cargo run --release --package waybill --example latency -- DIR [NAME...]
//! ```
//!
//! For each question, or those whose names contain one of the words: the first answer, the median of
//! those that follow, processor time and bytes that were read for each, and what was found. What is
//! asked for is chosen from the archive itself, of the middle of its time. The first answer of a
//! process opens the files that it needs, so name one question to see what that costs. It is not for
//! what starting and opening take.

#![expect(clippy::disallowed_methods, reason = "real time is what is measured")]

use jiff::tz::TimeZone;
use query::Sight;
use search::{Filter, Search, TimeRange};
use std::path::Path;
use std::time::{Duration, Instant};
use store::{Archive, Column};

/// Answers to a question, at the most, and for how long it is asked.
const TIMES_MAX: usize = 15;
const TIME_MAX: Duration = Duration::from_secs(4);

type Failure = Box<dyn std::error::Error>;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Result<(), Failure> {
    let mut args = std::env::args().skip(1);
    let folder = args.next().ok_or("which archive?")?;
    let names: Vec<String> = args.collect();
    let started = Instant::now();
    let sight = Sight::whole(Archive::open(Path::new(&folder))?);
    let opened = started.elapsed();
    let (first, last) = sight.span(TimeRange::ALL).ok_or("the archive is empty")?;
    let middle = first.midpoint(last);
    let sample = sample(&sight, middle)?;
    // What the choice has read must not help: another one is asked.
    drop(sight);
    let sight = Sight::whole(Archive::open(Path::new(&folder))?);
    println!("opened in {:.1} ms", millis(opened));
    println!("first ms | median ms | CPU ms | read kB | found | question");
    for question in questions(&sample, middle) {
        if names.is_empty() || names.iter().any(|name| question.name.contains(name)) {
            measure(&sight, &question)?;
        }
    }
    Ok(())
}

/// What is asked for.
struct Sample {
    queue_id: String,
    message_id: String,
    account: String,
    /// An account with more rows than any other.
    busy: String,
}

fn sample(sight: &Sight, middle: i64) -> Result<Sample, Failure> {
    let mut search = parsed("kind:delivery.delivered")?;
    search.range.until = middle;
    search.limit = 1;
    let page = sight.wait(query::search(sight, &search))?;
    let row = page.rows.first().ok_or("nothing was delivered")?;
    let text = |column| row.text(column).unwrap_or_default().to_owned();
    let all = (&Filter::All, TimeRange::ALL);
    let busy = sight.wait(query::facet(sight, all.0, all.1, Column::Account, 2))?;
    let mut busy = busy.into_iter().filter_map(|it| it.value);
    Ok(Sample {
        queue_id: text(Column::QueueId),
        message_id: text(Column::MessageId),
        account: text(Column::Account),
        busy: busy.next_back().unwrap_or_default(),
    })
}

fn parsed(text: &str) -> Result<Search, Failure> {
    let now = jiff::Timestamp::from_second(1_800_000_000)?;
    Ok(Search::parse(text, now, &TimeZone::UTC)?)
}

struct Question {
    name: &'static str,
    ask: Ask,
}

enum Ask {
    Trace(String),
    Rows(String, usize),
    Facet(String, Column),
    Histogram,
    Queue(i64),
    Coverage,
    Story(String),
}

fn questions(sample: &Sample, middle: i64) -> Vec<Question> {
    let (id, message_id) = (&sample.queue_id, &sample.message_id);
    let all = [
        ("trace queue id", Ask::Trace(format!("id:\"{id}\""))),
        (
            "trace message-id",
            Ask::Trace(format!("id:\"{message_id}\"")),
        ),
        ("trace nobody", Ask::Trace("id:\"0000NOBODY00\"".into())),
        ("search id", Ask::Rows(format!("id:\"{id}\""), 100)),
        (
            "history page",
            Ask::Rows(format!("any:\"{}\"", sample.account), 100),
        ),
        (
            "history 10000",
            Ask::Rows(format!("any:\"{}\"", sample.account), 10_000),
        ),
        (
            "busy page",
            Ask::Rows(format!("any:\"{}\"", sample.busy), 100),
        ),
        (
            "busy 10000",
            Ask::Rows(format!("any:\"{}\"", sample.busy), 10_000),
        ),
        ("story", Ask::Story(sample.account.clone())),
        ("words common", Ask::Rows("\"user unknown\"".into(), 100)),
        ("words rare", Ask::Rows("\"quota exceeded\"".into(), 100)),
        ("facet kind", Ask::Facet(String::new(), Column::Kind)),
        ("facet account", Ask::Facet(String::new(), Column::Account)),
        (
            "facet filtered",
            Ask::Facet("status:bounced".into(), Column::EnhancedStatus),
        ),
        ("histogram", Ask::Histogram),
        ("queue", Ask::Queue(middle)),
        ("coverage", Ask::Coverage),
    ];
    all.into_iter()
        .map(|(name, ask)| Question { name, ask })
        .collect()
}

/// Answers; gives how much was found.
fn answer(sight: &Sight, ask: &Ask) -> Result<usize, Failure> {
    Ok(match ask {
        Ask::Trace(text) => {
            let search = parsed(text)?;
            sight
                .wait(query::trace(sight, &search.filter, 1_000))?
                .lines
                .len()
        }
        Ask::Rows(text, limit) => {
            let mut search = parsed(text)?;
            search.limit = *limit;
            sight.wait(query::search(sight, &search))?.rows.len()
        }
        Ask::Facet(text, column) => {
            let search = parsed(text)?;
            let facet = query::facet(sight, &search.filter, search.range, *column, 10);
            sight.wait(facet)?.iter().map(|it| it.rows).sum::<u64>() as usize
        }
        Ask::Histogram => {
            let day = Duration::from_secs(86_400);
            let bars = query::histogram(sight, &Filter::All, TimeRange::ALL, day);
            sight.wait(bars)?.len()
        }
        Ask::Queue(at) => sight.wait(query::queue(sight, *at))?.len(),
        Ask::Coverage => sight
            .wait(query::coverage(sight, TimeRange::ALL))?
            .hosts
            .len(),
        Ask::Story(account) => {
            let story = query::account(sight, account, TimeRange::ALL);
            sight.wait(story)?.kinds.values().sum::<u64>() as usize
        }
    })
}

fn measure(sight: &Sight, question: &Question) -> Result<(), Failure> {
    let begun = Instant::now();
    let found = answer(sight, &question.ask)?;
    let first = begun.elapsed();
    let (cpu, read) = (cpu_millis(), read_bytes());
    let (mut times, begun) = (Vec::new(), Instant::now());
    while times.len() < TIMES_MAX && (times.is_empty() || begun.elapsed() < TIME_MAX) {
        let begun = Instant::now();
        answer(sight, &question.ask)?;
        times.push(begun.elapsed());
    }
    let count = times.len() as u64;
    times.sort();
    println!(
        "{:8.1} | {:9.2} | {:6.1} | {:7} | {found:7} | {}",
        millis(first),
        millis(times[times.len() / 2]),
        (cpu_millis() - cpu) as f64 / count as f64,
        (read_bytes() - read) / count / 1_000,
        question.name,
    );
    Ok(())
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

/// Processor time of the process, by ticks of 10 ms; 0 where the system does not tell.
fn cpu_millis() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split(' ');
    let ticks = fields
        .skip(12)
        .take(2)
        .filter_map(|it| it.parse::<u64>().ok());
    ticks.sum::<u64>() * 10
}

/// Bytes that the process has read; 0 where the system does not tell.
fn read_bytes() -> u64 {
    let told = std::fs::read_to_string("/proc/self/io").unwrap_or_default();
    let read = told.lines().find_map(|line| line.strip_prefix("rchar: "));
    read.and_then(|it| it.parse().ok()).unwrap_or(0)
}
