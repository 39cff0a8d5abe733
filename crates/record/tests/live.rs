//! Lines that come in are seen at once, each once, before and after they are committed.

mod common;

use common::{day, lines_of, lines_shown, take};
use jiff::tz::TimeZone;
use journal::{Batch, Journal, LocalJournal, Position, Record};
use model::Timestamp;
use pipeline::ArrivalSettings;
use record::{Clocks, Listener, Settings, View, live};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::time::Duration;
use store::{Archive, Column, Type, Writer};

/// A clock that goes on by a millisecond each time it is asked.
static NOW: AtomicI64 = AtomicI64::new(1_800_000_000_000);

/// Goes on with each look: how long things take is counted in looks of the one who runs.
fn steady() -> Duration {
    Duration::from_millis(NOW.fetch_add(1, Ordering::Relaxed).unsigned_abs())
}

/// Both go on as one.
const CLOCKS: Clocks = Clocks { wall: now, steady };

/// The time for others: their looks would seem to be time that showing rows took.
fn now() -> Timestamp {
    Timestamp::from_seconds(0).plus_millis(NOW.load(Ordering::Relaxed))
}

#[derive(Default)]
struct Committed {
    commits: AtomicU64,
    before: AtomicU64,
}

impl Listener for &Committed {
    fn committed(&mut self, before: Position) {
        self.commits.fetch_add(1, Ordering::Relaxed);
        self.before.store(before.as_u64(), Ordering::Relaxed);
    }
    fn lost(&mut self, error: &journal::Error) {
        let is_another = matches!(error, journal::Error::Beyond { .. });
        assert!(is_another, "nothing was to be lost: {error}");
    }
}

fn settings(commit_bytes: usize) -> Settings {
    Settings {
        arrivals: ArrivalSettings {
            zone: TimeZone::UTC,
            host: None,
            hold_ms: 2,
            once_ms: None,
        },
        name: |source| source,
        show_every: Duration::ZERO,
        commit_bytes,
        commit_every: Duration::MAX,
    }
}

fn append(journal: &dyn Journal, lines: &[&[u8]]) {
    append_from(b"test", journal, lines);
}

fn append_from(source: &[u8], journal: &dyn Journal, lines: &[&[u8]]) {
    let mut batch = Batch::new();
    for line in lines {
        let record = Record {
            received_ns: now().as_nanos(),
            source,
            line,
        };
        batch.push(record).expect("there is room");
    }
    journal.append(&batch).expect("it can be written");
}

/// Also where the test fails, so that it ends.
struct StopAtEnd<'a>(&'a AtomicBool);

impl Drop for StopAtEnd<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Runs `feed` beside a daemon; gives how many commits there were.
fn beside(
    folder: &Path,
    journal: &LocalJournal,
    commit_bytes: usize,
    feed: impl FnOnce(&View),
) -> u64 {
    let archive = Archive::open_or_create(&folder.join("archive")).expect("it can be made");
    let view = View::new(&archive);
    let writer = archive.writer().expect("nobody else writes");
    let settings = settings(commit_bytes);
    let committed = run(writer, journal, &settings, &view, feed);
    let before = committed.before.load(Ordering::Relaxed);
    assert_eq!(
        before,
        journal.end().as_u64(),
        "all is committed in the end"
    );
    committed.commits.load(Ordering::Relaxed)
}

fn run(
    writer: Writer,
    journal: &LocalJournal,
    settings: &Settings,
    view: &View,
    feed: impl FnOnce(&View),
) -> Committed {
    run_by(CLOCKS, writer, journal, settings, view, feed)
}

