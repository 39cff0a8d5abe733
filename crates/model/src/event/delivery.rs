//! Attempts to hand a message on, and what came of them.

use crate::{EnhancedStatus, Kind, Peer, ReplyCode};
use bstr::{BStr, ByteSlice};

/// Result of a delivery attempt. Source: postfix `src/global/log_adhoc.c`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum DeliveryStatus {
    /// Handed to the next hop, mailbox or command.
    #[default]
    Sent,
    /// Failed for now; `SOFTBOUNCE` counts as this.
    Deferred,
    /// Failed for good.
    Bounced,
    /// Given up after it had failed for now for too long (Exim's `retry timeout exceeded`).
    Expired,
    /// Set aside by a filter, where it may be released or taken away.
    Quarantined,
    /// Alias expanded (`sendmail -bv`), or replaced by others (Exchange).
    Expanded,
    /// Probe: the address takes mail.
    Deliverable,
    /// Probe: the address takes none.
    Undeliverable,
}

impl DeliveryStatus {
    /// The word of the log.
    pub const fn name(self) -> &'static str {
        match self {
            DeliveryStatus::Sent => "sent",
            DeliveryStatus::Deferred => "deferred",
            DeliveryStatus::Bounced => "bounced",
            DeliveryStatus::Expired => "expired",
            DeliveryStatus::Quarantined => "quarantined",
            DeliveryStatus::Expanded => "expanded",
            DeliveryStatus::Deliverable => "deliverable",
            DeliveryStatus::Undeliverable => "undeliverable",
        }
    }
}

/// What kind of program made an attempt, as far as it tells what `sent` means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Agent {
    /// To another server by SMTP.
    #[default]
    Smtp,
    /// To a mail store by LMTP.
    Lmtp,
    /// `local(8)`: mailbox, command, alias, forward.
    Local,
    /// `virtual(8)`: mailbox.
    Virtual,
    /// `pipe(8)`: an external program.
    Pipe,
    /// `error(8)`, `retry(8)`, or the queue manager itself: nobody was contacted.
    Error,
    /// `discard(8)`.
    Discard,
    /// `cleanup(8)` or another program.
    Other,
}

impl Agent {
    /// Lower-case name.
    pub const fn name(self) -> &'static str {
        match self {
            Agent::Smtp => "smtp",
            Agent::Lmtp => "lmtp",
            Agent::Local => "local",
            Agent::Virtual => "virtual",
            Agent::Pipe => "pipe",
            Agent::Error => "error",
            Agent::Discard => "discard",
            Agent::Other => "other",
        }
    }
}

/// Time spent, in milliseconds; parts are `None` where not logged (before Postfix 2.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Delays {
    /// Since arrival (`delay=`).
    pub total_ms: u64,
    /// Before the queue manager, reception included: `a` of `delays=a/b/c/d`, then `b`, `c`, `d`:
    /// in the active queue; connection setup (DNS, connect, TLS, EHLO); transmission. Exim tells
    /// `b` with `a` in it, and `d` with `c` in it.
    pub stages_ms: Option<[u64; 4]>,
}

