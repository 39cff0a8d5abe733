//! The content filter on the incoming hosts: amavis on 10024, back on 10025.

use crate::clock::{MS, SECOND};
use crate::delivery::Report;
use crate::hosts::{Queue, Service};
use crate::message::{Item, Rcpt, Route, State};
use crate::people::Peer;
use crate::pool::Worker;
use crate::session::{Command, Tally};
use crate::truth::Outcome;
use crate::wire::Mark;
use crate::world::{Event, World, say, tell};
use std::fmt::Write;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Clean,
    Spammy,
    Spam,
    Infected,
}

/// One scan: who does it, when it began and when the reply is logged.
pub(crate) struct Scan {
    client: Worker,
    filter: Worker,
    begun: i64,
    replied: i64,
}

impl World<'_> {
    /// The item is given to the filter, which takes its time.
    pub(crate) fn scan(&mut self, item: Box<Item>, at: i64) {
        let client = self.take(item.queue, Service::Smtp, at);
        let filter = self.take(item.queue, Service::Amavis, at);
        let takes = self.chance.lognormal(350_000.0, 0.7) as i64;
        let done = at + takes.clamp(60 * MS, 20 * SECOND);
        let scan = Scan {
            client,
            filter,
            begun: at,
            replied: done + 2 * MS,
        };
        self.schedule(done, Event::Scanned(item, scan));
    }

    pub(crate) fn scanned(&mut self, mut item: Box<Item>, mut scan: Scan, at: i64) {
        let end = match self.verdict(&item) {
            Verdict::Spam => self.blocked(&mut item, &scan, "SPAM", "spam"),
            Verdict::Infected => {
                let name = "Win.Test.EICAR_HDB-1";
                self.blocked(
                    &mut item,
                    &scan,
                    &format!("INFECTED ({name})"),
                    &format!("INFECTED: {name}"),
                )
            }
            verdict => {
                let child = self.reinject(&item, at);
                let (id, active) = (child.id, self.after(at, 9 * MS, 25 * MS));
                self.schedule(active, Event::Active(child));
                scan.replied = match self.chance.permille(600) {
                    true => self.after(active, 200 * MS, 1200 * MS),
                    false => self.after(active, 4 * MS, 30 * MS),
                };
                self.passed(&mut item, &scan, verdict, &id)
            }
        };
        self.give(item.queue, Service::Smtp, scan.client, end);
        self.give(item.queue, Service::Amavis, scan.filter, end);
        self.schedule(end, Event::Settle(item));
    }

    fn verdict(&mut self, item: &Item) -> Verdict {
        if item.sender.is_null() {
            return Verdict::Clean;
        }
        match self.chance.below(1000) {
            0..90 => Verdict::Spam,
            90..96 => Verdict::Infected,
            96..140 => Verdict::Spammy,
            _ => Verdict::Clean,
        }
    }

    /// The filtered message comes back as a new item.
    fn reinject(&mut self, item: &Item, at: i64) -> Box<Item> {
        let (queue, peer) = (item.queue, Peer::loopback());
        let server = self.take(queue, Service::Reinject, at);
        self.connect(queue, Service::Reinject, server.pid, at, &peer);
        let rcpts: Vec<Rcpt> = item
            .rcpts
            .iter()
            .map(|rcpt| Rcpt {
                orig: None,
                state: State::Open,
                ..rcpt.clone()
            })
            .collect();
        let mut tally = Tally::greeting(false);
        tally.ok(Command::Mail);
        tally.ok_times(Command::Rcpt, rcpts.len() as u16);
        let accepted = self.after(at, MS, 3 * MS);
        let mut child = self.begin_item(item.message, queue, accepted, &item.sender, rcpts);
        (child.size, child.route) = (item.size + 490, Route::Onward);
        let forwards = queue == Queue::Mx1;
        if forwards {
            tally.ok_times(Command::Xforward, 2);
            let (parent, client) = (item.id, self.client_of(item));
            let pid = server.pid;
            tell!(
                self,
                child,
                Service::Reinject,
                pid,
                accepted,
                "client={peer}, orig_queue_id={parent}, orig_client={client}"
            );
        } else {
            tell!(
                self,
                child,
                Service::Reinject,
                server.pid,
                accepted,
                "client={peer}"
            );
        }
        tally.ok(Command::Data);
        tally.ok(Command::Quit);
        let cleanup = self.take(queue, Service::Cleanup, accepted);
        let headers = self.after(accepted, MS, 4 * MS);
        self.header_lines(&child, cleanup.pid, headers);
        self.give(queue, Service::Cleanup, cleanup, headers + 9 * MS);
        let over = self.after(headers, 3 * MS, 15 * MS);
        say!(
            self,
            queue,
            Service::Reinject,
            server.pid,
            over,
            "disconnect from {peer}{tally}"
        );
        self.give(queue, Service::Reinject, server, over);
        child
    }

    /// The first client as XFORWARD tells it.
    fn client_of(&self, item: &Item) -> Peer {
        self.stories[item.message as usize]
            .client
            .clone()
            .unwrap_or_else(Peer::loopback)
    }

    fn passed(
        &mut self,
        item: &mut Item,
        scan: &Scan,
        verdict: Verdict,
        id: &crate::queue_id::QueueId,
    ) -> i64 {
        let (what, action) = match verdict {
            Verdict::Clean => ("Passed CLEAN", "RelayedInbound"),
            _ => ("Passed SPAMMY", "RelayedTaggedInbound"),
        };
        let tenths = match verdict {
            Verdict::Clean => self.chance.range(-59, 19),
            _ => self.chance.range(63, 99),
        };
        let said = scan.replied - 2 * MS;
        self.amavis_line(item, scan, said, what, action, tenths, Some(id));
        let text =
            format!("250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as {id}");
        self.filter_report(item, scan, "2.0.0", &text)
    }

    fn blocked(&mut self, item: &mut Item, scan: &Scan, what: &str, why: &str) -> i64 {
        let tenths = self.chance.range(100, 320);
        let what = format!("Blocked {what}");
        let action = "DiscardedInbound,Quarantined";
        self.amavis_line(
            item,
            scan,
            scan.replied - 2 * MS,
            &what,
            action,
            tenths,
            None,
        );
        let text = format!(
            "250 2.7.0 Ok, discarded, id={} - {why}",
            amavis_id(scan.filter)
        );
        let end = self.filter_report(item, scan, "2.7.0", &text);
        for rcpt in &item.rcpts {
            self.stories[item.message as usize].rcpts[rcpt.place as usize].outcome =
                Some(Outcome::Discarded);
        }
        end
    }

    fn filter_report(
        &mut self,
        item: &mut Item,
        scan: &Scan,
        dsn: &'static str,
        text: &str,
    ) -> i64 {
        for index in 0..item.rcpts.len() {
            let report = Report {
                at: scan.replied + index as i64 * 250,
                relay: format_args!("127.0.0.1[127.0.0.1]:10024"),
                waits: [5 * MS, 3 * MS, scan.replied - scan.begun],
                dsn,
                status: "sent",
                text: format_args!("{text}"),
            };
            self.report(item, index, Service::Smtp, scan.client.pid, &report);
        }
        scan.replied + item.rcpts.len() as i64 * MS
    }

    /// Amavis' short log template. Source: amavis `$log_short_templ`.
    #[expect(clippy::too_many_arguments, reason = "the parts of one log line")]
    fn amavis_line(
        &mut self,
        item: &Item,
        scan: &Scan,
        at: i64,
        what: &str,
        action: &str,
        tenths: i64,
        queued_as: Option<&crate::queue_id::QueueId>,
    ) {
        let (mail_id, port) = (self.mail_id(), self.chance.range(1_025, 65_000));
        let sign = if tenths < 0 { "-" } else { "" };
        let story = &self.stories[item.message as usize];
        let client = story
            .client
            .as_ref()
            .map_or("127.0.0.1", |peer| &*peer.address);
        let message_id = story.message_id.clone();
        let mark = Mark::Message(item.message);
        let line = self
            .wire
            .say_of(mark, item.queue, Service::Amavis, scan.filter.pid, at);
        let _ = write!(line, "({}) {what} {{{action}}}, ", amavis_id(scan.filter));
        let forwards = item.queue == Queue::Mx1;
        let _ = match forwards {
            true => write!(line, "[{client}]:{port} [{client}] "),
            false => write!(line, "LOCAL [127.0.0.1]:{port} [{client}] "),
        };
        let _ = write!(line, "<{}> -> ", item.sender.text);
        for (nth, rcpt) in item.rcpts.iter().enumerate() {
            let comma = if nth > 0 { "," } else { "" };
            let _ = write!(line, "{comma}<{}>", rcpt.address.text);
        }
        if queued_as.is_none() {
            let kind = if what.contains("SPAM") {
                "spam"
            } else {
                "virus"
            };
            let _ = write!(line, ", quarantine: {}/{kind}-{mail_id}.gz", &mail_id[..1]);
        }
        if forwards {
            let _ = write!(line, ", Queue-ID: {}", item.id);
        }
        if let Some(message_id) = message_id {
            let _ = write!(line, ", Message-ID: {message_id}");
        }
        let _ = write!(line, ", mail_id: {mail_id}, Hits: ");
        let _ = match what.contains("INFECTED") {
            true => write!(line, "-"),
            false => write!(line, "{sign}{}.{}", tenths.abs() / 10, tenths.abs() % 10),
        };
        let _ = write!(line, ", size: {}", item.size);
        if let Some(id) = queued_as {
            let _ = write!(line, ", queued_as: {id}");
        }
        let _ = write!(line, ", {} ms", (at - scan.begun) / MS);
    }

    fn mail_id(&mut self) -> String {
        let mut bytes = [0; 9];
        bytes[..8].copy_from_slice(&self.chance.bits().to_le_bytes());
        bytes[8] = self.chance.below(256) as u8;
        crate::store::base64(&bytes)
            .replace('+', "-")
            .replace('/', "_")
    }
}

fn amavis_id(filter: Worker) -> String {
    format!("{:05}-{:02}", filter.pid, filter.jobs + 1)
}