fn run_by(
    clocks: Clocks,
    writer: Writer,
    journal: &LocalJournal,
    settings: &Settings,
    view: &View,
    feed: impl FnOnce(&View),
) -> Committed {
    let (stop, committed) = (AtomicBool::new(false), Committed::default());
    std::thread::scope(|scope| {
        let stop = &stop;
        let mut listener = &committed;
        let running = scope.spawn(move || {
            let ended = live(writer, journal, settings, view, clocks, stop, &mut listener);
            // Who waits for rows would not see why they do not come.
            if let Err(error) = &ended {
                eprintln!("live ended: {error:?}");
            }
            ended
        });
        let stopping = StopAtEnd(stop);
        feed(view);
        drop(stopping);
        let ended = running.join().expect("it does not panic");
        ended.expect("all can be committed");
    });
    committed
}

/// Waits until so many lines are seen; gives them.
fn wait_for(view: &View, lines: u64) -> BTreeMap<Vec<u8>, u64> {
    for _ in 0..2_000 {
        let shown = lines_shown(&view.archive());
        let count: u64 = shown.values().sum();
        assert!(count <= lines, "{count} lines are seen of {lines}");
        if count == lines {
            return shown;
        }
        std::thread::park_timeout(Duration::from_millis(10));
    }
    let count: u64 = lines_shown(&view.archive()).values().sum();
    panic!("{count} lines are seen of {lines}");
}

#[test]
fn each_line_is_seen_once_while_rows_grow_and_are_committed() {
    let folder = tempfile::tempdir().expect("there is room for temporary files");
    let journal = LocalJournal::open(&folder.path().join("journal"), journal::Settings::default());
    let journal = journal.expect("it can be made");
    let text = day(12_000, 11);
    let lines: Vec<&[u8]> = text.split(|&byte| byte == b'\n').collect();
    let lines = &lines[..lines.len() - 1];
    let mut fed: BTreeMap<Vec<u8>, u64> = BTreeMap::new();
    let (first, second) = lines.split_at(lines.len() / 2);
    let mut commits = 0;
    for half in [first, second] {
        commits += beside(folder.path(), &journal, 400_000, |view| {
            for some in half.chunks(997) {
                append(&journal, some);
                for line in some {
                    *fed.entry(line.to_vec()).or_default() += 1;
                }
                let shown = wait_for(view, fed.values().sum());
                assert!(shown == fed, "what is seen is what came");
            }
        });
        assert!(lines_of(&folder.path().join("archive")) == fed);
    }
    assert!(commits > 4, "{commits} commits");
}

/// What the columns of each complete row say; in no order.
fn rows_of(root: &Path) -> Vec<String> {
    let archive = Archive::open(root).expect("it was made");
    let mut rows = Vec::new();
    archive.wait(async {
        for file in archive.parts().iter().filter(|file| !file.is_open()) {
            let data = archive.part(file).await.expect("the file is there");
            let blocks: Vec<u32> = (0..data.blocks()).collect();
            let read = data.read(&blocks, Column::ALL).await;
            for block in read.expect("blocks can be read") {
                let view = &block.view;
                for row in 0..view.rows() {
                    let columns = Column::ALL.iter();
                    let told = columns.map(|&column| match column.holds() {
                        Type::Text => format!("{column:?} {:?}", view.text(column, row)),
                        Type::Flag => format!("{column:?} {:?}", view.flag(column, row)),
                        Type::Float => format!("{column:?} {:?}", view.float(column, row)),
                        Type::Number | Type::Time => {
                            format!("{column:?} {:?}", view.number(column, row))
                        }
                    });
                    rows.push(told.collect::<Vec<_>>().join(", "));
                }
            }
        }
    });
    rows.sort_unstable();
    rows
}

