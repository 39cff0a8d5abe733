//! Results of attempts, one for each envelope, and envelopes that leave the queue undelivered.
//! Source: OpenSMTPD `usr.sbin/smtpd/log.c`, `mta.c` (`mta_log`), `mda.c` (`mda_log`), `queue.c`.

use super::pairs::pair;
use super::{duration_ms, message_of};
use crate::postfix::accepted_as;
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::{BStr, ByteSlice};
use memchr::memmem;
use model::{
    Agent, Body, Delays, Delivery, DeliveryStatus, EnhancedStatus, Peer, Removed, RemovedBy,
    ReplyCode,
};

pub(super) const RULES: &[Rule] = &[RELAYED, STORED, QUEUE, OLD_SESSION];

/// What a line tells of an attempt.
#[derive(Default)]
struct Attempt<'a> {
    evpid: &'a BStr,
    rcpt_to: &'a BStr,
    orig_rcpt_to: Option<&'a BStr>,
    relay: &'a BStr,
    method: &'a BStr,
    delay_ms: u64,
    result: &'a BStr,
    text: &'a BStr,
}

impl<'a> Attempt<'a> {
    /// Takes pairs up to `stat=`, which holds any text.
    fn read(at: &mut Scan<'a>) -> Option<Self> {
        let mut it = Attempt::default();
        loop {
            at.one_of(&[", ", " "]);
            if at.has("stat=") {
                let text = at.remainder();
                let inner = text
                    .strip_prefix(b"\"")
                    .and_then(|it| it.strip_suffix(b"\""));
                it.text = inner.map_or(text, BStr::new);
                return Some(it);
            }
            if at.has("relay=") {
                it.relay = relay_text(at)?;
                continue;
            }
            let (key, value) = pair(at)?;
            match key.as_bytes() {
                b"evpid" => it.evpid = value,
                b"to" => it.rcpt_to = value,
                b"rcpt" => it.orig_rcpt_to = Some(value).filter(|it| *it != "-"),
                b"method" => it.method = value,
                b"delay" => it.delay_ms = duration_ms(value)?,
                b"result" | b"status" => it.result = value,
                b"from" | b"source" | b"user" | b"session" => {}
                _ => return None,
            }
        }
    }

    fn delivery(&self, at: &mut Scan<'a>, agent: Agent) -> Option<Body<'a>> {
        at.queue_id = Some(message_of(self.evpid)?);
        let status = match self.result.as_bytes() {
            b"Ok" => DeliveryStatus::Sent,
            b"TempFail" => DeliveryStatus::Deferred,
            b"PermFail" | b"Loop" | b"LoopFail" => DeliveryStatus::Bounced,
            b"Expire" => DeliveryStatus::Expired,
            _ => return None,
        };
        let mut reply = at.over(self.text);
        let (code, enhanced) = codes(&mut reply);
        Some(Body::Delivery(Delivery {
            rcpt_to: self.rcpt_to,
            orig_rcpt_to: self.orig_rcpt_to.filter(|it| *it != self.rcpt_to),
            relay: relay(self.relay),
            delays: Delays {
                total_ms: self.delay_ms,
                stages_ms: None,
            },
            enhanced,
            status,
            agent,
            text: self.text,
            code,
            remote_reply: code.is_some(),
            next_queue_id: match (status, code) {
                (DeliveryStatus::Sent, Some(_)) => accepted_as(reply),
                _ => None,
            },
            ..Delivery::default()
        }))
    }
}

/// Takes the value of `relay=`, which has a space in it, quoted or (before 6.0) not.
fn relay_text<'a>(at: &mut Scan<'a>) -> Option<&'a BStr> {
    if at.has("\"") {
        return at.until(b'"');
    }
    let end = memmem::find(at.peek(), b", ")?;
    let text = &at.peek()[..end];
    *at = at.over(&at.peek()[end..]);
    Some(text.into())
}

/// The codes that a reply starts with; what is left is behind the reply code.
fn codes(reply: &mut Scan<'_>) -> (Option<ReplyCode>, Option<EnhancedStatus>) {
    let code = reply.code();
    let mut behind = *reply;
    behind.one_of(&[" ", "-"]);
    (code, behind.enhanced())
}

/// `192.0.2.25 (mx.example.net)`, `[2001:db8::25] (mx.example.net)`; `-` where none was reached.
fn relay(text: &BStr) -> Peer<'_> {
    let mut at = Scan::new(text, b"");
    let Some(address) = at.until_str(" (") else {
        return Peer {
            address: if text == "-" { b"".into() } else { text },
            ..Peer::default()
        };
    };
    let name = at.while_(|byte| byte != b')');
    super::peer(address, name)
}

