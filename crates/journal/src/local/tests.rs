use super::*;
use crate::Record;
use crate::writer::Output;
use proptest::prelude::*;
use std::sync::{Mutex, MutexGuard};
use tempfile::TempDir;

/// What the disk does wrong from now on.
#[derive(Clone, Copy, Debug, Default)]
struct Faults {
    /// Bytes of a write that are written before this error.
    write: Option<(usize, ErrorKind)>,
    sync: Option<ErrorKind>,
    truncate: Option<ErrorKind>,
    panic: bool,
}

#[derive(Clone, Default)]
struct Disk(Arc<Mutex<Faults>>);

impl Disk {
    fn faults(&self) -> MutexGuard<'_, Faults> {
        self.0.lock().unwrap_or_else(|it| it.into_inner())
    }

    fn outputs(&self) -> Outputs {
        let disk = self.clone();
        Box::new(move |file| Box::new(Faulty(file, disk.clone())))
    }

    fn open(&self, folder: &TempDir) -> LocalJournal {
        let settings = Settings {
            segment_bytes: 500,
            ..Settings::default()
        };
        let outputs = self.outputs();
        LocalJournal::open_with(folder.path(), settings, Damage::Refuse, outputs).unwrap()
    }
}

struct Faulty(File, Disk);

impl Output for Faulty {
    fn write(&mut self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let faults = *self.1.faults();
        assert!(!faults.panic, "a panic that was asked for");
        if let Some((count, kind)) = faults.write {
            self.0.write(&bytes[..count.min(bytes.len())], offset)?;
            return Err(kind.into());
        }
        self.0.write(bytes, offset)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.1.faults().sync.map_or(Ok(()), |it| Err(it.into()))
    }

    fn truncate(&mut self, bytes: u64) -> io::Result<()> {
        let refused = self.1.faults().truncate;
        refused.map_or_else(|| self.0.truncate(bytes), |it| Err(it.into()))
    }
}

/// A folder in memory where there is one: a sync costs nothing there.
fn folder() -> TempDir {
    tempfile::tempdir_in("/dev/shm").unwrap_or_else(|_| tempfile::tempdir().unwrap())
}

fn batch(text: &str) -> Batch {
    let mut batch = Batch::new();
    let record = Record {
        received_ns: 7,
        source: text.as_bytes(),
        line: text.as_bytes(),
    };
    batch.push(record).unwrap();
    batch
}

/// All lines, each of which must have the source that it was appended with.
fn texts(journal: &LocalJournal) -> Vec<String> {
    let mut reader = journal.reader(Position::ZERO).unwrap();
    let mut texts = Vec::new();
    while let Some((_, batch)) = reader.next().unwrap() {
        for record in batch.iter() {
            assert_eq!(record.source, record.line);
            texts.push(String::from_utf8(record.line.to_vec()).unwrap());
        }
    }
    texts
}

#[test]
fn a_write_that_finds_no_space_is_taken_back_whole() {
    for count in 0..100 {
        let (folder, disk) = (folder(), Disk::default());
        let journal = disk.open(&folder);
        journal.append(&batch("one")).unwrap();
        disk.faults().write = Some((count, ErrorKind::StorageFull));
        let refused = journal.append(&batch("two"));
        assert!(matches!(refused, Err(Error::NoSpace { .. })), "{refused:?}");
        *disk.faults() = Faults::default();
        if count % 2 == 0 {
            // As after a kill: a later open must not find it.
            drop(journal);
            assert_eq!(texts(&disk.open(&folder)), ["one"]);
            continue;
        }
        assert_eq!(journal.append(&batch("three")).unwrap().as_u64(), 1);
        assert_eq!(journal.append(&batch("two")).unwrap().as_u64(), 2);
        drop(journal);
        assert_eq!(texts(&disk.open(&folder)), ["one", "three", "two"]);
    }
}