/// `QID: to=<...>[, orig_to=<...>], relay=..., delay=..., delays=..., dsn=..., status=WORD (TEXT)`.
/// Source: postfix `src/global/log_adhoc.c`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Delivery<'a> {
    /// Final envelope recipient.
    pub rcpt_to: &'a BStr,
    /// Whether `rcpt_to` names several recipients, separated by commas, each with the same result
    /// (Sendmail).
    pub several: bool,
    /// Number of the copy that was tried, from 1, of a server that makes one for each domain (Haraka);
    /// `None` elsewhere.
    pub copy: Option<u32>,
    /// The one before aliases; `None` where it is the same.
    pub orig_rcpt_to: Option<&'a BStr>,
    /// Next hop; for local, virtual and pipe the name is the service; empty for `none`.
    pub relay: Peer<'a>,
    /// How often this connection has been used, 2 or more; `None` for the first time.
    pub connection_use: Option<u32>,
    /// Time spent.
    pub delays: Delays,
    /// `tls=` as written (Postfix 3.11); empty where not logged.
    pub tls: &'a BStr,
    /// What the server decided (`dsn=`); `None` before Postfix 2.3.
    pub enhanced: Option<EnhancedStatus>,
    /// Result.
    pub status: DeliveryStatus,
    /// Who tried.
    pub agent: Agent,
    /// Text in the outer parentheses.
    pub text: &'a BStr,
    /// Reply code found in the text; `None` where nobody replied.
    pub code: Option<ReplyCode>,
    /// Whether the text quotes the other side (`host X said:`, or the reply to a success).
    pub remote_reply: bool,
    /// Queue or session id that the next hop gave the message (`queued as X`, `forwarded as X`,
    /// Exim's `id=X`, Dovecot's LMTP session); `None` where it told none.
    pub next_queue_id: Option<&'a BStr>,
    /// Whether the text says that no attempt was made (`delivery temporarily suspended`).
    pub suspended: bool,
}

/// `QID: host X said: ...` without recipient, `connect to X: Connection timed out`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AttemptFailed<'a> {
    /// The host that failed.
    pub peer: Peer<'a>,
    /// The recipient that it was tried for; empty where the line does not say.
    pub rcpt_to: &'a BStr,
    /// Reply code; `None` where nobody replied.
    pub code: Option<ReplyCode>,
    /// Enhanced status in the reply.
    pub enhanced: Option<EnhancedStatus>,
    /// As written.
    pub text: &'a BStr,
}

impl<'a> Delivery<'a> {
    /// Each recipient, without the angle brackets that a list may have.
    pub fn recipients(&self) -> impl Iterator<Item = &'a BStr> {
        let mut rest = Some(self.rcpt_to).filter(|_| self.several);
        let one = (!self.several).then_some(self.rcpt_to);
        let each = std::iter::from_fn(move || {
            let list = rest?;
            let (first, behind) = first_of(list);
            rest = behind;
            Some(first)
        });
        one.into_iter().chain(each)
    }

    /// What happened. `sent` is a delivery where the agent ends the way, else a relay; whether the
    /// relay is an own filter or host is for the correlator to find out.
    pub const fn kind(&self) -> Kind {
        match self.status {
            DeliveryStatus::Deferred => Kind::Deferred,
            DeliveryStatus::Bounced => Kind::Bounced,
            DeliveryStatus::Expired => Kind::Expired,
            DeliveryStatus::Quarantined => Kind::QuarantineStored,
            DeliveryStatus::Expanded => Kind::Expanded,
            DeliveryStatus::Deliverable | DeliveryStatus::Undeliverable => Kind::Probed,
            DeliveryStatus::Sent => match self.agent {
                Agent::Smtp => Kind::Relayed,
                Agent::Discard => Kind::Discarded,
                Agent::Lmtp
                | Agent::Local
                | Agent::Virtual
                | Agent::Pipe
                | Agent::Error
                | Agent::Other => Kind::Delivered,
            },
        }
    }
}

/// `starting delivery N: msg M to remote ADDRESS`. Source: qmail `qmail-send.c` (`del_start`),
/// courier `courier/cdmsgq3.C`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeliveryStarted<'a> {
    /// Number of the delivery, by which its result is known; used again after a restart. 0 where the
    /// result names message and recipient (Courier).
    pub number: u64,
    /// Envelope sender; `None` where not logged (qmail).
    pub mail_from: Option<&'a BStr>,
    /// Recipient; for local ones with the prefix that virtual domains put in front.
    pub rcpt_to: &'a BStr,
    /// Whether it goes to another host.
    pub remote: bool,
}

