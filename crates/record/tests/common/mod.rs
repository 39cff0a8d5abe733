//! What the tests of the archive share: logs on disk, importing them, and reading every line back.

use ingest::LogSet;
use jiff::tz::TimeZone;
use model::Timestamp;
use pipeline::{Settings, WINDOW_MS};
use record::{Imported, Options, import};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use store::{Archive, Column};
use traffic::{Plan, write_day};

#[allow(dead_code, reason = "not every test target imports files")]
pub(crate) fn settings() -> Settings {
    Settings {
        zone: TimeZone::UTC,
        year: None,
        now: Timestamp::from_seconds(1_800_000_000),
        window_ms: WINDOW_MS,
        host: None,
        workers: 1,
    }
}

/// The bytes of a generated day.
#[allow(dead_code, reason = "not every test target generates a day")]
pub(crate) fn day(lines: u64, seed: u64) -> Vec<u8> {
    let mut text = Vec::new();
    let plan = Plan {
        lines,
        seed,
        ..Plan::default()
    };
    let mut put = |_: &str, line: &[u8]| {
        text.extend_from_slice(line);
        text.push(b'\n');
    };
    write_day(&plan, &mut put, &mut |_| {});
    text
}

#[allow(dead_code, reason = "not every test target imports files")]
pub(crate) fn sets(paths: &[&Path]) -> Vec<LogSet> {
    let paths: Vec<_> = paths
        .iter()
        .map(|path| path.as_os_str().to_owned())
        .collect();
    ingest::find(&paths).sets
}

/// Imports files into the archive of a folder.
#[allow(dead_code, reason = "not every test target imports files")]
pub(crate) fn take(archive: &Path, files: &[&Path]) -> Imported {
    let writer = Archive::open_or_create(archive)
        .and_then(Archive::writer)
        .expect("a temporary folder can be written");
    let progress = Arc::new(AtomicU64::new(0));
    let imported = import(
        writer,
        &sets(files),
        &settings(),
        Options::default(),
        &progress,
    );
    imported.expect("what can be read can be imported").1
}

/// Every original line of the archive, how often it is there.
pub(crate) fn lines_of(archive: &Path) -> BTreeMap<Vec<u8>, u64> {
    lines_shown(&Archive::open(archive).expect("it was imported"))
}

/// Every original line that questions see, how often it is there.
pub(crate) fn lines_shown(archive: &Archive) -> BTreeMap<Vec<u8>, u64> {
    let mut lines = BTreeMap::new();
    archive.wait(async {
        for file in archive.parts() {
            let data = archive.part(file).await.expect("the file is there");
            let blocks: Vec<u32> = (0..data.blocks()).collect();
            for block in data
                .read(&blocks, Column::ALL)
                .await
                .expect("blocks can be read")
            {
                let mut told = 0;
                let mut take = |_, _, line: &[u8]| {
                    told += 1;
                    *lines.entry(line.to_vec()).or_default() += 1;
                };
                let rows = 0..block.view.rows();
                let read = data.lines(&block, rows.clone(), &mut take).await;
                read.expect("lines can be read");
                let counted = rows.filter_map(|row| block.view.number(Column::Lines, row));
                assert_eq!(told, counted.sum::<i64>(), "{}", file.path);
            }
        }
    });
    lines
}

/// Every line of files as they are, how often it is there.
#[allow(dead_code, reason = "not every test target imports files")]
pub(crate) fn lines_in(sets: &[LogSet]) -> BTreeMap<Vec<u8>, u64> {
    let mut lines = BTreeMap::new();
    for set in sets {
        let mut reader = set.reader();
        while let Some(batch) = reader.next_batch(None) {
            for line in batch.lines() {
                *lines.entry(line.raw.to_vec()).or_default() += 1;
            }
        }
    }
    lines
}

/// Puts a file where it can be imported.
#[allow(dead_code, reason = "not every test target writes files")]
pub(crate) fn put(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, bytes).expect("a temporary folder can be written");
    path
}