const RELAYED: Rule = rule(
    "opensmtpd relayed",
    relayed,
    "OpenSMTPD mta.c (mta_log)",
    &[
        "5df87c972116a049 mta delivery evpid=3d4c4a424797fe79 from=<anna@example.org> to=<bob@example.net> rcpt=<-> source=\"192.0.2.1\" relay=\"192.0.2.25 (mx.example.net)\" delay=2s result=\"Ok\" stat=\"250 2.0.0 Ok: queued as 4XyZab12cDz9Qw\"",
        "5df87c972116a049 mta delivery evpid=3d4c4a424797fe79 from=<> to=<bob@example.net> rcpt=<list@example.org> source=\"-\" relay=\"[2001:db8::25] (mx.example.net)\" delay=1d2h3m4s result=\"TempFail\" stat=\"451 4.7.1 Greylisted, say \"hello\" again\"",
        "0000000000000000 mta event=delivery evpid=7077717e797a776e from=<anna@example.org> to=<bob@example.net> rcpt=<-> source=\"192.0.2.1\" relay=\"192.0.2.25 (192.0.2.25)\" delay=1s result=\"PermFail\" stat=\"550 5.7.1 not here\"",
        "0000000000000000 mta delivery evpid=3d4c4a424797fe79 from=<anna@example.org> to=<bob@example.net> rcpt=<-> source=\"-\" relay=\"example.net\" delay=4d result=\"PermFail\" stat=\"Loop detected\"",
    ],
);

fn relayed<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("mta ")?;
    at.has("event=");
    at.lit("delivery ")?;
    Attempt::read(at)?.delivery(at, Agent::Smtp)
}

const STORED: Rule = rule(
    "opensmtpd stored",
    stored,
    "OpenSMTPD mda.c (mda_log)",
    &[
        "5df87c9250bba470 mda delivery evpid=c405e39ad6bbc64f from=<bob@example.net> to=<anna@example.org> rcpt=<team@example.org> user=anna delay=0s result=Ok stat=Delivered",
        "5df87c9250bba470 mda delivery evpid=c405e39ad6bbc64f from=<bob@example.net> to=<anna@example.org> user=anna delay=1m2s result=TempFail stat=Error (\"mail.local: disk full\")",
        "0000000000000000 mda event=delivery evpid=c405e39ad6bbc64f from=<bob@example.net> to=<anna@example.org> user=anna method=lmtp delay=0s result=Ok stat=Delivered",
    ],
);

fn stored<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("mda ")?;
    at.has("event=");
    at.lit("delivery ")?;
    let it = Attempt::read(at)?;
    it.delivery(at, agent(it.method))
}

fn agent(method: &BStr) -> Agent {
    match method.as_bytes() {
        b"lmtp" => Agent::Lmtp,
        b"mda" => Agent::Pipe,
        _ => Agent::Local,
    }
}

const QUEUE: Rule = rule(
    "opensmtpd queue",
    queue,
    "OpenSMTPD log.c (log_envelope), queue.c",
    &[
        "relay: Ok for 3d4c4a424797fe79: session=5df87c972116a049, from=<anna@example.org>, to=<bob@example.net>, rcpt=<->, source=192.0.2.1, relay=192.0.2.25 (mx.example.net), delay=3s, stat=250 2.0.0 Ok: queued as 4XyZab12cDz9Qw",
        "delivery: TempFail for c405e39ad6bbc64f: from=<bob@example.net>, to=<anna@example.org>, user=anna, method=maildir, delay=0s, stat=Error (\"disk full\")",
        "delivery: Expire for c405e39ad6bbc64f: from=<@>, to=<anna@example.org>, rcpt=<->, delay=4d, stat=Envelope expired",
        "relay: Remove for c405e39ad6bbc64f: from=<bob@example.net>, to=<anna@example.org>, rcpt=<->, delay=2h, stat=Removed by administrator",
    ],
);

fn queue<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let relays = at.one_of(&["relay: ", "delivery: "])? == "relay: ";
    let result = at.until_str(" for ")?;
    let evpid = super::id(at, super::SESSION_BYTES)?;
    at.lit(": ")?;
    let it = Attempt {
        result,
        evpid,
        ..Attempt::read(at)?
    };
    if result == "Remove" {
        at.queue_id = Some(message_of(evpid)?);
        return Some(Body::Removed(Removed {
            by: RemovedBy::Administrator,
        }));
    }
    let agent = match relays {
        _ if result == "Expire" => Agent::Error,
        true => Agent::Smtp,
        false => agent(it.method),
    };
    it.delivery(at, agent)
}

const OLD_SESSION: Rule = rule(
    "opensmtpd relayed of old",
    old_session,
    "OpenSMTPD 5.7 mta.c (mta_log), mda.c (mda_log)",
    &[
        "smtp-out: session 5df87c972116a049: evpid=3d4c4a424797fe79, status=Ok, from=<anna@example.org>, to=<bob@example.net>, rcpt=<->, source=192.0.2.1, relay=192.0.2.25 (mx.example.net), delay=3s, stat=250 2.0.0 Ok: queued as 4XyZab12cDz9Qw",
        "mda: session 5df87c972116a049: evpid=3d4c4a424797fe79, status=PermFail, from=<bob@example.net>, to=<anna@example.org>, rcpt=<->, user=anna, method=mbox, delay=3s, stat=Error (\"no\")",
    ],
);

fn old_session<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let relays = at.one_of(&["smtp-out: ", "mda: ", "delivery: "])? == "smtp-out: ";
    at.lit("session ")?;
    at.session = super::id(at, super::SESSION_BYTES)?;
    at.lit(": evpid=")?;
    let evpid = super::id(at, super::SESSION_BYTES)?;
    let it = Attempt {
        evpid,
        ..Attempt::read(at)?
    };
    let agent = if relays {
        Agent::Smtp
    } else {
        agent(it.method)
    };
    it.delivery(at, agent)
}
