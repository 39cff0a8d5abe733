//! Journals and disks without room.

use crate::support::{batch, folder, lines, owned, read_from};
use journal::{Batch, Error, Journal, LocalJournal, Position, Record, Settings};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;

const MIB: u64 = 1024 * 1024;

/// One line of a MiB.
fn heavy(number: u64) -> Batch {
    let mut line = vec![b'x'; MIB as usize];
    line[..8].copy_from_slice(&number.to_le_bytes());
    let mut batch = Batch::new();
    let record = Record {
        received_ns: 0,
        source: b"",
        line: &line,
    };
    batch.push(record).unwrap();
    batch
}

#[test]
fn a_full_journal_refuses_until_it_is_cut() {
    let folder = folder();
    let settings = Settings {
        bytes_max: 40 * MIB,
        segment_bytes: 4 * MIB,
    };
    let journal = LocalJournal::open(folder.path(), settings).unwrap();
    let journal = &journal;
    let mut end = 0;
    // Through the whole journal several times.
    for _ in 0..4 {
        let refused = loop {
            match journal.append(&heavy(end)) {
                Ok(_) => end += 1,
                Err(error) => break error,
            }
        };
        assert!(matches!(refused, Error::Full(bytes) if bytes == 40 * MIB));
        assert!(bytes_of(folder.path()) <= 40 * MIB);
        assert!(!journal.wait_for_room(&heavy(end), Duration::from_millis(1)));
        thread::scope(|scope| {
            let hour = Duration::from_secs(3_600);
            let waiting = scope.spawn(move || journal.wait_for_room(&heavy(end), hour));
            // By then the other waits too, and only the cut can wake it.
            assert!(!journal.wait_for_room(&heavy(end), Duration::from_millis(50)));
            journal.cut(Position::from_u64(end)).unwrap();
            assert!(waiting.join().unwrap());
        });
    }
    assert!(end > 100, "{end}");
    assert_eq!(journal.end().as_u64(), end);
}

fn bytes_of(folder: &Path) -> u64 {
    let files = fs::read_dir(folder).unwrap();
    files.map(|it| it.unwrap().metadata().unwrap().len()).sum()
}

/// A small file system, where one can be made.
struct Disk(tempfile::TempDir);

impl Disk {
    fn new(mib: u64) -> Option<Disk> {
        let folder = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={mib}m"), "journal-test"])
            .arg(folder.path())
            .output();
        match mounted {
            Ok(output) if output.status.success() => Some(Disk(folder)),
            _ => {
                println!("skipped: no small file system can be mounted (needs root)");
                None
            }
        }
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let unmounted = Command::new("umount").arg("-l").arg(self.0.path()).status();
        assert!(unmounted.is_ok_and(|it| it.success()));
    }
}

#[test]
fn a_full_disk_takes_back_what_it_could_not_write() {
    let Some(disk) = Disk::new(10) else {
        return;
    };
    let settings = Settings {
        segment_bytes: 3 * MIB,
        ..Settings::default()
    };
    let folder = disk.0.path().join("journal");
    let journal = LocalJournal::open(&folder, settings).unwrap();
    let mut end = 0;
    for _ in 0..3 {
        let refused = loop {
            match journal.append(&heavy(end)) {
                Ok(_) => end += 1,
                Err(error) => break error,
            }
        };
        assert!(matches!(refused, Error::NoSpace { .. }), "{refused}");
        assert_eq!(journal.end().as_u64(), end);
        // What is smaller may still fit, and stands where the refused one would have.
        if journal.append(&batch(0..1)).is_ok() {
            let mut reader = journal.reader(Position::from_u64(end)).unwrap();
            let (first, read) = reader.next().unwrap().unwrap();
            assert_eq!(owned(first, &read)[0].line, lines(0..1)[0].line);
            end += 1;
        }
        journal.cut(Position::from_u64(end)).unwrap();
    }
    let start = journal.start().as_u64();
    let before = read_from(&journal, start).unwrap();
    drop(journal);
    let journal = LocalJournal::open(&folder, settings).unwrap();
    assert_eq!(journal.end().as_u64(), end);
    assert_eq!(read_from(&journal, start).unwrap(), before);
}
