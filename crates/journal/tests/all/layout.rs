//! The bytes of version 1, which every later build must read.

use crate::support::{folder, segments};
use journal::{Batch, Error, Journal, LocalJournal, Position, Record, Settings};
use std::fs;

const FILE: &str = "00000000000000000000.journal";

/// Made of the words in the crate's documentation, with CRC-32C by another hand.
const VERSION_1: &str = "\
    57424a4f55524e4c010000000000000000000000c62dac599aaed2f5920000000100000000000000\
    00000000000000000002000000000000000200000014007379736c6f6720756470203139322e302e\
    322e31040066696c65154781266650ea18000000003a0000003c32323e4e6f762032322030383a32\
    333a3231206d783120706f73746669782f716d67725b375d3a2033463241314330443a2072656d6f\
    766564ffffffffffffffff01000000000000007d75dc4c2e00000001020000000000000002000000\
    0000000001000000020000000000000002000000000000000100000002000000ff00";

/// Of the header of a version 2.
const LATER_CHECKSUM: u32 = 0x0a3e5196;

fn bytes() -> Vec<u8> {
    let digits: Vec<u8> = VERSION_1.bytes().filter(u8::is_ascii_hexdigit).collect();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    digits.chunks(2).map(byte).collect()
}

const RECORDS: [Record<'_>; 3] = [
    Record {
        received_ns: 1_795_335_801_123_456_789,
        source: b"syslog udp 192.0.2.1",
        line: b"<22>Nov 22 08:23:21 mx1 postfix/qmgr[7]: 3F2A1C0D: removed",
    },
    Record {
        received_ns: -1,
        source: b"file",
        line: b"",
    },
    Record {
        received_ns: 2,
        source: b"file",
        line: b"\xff\x00",
    },
];

fn write(journal: &LocalJournal) {
    for records in [&RECORDS[..2], &RECORDS[2..]] {
        let mut batch = Batch::new();
        for record in records {
            batch.push(*record).unwrap();
        }
        journal.append(&batch).unwrap();
    }
}

#[test]
fn version_1_is_written_as_documented() {
    let folder = folder();
    write(&LocalJournal::open(folder.path(), Settings::default()).unwrap());
    let file = folder.path().join(FILE);
    assert_eq!(segments(folder.path()), std::slice::from_ref(&file));
    assert_eq!(fs::read(file).unwrap(), bytes());
}

#[test]
fn version_1_is_read() {
    let folder = folder();
    fs::write(folder.path().join(FILE), bytes()).unwrap();
    let journal = LocalJournal::open(folder.path(), Settings::default()).unwrap();
    let mut reader = journal.reader(Position::ZERO).unwrap();
    let (_, read) = reader.next().unwrap().unwrap();
    assert_eq!(read.iter().collect::<Vec<_>>(), RECORDS);
}

#[test]
fn a_later_version_is_refused_whatever_was_asked_for() {
    let folder = folder();
    let mut header = b"WBJOURNL\x02\0\0\0\0\0\0\0\0\0\0\0".to_vec();
    header.extend(LATER_CHECKSUM.to_le_bytes());
    fs::write(folder.path().join(FILE), header).unwrap();
    for open in [LocalJournal::open, LocalJournal::open_damaged] {
        let opened = open(folder.path(), Settings::default());
        assert!(matches!(opened, Err(Error::Version { version: 2, .. })));
    }
}
