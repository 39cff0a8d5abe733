//! What a journal appends and reads a second, beside a plain file that gets the same bytes.
//!
//! Appended by 1, 8 and 64 threads, in batches of 1 and 100 lines; each append returns when it is durable. The
//! plain file is written by one thread that has at once what all those threads wait for, with one `fdatasync`
//! each, which is the most that groups can gain. A sync may take twenty times as long a second later where others
//! use the disk, so both take turns of half a second, and each turn is compared with the one beside it; figures are
//! medians, with the least and the greatest where they say how far to trust them. Read is what is in the page cache.
//! Not measured: reading from a cold disk; whether the disk keeps what it says it has synced.
//!
//! `cargo run --release --example speed -p waybill-journal -- FOLDER`
#![expect(clippy::disallowed_methods, reason = "a bench measures real time")]

use journal::{Batch, Error, Journal, LocalJournal, Position, Record, Settings};
use std::error::Error as StdError;
use std::fs::{self, File};
use std::io::{Seek, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

/// So long each turn takes.
const TURN: Duration = Duration::from_millis(500);

/// Turns of each of the two.
const TURNS: usize = 11;

fn main() -> Result<(), Box<dyn StdError>> {
    let folder = std::env::args_os()
        .nth(1)
        .map_or_else(std::env::temp_dir, PathBuf::from);
    let folder = tempfile::tempdir_in(folder)?;
    println!(
        "| threads | lines a batch | lines/s | MB/s | plain file, lines/s | of it | sync, ms |"
    );
    println!("|---|---|---|---|---|---|---|");
    for threads in [1, 8, 64] {
        for lines in [1, 100] {
            compare(folder.path(), threads, lines)?;
        }
    }
    for lines in [1, 100] {
        let (ours, plain, bytes) = read(&folder.path().join("read"), lines)?;
        println!(
            "read, batches of {lines}: {:.2} M lines/s, {:.0} MB/s; `fs::read` {:.0} MB/s",
            ours / 1e6,
            ours * line(0).len() as f64 / 1e6,
            plain / 1e6
        );
        println!(
            "  {bytes:.1} bytes a line in the files, {} of its own",
            line(0).len()
        );
    }
    Ok(())
}

fn line(number: usize) -> String {
    format!(
        "<22>Nov 22 08:23:21 mx1 postfix/smtp[{:05}]: 4bXyZ10QzKz1r: to=<anna@example.org>, \
         relay=mx.example.net[192.0.2.25]:25, delay=1.2, delays=0.1/0/0.5/0.6, dsn=2.0.0, \
         status=sent (250 2.0.0 Ok)",
        number % 100_000
    )
}

fn text(lines: usize) -> Vec<u8> {
    (0..lines).flat_map(|it| line(it).into_bytes()).collect()
}

fn batch(lines: usize) -> Result<Batch, Error> {
    let mut batch = Batch::new();
    for number in 0..lines {
        batch.push(Record {
            received_ns: 1_795_335_801_123_456_789,
            source: b"syslog tcp 192.0.2.1",
            line: line(number).as_bytes(),
        })?;
    }
    Ok(batch)
}

/// Journal and plain file by turns.
fn compare(folder: &Path, threads: usize, lines: usize) -> Result<(), Box<dyn StdError>> {
    let (path, plain) = (folder.join("journal"), folder.join("plain"));
    let journal = LocalJournal::open(&path, Settings::default())?;
    let mut file = File::create(&plain)?;
    let (batch, text) = (batch(lines)?, text(threads * lines));
    let (mut ours, mut theirs, mut shares) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..TURNS {
        let our = append(&journal, &batch, threads)?;
        let their = write(&mut file, &text)? * (threads * lines) as f64;
        ours.push(our);
        theirs.push(their);
        shares.push(our / their * 100.0);
        journal.cut(journal.end())?;
        file.set_len(0)?;
        file.rewind()?;
    }
    drop(journal);
    fs::remove_dir_all(path)?;
    let (our, _, _) = spread(&mut ours);
    let (their, least, most) = spread(&mut theirs);
    let (share, share_min, share_max) = spread(&mut shares);
    let millis = |speed: f64| (threads * lines) as f64 / speed * 1e3;
    println!(
        "| {threads} | {lines} | {our:.0} | {:.1} | {their:.0} | {share:.0} % ({share_min:.0} to {share_max:.0}) | {:.2} ({:.2} to {:.2}) |",
        our * line(0).len() as f64 / 1e6,
        millis(their),
        millis(most),
        millis(least),
    );
    Ok(())
}

/// Median, least, greatest.
fn spread(figures: &mut [f64]) -> (f64, f64, f64) {
    figures.sort_by(f64::total_cmp);
    (
        figures[figures.len() / 2],
        figures[0],
        figures[figures.len() - 1],
    )
}

/// Lines a second.
fn append(journal: &LocalJournal, batch: &Batch, threads: usize) -> Result<f64, Error> {
    let (start, before) = (Instant::now(), journal.end().as_u64());
    thread::scope(|scope| {
        let appender = || -> Result<(), Error> {
            while start.elapsed() < TURN {
                journal.append(batch)?;
            }
            Ok(())
        };
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(appender)).collect();
        threads
            .into_iter()
            .try_for_each(|it| it.join().expect("no panic"))
    })?;
    Ok((journal.end().as_u64() - before) as f64 / start.elapsed().as_secs_f64())
}

/// Writes with a sync each, a second.
fn write(file: &mut File, bytes: &[u8]) -> std::io::Result<f64> {
    let (start, mut writes) = (Instant::now(), 0);
    while start.elapsed() < TURN {
        file.write_all(bytes)?;
        file.sync_data()?;
        writes += 1;
    }
    Ok(f64::from(writes) / start.elapsed().as_secs_f64())
}

/// Lines a second, bytes a second of the plain reading, bytes a line.
fn read(folder: &Path, lines: usize) -> Result<(f64, f64, f64), Box<dyn StdError>> {
    let journal = LocalJournal::open(folder, Settings::default())?;
    let batch = batch(lines)?;
    thread::scope(|scope| {
        // So many that a group is some MiB.
        for _ in 0..1_000 {
            scope.spawn(|| {
                (0..1_000_000 / lines / 1_000).try_for_each(|_| journal.append(&batch).map(drop))
            });
        }
    });
    let start = Instant::now();
    let mut reader = journal.reader(Position::ZERO)?;
    let (mut count, mut bytes) = (0, 0);
    while let Some((_, batch)) = reader.next()? {
        count += batch.len();
        bytes += batch.iter().map(|it| it.line.len()).sum::<usize>();
    }
    assert_eq!((count, bytes), (1_000_000, 1_000_000 * line(0).len()));
    let ours = count as f64 / start.elapsed().as_secs_f64();
    let start = Instant::now();
    let mut size = 0;
    for entry in fs::read_dir(folder)? {
        size += fs::read(entry?.path())?.len();
    }
    let plain = size as f64 / start.elapsed().as_secs_f64();
    drop(journal);
    fs::remove_dir_all(folder)?;
    Ok((ours, plain, size as f64 / count as f64))
}
