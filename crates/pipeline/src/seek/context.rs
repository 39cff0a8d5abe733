//! The lines around those found that belong to the same session or connection but name no id:
//! connect, TLS, disconnect.

use super::{Hit, key};
use model::Body;
use std::collections::{BTreeMap, HashMap};

/// A process that wrote lines of a message, in one set.
type ProcessName = (usize, Box<[u8]>);
/// A line's file in its set, and number.
type LineAt = (usize, u64);

/// Processes of which the session is wanted, and their lines.
#[derive(Default)]
pub(super) struct Context {
    /// Lines for which the lines around are wanted.
    wanted: HashMap<ProcessName, Vec<LineAt>>,
    asked: usize,
    names: Vec<Box<[u8]>>,
    lines: HashMap<ProcessName, BTreeMap<LineAt, Hit>>,
}

/// So many processes at the most: beyond, the answer is long enough without sessions.
const PROCESSES_MAX: usize = 500;

impl Context {
    /// A line was found: notes its process, if lines around it tell more.
    pub(super) fn wants(&mut self, hit: &Hit) {
        let event = parse::line(hit.readable());
        if !matches!(event.body, Body::Transaction(_) | Body::Delivery(_)) {
            return;
        }
        let Some(pid) = event.pid else { return };
        let name = process_name(event.program, pid);
        let process = (hit.place.set, name.clone());
        if !self.wanted.contains_key(&process) && self.wanted.len() < PROCESSES_MAX {
            self.names.push(name);
        } else if !self.wanted.contains_key(&process) {
            return;
        }
        let at = (hit.place.file, hit.place.line);
        self.wanted.entry(process).or_default().push(at);
    }

    /// Names of processes not yet asked for.
    pub(super) fn new_processes(&mut self) -> Vec<Box<[u8]>> {
        let new = self.names[self.asked..].to_vec();
        self.asked = self.names.len();
        new
    }

    /// Takes the lines of the processes asked for.
    pub(super) fn add(&mut self, hits: &[Hit]) {
        for hit in hits {
            let event = parse::line(hit.readable());
            let Some(pid) = event.pid else { continue };
            let process = (hit.place.set, process_name(event.program, pid));
            if self.wanted.contains_key(&process) {
                let at = (hit.place.file, hit.place.line);
                self.lines
                    .entry(process)
                    .or_default()
                    .insert(at, hit.clone());
            }
        }
    }

    /// The lines that belong to the sessions and connections of the lines found.
    pub(super) fn around(self) -> Vec<Hit> {
        let mut around = BTreeMap::new();
        for (process, wanted) in &self.wanted {
            let Some(lines) = self.lines.get(process) else {
                continue;
            };
            for &at in wanted {
                let session = before(lines, at).into_iter().chain(after(lines, at));
                around.extend(session.map(|hit| (key(hit.place), hit.clone())));
            }
        }
        around.into_values().collect()
    }
}

/// `smtpd[910]:`
fn process_name(program: &[u8], pid: u32) -> Box<[u8]> {
    [program, format!("[{pid}]:").as_bytes()].concat().into()
}

/// What a line is to the session of its process.
enum Edge {
    Begins,
    Ends,
    Within,
}

fn edge(hit: &Hit) -> Edge {
    match parse::line(hit.readable()).body {
        Body::Connected(_) => Edge::Begins,
        Body::Disconnected(_) | Body::Delivery(_) => Edge::Ends,
        _ => Edge::Within,
    }
}

fn before(lines: &BTreeMap<LineAt, Hit>, at: LineAt) -> Vec<&Hit> {
    let mut taken = Vec::new();
    for (_, hit) in lines.range(..at).rev() {
        match edge(hit) {
            Edge::Ends => break,
            Edge::Within => taken.push(hit),
            Edge::Begins => {
                taken.push(hit);
                break;
            }
        }
    }
    taken
}

fn after(lines: &BTreeMap<LineAt, Hit>, at: LineAt) -> Vec<&Hit> {
    let is_server = lines
        .range(..=at)
        .next_back()
        .is_some_and(|(_, hit)| matches!(parse::line(hit.readable()).body, Body::Transaction(_)));
    let mut taken = Vec::new();
    if !is_server {
        return taken;
    }
    for (_, hit) in lines.range((at.0, at.1 + 1)..) {
        match edge(hit) {
            Edge::Begins => break,
            Edge::Within => taken.push(hit),
            Edge::Ends => {
                taken.push(hit);
                break;
            }
        }
    }
    taken
}
