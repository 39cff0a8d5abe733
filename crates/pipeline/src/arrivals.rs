//! Lines as they arrive from any number of sources, put in order of time within a short hold.
//!
//! Of files the order is found by looking at all of them; what arrives cannot be waited for. A line is
//! held for a moment, so that what other sources wrote before it can come, and is then given out, with
//! all that is older.

use crate::once::Once;
use crate::order::is_late_in_its_second;
use bstr::BString;
use correlate::Read;
use jiff::tz::TimeZone;
use model::{Event, Line, LineId, TimeOrigin, Timestamp};
use parse::Clock;
use self_cell::self_cell;
use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

/// A line that arrived.
#[derive(Clone, Copy, Debug)]
pub struct Arrival<'a> {
    /// Its number; greater than that of each line that arrived before.
    pub id: LineId,
    /// When it was received.
    pub received: Timestamp,
    /// Where it came from.
    pub source: &'a [u8],
    /// Its bytes.
    pub raw: &'a [u8],
}

/// How lines that arrive are understood.
#[derive(Clone, Debug)]
pub struct ArrivalSettings {
    /// Zone of stamps that have none.
    pub zone: TimeZone,
    /// Host of lines that name none; `None` to leave it empty.
    pub host: Option<BString>,
    /// How long a line waits for older ones, milliseconds.
    pub hold_ms: i64,
    /// A line that comes again by another way within so many milliseconds is told to be the same;
    /// `None`: no line is looked for.
    pub once_ms: Option<i64>,
}

/// A line whose turn it is.
pub struct Given<'a> {
    /// What it says.
    pub read: Read<'a>,
    /// Where it came from.
    pub source: &'a [u8],
    /// When it was received.
    pub received: Timestamp,
    /// Whether the same line came before by another way.
    pub is_again: bool,
}

/// A line with what was understood of it.
struct Held {
    id: LineId,
    received: Timestamp,
    source: usize,
    /// Place in `Bytes::raw`.
    raw: Range<usize>,
    /// Place in `Bytes::text` of what is read in its stead, if it was wrapped.
    text: Option<Range<usize>>,
}

/// The bytes of lines that arrived together.
#[derive(Default)]
struct Bytes {
    lines: Vec<Held>,
    raw: Vec<u8>,
    text: Vec<u8>,
}

type Events<'a> = Vec<Event<'a>>;

self_cell!(
    struct Batch {
        owner: Bytes,

        #[covariant]
        dependent: Events,
    }
);

/// Where a line comes in the order, and where it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    turn: Timestamp,
    id: LineId,
    received: Timestamp,
    batch: usize,
    line: usize,
    at: Timestamp,
    origin: TimeOrigin,
}

struct Source {
    name: Vec<u8>,
    clock: Clock,
    come_to: Timestamp,
}

/// Lines that wait for their turn.
pub struct Arrivals {
    settings: ArrivalSettings,
    sources: Vec<Source>,
    by_name: HashMap<Vec<u8>, usize>,
    /// Batches of which lines wait, each with their number.
    batches: Vec<Option<(Batch, usize)>>,
    free: Vec<usize>,
    waiting: Vec<Key>,
    once: Option<Once>,
}

impl Arrivals {
    /// Nothing arrived yet.
    pub fn new(settings: ArrivalSettings) -> Self {
        Arrivals {
            once: settings.once_ms.map(Once::new),
            settings,
            sources: Vec::new(),
            by_name: HashMap::new(),
            batches: Vec::new(),
            free: Vec::new(),
            waiting: Vec::new(),
        }
    }

