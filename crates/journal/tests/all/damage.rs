//! Files that a crash tore or a disk changed.

use crate::support::{batch, folder, lines, open, read_from, segments, small};
use journal::{Error, Journal, LocalJournal, Position};
use std::fs;
use std::path::Path;

/// Four groups of lines, and the length of the file before the last two.
fn one_segment(folder: &Path) -> (Vec<u8>, u64) {
    let journal = open(folder);
    let mut before = 0;
    for (number, numbers) in [0..3, 3..4, 4..9, 9..11].into_iter().enumerate() {
        if number == 2 {
            before = fs::metadata(&segments(folder)[0]).unwrap().len();
        }
        journal.append(&batch(numbers)).unwrap();
    }
    drop(journal);
    let files = segments(folder);
    assert_eq!(files.len(), 1);
    (fs::read(&files[0]).unwrap(), before)
}

#[test]
fn a_tail_torn_at_any_byte_leaves_whole_batches_and_takes_new_ones() {
    let folder = folder();
    let (bytes, before) = one_segment(folder.path());
    let file = segments(folder.path()).remove(0);
    for length in before as usize..bytes.len() {
        for filler in [&[][..], &[0; 40], &[0xff; 40]] {
            fs::write(&file, [&bytes[..length], filler].concat()).unwrap();
            let journal = open(folder.path());
            let end = journal.end().as_u64();
            assert!(end == 4 || end == 9, "{end} at {length}");
            assert_eq!(journal.append(&batch(end..end + 2)).unwrap().as_u64(), end);
            drop(journal);
            let journal = open(folder.path());
            assert_eq!(read_from(&journal, 0).unwrap(), lines(0..end + 2));
            drop(journal);
            for extra in segments(folder.path()).iter().skip(1) {
                fs::remove_file(extra).unwrap();
            }
        }
    }
}

#[test]
fn a_bit_flipped_anywhere_is_an_error_or_cuts_the_last_group_only() {
    let folder = folder();
    let (bytes, _) = one_segment(folder.path());
    let file = segments(folder.path()).remove(0);
    let (mut refused, mut cut) = (0, 0);
    for at in 0..bytes.len() {
        let mut flipped = bytes.clone();
        flipped[at] ^= 1 << (at % 8);
        fs::write(&file, &flipped).unwrap();
        match LocalJournal::open(folder.path(), small()) {
            Err(error @ (Error::Damaged { .. } | Error::Version { .. })) => {
                assert!(error.to_string().contains(".journal"), "{error}");
                refused += 1;
            }
            Err(error) => panic!("byte {at}: {error}"),
            Ok(journal) => {
                // What stood at the end, with nothing behind it that tells it from a torn write.
                assert_eq!(journal.end().as_u64(), 9, "byte {at}");
                assert_eq!(read_from(&journal, 0).unwrap(), lines(0..9));
                cut += 1;
            }
        }
    }
    assert!(refused > 200 && cut > 50, "refused {refused}, cut {cut}");
}

#[test]
fn damage_at_the_end_is_refused_and_passed_on_demand() {
    let folder = folder();
    let (mut bytes, before) = one_segment(folder.path());
    let file = segments(folder.path()).remove(0);
    // A byte of lines 4 to 8; lines 9 and 10 were written when those were durable.
    bytes[before as usize + 60] ^= 1;
    fs::write(&file, &bytes).unwrap();
    let Err(Error::Damaged { path, offset, lost }) = LocalJournal::open(folder.path(), small())
    else {
        panic!("damage was not seen");
    };
    assert_eq!((path, offset), (file.clone(), before));
    assert_eq!(lost, Position::from_u64(4)..Position::from_u64(9));
    assert_eq!(fs::read(&file).unwrap(), bytes, "nothing may be cut");
    let journal = LocalJournal::open_damaged(folder.path(), small()).unwrap();
    assert_eq!(journal.append(&batch(11..13)).unwrap().as_u64(), 11);
    let mut reader = journal.reader(Position::ZERO).unwrap();
    let (first, read) = reader.next().unwrap().unwrap();
    assert_eq!((first.as_u64(), read.len()), (0, 4));
    for _ in 0..2 {
        let again = reader.next();
        assert!(matches!(again, Err(Error::Damaged { lost, .. }) if lost.start.as_u64() == 4));
    }
    assert!(matches!(read_from(&journal, 6), Err(Error::Damaged { .. })));
    assert_eq!(read_from(&journal, 9).unwrap(), lines(9..13));
    drop(journal);
    let journal = open(folder.path());
    assert_eq!(read_from(&journal, 9).unwrap(), lines(9..13));
}

#[test]
fn damage_in_an_older_segment_names_what_is_lost() {
    let folder = folder();
    let journal = open(folder.path());
    for number in 0..60 {
        journal.append(&batch(number..number + 1)).unwrap();
    }
    drop(journal);
    let files = segments(folder.path());
    let second: u64 = files[1]
        .file_stem()
        .unwrap()
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    let whole = fs::read(&files[1]).unwrap();
    for at in 24..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x10;
        fs::write(&files[1], &bytes).unwrap();
        let journal = open(folder.path());
        let Err(Error::Damaged { path, offset, lost }) = read_from(&journal, 0) else {
            panic!("byte {at}: damage was not seen");
        };
        assert_eq!(path, files[1]);
        assert!(offset <= at as u64);
        assert!(second <= lost.start.as_u64() && lost.start.plus(1) == lost.end);
        let behind = read_from(&journal, lost.end.as_u64()).unwrap();
        let expected = lines(lost.end.as_u64()..60);
        assert_eq!(behind.len(), expected.len());
        for (read, expected) in behind.iter().zip(&expected) {
            assert_eq!(read.line, expected.line);
            // Of lines in the damaged segment the source may have been lost.
            assert!(read.source == expected.source || read.source.is_empty());
        }
    }
    // A file that ends too early.
    fs::write(&files[1], &whole[..whole.len() - 1]).unwrap();
    let journal = open(folder.path());
    assert!(matches!(read_from(&journal, 0), Err(Error::Damaged { .. })));
    drop(journal);
    // A file that is gone.
    fs::remove_file(&files[1]).unwrap();
    let journal = open(folder.path());
    assert!(
        matches!(read_from(&journal, 0), Err(Error::Damaged { lost, .. }) if lost.start.as_u64() == second)
    );
}

#[test]
fn a_damaged_header_is_refused_and_passed_on_demand() {
    let folder = folder();
    let (bytes, _) = one_segment(folder.path());
    let file = segments(folder.path()).remove(0);
    for length in 0..24 {
        fs::write(&file, &bytes[..length]).unwrap();
        let opened = LocalJournal::open(folder.path(), small());
        assert!(matches!(opened, Err(Error::Damaged { offset: 0, .. })));
    }
    let mut flipped = bytes.clone();
    flipped[3] ^= 1;
    fs::write(&file, &flipped).unwrap();
    let opened = LocalJournal::open(folder.path(), small());
    assert!(matches!(opened, Err(Error::Damaged { offset: 0, .. })));
    let journal = LocalJournal::open_damaged(folder.path(), small()).unwrap();
    assert_eq!(read_from(&journal, 0).unwrap(), lines(0..11));
}

#[test]
fn a_segment_that_was_never_named_is_forgotten() {
    let folder = folder();
    let (bytes, _) = one_segment(folder.path());
    fs::write(folder.path().join("segment.new"), &bytes[..20]).unwrap();
    let journal = open(folder.path());
    assert_eq!(read_from(&journal, 0).unwrap(), lines(0..11));
    assert!(!folder.path().join("segment.new").exists());
}
