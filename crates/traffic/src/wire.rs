//! The way of a line from the program that says it to the collector.
//!
//! Lines are said with the time they are due and wait in a heap until the simulation has passed that time.
//! Then they get their stamp, which is strictly increasing per host, and go out at once or, when shuffled,
//! through a second heap ordered by arrival.

use crate::chance::Chance;
use crate::clock::Stamper;
use crate::hosts::{HOSTS, Host, Queue, SERVICES, Service};
use crate::plan::{Plan, Stamps};
use crate::truth::Summary;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// What belongs to a line besides its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    /// Of no message.
    Nothing,
    /// Carries the queue id of an item: message and item number.
    Item(u32, u16),
    /// Of a message, without its queue id in front.
    Message(u32),
    /// No line: the message has ended.
    Finish(u32),
}

struct Waiting {
    queue: Queue,
    service: Service,
    pid: u32,
    mark: Mark,
    text: String,
}

/// A line that has gone out, or the end of a message.
pub(crate) struct Passed {
    pub(crate) mark: Mark,
    pub(crate) stamp: i64,
}

pub(crate) struct Wire<'a> {
    sink: &'a mut dyn FnMut(&str, &[u8]),
    stamps: Stamps,
    stamper: Stamper,
    due: BinaryHeap<Reverse<(i64, u64, u32)>>,
    slots: Vec<Waiting>,
    free: Vec<u32>,
    said: u64,
    marked: u64,
    last_stamp: [i64; HOSTS],
    out: Vec<u8>,
    late: Late,
    counts: [[u64; SERVICES]; 3],
    bytes: u64,
}

impl<'a> Wire<'a> {
    pub(crate) fn new(plan: &Plan, sink: &'a mut dyn FnMut(&str, &[u8])) -> Self {
        Wire {
            sink,
            stamps: plan.stamps,
            stamper: Stamper::new(plan),
            due: BinaryHeap::new(),
            slots: Vec::new(),
            free: Vec::new(),
            said: 0,
            marked: 0,
            last_stamp: [0; HOSTS],
            out: Vec::new(),
            late: Late::new(plan),
            counts: [[0; SERVICES]; 3],
            bytes: 0,
        }
    }

    /// A line said at `at`: the text to be filled in.
    pub(crate) fn say(&mut self, queue: Queue, service: Service, pid: u32, at: i64) -> &mut String {
        self.said += 1;
        self.wait(
            Waiting {
                queue,
                service,
                pid,
                mark: Mark::Nothing,
                text: String::new(),
            },
            at,
        )
    }

    /// The same for a line that belongs to a message.
    pub(crate) fn say_of(
        &mut self,
        mark: Mark,
        queue: Queue,
        service: Service,
        pid: u32,
        at: i64,
    ) -> &mut String {
        self.said += 1;
        self.wait(
            Waiting {
                queue,
                service,
                pid,
                mark,
                text: String::new(),
            },
            at,
        )
    }

    /// Reports the end of a message when all lines up to `at` have passed.
    pub(crate) fn finish(&mut self, message: u32, at: i64) {
        let mark = Mark::Finish(message);
        let end = Waiting {
            queue: Queue::Mx1,
            service: Service::Master,
            pid: 0,
            mark,
            text: String::new(),
        };
        self.wait(end, at);
    }

    /// Lines said so far, those still waiting included.
    pub(crate) fn said(&self) -> u64 {
        self.said
    }

    fn wait(&mut self, line: Waiting, at: i64) -> &mut String {
        self.marked += 1;
        let slot = match self.free.pop() {
            Some(slot) => {
                let kept = &mut self.slots[slot as usize];
                let mut text = std::mem::take(&mut kept.text);
                text.clear();
                *kept = Waiting { text, ..line };
                slot
            }
            None => {
                self.slots.push(line);
                (self.slots.len() - 1) as u32
            }
        };
        self.due.push(Reverse((at, self.marked, slot)));
        &mut self.slots[slot as usize].text
    }

    /// Lets the next line pass that is due at `now` or before.
    pub(crate) fn pass(&mut self, now: i64) -> Option<Passed> {
        let Reverse((at, _, slot)) = *self.due.peek()?;
        if at > now {
            return None;
        }
        self.due.pop();
        self.free.push(slot);
        let mark = self.slots[slot as usize].mark;
        if matches!(mark, Mark::Finish(_)) {
            return Some(Passed { mark, stamp: at });
        }
        Some(Passed {
            mark,
            stamp: self.write(slot, at),
        })
    }

    fn write(&mut self, slot: u32, at: i64) -> i64 {
        let line = &self.slots[slot as usize];
        let host = line.queue.host();
        let last = &mut self.last_stamp[host as usize];
        *last = at.max(*last + 1);
        let stamp = *last;
        self.counts[instance_number(line.queue, line.service)][line.service as usize] += 1;
        self.out.clear();
        head(&mut self.out, self.stamps, &mut self.stamper, line, stamp);
        self.out.extend_from_slice(line.text.as_bytes());
        self.bytes += self.out.len() as u64;
        self.late.forward(host, stamp, &self.out, self.sink);
        stamp
    }

