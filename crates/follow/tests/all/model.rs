//! Random writing, rotation, compression, truncation, crashes: each line once and in order, against a model.
//!
//! What a model cannot ask for: a line that was written between the copy and the truncation of `copytruncate`, or
//! that stood in a file when it was deleted, is there once if it was read in time, and else not at all.

use crate::support::{World, advance, line, lines_from, pack, packed};
use journal::Position;
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::time::Duration;

#[derive(Clone, Debug)]
enum Op {
    /// The writer writes lines, the last of them only in part if it is torn.
    Write {
        lines: u64,
        is_torn: bool,
    },
    /// The follower takes what there is.
    Turn,
    /// Rotates by names; the writer goes on with the old file until it is told.
    Rename {
        turn: bool,
    },
    /// The writer opens the log by its name.
    Reopen,
    /// Copies the log beside it, in two steps, and truncates it.
    CopyTruncate {
        between: [Between; 2],
    },
    /// Packs a rotated file.
    Pack {
        age: usize,
        ending: &'static str,
        between: Between,
    },
    /// Removes the log, and the writer begins a new one.
    Recreate,
    /// Removes the oldest.
    Expire,
    Crash,
    /// Time passes: the state is saved, files that rest are closed.
    Pass {
        seconds: u64,
    },
    /// The archive takes what is in the journal, which is cut.
    Cut,
}

/// What happens while something else is half done.
#[derive(Clone, Debug)]
struct Between {
    lines: u64,
    turn: bool,
    crash: bool,
}

fn between() -> impl Strategy<Value = Between> {
    (0..3_u64, any::<bool>(), prop::bool::weighted(0.2)).prop_map(|(lines, turn, crash)| Between {
        lines,
        turn,
        crash,
    })
}

fn op() -> impl Strategy<Value = Op> {
    let ending = prop::sample::select(vec!["gz", "bz2", "xz", "zst"]);
    prop_oneof![
        8 => (1..5_u64, prop::bool::weighted(0.3))
            .prop_map(|(lines, is_torn)| Op::Write { lines, is_torn }),
        8 => Just(Op::Turn),
        3 => any::<bool>().prop_map(|turn| Op::Rename { turn }),
        3 => Just(Op::Reopen),
        3 => [between(), between()].prop_map(|between| Op::CopyTruncate { between }),
        3 => (1..5_usize, ending, between())
            .prop_map(|(age, ending, between)| Op::Pack { age, ending, between }),
        1 => Just(Op::Recreate),
        1 => Just(Op::Expire),
        4 => Just(Op::Crash),
        3 => prop::sample::select(vec![3, 11, 700]).prop_map(|seconds| Op::Pass { seconds }),
        2 => Just(Op::Cut),
    ]
}

/// The world, its writer, and what should come of it.
struct Model {
    world: World,
    writer: File,
    /// Age of the file that the writer has open; 0 is the log itself.
    writes_to: usize,
    /// What is still to be written of a line.
    rest: Option<String>,
    next: u64,
    may_be_lost: BTreeSet<String>,
    /// What the archive took.
    taken: Vec<String>,
    taken_to: Position,
}

const LOG: &str = "mail.log";
const ENDINGS: [&str; 5] = ["", ".gz", ".bz2", ".xz", ".zst"];

impl Model {
    fn new(patterns: &[&str]) -> Self {
        let mut world = World::following(patterns, follow::Settings::default());
        let writer = writer(&world);
        world.turn();
        Model {
            world,
            writer,
            writes_to: 0,
            rest: None,
            next: 0,
            may_be_lost: BTreeSet::new(),
            taken: Vec::new(),
            taken_to: Position::ZERO,
        }
    }

    fn name(&self, age: usize) -> Option<String> {
        let names = ENDINGS.iter().map(|ending| match age {
            0 => LOG.to_owned(),
            _ => format!("{LOG}.{age}{ending}"),
        });
        names
            .into_iter()
            .find(|name| self.world.path(name).exists())
    }

    fn write(&mut self, text: &str) {
        self.writer.write_all(text.as_bytes()).unwrap();
    }

    /// The writer finishes its line, as it does before it looks whether to reopen.
    fn finish_line(&mut self) {
        if let Some(rest) = self.rest.take() {
            self.write(&rest);
        }
    }

    fn write_lines(&mut self, lines: u64) -> Vec<String> {
        self.finish_line();
        let written: Vec<String> = (self.next..self.next + lines).map(line).collect();
        self.next += lines;
        for line in &written {
            self.write(&format!("{line}\n"));
        }
        written
    }

    /// Each rotated file grows older by one.
    fn shift(&mut self) {
        for age in (1..40).rev() {
            if let Some(name) = self.name(age) {
                let ending = name.trim_start_matches(&format!("{LOG}.{age}")).to_owned();
                self.world
                    .rename(&name, &format!("{LOG}.{}{ending}", age + 1));
            }
        }
        if self.writes_to > 0 {
            self.writes_to += 1;
        }
    }

    fn half_done(&mut self, between: &Between) -> Vec<String> {
        let written = self.write_lines(between.lines);
        if between.crash {
            self.world.crash();
        }
        if between.turn {
            self.world.turn();
        }
        written
    }

