//! From our outgoing host to the world.

use crate::clock::{HOUR, MINUTE, MS, SECOND};
use crate::delivery::Report;
use crate::hosts::Service;
use crate::message::{Fate, Item, State};
use crate::people::{Home, Peer, Software, Temper};
use crate::queue_id::QueueId;
use crate::store::base64;
use crate::truth::Outcome;
use crate::world::{World, say};

/// How long the queue manager leaves a destination alone after a failure.
const SUSPENDED_US: i64 = 7 * MINUTE;

/// A remote site as seen by one attempt.
pub(crate) struct Site {
    pub(crate) number: usize,
    pub(crate) mx: Peer,
    pub(crate) software: Software,
    temper: Temper,
    pub(crate) tls: bool,
}

/// What a connection to a remote site meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meets {
    NoDomain,
    /// It did not answer lately, so nobody asks.
    Rest,
    NoAnswer,
    Talk {
        greylists: bool,
    },
}

impl World<'_> {
    /// Tries all open remote recipients, one connection a domain.
    pub(crate) fn send_out(&mut self, item: &mut Item, at: i64) -> i64 {
        let mut domains: Vec<u16> = item
            .rcpts
            .iter()
            .filter(|rcpt| rcpt.state == State::Open)
            .filter_map(|rcpt| match rcpt.address.home {
                Home::Remote(number) => Some(number),
                _ => None,
            })
            .collect();
        domains.sort_unstable();
        domains.dedup();
        let mut end = at;
        for number in domains {
            end = end.max(self.send_to(item, usize::from(number), at));
        }
        end
    }

    fn send_to(&mut self, item: &mut Item, number: usize, at: i64) -> i64 {
        let (site, meets) = self.site(number, at);
        let chosen: Vec<usize> = (0..item.rcpts.len())
            .filter(|index| {
                let rcpt = &item.rcpts[*index];
                rcpt.state == State::Open && rcpt.address.home == Home::Remote(number as u16)
            })
            .collect();
        match meets {
            Meets::NoDomain => self.no_domain(item, &site, &chosen, at),
            Meets::Rest => self.suspended(item, &site, &chosen, at),
            Meets::NoAnswer => self.timed_out(item, &site, &chosen, at),
            Meets::Talk { .. } => self.conversation(item, &site, &chosen, at),
        }
    }

    /// A remote site, and what one meets there.
    pub(crate) fn site(&self, number: usize, at: i64) -> (Site, Meets) {
        let domain = &self.people.remote_domains[number];
        let dead = match domain.temper {
            Temper::DeadUntil(hour) => at - self.begin < i64::from(hour).saturating_mul(HOUR),
            _ => false,
        };
        let meets = match domain.temper {
            Temper::Missing => Meets::NoDomain,
            _ if dead && domain.suspended_until > at => Meets::Rest,
            _ if dead => Meets::NoAnswer,
            temper => Meets::Talk {
                greylists: temper == Temper::Grey,
            },
        };
        let site = Site {
            number,
            mx: domain.mx.clone(),
            software: domain.software,
            temper: domain.temper,
            tls: domain.tls,
        };
        (site, meets)
    }

    /// Nobody answers there: it is left alone for a while.
    pub(crate) fn suspend(&mut self, site: &Site, at: i64) {
        self.people.remote_domains[site.number].suspended_until = at + SUSPENDED_US;
    }

    fn no_domain(&mut self, item: &mut Item, site: &Site, chosen: &[usize], at: i64) -> i64 {
        let worker = self.take(item.queue, Service::Smtp, at);
        let said = self.after(at, 20 * MS, 900 * MS);
        let name = self.people.remote_domains[site.number].name.clone();
        let text = format!(
            "Host or domain name not found. Name service error for name={name} type=MX: Host not found"
        );
        let waits = [3 * MS, said - at, 0];
        self.all_alike(
            item,
            chosen,
            Service::Smtp,
            worker.pid,
            said,
            waits,
            ("5.4.4", "bounced"),
            &text,
        );
        self.give(item.queue, Service::Smtp, worker, said + MS);
        said + 2 * MS
    }

    fn timed_out(&mut self, item: &mut Item, site: &Site, chosen: &[usize], at: i64) -> i64 {
        let worker = self.take(item.queue, Service::Smtp, at);
        let said = at + 30 * SECOND + self.chance.range(0, 40 * MS);
        let (mx, pid) = (&site.mx, worker.pid);
        let text = format!("connect to {mx}:25: Connection timed out");
        say!(self, item.queue, Service::Smtp, pid, said - MS, "{text}");
        let waits = [4 * MS, 30 * SECOND, 0];
        self.all_alike(
            item,
            chosen,
            Service::Smtp,
            pid,
            said,
            waits,
            ("4.4.1", "deferred"),
            &text,
        );
        self.suspend(site, said);
        self.give(item.queue, Service::Smtp, worker, said + MS);
        said + 2 * MS
    }

    fn suspended(&mut self, item: &mut Item, site: &Site, chosen: &[usize], at: i64) -> i64 {
        let worker = self.take(item.queue, Service::Error, at);
        let said = self.after(at, MS, 12 * MS);
        let mx = &site.mx;
        let text =
            format!("delivery temporarily suspended: connect to {mx}:25: Connection timed out");
        let waits = [said - at, 0, 0];
        self.all_alike(
            item,
            chosen,
            Service::Error,
            worker.pid,
            said,
            waits,
            ("4.4.1", "deferred"),
            &text,
        );
        self.give(item.queue, Service::Error, worker, said + MS);
        said + 2 * MS
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one log line")]
    fn all_alike(
        &mut self,
        item: &mut Item,
        chosen: &[usize],
        service: Service,
        pid: u32,
        at: i64,
        waits: [i64; 3],
        (dsn, status): (&'static str, &'static str),
        text: &str,
    ) {
        for (nth, index) in chosen.iter().enumerate() {
            let at = at + nth as i64 * 150;
            let (relay, text) = (format_args!("none"), format_args!("{text}"));
            self.report(
                item,
                *index,
                service,
                pid,
                &Report {
                    at,
                    relay,
                    waits,
                    dsn,
                    status,
                    text,
                },
            );
        }
    }

    fn conversation(&mut self, item: &mut Item, site: &Site, chosen: &[usize], at: i64) -> i64 {
        let worker = self.take(item.queue, Service::Smtp, at);
        let connected = self.after(at, 30 * MS, 600 * MS);
        let mx = &site.mx;
        if site.tls {
            let trust = if site.number.is_multiple_of(3) {
                "Untrusted"
            } else {
                "Trusted"
            };
            say!(
                self,
                item.queue,
                Service::Smtp,
                worker.pid,
                connected,
                "{trust} TLS connection established to {mx}:25: TLSv1.3 with cipher \
                 TLS_AES_256_GCM_SHA384 (256/256 bits) key-exchange X25519 server-signature \
                 ECDSA (prime256v1) server-digest SHA256"
            );
        }
        let mut end = connected;
        for index in chosen {
            end = self.after(end, 40 * MS, 700 * MS);
            self.answer(item, site, *index, worker.pid, [at, connected, end]);
        }
        self.give(item.queue, Service::Smtp, worker, end + MS);
        end + 2 * MS
    }

    fn answer(&mut self, item: &mut Item, site: &Site, index: usize, pid: u32, times: [i64; 3]) {
        let [begun, connected, at] = times;
        let address = item.rcpts[index].address.text.clone();
        let fate = match (item.rcpts[index].fate, site.temper, item.tries) {
            (Fate::Good, Temper::Grey, 0) => None,
            (fate, _, _) => Some(fate),
        };
        let (dsn, status, reply) = match fate {
            None => (
                "4.2.0",
                "deferred",
                format!("450 4.2.0 <{address}>: Recipient address rejected: Greylisted for 5 minutes"),
            ),
            Some(Fate::Good) => ("2.0.0", "sent", self.accepted(item, site, at)),
            Some(Fate::Later(left)) => {
                item.rcpts[index].fate = if left > 1 { Fate::Later(left - 1) } else { Fate::Good };
                ("4.2.2", "deferred", format!("452 4.2.2 <{address}>: Mailbox full, try again later"))
            }
            Some(Fate::UserUnknown) => ("5.1.1", "bounced", unknown(site.software, &address)),
            Some(Fate::MailboxFull) => {
                ("5.2.2", "bounced", format!("552 5.2.2 <{address}>: user is over quota"))
            }
            Some(Fate::Refused) => (
                "5.7.1",
                "bounced",
                "550 5.7.1 Message rejected as spam by content filtering, see https://policy.test/550".to_owned(),
            ),
        };
        let mx = &site.mx;
        let command = if fate == Some(Fate::Refused) {
            "end of DATA"
        } else {
            "RCPT TO"
        };
        let text = match status {
            "sent" => reply,
            _ => format!("host {mx} said: {reply} (in reply to {command} command)"),
        };
        let report = Report {
            at,
            relay: format_args!("{mx}:25"),
            waits: [3 * MS, connected - begun, at - connected],
            dsn,
            status,
            text: format_args!("{text}"),
        };
        self.report(item, index, Service::Smtp, pid, &report);
        if status == "sent" {
            let place = item.rcpts[index].place as usize;
            self.story(item).rcpts[place].outcome = Some(Outcome::Relayed);
        }
    }

    /// What a foreign system says on success. Ids in it never equal one of ours: foreign inodes are larger.
    pub(crate) fn accepted(&mut self, item: &Item, site: &Site, at: i64) -> String {
        let inode = 0xA0_0000 + self.chance.below(0x50_0000);
        let seconds = at.div_euclid(SECOND);
        match site.software {
            Software::Postfix => {
                let id = QueueId::short(self.chance.below(1_000_000), inode);
                format!("250 2.0.0 Ok: queued as {id}")
            }
            Software::PostfixLong => {
                format!("250 2.0.0 Ok: queued as {}", QueueId::long(at, inode))
            }
            Software::Google => {
                let tail = base64(&self.chance.bits().to_le_bytes())
                    .to_lowercase()
                    .replace(['+', '/'], "0");
                format!(
                    "250 2.0.0 OK  {seconds} {tail}.{} - gsmtp",
                    self.chance.range(10, 999)
                )
            }
            Software::Exchange => {
                let story = &self.stories[item.message as usize];
                let message_id = story.message_id.as_deref().unwrap_or("<0@exchange.test>");
                let (internal, size) = (8_796_093_022_208 + self.chance.below(1 << 40), item.size);
                format!(
                    "250 2.6.0 {message_id} [InternalId={internal}, Hostname={}] {size} bytes in 0.{}, {}.{} KB/sec \
                     Queued mail for delivery",
                    site.mx.name,
                    self.chance.range(100, 999),
                    self.chance.range(10, 900),
                    self.chance.range(100, 999)
                )
            }
            Software::Exim => {
                let part = |n: u64| format!("{n:06}");
                format!(
                    "250 OK id=1x{}-{}-{:02}",
                    &part(self.chance.below(999_999))[..4],
                    part(self.chance.below(999_999)),
                    self.chance.below(99)
                )
            }
            Software::Sendmail => {
                let tail = self.chance.range(1_000, 99_999);
                format!(
                    "250 2.0.0 6BG8XJ{:02}{tail:06} Message accepted for delivery",
                    self.chance.below(99)
                )
            }
            Software::Qmail => format!("250 ok {seconds} qp {}", self.chance.range(300, 32_000)),
        }
    }
}

pub(crate) fn unknown(software: Software, address: &str) -> String {
    match software {
        Software::Google => "550-5.1.1 The email account that you tried to reach does not exist. \
                             Please try 550-5.1.1 double-checking the recipient's email address \
                             for typos 550 5.1.1 unnecessary spaces. - gsmtp"
            .to_owned(),
        Software::Exchange => {
            format!(
                "550 5.1.1 RESOLVER.ADR.RecipNotFound; Recipient {address} not found by SMTP address lookup"
            )
        }
        Software::Exim => "550 5.1.1 Unrouteable address".to_owned(),
        Software::Qmail => {
            format!("550 5.1.1 sorry, no mailbox here by that name <{address}> (#5.1.1)")
        }
        _ => crate::relay::unknown_user(address),
    }
}