/// `delivery N: success: TEXT`, or the reply to a success of which a later line tells (Courier).
/// Source: qmail `qmail-send.c` (`del_dochan`), courier `libs/comctlfile.c`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeliveryEnded<'a> {
    /// Number of the delivery; with Cisco's gateway of the recipient within the message.
    pub number: u64,
    /// Numbers of further recipients with the same result, as written: `1, 2`; empty where there are none.
    pub further_numbers: &'a BStr,
    /// Who a reply is about that comes before the line with the result, which has no number (Courier);
    /// empty where this is the result, and the line that began it names the recipient.
    pub rcpt_to: &'a BStr,
    /// Result.
    pub status: DeliveryStatus,
    /// The server that answered; empty where none did.
    pub relay: Peer<'a>,
    /// Reply code found in the text; `None` where nobody replied.
    pub code: Option<ReplyCode>,
    /// Enhanced status found in the text.
    pub enhanced: Option<EnhancedStatus>,
    /// As written, `_` for spaces and `/` for line ends.
    pub text: &'a BStr,
    /// Whether the text quotes the other side.
    pub remote_reply: bool,
    /// Queue id that the next hop gave the message; `None` where it told none.
    pub next_queue_id: Option<&'a BStr>,
}

impl DeliveryEnded<'_> {
    /// All numbers that the result is for.
    pub fn recipient_numbers(&self) -> impl Iterator<Item = u64> {
        let digits = |part: &[u8]| std::str::from_utf8(part.trim_ascii()).ok()?.parse().ok();
        let further = self.further_numbers.split(|byte| *byte == b',');
        std::iter::once(self.number).chain(further.filter_map(digits))
    }

    /// Whether the result is to come, in another line.
    pub fn is_reply(&self) -> bool {
        !self.rcpt_to.is_empty()
    }

    /// What happened; whether a success was a delivery or a relay the line that began it tells.
    pub fn kind(&self) -> Kind {
        match self.status {
            _ if self.is_reply() => Kind::ServiceInfo,
            DeliveryStatus::Deferred => Kind::Deferred,
            DeliveryStatus::Bounced => Kind::Bounced,
            _ => Kind::Delivered,
        }
    }
}

/// Whether a reply to LMTP is that of a filter on the host, which gives the message back or keeps it:
/// Proxmox Mail Gateway's `250 2.5.0 OK (ID)`, with the filter's own id. Mail stores reply in other
/// words. Source: pmg-api `src/bin/pmg-smtp-filter`.
pub fn is_gateway_reply(reply: &BStr) -> bool {
    reply.contains_str("2.5.0 OK (")
}

/// The first address of a list and what follows its comma. Commas within quotes or angle brackets
/// are the address' own.
fn first_of(list: &BStr) -> (&BStr, Option<&BStr>) {
    // JSON's, without the first and last quote.
    if let Some(at) = list.find(b"\",\"")
        && !list[..at].contains(&b'"')
    {
        return (BStr::new(&list[..at]), Some(BStr::new(&list[at + 3..])));
    }
    let (mut quoted, mut escaped, mut bracketed) = (false, false, false);
    let end = list.iter().position(|&byte| {
        if escaped {
            escaped = false;
            return false;
        }
        match byte {
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'<' if !quoted => bracketed = true,
            b'>' if !quoted => bracketed = false,
            b',' => return !quoted && !bracketed,
            _ => {}
        }
        false
    });
    let (first, rest) = match end {
        Some(end) => (&list[..end], Some(BStr::new(&list[end + 1..]))),
        None => (list, None),
    };
    let first = first.trim_ascii();
    let inner = first
        .strip_prefix(b"<")
        .and_then(|it| it.strip_suffix(b">"));
    (BStr::new(inner.unwrap_or(first)), rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_recipients_is_split_at_its_own_commas_only() {
        let it = Delivery {
            rcpt_to: r#"<anna@x.test>,"b,c"@x.test, <"d>,e"@x.test>,f"#.into(),
            several: true,
            ..Delivery::default()
        };
        let each: Vec<&BStr> = it.recipients().collect();
        assert_eq!(
            each,
            ["anna@x.test", r#""b,c"@x.test"#, r#""d>,e"@x.test"#, "f"]
        );
        let one = Delivery {
            several: false,
            ..it
        };
        assert_eq!(one.recipients().collect::<Vec<_>>(), [it.rcpt_to]);
    }
}
