use std::{fs, io::Write, path::Path};

use proptest::prelude::*;

use crate::{Format, find};

use super::*;

/// A line as a test looks at it: file, number, raw, readable.
type Read = (usize, u64, Vec<u8>, Vec<u8>);

struct Logs {
    root: tempfile::TempDir,
}

impl Logs {
    fn new(files: &[(&str, &[u8])]) -> Self {
        let logs = Self {
            root: tempfile::tempdir().unwrap(),
        };
        for (name, content) in files {
            fs::write(logs.root.path().join(name), content).unwrap();
        }
        logs
    }

    fn set(&self) -> LogSet {
        let found = find(&[self.root.path().into()]);
        assert_eq!(found.sets.len(), 1, "{found:?}");
        found.sets.into_iter().next().unwrap()
    }

    fn read(&self) -> (Vec<Read>, Vec<Problem>) {
        read(&mut self.set().reader())
    }
}

/// All lines and problems of a reader; checks on the way what holds for every batch.
fn read(reader: &mut SetReader) -> (Vec<Read>, Vec<Problem>) {
    let mut lines = Vec::new();
    let mut reuse = None;
    while let Some(batch) = reader.next_batch(reuse) {
        assert!(!batch.is_empty());
        assert_eq!(batch.lines().len(), batch.len());
        for (index, line) in batch.lines().enumerate() {
            assert_eq!(batch.line(index), line);
            let start = line.raw.as_ptr() as usize - batch.raw_bytes().as_ptr() as usize;
            assert_eq!(batch.line_at(start), index);
            assert_eq!(batch.line_at(start + line.raw.len()), index);
            lines.push((
                batch.file,
                line.number,
                line.raw.to_vec(),
                line.readable.to_vec(),
            ));
        }
        reuse = Some(batch);
    }
    (lines, reader.take_problems())
}

fn texts(problems: &[Problem], root: &Path) -> Vec<String> {
    let root = format!("{}/", root.display());
    problems
        .iter()
        .map(|problem| problem.to_string().replace(&root, ""))
        .collect()
}

/// The readable lines of one file with this content, with their numbers.
fn readable(content: &[u8]) -> Vec<String> {
    let (lines, _) = Logs::new(&[("mail.log", content)]).read();
    let shown = lines
        .iter()
        .map(|(_, number, _, text)| format!("{number} {}", String::from_utf8_lossy(text)));
    shown.collect()
}

fn pack(format: Format, content: &[u8]) -> Vec<u8> {
    match format {
        Format::Gzip => {
            let level = flate2::Compression::default();
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), level);
            encoder.write_all(content).unwrap();
            encoder.finish().unwrap()
        }
        Format::Bzip2 => {
            let level = bzip2::Compression::fast();
            let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), level);
            encoder.write_all(content).unwrap();
            encoder.finish().unwrap()
        }
        Format::Xz => {
            let mut encoder = liblzma::write::XzEncoder::new(Vec::new(), 1);
            encoder.write_all(content).unwrap();
            encoder.finish().unwrap()
        }
        Format::Zstd => {
            let mut encoder = zstd::Encoder::new(Vec::new(), 3).unwrap();
            // As the command line tool does; the library does not by default.
            encoder.include_checksum(true).unwrap();
            encoder.write_all(content).unwrap();
            encoder.finish().unwrap()
        }
    }
}

const FORMATS: [Format; 4] = [Format::Gzip, Format::Bzip2, Format::Xz, Format::Zstd];

/// Lines that do not compress to nothing.
fn many_lines(count: u64) -> Vec<u8> {
    let mut state = 1_u64;
    let mut bytes = Vec::new();
    for line in 0..count {
        state = state
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        writeln!(
            bytes,
            "Nov 22 08:23:21 mx1 postfix/qmgr[812]: {line} {state:016x}: removed"
        )
        .unwrap();
    }
    bytes
}

#[test]
fn lines_keep_their_bytes() {
    let logs = Logs::new(&[("mail.log", b"one\r\n\ntwo \xff\0 three\nfour\r\r\n")]);
    let (lines, problems) = logs.read();
    let expected: [(&[u8], &[u8]); 4] = [
        (b"one\r", b"one"),
        (b"", b""),
        (b"two \xff\0 three", b"two \xff\0 three"),
        (b"four\r\r", b"four\r"),
    ];
    for ((index, line), (raw, readable)) in lines.iter().enumerate().zip(expected) {
        assert_eq!(
            *line,
            (0, index as u64 + 1, raw.to_vec(), readable.to_vec())
        );
    }
    assert_eq!(lines.len(), expected.len());
    assert!(problems.is_empty());
}

