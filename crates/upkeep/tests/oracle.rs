//! Two readers and a writer, with compaction and expiry running, never disagree with an oracle: what it
//! says each version holds is what readers find in it, by whatever question.

use jiff::civil::date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use pipeline::{Settings, WINDOW_MS};
use query::Sight;
use record::{Options, import};
use search::Search;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use store::{Archive, Writer};
use upkeep::Rules;

const DAYS: i64 = 14;
const KEPT: u32 = 4;
/// Lines of a day; each has a number of its own.
const LINES: i64 = 120;

/// What the oracle says: the days, by their number, that a version holds whole.
type Oracle = BTreeMap<u64, BTreeSet<i64>>;

fn midnight(day: i64) -> Timestamp {
    let first = date(2026, 3, 1).to_zoned(TimeZone::UTC);
    let first = first.expect("it is a day").timestamp();
    first + SignedDuration::from_hours(24 * day)
}

fn version(archive: &Archive) -> u64 {
    let identity = archive.identity().expect("it is open");
    let (_, version) = identity.rsplit_once('@').expect("it has one");
    version.parse().expect("a number")
}

fn take(writer: Writer, log: &Path) -> Writer {
    let settings = Settings {
        zone: TimeZone::UTC,
        year: Some(2026),
        now: model::Timestamp::from_seconds(1_800_000_000),
        window_ms: WINDOW_MS,
        host: None,
        workers: 1,
    };
    let sets = ingest::find(&[log.into()]).sets;
    let progress = Arc::new(AtomicU64::new(0));
    let imported = import(writer, &sets, &settings, Options::default(), &progress);
    imported.expect("it can be imported").0
}

/// Day by day: lines come, files are put together, the oldest day expires.
fn write(folder: &Path, data: &Path) -> Oracle {
    let mut rules = Rules::default();
    rules
        .set_class("standard", Some(KEPT))
        .expect("it may be called so");
    let mut oracle = Oracle::new();
    let mut held = BTreeSet::new();
    let mut writer = Archive::open_or_create(data)
        .and_then(Archive::writer)
        .expect("nobody else writes");
    let mut note = |writer: &Writer, held: &BTreeSet<i64>| {
        // Each version since the last that was noted holds the same.
        let now = version(writer.archive());
        let from = oracle
            .last_key_value()
            .map_or(0, |(version, _)| version + 1);
        oracle.extend((from..=now).map(|version| (version, held.clone())));
    };
    note(&writer, &held);
    for day in 0..DAYS {
        let text = (0..LINES).map(|it| {
            let at = midnight(day) + SignedDuration::from_secs(600 * it);
            format!("{at} mx1 odd[7]: line number{}\n", day * LINES + it)
        });
        let log = folder.join(format!("{day}.log"));
        std::fs::write(&log, text.collect::<String>()).expect("it can be written");
        writer = take(writer, &log);
        held.insert(day);
        note(&writer, &held);
        let now = midnight(day) + SignedDuration::from_hours(23);
        upkeep::compact(&mut writer, &rules, now, |_, _| {}).expect("it compacts");
        note(&writer, &held);
        upkeep::expire(&mut writer, &rules, now, false).expect("it expires");
        held.retain(|it| day - it <= i64::from(KEPT));
        note(&writer, &held);
        writer.vacuum().expect("files can be removed");
    }
    oracle
}

/// How many rows answer a question.
fn count(archive: &Archive, question: &str) -> i64 {
    let mut search = Search::parse(question, midnight(0), &TimeZone::UTC)
        .unwrap_or_else(|error| panic!("{}", error.under(question)));
    search.limit = usize::MAX / 8;
    let page = archive.wait(query::search(&Sight::whole(archive.clone()), &search));
    page.expect("it can be asked").rows.len() as i64
}

/// What a reader found in a version: by day, the rows that a range gives, those that a word of one line
/// gives, and the lines of the files.
fn look(archive: &Archive, turn: i64) -> (u64, Vec<[i64; 3]>) {
    let mut lines = vec![0; DAYS as usize];
    for file in archive.files() {
        let number = |line: &[u8]| -> i64 {
            let text = String::from_utf8_lossy(line);
            let number = text.rsplit("number").next().and_then(|it| it.parse().ok());
            number.expect("a number")
        };
        let each = |row: store::StoredRow<'_>| {
            row.lines()
                .for_each(|(_, line)| lines[(number(line) / LINES) as usize] += 1);
        };
        archive
            .each_row(file, each)
            .expect("it is there as long as it is read");
    }
    let of_day = |day: i64| {
        let date = midnight(day).to_zoned(TimeZone::UTC).date();
        let range = format!("on:{date}");
        let word = format!("number{}", day * LINES + turn % LINES);
        [
            count(archive, &range),
            count(archive, &word),
            lines[day as usize],
        ]
    };
    (version(archive), (0..DAYS).map(of_day).collect())
}

#[test]
fn two_readers_agree_with_the_oracle_while_files_are_put_together_and_expire() {
    let folder = tempfile::tempdir().expect("there is room for temporary files");
    let data = folder.path().join("data");
    let is_done = AtomicBool::new(false);
    let (oracle, found) = std::thread::scope(|scope| {
        let read = |first: i64| {
            let (data, is_done) = (&data, &is_done);
            move || {
                let (mut found, mut turn) = (Vec::new(), first);
                let mut held: Option<Archive> = None;
                while !is_done.load(Ordering::SeqCst) {
                    turn += 7;
                    // One opens the newest each time, the other holds a version, and goes on from it.
                    match &mut held {
                        Some(archive) if turn % 3 == 0 => archive.refresh().expect("it goes on"),
                        Some(_) if first == 0 => held = None,
                        Some(_) => {}
                        None => held = Archive::open(data).ok(),
                    }
                    found.extend(held.as_ref().map(|archive| look(archive, turn)));
                }
                found
            }
        };
        let readers = [scope.spawn(read(0)), scope.spawn(read(1))];
        let oracle = write(folder.path(), &data);
        is_done.store(true, Ordering::SeqCst);
        let found = readers.map(|reader| reader.join().expect("it does not panic"));
        (oracle, found)
    });
    let mut versions = BTreeSet::new();
    for (version, found) in found.iter().flatten() {
        for (day, found) in (0..).zip(found) {
            let wanted = match oracle[version].contains(&day) {
                true => [LINES, 1, LINES],
                false => [0; 3],
            };
            assert_eq!(*found, wanted, "day {day} in version {version}");
        }
        versions.insert(*version);
    }
    let looks: usize = found.iter().map(Vec::len).sum();
    println!(
        "{looks} looks at {} of {} versions",
        versions.len(),
        oracle.len()
    );
    assert!(versions.len() > 5);
    let archive = Archive::open(&data).expect("it is there");
    let findings = upkeep::check(&archive, |_| {}).expect("it can be checked");
    assert!(findings.is_clean(), "{findings:?}");
}
