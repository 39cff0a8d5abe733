//! Readers go on while an archive is written, compacted, expired and vacuumed: what each sees is one
//! version, whole.

use ingest::LogSet;
use jiff::tz::TimeZone;
use model::Timestamp;
use pipeline::{Settings, WINDOW_MS};
use query::Sight;
use record::{Options, import};
use search::Search;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use store::{Archive, Column};
use traffic::{Plan, write_day};
use upkeep::Rules;

const IMPORTS: u64 = 6;

fn settings() -> Settings {
    Settings {
        zone: TimeZone::UTC,
        year: Some(2026),
        now: Timestamp::from_seconds(1_800_000_000),
        window_ms: WINDOW_MS,
        host: None,
        workers: 1,
    }
}

fn log(folder: &Path, number: u64) -> std::path::PathBuf {
    let mut text = Vec::new();
    let plan = Plan {
        lines: 4_000,
        seed: number + 1,
        ..Plan::default()
    };
    let mut put = |_: &str, line: &[u8]| {
        text.extend_from_slice(line);
        text.push(b'\n');
    };
    write_day(&plan, &mut put, &mut |_| {});
    let path = folder.join(format!("mail-{number}.log"));
    std::fs::write(&path, text).expect("a temporary folder can be written");
    path
}

/// Imports logs; puts files together and frees what they took after each.
fn write(folder: &Path, data: &Path, whole: &AtomicU64) {
    let rules = Rules::default();
    let now = "2026-11-17T00:00:00Z".parse().expect("it is a time");
    for number in 0..IMPORTS {
        let sets: Vec<LogSet> = ingest::find(&[log(folder, number).into()]).sets;
        let writer = Archive::open_or_create(data)
            .and_then(Archive::writer)
            .expect("nobody else writes");
        let options = Options {
            commit_bytes: 256 << 10,
            ..Options::default()
        };
        let progress = Arc::new(AtomicU64::new(0));
        let (mut writer, _) =
            import(writer, &sets, &settings(), options, &progress).expect("it can be imported");
        upkeep::compact(&mut writer, &rules, now, |_, _| {}).expect("it compacts");
        writer.vacuum().expect("files can be removed");
        whole.store(number + 1, Ordering::SeqCst);
    }
    // In the end all of the day expires but what is open.
    let mut rules = Rules::default();
    rules
        .set_class("standard", Some(1))
        .expect("it may be called so");
    let mut writer = Archive::open(data)
        .and_then(Archive::writer)
        .expect("nobody else writes");
    let later = "2026-12-01T00:00:00Z".parse().expect("it is a time");
    upkeep::expire(&mut writer, &rules, later, false).expect("it expires");
    writer.vacuum().expect("files can be removed");
}

/// Looks at one version: everything, and by the index what some rows name. Gives its lines.
fn look(archive: &Archive, turn: usize) -> u64 {
    let all = Search {
        limit: usize::MAX / 8,
        ..Search::default()
    };
    let rows = archive
        .wait(query::search(&Sight::whole(archive.clone()), &all))
        .expect("it can be asked")
        .rows;
    let lines = rows
        .iter()
        .filter_map(|row| row.number(Column::Lines))
        .sum::<i64>();
    let mut ids: Vec<_> = rows
        .iter()
        .filter_map(|row| row.text(Column::QueueId))
        .collect();
    ids.sort_unstable();
    ids.dedup();
    for id in ids.iter().skip(turn % 50).step_by(50) {
        let search = Search::parse(
            &format!("queue_id:\"{id}\""),
            jiff::Timestamp::UNIX_EPOCH,
            &TimeZone::UTC,
        );
        let search = Search {
            limit: usize::MAX / 8,
            ..search.unwrap_or_else(|error| panic!("{id}: {error}"))
        };
        let told = archive
            .wait(query::search(&Sight::whole(archive.clone()), &search))
            .expect("it can be asked");
        let told: BTreeSet<_> = told.rows.iter().map(|row| (row.at(), row.id)).collect();
        let wanted = rows.iter().filter(|row| row.fits(&search.filter));
        let wanted: BTreeSet<_> = wanted.map(|row| (row.at(), row.id)).collect();
        assert_eq!(told, wanted, "{id}");
    }
    lines as u64
}

#[test]
fn readers_see_one_version_whole() {
    let folder = tempfile::tempdir().expect("there is room for temporary files");
    let data = folder.path().join("data");
    let (done, whole) = (AtomicBool::new(false), AtomicU64::new(0));
    let looks = AtomicU64::new(0);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            write(folder.path(), &data, &whole);
            done.store(true, Ordering::SeqCst);
        });
        for reader in 0..2 {
            let (data, done, whole, looks) = (&data, &done, &whole, &looks);
            scope.spawn(move || {
                let mut turn = reader;
                let mut held: Option<(Archive, u64)> = None;
                while !done.load(Ordering::SeqCst) {
                    let before = whole.load(Ordering::SeqCst);
                    let Ok(archive) = Archive::open(data) else {
                        std::thread::yield_now();
                        continue;
                    };
                    let lines = look(&archive, turn);
                    // Lines of a log are some more than were asked for.
                    assert!(
                        lines >= before * 4_000 || done.load(Ordering::SeqCst) || before == IMPORTS
                    );
                    // A version that was opened long ago still answers, and the same.
                    if let Some((held, told)) = &held {
                        assert_eq!(look(held, turn), *told);
                    }
                    if turn % 3 == 0 {
                        held = Some((archive, lines));
                    }
                    turn += 2;
                    looks.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    assert!(looks.into_inner() > 4);
    let archive = Archive::open(&data).expect("it is there");
    let findings = upkeep::check(&archive, |_| {}).expect("it can be checked");
    assert!(
        findings.is_clean() && findings.lines_gone > 20_000,
        "{findings:?}"
    );
}