#[test]
fn rows_that_were_shown_are_stored_as_if_they_had_come_at_once() {
    let folder = tempfile::tempdir().expect("there is room for temporary files");
    let journal = LocalJournal::open(&folder.path().join("journal"), journal::Settings::default());
    let journal = journal.expect("it can be made");
    let text = day(5_000, 11);
    let lines: Vec<&[u8]> = text.split(|&byte| byte == b'\n').collect();
    let lines = &lines[..lines.len() - 1];
    // One commit, and many lots of rows before it: the rows of a message are in several.
    let commits = beside(folder.path(), &journal, 1 << 30, |view| {
        let mut fed = 0;
        for some in lines.chunks(211) {
            append(&journal, some);
            fed += some.len() as u64;
            wait_for(view, fed);
        }
    });
    assert_eq!(commits, 1);
    let log = folder.path().join("mail.log");
    std::fs::write(&log, &text).expect("there is room");
    take(&folder.path().join("imported"), &[&log]);
    let (shown, imported) = (
        rows_of(&folder.path().join("archive")),
        rows_of(&folder.path().join("imported")),
    );
    let differs = shown
        .iter()
        .zip(&imported)
        .find(|(one, other)| one != other);
    assert_eq!(differs, None);
    assert_eq!(shown.len(), imported.len());
}

/// Rows of an archive that are complete.
fn complete_rows(root: &Path) -> u64 {
    let archive = Archive::open(root).expect("it was made");
    let complete = archive.files().iter().filter(|file| !file.is_open());
    complete.map(|file| file.rows).sum()
}

/// How many lines are seen.
fn seen(view: &View) -> u64 {
    lines_shown(&view.archive()).values().sum()
}

#[test]
fn rows_of_several_days_are_in_few_parts_too() {
    const ROUNDS: u64 = 60;
    let folder = tempfile::tempdir().expect("there is room for temporary files");
    let journal = LocalJournal::open(&folder.path().join("journal"), journal::Settings::default());
    let journal = journal.expect("it can be made");
    beside(folder.path(), &journal, 400_000, |view| {
        for round in 0..ROUNDS {
            // As of two hosts, of which one has a wrong clock; so it is with two retention classes.
            let line = |day| format!("<22>1 2026-11-{day}T08:00:00Z mx1 odd 7 - - line {round}");
            append(&journal, &[line(12).as_bytes(), line(22).as_bytes()]);
            wait_for(view, 2 * (round + 1));
        }
        let parts = view.archive().files().len();
        assert!(parts < 40, "{parts} parts");
    });
}

/// When the wall clock is put forward: with the look of this number.
static JUMPS_AT: AtomicI64 = AtomicI64::new(i64::MAX);
static LOOKS: AtomicI64 = AtomicI64::new(0);

/// A wall clock that is put forward by a day with one look.
fn jumping() -> Timestamp {
    const DAY_MS: i64 = 86_400_000;
    let has_jumped = LOOKS.fetch_add(1, Ordering::Relaxed) >= JUMPS_AT.load(Ordering::Relaxed);
    now().plus_millis(if has_jumped { DAY_MS } else { 0 })
}

#[test]
fn rows_are_shown_though_the_clock_is_put_forward_while_some_are() {
    for jumps_at in 0..8 {
        let folder = tempfile::tempdir().expect("there is room for temporary files");
        let settings_of_journal = journal::Settings::default();
        let journal = LocalJournal::open(&folder.path().join("journal"), settings_of_journal);
        let journal = journal.expect("it can be made");
        let archive = Archive::open_or_create(&folder.path().join("archive")).expect("it is made");
        let view = View::new(&archive);
        let writer = archive.writer().expect("nobody else writes");
        let mut settings = settings(400_000);
        settings.show_every = Duration::from_millis(1);
        let clocks = Clocks {
            wall: jumping,
            ..CLOCKS
        };
        JUMPS_AT.store(i64::MAX, Ordering::Relaxed);
        run_by(clocks, writer, &journal, &settings, &view, |view| {
            let line = |number| format!("<22>1 - mx1 odd 7 - - line {number}");
            append(&journal, &[line(0).as_bytes()]);
            wait_for(view, 1);
            let next = LOOKS.load(Ordering::Relaxed) + jumps_at;
            JUMPS_AT.store(next, Ordering::Relaxed);
            for number in 1..4 {
                append(&journal, &[line(number).as_bytes()]);
                wait_for(view, number + 1);
            }
        });
    }
}

