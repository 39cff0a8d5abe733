//! Deliveries: one line begins each, another tells its result by the delivery's number.
//! Source: qmail `qmail-send.c` (`del_start`, `del_dochan`), `qmail-remote.c`, `qmail-local.c`,
//! `qsutil.c` (`logsafe`).

use super::send::message;
use crate::postfix::accepted_as;
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::BStr;
use memchr::{memchr, memmem};
use model::{Body, DeliveryEnded, DeliveryStarted, DeliveryStatus, EnhancedStatus, Peer};

pub(super) const RULES: &[Rule] = &[STARTED, ENDED];

const STARTED: Rule = rule(
    "qmail delivery started",
    started,
    "qmail qmail-send.c (del_start)",
    &[
        "starting delivery 592293: msg 2638346 to remote anna@example.org",
        "1795335894.123456 starting delivery 3: msg 2638346 to local example.org-bob@example.org",
    ],
);

fn started<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("starting delivery ")?;
    let number = at.number()?;
    at.lit(": msg ")?;
    message(at)?;
    at.lit(" to ")?;
    let remote = at.one_of(&["remote ", "local "])? == "remote ";
    Some(Body::DeliveryStarted(DeliveryStarted {
        number,
        rcpt_to: at.remainder(),
        remote,
        ..DeliveryStarted::default()
    }))
}

const ENDED: Rule = rule(
    "qmail delivery ended",
    ended,
    "qmail qmail-send.c (del_dochan)",
    &[
        "delivery 592246: success: 192.0.2.25_accepted_message./Remote_host_said:_250_2.0.0_Ok:_queued_as_4XyZab12cDz9Qw/",
        "delivery 592247: success: did_1+0+0/",
        "delivery 592248: success: did_0+1+0/qp_4713/",
        "delivery 592249: deferral: 192.0.2.25_does_not_like_recipient./Remote_host_said:_450_4.7.1_Greylisted/Giving_up_on_192.0.2.25./",
        "delivery 592250: failure: Sorry,_no_mailbox_here_by_that_name._(#5.1.1)/",
        "delivery 592251: deferral: Connected_to_2001:db8::25_but_greeting_failed./Remote_host_said:_421_too_many_connections/",
        "delivery 592252: report mangled, will defer",
        "delivery 592253: failure: Sorry,_I_wasn't_able_to_establish_an_SMTP_connection._(#4.4.1)/I'm_not_going_to_try_again;_this_message_has_been_in_the_queue_too_long./",
    ],
);

fn ended<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("delivery ")?;
    let number = at.number()?;
    at.lit(": ")?;
    let status = match at.one_of(&[
        "success: ",
        "deferral: ",
        "failure: ",
        "report mangled, will defer",
    ])? {
        "success: " => DeliveryStatus::Sent,
        "failure: " => DeliveryStatus::Bounced,
        _ => DeliveryStatus::Deferred,
    };
    let text = at.remainder();
    let mut it = DeliveryEnded {
        number,
        status,
        relay: relay(text),
        text,
        ..DeliveryEnded::default()
    };
    match behind(text, b"Remote_host_said:_") {
        Some(reply) => answered(at.over(reply), &mut it),
        None => {
            it.enhanced = own_status(at.over(text));
            it.next_queue_id = forwarded(text);
        }
    }
    Some(Body::DeliveryEnded(it))
}

/// What follows the first occurrence of some words.
fn behind<'a>(text: &'a [u8], words: &[u8]) -> Option<&'a [u8]> {
    memmem::find(text, words).map(|at| &text[at + words.len()..])
}

/// The server's address: the first word, or behind `Connected_to_`.
fn relay(text: &[u8]) -> Peer<'_> {
    let start = text.strip_prefix(b"Connected_to_").unwrap_or(text);
    let word = &start[..memchr(b'_', start).unwrap_or(start.len())];
    let plausible = |byte: &u8| byte.is_ascii_hexdigit() || matches!(byte, b'.' | b':');
    let separated = word.iter().filter(|it| matches!(it, b'.' | b':')).count() >= 2;
    let address = match separated && word.iter().all(plausible) {
        true => word,
        false => &word[..0],
    };
    Peer {
        address: address.into(),
        ..Peer::default()
    }
}

/// Reads the server's reply: its code, its enhanced status, and the id it gave the message.
fn answered<'a>(mut at: Scan<'a>, it: &mut DeliveryEnded<'a>) {
    it.remote_reply = true;
    let reply = at.peek();
    it.code = at.code();
    at.one_of(&["_", "-"]);
    it.enhanced = at.enhanced().or_else(|| own_status(at));
    if it.status == DeliveryStatus::Sent && it.code.is_some() {
        it.next_queue_id = id_given(&reply[3..]);
    }
}

/// Takes `(#4.4.1)`, qmail's own enhanced status.
fn own_status(at: Scan<'_>) -> Option<EnhancedStatus> {
    at.over(behind(at.peek(), b"(#")?).enhanced()
}

/// What qmail-local says of a copy that it forwarded: `qp_N`, the process id of qmail-queue.
fn forwarded(text: &[u8]) -> Option<&BStr> {
    let behind = behind(text, b"/qp_").or_else(|| behind(text, b"_qp_"))?;
    let len = behind.iter().take_while(|it| it.is_ascii_digit()).count();
    (len > 0).then(|| behind[..len].into())
}

/// The last line of a reply holds the id; more than this is not looked at.
const REPLY_BYTES_MAX: usize = 512;

/// The id in a reply whose spaces are underscores and whose line ends are slashes.
fn id_given(reply: &[u8]) -> Option<&BStr> {
    let reply = reply.strip_suffix(b"/").unwrap_or(reply);
    let reply = &reply[..reply.len().min(REPLY_BYTES_MAX)];
    let mut spaced = [0; REPLY_BYTES_MAX];
    let spaced = &mut spaced[..reply.len()];
    for (to, from) in spaced.iter_mut().zip(reply) {
        *to = if *from == b'_' { b' ' } else { *from };
    }
    let id = accepted_as(Scan::new(spaced, b""))?;
    let start = id.as_ptr() as usize - spaced.as_ptr() as usize;
    reply.get(start..start + id.len()).map(BStr::new)
}