#[test]
fn empty_files_have_no_lines() {
    assert!(Logs::new(&[("mail.log", b"")]).read().0.is_empty());
    assert_eq!(readable(b"\n"), ["1 "]);
}

#[test]
fn a_byte_order_mark_is_raw_but_not_readable() {
    let (lines, _) = Logs::new(&[("mail.log", b"\xef\xbb\xbfone\r\ntwo\n")]).read();
    assert_eq!(
        lines[0],
        (0, 1, b"\xef\xbb\xbfone\r".to_vec(), b"one".to_vec())
    );
    assert_eq!(lines[1].3, b"two");
}

#[test]
fn a_set_is_read_from_old_to_new() {
    let logs = Logs::new(&[
        ("mail.log", b"seven\n"),
        ("mail.log.1", b"five\nsix\n"),
        ("mail.log.2.gz", &pack(Format::Gzip, b"three\nfour\n")),
        ("mail.log.10.xz", &pack(Format::Xz, b"one\ntwo\n")),
    ]);
    let (lines, problems) = logs.read();
    let told: Vec<_> = lines
        .iter()
        .map(|(file, number, raw, _)| format!("{file}:{number} {}", String::from_utf8_lossy(raw)))
        .collect();
    assert_eq!(
        told,
        [
            "0:1 one",
            "0:2 two",
            "1:1 three",
            "1:2 four",
            "2:1 five",
            "2:2 six",
            "3:1 seven"
        ]
    );
    assert!(problems.is_empty());
}

#[test]
fn a_torn_last_line_is_a_line() {
    let logs = Logs::new(&[("mail.log", b"three\nfou"), ("mail.log.1", b"one\ntwo")]);
    let mut reader = logs.set().reader();
    let torn: Vec<bool> = std::iter::from_fn(|| reader.next_batch(None))
        .map(|batch| batch.torn)
        .collect();
    assert_eq!(torn, [true, true]);
    let (lines, problems) = logs.read();
    assert_eq!(
        lines
            .iter()
            .map(|line| line.2.as_slice())
            .collect::<Vec<_>>(),
        [&b"one"[..], b"two", b"three", b"fou"]
    );
    assert_eq!(
        texts(&problems, logs.root.path()),
        [
            "`mail.log.1`, line 2: last line has no newline; its end may be missing",
            "`mail.log`, line 2: last line has no newline; it may be in the course of being written",
        ]
    );
    assert_eq!(problems[1].severity, Severity::Note);
}

#[test]
fn archives_are_known_by_content_and_read_through_all_members() {
    let (first, second) = (many_lines(20_000), many_lines(300));
    for format in FORMATS {
        let mut packed = pack(format, &first);
        packed.extend(pack(format, &second));
        let logs = Logs::new(&[("mail.log", &packed)]);
        let (lines, problems) = logs.read();
        assert!(problems.is_empty(), "{format}: {problems:?}");
        assert_eq!(lines.len(), 20_300, "{format}");
        let bytes: Vec<u8> = lines
            .iter()
            .flat_map(|line| [&line.2[..], b"\n"].concat())
            .collect();
        assert!(bytes == [&first[..], &second].concat(), "{format}");
    }
}

#[test]
fn zstd_with_a_long_window() {
    let content = many_lines(1000);
    let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
    encoder.window_log(30).unwrap();
    encoder.write_all(&content).unwrap();
    let logs = Logs::new(&[("mail.log.1.zst", &encoder.finish().unwrap())]);
    assert_eq!(logs.read().0.len(), 1000);
}

