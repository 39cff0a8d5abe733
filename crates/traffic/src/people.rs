//! Who writes to whom: domains, mailboxes, remote addresses, peers.

use crate::chance::Chance;
use crate::words::{FIRST_NAMES, LAST_NAMES, SITES, WORDS};
use std::collections::HashSet;
use std::fmt;
use std::rc::Rc;

pub(crate) type Text = Rc<str>;

const DOMAINS: usize = 60;
const MAILBOXES: usize = 5_000;
/// Domains that the Exim hosts serve.
const HOSTED_DOMAINS: usize = 24;
const HOSTED: usize = 1_500;
const REMOTE_DOMAINS: usize = 1_500;
const REMOTE_ADDRESSES: usize = 20_000;

/// Where mail for an address goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Home {
    Store1,
    Store2,
    /// A domain of the world.
    Remote(u16),
    /// The gateway host itself.
    Gateway,
    /// A domain that an Exim host serves.
    Exim1,
    Exim2,
    /// The null sender.
    Nowhere,
}

/// An address and where its mail goes.
#[derive(Debug, Clone)]
pub(crate) struct Address {
    pub(crate) text: Text,
    pub(crate) home: Home,
}

impl Address {
    pub(crate) fn null() -> Self {
        Address {
            text: Rc::from(""),
            home: Home::Nowhere,
        }
    }

    pub(crate) fn is_null(&self) -> bool {
        self.text.is_empty()
    }
}

/// The other end of a connection, written `name[address]`.
#[derive(Debug, Clone)]
pub(crate) struct Peer {
    pub(crate) name: Text,
    pub(crate) address: Text,
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        f.write_str("[")?;
        f.write_str(&self.address)?;
        f.write_str("]")
    }
}

impl Peer {
    pub(crate) fn loopback() -> Self {
        Peer {
            name: Rc::from("localhost"),
            address: Rc::from("127.0.0.1"),
        }
    }

    pub(crate) fn unknown(&self) -> Self {
        Peer {
            name: Rc::from("unknown"),
            address: self.address.clone(),
        }
    }
}

/// What runs at a remote site; it shapes the replies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Software {
    Postfix,
    PostfixLong,
    Google,
    Exchange,
    Exim,
    Sendmail,
    Qmail,
}

/// How a remote site treats our mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Temper {
    Friendly,
    /// Greylists.
    Grey,
    /// Does not answer until the given hour of the run; `u32::MAX`: never.
    DeadUntil(u32),
    /// No such domain.
    Missing,
}

pub(crate) struct RemoteDomain {
    pub(crate) name: Text,
    pub(crate) mx: Peer,
    pub(crate) software: Software,
    pub(crate) temper: Temper,
    pub(crate) tls: bool,
    /// Until when our queue manager does not try again.
    pub(crate) suspended_until: i64,
}

pub(crate) struct People {
    pub(crate) domains: Vec<Text>,
    pub(crate) mailboxes: Vec<Address>,
    /// `info@`, `team@` and the like of each domain.
    pub(crate) aliases: Vec<Text>,
    pub(crate) remote_domains: Vec<RemoteDomain>,
    pub(crate) remote: Vec<Address>,
    /// Names of users' own connections.
    pub(crate) lines: Vec<Peer>,
    pub(crate) bots: Vec<Peer>,
    pub(crate) hosted_domains: Vec<Text>,
    pub(crate) hosted: Vec<Address>,
}

impl People {
    pub(crate) fn new(chance: &mut Chance) -> Self {
        let domains: Vec<Text> = (0..DOMAINS).map(local_domain).collect();
        let mut seen = HashSet::new();
        let mailboxes = (0..MAILBOXES)
            .map(|_| mailbox(chance, &domains, &mut seen))
            .collect();
        let aliases = domains
            .iter()
            .flat_map(|domain| {
                ALIASES
                    .iter()
                    .map(move |name| Rc::from(format!("{name}@{domain}")))
            })
            .collect();
        let remote_domains: Vec<_> = (0..REMOTE_DOMAINS)
            .map(|n| remote_domain(chance, n))
            .collect();
        let remote = (0..REMOTE_ADDRESSES)
            .map(|_| remote_address(chance, &remote_domains, &mut seen))
            .collect();
        let lines = (0..900).map(|n| user_line(chance, n)).collect();
        let bots = (0..700).map(|_| bot(chance)).collect();
        let hosted_domains: Vec<Text> = (0..HOSTED_DOMAINS).map(hosted_domain).collect();
        let hosted = (0..HOSTED)
            .map(|_| hosted_mailbox(chance, &hosted_domains, &mut seen))
            .collect();
        People {
            domains,
            mailboxes,
            aliases,
            remote_domains,
            remote,
            lines,
            bots,
            hosted_domains,
            hosted,
        }
    }

    pub(crate) fn mailbox(&self, chance: &mut Chance) -> Address {
        self.mailboxes[chance.zipf(self.mailboxes.len())].clone()
    }

    /// A mailbox at one of the Exim hosts.
    pub(crate) fn hosted(&self, chance: &mut Chance) -> Address {
        self.hosted[chance.zipf(self.hosted.len())].clone()
    }

    pub(crate) fn remote(&self, chance: &mut Chance) -> Address {
        self.remote[chance.zipf(self.remote.len())].clone()
    }

    pub(crate) fn bot(&self, chance: &mut Chance) -> Peer {
        self.bots[chance.zipf(self.bots.len())].clone()
    }

