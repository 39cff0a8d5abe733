//! What people write: senders, recipients, message-ids, subjects, sizes.

use crate::clock::{Compact, SECOND};
use crate::message::Route;
use crate::people::{Address, Home, Text};
use crate::session::Draft;
use crate::store::base64;
use crate::world::World;
use std::rc::Rc;

/// How many message-ids are kept to be sent again.
const RESENT_MAX: usize = 32;

impl World<'_> {
    /// A message from the world to us.
    pub(crate) fn incoming(&mut self, site: usize, at: i64) -> Draft {
        let domain = self.people.remote_domains[site].name.clone();
        let home = Home::Remote(site as u16);
        let (mut sender, mut message_id) = (
            self.stranger(&domain, home),
            self.message_id_of(&domain, at),
        );
        if self.chance.permille(25) {
            sender = Address::null();
        } else if message_id.is_some() && self.chance.permille(6) {
            if let Some((id, from)) = self.resent.pop_front() {
                (message_id, sender) = (Some(id), from);
            }
        } else if let Some(id) = message_id.clone().filter(|_| self.chance.permille(20)) {
            self.resent.push_back((id, sender.clone()));
            self.resent.truncate(RESENT_MAX);
        }
        let rcpts = self.local_rcpts();
        let (subject, size) = (self.subject_text(), self.size());
        Draft {
            sender,
            rcpts,
            message_id,
            subject,
            size,
            route: Route::Filter,
        }
    }

    /// Somebody at a remote domain, or one of its machines.
    fn stranger(&mut self, domain: &str, home: Home) -> Address {
        let number = self.chance.zipf(400);
        let name = match self.chance.below(10) {
            0..2 => format!("bounce+{:x}-{number}", self.chance.below(1 << 32)),
            2 => "no-reply".to_owned(),
            3 => "newsletter".to_owned(),
            4 => format!("service{number}"),
            _ => {
                let known = self.people.remote[number * 7].text.clone();
                known.split('@').next().unwrap_or("post").to_owned()
            }
        };
        Address {
            text: Rc::from(format!("{name}@{domain}")),
            home,
        }
    }

    /// One mailbox as a rule, sometimes several, sometimes an alias.
    pub(crate) fn local_rcpts(&mut self) -> Vec<(Address, Option<Text>)> {
        let draw = self.chance.below(100);
        let count = match draw {
            0..8 => 2 + self.chance.index(3),
            8..13 => 1 + self.chance.index(4),
            _ => 1,
        };
        let alias = (8..13).contains(&draw).then(|| {
            let number = self.chance.zipf(self.people.aliases.len());
            self.people.aliases[number].clone()
        });
        let mut rcpts: Vec<(Address, Option<Text>)> = Vec::with_capacity(count);
        while rcpts.len() < count {
            let to = self.people.mailbox(&mut self.chance);
            if !rcpts.iter().any(|(known, _)| known.text == to.text) {
                rcpts.push((to, alias.clone()));
            }
        }
        rcpts
    }

    /// A message-id as the many programs of the world make it; `None` for those that make none.
    pub(crate) fn message_id_of(&mut self, domain: &str, at: i64) -> Option<Text> {
        let (a, b) = (self.chance.bits(), self.chance.bits());
        let text = match self.chance.below(100) {
            0..2 => return None,
            2..22 => {
                let token = base64(&[a.to_le_bytes(), b.to_le_bytes()].concat());
                format!(
                    "<CA{}{:x}@mail.{domain}>",
                    token.replace(['/', '+'], "_"),
                    a >> 48
                )
            }
            22..42 => format!(
                "<{:08x}-{:04x}-{:04x}-{:04x}-{:012x}@{domain}>",
                a >> 32,
                (a >> 16) & 0xFFFF,
                0x4000 | (a & 0xFFF),
                0x8000 | (b >> 52),
                b & 0xFFFF_FFFF_FFFF
            ),
            42..57 => format!("<{}.{:X}{:05}@{domain}>", Compact(at), a >> 44, b % 100_000),
            57..69 => {
                let millis = at / 1000;
                format!(
                    "<{}.{}.{millis}@app{}.{domain}>",
                    a % 2_000_000_000,
                    b % 9_000,
                    a % 7
                )
            }
            69..81 => {
                format!(
                    "<DB{}PR0{}MB{:04X}{:012X}@DB{}.eurprd.{domain}>",
                    a % 9,
                    b % 9,
                    a >> 48,
                    b >> 16,
                    a % 9
                )
            }
            81..91 => format!(
                "<{:012x}${:08x}${:08x}$@{domain}>",
                a >> 16,
                b >> 32,
                b & 0xFFFF_FFFF
            ),
            91..97 => format!("<{}{:x}@{domain}>", at.div_euclid(SECOND), a),
            _ => format!("<{:x}.{:x}@[192.0.2.{}]>", a, b >> 40, 1 + a % 200),
        };
        Some(Rc::from(text))
    }

    pub(crate) fn subject_text(&mut self) -> Text {
        let what = self.chance.pick(&SUBJECTS);
        let number = self.chance.below(90_000) + 1_000;
        Rc::from(match self.chance.below(12) {
            0 => format!("Re: {what}"),
            1 => format!("AW: {what} from {number}"),
            2 => format!("{what} #{number}"),
            3 => {
                let text = base64(format!("{what} für {number}").as_bytes());
                let pad = ["", "", "==", "="][text.len() % 4];
                format!("=?UTF-8?B?{text}{pad}?=")
            }
            4 => format!("=?UTF-8?Q?{}_=E2=9C=93_{number}?=", what.replace(' ', "_")),
            5 => format!(
                "{what} - a longer subject line that its header? had to fold, number {number}"
            ),
            6 => format!("{what}; from=<{number}>"),
            _ => format!("{what} {number}"),
        })
    }

    pub(crate) fn size(&mut self) -> u32 {
        self.chance
            .lognormal(11_000.0, 1.3)
            .clamp(600.0, 24_000_000.0) as u32
    }
}

const SUBJECTS: [&str; 24] = [
    "Invoice",
    "Your order",
    "Minutes of the meeting",
    "Weekly report",
    "Delivery note",
    "Question about the offer",
    "Lunch on Friday?",
    "Build failed",
    "New ticket",
    "Holiday pictures",
    "Reminder",
    "Password reset",
    "Newsletter",
    "Contract draft",
    "Server alert",
    "Booking confirmed",
    "Payment received",
    "Draft for review",
    "Backup finished",
    "Invitation",
    "Your parcel is on its way",
    "Spring offers",
    "Project plan",
    "Thank you",
];
