//! What was appended comes back in order, each line once, however the journal was cut and opened.

use crate::support::{batch, folder, lines, open, owned, read_from, segments};
use journal::{
    BATCH_BYTES_MAX, BATCH_LINES_MAX, Batch, Error, Journal, LINE_BYTES_MAX, LocalJournal,
    Position, Record, SOURCE_BYTES_MAX, Settings,
};
use proptest::prelude::*;
use std::time::Duration;

#[derive(Clone, Debug)]
enum Step {
    Append(u64),
    /// Up to so many percent of the lines.
    Cut(u64),
    Reopen,
    /// From so many percent of the lines.
    Read(u64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        5 => (1_u64..40).prop_map(Step::Append),
        1 => (0_u64..=100).prop_map(Step::Cut),
        2 => Just(Step::Reopen),
        2 => (0_u64..=100).prop_map(Step::Read),
    ];
    prop::collection::vec(step, 1..30)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn any_batches_any_cuts_and_any_restarts_give_the_same_lines(steps in steps(), segment_bytes in 1_u64..4_000) {
        let folder = folder();
        let settings = Settings { segment_bytes, ..Settings::default() };
        let mut journal = LocalJournal::open(folder.path(), settings).unwrap();
        let (mut end, mut cut) = (0, 0);
        for step in steps {
            match step {
                Step::Append(count) => {
                    let first = journal.append(&batch(end..end + count)).unwrap();
                    prop_assert_eq!(first.as_u64(), end);
                    end += count;
                }
                Step::Cut(percent) => {
                    cut = cut.max(end * percent / 100);
                    journal.cut(Position::from_u64(cut)).unwrap();
                }
                Step::Reopen => {
                    drop(journal);
                    journal = LocalJournal::open(folder.path(), settings).unwrap();
                }
                Step::Read(percent) => {
                    let from = cut + (end - cut) * percent / 100;
                    prop_assert_eq!(read_from(&journal, from).unwrap(), lines(from..end));
                }
            }
            prop_assert_eq!(journal.end().as_u64(), end);
            prop_assert!(journal.start().as_u64() <= cut);
            let start = journal.start().as_u64();
            prop_assert_eq!(read_from(&journal, start).unwrap(), lines(start..end));
        }
    }
}

#[test]
fn any_bytes_come_back() {
    let folder = folder();
    let journal = open(folder.path());
    let long = vec![b'\n'; LINE_BYTES_MAX];
    let records = [
        (i64::MIN, &b""[..], &b""[..]),
        (i64::MAX, b"\xff\x00\n", b"\x00\xff\r\n"),
        (0, &[b'a'; SOURCE_BYTES_MAX], &long),
    ];
    let mut batch = Batch::new();
    for (received_ns, source, line) in records {
        batch
            .push(Record {
                received_ns,
                source,
                line,
            })
            .unwrap();
    }
    journal.append(&batch).unwrap();
    drop(journal);
    let journal = open(folder.path());
    let mut reader = journal.reader(Position::ZERO).unwrap();
    let (_, read) = reader.next().unwrap().unwrap();
    let read: Vec<_> = read
        .iter()
        .map(|it| (it.received_ns, it.source, it.line))
        .collect();
    assert_eq!(read, records);
}

#[test]
fn what_is_too_big_is_refused_and_leaves_the_batch_as_it_was() {
    let mut batch = batch(0..3);
    let push = |batch: &mut Batch, source: usize, line: usize| {
        batch.push(Record {
            received_ns: 0,
            source: &vec![b's'; source],
            line: &vec![b'l'; line],
        })
    };
    let refused = push(&mut batch, 1, LINE_BYTES_MAX + 1);
    assert!(matches!(refused, Err(Error::LineTooLong(bytes)) if bytes == LINE_BYTES_MAX + 1));
    let refused = push(&mut batch, SOURCE_BYTES_MAX + 1, 1);
    assert!(matches!(refused, Err(Error::SourceTooLong(_))));
    push(&mut batch, 1, LINE_BYTES_MAX).unwrap();
    assert!(matches!(
        push(&mut batch, 2, LINE_BYTES_MAX),
        Err(Error::BatchFull)
    ));
    assert_eq!(batch.len(), 4);
    assert!(batch.bytes() <= BATCH_BYTES_MAX);
    let mut batch = Batch::new();
    let pushed = (0..=BATCH_LINES_MAX).take_while(|_| push(&mut batch, 0, 0).is_ok());
    assert_eq!(pushed.count(), BATCH_LINES_MAX);
    let folder = folder();
    let journal = open(folder.path());
    journal.append(&batch).unwrap();
    assert_eq!(read_from(&journal, 0).unwrap().len(), BATCH_LINES_MAX);
}

