//! Growth, rotation, compression, truncation, with and without a crash between.

use crate::support::{World, advance, line, pack, packed};
use follow::Settings;
use std::fs;
use std::time::Duration;

const TORN: Duration = Duration::from_secs(6);

#[test]
fn lines_are_taken_when_they_are_whole() {
    let mut world = World::new();
    world.check(&[]);
    world.append("mail.log", "one\r\ntw");
    world.check(&["one\r"]);
    advance(Duration::from_secs(3600));
    world.check(&["one\r"]);
    world.append("mail.log", "o\n\nthree\n");
    world.check(&["one\r", "two", "", "three"]);
    let name = format!("file {}", world.path("mail.log").display());
    assert!(world.sourced().iter().all(|it| it.0 == name));
}

#[test]
fn a_crash_neither_loses_nor_repeats() {
    let mut world = World::new();
    for number in 0..20 {
        world.append("mail.log", &format!("{}\n", line(number)));
        if number % 3 == 0 {
            world.turn();
        }
        if number % 4 == 0 {
            world.crash();
        }
    }
    world.turn();
    let all: Vec<String> = (0..20).map(line).collect();
    assert_eq!(world.lines(), all);
}

#[test]
fn a_renamed_file_is_read_on_beside_the_new_one() {
    let mut world = World::new();
    world.append("mail.log", "a\n");
    world.check(&["a"]);
    world.rename("mail.log", "mail.log.1");
    world.append("mail.log.1", "b\n");
    world.check(&["a", "b"]);
    world.append("mail.log.1", "c\n");
    world.append("mail.log", "d\n");
    world.check(&["a", "b", "c", "d"]);
    world.append("mail.log.1", "e\n");
    world.check(&["a", "b", "c", "d", "e"]);
    let names: Vec<_> = world.sourced().into_iter().map(|it| it.0).collect();
    assert!(
        names.iter().all(|it| it.ends_with("/mail.log")),
        "{names:?}"
    );
}

#[test]
fn a_torn_line_is_taken_when_its_file_was_rotated_away() {
    let mut world = World::new();
    world.append("mail.log", "a\nb");
    world.turn();
    world.rename("mail.log", "mail.log.1");
    world.append("mail.log", "c\n");
    world.check(&["a", "c"]);
    advance(TORN);
    world.check(&["a", "c", "b"]);
}

#[test]
fn what_was_rotated_and_packed_meanwhile_is_finished() {
    for ending in ["gz", "bz2", "xz", "zst"] {
        let mut world = World::new();
        let line = |number| format!("{}\n", line(number));
        world.append("mail.log", &line(1));
        world.turn();
        world.crash();
        world.append("mail.log", &line(2));
        world.rename("mail.log", "mail.log.2");
        pack(&world.path("mail.log.2"), ending);
        // A generation that came and went while nobody looked.
        world.append("mail.log.1", &line(3));
        world.append("mail.log", &line(4));
        world.turn();
        let all = [1, 2, 3, 4].map(|number| line(number).trim_end().to_owned());
        assert_eq!(world.lines(), all, "{ending}");
        world.crash();
        world.rename("mail.log.1", "mail.log.3");
        pack(&world.path("mail.log.3"), ending);
        world.turn();
        assert_eq!(world.lines(), all, "{ending}");
    }
}

#[test]
fn history_is_read_first_where_it_is_asked_for() {
    let settings = Settings {
        history: true,
        ..Settings::default()
    };
    let mut world = World::following(&["mail.log"], settings);
    world.append("mail.log", "d\n");
    world.append("mail.log.1", "c\n");
    world.append("mail.log.3", "a\n");
    world.append("mail.log.2", "b\nb");
    pack(&world.path("mail.log.2"), "gz");
    pack(&world.path("mail.log.3"), "xz");
    world.turn();
    assert_eq!(world.lines(), ["a", "b", "b", "c", "d"]);
}

#[test]
fn history_is_passed_over_where_it_is_not() {
    let mut world = World::new();
    world.append("mail.log", "d\n");
    world.append("mail.log.1", &format!("{}\n", line(1)));
    world.append("mail.log.2", &format!("{}\n", line(2)));
    pack(&world.path("mail.log.2"), "gz");
    world.check(&["d"]);
    world.crash();
    world.rename("mail.log.2.gz", "mail.log.3.gz");
    world.rename("mail.log.1", "mail.log.2");
    pack(&world.path("mail.log.2"), "zst");
    world.rename("mail.log", "mail.log.1");
    world.append("mail.log", "e\n");
    world.check(&["d", "e"]);
}

