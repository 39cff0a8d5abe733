//! What cannot be read, journals that are full or cut, states that are lost.

use crate::support::{World, advance, line, packed};
use follow::{Error, Settings};
use journal::Position;
use std::fs;
use std::time::Duration;

#[test]
fn a_problem_is_told_once_while_it_lasts() {
    let mut world = World::following(&["mail.log", "wtmp"], Settings::default());
    fs::write(world.path("wtmp"), [0, 1, 2, 3].repeat(100)).unwrap();
    let handle = world.handle();
    world.turn();
    world.turn();
    let told: Vec<String> = handle
        .take_problems()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].contains("mail.log`: no such file"), "{told:?}");
    assert!(told[1].contains("wtmp`: not a text file"), "{told:?}");
    world.append("mail.log", "a\n");
    world.turn();
    fs::remove_file(world.path("mail.log")).unwrap();
    world.turn();
    let told = handle.take_problems();
    assert_eq!(told.len(), 1, "gone again: {told:?}");
}

#[test]
fn a_broken_archive_gives_what_it_has_and_is_told() {
    let settings = Settings {
        history: true,
        ..Settings::default()
    };
    let mut world = World::following(&["mail.log"], settings);
    let text: String = (0..50_000)
        .map(|number| format!("{}\n", line(number)))
        .collect();
    let whole = packed("gz", text.as_bytes());
    fs::write(world.path("mail.log.1.gz"), &whole[..whole.len() / 2]).unwrap();
    world.append("mail.log", "new\n");
    world.turn();
    let told = world.handle().take_problems();
    assert!(
        told.iter()
            .any(|it| it.to_string().contains("ends too early")),
        "{told:?}"
    );
    let some = world.lines().len();
    assert!((10_000..40_000).contains(&some), "{some} lines");
    world.crash();
    // The rest comes, as from a slow copy.
    fs::write(world.path("mail.log.1.gz"), &whole).unwrap();
    world.turn();
    let mut lines = world.lines();
    assert_eq!(lines.remove(some - 1), "new");
    assert!(lines == (0..50_000).map(line).collect::<Vec<_>>());
}

#[test]
fn the_journal_may_be_cut_before_what_was_saved() {
    let mut world = World::new();
    let handle = world.handle();
    for number in 0..200 {
        world.append("mail.log", &format!("{}\n", line(number)));
        world.turn();
        if number % 50 == 20 {
            advance(Duration::from_secs(11));
            world.turn();
            assert_eq!(handle.cut_before(), world.journal().end());
            world.journal().cut(handle.cut_before()).unwrap();
        }
    }
    assert!(world.journal().start() > Position::ZERO);
    let (start, end) = (world.journal().start(), world.journal().end());
    world.crash();
    world.turn();
    assert_eq!(
        (world.journal().start(), world.journal().end()),
        (start, end)
    );
    assert_eq!(end.as_u64(), 200);
}

#[test]
fn a_full_journal_makes_it_wait_and_loses_nothing() {
    let mut world = World::new();
    world.journal_settings = journal::Settings {
        bytes_max: 2 * journal::QUEUE_BYTES_MAX as u64 + 1_000_000,
        segment_bytes: 1_000_000,
    };
    let text: String = (0..600_000)
        .map(|number| format!("{}\n", line(number)))
        .collect();
    world.append("mail.log", &text);
    let (journal, handle) = (world.journal(), world.handle());
    let mut follower = world.follower.take().unwrap();
    let thread = std::thread::spawn(move || {
        follower.catch_up().unwrap();
        follower
    });
    let (mut all, mut at) = (Vec::new(), Position::ZERO);
    let mut waits = 0;
    while all.len() < 600_000 {
        let end = journal.wait_for_lines(at, Duration::from_secs(1));
        if end == at {
            waits += 1;
            assert!(waits < 60, "it does not go on: {} lines", all.len());
        }
        // Read all that fits, cut only when it waits.
        if all.is_empty() {
            while !journal_is_full(&*journal) {
                std::thread::park_timeout(Duration::from_millis(10));
            }
        }
        let (lines, end) = crate::support::lines_from(&*journal, at);
        all.extend(lines.into_iter().map(|it| it.1));
        at = end;
        journal.cut(at.min(handle.cut_before())).unwrap();
    }
    thread.join().unwrap();
    assert!(all == (0..600_000).map(line).collect::<Vec<_>>());
}

/// Whether there is no room for a batch of a follower.
fn journal_is_full(journal: &dyn journal::Journal) -> bool {
    let mut batch = journal::Batch::new();
    let line = vec![b'x'; 1 << 20];
    for _ in 0..3 {
        let record = journal::Record {
            received_ns: 0,
            source: b"",
            line: &line,
        };
        batch.push(record).unwrap();
    }
    !journal.wait_for_room(&batch, Duration::ZERO)
}

#[test]
fn a_damaged_state_is_refused() {
    let mut world = World::new();
    world.append("mail.log", "a\n");
    world.turn();
    world.crash();
    let state = world.data.path().join("follow/follow.state");
    fs::write(&state, "no state").unwrap();
    let journal = world.journal();
    let opened = follow::Follower::open(
        state.parent().unwrap(),
        journal,
        Vec::new(),
        world.settings,
        crate::support::clock,
    );
    assert!(matches!(opened.err(), Some(Error::State(path)) if path == state));
    // Without it the journal tells all.
    fs::remove_file(&state).unwrap();
    world.check(&["a"]);
}

#[test]
fn a_journal_that_was_lost_does_not_bring_lines_again() {
    let mut world = World::new();
    world.append("mail.log", "a\n");
    world.turn();
    advance(Duration::from_secs(11));
    world.turn();
    world.crash();
    fs::remove_dir_all(world.data.path().join("journal")).unwrap();
    world.append("mail.log", "b\n");
    world.check(&["b"]);
}

#[test]
fn stopped_while_the_journal_is_full_it_goes_on_later() {
    let settings = Settings {
        history: true,
        ..Settings::default()
    };
    let mut world = World::following(&["mail.log"], settings);
    world.journal_settings = journal::Settings {
        bytes_max: 2 * journal::QUEUE_BYTES_MAX as u64 + 1_000_000,
        segment_bytes: 1_000_000,
    };
    let text: String = (0..600_000)
        .map(|number| format!("{}\n", line(number)))
        .collect();
    fs::write(world.path("mail.log.1.gz"), packed("gz", text.as_bytes())).unwrap();
    let (mut all, mut at) = (Vec::new(), Position::ZERO);
    for _ in 0..20 {
        let (journal, handle) = (world.journal(), world.handle());
        let follower = world.follower.take().unwrap();
        let thread = std::thread::spawn(|| follower.run());
        let mut waits = 0;
        while all.len() < 600_000 && !journal_is_full(&*journal) && waits < 500 {
            std::thread::park_timeout(Duration::from_millis(10));
            waits += 1;
        }
        handle.stop();
        thread.join().unwrap().unwrap();
        let (lines, end) = crate::support::lines_from(&*journal, at);
        all.extend(lines.into_iter().map(|it| it.1));
        at = end;
        journal.cut(at.min(handle.cut_before())).unwrap();
        if all.len() >= 600_000 {
            break;
        }
    }
    assert!(all == (0..600_000).map(line).collect::<Vec<_>>());
}
