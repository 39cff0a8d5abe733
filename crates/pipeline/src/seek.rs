//! Finds all lines of a message in log files without taking every line apart.
//!
//! A pass looks for texts (a Message-ID, an address, queue ids) in the raw bytes. The lines found
//! name more ids: those of the message in other queues, of the next hop, of notifications. Passes
//! go on until nothing new is named; the sessions that the message came by are fetched too.
//!
//! The first pass goes through everything. A message's lines lie close together in the file of a
//! host, so further passes look around those found only ([`Window`]), and go through everything
//! again for the ids alone of which beginning or end is not there (deferred for days, still open).

mod context;
mod item_ids;
mod names;
mod piece;
mod plain;
mod texts;
mod unsaid;
mod window;

use crate::{Outcome, Place, Settings, timestamp};
use context::Context;
use correlate::Read;
use ingest::{Batch, LogSet, Problem};
use item_ids::ItemIds;
use model::Line;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use texts::Texts;
use unsaid::Unsaid;
use window::Window;

/// What to start from.
#[derive(Clone, Debug)]
pub struct Seed {
    /// The text to look for.
    pub text: Vec<u8>,
    /// Whether capitals and small letters are the same (addresses).
    pub ignore_case: bool,
    /// Follow so many queue ids at the most of those found by the text itself, the last ones.
    pub followed_max: usize,
}

/// Passes at the most: a chain of more hops than twenty is a loop.
const PASSES_MAX: usize = 24;
/// Texts looked for at the most; beyond, what was found so far is what is told.
const NAMES_MAX: usize = 20_000;

/// A line that was found.
#[derive(Clone)]
struct Hit {
    place: Place,
    /// Where the line is in the file on disk, if that can be told.
    offset: Option<u64>,
    raw: Box<[u8]>,
    /// The text that the parser reads, where it is not the line itself (journald, Docker).
    readable: Option<Box<[u8]>>,
    /// Whether it names what is looked for; else it is by a process of which the session is wanted.
    own: bool,
}

impl Hit {
    fn readable(&self) -> &[u8] {
        self.readable.as_deref().unwrap_or(&self.raw)
    }
}

/// What a search was like.
#[derive(Debug, Default)]
pub struct Found {
    /// Lines found and problems met.
    pub outcome: Outcome,
    /// Whether more was named than was followed.
    pub narrowed: bool,
}

/// Finds the lines that belong to what the seed names, and hands them on in order of time.
pub fn seek(
    sets: &[LogSet],
    settings: &Settings,
    progress: &Arc<AtomicU64>,
    seed: &Seed,
    mut take: impl FnMut(Read<'_>),
) -> Found {
    let mut search = Search {
        sets,
        workers: settings.workers + 1,
        progress,
        hits: BTreeMap::new(),
        problems: Vec::new(),
        plain: plain::files(sets),
        windows: None,
    };
    let narrowed = search.close_over(seed);
    let mut found = Found {
        narrowed,
        ..Found::default()
    };
    search.hand_on(settings, &mut found.outcome, &mut take);
    found.outcome.problems = search.problems;
    found
}

struct Search<'s> {
    sets: &'s [LogSet],
    workers: usize,
    progress: &'s Arc<AtomicU64>,
    /// By place, so that no line is there twice.
    hits: BTreeMap<(usize, usize, u64), Hit>,
    problems: Vec<Problem>,
    /// Files that need no cutting into lines to be searched, by index of set and file.
    plain: Vec<(usize, usize)>,
    /// Where to look, of each set, instead of everywhere; `None` of a set is everywhere.
    windows: Option<Vec<Option<Vec<Window>>>>,
}