#[test]
fn truncated_archives_give_what_they_hold() {
    let content = many_lines(60_000);
    for format in FORMATS {
        let packed = pack(format, &content);
        let logs = Logs::new(&[
            ("mail.log.1", &packed[..packed.len() / 2]),
            ("mail.log", b"the rest goes on\n"),
        ]);
        let (lines, problems) = logs.read();
        assert_eq!(lines.last().unwrap().2, b"the rest goes on", "{format}");
        let read = lines.len() - 1;
        assert!((20_000..40_000).contains(&read), "{format}: {read}");
        assert_eq!(
            texts(&problems, logs.root.path()),
            [format!(
                "`mail.log.1`, line {read}: archive ends too early (unexpected end of {format} data); \
                 the lines up to here were read"
            )]
        );
        let bytes: Vec<u8> = lines[..read - 1]
            .iter()
            .flat_map(|line| [&line.2[..], b"\n"].concat())
            .collect();
        assert!(content.starts_with(&bytes), "{format}");
    }
}

#[test]
fn corrupt_archives_give_what_came_before() {
    let content = many_lines(60_000);
    for format in FORMATS {
        let mut packed = pack(format, &content);
        let middle = packed.len() / 2;
        packed[middle..middle + 400].fill(0xa5);
        let logs = Logs::new(&[("mail.log", &packed)]);
        let (lines, problems) = logs.read();
        assert!(lines.len() > 28_000, "{format}: {}", lines.len());
        // gzip may notice only at its end, by the checksum; what it made of the corrupt bytes may be a long line.
        let problem = problems.last().unwrap();
        assert!(
            problems.len() == 1 || format == Format::Gzip,
            "{format}: {problems:?}"
        );
        assert!(
            matches!(problem.what, ProblemKind::CorruptArchive { .. }),
            "{problem}"
        );
        assert_eq!(problem.line, Some(lines.len() as u64), "{problem}");
    }
}

#[test]
fn archives_that_are_broken_from_the_start() {
    for format in FORMATS {
        let packed = pack(format, b"one\n");
        let logs = Logs::new(&[(
            "mail.log",
            &packed[..if format == Format::Zstd { 7 } else { 11 }],
        )]);
        let (lines, problems) = logs.read();
        assert!(lines.is_empty(), "{format}");
        assert_eq!(problems.len(), 1, "{format}");
        assert_eq!(
            (problems[0].line, problems[0].severity),
            (None, Severity::Error)
        );
    }
}

#[test]
fn binary_files_are_passed_over() {
    let logs = Logs::new(&[
        ("mail.log.1", &[0; 100]),
        ("mail.log", b"text with one \0 in it\n"),
    ]);
    let set = logs.set();
    let mut reader = set.reader();
    let (lines, problems) = read(&mut reader);
    assert_eq!(lines.len(), 1);
    assert_eq!(
        texts(&problems, logs.root.path()),
        ["`mail.log.1`: not a text file, not read"]
    );
    assert_eq!(reader.bytes_read_on_disk(), set.bytes_on_disk());
}

#[test]
fn vanished_files_are_problems() {
    let logs = Logs::new(&[("mail.log.1", b"one\n"), ("mail.log", b"two\n")]);
    let set = logs.set();
    fs::remove_file(logs.root.path().join("mail.log.1")).unwrap();
    let mut reader = set.reader();
    let (lines, problems) = read(&mut reader);
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0].0, 1);
    assert_eq!(
        texts(&problems, logs.root.path()),
        ["`mail.log.1`: cannot be read (no such file or directory)"]
    );
    assert_eq!(reader.bytes_read_on_disk(), set.bytes_on_disk());
}

#[test]
fn a_file_that_shrank_or_grew_is_read_to_its_end() {
    let logs = Logs::new(&[("mail.log", b"one\ntwo\nthree\n")]);
    let set = logs.set();
    fs::write(logs.root.path().join("mail.log"), b"one\n").unwrap();
    assert_eq!(read(&mut set.reader()).0.len(), 1);
    fs::write(logs.root.path().join("mail.log"), b"one\n".repeat(9)).unwrap();
    assert_eq!(read(&mut set.reader()).0.len(), 9);
}

#[test]
fn a_line_of_three_megabytes_is_one_line() {
    for tail in ["\nafter\n", "\n", ""] {
        let content = [b"before\n", &vec![b'x'; 3_000_000][..], tail.as_bytes()].concat();
        let logs = Logs::new(&[("mail.log", &content)]);
        let (lines, problems) = logs.read();
        assert_eq!(lines[0].2, b"before");
        assert_eq!(lines[1].1, 2);
        assert!(lines[1].2 == vec![b'x'; LINE_BYTES_MAX]);
        assert_eq!(lines.len(), if tail.len() > 1 { 3 } else { 2 });
        if let Some(last) = lines.get(2) {
            assert_eq!((last.1, last.2.as_slice()), (3, &b"after"[..]));
        }
        let texts = texts(&problems, logs.root.path());
        assert_eq!(
            texts[0],
            "`mail.log`, line 2: line of 3000000 bytes, only the first 1048576 are kept"
        );
        assert_eq!(
            texts.len(),
            if tail.is_empty() { 2 } else { 1 },
            "{texts:?}"
        );
    }
}

