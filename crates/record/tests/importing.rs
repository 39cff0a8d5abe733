//! What is imported is there once, byte for byte, however often and under whatever name.

mod common;

use common::{day, lines_in, lines_of, put, sets, take};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;
use tempfile::TempDir;

fn folder() -> TempDir {
    tempfile::tempdir().expect("there is room for temporary files")
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("memory can be written");
    encoder.finish().expect("memory can be written")
}

#[test]
fn every_line_of_a_day_comes_back() {
    let (logs, archive) = (folder(), folder());
    let log = put(logs.path(), "mail.log", &day(60_000, 7));
    let imported = take(archive.path(), &[&log]);
    assert_eq!(imported.lines_taken, imported.lines_read);
    let (there, was) = (lines_of(archive.path()), lines_in(&sets(&[&log])));
    assert!(
        there == was,
        "{} lines, {} in the log",
        there.len(),
        was.len()
    );
}

#[test]
fn broken_bytes_and_carriage_returns_come_back() {
    let (logs, archive) = (folder(), folder());
    let mut text = b"Nov 16 10:00:00 mx1 postfix/qmgr[7]: 3F2A1C0D9B: removed\r\n".to_vec();
    text.extend(b"\xff\xfe no header \x00 at all\n\n   \n");
    text.extend(b"Nov 16 10:00:01 mx1 postfix/smtpd[9]: connect from \xe9t\xe9[192.0.2.1]\n");
    text.extend(
        [
            b"Nov 16 10:00:02 mx1 app: ".as_slice(),
            &[b'x'; 100_000],
            b"\nlast",
        ]
        .concat(),
    );
    let log = put(logs.path(), "mail.log", &text);
    take(archive.path(), &[&log]);
    assert_eq!(lines_of(archive.path()), lines_in(&sets(&[&log])));
}

#[test]
fn a_file_rotated_packed_or_grown_is_taken_once() {
    let (logs, archive) = (folder(), folder());
    let text = day(30_000, 8);
    let half = text[..text.len() / 2]
        .iter()
        .rposition(|&byte| byte == b'\n')
        .map_or(0, |at| at + 1);
    let log = put(logs.path(), "mail.log", &text[..half]);
    let first = take(archive.path(), &[&log]);
    assert_eq!(first.lines_taken, first.lines_read);

    let again = take(archive.path(), &[&log]);
    assert_eq!((again.lines_taken, again.lines_read), (0, first.lines_read));

    put(logs.path(), "mail.log", &text);
    let grown = take(archive.path(), &[&log]);
    assert_eq!(grown.lines_taken, grown.lines_read - first.lines_read);

    std::fs::remove_file(&log).expect("it is there");
    let rotated = put(logs.path(), "mail.log.2.gz", &packed(&text));
    let packed = take(archive.path(), &[&rotated]);
    assert_eq!(packed.lines_taken, 0, "{packed:?}");
    assert_eq!(lines_of(archive.path()), lines_in(&sets(&[&rotated])));
}

#[test]
fn another_file_that_begins_alike_is_another() {
    let (logs, archive) = (folder(), folder());
    let text = day(20_000, 9);
    let mut other = text.clone();
    let at = other.len() - 2;
    other[at] = b'#';
    let one = put(logs.path(), "one.log", &text);
    take(archive.path(), &[&one]);
    let two = put(logs.path(), "two.log", &other);
    let imported = take(archive.path(), &[&two]);
    assert_eq!(imported.lines_taken, imported.lines_read);
    assert_eq!(lines_of(archive.path()), lines_in(&sets(&[&one, &two])));
}

#[test]
fn older_logs_can_come_later() {
    let (logs, archive) = (folder(), folder());
    let old =
        b"2024-03-01T10:00:00+00:00 mx1 postfix/smtpd[9]: connect from a.example[192.0.2.1]\n\
        2024-03-01T10:00:01+00:00 mx1 postfix/smtpd[9]: disconnect from a.example[192.0.2.1]\n";
    let new = put(logs.path(), "new.log", &day(5_000, 10));
    let old = put(logs.path(), "old.log", old);
    take(archive.path(), &[&new]);
    take(archive.path(), &[&old]);
    take(archive.path(), &[&new, &old]);
    assert_eq!(lines_of(archive.path()), lines_in(&sets(&[&new, &old])));
}