#[test]
fn a_batch_that_was_read_can_be_appended() {
    let (from, to) = (folder(), folder());
    let (from, to) = (open(from.path()), open(to.path()));
    from.append(&batch(0..8)).unwrap();
    from.append(&batch(8..9)).unwrap();
    let mut reader = from.reader(Position::from_u64(5)).unwrap();
    let (first, read) = reader.next().unwrap().unwrap();
    assert_eq!(owned(first, &read), lines(5..9));
    to.append(&read).unwrap();
    let texts: Vec<_> = read_from(&to, 0).unwrap();
    let texts: Vec<_> = texts.into_iter().map(|it| (it.source, it.line)).collect();
    let expected: Vec<_> = lines(5..9)
        .into_iter()
        .map(|it| (it.source, it.line))
        .collect();
    assert_eq!(texts, expected);
}

#[test]
fn an_empty_batch_writes_nothing() {
    let folder = folder();
    let journal = open(folder.path());
    journal.append(&batch(0..3)).unwrap();
    assert_eq!(journal.append(&Batch::new()).unwrap().as_u64(), 3);
    assert_eq!(read_from(&journal, 0).unwrap(), lines(0..3));
}

#[test]
fn a_cut_frees_whole_segments_and_tells_late_readers() {
    let folder = folder();
    let journal = open(folder.path());
    for number in 0..100 {
        journal.append(&batch(number..number + 1)).unwrap();
    }
    let before = segments(folder.path()).len();
    assert!(before > 3, "{before} segments");
    let mut late = journal.reader(Position::ZERO).unwrap();
    journal.cut(Position::from_u64(60)).unwrap();
    assert!(segments(folder.path()).len() < before);
    let start = journal.start();
    assert!((1..=60).contains(&start.as_u64()), "{start}");
    assert!(matches!(late.next(), Err(Error::Cut { first }) if first == start));
    let early = journal.reader(Position::ZERO);
    assert!(matches!(early, Err(Error::Cut { first }) if first == start));
    let behind = Position::from_u64(101);
    assert!(matches!(journal.cut(behind), Err(Error::Beyond { end }) if end.as_u64() == 100));
    assert!(matches!(journal.reader(behind), Err(Error::Beyond { .. })));
    assert_eq!(read_from(&journal, 60).unwrap(), lines(60..100));
}

#[test]
fn a_reader_goes_on_though_the_segment_behind_it_is_cut() {
    let folder = folder();
    let journal = open(folder.path());
    let mut reader = journal.reader(Position::ZERO).unwrap();
    for number in 0..200 {
        journal.append(&batch(number..number + 1)).unwrap();
        let (first, read) = reader.next().unwrap().unwrap();
        assert_eq!(owned(first, &read), lines(number..number + 1));
        journal.cut(Position::from_u64(number + 1)).unwrap();
        assert!(segments(folder.path()).len() <= 2);
    }
    assert!(reader.next().unwrap().is_none());
}

#[test]
fn a_second_opener_is_refused() {
    let folder = folder();
    let journal = open(folder.path());
    let second = LocalJournal::open(folder.path(), Settings::default());
    assert!(matches!(second, Err(Error::Locked(_))));
    drop(journal);
    open(folder.path());
}

#[test]
fn waiting_for_lines_ends_when_they_come_or_the_time_is_over() {
    let folder = folder();
    let journal = open(folder.path());
    let none = journal.wait_for_lines(Position::ZERO, Duration::from_millis(1));
    assert_eq!(none, Position::ZERO);
    std::thread::scope(|scope| {
        let waiting =
            scope.spawn(|| journal.wait_for_lines(Position::ZERO, Duration::from_secs(60)));
        journal.append(&batch(0..3)).unwrap();
        assert_eq!(waiting.join().unwrap().as_u64(), 3);
    });
}

#[test]
fn settings_that_could_block_for_ever_are_refused() {
    let folder = folder();
    let settings = Settings {
        bytes_max: 33 * 1024 * 1024,
        segment_bytes: 2 * 1024 * 1024,
    };
    let opened = LocalJournal::open(folder.path(), settings);
    assert!(matches!(opened, Err(Error::Settings(_))));
}