#[test]
fn a_line_of_exactly_the_greatest_length_is_whole() {
    for (length, too_long) in [(LINE_BYTES_MAX, 0), (LINE_BYTES_MAX + 1, 1)] {
        for end in ["\n", ""] {
            let content = [&vec![b'x'; length][..], end.as_bytes()].concat();
            let (lines, problems) = Logs::new(&[("mail.log", &content)]).read();
            assert_eq!(lines.len(), 1);
            assert_eq!(lines[0].2.len(), LINE_BYTES_MAX);
            let found = problems
                .iter()
                .filter(|problem| matches!(problem.what, ProblemKind::LineTooLong { .. }));
            assert_eq!(found.count(), too_long, "{length} {end:?}");
        }
    }
}

#[test]
fn line_numbers_and_offsets_hold_over_batches() {
    let content = many_lines(50_000);
    let logs = Logs::new(&[("mail.log", &content)]);
    let mut reader = logs.set().reader();
    let (mut batches, mut offset) = (0, 0);
    while let Some(batch) = reader.next_batch(None) {
        assert!(batch.raw_bytes() == &content[offset..offset + batch.raw_bytes().len()]);
        assert_eq!(batch.first_line, batch.line(0).number);
        let wanted = format!(" {} ", batch.first_line + 6);
        let at = memchr::memmem::find(batch.raw_bytes(), wanted.as_bytes()).unwrap();
        assert_eq!(batch.line_at(at), 7);
        offset += batch.raw_bytes().len();
        batches += 1;
    }
    assert_eq!(offset, content.len());
    assert!(batches >= content.len() / BATCH_BYTES);
}

#[test]
fn progress_is_counted_for_each_reader_and_for_all() {
    let logs = Logs::new(&[
        ("mail.log", &many_lines(20_000)),
        ("mail.log.1.gz", &pack(Format::Gzip, &many_lines(20_000))),
    ]);
    let set = logs.set();
    let total = Arc::new(AtomicU64::new(0));
    let mut readers = [
        set.reader_counting(Arc::clone(&total)),
        set.reader_counting(Arc::clone(&total)),
    ];
    for reader in &mut readers {
        // In a thread of its own, since that is what both the reader and the counter are made for.
        std::thread::scope(|scope| {
            scope.spawn(|| read(reader));
        });
        assert_eq!(reader.bytes_read_on_disk(), set.bytes_on_disk());
        assert_eq!(
            reader.progress().load(Ordering::Relaxed),
            set.bytes_on_disk()
        );
    }
    assert_eq!(total.load(Ordering::Relaxed), 2 * set.bytes_on_disk());
}

