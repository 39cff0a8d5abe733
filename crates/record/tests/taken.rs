//! Lines to whoever follows, as soon as they are durable.

use journal::{Batch, Journal, LocalJournal, Record};
use record::{Taken, TakenLines};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Receiver;
use std::time::Duration;

fn append(journal: &dyn Journal, lines: &[String]) {
    let mut batch = Batch::new();
    for line in lines {
        let record = Record {
            received_ns: 7,
            source: b"syslog tcp 192.0.2.1\0more",
            line: line.as_bytes(),
        };
        batch.push(record).expect("there is room");
    }
    journal.append(&batch).expect("it is durable");
}

fn lines(of: std::ops::Range<u32>) -> Vec<String> {
    of.map(|number| format!("line {number}")).collect()
}

/// The next lines that are told, so many.
fn next(told: &Receiver<Arc<[Taken]>>, count: usize) -> Vec<String> {
    let mut next = Vec::new();
    while next.len() < count {
        let lot = told.recv_timeout(Duration::from_secs(20));
        for taken in lot.expect("there is more").iter() {
            assert_eq!(*taken.source, *b"syslog tcp 192.0.2.1");
            assert_eq!(taken.received.as_nanos(), 7);
            next.push(String::from_utf8_lossy(&taken.line).into_owned());
        }
    }
    next
}

fn name(source: &[u8]) -> &[u8] {
    source.split(|&byte| byte == 0).next().unwrap_or_default()
}

/// Ends what tells lines, also when the test fails.
struct Ends<'a>(&'a AtomicBool);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn each_line_is_told_once_in_order_to_those_who_follow() {
    let folder = tempfile::tempdir().expect("there is room for temporary files");
    let journal = LocalJournal::open(folder.path(), journal::Settings::default());
    let journal = journal.expect("it can be made");
    let (taken, stop) = (TakenLines::default(), AtomicBool::new(false));
    append(&journal, &lines(0..10));
    let last = std::thread::scope(|scope| {
        scope.spawn(|| taken.tell(&journal, name, &stop));
        let ends = Ends(&stop);
        // Nobody follows.
        append(&journal, &lines(10..20));
        std::thread::park_timeout(Duration::from_millis(200));
        let told = taken.follow();
        let idle = taken.follow();
        for from in (1_000..6_000).step_by(100) {
            append(&journal, &lines(from..from + 100));
            // A commit lets the journal go up to here.
            let told_until = journal.end();
            assert_eq!(next(&told, 100), lines(from..from + 100));
            journal.cut(told_until).expect("it can be cut");
        }
        // Who is not asked has them too, and does not hold others up.
        assert_eq!(next(&idle, 5_000), lines(1_000..6_000));
        drop(idle);
        append(&journal, &lines(6_000..6_100));
        drop(ends);
        told
    });
    // What came before the end is told.
    assert_eq!(next(&last, 100), lines(6_000..6_100));
}