#[test]
fn a_log_that_is_being_copied_at_first_is_not_passed_over_with_its_copy() {
    let mut world = World::new();
    world.append("mail.log", &format!("{}\n", line(1)));
    fs::copy(world.path("mail.log"), world.path("mail.log.1")).unwrap();
    world.turn();
    world.append("mail.log", &format!("{}\n", line(2)));
    world.turn();
    assert_eq!(world.lines(), [1, 2].map(line));
}

#[test]
fn rotated_files_that_are_named_are_read() {
    let mut world = World::following(&["mail.log*"], Settings::default());
    world.append("mail.log", "b\n");
    world.append("mail.log.1", "a\n");
    pack(&world.path("mail.log.1"), "gz");
    world.check(&["a", "b"]);
}

#[test]
fn a_copy_is_no_second_log() {
    let mut world = World::following(&["mail*"], Settings::default());
    world.append("mail.log", &format!("{}\n{}\n", line(1), line(2)));
    world.turn();
    fs::copy(world.path("mail.log"), world.path("mail.log.bak")).unwrap();
    world.turn();
    world.append("mail.log", &format!("{}\n", line(3)));
    world.turn();
    world.crash();
    world.turn();
    assert_eq!(world.lines(), [1, 2, 3].map(line));
}

#[test]
fn a_copy_that_is_truncated_is_finished_from_the_copy() {
    for crash in [false, true] {
        let mut world = World::new();
        world.append("mail.log", &format!("{}\n", line(1)));
        world.turn();
        if crash {
            world.crash();
        }
        world.append("mail.log", &format!("{}\n", line(2)));
        fs::copy(world.path("mail.log"), world.path("mail.log.1")).unwrap();
        fs::write(world.path("mail.log"), format!("{}\n", line(3))).unwrap();
        world.turn();
        assert_eq!(world.lines(), [1, 2, 3].map(line), "crash: {crash}");
    }
}

#[test]
fn what_was_read_behind_the_copy_is_not_read_again() {
    let mut world = World::new();
    world.append("mail.log", &format!("{}\n{}\n", line(1), line(2)));
    fs::copy(world.path("mail.log"), world.path("mail.log.1")).unwrap();
    // The copy is not seen before all of these are read.
    world.rename("mail.log.1", "elsewhere");
    world.append("mail.log", &format!("{}\n", line(3)));
    world.turn();
    world.rename("elsewhere", "mail.log.1");
    fs::write(world.path("mail.log"), format!("{}\n", line(4))).unwrap();
    world.turn();
    world.crash();
    world.turn();
    assert_eq!(world.lines(), [1, 2, 3, 4].map(line));
}

#[test]
fn an_archive_that_is_being_written_is_no_second_log() {
    let mut world = World::new();
    let text: String = (0..5_000)
        .map(|number| format!("{}\n", line(number)))
        .collect();
    world.append("mail.log", &text);
    world.turn();
    world.crash();
    world.rename("mail.log", "mail.log.1");
    let whole = packed("gz", text.as_bytes());
    for part in 1..5 {
        let part = &whole[..whole.len() * part / 5];
        fs::write(world.path("mail.log.1.gz"), part).unwrap();
        world.turn();
    }
    fs::remove_file(world.path("mail.log.1")).unwrap();
    fs::write(world.path("mail.log.1.gz"), whole).unwrap();
    world.turn();
    assert_eq!(world.lines().len(), 5_000);
}

#[test]
fn a_truncated_file_is_read_anew() {
    let mut world = World::new();
    world.append("mail.log", "one\ntwo\n");
    world.turn();
    fs::write(world.path("mail.log"), "three\n").unwrap();
    world.check(&["one", "two", "three"]);
    // As long as before.
    fs::write(world.path("mail.log"), "seven\n").unwrap();
    world.check(&["one", "two", "three", "seven"]);
    let counts = world.handle().counts();
    assert_eq!((counts[0].1.lines, counts[0].1.replaced), (4, 2));
}