#[test]
fn a_pipe_is_read_to_its_end() {
    let logs = Logs::new(&[]);
    let pipe = logs.root.path().join("pipe");
    assert!(
        std::process::Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    let found = find(&[pipe.clone().into()]);
    let writer =
        std::thread::spawn(move || fs::write(pipe, pack(Format::Zstd, b"one\ntwo\n")).unwrap());
    let (lines, problems) = read(&mut found.sets[0].reader());
    writer.join().unwrap();
    assert_eq!(lines.len(), 2);
    assert!(problems.is_empty());
}

#[test]
fn wrapped_lines_stand_beside_plain_ones() {
    assert_eq!(
        readable(
            b"Nov 22 08:23:20 mx1 plain[1]: one\n\
{\"__REALTIME_TIMESTAMP\":\"1795335801123456\",\"_HOSTNAME\":\"mx1\",\"SYSLOG_IDENTIFIER\":\"a\",\"MESSAGE\":\"two\"}\n\
{\"other\":1}\r\n\
{\"log\":\"four\\n\",\"stream\":\"stdout\",\"time\":\"2026-11-22T08:23:21Z\"}\r\n\
{\"log\":\"five\\n\",\"stream\":\"stdout\",\"time\":\"2026-11-22T08:23:22Z\"}"
        ),
        [
            "1 Nov 22 08:23:20 mx1 plain[1]: one",
            "2 2026-11-22T08:23:21.123456Z mx1 a: two",
            "3 {\"other\":1}",
            "4 2026-11-22T08:23:21Z localhost four",
            "5 2026-11-22T08:23:22Z localhost five",
        ]
    );
}

#[test]
fn docker_parts_are_joined() {
    let part = "x".repeat(16 * 1024);
    let line = |text: &str, stream: &str| {
        format!(r#"{{"log":"{text}","stream":"{stream}","time":"2026-11-22T08:23:21Z"}}"#) + "\n"
    };
    let content = [
        line(&part, "stdout"),
        line(&part, "stdout"),
        line("end\\n", "stdout"),
        line("sloppy", "stdout"),
        line("whole\\n", "stdout"),
    ]
    .concat();
    assert_eq!(
        readable(content.as_bytes()),
        [
            format!("1 2026-11-22T08:23:21Z localhost {part}{part}end"),
            "4 2026-11-22T08:23:21Z localhost sloppy".into(),
            "5 2026-11-22T08:23:21Z localhost whole".into(),
        ]
    );
}

#[test]
fn cri_lines_are_unwrapped_and_parts_joined() {
    let content =
        b"2026-11-22T08:23:21.123456789Z stdout F Nov 22 08:23:21 mx1 postfix/smtpd[1]: connect\n\
2026-11-22T08:23:22.1+01:00 stderr F plain text\n\
2026-11-22T08:23:23.1Z stdout P Nov 22 08:23:23 mx1 a: beg\n\
2026-11-22T08:23:23.2Z stdout P in and \n\
2026-11-22T08:23:23.3Z stdout F end\n\
2026-11-22T08:23:24.1Z stdout P never \n\
2026-11-22T08:23:24.2Z stderr F other stream\n\
2026-11-22T08:23:25Z stdout F \n\
Nov 22 08:23:26 mx1 not wrapped: at all\n\
2026-11-22T08:23:27.1Z stdout P last\n";
    let expected = [
        "1 Nov 22 08:23:21 mx1 postfix/smtpd[1]: connect",
        "2 2026-11-22T08:23:22.1+01:00 localhost plain text",
        "3 Nov 22 08:23:23 mx1 a: begin and end",
        "6 2026-11-22T08:23:24.1Z localhost never ",
        "7 2026-11-22T08:23:24.2Z localhost other stream",
        "8 2026-11-22T08:23:25Z localhost ",
        "9 Nov 22 08:23:26 mx1 not wrapped: at all",
        "10 2026-11-22T08:23:27.1Z localhost last",
    ];
    assert_eq!(readable(content), expected);
    // The raw bytes of a joined line are those of all its parts.
    let (lines, _) = Logs::new(&[("mail.log", content)]).read();
    let raw: Vec<u8> = lines
        .iter()
        .flat_map(|line| [&line.2[..], b"\n"].concat())
        .collect();
    assert_eq!(raw, content);
}

#[test]
fn parts_are_joined_over_the_end_of_a_batch() {
    let lines = "2026-11-22T08:23:23.1Z stdout P one \n2026-11-22T08:23:23.2Z stdout F two\n";
    let logs = Logs::new(&[("mail.log", lines.repeat(500).as_bytes())]);
    for batch_bytes in [200, 201, 230, 4096] {
        let mut reader = logs.set().reader();
        reader.batch_bytes = batch_bytes;
        let (read, _) = read(&mut reader);
        assert_eq!(read.len(), 500);
        for (index, (_, number, _, text)) in read.iter().enumerate() {
            assert_eq!(*number, index as u64 * 2 + 1);
            assert_eq!(text, b"2026-11-22T08:23:23.1Z localhost one two");
        }
    }
}

fn record(message: &str) -> String {
    format!(
        "__CURSOR=s=1\n__REALTIME_TIMESTAMP=1795335801123456\n_HOSTNAME=mx1\n\
         SYSLOG_IDENTIFIER=a\n_PID=9\nMESSAGE={message}\n\n"
    )
}

#[test]
fn export_records_are_numbered_by_their_first_line() {
    let binary = "__CURSOR=s=2\n__REALTIME_TIMESTAMP=1795335801123457\nMESSAGE\n\
        \x09\0\0\0\0\0\0\0two\n\nmore\n\n";
    let content = [&record("one"), binary, record("three").trim_end()].concat();
    assert_eq!(
        readable(content.as_bytes()),
        [
            "1 2026-11-22T08:23:21.123456Z mx1 a[9]: one",
            "8 2026-11-22T08:23:21.123457Z localhost unknown: two  more",
            "15 2026-11-22T08:23:21.123456Z mx1 a[9]: three",
        ]
    );
}

#[test]
fn export_records_over_many_batches() {
    let content: String = (0..20_000)
        .map(|number| record(&number.to_string()))
        .collect();
    let (lines, problems) = Logs::new(&[("mail.log", content.as_bytes())]).read();
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!(lines.len(), 20_000);
    for (index, (_, number, _, text)) in lines.iter().enumerate() {
        assert_eq!(*number, index as u64 * 7 + 1);
        assert!(text.ends_with(format!("]: {index}").as_bytes()));
    }
}

#[test]
fn an_export_record_that_is_too_long_loses_only_its_end() {
    let mut long = record("kept").trim_end().as_bytes().to_vec();
    long.extend(b"\nCOREDUMP\n");
    long.extend(3_000_000_u64.to_le_bytes());
    long.extend(b"\n\nx".repeat(1_000_000));
    long.extend(b"\n\n");
    let content = [
        record("before").as_bytes(),
        &long,
        record("after").as_bytes(),
    ]
    .concat();
    let logs = Logs::new(&[("mail.log", &content)]);
    let (lines, problems) = logs.read();
    let told: Vec<_> = lines
        .iter()
        .map(|line| (line.1, String::from_utf8_lossy(&line.3)))
        .collect();
    assert_eq!(
        told,
        [
            (1, "2026-11-22T08:23:21.123456Z mx1 a[9]: before".into()),
            (8, "2026-11-22T08:23:21.123456Z mx1 a[9]: kept".into()),
            (
                2_000_017,
                "2026-11-22T08:23:21.123456Z mx1 a[9]: after".into()
            ),
        ]
    );
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].line, Some(8));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..Default::default() })]

    /// Whatever the bytes, the kind of file and the size of batches: no byte is lost, added or moved.
    #[test]
    fn raw_lines_and_newlines_are_the_file(
        head in prop::sample::select(vec![
            "", "2026-11-22T08:23:21.1Z stdout P ", "__CURSOR=1\n", "{\"log\":\"", "\u{feff}",
        ]),
        body in prop::collection::vec(
            prop_oneof![
                any::<u8>().prop_map(|byte| vec![byte]),
                Just(b"\n".to_vec()),
                Just(b"\r\n".to_vec()),
                Just(b"plain text".to_vec()),
                Just(b"\n2026-11-22T08:23:21.1Z stdout P part\n".to_vec()),
                Just(b"A=b\nMESSAGE\n\x03\0\0\0\0\0\0\0a\nb\n\n".to_vec()),
                Just(b"\n{\"__REALTIME_TIMESTAMP\":\"1\",\"MESSAGE\":\"m\"}\n".to_vec()),
            ],
            0..200,
        ),
        batch_bytes in 1_usize..300,
    ) {
        let content = [head.as_bytes(), &body.concat()].concat();
        let logs = Logs::new(&[("mail.log", &content)]);
        let mut reader = logs.set().reader();
        reader.batch_bytes = batch_bytes;
        let (lines, problems) = read(&mut reader);
        if problems.iter().any(|problem| matches!(problem.what, ProblemKind::Binary { .. })) {
            prop_assert!(lines.is_empty());
            return Ok(());
        }
        let mut joined: Vec<u8> =
            lines.iter().flat_map(|line| [&line.2[..], b"\n"].concat()).collect();
        if joined.len() > content.len() {
            prop_assert_eq!(joined.pop(), Some(b'\n'));
        }
        prop_assert_eq!(&joined, &content);
        // The number of a line is that of the newlines before it.
        let mut before = 1;
        for line in &lines {
            prop_assert_eq!(line.1, before);
            before += memchr::memchr_iter(b'\n', &line.2).count() as u64 + 1;
        }
    }
}