    /// The connection a user is most often on.
    pub(crate) fn line_of(&self, user: &Address, chance: &mut Chance) -> Peer {
        let sum: usize = user.text.bytes().map(usize::from).sum();
        let other = if chance.permille(150) {
            chance.index(self.lines.len())
        } else {
            0
        };
        self.lines[(sum * 31 + user.text.len() + other) % self.lines.len()].clone()
    }
}

fn local_domain(number: usize) -> Text {
    let word = WORDS[number % WORDS.len()];
    match number / WORDS.len() {
        0 => Rc::from(format!("{word}.example")),
        1 => Rc::from(format!("{word}.example.org")),
        _ => Rc::from(format!("{word}{number}.example.net")),
    }
}

fn mailbox(chance: &mut Chance, domains: &[Text], seen: &mut HashSet<String>) -> Address {
    let number = chance.zipf(domains.len());
    let home = home_of(number);
    Address {
        text: unique(chance, &domains[number], seen),
        home,
    }
}

/// Domains take turns between the stores.
pub(crate) fn home_of(domain: usize) -> Home {
    if domain.is_multiple_of(2) {
        Home::Store1
    } else {
        Home::Store2
    }
}

fn hosted_domain(number: usize) -> Text {
    let word = WORDS[(number * 3 + 1) % WORDS.len()];
    Rc::from(format!("{word}.hosted.example.org"))
}

fn hosted_mailbox(chance: &mut Chance, domains: &[Text], seen: &mut HashSet<String>) -> Address {
    let number = chance.zipf(domains.len());
    Address {
        text: unique(chance, &domains[number], seen),
        home: hosted_home_of(number),
    }
}

/// Hosted domains take turns between the Exim hosts.
pub(crate) fn hosted_home_of(domain: usize) -> Home {
    if domain.is_multiple_of(2) {
        Home::Exim1
    } else {
        Home::Exim2
    }
}

fn remote_address(
    chance: &mut Chance,
    domains: &[RemoteDomain],
    seen: &mut HashSet<String>,
) -> Address {
    let number = chance.zipf(domains.len());
    Address {
        text: unique(chance, &domains[number].name, seen),
        home: Home::Remote(number as u16),
    }
}

fn unique(chance: &mut Chance, domain: &str, seen: &mut HashSet<String>) -> Text {
    loop {
        let first = chance.pick(&FIRST_NAMES);
        let last = chance.pick(&LAST_NAMES);
        let address = match chance.below(6) {
            0 => format!("{first}@{domain}"),
            1 => format!("{}.{last}@{domain}", &first[..1]),
            2 => format!("{first}{last}{}@{domain}", chance.below(90) + 10),
            3 => format!("{first}_{last}@{domain}"),
            _ => format!("{first}.{last}@{domain}"),
        };
        if seen.insert(address.clone()) {
            return Rc::from(address);
        }
        if seen.len() > 100 && chance.permille(200) {
            let address = format!("{first}.{last}{}@{domain}", chance.below(100_000));
            if seen.insert(address.clone()) {
                return Rc::from(address);
            }
        }
    }
}

fn remote_domain(chance: &mut Chance, number: usize) -> RemoteDomain {
    let word = WORDS[(number * 7 + 3) % WORDS.len()];
    let other = SITES[(number / WORDS.len()) % SITES.len()];
    let name: Text = match number % 3 {
        0 => Rc::from(format!("{word}-{other}.test")),
        1 => Rc::from(format!("{word}{other}.example.com")),
        _ => Rc::from(format!("{other}-{word}.test")),
    };
    let software = SOFTWARE[chance.index(SOFTWARE.len())];
    let temper = match chance.below(1000) {
        0..60 => Temper::Grey,
        60..72 if number > 25 => Temper::DeadUntil(u32::MAX),
        72..82 if number > 25 => Temper::DeadUntil(chance.below(20) as u32),
        82..90 if number > 60 => Temper::Missing,
        _ => Temper::Friendly,
    };
    let host = chance.pick(&["mx", "mail", "mx1", "smtp", "mx-in", "mailgate"]);
    let address = match chance.below(352) {
        low @ 0..224 => format!("192.0.2.{}", low + 32),
        low => format!("198.51.100.{}", low - 224),
    };
    RemoteDomain {
        mx: Peer {
            name: Rc::from(format!("{host}.{name}")),
            address: Rc::from(address),
        },
        name,
        software,
        temper,
        tls: chance.permille(850),
        suspended_until: 0,
    }
}

fn user_line(chance: &mut Chance, number: usize) -> Peer {
    let last = 128 + number % 128;
    let address: Text = match number % 8 {
        0 => Rc::from(format!("10.1.{}.{}", number / 200, number % 200 + 10)),
        _ => Rc::from(format!("198.51.100.{last}")),
    };
    let name = match chance.below(3) {
        0 => Rc::from("unknown"),
        1 => Rc::from(format!("dsl-{number:04}.access.example.net")),
        _ => Rc::from(format!("{}.pool.example.com", address.replace('.', "-"))),
    };
    Peer { name, address }
}

fn bot(chance: &mut Chance) -> Peer {
    let address = format!("203.0.113.{}", chance.below(254) + 1);
    let name = match chance.below(4) {
        0 => Rc::from(format!("host-{}.cloud.test", address.replace('.', "-"))),
        _ => Rc::from("unknown"),
    };
    Peer {
        name,
        address: Rc::from(address),
    }
}

const ALIASES: [&str; 6] = ["info", "team", "sales", "office", "support", "jobs"];

const SOFTWARE: [Software; 10] = [
    Software::Postfix,
    Software::Postfix,
    Software::PostfixLong,
    Software::PostfixLong,
    Software::Google,
    Software::Google,
    Software::Exchange,
    Software::Exim,
    Software::Sendmail,
    Software::Qmail,
];
