//! What smtpd refuses, and why.

use crate::clock::MS;
use crate::message::Item;
use crate::people::{Address, Text, home_of};
use crate::relay::unknown_user;
use crate::session::{Command, Draft, Session};
use crate::world::{World, say, tell};

/// Why a recipient is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    UnknownUser,
    Relay,
    BlockList,
    Helo,
    Greylist,
    SenderDomain,
    NoReverse,
    /// An address probe came back with a refusal.
    Undeliverable,
}

impl World<'_> {
    /// `NOQUEUE: reject: RCPT from …`.
    pub(crate) fn refuse(&mut self, s: &mut Session, why: Refusal, sender: &str, rcpt: &str) {
        let at = self.wait(s, 15 * MS, 120 * MS);
        s.tally.fail(Command::Rcpt);
        self.sums.noqueue_rejects += 1;
        let reply = reply(s, why, sender, rcpt);
        let (peer, helo) = (&s.peer, &s.helo);
        say!(
            self,
            s.queue,
            s.service,
            s.worker.pid,
            at,
            "NOQUEUE: reject: RCPT from {peer}: {reply}; from=<{sender}> to=<{rcpt}> proto=ESMTP helo=<{helo}>"
        );
    }

    /// A further recipient of a message that has a queue id already.
    pub(crate) fn refuse_second(&mut self, s: &mut Session, item: &Item, draft: &Draft) {
        let at = self.wait(s, 5 * MS, 40 * MS);
        s.tally.fail(Command::Rcpt);
        let rcpt = self.nobody();
        let reply = unknown_user(&rcpt);
        let (peer, helo, sender) = (&s.peer, &s.helo, &draft.sender.text);
        tell!(
            self,
            item,
            s.service,
            s.worker.pid,
            at,
            "reject: RCPT from {peer}: {reply}; from=<{sender}> to=<{rcpt}> proto=ESMTP helo=<{helo}>"
        );
    }

    /// An address in one of our domains that nobody has.
    pub(crate) fn nobody(&mut self) -> Text {
        self.nobody_at_home().text
    }

    pub(crate) fn nobody_at_home(&mut self) -> Address {
        let name = self.chance.pick(&[
            "ex-employee",
            "old.user",
            "hr1",
            "billing2",
            "john77",
            "noone",
            "qa-test",
        ]);
        let number = self.chance.zipf(self.people.domains.len());
        let domain = &self.people.domains[number];
        let tail = self.chance.below(40);
        let home = home_of(number);
        Address {
            text: Text::from(format!("{name}{tail}@{domain}")),
            home,
        }
    }
}

fn reply(s: &Session, why: Refusal, sender: &str, rcpt: &str) -> String {
    let address = &s.peer.address;
    let helo = &s.helo;
    match why {
        Refusal::UnknownUser => unknown_user(rcpt),
        Refusal::Undeliverable => format!(
            "550 5.1.1 <{rcpt}>: Recipient address rejected: undeliverable address: {}",
            unknown_user(rcpt)
        ),
        Refusal::Relay => format!("554 5.7.1 <{rcpt}>: Relay access denied"),
        Refusal::BlockList => format!(
            "554 5.7.1 Service unavailable; Client host [{address}] blocked using bl.dnsbl.test; \
             see https://bl.dnsbl.test/query/{address}"
        ),
        Refusal::Helo => {
            format!("504 5.5.2 <{helo}>: Helo command rejected: need fully-qualified hostname")
        }
        Refusal::Greylist => format!(
            "450 4.2.0 <{rcpt}>: Recipient address rejected: Greylisted, see http://postgrey.test/help/{}.html",
            rcpt.split('@').nth(1).unwrap_or("here")
        ),
        Refusal::SenderDomain => {
            format!("450 4.1.8 <{sender}>: Sender address rejected: Domain not found")
        }
        Refusal::NoReverse => {
            format!("450 4.7.25 Client host rejected: cannot find your hostname, [{address}]")
        }
    }
}