impl Search<'_> {
    /// Passes until nothing new is named; whether something was left out.
    fn close_over(&mut self, seed: &Seed) -> bool {
        let first = self.pass(&[&*seed.text], 1, seed.ignore_case);
        let (mut named, mut narrowed) = names::of_seed_hits(&first, seed);
        let mut known: HashSet<Box<[u8]>> = HashSet::from([seed.text.clone().into()]);
        let mut context = Context::default();
        let mut unsaid = Unsaid::default();
        let mut numbers = ItemIds::default();
        self.windows = window::around(self.sets, &first);
        self.keep(first, &mut context);
        for _ in 0..PASSES_MAX {
            let mut new: Vec<Box<[u8]>> = named
                .into_iter()
                .filter(|name| known.insert(name.clone()))
                .collect();
            new.truncate(NAMES_MAX.saturating_sub(known.len()));
            narrowed |= known.len() > NAMES_MAX;
            let processes = context.new_processes();
            if new.is_empty() && processes.is_empty() {
                named = self.unsaid(&mut unsaid);
                if named.iter().any(|name| !known.contains(name)) {
                    continue;
                }
                named = self.named_by_number(&mut numbers, &mut context);
                if named.iter().any(|name| !known.contains(name)) {
                    continue;
                }
                let incomplete = names::incomplete(self.hits.values());
                if self.windows.take().is_none() || incomplete.is_empty() {
                    break;
                }
                known.retain(|name| !incomplete.contains(name));
                named = incomplete;
                continue;
            }
            let texts: Vec<&[u8]> = new.iter().chain(&processes).map(|text| &**text).collect();
            let hits = self.pass(&texts, new.len(), false);
            context.add(&hits);
            let own: Vec<Hit> = hits.into_iter().filter(|hit| hit.own).collect();
            named = names::of_hits(&own);
            self.keep(own, &mut context);
        }
        for hit in context.around() {
            self.hits.entry(key(hit.place)).or_insert(hit);
        }
        narrowed
    }

    /// What was done in mailboxes to the messages found, however long after: the lines are kept, and what
    /// they name is told.
    fn named_by_number(&mut self, numbers: &mut ItemIds, context: &mut Context) -> Vec<Box<[u8]>> {
        let texts = numbers.question(self.hits.values());
        let texts: Vec<&[u8]> = texts.iter().map(|text| &**text).collect();
        if texts.is_empty() {
            return Vec::new();
        }
        self.windows = None;
        let mut looked = Vec::new();
        self.look(&texts, texts.len(), true, &mut looked);
        let chosen = numbers.choose(looked);
        let named = names::of_hits(&chosen);
        self.keep(chosen, context);
        named
    }

    /// The queue ids of notifications that no line names, and of what they may be about.
    fn unsaid(&self, unsaid: &mut Unsaid) -> Vec<Box<[u8]>> {
        let Some(question) = unsaid.question(self.hits.values()) else {
            return Vec::new();
        };
        let texts: Vec<&[u8]> = question.texts.iter().map(|text| &**text).collect();
        let mut looked = Vec::new();
        self.look(&texts, 0, false, &mut looked);
        unsaid.answer(&question, &looked)
    }

    fn keep(&mut self, hits: Vec<Hit>, context: &mut Context) {
        for hit in hits {
            context.wants(&hit);
            self.hits.insert(key(hit.place), hit);
        }
    }

    /// All lines that hold one of the texts, of which the first `own` name what is looked for.
    fn pass(&mut self, texts: &[&[u8]], own: usize, ignore_case: bool) -> Vec<Hit> {
        let mut hits = Vec::new();
        let problems = self.look(texts, own, ignore_case, &mut hits);
        if self.hits.is_empty() {
            self.problems = problems;
        }
        hits
    }

    /// Adds all lines that hold one of the texts; what could not be read.
    fn look(
        &self,
        texts: &[&[u8]],
        own: usize,
        ignore_case: bool,
        hits: &mut Vec<Hit>,
    ) -> Vec<Problem> {
        let Some(texts) = Texts::new(texts, own, ignore_case) else {
            return Vec::new();
        };
        let mut done = self.look_in_windows(&texts, hits);
        let mut problems = self.look_in_plain(&texts, &mut done, hits);
        let (found, others) = crate::scan(self.sets, &done, self.workers, self.progress, {
            |set, batch: &Batch, found: &mut Vec<Hit>| {
                let hit_at = |offset| hit_in_batch(set, batch, offset);
                texts.find_lines(batch.raw_bytes(), hit_at, found);
            }
        });
        hits.extend(found);
        problems.extend(others);
        problems
    }

    /// Looks in the windows alone of sets that have some; gives the files that are done by that.
    fn look_in_windows(&self, texts: &Texts, hits: &mut Vec<Hit>) -> HashSet<(usize, usize)> {
        let mut done = HashSet::new();
        for (set, windows) in self.windows.iter().flatten().enumerate() {
            let Some(windows) = windows else { continue };
            for window in windows {
                window.piece(set).find(texts, hits);
            }
            done.extend((0..self.sets[set].files.len()).map(|file| (set, file)));
        }
        done
    }

    /// Looks through the plain files that are not done, and notes those that are done by that.
    fn look_in_plain(
        &self,
        texts: &Texts,
        done: &mut HashSet<(usize, usize)>,
        hits: &mut Vec<Hit>,
    ) -> Vec<Problem> {
        let reading = plain::Reading {
            workers: self.workers,
            chunk_bytes: plain::CHUNK_BYTES,
            progress: self.progress,
        };
        let mut problems = Vec::new();
        for &at in &self.plain {
            if done.contains(&at) {
                continue;
            }
            if let Some(searched) = plain::search(self.sets, at, texts, reading) {
                hits.extend(searched.hits);
                problems.extend(searched.problem);
                done.insert(at);
            }
        }
        problems
    }

    /// Hands the lines on, ordered as a reading of everything would.
    fn hand_on(&self, settings: &Settings, outcome: &mut Outcome, take: &mut impl FnMut(Read<'_>)) {
        let mut ordered = Vec::with_capacity(self.hits.len());
        let mut clock = None;
        for hit in self.hits.values() {
            let Place { set, file, .. } = hit.place;
            let time = |file: &ingest::LogFile| file.modified.map_or(settings.now, timestamp);
            let latest = self.sets[set].files.get(file).map_or(settings.now, time);
            let clock = match &mut clock {
                Some((of, clock)) if *of == set => clock,
                _ => {
                    let new = parse::Clock::new(settings.zone.clone(), latest, settings.year);
                    &mut clock.insert((set, new)).1
                }
            };
            clock.next_file(latest);
            let event = parse::line(hit.readable());
            let (at, origin) = clock.understand(&event.stamp);
            ordered.push((at, hit, event, origin));
        }
        ordered.sort_by_key(|(at, hit, event, _)| (crate::order::turn(event, *at), key(hit.place)));
        for (at, hit, event, origin) in &ordered {
            outcome.lines += 1;
            outcome.bytes += hit.raw.len() as u64;
            let line = Line {
                id: hit.place.id(),
                at: *at,
                raw: &hit.raw,
            };
            crate::with_host(event, settings, |event| {
                take(Read {
                    event,
                    origin: *origin,
                    line,
                });
            });
        }
    }
}

/// The line of a batch that holds the byte at an offset.
fn hit_in_batch(set: usize, batch: &Batch, offset: usize) -> Hit {
    let line = batch.line(batch.line_at(offset));
    let rewritten = line.readable.as_ptr() != line.raw.as_ptr();
    let at = batch.offset.filter(|_| !rewritten);
    Hit {
        place: Place {
            set,
            file: batch.file,
            line: line.number,
        },
        offset: at.map(|at| at + offset as u64),
        raw: line.raw.into(),
        readable: (line.readable != line.raw).then(|| line.readable.into()),
        own: false,
    }
}

fn key(place: Place) -> (usize, usize, u64) {
    (place.set, place.file, place.line)
}
