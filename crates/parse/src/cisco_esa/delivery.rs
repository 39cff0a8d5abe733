//! Deliveries. The recipient of `RID N` is that of the line `MID M ICID I RID N To:`.
//! Source: AsyncOS User Guide, "Text Mail Logs", "Bounce Logs".

use super::{connection_out, message_number};
use crate::filter::{notice, unquoted};
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::BStr;
use model::{Body, DeliveryEnded, DeliveryStatus, Kind, Notice};

pub(crate) const RULES: &[Rule] = &[RESPONSE, DONE, STARTED, FAILED];

/// Takes `[0]`, `[0, 1]` or `0`: the first, and the others as written.
fn recipients<'a>(at: &mut Scan<'a>) -> Option<(u64, &'a BStr)> {
    let bracket = at.has("[");
    let number = at.number()?;
    let mut further = BStr::new("");
    if bracket {
        at.has(", ");
        further = at.until(b']')?;
    }
    Some((number, further))
}

const RESPONSE: Rule = rule(
    "esa response",
    response,
    "AsyncOS User Guide, Text Mail Logs",
    &[
        "Info: MID 6 RID [0] Response '2.0.0 Ok: queued as 4T9pxY2qZtz2XPBPX'",
        "Info: MID 6 RID [0] Response 2.6.0 <a1@example.net> Queued mail for delivery",
    ],
);

/// What the next hop said to the message.
fn response<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    message_number(at)?;
    at.lit("RID ")?;
    let (number, further_numbers) = recipients(at)?;
    at.lit(" Response ")?;
    let text = unquoted(at.remainder());
    let enhanced = at.over(text).enhanced();
    let mut ahead = at.over(text);
    let next_queue_id = ahead
        .until_str("queued as ")
        .map(|_| ahead.while_(|byte| byte.is_ascii_alphanumeric() || byte == b'-'))
        .filter(|id| !id.is_empty());
    Some(Body::DeliveryEnded(DeliveryEnded {
        number,
        further_numbers,
        status: DeliveryStatus::Sent,
        enhanced,
        text,
        remote_reply: true,
        next_queue_id,
        ..DeliveryEnded::default()
    }))
}

const STARTED: Rule = rule(
    "esa delivery start",
    started,
    "AsyncOS User Guide, Text Mail Logs",
    &["Info: Delivery start DCID 8 MID 6 to RID [0]"],
);

fn started<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    at.lit("Delivery start ")?;
    let (about, ..) = numbers(at)?;
    at.end()?;
    Some(Body::Notice(Notice {
        about,
        ..notice(Kind::ServiceInfo, text)
    }))
}

/// Takes `DCID D MID M to RID [N]`: the connection, the first recipient and the others. The connection
/// is not the line's session, for it carries many messages.
fn numbers<'a>(at: &mut Scan<'a>) -> Option<(&'a BStr, u64, &'a BStr)> {
    let connection = connection_out(at)?;
    at.lit(" ")?;
    message_number(at)?;
    at.lit("to RID ")?;
    let (number, further) = recipients(at)?;
    Some((connection, number, further))
}

const DONE: Rule = rule(
    "esa message done",
    done,
    "AsyncOS User Guide, Text Mail Logs",
    &[
        "Info: Message done DCID 8 MID 6 to RID [0]",
        "Info: Message done DCID 8 MID 6 to RID [0, 1] [('X-IronPort-AV', 'x')]",
    ],
);

/// The other side has the message; its words are in the line with `Response`.
fn done<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    at.lit("Message done ")?;
    numbers(at)?;
    if at.has(" ") {
        at.remainder();
    }
    at.end()?;
    Some(Body::Notice(notice(Kind::ServiceInfo, text)))
}

const FAILED: Rule = rule(
    "esa delivery failed",
    failed,
    "AsyncOS User Guide, Text Mail Logs, Bounce Logs",
    &[
        "Info: Bounced: DCID 8 MID 6 to RID 0 - 5.1.0 - Unknown address error ('550', ['5.1.1 User unknown'])",
        "Info: Delayed: DCID 8 MID 6 to RID 0 - 4.1.0 - Unknown address error ('466', ['Mailbox temporarily full.'])",
        "Info: Bounced: DCID 0 MID 6 to RID 0 - Bounced by destination server with response: 5.1.2 - Bad destination host ('000', ['DNS Hard Error'])",
    ],
);

fn failed<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let status = match at.one_of(&["Bounced: ", "Delayed: "])? {
        "Bounced: " => DeliveryStatus::Bounced,
        _ => DeliveryStatus::Deferred,
    };
    let (_, number, further_numbers) = numbers(at)?;
    at.lit(" - ")?;
    at.has("Bounced by destination server with response: ");
    let enhanced = at.enhanced();
    if enhanced.is_some() {
        at.lit(" - ")?;
    }
    let text = at.remainder();
    let mut reply = at.over(text);
    let code = reply.until_str("('").and_then(|_: &BStr| reply.code());
    Some(Body::DeliveryEnded(DeliveryEnded {
        number,
        further_numbers,
        status,
        code,
        enhanced,
        text,
        remote_reply: code.is_some(),
        ..DeliveryEnded::default()
    }))
}
