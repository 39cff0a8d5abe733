//! Puts events in order of time, within a window.
//!
//! Of each set the events come about in order. All that is older than the least time come to by any
//! set, less the window, is complete and is given out, sorted by time and then by arrival.

use crate::parsed::ParsedBatch;
use crate::{Settings, timestamp};
use ingest::LogSet;
use model::{Body, Event, Precision, TimeOrigin, Timestamp};
use parse::Clock;

/// One event that waits: its turn, its arrival, where it is, its time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    /// Its time; of a line that is stamped farther back than the window the time come to, so that it
    /// keeps its place, wherever batches are cut.
    turn: Timestamp,
    arrival: u64,
    batch: u32,
    line: u32,
    at: Timestamp,
    origin: u8,
}

struct Source {
    clock: Clock,
    files: Vec<Timestamp>,
    file: Option<usize>,
    come_to: Timestamp,
    ended: bool,
}

pub(crate) struct Order {
    window_ms: i64,
    sources: Vec<Source>,
    /// Batches with events that wait, and how many.
    batches: Vec<Option<(ParsedBatch, u32)>>,
    free: Vec<u32>,
    waiting: Vec<Key>,
    /// How many of `waiting` were given out.
    given: usize,
    sorted: bool,
    arrivals: u64,
    spent: Vec<ParsedBatch>,
}

/// When it is a line's turn. A filter's own file mostly tells whole seconds, and what it judged began
/// before: put first in its second, the judgement would come before its message.
pub(crate) fn turn(event: &Event<'_>, at: Timestamp) -> Timestamp {
    match is_late_in_its_second(event) {
        true => at.plus_millis(999),
        false => at,
    }
}

/// Whether a line is a filter's judgement from a file of its own, written somewhere in the second that
/// it tells.
pub(crate) fn is_late_in_its_second(event: &Event<'_>) -> bool {
    let judges = matches!(event.body, Body::Verdict(_) | Body::AuthResult(_));
    judges && event.host.is_empty() && event.stamp.precision == Precision::Seconds
}

const ORIGINS: [TimeOrigin; 4] = [
    TimeOrigin::Written,
    TimeOrigin::ZoneAssumed,
    TimeOrigin::YearAssumed,
    TimeOrigin::Inherited,
];

impl Order {
    pub(crate) fn new(sets: &[LogSet], settings: &Settings) -> Self {
        let source = |set: &LogSet| {
            let time = |file: &ingest::LogFile| file.modified.map_or(settings.now, timestamp);
            let files: Vec<Timestamp> = set.files.iter().map(time).collect();
            let latest = files.first().copied().unwrap_or(settings.now);
            Source {
                clock: Clock::new(settings.zone.clone(), latest, settings.year),
                files,
                file: None,
                come_to: Timestamp::MIN,
                ended: false,
            }
        };
        Order {
            window_ms: settings.window_ms,
            sources: sets.iter().map(source).collect(),
            batches: Vec::new(),
            free: Vec::new(),
            waiting: Vec::new(),
            given: 0,
            sorted: true,
            arrivals: 0,
            spent: Vec::new(),
        }
    }

    /// The set that holds all others up; `None` when all have ended.
    pub(crate) fn most_behind(&self) -> Option<usize> {
        let open = self
            .sources
            .iter()
            .enumerate()
            .filter(|(_, source)| !source.ended);
        open.min_by_key(|(_, source)| source.come_to)
            .map(|(set, _)| set)
    }

    pub(crate) fn end(&mut self, set: usize) {
        self.sources[set].ended = true;
    }

    /// Takes the next batch of a set.
    pub(crate) fn add(&mut self, set: usize, parsed: ParsedBatch) {
        let slot = self.free.pop().unwrap_or(self.batches.len() as u32);
        let source = &mut self.sources[set];
        if source.file != Some(parsed.file()) {
            source.file = Some(parsed.file());
            if let Some(&latest) = source.files.get(parsed.file()) {
                source.clock.next_file(latest);
            }
        }
        let events = parsed.events();
        self.waiting.reserve(events.len());
        let mut last = self.waiting.last().map_or(Timestamp::MIN, |key| key.turn);
        for (line, event) in events.iter().enumerate() {
            let (at, origin) = source.clock.understand(&event.stamp);
            source.come_to = source.come_to.max(at);
            let too_late = source.come_to.millis_since(at) > self.window_ms;
            let turn = if too_late {
                source.come_to
            } else {
                turn(event, at)
            };
            self.sorted &= turn >= last;
            last = turn;
            let key = Key {
                turn,
                arrival: self.arrivals,
                batch: slot,
                line: line as u32,
                at,
                origin: origin as u8,
            };
            self.waiting.push(key);
            self.arrivals += 1;
        }
        let count = events.len() as u32;
        if count == 0 {
            self.free.push(slot);
            self.spent.push(parsed);
        } else if slot as usize == self.batches.len() {
            self.batches.push(Some((parsed, count)));
        } else {
            self.batches[slot as usize] = Some((parsed, count));
        }
    }

    /// Gives out all that is complete.
    pub(crate) fn give_out(
        &mut self,
        take: &mut impl FnMut(&ParsedBatch, u32, (Timestamp, TimeOrigin)),
    ) {
        if !self.sorted {
            self.waiting[self.given..].sort();
            self.sorted = true;
        }
        let open = self.sources.iter().filter(|source| !source.ended);
        let complete = open.map(|source| source.come_to).min();
        let until = complete.map_or(Timestamp::MAX, |at| at.plus_millis(-self.window_ms));
        let mut given = self.given;
        while let Some(key) = self.waiting.get(given).filter(|key| key.turn <= until) {
            given += 1;
            let slot = &mut self.batches[key.batch as usize];
            let Some((batch, left)) = slot else { continue };
            take(batch, key.line, (key.at, ORIGINS[usize::from(key.origin)]));
            *left -= 1;
            if *left == 0
                && let Some((batch, _)) = slot.take()
            {
                self.free.push(key.batch);
                self.spent.push(batch);
            }
        }
        self.given = given;
        if self.given * 2 >= self.waiting.len() {
            self.waiting.drain(..self.given);
            self.given = 0;
        }
    }

    /// Batches of which all events were given out.
    pub(crate) fn spent(&mut self) -> impl Iterator<Item = ParsedBatch> {
        self.spent.drain(..)
    }
}