#[test]
fn after_a_sync_that_failed_nothing_is_written_any_more() {
    let (folder, disk) = (folder(), Disk::default());
    let journal = disk.open(&folder);
    journal.append(&batch("one")).unwrap();
    // Even where a sync says so, want of space is no reason to believe the next.
    disk.faults().sync = Some(ErrorKind::StorageFull);
    for _ in 0..2 {
        let refused = journal.append(&batch("two"));
        assert!(
            matches!(refused, Err(Error::Poisoned { .. })),
            "{refused:?}"
        );
        *disk.faults() = Faults::default();
    }
    let told = journal.append(&Batch::new());
    assert!(matches!(told, Err(Error::Poisoned { .. })), "{told:?}");
    assert!(journal.wait_for_room(&batch("two"), Duration::ZERO));
    assert_eq!(texts(&journal), ["one"]);
    drop(journal);
    let journal = disk.open(&folder);
    journal.append(&batch("two")).unwrap();
    assert_eq!(texts(&journal), ["one", "two"]);
}

#[test]
fn a_write_that_failed_otherwise_or_cannot_be_taken_back_ends_all_writing() {
    let failed = Some((20, ErrorKind::Other));
    let full = Some((20, ErrorKind::StorageFull));
    let broken = Some(ErrorKind::Other);
    for (write, sync, truncate) in [
        (failed, None, None),
        (full, None, broken),
        (full, broken, None),
    ] {
        let (folder, disk) = (folder(), Disk::default());
        let journal = disk.open(&folder);
        journal.append(&batch("one")).unwrap();
        *disk.faults() = Faults {
            write,
            sync,
            truncate,
            panic: false,
        };
        for _ in 0..2 {
            let refused = journal.append(&batch("two"));
            assert!(
                matches!(refused, Err(Error::Poisoned { .. })),
                "{refused:?}"
            );
            *disk.faults() = Faults::default();
        }
        drop(journal);
        assert_eq!(texts(&disk.open(&folder)), ["one"]);
    }
}

#[test]
fn a_panic_of_the_writer_is_told_to_all_who_wait() {
    let (folder, disk) = (folder(), Disk::default());
    let journal = disk.open(&folder);
    journal.append(&batch("one")).unwrap();
    disk.faults().panic = true;
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let refused = journal.append(&batch("two"));
                assert!(
                    matches!(refused, Err(Error::Poisoned { .. })),
                    "{refused:?}"
                );
            });
        }
    });
    assert_eq!(texts(&journal), ["one"]);
}

proptest! {
    /// A power failure: of the group that was not synced, any sectors may be on the disk, and any length.
    #[test]
    fn any_sectors_of_the_last_group_may_be_lost(
        groups in 1_usize..4,
        lost in prop::collection::vec(any::<bool>(), 64),
        kept_bytes in 0_usize..4_000,
        sector_bytes in prop::sample::select(vec![8_usize, 64, 512]),
    ) {
        let folder = folder();
        let path = {
            drop(LocalJournal::open(folder.path(), Settings::default()).unwrap());
            segment::path(folder.path(), Position::ZERO)
        };
        let segment = Segment { first: Position::ZERO, bytes: HEADER_BYTES as u64 };
        let mut writer =
            Writer::go_on(folder.path(), segment, Position::ZERO, Vec::new(), u64::MAX, files()).unwrap();
        let group = |number: usize| -> Vec<Arc<Batch>> {
            (0..8).map(|it| Arc::new(batch(&format!("{number} {it} {}", "x".repeat(it * 20))))).collect()
        };
        for number in 0..groups {
            writer.commit(&group(number)).unwrap();
        }
        let durable = writer.segment().bytes as usize;
        writer.commit(&group(groups)).unwrap();
        let mut bytes = fs::read(&path).unwrap();
        for (sector, _) in lost.iter().enumerate().filter(|(_, lost)| **lost) {
            let from = (durable + sector * sector_bytes).min(bytes.len());
            let to = (from + sector_bytes).min(bytes.len());
            bytes[from..to].fill(0);
        }
        bytes.truncate(durable + kept_bytes);
        fs::write(&path, bytes).unwrap();
        let journal = LocalJournal::open(folder.path(), Settings::default()).unwrap();
        let end = journal.end().as_u64() as usize;
        prop_assert!((groups * 8..=groups * 8 + 8).contains(&end), "{}", end);
        prop_assert_eq!(texts(&journal).len(), end);
    }
}
