//! A refusal, which is a journey of one line.

use super::Style;
use super::branch::{Branch, Tone};
use super::safe::safe;
use super::words::{Clock, address, on, peer, reply, times};
use crate::Refusal;
use model::AccessAction;

/// Draws a refusal; the text ends with a line end.
pub fn refusal(it: &Refusal, style: &Style) -> String {
    let clock = Clock::new(it.at, style.utc_offset_seconds);
    let mut trunk = Branch::new();
    let said = |text: &Option<crate::Text>| text.as_ref().map_or("?".into(), |it| address(it));
    if it.mail_from.is_some() || it.rcpt_to.is_some() {
        let envelope = format!("{} → {}", said(&it.mail_from), said(&it.rcpt_to));
        trunk.say_in(Tone::Strong, envelope).say(": ");
    }
    let (tone, did) = match it.action {
        AccessAction::Hold => (Tone::Open, "to be put on hold"),
        AccessAction::Discard => (Tone::Open, "to be dropped"),
        _ => (Tone::Bad, "refused"),
    };
    trunk.say_in(tone, did);
    if it.repeated > 1 {
        trunk.say(format!(" {}", times(it.repeated as usize)));
    }
    trunk.fact(Branch::of(came_in(it, &clock)));
    let mut answer = Branch::of(format!("{}, {}: ", it.source.name(), safe(&it.stage)));
    answer.say(reply(it.code, it.enhanced, &it.text));
    trunk.fact(answer);
    if style.lines {
        for line in &it.lines {
            trunk.raw(safe(&line.raw));
        }
    }
    trunk.draw(style)
}

fn came_in(it: &Refusal, clock: &Clock) -> String {
    let mut words = format!("{}{}", clock.date_and_time(it.at), on(&it.host));
    if let Some(client) = &it.client {
        words += &format!(" from {}", peer(client));
    }
    if let Some(user) = &it.sasl_username {
        words += &format!(", logged in as {}", safe(user));
    }
    if let Some(helo) = &it.helo {
        words += &format!(", HELO {}", safe(helo));
    }
    words
}