#[test]
fn followers_get_each_row_once() {
    let folder = tempfile::tempdir().expect("there is room for temporary files");
    let journal = LocalJournal::open(&folder.path().join("journal"), journal::Settings::default());
    let journal = journal.expect("it can be made");
    let text = day(3_000, 12);
    let lines: Vec<&[u8]> = text.split(|&byte| byte == b'\n').collect();
    let lines = &lines[..lines.len() - 1];
    let mut followed = 0;
    beside(folder.path(), &journal, 100_000, |view| {
        let rows = view.follow();
        append(&journal, lines);
        wait_for(view, lines.len() as u64);
        followed = rows.try_iter().map(|hot| hot.rows()).sum();
    });
    assert_eq!(
        followed as u64,
        complete_rows(&folder.path().join("archive"))
    );
}

#[test]
fn a_new_journal_is_read_from_its_beginning() {
    let folder = tempfile::tempdir().expect("there is room for temporary files");
    let text = day(2_000, 13);
    let lines: Vec<&[u8]> = text.split(|&byte| byte == b'\n').collect();
    let (first, second) = lines[..lines.len() - 1].split_at(1_500);
    let mut seen = 0;
    for (name, some) in [("journal", first), ("another", second)] {
        let journal = LocalJournal::open(&folder.path().join(name), journal::Settings::default());
        let journal = journal.expect("it can be made");
        // Acknowledged before anybody reads it.
        append(&journal, some);
        seen += some.len() as u64;
        beside(folder.path(), &journal, 400_000, |view| {
            wait_for(view, seen);
        });
    }
}

#[test]
fn a_line_that_comes_by_two_ways_is_stored_once_also_after_a_restart() {
    let folder = tempfile::tempdir().expect("there is room for temporary files");
    let journal = LocalJournal::open(&folder.path().join("journal"), journal::Settings::default());
    let journal = journal.expect("it can be made");
    let text = day(2_000, 14);
    let lines: Vec<&[u8]> = text.split(|&byte| byte == b'\n').collect();
    let lines = &lines[..lines.len() - 1];
    let mut fed: BTreeMap<Vec<u8>, u64> = BTreeMap::new();
    for line in lines {
        *fed.entry(line.to_vec()).or_default() += 1;
    }
    let (early, late) = lines.split_at(800);
    // By each way some come first, and those of one way before a restart.
    let days = [
        [(b"relp", lines), (b"file", early)],
        [(b"file", late), (b"tcp ", lines)],
    ];
    let mut heard = (0, 0);
    for day in days {
        let archive = Archive::open_or_create(&folder.path().join("archive")).expect("it is made");
        let view = View::new(&archive);
        let mut settings = settings(400_000);
        settings.arrivals.once_ms = Some(i64::MAX);
        let writer = archive.writer().expect("nobody else writes");
        run(writer, &journal, &settings, &view, |view| {
            let mut come = 0;
            for (source, lines) in day {
                append_from(source, &journal, lines);
                come += lines.len() as u64;
            }
            let told = || {
                let all = view.heard();
                let sums = all.all().map(|(_, it)| (it.lines, it.again));
                sums.fold((0, 0), |sum, it| (sum.0 + it.0, sum.1 + it.1))
            };
            for _ in 0..2_000 {
                if told().0 < come {
                    std::thread::park_timeout(Duration::from_millis(10));
                }
            }
            assert_eq!(told().0, come);
            heard = (heard.0 + told().0, heard.1 + told().1);
            assert!(wait_for(view, lines.len() as u64) == fed);
        });
    }
    assert!(lines_of(&folder.path().join("archive")) == fed);
    assert_eq!(heard.0 - heard.1, lines.len() as u64, "{heard:?}");
}