    /// Takes lines in the order of their arrival.
    pub fn add<'a>(&mut self, lines: impl Iterator<Item = Arrival<'a>>) {
        let mut bytes = Bytes::default();
        for line in lines {
            let source = self.source(line.source, line.received);
            bytes.push(line, source);
        }
        if bytes.lines.is_empty() {
            return;
        }
        let batch = Batch::new(bytes, |bytes| {
            let lines = bytes.lines.iter();
            lines
                .map(|line| parse::line(bytes.readable(line)))
                .collect()
        });
        let slot = self.free.pop().unwrap_or(self.batches.len());
        let lines = &batch.borrow_owner().lines;
        for (line, (held, event)) in lines.iter().zip(batch.borrow_dependent()).enumerate() {
            let source = &mut self.sources[held.source];
            source.clock.next_received(held.received);
            let (at, origin) = match event.stamp.is_present() {
                true => source.clock.understand(&event.stamp),
                // Nothing tells when it was written; when it came is near.
                false => (held.received, TimeOrigin::Inherited),
            };
            // One that was ahead and is put right has come to no more than the time at which it came.
            source.come_to = source.come_to.max(at.min(held.received));
            let too_late = source.come_to.millis_since(at) > crate::WINDOW_MS;
            let turn = match self.once {
                _ if too_late => source.come_to,
                Some(_) => within_second(at, held.received),
                None if is_late_in_its_second(event) => within_second(at, held.received),
                None => at,
            };
            self.waiting.push(Key {
                turn,
                id: held.id,
                received: held.received,
                batch: slot,
                line,
                at,
                origin,
            });
        }
        let count = lines.len();
        self.batches
            .resize_with(self.batches.len().max(slot + 1), || None);
        self.batches[slot] = Some((batch, count));
    }

    fn source(&mut self, name: &[u8], received: Timestamp) -> usize {
        if let Some(&known) = self.by_name.get(name) {
            return known;
        }
        self.sources.push(Source {
            name: name.to_owned(),
            clock: Clock::new(self.settings.zone.clone(), received, None),
            come_to: Timestamp::MIN,
        });
        self.by_name.insert(name.to_owned(), self.sources.len() - 1);
        self.sources.len() - 1
    }

    /// How many lines wait.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Gives out what was held long enough at a time, and all that is older. What was received later than
    /// that has waited until the clock was put back: long enough, too. Nothing is written after it came:
    /// a line of a clock that is ahead does not hasten those of others.
    pub fn give_out(&mut self, now: Timestamp, take: impl FnMut(Given<'_>)) {
        let ripe = now.plus_millis(-self.settings.hold_ms);
        let is_ripe = |key: &Key| key.received <= ripe || key.received > now;
        let held_enough = self.waiting.iter().filter(|key| is_ripe(key));
        let Some(until) = held_enough.map(|key| key.turn.min(key.received)).max() else {
            return;
        };
        let mut given = self.take_until(until);
        given.extend(self.waiting.extract_if(.., |key| is_ripe(key)));
        self.give(given, take);
    }

    /// Gives out all.
    pub fn give_all(&mut self, take: impl FnMut(Given<'_>)) {
        let given = self.take_until(Timestamp::MAX);
        self.give(given, take);
    }

    /// Those whose turn comes by a time, in their order.
    fn take_until(&mut self, until: Timestamp) -> Vec<Key> {
        self.waiting.sort_unstable();
        let end = self.waiting.partition_point(|key| key.turn <= until);
        self.waiting.drain(..end).collect()
    }

    fn give(&mut self, given: Vec<Key>, mut take: impl FnMut(Given<'_>)) {
        for key in given {
            let Some((batch, left)) = &mut self.batches[key.batch] else {
                continue;
            };
            let bytes = batch.borrow_owner();
            let held = &bytes.lines[key.line];
            let event = &batch.borrow_dependent()[key.line];
            let has_stamp = event.stamp.is_present();
            let event = with_host(event, self.settings.host.as_ref());
            let is_again = self.once.as_mut().is_some_and(|once| {
                let second = has_stamp.then(|| key.at.as_seconds());
                let text = parse::text(bytes.readable(held));
                once.is_again((&event, second, text), held.source, held.received)
            });
            let line = Line {
                id: held.id,
                at: key.at,
                raw: &bytes.raw[held.raw.clone()],
            };
            let read = Read {
                event: &event,
                origin: key.origin,
                line,
            };
            take(Given {
                read,
                source: &self.sources[held.source].name,
                received: held.received,
                is_again,
            });
            *left -= 1;
            if *left == 0 {
                self.batches[key.batch] = None;
                self.free.push(key.batch);
            }
        }
    }
}

/// The turn of a line that may come by another way too: one that tells whole seconds was written
/// somewhere in its second, not after it was received. So of two equal lines the one that tells more comes
/// first, and is kept.
fn within_second(at: Timestamp, received: Timestamp) -> Timestamp {
    let second = Timestamp::from_seconds(at.as_seconds());
    match at == second {
        true => received.clamp(at, second.plus_millis(999)),
        false => at,
    }
}

/// An event with the host that lines without one are from.
fn with_host<'e, 'a>(event: &'e Event<'a>, host: Option<&'a BString>) -> Cow<'e, Event<'a>> {
    let mut event = Cow::Borrowed(event);
    if let Some(host) = host.filter(|_| event.host.is_empty()) {
        event.to_mut().host = host.as_ref();
    }
    event
}

impl Bytes {
    fn push(&mut self, line: Arrival<'_>, source: usize) {
        let start = self.raw.len();
        self.raw.extend_from_slice(line.raw);
        let text = match ingest::readable(line.raw) {
            Cow::Borrowed(_) => None,
            Cow::Owned(text) => {
                let start = self.text.len();
                self.text.extend_from_slice(&text);
                Some(start..self.text.len())
            }
        };
        self.lines.push(Held {
            id: line.id,
            received: line.received,
            source,
            raw: start..self.raw.len(),
            text,
        });
    }

    /// What a parser reads of a line.
    fn readable(&self, line: &Held) -> &[u8] {
        let raw = &self.raw[line.raw.clone()];
        match &line.text {
            Some(text) => &self.text[text.clone()],
            None => raw.strip_suffix(b"\r").unwrap_or(raw),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrivals() -> Arrivals {
        Arrivals::new(ArrivalSettings {
            zone: TimeZone::UTC,
            host: Some("here".into()),
            hold_ms: 250,
            once_ms: None,
        })
    }

    fn arrival(
        id: u64,
        received_ms: i64,
        source: &'static str,
        raw: &'static str,
    ) -> Arrival<'static> {
        Arrival {
            id: LineId(id),
            received: at(received_ms),
            source: source.as_bytes(),
            raw: raw.as_bytes(),
        }
    }

    /// A moment of 2026-11-22T08:00:00Z and so many milliseconds.
    fn at(ms: i64) -> Timestamp {
        Timestamp::from_seconds(1_795_334_400).plus_millis(ms)
    }

    fn given(arrivals: &mut Arrivals, now_ms: i64) -> Vec<(u64, String, String)> {
        let mut given = Vec::new();
        arrivals.give_out(at(now_ms), |it| {
            let host = String::from_utf8_lossy(it.read.event.host).into_owned();
            let source = String::from_utf8_lossy(it.source).into_owned();
            given.push((it.read.line.id.0, host, source));
        });
        given
    }

    #[test]
    fn lines_of_two_sources_come_in_order_of_time_after_the_hold() {
        let mut arrivals = arrivals();
        let lines = [
            arrival(
                1,
                0,
                "b",
                "<22>1 2026-11-22T08:00:00.002Z mx2 postfix/qmgr 7 - - 4abc: removed",
            ),
            arrival(
                2,
                1,
                "a",
                "<22>1 2026-11-22T08:00:00.001Z mx1 postfix/qmgr 7 - - 4abd: removed",
            ),
            arrival(
                3,
                200,
                "a",
                "<22>1 2026-11-22T08:00:00.100Z mx1 postfix/qmgr 7 - - 4abe: removed",
            ),
        ];
        arrivals.add(lines.into_iter());
        assert_eq!(given(&mut arrivals, 240), []);
        let told = |id, host: &str, source: &str| (id, host.to_owned(), source.to_owned());
        assert_eq!(
            given(&mut arrivals, 260),
            [told(2, "mx1", "a"), told(1, "mx2", "b")]
        );
        assert_eq!(given(&mut arrivals, 450), [told(3, "mx1", "a")]);
        assert_eq!(arrivals.waiting(), 0);
    }

    #[test]
    fn lines_do_not_wait_for_a_clock_that_was_put_back() {
        let mut arrivals = arrivals();
        let line = "<22>1 2026-11-22T08:00:00.002Z mx2 postfix/qmgr 7 - - 4abc: removed";
        arrivals.add([arrival(1, 3_600_000, "a", line)].into_iter());
        assert_eq!(given(&mut arrivals, 3_600_100), []);
        assert_eq!(given(&mut arrivals, 100).len(), 1);
    }

    #[test]
    fn a_clock_that_is_ahead_does_not_hasten_the_lines_of_others() {
        let mut arrivals = arrivals();
        let lines = [
            arrival(
                1,
                0,
                "ahead",
                "<22>1 2026-11-22T11:00:00Z mx3 postfix/qmgr 7 - - 4abc: removed",
            ),
            arrival(
                2,
                100,
                "b",
                "<22>1 2026-11-22T08:00:00.1Z mx2 postfix/qmgr 7 - - 4abd: removed",
            ),
        ];
        arrivals.add(lines.into_iter());
        let numbers = |given: Vec<(u64, String, String)>| -> Vec<u64> {
            given.into_iter().map(|(id, ..)| id).collect()
        };
        assert_eq!(numbers(given(&mut arrivals, 250)), [1]);
        let older = "<22>1 2026-11-22T08:00:00.05Z mx1 postfix/qmgr 7 - - 4abe: removed";
        arrivals.add([arrival(3, 300, "a", older)].into_iter());
        assert_eq!(numbers(given(&mut arrivals, 350)), [3, 2]);
    }

    #[test]
    fn lines_of_a_clock_that_is_ahead_keep_their_order() {
        let mut arrivals = arrivals();
        let lines = [
            "<22>1 2027-11-22T08:00:09Z mx3 postfix/qmgr 7 - - 4abc: removed",
            "<22>1 2027-11-22T08:00:10Z mx3 postfix/qmgr 7 - - 4abd: removed",
            // It is put right.
            "<22>1 2026-11-22T08:00:00Z mx3 postfix/qmgr 7 - - 4abe: removed",
            "<22>1 2026-11-22T08:00:00Z mx3 postfix/qmgr 7 - - 4abf: removed",
        ];
        let lines = (0..).zip(lines);
        arrivals.add(lines.map(|(id, raw)| arrival(id, id as i64, "a", raw)));
        let mut order = Vec::new();
        arrivals.give_all(|it| order.push(it.read.line.id.0));
        // What says whole seconds only stands at the beginning of its own.
        assert_eq!(order, [2, 3, 0, 1]);
    }

    #[test]
    fn what_says_no_time_or_host_gets_those_of_its_arrival() {
        let mut arrivals = arrivals();
        arrivals.add([arrival(1, 5, "a", "postfix/qmgr[7]: 4abc: removed")].into_iter());
        let mut times = Vec::new();
        arrivals.give_all(|it| {
            times.push((it.read.line.at, it.read.event.host.to_vec(), it.received));
        });
        assert_eq!(times, [(at(5), b"here".to_vec(), at(5))]);
    }

    #[test]
    fn wrapped_lines_are_read_and_kept() {
        let mut arrivals = arrivals();
        let raw = r#"{"__REALTIME_TIMESTAMP":"1795334400000000","_HOSTNAME":"mx1","SYSLOG_IDENTIFIER":"postfix/qmgr","MESSAGE":"4ABC123456: removed"}"#;
        arrivals.add([arrival(1, 0, "a", raw)].into_iter());
        let mut rules = Vec::new();
        arrivals.give_all(|Given { read, .. }| {
            assert_eq!(read.line.raw, raw.as_bytes());
            rules.push((read.event.host.to_vec(), read.event.rule.is_empty()));
        });
        assert_eq!(rules, [(b"mx1".to_vec(), false)]);
    }

    /// Which of the lines came again by another way.
    fn again(lines: &[(&'static str, &'static str)]) -> Vec<bool> {
        let mut arrivals = Arrivals::new(ArrivalSettings {
            zone: TimeZone::get("Europe/Rome").expect("it is known"),
            once_ms: Some(60_000),
            ..arrivals().settings
        });
        let lines = (0..).zip(lines);
        let lines = lines.map(|(id, (source, raw))| arrival(id, id as i64, source, raw));
        arrivals.add(lines);
        let mut again = Vec::new();
        arrivals.give_all(|it| again.push((it.read.line.id, it.is_again)));
        again.sort();
        again.into_iter().map(|(_, it)| it).collect()
    }

    #[test]
    fn the_same_line_is_known_in_each_form_of_syslog() {
        let lines = [
            ("file", "Nov 22 09:00:00 mx1 postfix/qmgr[7]: 4abc: removed"),
            (
                "relp",
                "<22>1 2026-11-22T09:00:00.912345+01:00 mx1 postfix/qmgr 7 - -  4abc: removed",
            ),
            (
                "udp",
                "<22>Nov 22 09:00:00 mx1 postfix/qmgr[7]: 4abc: removed",
            ),
            (
                "tcp",
                "<22>1 2026-11-22T08:00:00.912Z mx1 postfix 7 - - 4abc: removed\r",
            ),
            (
                "http",
                r#"{"__REALTIME_TIMESTAMP":"1795334400912345","_HOSTNAME":"mx1","SYSLOG_IDENTIFIER":"postfix/qmgr","SYSLOG_PID":"7","_PID":"7","MESSAGE":"4abc: removed"}"#,
            ),
        ];
        assert_eq!(again(&lines), [false, true, true, true, true]);
    }

    #[test]
    fn of_equal_lines_the_one_that_tells_more_is_kept() {
        let mut arrivals = Arrivals::new(ArrivalSettings {
            once_ms: Some(60_000),
            ..arrivals().settings
        });
        let accepted = "Nov 22 08:00:00 mx1 postfix/qmgr[7]: 4abc: from=<a@b.example>, size=1";
        let removed = "Nov 22 08:00:00 mx1 postfix/qmgr[7]: 4abc: removed";
        let accepted_then =
            "<22>1 2026-11-22T08:00:00.4Z mx1 postfix/qmgr 7 - - 4abc: from=<a@b.example>, size=1";
        let removed_then = "<22>1 2026-11-22T08:00:00.5Z mx1 postfix/qmgr 7 - - 4abc: removed";
        let lines = [
            arrival(1, 500, "tcp", accepted),
            arrival(2, 510, "tcp", removed),
            arrival(3, 512, "relp", accepted_then),
            arrival(4, 513, "relp", removed_then),
        ];
        for line in lines {
            arrivals.add([line].into_iter());
        }
        let mut given = Vec::new();
        let take = |it: Given<'_>| given.push((it.source.to_vec(), it.is_again));
        arrivals.give_out(at(800), take);
        assert_eq!(given.len(), 4);
        assert!(
            given
                .iter()
                .all(|(source, is_again)| *is_again == (source == b"tcp"))
        );
    }

    #[test]
    fn equal_lines_of_a_second_stay_as_many_as_they_are() {
        let line = "Nov 22 09:00:00 mx1 postfix/qmgr[7]: 4abc: removed";
        let by =
            |ways: &[&'static str]| again(&ways.iter().map(|way| (*way, line)).collect::<Vec<_>>());
        assert_eq!(by(&["a", "a", "b", "b"]), [false, false, true, true]);
        assert_eq!(by(&["a", "b", "b", "a"]), [false, true, false, true]);
        assert_eq!(by(&["b", "a", "a", "a"]), [false, true, false, false]);
    }

    #[test]
    fn lines_that_differ_in_anything_are_not_the_same() {
        let lines = [
            ("a", "Nov 22 09:00:00 mx1 postfix/qmgr[7]: 4abc: removed"),
            ("b", "Nov 22 09:00:01 mx1 postfix/qmgr[7]: 4abc: removed"),
            ("b", "Nov 22 09:00:00 mx2 postfix/qmgr[7]: 4abc: removed"),
            (
                "b",
                "Nov 22 09:00:00 mx1 postfix-out/qmgr[7]: 4abc: removed",
            ),
            ("b", "Nov 22 09:00:00 mx1 postfix/qmgr[8]: 4abc: removed"),
            ("b", "Nov 22 09:00:00 mx1 postfix/qmgr[7]: 4abd: removed"),
        ];
        assert_eq!(again(&lines), [false; 6]);
    }

    #[test]
    fn lines_without_a_time_or_host_are_known_too() {
        let lines = [
            ("a", "postfix/qmgr[7]: 4abc: removed"),
            ("b", "postfix/qmgr[7]: 4abc: removed"),
        ];
        assert_eq!(again(&lines), [false, true]);
    }
}