#[test]
fn a_deleted_file_is_read_to_its_end() {
    let mut world = World::new();
    world.append("mail.log", "one\n");
    world.turn();
    world.append("mail.log", "two\nthree");
    fs::remove_file(world.path("mail.log")).unwrap();
    world.append("mail.log", "four\n");
    world.check(&["one", "two", "four"]);
    advance(TORN);
    world.check(&["one", "two", "four", "three"]);
}

#[test]
fn an_inode_that_is_used_again_is_another_file() {
    let mut world = World::new();
    for number in 0..10 {
        world.append("mail.log", &format!("{}\n", line(number)));
        world.turn();
        world.crash();
        fs::remove_file(world.path("mail.log")).unwrap();
    }
    world.turn();
    let all: Vec<String> = (0..10).map(line).collect();
    assert_eq!(world.lines(), all);
}

#[test]
fn links_are_followed_where_they_lead() {
    let mut world = World::new();
    fs::create_dir(world.path("real")).unwrap();
    world.append("real/mail.log", "a\n");
    std::os::unix::fs::symlink("real/mail.log", world.path("mail.log")).unwrap();
    world.check(&["a"]);
    world.append("real/mail.log", "b\n");
    world.rename("real/mail.log", "real/mail.log.1");
    world.append("real/mail.log", "c\n");
    // By their names they are two logs, so neither is first.
    world.check(&["a", "c", "b"]);
    world.crash();
    world.append("real/mail.log.1", "d\n");
    world.check(&["a", "c", "b", "d"]);
}

#[test]
fn new_files_of_a_pattern_are_found() {
    let mut world = World::following(&["*/mail.log", "mail.*"], Settings::default());
    world.append("mail.err", "a\n");
    world.check(&["a"]);
    fs::create_dir(world.path("mx1")).unwrap();
    world.append("mx1/mail.log", "b\n");
    world.check(&["a", "b"]);
    world.append("mail.info", "c\n");
    world.check(&["a", "b", "c"]);
    // Its name matches no pattern any more.
    world.append("mx1/mail.log", "d\n");
    world.rename("mx1/mail.log", "mx1/mail.log.1");
    world.check(&["a", "b", "c", "d"]);
}

#[test]
fn a_settled_file_is_closed_and_opened_when_it_grows() {
    let mut world = World::new();
    world.append("mail.log", "a\n");
    world.turn();
    world.rename("mail.log", "mail.log.1");
    world.turn();
    for text in ["b\n", "c\n"] {
        advance(Duration::from_secs(3600));
        world.turn();
        world.turn();
        world.append("mail.log.1", text);
        world.turn();
    }
    world.check(&["a", "b", "c"]);
}

#[test]
fn a_long_line_is_cut_whatever_happens_meanwhile() {
    let mut world = World::new();
    let part = "x".repeat(700_000);
    world.append("mail.log", "before\n");
    for round in 0..20 {
        world.append("mail.log", &part);
        world.turn();
        if round % 5 == 4 {
            world.crash();
        }
    }
    world.append("mail.log", "\nbehind\n");
    world.turn();
    let lines = world.lines();
    assert_eq!(lines.len(), 3);
    assert_eq!((&*lines[0], &*lines[2]), ("before", "behind"));
    assert_eq!(lines[1].len(), ingest::LINE_BYTES_MAX);
}

#[test]
fn a_line_of_a_gibibyte_takes_no_memory() {
    let mut world = World::new();
    // Behind enough text: a file that begins with zeros is no log.
    world.append("mail.log", &"before\n".repeat(2_000));
    // A hole, as a program leaves that does not append after a truncation.
    let file = fs::File::options()
        .append(true)
        .open(world.path("mail.log"));
    file.unwrap().set_len(1 << 30).unwrap();
    world.append("mail.log", "\nbehind\n");
    world.turn();
    let lines = world.lines();
    assert_eq!(lines.len(), 2_002);
    assert_eq!(lines[2_000].len(), ingest::LINE_BYTES_MAX);
    assert_eq!((&*lines[0], &*lines[2_001]), ("before", "behind"));
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|it| it.strip_prefix("VmHWM:"));
    let peak = peak.map(|it| it.trim().trim_end_matches(" kB").parse::<u64>().unwrap());
    // Of a process of its own, as each test is with nextest.
    if let Some(peak) = peak.filter(|_| std::env::var_os("NEXTEST").is_some()) {
        assert!(peak < 200_000, "{peak} KiB");
    }
}