    /// Lets everything through that was held back to arrive late.
    pub(crate) fn flush(&mut self) {
        self.late.release(i64::MAX, self.sink);
    }

    pub(crate) fn sum_up(&self, summary: &mut Summary) {
        summary.lines = self.counts.iter().flatten().sum();
        summary.bytes = self.bytes;
        for service in Service::ALL {
            for (number, instance) in ["postfix", "postfix-in", "postfix-out"].iter().enumerate() {
                let count = self.counts[number][service as usize];
                if count == 0 {
                    continue;
                }
                let name = match service.is_postfix() {
                    true => format!("{instance}/{}", service.label()),
                    false => service.label().to_owned(),
                };
                *summary.lines_by_program.entry(name).or_default() += count;
            }
        }
    }
}

fn instance_number(queue: Queue, service: Service) -> usize {
    match queue {
        Queue::GwIn if service.is_postfix() => 1,
        Queue::GwOut if service.is_postfix() => 2,
        _ => 0,
    }
}

fn head(out: &mut Vec<u8>, stamps: Stamps, stamper: &mut Stamper, line: &Waiting, stamp: i64) {
    let wire = stamps == Stamps::Rfc5424;
    if wire {
        let warning = line.text.starts_with("warning: ");
        out.extend_from_slice(if warning { b"<20>1 " } else { b"<22>1 " });
    }
    stamper.write(stamp, out);
    out.push(b' ');
    out.extend_from_slice(line.queue.host().label().as_bytes());
    out.push(b' ');
    if line.service.is_postfix() {
        out.extend_from_slice(line.queue.instance().as_bytes());
        out.push(b'/');
    }
    out.extend_from_slice(line.service.label().as_bytes());
    match (wire, line.pid) {
        (true, 0) => out.extend_from_slice(b" -"),
        (true, _) => out.push(b' '),
        (false, 0) => {}
        (false, _) => out.push(b'['),
    }
    if line.pid != 0 {
        number(out, line.pid);
    }
    match (wire, line.pid) {
        (true, _) => out.extend_from_slice(b" - - "),
        (false, 0) => out.extend_from_slice(b": "),
        (false, _) => out.extend_from_slice(b"]: "),
    }
}

fn number(out: &mut Vec<u8>, mut value: u32) {
    let mut digits = [0; 10];
    let mut at = digits.len();
    while value > 0 {
        at -= 1;
        digits[at] = b'0' + (value % 10) as u8;
        value /= 10;
    }
    out.extend_from_slice(&digits[at..]);
}

/// Lines on their way, when the way takes time.
struct Late {
    delay_us: u64,
    hosts_separate: bool,
    chance: Chance,
    arriving: BinaryHeap<Reverse<(i64, u64, usize)>>,
    lines: Vec<(Host, Vec<u8>)>,
    free: Vec<usize>,
    last_arrival: [i64; HOSTS],
    count: u64,
}

impl Late {
    fn new(plan: &Plan) -> Self {
        Late {
            delay_us: u64::from(plan.shuffle_ms) * 1000,
            hosts_separate: plan.hosts_separate,
            chance: Chance::seeded(plan.seed ^ 0x5AFE_1A7E),
            arriving: BinaryHeap::new(),
            lines: Vec::new(),
            free: Vec::new(),
            last_arrival: [i64::MIN; HOSTS],
            count: 0,
        }
    }

    fn forward(&mut self, host: Host, stamp: i64, line: &[u8], sink: &mut dyn FnMut(&str, &[u8])) {
        if self.delay_us == 0 {
            return sink(host.label(), line);
        }
        self.release(stamp - 1, sink);
        let mut arrival = stamp + self.chance.below(self.delay_us) as i64;
        if self.hosts_separate {
            let last = &mut self.last_arrival[host as usize];
            *last = arrival.max(*last);
            arrival = *last;
        }
        let slot = self.free.pop().unwrap_or_else(|| {
            self.lines.push((host, Vec::new()));
            self.lines.len() - 1
        });
        let (of, text) = &mut self.lines[slot];
        *of = host;
        text.clear();
        text.extend_from_slice(line);
        self.count += 1;
        self.arriving.push(Reverse((arrival, self.count, slot)));
    }

    fn release(&mut self, now: i64, sink: &mut dyn FnMut(&str, &[u8])) {
        while let Some(Reverse((arrival, _, slot))) = self.arriving.peek().copied() {
            if arrival > now {
                break;
            }
            self.arriving.pop();
            let (host, text) = &self.lines[slot];
            sink(host.label(), text);
            self.free.push(slot);
        }
    }
}
