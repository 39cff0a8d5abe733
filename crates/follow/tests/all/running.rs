//! A follower on a thread of its own: how quick it is, and that it stops.

use crate::support::{World, append, line};
use journal::{Journal, Position};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

#[expect(clippy::disallowed_methods, reason = "what is measured is real time")]
fn real_ns() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_nanos() as i64
}

/// Waits until so many lines are in the journal.
fn wait_for(journal: &Arc<dyn Journal>, lines: u64) {
    let last = Position::from_u64(lines - 1);
    let end = journal.wait_for_lines(last, Duration::from_secs(20));
    assert!(end > last, "only {end} lines in time");
}

#[test]
fn a_line_is_durable_within_a_tenth_of_a_second() {
    let mut world = World::new();
    world.clock = real_ns;
    // So that looking from time to time is not what finds it.
    world.settings.poll = Duration::from_secs(3600);
    let journal = world.journal();
    let follower = world.open();
    let handle = follower.handle();
    let thread = thread::spawn(|| follower.run());
    // It may look for files before the first is there, or after.
    let mut worst = 0;
    for number in 0..100 {
        // Also through rotation.
        if number % 10 == 9 {
            world.rename("mail.log", &format!("mail.log-{}", 20_261_101 + number));
        }
        let before = real_ns();
        append(
            &world.path("mail.log"),
            format!("{}\n", line(number)).as_bytes(),
        );
        wait_for(&journal, number + 1);
        worst = worst.max(real_ns() - before);
    }
    handle.stop();
    thread.join().unwrap().unwrap();
    eprintln!("slowest: {} us", worst / 1_000);
    assert!(worst < 100_000_000, "{worst} ns");
}

#[test]
fn looking_from_time_to_time_finds_what_nobody_tells() {
    let mut world = World::following(&["*/*/mail.log"], follow::Settings::default());
    world.clock = real_ns;
    world.settings.poll = Duration::from_millis(50);
    let journal = world.journal();
    let follower = world.open();
    let handle = follower.handle();
    let thread = thread::spawn(|| follower.run());
    thread::park_timeout(Duration::from_millis(100));
    // In a folder that is not watched.
    std::fs::create_dir_all(world.path("a/b")).unwrap();
    append(&world.path("a/b/mail.log"), b"one\n");
    wait_for(&journal, 1);
    handle.stop();
    thread.join().unwrap().unwrap();
}

#[test]
fn it_stops_and_goes_on() {
    let mut world = World::new();
    world.clock = real_ns;
    let journal = world.journal();
    for number in 0..5 {
        let handle = world.handle();
        let thread = {
            let follower = world.follower.take().unwrap();
            thread::spawn(|| follower.run())
        };
        append(
            &world.path("mail.log"),
            format!("{}\n", line(number)).as_bytes(),
        );
        wait_for(&journal, number + 1);
        handle.stop();
        thread.join().unwrap().unwrap();
        assert_eq!(handle.cut_before(), journal.end());
    }
    let all: Vec<String> = (0..5).map(line).collect();
    assert_eq!(world.lines(), all);
}

/// Not a limit but a measure: how quickly a file that is there already is taken, and how much processor that needs.
#[test]
fn long_a_large_file_is_measured() {
    const LINES: u64 = 4_000_000;
    let mut world = World::new();
    world.clock = real_ns;
    world.journal_settings = journal::Settings::default();
    // On a disk, as the log is.
    world.data = tempfile::tempdir().unwrap();
    let rest = "from=<anna@example.org>, size=4711, nrcpt=1 (queue active), delays=0.1/0/0.2/0.3";
    let text: String = (0..LINES)
        .map(|number| format!("{} {rest}\n", line(number)))
        .collect();
    append(&world.path("mail.log"), text.as_bytes());
    let mut follower = world.open();
    let before = real_ns();
    follower.catch_up().unwrap();
    let seconds = (real_ns() - before) as f64 / 1e9;
    assert_eq!(world.journal().end().as_u64(), LINES);
    let (lines, bytes) = (LINES as f64 / seconds, text.len() as f64 / seconds);
    eprintln!(
        "{seconds:.2} s: {:.0} MB/s, {lines:.0} lines/s",
        bytes / 1e6
    );
}