    /// Lines of a file that goes: read by now, or never.
    fn give_up(&mut self, name: &str) {
        let name = self.world.path(name);
        let mut text = Vec::new();
        let file = File::open(name).unwrap();
        std::io::Read::read_to_end(&mut ingest::Unpacked::new(file).unwrap(), &mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        self.may_be_lost.extend(text.lines().map(str::to_owned));
    }

    fn apply(&mut self, op: &Op) {
        match op {
            Op::Write { lines, is_torn } => {
                self.write_lines(*lines);
                if *is_torn {
                    let text = format!("{}\n", line(self.next));
                    self.next += 1;
                    let (part, rest) = text.split_at(text.len() * (self.next % 9) as usize / 9);
                    self.write(part);
                    self.rest = Some(rest.to_owned());
                }
            }
            Op::Turn => self.world.turn(),
            Op::Rename { turn } => {
                if self.name(0).is_none() {
                    return;
                }
                self.shift();
                self.world.rename(LOG, &format!("{LOG}.1"));
                if self.writes_to == 0 {
                    self.writes_to = 1;
                }
                if *turn {
                    self.world.turn();
                }
            }
            Op::Reopen => self.reopen(),
            Op::CopyTruncate { between } => self.copy_truncate(between),
            Op::Pack {
                age,
                ending,
                between,
            } => {
                self.finish_line();
                let name = format!("{LOG}.{age}");
                let path = self.world.path(&name);
                // Nobody packs what is being written.
                if *age == self.writes_to || !path.exists() {
                    return;
                }
                let whole = packed(ending, &fs::read(&path).unwrap());
                let part = &whole[..whole.len() * (self.next % 7) as usize / 7];
                fs::write(self.world.path(&format!("{name}.{ending}")), part).unwrap();
                self.half_done(between);
                pack(&path, ending);
            }
            Op::Recreate => {
                self.finish_line();
                if self.name(0).is_some() {
                    self.give_up(LOG);
                    fs::remove_file(self.world.path(LOG)).unwrap();
                }
                self.reopen();
            }
            Op::Expire => {
                let oldest = (3..40).rev().find_map(|age| Some((age, self.name(age)?)));
                if let Some((_, name)) = oldest.filter(|(age, _)| *age != self.writes_to) {
                    self.give_up(&name);
                    fs::remove_file(self.world.path(&name)).unwrap();
                }
            }
            Op::Crash => self.world.crash(),
            Op::Pass { seconds } => {
                self.finish_line();
                advance(Duration::from_secs(*seconds));
                self.world.turn();
            }
            Op::Cut => self.consume(),
        }
    }

    fn reopen(&mut self) {
        self.finish_line();
        self.writer = writer(&self.world);
        self.writes_to = 0;
    }

    fn copy_truncate(&mut self, between: &[Between; 2]) {
        self.finish_line();
        if self.writes_to != 0 {
            return;
        }
        self.shift();
        let (log, copy) = (self.world.path(LOG), self.world.path(&format!("{LOG}.1")));
        let text = fs::read(&log).unwrap();
        fs::write(&copy, &text[..text.len() * (self.next % 5) as usize / 5]).unwrap();
        // What is written while it is copied is copied too.
        self.half_done(&between[0]);
        fs::write(&copy, fs::read(&log).unwrap()).unwrap();
        let lost = self.half_done(&between[1]);
        self.may_be_lost.extend(lost);
        self.writer.set_len(0).unwrap();
    }

    fn consume(&mut self) {
        let journal = self.world.journal();
        let (lines, end) = lines_from(&*journal, self.taken_to);
        self.taken.extend(lines.into_iter().map(|it| it.1));
        self.taken_to = end;
        let before = self.world.handle().cut_before();
        journal.cut(end.min(before)).unwrap();
    }

    fn finish(mut self) {
        self.finish_line();
        self.world.turn();
        self.world.crash();
        self.world.turn();
        self.consume();
        let there: BTreeSet<_> = self.taken.iter().cloned().collect();
        let missing: Vec<String> = (0..self.next)
            .map(line)
            .filter(|line| !there.contains(line) && !self.may_be_lost.contains(line))
            .collect();
        assert!(missing.is_empty(), "missing: {missing:#?}");
        assert_eq!(
            self.taken.len(),
            there.len(),
            "taken twice: {:#?}",
            self.taken
        );
        // A file that is gone counts as older than those that are there, whatever stood in it.
        let mut kept = self.taken;
        kept.retain(|line| !self.may_be_lost.contains(line));
        assert!(kept.is_sorted(), "out of order: {kept:#?}");
    }
}

fn writer(world: &World) -> File {
    let mut options = OpenOptions::new();
    options
        .append(true)
        .create(true)
        .open(world.path(LOG))
        .unwrap()
}

fn check(patterns: &[&str], ops: &[Op]) {
    let mut model = Model::new(patterns);
    for op in ops {
        model.apply(op);
    }
    model.finish();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn each_line_is_taken_once_and_in_order(ops in prop::collection::vec(op(), 1..60)) {
        check(&["mail.log"], &ops);
    }

    #[test]
    fn so_it_is_where_the_pattern_names_rotated_files_too(
        ops in prop::collection::vec(op(), 1..60),
    ) {
        check(&["mail.log*"], &ops);
    }
}

#[test]
fn long_each_line_is_taken_once_and_in_order() {
    let config = ProptestConfig {
        cases: 500,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    proptest!(config, |(ops in prop::collection::vec(op(), 1..120))| {
        check(&["mail.log"], &ops);
    });
}