#[test]
fn after_a_failure_each_line_is_shown_told_and_counted_once() {
    let folder = tempfile::tempdir().expect("there is room for temporary files");
    let journal = LocalJournal::open(&folder.path().join("journal"), journal::Settings::default());
    let journal = journal.expect("it can be made");
    let root = folder.path().join("archive");
    let (table, away) = (root.join("events"), folder.path().join("away"));
    let text = day(12_000, 13);
    let lines: Vec<&[u8]> = text.split(|&byte| byte == b'\n').collect();
    let lines = &lines[..lines.len() - 1];
    let (first, rest) = lines.split_at(4_000);
    let archive = Archive::open_or_create(&root).expect("it can be made");
    let view = View::new(&archive);
    let (stop, committed) = (AtomicBool::new(false), Committed::default());
    let settings = settings(1_000_000);
    let told = view.follow();
    let once = |writer| {
        let mut listener = &committed;
        live(
            writer,
            &journal,
            &settings,
            &view,
            CLOCKS,
            &stop,
            &mut listener,
        )
    };

    std::thread::scope(|scope| {
        let writer = archive.writer().expect("nobody else writes");
        let failing = scope.spawn(|| once(writer));
        let stopping = StopAtEnd(&stop);
        append(&journal, first);
        wait_for(&view, first.len() as u64);
        std::fs::rename(&table, &away).expect("it is there");
        std::fs::write(&table, "no folder").expect("it can be written");
        append(&journal, rest);
        let failed = failing.join().expect("it does not panic");
        let failed = failed.err().expect("it cannot be stored");
        assert!(failed.passes(), "{failed:?}");
        let shown = seen(&view);
        assert!(
            shown >= first.len() as u64,
            "{shown} lines are shown meanwhile"
        );

        std::fs::remove_file(&table).expect("it is there");
        std::fs::rename(&away, &table).expect("it is there");
        let archive = Archive::open(&root).expect("it is there");
        let writer = archive.writer().expect("nobody else writes");
        let before = committed.commits.load(Ordering::Relaxed);
        let going_on = scope.spawn(|| once(writer));
        while committed.commits.load(Ordering::Relaxed) == before {
            assert!(!going_on.is_finished());
            let now = seen(&view);
            assert!(now >= shown, "of {shown} lines {now} are shown");
        }
        wait_for(&view, lines.len() as u64);
        drop(stopping);
        let ended = going_on.join().expect("it does not panic");
        ended.expect("all can be committed");
    });
    let heard: u64 = view.heard().all().map(|(_, speaker)| speaker.lines).sum();
    assert_eq!(heard, lines.len() as u64);
    let stored: u64 = lines_of(&root).values().sum();
    assert_eq!(stored, lines.len() as u64);
    assert_eq!(
        told.try_iter().map(|hot| hot.rows() as u64).sum::<u64>(),
        complete_rows(&root)
    );
}

#[test]
fn what_upkeep_wrote_before_it_failed_is_in_no_commit() {
    let folder = tempfile::tempdir().expect("there is room for temporary files");
    let journal = LocalJournal::open(&folder.path().join("journal"), journal::Settings::default());
    let journal = journal.expect("it can be made");
    let text = day(4_000, 14);
    let lines: Vec<&[u8]> = text.split(|&byte| byte == b'\n').collect();
    let lines = &lines[..lines.len() - 1];
    let (all, (first, second)) = (lines.len() as u64, lines.split_at(2_000));
    beside(folder.path(), &journal, 400_000, |view| {
        append(&journal, first);
        wait_for(view, 2_000);
        let (done, is_done) = std::sync::mpsc::sync_channel(1);
        view.upkeep(Box::new(move |writer| {
            let files = writer.archive().files().iter();
            let files: Vec<_> = files.filter(|it| !it.is_open()).take(1).cloned().collect();
            let mut replaced = store::Replaced::default();
            let written = writer.rewrite(&files, &mut replaced, |_| Some("standard"));
            done.send((files.len(), written.is_ok()))
                .expect("it is waited for");
        }));
        assert_eq!(is_done.recv().expect("it is done"), (1, true));
        append(&journal, second);
        wait_for(view, all);
    });
    let stored = lines_of(&folder.path().join("archive"));
    assert_eq!(stored.values().sum::<u64>(), all);
}
