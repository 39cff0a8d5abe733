//! Many appenders at once, and readers that follow.

use crate::support::{batch, folder, lines, open, owned, read_from};
use journal::{Journal, Position};
use std::thread;
use std::time::Duration;

const THREADS: u64 = 16;
const BATCHES: u64 = 100;
const LINES: u64 = 5;

#[test]
fn readers_that_follow_see_each_batch_of_many_appenders_once_and_whole() {
    let folder = folder();
    let journal = open(folder.path());
    let total = THREADS * BATCHES * LINES;
    thread::scope(|scope| {
        let appenders: Vec<_> = (0..THREADS)
            .map(|thread| {
                let journal = &journal;
                scope.spawn(move || {
                    let numbers = (0..BATCHES).map(|it| (thread * BATCHES + it) * LINES);
                    let append = |from: u64| {
                        let first = journal.append(&batch(from..from + LINES)).unwrap();
                        assert!(first.plus(LINES as usize) <= journal.end());
                        (first.as_u64(), from)
                    };
                    numbers.map(append).collect::<Vec<_>>()
                })
            })
            .collect();
        let followers: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    let mut reader = journal.reader(Position::ZERO).unwrap();
                    let mut all = Vec::new();
                    while (all.len() as u64) < total {
                        match reader.next().unwrap() {
                            Some((first, read)) => all.extend(owned(first, &read)),
                            None => {
                                let behind = Position::from_u64(all.len() as u64);
                                let end = journal.wait_for_lines(behind, Duration::from_secs(60));
                                assert!(end > behind, "no lines came");
                            }
                        }
                    }
                    all
                })
            })
            .collect();
        let mut expected = Vec::new();
        for appender in appenders {
            let told = appender.join().unwrap();
            assert!(
                told.is_sorted(),
                "an appender's own batches keep their order"
            );
            expected.extend(told);
        }
        expected.sort_unstable();
        let expected: Vec<_> = expected
            .into_iter()
            .flat_map(|(first, from)| {
                (first..)
                    .zip(lines(from..from + LINES))
                    .map(|(position, mut line)| {
                        line.position = position;
                        line
                    })
            })
            .collect();
        for follower in followers {
            assert_eq!(follower.join().unwrap(), expected);
        }
        assert_eq!(read_from(&journal, 0).unwrap(), expected);
    });
}

#[test]
fn appenders_wait_where_the_queue_is_full() {
    let folder = folder();
    let journal = open(folder.path());
    let mut heavy = journal::Batch::new();
    let line = vec![b'x'; journal::LINE_BYTES_MAX - 100];
    for _ in 0..2 {
        let record = journal::Record {
            received_ns: 0,
            source: b"",
            line: &line,
        };
        heavy.push(record).unwrap();
    }
    // 24 batches of 4 MiB, of which 3 fit into the queue.
    thread::scope(|scope| {
        for _ in 0..24 {
            scope.spawn(|| journal.append(&heavy).unwrap());
        }
    });
    assert_eq!(journal.end().as_u64(), 48);
}
