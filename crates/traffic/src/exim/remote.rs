//! From an Exim host to the world.

use super::local::later;
use super::log;
use super::outcome::{Told, in_full, status_in, times, took};
use crate::clock::{MS, SECOND};
use crate::hosts::Queue;
use crate::message::{Fate, Item, State, next_queue};
use crate::outbound::{Meets, Site, unknown};
use crate::people::Home;
use crate::truth::Outcome;
use crate::world::World;

const HOW: &str = "R=dnslookup T=remote_smtp";

impl World<'_> {
    /// Tries all open remote recipients, one connection a domain.
    pub(crate) fn send_to_world(&mut self, item: &mut Item, at: i64) -> i64 {
        let mut domains: Vec<u16> = item
            .rcpts
            .iter()
            .filter(|rcpt| rcpt.state == State::Open)
            .filter(|rcpt| next_queue(item.queue, rcpt.address.home).is_none())
            .filter_map(|rcpt| match rcpt.address.home {
                Home::Remote(number) => Some(number),
                _ => None,
            })
            .collect();
        domains.sort_unstable();
        domains.dedup();
        let mut now = at;
        for number in domains {
            let (site, meets) = self.site(usize::from(number), now);
            let chosen: Vec<usize> = (0..item.rcpts.len())
                .filter(|index| {
                    let rcpt = &item.rcpts[*index];
                    rcpt.state == State::Open && rcpt.address.home == Home::Remote(number)
                })
                .collect();
            now = match meets {
                Meets::NoDomain => self.unrouteable(item, &chosen, now),
                Meets::Rest => self.not_yet(item, &site, &chosen, now),
                Meets::NoAnswer => self.no_answer(item, &site, &chosen, now),
                Meets::Talk { greylists } => self.talk(item, &site, &chosen, greylists, now),
            };
        }
        now
    }

    fn unrouteable(&mut self, item: &mut Item, chosen: &[usize], begun: i64) -> i64 {
        let mut at = self.after(begun, 20 * MS, 900 * MS);
        for index in chosen {
            at += 200;
            let (to, flag, dsn) = (in_full(&item.rcpts[*index]), "**", None);
            let text = format_args!("{to}: Unrouteable address");
            self.told(
                item,
                *index,
                &Told {
                    at,
                    flag,
                    text,
                    dsn,
                },
            );
        }
        at
    }

    fn not_yet(&mut self, item: &mut Item, site: &Site, chosen: &[usize], begun: i64) -> i64 {
        let mut at = self.after(begun, MS, 12 * MS);
        let domain = self.people.remote_domains[site.number].name.clone();
        for index in chosen {
            at += 200;
            let (to, flag, dsn) = (in_full(&item.rcpts[*index]), "==", None);
            let text = format_args!(
                "{to} {HOW} defer (-54): retry time not reached for any host for '{domain}'"
            );
            self.told(
                item,
                *index,
                &Told {
                    at,
                    flag,
                    text,
                    dsn,
                },
            );
        }
        at
    }

    fn no_answer(&mut self, item: &mut Item, site: &Site, chosen: &[usize], begun: i64) -> i64 {
        let mut at = begun + 30 * SECOND + self.chance.range(0, 40 * MS);
        let (name, address, pid) = (&site.mx.name, &site.mx.address, item.runner);
        log!(
            self,
            item,
            pid,
            at,
            "H={name} [{address}] Connection timed out"
        );
        let took = took(item, begun, at);
        for index in chosen {
            at += 200;
            let (to, flag, dsn) = (in_full(&item.rcpts[*index]), "==", None);
            let text = format_args!("{to} {HOW} defer (110): Connection timed out{took}");
            self.told(
                item,
                *index,
                &Told {
                    at,
                    flag,
                    text,
                    dsn,
                },
            );
        }
        self.suspend(site, at);
        at
    }

    fn talk(
        &mut self,
        item: &mut Item,
        site: &Site,
        chosen: &[usize],
        greylists: bool,
        begun: i64,
    ) -> i64 {
        let mut at = self.after(begun, 100 * MS, 1_500 * MS);
        let mut accepted: Option<String> = None;
        for index in chosen {
            at += 250;
            let address = item.rcpts[*index].address.text.clone();
            match item.rcpts[*index].fate {
                Fate::Good if greylists && item.tries == 0 => {
                    let reply = format!(
                        "450 4.2.0 <{address}>: Recipient address rejected: Greylisted for 5 minutes"
                    );
                    self.put_off(item, site, *index, &reply, [begun, at]);
                }
                Fate::Later(left) => {
                    item.rcpts[*index].fate = later(left);
                    let reply = format!("452 4.2.2 <{address}>: Mailbox full, try again later");
                    self.put_off(item, site, *index, &reply, [begun, at]);
                }
                Fate::Good => {
                    let first = accepted.is_none();
                    let made = accepted
                        .take()
                        .unwrap_or_else(|| self.accepted(item, site, at));
                    self.sent_out(item, site, *index, (first, &made), [begun, at]);
                    accepted = Some(made);
                }
                fate => {
                    let reply = refusal(site, fate, &address);
                    self.turned_down(item, site, *index, fate, &reply, [begun, at]);
                }
            }
        }
        at
    }

    fn put_off(
        &mut self,
        item: &mut Item,
        site: &Site,
        index: usize,
        reply: &str,
        times: [i64; 2],
    ) {
        let (begun, at) = (times[0], times[1]);
        let (to, host, took) = (
            in_full(&item.rcpts[index]),
            host(site),
            took(item, begun, at),
        );
        let command = format!("RCPT TO:<{}>", item.rcpts[index].address.text);
        let (flag, dsn) = ("==", status_in(reply));
        let text = format_args!(
            "{to} {HOW} defer (-44) {host}{took}: SMTP error from remote mail server after {command}: {reply}"
        );
        self.told(
            item,
            index,
            &Told {
                at,
                flag,
                text,
                dsn,
            },
        );
    }

    fn sent_out(
        &mut self,
        item: &mut Item,
        site: &Site,
        index: usize,
        (first, reply): (bool, &str),
        [begun, at]: [i64; 2],
    ) {
        let (to, host, tls) = (
            in_full(&item.rcpts[index]),
            host(site),
            tls(item.queue, site),
        );
        let times = times(item, begun, at);
        let flag = if first { "=>" } else { "->" };
        let dsn = status_in(reply);
        let text = format_args!("{to} {HOW} {host}{tls} C=\"{reply}\"{times}");
        self.told(
            item,
            index,
            &Told {
                at,
                flag,
                text,
                dsn,
            },
        );
        self.ended_as(item, index, Outcome::Relayed);
    }

    fn turned_down(
        &mut self,
        item: &mut Item,
        site: &Site,
        index: usize,
        fate: Fate,
        reply: &str,
        [begun, at]: [i64; 2],
    ) {
        let (to, host, tls) = (
            in_full(&item.rcpts[index]),
            host(site),
            tls(item.queue, site),
        );
        let took = took(item, begun, at);
        let command = match fate {
            Fate::Refused => "end of data".to_owned(),
            _ => format!("RCPT TO:<{}>", item.rcpts[index].address.text),
        };
        let (flag, dsn) = ("**", status_in(reply));
        let text = format_args!(
            "{to} {HOW} {host}{tls}: SMTP error from remote mail server after {command}: {reply}{took}"
        );
        self.told(
            item,
            index,
            &Told {
                at,
                flag,
                text,
                dsn,
            },
        );
    }
}

fn host(site: &Site) -> String {
    format!("H={} [{}]", site.mx.name, site.mx.address)
}

fn tls(queue: Queue, site: &Site) -> &'static str {
    match (site.tls, queue) {
        (false, _) => "",
        (true, Queue::Exim1) => {
            " X=TLS1.3:ECDHE_SECP256R1__RSA_PSS_RSAE_SHA256__AES_256_GCM:256 CV=yes"
        }
        (true, _) => " X=TLS1.3:TLS_AES_256_GCM_SHA384:256 CV=yes DN=\"CN=mx.example.net\"",
    }
}

/// What the other side says to a recipient or message that it does not take.
fn refusal(site: &Site, fate: Fate, address: &str) -> String {
    match fate {
        Fate::MailboxFull => format!("552 5.2.2 <{address}>: user is over quota"),
        Fate::Refused => "550 5.7.1 Message rejected as spam by content filtering, see \
                          https://policy.test/550"
            .to_owned(),
        _ => unknown(site.software, address).replace(". Please", ".\\n550-5.1.1 Please"),
    }
}
