//! Messages taken in: `<=`.

use super::caller::Caller;
use super::{log, logs_more};
use crate::clock::MS;
use crate::hosts::Queue;
use crate::message::{Item, Rcpt};
use crate::people::{Address, Text};
use crate::queue_id::{QueueId, Slot};
use crate::world::World;
use std::fmt::Write;
use std::rc::Rc;

/// How a message came in.
pub(crate) enum Via<'a> {
    Smtp(&'a Caller),
    /// By a program of this user.
    Local(&'static str),
    /// A notification about a message.
    Notice(QueueId),
}

impl World<'_> {
    /// A message begins to come in at `begun`. Returns it and the recipients as the envelope has them.
    pub(crate) fn exim_item(
        &mut self,
        message: u32,
        queue: Queue,
        pid: u32,
        begun: i64,
        sender: &Address,
        rcpts: Vec<Rcpt>,
    ) -> (Box<Item>, Vec<Text>) {
        let envelope = rcpts.iter().map(|it| it.address.text.clone()).collect();
        let rcpts = self.expand(message, queue, rcpts);
        let id = QueueId::exim(begun, pid, queue == Queue::Exim2);
        let slot = Slot::default();
        let item = self.add_item(message, queue, begun, sender, rcpts, (id, slot));
        (item, envelope)
    }

    /// Says `<=`. A program's message has no Message-ID as a rule: Exim makes one, and does not log it.
    pub(crate) fn arrived(
        &mut self,
        item: &Item,
        via: &Via<'_>,
        envelope: &[Text],
        (pid, at): (u32, i64),
    ) {
        let message_id = self.story(item).say_message_id();
        let mut line = match &*item.sender.text {
            "" => "<=".to_owned() + " <>",
            sender => format!("<= {sender}"),
        };
        let _ = match via {
            Via::Smtp(caller) => write!(line, " H={caller} {}", caller.protocol()),
            Via::Local(user) => write!(line, " U={user} P=local"),
            Via::Notice(about) => write!(line, " R={about} U=Debian-exim P=local"),
        };
        if matches!(via, Via::Smtp(_)) && item.queue == Queue::Exim2 && item.size.is_multiple_of(3)
        {
            line.push_str(" K");
        }
        let _ = write!(line, " S={}", item.size);
        if let Some(id) = &message_id {
            let _ = write!(line, " id={}", id.trim_matches(['<', '>']));
        }
        if logs_more(item.queue) {
            self.subject_and_envelope(item, envelope, &mut line);
        }
        log!(self, item, pid, at, "{line}");
        if message_id.is_none() && !matches!(via, Via::Smtp(_)) {
            let made = format!("<E{}@{}>", item.id, item.queue.fqdn());
            self.story(item).unsaid_id = Some(Rc::from(made));
        }
    }

    fn subject_and_envelope(&mut self, item: &Item, envelope: &[Text], line: &mut String) {
        let sender = item.sender.text.clone();
        let story = self.story(item);
        if let Some(heading) = &story.heading {
            let subject: Text = Rc::from(as_logged(heading));
            let _ = write!(line, " T=\"{subject}\"");
            story.subject.get_or_insert(subject);
        }
        let _ = write!(line, " from <{sender}> for {}", envelope.join(" "));
    }

    /// When the message is looked at for the first time.
    pub(crate) fn taken_up(&mut self, at: i64) -> i64 {
        self.after(at, 2 * MS, 30 * MS)
    }
}

/// A subject in the log: decoded, quotes and backslashes with a backslash, other bytes than ASCII in octal.
/// Source: exim `src/receive.c` (`receive_msg`), `src/string.c` (`string_printing`).
fn as_logged(subject: &str) -> String {
    let mut out = String::new();
    for byte in decoded(subject) {
        match byte {
            b'"' | b'\\' => {
                out.push('\\');
                out.push(char::from(byte));
            }
            b' '..=b'~' => out.push(char::from(byte)),
            _ => {
                let _ = write!(out, "\\{byte:03o}");
            }
        }
    }
    out
}

/// The bytes of a subject that is all one encoded word, or none.
fn decoded(subject: &str) -> Vec<u8> {
    let word = subject
        .strip_prefix("=?UTF-8?")
        .and_then(|it| it.strip_suffix("?="));
    match word.and_then(|it| it.split_once('?')) {
        Some(("B", text)) => base64(text),
        Some(("Q", text)) => quoted_printable(text),
        _ => subject.as_bytes().to_vec(),
    }
}

fn base64(text: &str) -> Vec<u8> {
    let (mut bits, mut count, mut out) = (0_u32, 0, Vec::new());
    for byte in text.bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => break,
        };
        (bits, count) = (bits << 6 | u32::from(value), count + 6);
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
        }
    }
    out
}

fn quoted_printable(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let hex = |digit: Option<u8>| digit.and_then(|it| char::from(it).to_digit(16));
        out.push(match byte {
            b'_' => b' ',
            b'=' => {
                let (high, low) = (hex(rest.next()), hex(rest.next()));
                (high.unwrap_or_default() << 4 | low.unwrap_or_default()) as u8
            }
            byte => byte,
        });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_are_logged_decoded() {
        let cases = [
            (r#"say "yes" \ no"#, r#"say \"yes\" \\ no"#),
            ("=?UTF-8?Q?Invoice_=E2=9C=93_7?=", r"Invoice \342\234\223 7"),
            ("=?UTF-8?B?ZsO8ciA3?=", r"f\303\274r 7"),
        ];
        for (subject, logged) in cases {
            assert_eq!(as_logged(subject), logged);
        }
    }
}
